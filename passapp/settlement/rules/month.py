"""A month, settled: from visits to payments (settlement, Who owes what; R16). Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from passapp.network.rules import Convention, Netting
from passapp.settlement.rules.advances import AdvancedBooking, BookingLine, booking_lines
from passapp.settlement.rules.netting import Obligation, Transfer, net, obligations_of, positions_of
from passapp.settlement.rules.rating import (
    FUND,
    Line,
    Pair,
    Partner,
    RatedVisit,
    Visit,
    fund_obligations,
    lines_of,
    pairs_of,
    rate,
    take_part,
)


@dataclass(frozen=True)
class NotSettled:
    """Visits worth nothing because one of the two places had not joined, or had left (R13)."""

    home: str
    host: str
    visits: int
    units: int


@dataclass(frozen=True)
class Settlement:
    """What a month comes to. ``at_home``: visits by place, counted and not settled (R5).

    ``bookings``: those that homes advance, apart from the visits. ``obligations``: every debt of the month, including
    tax, the common fund's too: the payments before netting; ``transfers`` are those after it.
    """

    month: str
    netting: Netting
    at_home: dict[str, int]
    not_settled: tuple[NotSettled, ...]
    rated: tuple[RatedVisit, ...]
    pairs: tuple[Pair, ...]
    bookings: tuple[BookingLine, ...]
    fund: dict[str, int]
    obligations: tuple[Obligation, ...]
    transfers: tuple[Transfer, ...]

    @property
    def lines(self) -> list[Line]:
        """The lines, by code."""
        return [line for pair in self.pairs for line in pair.lines]

    @cached_property
    def positions(self) -> dict[str, int]:
        """What each place of the month, and the fund, receives on balance (less than 0: pays), in cents."""
        places = {code: 0 for pair in self.pairs for code in (pair.home, pair.host)}
        places |= {code: 0 for line in self.bookings for code in (line.home, line.host)}
        return dict(sorted((places | positions_of(self.obligations)).items()))

    @property
    def visits(self) -> int:
        """How many visits there were between places."""
        return sum(pair.visits for pair in self.pairs)


def settle(
    month: str,
    visits: Iterable[Visit],
    conventions: Mapping[int, Convention],
    partners: Mapping[str, Partner],
    netting: Netting,
    bookings: Iterable[AdvancedBooking] = (),
) -> Settlement:
    """Settle the visits posted in a month, and the bookings that homes advance; their order does not matter.

    ``conventions`` are all versions by number, ``partners`` all places by code. Raises ``KeyError`` for a visit that
    names another.
    """
    at_home: Counter[str] = Counter()
    unsettled: dict[tuple[str, str], list[int]] = {}
    to_rate: list[Visit] = []
    for visit in visits:
        if visit.at_home:
            at_home[visit.host] += 1
        elif take_part(visit, partners):
            to_rate.append(visit)
        else:
            unsettled.setdefault((visit.home, visit.host), []).append(visit.units)
    rated = rate(to_rate, conventions, partners)
    pairs = pairs_of(lines_of(rated))
    fund = fund_obligations((line for pair in pairs for line in pair.lines), conventions)
    advanced = booking_lines(bookings, partners)
    owed = [(pair.home, pair.host, pair.total_cents) for pair in pairs]
    owed += [(line.home, line.host, line.total_cents) for line in advanced]
    obligations = obligations_of(owed + [(host, FUND, cents) for host, cents in fund.items()])
    return Settlement(
        month=month,
        netting=netting,
        at_home=dict(sorted(at_home.items())),
        not_settled=tuple(NotSettled(*pair, len(units), sum(units)) for pair, units in sorted(unsettled.items())),
        rated=tuple(rated),
        pairs=tuple(pairs),
        bookings=tuple(advanced),
        fund=fund,
        obligations=tuple(obligations),
        transfers=tuple(net(obligations, netting)),
    )
