"""What the routes of settlement answer, and how it is made from what the rules say."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field

from passapp.door.rules import Waived
from passapp.kernel.api import Shown
from passapp.network.rules import Netting
from passapp.settlement.rules.advances import BookingLine
from passapp.settlement.rules.month import Opening
from passapp.settlement.rules.netting import Obligation, Transfer
from passapp.settlement.rules.rating import FUND, Pair
from passapp.settlement.service import Month


class MonthSummary(Shown):
    """A month in the list."""

    month: str = Field(examples=["2026-10"])
    state: str
    visits: int = Field(description="Visits between places; those made at one's own home are not in it.")


class Months(Shown):
    """The months that have visits, the newest first."""

    items: list[MonthSummary]


class MonthBalance(Shown):
    """The visits that a place received in a month, and those its members made elsewhere."""

    month: str
    received: int
    made: int


class YearBalance(Shown):
    """A place's year: who hosts more than it sends."""

    place: "Participant"
    received: int
    made: int
    months: list[MonthBalance]


class YearBalances(Shown):
    """The balance of visits of each place in the twelve months until one, by code. Visits, never money."""

    since: str = Field(examples=["2025-11"])
    until: str = Field(examples=["2026-10"])
    items: list[YearBalance]


class Participant(Shown):
    """A place, or the common fund (`id` null, code `@fund`)."""

    id: UUID | None
    code: str
    name: str


class Units(Shown):
    """What was counted, and how it is settled: units = free + paid + over the cap + waived. Amounts in cents."""

    visits: int
    units: int
    free_units: int
    paid_units: int
    over_cap_units: int
    offered_units: int = Field(description="Of visits that the host offered: counted, worth nothing (R7).")
    stale_list_units: int = Field(description="Of visits that an old list let in: counted, worth nothing (R19).")
    too_late_units: int = Field(description="Of visits that came to light too late: counted, worth nothing (R14).")
    net_cents: int
    vat_cents: int
    total_cents: int


class MonthRow(Units):
    """What `home` owes `host` for its members' visits."""

    home: Participant
    host: Participant


class AtHomeRow(Shown):
    """How often members came to their own place: counted, never settled."""

    place: Participant
    visits: int


class NotSettledRow(Shown):
    """Visits worth nothing, and why."""

    home: Participant
    host: Participant
    reason: Literal["took_no_part"]
    visits: int


class PositionRow(Shown):
    """Where a place stands: what it receives on balance; below 0, what it pays. Including tax, in cents."""

    place: Participant
    visits_received: int
    visits_made: int
    receivable_cents: int
    payable_cents: int
    fund_cents: int = Field(description="Its part of what it owes: to the common fund; below 0 the fund pays back.")
    position_cents: int


class Debt(Shown):
    """What one owes another, in cents."""

    debtor: Participant
    creditor: Participant
    amount_cents: int


class Payment(Debt):
    """A payment, and the debts that it settles."""

    discharges: list[Debt]


class Before(Shown):
    """The payments that the debts would need one by one."""

    payments: int
    total_cents: int
    transfers: list[Debt]


class After(Shown):
    """The payments that settle them all the same."""

    payments: int
    total_cents: int
    transfers: list[Payment]
    carried: list[Debt] = Field(description="Too small to be paid: debts that the next month opens with.")


class VersionNamed(Shown):
    """A convention version that the month is settled by."""

    number: int
    starts_on: date
    sha256: str
    document: dict[str, Any]


class Booked(Shown):
    """Bookings that a home advances for its members, apart from the visits. In cents; the total includes tax."""

    bookings: int
    cancelled: int = Field(description="How many of them were cancelled for a fee.")
    vat_basis_points: int
    corrections: int = Field(description="What is given back for bookings of closed months: how many.")
    corrected_cents: int = Field(description="And how much of the total they take away, tax included.")
    net_cents: int
    vat_cents: int
    total_cents: int
    not_settled: Literal["took_no_part", "in_euros"] | None = Field(
        description="Why nothing is owed here: one of both places took no part then, or the network settles in a local "
        "currency, and the home pays the host in euros."
    )


class BookedRow(Booked):
    """What `home` owes `host` for bookings."""

    home: Participant
    host: Participant


class MonthShown(Shown):
    """What a month comes to. `money` false: a network that only counts; every amount is 0."""

    month: str
    state: str
    unit: Literal["visit", "half_day"]
    money: bool
    netting: Netting
    total_visits: int
    conventions: list[VersionNamed]
    rows: list[MonthRow]
    bookings: list[BookedRow]
    at_home: list[AtHomeRow]
    not_settled: list[NotSettledRow]
    positions: list[PositionRow]
    before: Before
    after: After
    sha256: str = Field(description="Of the canonical document (RFC 8785): the same on any machine.")


class StatementDay(Shown):
    """The visits of one date."""

    local_date: date
    visits: int
    amount_cents: int


