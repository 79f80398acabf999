"""Tables of the door: paired devices, check-ins as they happened, and the visits made from them.

Nothing here but ``visit_identity`` and ``look_up`` points at a person, and nothing but reasons may speak of one:
purging those leaves accounts that can still be recomputed, and nobody in them. (``used_proof`` leads to a pass, for 101
days; ``day_guest`` holds a first name, for a week; ``house_rules_acceptance`` goes with its member.)
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from passapp.accounts.models import AccessToken
from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.members.models import Member
from passapp.places.models import Place


class PairingLink(Base):
    """A team link: pairs devices with one place until it expires, is used up or is cut off."""

    __tablename__ = "pairing_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    max_uses: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]


class Door(Base):
    """A phone or tablet paired with one place. Paired again, it stays the same door, with a new token.

    ``tried_at``: when it first read a trial pass, which is not counted. ``kind``: a ``phone`` (or tablet), or one of
    the two doors of every place that nobody carries: its entrance ``poster``, and its ``office``, where visits are
    added later.
    """

    __tablename__ = "door"
    __table_args__ = (UniqueConstraint("device_id", "place_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    device_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(12), default="phone", server_default="phone")
    name: Mapped[str] = mapped_column(String(120))
    token_id: Mapped[UUID] = mapped_column(ForeignKey("access_token.id"), unique=True)
    paired_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    cut_off_at: Mapped[datetime | None]

    place: Mapped[Place] = relationship()
    token: Mapped[AccessToken] = relationship()


class VisitIdentity(Base):
    """Who stands behind a visitor key. One key per member and month; deleted by purge and erasure."""

    __tablename__ = "visit_identity"
    __table_args__ = (UniqueConstraint("member_id", "month"),)

    visitor_key: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    month: Mapped[str] = mapped_column(String(7), index=True)

    member: Mapped[Member] = relationship()


class CheckIn(Base):
    """A scan, as it was judged. Append-only. ``id`` follows from the door and the scan's own id.

    ``scanned_at`` is corrected by the device's clock error; ``device_scanned_at`` is what the device said.
    ``home_id``, ``plan`` and ``at_home`` say who pays, frozen as of the scan. ``full_day``: the host declared one (R4).
    """

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("door_id", "scan_id"),
        Index("ix_check_in_day", "visitor_key", "place_id", "local_date"),
        Index("ix_check_in_place", "place_id", "local_date"),
        Index("ix_check_in_home", "home_id", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    door_id: Mapped[UUID] = mapped_column(ForeignKey("door.id"))
    scan_id: Mapped[UUID]
    seal: Mapped[str] = mapped_column(String(64), server_default="")
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    form: Mapped[str | None] = mapped_column(String(12))
    scanned_at: Mapped[datetime]
    device_scanned_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
    list_iat: Mapped[datetime | None]
    local_date: Mapped[date]
    verdict: Mapped[str] = mapped_column(String(16))
    visitor_key: Mapped[UUID | None]
    home_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    plan: Mapped[str | None] = mapped_column(String(4))
    at_home: Mapped[bool | None]
    full_day: Mapped[bool] = mapped_column(default=False)


class FollowUp(Base):
    """What came after a check-in's verdict, once of each kind (`rules.FollowUpKind`). Append-only.

    ``home_id``, ``plan``: who pays, where the door did not know and the manager who accepted it said so.
    """

    __tablename__ = "check_in_follow_up"

    check_in_id: Mapped[UUID] = mapped_column(ForeignKey("check_in.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    home_id: Mapped[UUID | None]
    plan: Mapped[str | None] = mapped_column(String(4))


class FollowUpReason(Base):
    """Why a host did so. Apart: words may name a person, so purge and erasure delete them."""

    __tablename__ = "follow_up_reason"
    __table_args__ = (
        ForeignKeyConstraint(["check_in_id", "kind"], ["check_in_follow_up.check_in_id", "check_in_follow_up.kind"]),
    )

    check_in_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))


class UsedProof(Base):
    """The proof of a live pass that let somebody in: the same one lets nobody in elsewhere (door.md, Verdicts).

    Kept for as long as a door may send late; it leads to a pass, so it is purged and erased.
    """

    __tablename__ = "used_proof"

    status_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    door_id: Mapped[UUID] = mapped_column(ForeignKey("door.id"))
    check_in_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(index=True)


class CheckInUndo(Base):
    """A check-in taken back. The check-in itself stays."""

    __tablename__ = "check_in_undo"

    check_in_id: Mapped[UUID] = mapped_column(ForeignKey("check_in.id"), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]


class UndoReason(Base):
    """Why a check-in was taken back. Apart: words may name a person, so purge and erasure delete them."""

    __tablename__ = "undo_reason"

    check_in_id: Mapped[UUID] = mapped_column(ForeignKey("check_in_undo.check_in_id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))


class Visit(Base):
    """What settlement counts: frozen when it is made. ``id`` is its opening check-in's.

    ``revision`` counts the visits of the same member, host and date before it: their number is what the database holds
    two makers of the same visit apart by. They are all void, but for one that a closed month keeps: a half day that
    came to light after that is a visit of its own. ``at_home`` visits are counted, not settled (R5).
    ``units``: one, or the half days of that date where the convention counts half days (R4). ``waived``: counted, and
    worth 0.00, because the host ``offered`` it (R7), an offline door's list was too old, ``stale_list`` (R19), or it
    came to light ``too_late`` (R14).
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("visitor_key", "host_id", "local_date", "revision", name="uq_visit_day"),
        CheckConstraint("revision >= 0", name="revision"),
        Index("ix_visit_host_month", "host_id", "posted_month"),
        Index("ix_visit_home_month", "home_id", "posted_month"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("check_in.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    visitor_key: Mapped[UUID]
    home_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    plan: Mapped[str] = mapped_column(String(4))
    host_class: Mapped[str] = mapped_column(String(12))
    zone: Mapped[str] = mapped_column(String(64))
    convention_version: Mapped[int] = mapped_column(ForeignKey("convention_version.number"))
    at_home: Mapped[bool]
    units: Mapped[int] = mapped_column(SmallInteger, default=1)
    waived: Mapped[str | None] = mapped_column(String(12))
    local_date: Mapped[date]
    opened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    posted_month: Mapped[str] = mapped_column(String(7), index=True)


CONTEST: Final = "contest"
"""Why a visit is void where an error that a place reported was accepted (settlement, Life of a month)."""


class VisitVoid(Base):
    """A visit that counts no more: its check-in was undone, an earlier one arrived, or a ``contest`` was accepted."""

    __tablename__ = "visit_void"
    __table_args__ = (ForeignKeyConstraint(["visit_id", "revision"], ["visit.id", "visit.revision"]),)

    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(24))


STANDS = and_(VisitVoid.visit_id == Visit.id, VisitVoid.revision == Visit.revision)
"""``select(Visit).outerjoin(VisitVoid, STANDS).where(VisitVoid.visit_id.is_(None))`` are the visits that count."""


class LookUp(Base):
    """Somebody at a door looked a member up by short code, or ``by_name``: the member may see who did."""

    __tablename__ = "look_up"
    __table_args__ = (Index("ix_look_up_door", "door_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    door_id: Mapped[UUID] = mapped_column(ForeignKey("door.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    by_name: Mapped[bool] = mapped_column(default=False)


class DoorPolicy(Base):
    """How a place receives; a place without a row goes by the defaults (moments.md, Simple by default).

    ``cards``: cards are accepted, not only live passes. ``keeps_hours``: refused outside opening hours too, not only on
    closed days. ``capacity``: people at once. ``house_rules`` are accepted once for each ``house_rules_version``.
    ``message`` is shown at each welcome until ``message_until``, included. ``poster_code`` is what the entrance poster
    says.
    """

    __tablename__ = "door_policy"
    __table_args__ = (CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),)

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), primary_key=True)
    cards: Mapped[bool] = mapped_column(default=True)
    keeps_hours: Mapped[bool] = mapped_column(default=False)
    capacity: Mapped[int | None]
    check_out: Mapped[bool] = mapped_column(default=False)
    guests: Mapped[bool] = mapped_column(default=True)
    minors: Mapped[bool] = mapped_column(default=False)
    house_rules: Mapped[str | None] = mapped_column(Text)
    house_rules_version: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None] = mapped_column(String(280))
    message_until: Mapped[date | None]
    poster_code: Mapped[str | None] = mapped_column(String(32), unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class HouseRulesAcceptance(Base):
    """A member accepted a version of a place's house rules: ``by`` themselves, or in words at a ``door``."""

    __tablename__ = "house_rules_acceptance"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    rules_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(8))


class DayGuest(Base):
    """Somebody without a pass, received for a day: counted apart, and settled with nobody (door.md, Visits).

    ``id`` is made by the device, and so is ``device_at``; ``at`` is corrected by its clock error. ``given_name`` is for
    the evacuation list, and forgotten after a week. A minor is received with their guardian's consent.
    """

    __tablename__ = "day_guest"
    __table_args__ = (
        Index("ix_day_guest_day", "place_id", "local_date"),
        CheckConstraint("NOT minor OR guardian_consents", name="guardian_consents"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    door_id: Mapped[UUID | None] = mapped_column(ForeignKey("door.id"))
    local_date: Mapped[date]
    at: Mapped[datetime]
    device_at: Mapped[datetime]
    received_at: Mapped[datetime]
    given_name: Mapped[str | None] = mapped_column(String(120))
    minor: Mapped[bool] = mapped_column(default=False)
    guardian_consents: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
