"""Tables of places."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.kernel.text import folded


class Place(Base):
    """A partner of the network. ``left_on`` is the first day that counts no more (settlement R13).

    ``has_door`` is false for a home that nobody visits: an employer, a local authority.
    """

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="joined_before_left"),
        CheckConstraint("host_class IN ('standard', 'subsidised')", name="host_class"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    town: Mapped[str] = mapped_column(String(120))
    postcode: Mapped[str] = mapped_column(String(12))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    zone: Mapped[str] = mapped_column(String(64))
    country: Mapped[str] = mapped_column(String(2))
    subdivision: Mapped[str | None] = mapped_column(String(24))
    closed_on_holidays: Mapped[bool] = mapped_column(default=True)
    has_door: Mapped[bool]
    host_class: Mapped[str] = mapped_column(String(12))
    services: Mapped[list[Any]]
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    search_key: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()

    hours: Mapped[list["OpeningHours"]] = relationship(
        cascade="all, delete-orphan", order_by="(OpeningHours.weekday, OpeningHours.opens)"
    )
    exceptions: Mapped[list["HoursException"]] = relationship(
        cascade="all, delete-orphan", order_by="(HoursException.day, HoursException.opens)"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


@event.listens_for(Place, "before_insert")
@event.listens_for(Place, "before_update")
def _keep_search_key(_mapper: object, _connection: object, place: Place) -> None:
    """What a search looks through: name, town and postcode, folded."""
    place.search_key = folded(f"{place.name} {place.town} {place.postcode}")


class OpeningHours(Base):
    """One opening of every week, in local wall minutes from midnight; ``closes`` may pass 1440."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= opens AND opens < 1440 AND opens < closes AND closes <= opens + 1440", name="minutes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    opens: Mapped[int]
    closes: Mapped[int]


class VatStatus(Base):
    """What VAT a place charges from a date on, in basis points; 0, and before the first row: none (settlement R11)."""

    __tablename__ = "vat_status"
    __table_args__ = (CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),)

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    basis_points: Mapped[int]


class HoursException(Base):
    """Other hours on one date: closed where ``opens`` is null, else one opening (several rows for several)."""

    __tablename__ = "hours_exception"
    __table_args__ = (
        CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both"),
        CheckConstraint("0 <= opens AND opens < 1440 AND opens < closes AND closes <= opens + 1440", name="minutes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    opens: Mapped[int | None]
    closes: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(120))