class StatementRow(Units):
    """The visits exchanged with one partner, in one direction."""

    partner: Participant
    days: list[StatementDay]


class BorneRow(Shown):
    """Visits to one place of members of a place that has left: counted, paid by the common fund."""

    partner: Participant
    visits: int
    days: list[StatementDay] = Field(description="Amounts are 0: they are no debt of this place.")


class StatementBookedRow(Booked):
    """The bookings exchanged with one partner, in one direction."""

    partner: Participant


class Adjustment(Shown):
    """What a month takes over of an earlier one that had closed: visits that came to light late, or corrections."""

    partner: Participant
    direction: Literal["received", "made"]
    kind: Literal["late", "credit", "booking_credit"] = Field(
        description="`credit`: the visits were no visits after all; `booking_credit`: of bookings that a home advances."
    )
    origin: str = Field(examples=["2026-09"], description="Their month.")
    visits: int = Field(description="How many visits, or bookings.")
    amount_cents: int = Field(
        description="Excluding tax; what a `credit` gives back. Of bookings, whose price includes it, tax included."
    )


class OpeningDebt(Debt):
    """A debt of a former month: its payment was too small to make, or failed."""

    month: str


class StatementShown(Shown):
    """A place's month: who came, who went elsewhere, and what it comes to. `position_cents` below 0 is to be paid."""

    month: str
    state: str
    unit: Literal["visit", "half_day"]
    money: bool
    place: Participant
    at_home_visits: int
    day_guests: int = Field(description="Received without a pass: counted apart, settled with nobody.")
    visits_received: int
    visits_made: int
    received: list[StatementRow]
    made: list[StatementRow]
    borne_by_fund: list[BorneRow] = Field(
        description="Of a place that has left: its members' visits elsewhere, with a transition pass (R13)."
    )
    bookings_received: list[StatementBookedRow]
    bookings_made: list[StatementBookedRow]
    adjustments: list[Adjustment]
    not_settled: list[NotSettledRow]
    openings: list[OpeningDebt]
    fund_cents: int
    position_cents: int
    transfers: list[Payment]
    carried: list[Debt] = Field(description="Too small to be paid: debts that the next month opens with.")
    has_payments: bool = Field(
        description="False: what is paid depends on every place's month, and comes when this one is published."
    )
    sha256: str | None = Field(description="Of the statement as it was published; null before, or after a change.")


class OwnMember(Shown):
    """A member, as their home sees them."""

    id: UUID
    given_name: str
    family_name: str


class StatementVisit(Shown):
    """One visit of a line. `visitor` is a pseudonym of that host and month; `member` only for their own home."""

    id: UUID
    local_date: date
    opened_at: datetime
    zone: str
    units: int
    free_units: int
    paid_units: int
    over_cap_units: int
    waived: Literal["offered", "stale_list", "too_late"] | None = Field(
        description="Why it is worth nothing, whatever its units."
    )
    rate_cents: int
    amount_cents: int
    rule_label: str | None
    borne_by_fund: bool = Field(description="Of a place that has left: the common fund pays it. Amounts are 0.")
    evidence: str | None
    visitor: str | None
    member: OwnMember | None


class StatementVisits(Shown):
    """The visits of a line, by instant."""

    items: list[StatementVisit]


class StatementBooking(Shown):
    """An advanced booking of a line. `member` only for their own home."""

    id: UUID
    local_date: date
    resource: str
    is_cancelled: bool
    amount_cents: int
    member: OwnMember | None


class StatementBookings(Shown):
    """The bookings of a line, by date."""

    items: list[StatementBooking]


