"""Rating: what each visit of a month is worth, and what each place owes for it (settlement R5-R13). Pure.

Whatever the order of the input, and whatever else is in it, a visit's worth depends on the visits of the same member
in the same month, on the convention, and on nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from passapp.network.rules import Convention, Vat, month_of, parse_month
from passapp.settlement.rules.amounts import BASIS_POINTS, divide, share

FUND: Final = "@fund"
"""The common fund (*caisse commune*) among the places' codes, none of which begins like that."""


class Visit(NamedTuple):
    """A visit as it was frozen. ``visitor`` stands for a member and a month; places are named by their codes.

    ``id`` is the visit's UUID as text. ``waived``: why it is worth nothing, ``offered`` by the host (R7), let in by
    an old list, ``stale_list`` (R19), or recorded ``too_late`` (R14). A plain tuple: a large network has a million of
    them a month.
    """

    id: str
    visitor: str
    home: str
    host: str
    plan: str
    host_class: str
    zone: str
    convention: int
    at_home: bool
    units: int
    local_date: date
    opened_at: datetime
    waived: str | None = None


class Partner(NamedTuple):
    """What settlement must know of a place: when it takes part (R13), and its VAT from each date on, in basis points.

    ``vat`` holds (first day, basis points), the first day first; before it: none. A plain tuple, as a visit is.
    """

    code: str
    joined_on: date
    left_on: date | None = None
    vat: tuple[tuple[date, int], ...] = ()

    def takes_part(self, on: date) -> bool:
        """Whether the place owes and is owed on that date: in [joined, left) (R13)."""
        return self.joined_on <= on and (self.left_on is None or on < self.left_on)

    def vat_on(self, on: date) -> int:
        """The VAT it charges on a date, in basis points."""
        return next((points for starts_on, points in reversed(self.vat) if starts_on <= on), 0)


class RatedVisit(NamedTuple):
    """A visit and its worth: units = free + paid + over the cap (R9); amount = paid units x rate (R10).

    The units of a visit that is waived are none of these.
    """

    visit: Visit
    rule: int
    rate_cents: int
    vat_basis_points: int
    free_units: int
    paid_units: int

    @property
    def over_cap_units(self) -> int:
        """Units that nobody pays, because the member had used their cap up."""
        return 0 if self.visit.waived else self.visit.units - self.free_units - self.paid_units

    @property
    def amount_cents(self) -> int:
        """What the home owes for it, excluding tax."""
        return self.paid_units * self.rate_cents


class LineKey(NamedTuple):
    """What the visits of a line have in common. ``waived``: why they are worth nothing; empty where they are not.

    ``origin``: the month they were made in, where it had closed when they came to light (R14); else empty.
    """

    home: str
    host: str
    convention: int
    rule: int
    vat_basis_points: int
    waived: str = ""
    origin: str = ""


@dataclass(slots=True)
class Line:
    """All visits of one home at one host under one rule: what a statement says (R10)."""

    key: LineKey
    rate_cents: int
    visits: int = 0
    units: int = 0
    free_units: int = 0
    paid_units: int = 0

    @property
    def over_cap_units(self) -> int:
        """Units that nobody pays, because the members had used their caps up."""
        return 0 if self.key.waived else self.units - self.free_units - self.paid_units

    @property
    def amount_cents(self) -> int:
        """What the home owes the host for this line, excluding tax."""
        return self.paid_units * self.rate_cents


class Credit(NamedTuple):
    """What is given back for a visit of a closed month, whose own line stays as it was (R15).

    ``origin`` is that month. ``amount_cents``, above 0, excludes tax.
    """

    visit: str
    home: str
    host: str
    origin: str
    convention: int
    vat_basis_points: int
    amount_cents: int


