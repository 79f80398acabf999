"""The table of invoices: their numbers are given once, and follow one another without a gap."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id


class Invoice(Base):
    """An invoice of a host to a home for a closed month. Append-only.

    ``number``: given once per seller, whoever writes it, and whichever of the seller's places it is of (CGI, annexe II,
    art. 242 nonies A).

    ``issuer_place_id``: the host, or the home that writes a ``self_billed`` one in the host's name. ``corrects_id``:
    the invoice of the month that its credits are of. ``parties``: who the two places were when it was made.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice', 'credit_note', 'self_billed', 'self_billed_credit')", name="kind"),
        UniqueConstraint("seller_siren", "number"),
        UniqueConstraint("month", "host_id", "home_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    issuer_place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    seller_siren: Mapped[str] = mapped_column(String(9))
    number: Mapped[str] = mapped_column(String(20))
    month: Mapped[str] = mapped_column(String(7))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    home_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    issued_on: Mapped[date]
    due_on: Mapped[date]
    parties: Mapped[dict[str, Any]]
    net_cents: Mapped[int]
    vat_cents: Mapped[int]
    total_cents: Mapped[int]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))
