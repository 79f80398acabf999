"""What the routes of settlement answer."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from passapp.kernel.api import Shown
from passapp.network.rules import Netting


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