class Show:
    """Shows what the rules made of a month: names in the place of codes."""

    def __init__(self, month: Month) -> None:
        """Of one month."""
        self.month = month
        self.settled = month.settlement
        self._participants: dict[str, Participant] = {}

    def participant(self, code: str) -> Participant:
        """A place by its code, or the fund."""
        if code not in self._participants:
            is_fund = code == FUND
            self._participants[code] = (
                Participant(id=None, code=FUND, name=FUND)
                if is_fund
                else Participant.model_validate(self.month.places[code])
            )
        return self._participants[code]

    def debt(self, owed: Obligation | Opening | Transfer) -> dict[str, Any]:
        """The fields of :class:`Debt`."""
        return {
            "debtor": self.participant(owed.debtor),
            "creditor": self.participant(owed.creditor),
            "amount_cents": owed.amount_cents,
        }

    def payment(self, transfer: Transfer) -> Payment:
        """A payment and what it settles."""
        return Payment(**self.debt(transfer), discharges=[Debt(**self.debt(piece)) for piece in transfer.discharges])

    def not_settled(self, place: str | None = None) -> list[NotSettledRow]:
        """Visits worth nothing: all of them, or those of one place."""
        return [
            NotSettledRow(
                home=self.participant(each.home),
                host=self.participant(each.host),
                reason="took_no_part",
                visits=each.visits,
            )
            for each in self.settled.not_settled
            if place in {None, each.home, each.host}
        ]

    def adjustments(self, here: str) -> list[Adjustment]:
        """What a place's month takes over of earlier ones, by line: late visits (R14) and credits (R15)."""
        found = self._booking_credits(here)
        for pair in self.settled.pairs:
            if here not in {pair.home, pair.host} or not (pair.credits or any(line.key.origin for line in pair.lines)):
                continue
            visits: Counter[tuple[str, str]] = Counter()
            cents: Counter[tuple[str, str]] = Counter()
            for line in pair.lines:
                if line.key.origin:
                    visits["late", line.key.origin] += line.visits
                    cents["late", line.key.origin] += line.amount_cents
            for credit in pair.credits:
                visits["credit", credit.origin] += 1
                cents["credit", credit.origin] += credit.amount_cents
            is_host = pair.host == here
            found += [
                Adjustment(
                    partner=self.participant(pair.home if is_host else pair.host),
                    direction="received" if is_host else "made",
                    kind=kind,  # type: ignore[arg-type]  # one of the two above
                    origin=origin,
                    visits=visits[kind, origin],
                    amount_cents=cents[kind, origin],
                )
                for kind, origin in sorted(visits)
            ]
        return found

    def borne(self) -> list[BorneRow]:
        """Of a place that has left, its members' visits that the common fund pays, by host and day."""
        visits: dict[str, Counter[date]] = defaultdict(Counter)
        for each in self.settled.borne:
            visits[each.visit.host][each.visit.local_date] += 1
        return [
            BorneRow(
                partner=self.participant(host),
                visits=days.total(),
                days=[StatementDay(local_date=day, visits=n, amount_cents=0) for day, n in sorted(days.items())],
            )
            for host, days in sorted(visits.items())
        ]

    def _booking_credits(self, here: str) -> list[Adjustment]:
        back: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for line in self.settled.bookings:
            for credit in line.credits:
                if here in {line.home, line.host}:
                    back[line.home, line.host, credit.origin].append(credit.amount_cents)
        return [
            Adjustment(
                partner=self.participant(home if host == here else host),
                direction="received" if host == here else "made",
                kind="booking_credit",
                origin=origin,
                visits=len(cents),
                amount_cents=sum(cents),
            )
            for (home, host, origin), cents in sorted(back.items())
        ]

    def positions(self) -> list[PositionRow]:
        """Where each participant stands, by code."""
        received, made, receivable, payable = (Counter[str]() for _ in range(4))
        for pair in self.settled.pairs:
            received[pair.host] += pair.visits
            made[pair.home] += pair.visits
        for owed in self.settled.obligations:
            receivable[owed.creditor] += owed.amount_cents
            payable[owed.debtor] += owed.amount_cents
        return [
            PositionRow(
                place=self.participant(code),
                visits_received=received[code],
                visits_made=made[code],
                receivable_cents=receivable[code],
                payable_cents=payable[code],
                fund_cents=self.settled.fund.get(code, 0),
                position_cents=cents,
            )
            for code, cents in self.settled.positions.items()
        ]

    def statement_row(self, pair: Pair, partner: str) -> StatementRow:
        """The visits exchanged with a partner, day by day."""
        days: dict[date, list[int]] = defaultdict(list)
        for each in self.settled.by_pair.get((pair.home, pair.host), ()):
            days[each.visit.local_date].append(each.amount_cents)
        # Of values, not of models one in another: a page has a thousand rows.
        return StatementRow.model_validate(
            units_of(pair)
            | {
                "partner": self.participant(partner),
                "days": [
                    {"local_date": day, "visits": len(cents), "amount_cents": sum(cents)}
                    for day, cents in sorted(days.items())
                ],
            }
        )


def booked_of(line: BookingLine) -> dict[str, Any]:
    """The fields of :class:`Booked`."""
    names = ("cancelled", "vat_basis_points", "net_cents", "vat_cents", "total_cents")
    counted = {"bookings": len(line.bookings), "corrections": len(line.credits), "corrected_cents": line.credited_cents}
    said = {name: getattr(line, name) for name in names}
    return said | counted | {"not_settled": line.not_settled or None}


def units_of(pair: Pair) -> dict[str, int]:
    """The fields of :class:`Units`."""
    free = paid = over = 0
    waived = dict.fromkeys(_WAIVED, 0)
    for line in pair.lines:
        free += line.free_units
        paid += line.paid_units
        over += line.over_cap_units
        if line.key.waived:
            waived[f"{line.key.waived}_units"] += line.units
    net, vat = pair.net_cents, pair.vat_cents
    return {
        "visits": pair.visits,
        "units": pair.units,
        "free_units": free,
        "paid_units": paid,
        "over_cap_units": over,
        **waived,
        "net_cents": net,
        "vat_cents": vat,
        "total_cents": net + vat,
    }


_WAIVED: Final = tuple(f"{reason.value}_units" for reason in Waived)
"""Once: a page has a thousand rows."""