class Pair(NamedTuple):
    """What one home owes one host: its lines less its credits, and VAT once per rate on the total (R11)."""

    home: str
    host: str
    lines: tuple[Line, ...]
    credits: tuple[Credit, ...]
    net_cents: int
    vat_cents: int

    @classmethod
    def of(cls, home: str, host: str, lines: Sequence[Line], credits_: Sequence[Credit] = ()) -> "Pair":
        """Of its lines and its credits; the tax is rounded once per VAT rate."""
        net = 0
        totals: dict[int, int] = {}
        for line in lines:
            net += line.amount_cents
            if rate := line.key.vat_basis_points:
                totals[rate] = totals.get(rate, 0) + line.amount_cents
        for credit in credits_:
            net -= credit.amount_cents
            totals[credit.vat_basis_points] = totals.get(credit.vat_basis_points, 0) - credit.amount_cents
        vat = sum(share(total, rate) for rate, total in totals.items()) if totals else 0
        return cls(home, host, tuple(lines), tuple(credits_), net, vat)

    @property
    def visits(self) -> int:
        """How many visits there were."""
        return sum(line.visits for line in self.lines)

    @property
    def units(self) -> int:
        """How many units those are."""
        return sum(line.units for line in self.lines)

    @property
    def total_cents(self) -> int:
        """Including tax."""
        return self.net_cents + self.vat_cents


def always_there(visits: Iterable[Visit], partners: Mapping[str, Partner]) -> set[str]:
    """The places that take part on the date of each of these visits, which need not be asked for each then."""
    first = min((visit.local_date for visit in visits), default=date.max)
    return {code for code, partner in partners.items() if partner.joined_on <= first and partner.left_on is None}


def payer_of(visit: Visit, conventions: Mapping[int, Convention], partners: Mapping[str, Partner]) -> str | None:
    """Who pays for a visit: its home, or the fund for a member of a place that has just left (R13).

    None where a place takes no part on the visit's date: nothing is owed for it.
    """
    if not partners[visit.host].takes_part(visit.local_date):
        return None
    home = partners[visit.home]
    if home.takes_part(visit.local_date):
        return home.code
    days = conventions[visit.convention].transition_days
    in_transition = home.left_on and home.left_on <= visit.local_date < home.left_on + timedelta(days=days)
    return FUND if in_transition else None


Used = Mapping[str, tuple[int, int]]
"""The free and the paid units that visitors have used up before."""


def used_up(
    earlier: Iterable[tuple[str, Visit]], conventions: Mapping[int, Convention], partners: Mapping[str, Partner]
) -> dict[str, tuple[int, int]]:
    """What is used up of the allowance and the cap by visits that earlier months settled, by visitor (R14).

    ``earlier``: the month each was posted in, and the visit.
    """
    months: dict[str, list[Visit]] = defaultdict(list)
    for month, visit in earlier:
        if not visit.at_home and payer_of(visit, conventions, partners):
            months[month].append(visit)
    used: dict[str, tuple[int, int]] = {}
    for month in sorted(months):
        for each in rate(months[month], conventions, partners, used):
            free, paid = used.get(each.visit.visitor, (0, 0))
            used[each.visit.visitor] = free + each.free_units, paid + each.paid_units
    return used


def rate(
    visits: Iterable[Visit],
    conventions: Mapping[int, Convention],
    partners: Mapping[str, Partner],
    used: Used = MappingProxyType({}),
) -> list[RatedVisit]:
    """The worth of each visit, by instant and id (R8).

    ``visits`` are those that are settled: neither at home (R5) nor of a place that takes no part (R13), which use
    nothing up. ``conventions`` are the versions by number. Raises ``KeyError`` for a version or a place not given.
    """
    free_used: dict[str, int] = defaultdict(int, {visitor: free for visitor, (free, _) in used.items()})
    paid_used: dict[str, int] = defaultdict(int, {visitor: paid for visitor, (_, paid) in used.items()})
    tariffs = {number: _Tariff(convention) for number, convention in conventions.items()}
    taxed = {code for code, partner in partners.items() if partner.vat}
    rated: list[RatedVisit] = []
    plain = tuple.__new__  # what a named tuple's own constructor calls: a third of its time, of a million
    by_id = sorted(visits, key=attrgetter("id"))
    for visit in sorted(by_id, key=attrgetter("opened_at")):  # twice, of one kind each: half the time of once
        convention, visitor = conventions[visit.convention], visit.visitor
        free, paid = 0, 0  # a visit that is waived uses nothing up
        if not visit.waived:
            free, paid = split(visit.units, convention, free_used[visitor], paid_used[visitor])
            free_used[visitor] += free
            paid_used[visitor] += paid
        rule, cents = tariffs[visit.convention].rule_and_rate(visit)
        is_taxed = visit.host in taxed and convention.vat is Vat.BY_HOST
        vat = partners[visit.host].vat_on(visit.local_date) if is_taxed else 0
        rated.append(plain(RatedVisit, (visit, rule, cents, vat, free, paid)))
    return rated


