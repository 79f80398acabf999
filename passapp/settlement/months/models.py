"""Tables of the life of a month: what was published, frozen, signed and confirmed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from passapp.door.models import Visit, VisitVoid
from passapp.kernel.database import Base
from passapp.network.models import Period


class MonthVersion(Base):
    """What a month came to when it was published, or closed. Append-only.

    ``sha256``: of the month's document, which comes out of the visits again. ``frozen``: what settling it needs besides
    them (:class:`~passapp.settlement.basis.Basis`). ``previous_sha256``: of the version before it; of the first one
    and the ``closed`` one, that of the month closed before. ``moves_money``: two people close what it says
    (:attr:`~passapp.settlement.service.Month.moves_money`). ``visits``: between places, of the ``closed`` one.
    """

    __tablename__ = "month_version"
    __table_args__ = (
        CheckConstraint("reason IN ('first', 'contest', 'late', 'correction', 'closed')", name="reason"),
        CheckConstraint("number > 0", name="number"),
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(20))
    published_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    previous_sha256: Mapped[str | None] = mapped_column(String(64))
    moves_money: Mapped[bool]
    frozen: Mapped[dict[str, Any]]
    visits: Mapped[int | None]


class StatementKey(Base):
    """The public half of a key that signs statements; the private half is a file of its own."""

    __tablename__ = "statement_key"

    kid: Mapped[str] = mapped_column(String(8), primary_key=True)
    public_key: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Statement(Base):
    """A place's part of a version, as it was signed; its bytes come out of the visits again. Append-only.

    ``previous_sha256``: of the place's statement in the version before; in the first one and the closed one, of its
    last statement of a month closed before. ``from_the_network``: what of it the place's own visits do not give
    (:meth:`~passapp.settlement.rules.documents.Documents.from_the_network`).
    """

    __tablename__ = "statement"
    __table_args__ = (ForeignKeyConstraint(["month", "number"], ["month_version.month", "month_version.number"]),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True, index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    previous_sha256: Mapped[str | None] = mapped_column(String(64))
    kid: Mapped[str] = mapped_column(ForeignKey("statement_key.kid"))
    signature: Mapped[str] = mapped_column(String(100))
    signed_at: Mapped[datetime]
    from_the_network: Mapped[dict[str, Any]]


class StatementText(Base):
    """What a place's statement said from a version on: later ones are made of other visits, and do not give it again.

    ``content``: its bytes, packed, but for the month's hash, which changes with whatever other places do; None once the
    month is closed and the visits give it. ``sha256``: of these bytes.
    """

    __tablename__ = "statement_text"
    __table_args__ = (
        ForeignKeyConstraint(
            ["month", "number", "place_id"], ["statement.month", "statement.number", "statement.place_id"]
        ),
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[str | None] = mapped_column(Text)


class StatementConfirmation(Base):
    """A place found its statement right: that ``number`` of it."""

    __tablename__ = "statement_confirmation"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    number: Mapped[int]
    by: Mapped[UUID]
    at: Mapped[datetime]


def filled_before_months(*models: type[Base]) -> None:
    """Have a backup restored with the months' states after these rows: a closed month takes no row more."""
    for model in models:
        Base.metadata.tables[Period.__tablename__].add_is_dependent_on(Base.metadata.tables[model.__tablename__])


filled_before_months(Visit, VisitVoid, MonthVersion, Statement)
