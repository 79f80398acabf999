"""A month, settled: from visits to payments (settlement, Who owes what; R16). Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final

from passapp.network.rules import Convention, Netting, days_of
from passapp.settlement.rules.advances import AdvancedBooking, BookingCredit, BookingLine, booking_lines
from passapp.settlement.rules.netting import NETTED_IN_PAIRS, Obligation, Transfer, net, obligations_of, positions_of
from passapp.settlement.rules.rating import (
    FUND,
    Credit,
    Line,
    Pair,
    Partner,
    RatedVisit,
    Used,
    Visit,
    always_there,
    fund_obligations,
    lines_of,
    pairs_of,
    payer_of,
    rate,
)


@dataclass(frozen=True)
class NotSettled:
    """Visits worth nothing because one of the two places had not joined, or had left (R13)."""

    home: str
    host: str
    visits: int
    units: int


@dataclass(frozen=True, order=True)
class Opening:
    """A debt of a former month: its payment was too small to make (R17), or failed. ``month``: that month."""

    debtor: str
    creditor: str
    amount_cents: int
    month: str


@dataclass(frozen=True)
class Terms:
    """How debts become payments: the network's mode, the places that lower it, and what is too little to pay (R17)."""

    netting: Netting
    threshold_cents: int = 0
    lowered: Mapping[str, Netting] = field(default_factory=dict)


@dataclass(frozen=True)
class Former:
    """What a month takes over from those before it: debts, credits (R15), and what its late visits' members had used.

    ``used`` is by visitor: see :func:`~passapp.settlement.rules.rating.used_up` (R14).
    """

    openings: tuple[Opening, ...] = ()
    credits: tuple[Credit, ...] = ()
    used: Used = field(default_factory=dict)
    booking_credits: tuple[BookingCredit, ...] = ()


@dataclass(frozen=True)
class Settlement:
    """What a month comes to. ``at_home``: visits by place, counted and not settled (R5).

    ``bookings``: those that homes advance, apart from the visits. ``obligations``: every debt of the month, including
    tax, the common fund's and those of former months too: the payments before netting; ``transfers`` are those after
    it, and ``carried`` those too small to make: debts that the next month opens with. ``lowered``: the places that
    net less than the network does. ``currency``: the local one that amounts are hundredths of; None: euros.

    Settled for one place alone, it holds what that place has to do with, and says nothing of the others; and payments
    only where the network nets in pairs. ``borne``: then, of a place that has left, its members' visits that the fund
    pays (R13): no debt of its own, and in no document of it.
    """

    month: str
    netting: Netting
    lowered: tuple[tuple[str, Netting], ...]
    at_home: dict[str, int]
    not_settled: tuple[NotSettled, ...]
    rated: tuple[RatedVisit, ...]
    pairs: tuple[Pair, ...]
    bookings: tuple[BookingLine, ...]
    fund: dict[str, int]
    openings: tuple[Opening, ...]
    obligations: tuple[Obligation, ...]
    transfers: tuple[Transfer, ...]
    carried: tuple[Transfer, ...]
    borne: tuple[RatedVisit, ...] = ()
    currency: str | None = None

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

    @cached_property
    def by_pair(self) -> dict[tuple[str, str], list[RatedVisit]]:
        """The rated visits of each (home, host), in their order."""
        found: dict[tuple[str, str], list[RatedVisit]] = {}
        for each in self.rated:
            found.setdefault((each.visit.home, each.visit.host), []).append(each)
        return found

    @property
    def visits(self) -> int:
        """How many visits there were between places."""
        return sum(pair.visits for pair in self.pairs)


NOTHING_BEFORE: Final = Former()