class _Tariff:
    """A version's tariff, asked once for all visits that look the same to it."""

    def __init__(self, convention: Convention) -> None:
        self._convention = convention
        self._looks_at = sorted({name for rule in convention.tariff for name in rule.when.conditions})
        self._facts = attrgetter("convention", *self._looks_at, "convention")  # two at least: always a tuple
        self._known: dict[tuple[object, ...], tuple[int, int]] = {}

    def rule_and_rate(self, visit: Visit) -> tuple[int, int]:
        """The place in the tariff of the rule that matches first, and its rate in cents (R7)."""
        facts = self._facts(visit)
        if facts not in self._known:
            rule = self._convention.rule_for(dict(zip(self._looks_at, facts[1:], strict=False)))
            self._known[facts] = rule, self._convention.tariff[rule].rate_cents
        return self._known[facts]


def split(units: int, convention: Convention, free_used: int, paid_used: int) -> tuple[int, int]:
    """Of a visit's units, those that are free and those that are paid; the rest is over the cap (R9).

    The free allowance is used first, then the cap: what this version grants is compared with what was used before.
    """
    free = min(units, max(0, (convention.allowance or 0) - free_used))
    rest = units - free
    paid = rest if convention.cap is None else min(rest, max(0, convention.cap - paid_used))
    return free, paid


def lines_of(rated: Iterable[RatedVisit], month: str) -> list[Line]:
    """The lines of a month's rated visits, in the order of the places' codes.

    What is waived stands in lines of its own, and so does what was made in a former month (R14).
    """
    first = parse_month(month)
    lines: dict[tuple[str, str, int, int, int, str, str], Line] = {}
    for visit, rule, rate_cents, vat, free, paid in rated:
        origin = "" if visit.local_date >= first else month_of(visit.local_date)
        key = visit.home, visit.host, visit.convention, rule, vat, visit.waived or "", origin
        line = lines.get(key)
        if line is None:
            line = lines[key] = Line(LineKey(*key), rate_cents)
        line.visits += 1
        line.units += visit.units
        line.free_units += free
        line.paid_units += paid
    return [lines[key] for key in sorted(lines)]


def pairs_of(lines: Iterable[Line], credits_: Iterable[Credit] = ()) -> list[Pair]:
    """The lines and the credits of each (home, host) together, in the order of the places' codes."""
    pairs: dict[tuple[str, str], tuple[list[Line], list[Credit]]] = defaultdict(lambda: ([], []))
    for line in lines:
        pairs[line.key.home, line.key.host][0].append(line)
    for credit in sorted(credits_):
        pairs[credit.home, credit.host][1].append(credit)
    return [Pair.of(*pair, owed, back) for pair, (owed, back) in sorted(pairs.items(), key=itemgetter(0))]


def fund_obligations(pairs: Iterable[Pair], conventions: Mapping[int, Convention]) -> dict[str, int]:
    """What each host owes the common fund, in cents: a share of its gross excluding tax less its credits (R12).

    It is rounded once. Less than nothing: the fund pays back.
    """
    bases: dict[str, int] = defaultdict(int)
    for pair in pairs:
        for line in pair.lines:
            bases[pair.host] += line.amount_cents * conventions[line.key.convention].fund_basis_points
        for credit in pair.credits:
            bases[pair.host] -= credit.amount_cents * conventions[credit.convention].fund_basis_points
    owed = {host: divide(base, BASIS_POINTS) for host, base in sorted(bases.items())}
    return {host: cents for host, cents in owed.items() if cents}
