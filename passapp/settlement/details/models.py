"""The table of how each place is settled."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from passapp.kernel.database import Base
from passapp.settlement.months.models import filled_before_months


class SettlementDetails(Base):
    """How a place is settled; a place without a row has said nothing, and nothing is asked of it.

    ``netting``: lower than the network's (R16). ``vat_exemption``: why it charges no VAT, where it charges none.
    ``self_billing_since``: from that day on, homes write this host's invoices (its mandate). ``accounts``: the numbers
    of its books, by what they are for. ``invoices_monthly``: its invoices are written
    as a month is closed. ``holds_fund``: the common fund's money is on this place's account: at most one place's.
    ``chorus_service``, ``chorus_engagement``: what a public body wants on invoices.
    """

    __tablename__ = "settlement_details"
    __table_args__ = (
        CheckConstraint(
            "netting IN ('gross', 'bilateral', 'existing_debts', 'multilateral')",
            name="netting",
        ),
        Index(
            "uq_settlement_details_holds_fund",
            "holds_fund",
            unique=True,
            postgresql_where=text("holds_fund"),
            sqlite_where=text("holds_fund"),
        ),
    )

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    netting: Mapped[str | None] = mapped_column(String(16))
    account_name: Mapped[str] = mapped_column(String(70))
    iban: Mapped[str | None] = mapped_column(String(34))
    bic: Mapped[str | None] = mapped_column(String(11))
    siret: Mapped[str | None] = mapped_column(String(14))
    vat_number: Mapped[str | None] = mapped_column(String(20))
    vat_exemption: Mapped[str] = mapped_column(String(16))
    street: Mapped[str | None] = mapped_column(String(70))
    postcode: Mapped[str] = mapped_column(String(16))
    town: Mapped[str] = mapped_column(String(70))
    country: Mapped[str] = mapped_column(String(2))
    accountant_email: Mapped[str | None] = mapped_column(String(254))
    mails_accountant: Mapped[bool]
    invoices_monthly: Mapped[bool]
    holds_fund: Mapped[bool]
    journal: Mapped[str] = mapped_column(String(10))
    accounts: Mapped[dict[str, Any]]
    self_billing_since: Mapped[date | None]
    chorus_service: Mapped[str | None] = mapped_column(String(100))
    chorus_engagement: Mapped[str | None] = mapped_column(String(50))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ClosedDetails(Base):
    """What the files of a month need of a place's details, as they were when the month was closed. Append-only.

    ``said``: the account to pay into, who held the fund, and the accounts of its books
    (:data:`~passapp.settlement.details.service.IN_FILES`).
    """

    __tablename__ = "closed_details"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    said: Mapped[dict[str, Any]]


filled_before_months(ClosedDetails)
