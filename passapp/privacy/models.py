"""Tables of privacy: what counts distinct people over a year, and is destroyed once the year's figures are made."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id


class YearSecret(Base):
    """What a year's pseudonyms are made with; destroyed with them."""

    __tablename__ = "year_secret"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(String(64))


class YearlyPseudonym(Base):
    """Which visitor keys of a year are one person, without saying who (door.md, Privacy)."""

    __tablename__ = "yearly_pseudonym"

    visitor_key: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(index=True)
    pseudonym: Mapped[str] = mapped_column(String(64))


class YearFigure(Base):
    """How many distinct people: of the ``network``, received by a ``host``, or sent by a ``home``, in a year."""

    __tablename__ = "year_figure"
    __table_args__ = (UniqueConstraint("year", "kind", "place_id", name="uq_year_figure"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    people: Mapped[int]
    made_at: Mapped[datetime]
