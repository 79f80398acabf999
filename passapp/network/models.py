"""Tables of the network. One deployment is one network: ``network`` holds a single row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id


class Network(Base):
    """Settings of the network. ``code`` is the issuer of every pass, and never changes.

    New rules need the consent of as many places as ``consent_rule`` says, asked for ``consent_days`` days;
    ``silence_consents``: a place that does not answer agrees.
    """

    __tablename__ = "network"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(2))
    card_allowed: Mapped[bool] = mapped_column(default=True)
    consent_rule: Mapped[str] = mapped_column(String(12), default="all")
    consent_days: Mapped[int] = mapped_column(default=15)
    silence_consents: Mapped[bool] = mapped_column(default=True)
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


class ConventionDraft(Base):
    """Rules that are being written, or that the places are asked about until ``answer_by``: one version at a time.

    ``number``: the version that it was published as. ``why``: of rules that were refused, ``objections``, or the code
    of the problem for which what the places accepted could not be published; None where that was not kept yet.
    """

    __tablename__ = "convention_draft"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'proposed', 'published', 'withdrawn', 'refused')", name="state"),
        CheckConstraint(
            "(state = 'draft') = (proposed_at IS NULL) AND (proposed_at IS NULL) = (answer_by IS NULL)", name="proposed"
        ),
        CheckConstraint("(state = 'published') = (number IS NOT NULL)", name="published"),
        Index(
            "uq_convention_draft_proposed",
            "state",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
            sqlite_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    starts_on: Mapped[date]
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    number: Mapped[int | None]
    why: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ConventionAnswer(Base):
    """What a place answers to proposed rules: it agrees, or objects with a ``reason``."""

    __tablename__ = "convention_answer"
    __table_args__ = (CheckConstraint("consents OR reason IS NOT NULL", name="reason"),)

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("convention_draft.id", ondelete="CASCADE"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    consents: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(500))
    answered_by: Mapped[UUID]
    at: Mapped[datetime]


class Period(Base):
    """A month and its state (settlement, Life of a month); a month without a row is open.

    ``closing_asked_by``: who asked for its closing, which somebody else then validates. ``closed_by`` None: it closed
    by itself. ``looked_at``: the mark of what was settled last, so that nothing is settled again every minute.
    """

    __tablename__ = "period"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'provisional', 'review', 'closed', 'netted', 'paid')", name="state"),
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    closing_asked_by: Mapped[UUID | None]
    closing_asked_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    looked_at: Mapped[str | None] = mapped_column(String(64))
