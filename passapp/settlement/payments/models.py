"""Tables of payments, of the bank statements that say what came of them, and of what the common fund gives away."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.settlement.months.models import filled_before_months


class Payment(Base):
    """One transfer of a closed month, from the debtor's bank to the creditor's; None: the common fund.

    ``end_to_end_id``: what the bank carries along from one end to the other. ``carried``: too small to make (R17).
    One that is carried or has failed is a debt again, which opens the month ``opened_in`` once that is closed.
    ``too_small``: it was carried when its month closed, and is again where somebody takes back that it was paid.
    ``booked_on``: the day on which a bank booked what it was marked by; None where a person marked it. The database
    keeps what is owed, and changes nothing any more once a later month took it over (:mod:`passapp.settlement.guards`).
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'paid', 'failed', 'carried')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("(state = 'paid') = (paid_on IS NOT NULL)", name="paid_on"),
        Index("ix_payment_month", "month"),
        Index("ix_payment_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    month: Mapped[str] = mapped_column(String(7))
    debtor_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    creditor_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    amount_cents: Mapped[int]
    end_to_end_id: Mapped[str] = mapped_column(String(35), unique=True)
    state: Mapped[str] = mapped_column(String(8))
    too_small: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date]
    paid_on: Mapped[date | None]
    opened_in: Mapped[str | None] = mapped_column(String(7))
    booked_on: Mapped[date | None]
    bank_reference: Mapped[str | None] = mapped_column(String(64))
    marked_by: Mapped[UUID | None]
    marked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class BankImport(Base):
    """A bank statement (camt.053) that a place had read; its content is not kept.

    ``iban_end``: the account's last digits. Places of one association may share an account, and its statements.
    """

    __tablename__ = "bank_import"
    __table_args__ = (UniqueConstraint("place_id", "sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    iban_end: Mapped[str] = mapped_column(String(4))
    imported_at: Mapped[datetime]
    by: Mapped[UUID | None]
    entries: Mapped[int]
    matched: Mapped[int]


class FundDistribution(Base):
    """What the common fund gives away in a month: debts of the fund to the places. Append-only."""

    __tablename__ = "fund_distribution"
    __table_args__ = (
        CheckConstraint("weights IN ('visits_received', 'equal')", name="weights"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    posted_month: Mapped[str] = mapped_column(String(7), index=True)
    amount_cents: Mapped[int]
    weights: Mapped[str] = mapped_column(String(16))
    by: Mapped[UUID | None]
    at: Mapped[datetime]


class FundShare(Base):
    """One place's part of a distribution: largest remainder, by its weight (R12). Append-only."""

    __tablename__ = "fund_share"

    distribution_id: Mapped[UUID] = mapped_column(ForeignKey("fund_distribution.id"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    weight: Mapped[int]
    amount_cents: Mapped[int]


filled_before_months(Payment)