def settle(
    month: str,
    visits: Iterable[Visit],
    conventions: Mapping[int, Convention],
    partners: Mapping[str, Partner],
    terms: Terms,
    bookings: Iterable[AdvancedBooking] = (),
    former: Former = NOTHING_BEFORE,
    *,
    at_home: Mapping[str, int] = MappingProxyType({}),
    of: str | None = None,
) -> Settlement:
    """Settle the visits posted in a month, and the bookings that homes advance; their order does not matter.

    ``conventions`` are all versions by number, ``partners`` all places by code. ``at_home``: visits counted there
    before, where ``visits`` leaves them out. ``of``: only what that place has to do with; ``visits`` are then at least
    all those of whoever visited it, or belongs to it (R9). Raises ``KeyError`` for a visit that names another.
    """
    visits = visits if isinstance(visits, list) else list(visits)
    there = always_there(visits, partners)
    home_visits = Counter(dict(at_home))
    unsettled: dict[tuple[str, str], list[int]] = {}
    to_rate: list[Visit] = []
    by_fund: dict[str, str] = {}
    for visit in visits:
        if visit.at_home:
            home_visits[visit.host] += 1
        elif visit.home in there and visit.host in there:
            to_rate.append(visit)
        elif payer := payer_of(visit, conventions, partners):
            to_rate.append(visit)
            if payer == FUND:
                by_fund[visit.id] = visit.home
        else:
            unsettled.setdefault((visit.home, visit.host), []).append(visit.units)
    rated = rate(to_rate, conventions, partners, former.used)
    if by_fund:  # priced as its own home's (R7); who pays is another question (R13)
        rated = [_paid_by_fund(each) if each.visit.id in by_fund else each for each in rated]
    # Of any version, former debts may be older than this month's rules: a network has one currency for good, and homes
    # advance bookings only where its rules settle money, so that none comes while a month with bookings is open.
    currency = next((version.currency for version in conventions.values() if version.currency), None)
    credits_, openings = former.credits, former.openings
    advanced = booking_lines(bookings, partners, former.booking_credits, in_euros=currency is None)
    borne: tuple[RatedVisit, ...] = ()
    if of is not None:
        borne = tuple(each for each in rated if by_fund.get(each.visit.id) == of) if by_fund else ()
        rated = [each for each in rated if of in {each.visit.home, each.visit.host}]
        credits_ = tuple(each for each in credits_ if of in {each.home, each.host})
        openings = tuple(each for each in openings if of in {each.debtor, each.creditor})
        advanced = [line for line in advanced if of in {line.home, line.host}]
        unsettled = {pair: units for pair, units in unsettled.items() if of in pair}
    pairs = pairs_of(lines_of(rated, month), credits_)
    fund = {host: cents for host, cents in fund_obligations(pairs, conventions).items() if of in {None, host}}
    exchanged = Counter[tuple[str, str]]()  # visits and bookings stand on one invoice: they are one debt
    for pair in pairs:
        exchanged[pair.home, pair.host] += pair.total_cents
    for line in advanced:
        exchanged[line.home, line.host] += line.total_cents
    owed = [(home, host, cents) for (home, host), cents in exchanged.items()]
    owed += [(host, FUND, cents) for host, cents in fund.items()]
    owed += [(opening.debtor, opening.creditor, opening.amount_cents) for opening in openings]
    obligations = obligations_of(owed)
    is_whole = of is None or terms.netting in NETTED_IN_PAIRS
    transfers = net(obligations, terms.netting, terms.lowered) if is_whole else []
    small = {t for t in transfers if t.amount_cents < terms.threshold_cents and not _has_left(t, month, partners)}
    return Settlement(
        month=month,
        netting=terms.netting,
        lowered=tuple(sorted(terms.lowered.items())),
        at_home=dict(sorted(home_visits.items())),
        not_settled=tuple(NotSettled(*pair, len(units), sum(units)) for pair, units in sorted(unsettled.items())),
        rated=tuple(rated),
        pairs=tuple(pairs),
        bookings=tuple(advanced),
        fund=fund,
        openings=tuple(sorted(openings)),
        obligations=tuple(obligations),
        transfers=tuple(transfer for transfer in transfers if transfer not in small),
        carried=tuple(sorted(small)),
        borne=borne,
        currency=currency,
    )


def _paid_by_fund(rated: RatedVisit) -> RatedVisit:
    return rated._replace(visit=rated.visit._replace(home=FUND))


def _has_left(transfer: Transfer, month: str, partners: Mapping[str, Partner]) -> bool:
    """Whether a place of this payment leaves before the month ends: its last position is paid, however small (R13)."""
    _, last = days_of(month)
    places = (partners[code] for code in (transfer.debtor, transfer.creditor) if code != FUND)
    return any(place.left_on is not None and place.left_on <= last for place in places)
