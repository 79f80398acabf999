"""Tables of the errors that places report, and of what is given back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from passapp.bookings.models import BookingCorrection
from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.settlement.months.models import filled_before_months


class Contest(Base):
    """An error that ``place_id`` reports (*signaler une erreur*) in what a home owes a host for a month.

    ``open``: the other place is asked. ``answered``: it does not agree, and the coordination is asked. ``answer_by``,
    ``decide_by``: until the end of those dates, wherever the places are. ``about``: ``visits``, or the ``bookings``
    that the home advances. ``owed_cents``: what a booking of a wrong amount comes to, tax included.
    """

    __tablename__ = "contest"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'accepted', 'refused', 'withdrawn')", name="state"),
        CheckConstraint(
            "reason IN ('not_our_member', 'other') OR "
            "about = 'visits' AND reason IN ('not_here', 'twice', 'wrong_units') OR "
            "about = 'bookings' AND reason IN ('did_not_happen', 'cancelled', 'wrong_amount')",
            name="reason",
        ),
        CheckConstraint("(reason = 'wrong_amount') = (owed_cents IS NOT NULL)", name="owed"),
        CheckConstraint("place_id IN (home_id, host_id)", name="place"),
        CheckConstraint("(state IN ('open', 'answered')) = (decided_at IS NULL)", name="decided"),
        Index("ix_contest_month", "month"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    month: Mapped[str] = mapped_column(String(7))
    home_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    host_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    about: Mapped[str] = mapped_column(String(8), default="visits")
    reason: Mapped[str] = mapped_column(String(20))
    owed_cents: Mapped[int | None]
    words: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12))
    answer_by: Mapped[date]
    decide_by: Mapped[date]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def other_id(self) -> UUID:
        """The place that is asked."""
        return self.host_id if self.place_id == self.home_id else self.home_id

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer or a decision."""
        return self.decided_at is None


class ContestVisit(Base):
    """A visit that a report is about. Append-only."""

    __tablename__ = "contest_visit"
    __table_args__ = (ForeignKeyConstraint(["visit_id", "revision"], ["visit.id", "visit.revision"]),)

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id"), primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    revision: Mapped[int]


class ContestBooking(Base):
    """A booking that a report is about, with what it came to then. Append-only."""

    __tablename__ = "contest_booking"

    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id"), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"), primary_key=True, index=True)
    local_date: Mapped[date]
    is_cancelled: Mapped[bool]
    amount_cents: Mapped[int]


class ContestMessage(Base):
    """What was said about a report, by a place or (None) the coordination."""

    __tablename__ = "contest_message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    account_id: Mapped[UUID]
    words: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]


class CreditRow(Base):
    """What is given back, in ``posted_month``, for a visit of a month that was closed (R15). Append-only.

    ``origin``: that month. ``home_id`` None: the common fund had paid. Once for each visit: never more than its line.
    """

    __tablename__ = "credit"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    posted_month: Mapped[str] = mapped_column(String(7), index=True)
    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id"))
    visit_id: Mapped[UUID] = mapped_column(unique=True)
    home_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    origin: Mapped[str] = mapped_column(String(7))
    convention: Mapped[int] = mapped_column(ForeignKey("convention_version.number"))
    vat_basis_points: Mapped[int]
    amount_cents: Mapped[int]


class BookingCreditRow(Base):
    """What is given back, in ``posted_month``, for a booking of a month that was closed (R15). Append-only.

    Tax included, as its price is. Once for each booking: never more than it had cost.
    """

    __tablename__ = "booking_credit"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    posted_month: Mapped[str] = mapped_column(String(7), index=True)
    contest_id: Mapped[UUID] = mapped_column(ForeignKey("contest.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"), unique=True)
    home_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    origin: Mapped[str] = mapped_column(String(7))
    vat_basis_points: Mapped[int]
    amount_cents: Mapped[int]


filled_before_months(BookingCorrection, BookingCreditRow, CreditRow)
