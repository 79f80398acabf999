"""What the routes of settlement answer, and how it is made from what the rules say."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from passapp.door.rules import Waived
from passapp.kernel.api import Shown
from passapp.settlement.rules.advances import BookingLine
from passapp.settlement.rules.netting import Obligation, Transfer
from passapp.settlement.rules.rating import FUND, Pair, RatedVisit
from passapp.settlement.service import Month


class MonthSummary(Shown):
    """A month in the list."""

    month: str = Field(examples=["2026-10"])
    state: str
    visits: int = Field(description="Visits between places; those made at one's own home are not in it.")


class Months(Shown):
    """The months that have visits, the newest first."""

    items: list[MonthSummary]


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
    net_cents: int
    vat_cents: int
    total_cents: int
    is_settled: bool = Field(description="False: one of both places took no part then, and nothing is owed.")


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
    netting: Literal["gross", "bilateral", "multilateral"]
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


class StatementBookedRow(Booked):
    """The bookings exchanged with one partner, in one direction."""

    partner: Participant


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
    bookings_received: list[StatementBookedRow]
    bookings_made: list[StatementBookedRow]
    not_settled: list[NotSettledRow]
    fund_cents: int
    position_cents: int
    transfers: list[Payment]
    sha256: str


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
    waived: Literal["offered", "stale_list"] | None = Field(description="Why it is worth nothing, whatever its units.")
    rate_cents: int
    amount_cents: int
    rule_label: str | None
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

    def participant(self, code: str) -> Participant:
        """A place by its code, or the fund."""
        if code == FUND:
            return Participant(id=None, code=FUND, name=FUND)
        return Participant.model_validate(self.month.places[code])

    def debt(self, owed: Obligation | Transfer) -> dict[str, Any]:
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

    def statement_row(self, pair: Pair, partner: str, rated: Iterable[RatedVisit]) -> StatementRow:
        """The visits exchanged with a partner, day by day; ``rated`` may hold others."""
        days: dict[date, list[RatedVisit]] = defaultdict(list)
        for each in rated:
            if (each.visit.home, each.visit.host) == (pair.home, pair.host):
                days[each.visit.local_date].append(each)
        return StatementRow(
            partner=self.participant(partner),
            days=[
                StatementDay(local_date=day, visits=len(of_day), amount_cents=sum(r.amount_cents for r in of_day))
                for day, of_day in sorted(days.items())
            ],
            **units_of(pair),
        )


def booked_of(line: BookingLine) -> dict[str, Any]:
    """The fields of :class:`Booked`."""
    names = ("cancelled", "vat_basis_points", "net_cents", "vat_cents", "total_cents", "is_settled")
    return {name: getattr(line, name) for name in names} | {"bookings": len(line.bookings)}


def units_of(pair: Pair) -> dict[str, int]:
    """The fields of :class:`Units`."""
    return {
        "visits": pair.visits,
        "units": pair.units,
        "free_units": sum(line.free_units for line in pair.lines),
        "paid_units": sum(line.paid_units for line in pair.lines),
        "over_cap_units": sum(line.over_cap_units for line in pair.lines),
        "offered_units": sum(line.units for line in pair.lines if line.key.waived == Waived.OFFERED),
        "stale_list_units": sum(line.units for line in pair.lines if line.key.waived == Waived.STALE_LIST),
        "net_cents": pair.net_cents,
        "vat_cents": pair.vat_cents,
        "total_cents": pair.total_cents,
    }
