"""Tables of the network. One deployment is one network: ``network`` holds a single row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id


class Network(Base):
    """Settings of the network. ``code`` is the issuer of every pass, and never changes."""

    __tablename__ = "network"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(2))
    card_allowed: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Plan(Base):
    """A plan (*formule*): which places it opens, on which weekdays and hours, in the host's local time.

    ``monthly_visits``: how many visits to other places a month it includes; null: as many as one likes.
    """

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("opens IN ('everywhere', 'home')", name="opens"),
        CheckConstraint("0 <= from_minute AND from_minute < 1440", name="from_minute"),
        CheckConstraint("from_minute < to_minute AND to_minute <= from_minute + 1440", name="to_minute"),
    )

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    opens: Mapped[str] = mapped_column(String(12))
    weekdays: Mapped[list[Any]]
    from_minute: Mapped[int]
    to_minute: Mapped[int]
    monthly_visits: Mapped[int | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ConventionVersion(Base):
    """The rules in force from a date: a canonical JSON document and its SHA-256. Published once, immutable."""

    __tablename__ = "convention_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    starts_on: Mapped[date] = mapped_column(unique=True)
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]


class Period(Base):
    """A month and its state (settlement, Life of a month); a month without a row is open."""

    __tablename__ = "period"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'provisional', 'review', 'closed', 'netted', 'paid')", name="state"),
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
