"""Tables of bookings (booking.md, Words). Resources have a bigint id: the guard's range wants one."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.members.models import Member
from passapp.places.models import Place

BIG = BigInteger().with_variant(Integer, "sqlite")
WALL = DateTime(timezone=False)
"""What the clocks of the place show: naive, and never compared with an instant."""

LONG_CLAIM: Final = timedelta(days=1)
"""The few claims that last longer have an index of their own: for the rest, a search need not look far back."""
IS_LONG: Final = {
    "postgresql": text("ends_at - starts_at > interval '1 day'"),
    "sqlite": text("julianday(ends_at) - julianday(starts_at) > 1"),
}
"""The same as each database says it: word for word as in the index, which is not used otherwise."""
_NOT_RELEASED: Final = text("released_at IS NULL")
_CAN_EXPIRE: Final = text("released_at IS NULL AND expires_at IS NOT NULL")
IS_AWAITED: Final = text("state = 'booked' AND came_at IS NULL")
"""Booked, and nobody has come: word for word as in the index too."""


class ResourceKind(StrEnum):
    """What can be booked."""

    ROOM = "room"
    DESK = "desk"
    EQUIPMENT = "equipment"


class ClaimKind(StrEnum):
    """Why a resource is taken."""

    BOOKING = "booking"
    HOLD = "hold"
    CLOSURE = "closure"
    EXTERNAL = "external"


class BookingState(StrEnum):
    """Where a booking stands. A hold is kept for ten minutes, a request until the place has answered."""

    HELD = "held"
    REQUESTED = "requested"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    NO_SHOW = "no_show"

    @property
    def takes_room(self) -> bool:
        """Whether it holds a claim."""
        return self in {BookingState.HELD, BookingState.REQUESTED, BookingState.BOOKED}


class Resource(Base):
    """Something bookable at a place.

    ``pool_id``: it is one of the interchangeable units of that pool, booked through it. A composite has parts.
    ``policy``: the number of its policy in force. ``access``: how to get in; ``contact``: whom to call.
    """

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("kind IN ('room', 'desk', 'equipment')", name="kind"),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(String(1000))
    capacity: Mapped[int]
    features: Mapped[list[Any]]
    access: Mapped[str | None] = mapped_column(String(500))
    contact: Mapped[str | None] = mapped_column(String(200))
    is_pool: Mapped[bool] = mapped_column(default=False)
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    policy: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    place: Mapped[Place] = relationship(lazy="joined")
    rates: Mapped[list["ResourceRate"]] = relationship(cascade="all, delete-orphan", order_by="ResourceRate.position")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ResourcePart(Base):
    """A room that is part of a composite (a folding wall): a composite claims every part."""

    __tablename__ = "resource_part"

    composite_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True, index=True)


class ResourcePolicy(Base):
    """A version of a resource's policy; a booking keeps the number of its own."""

    __tablename__ = "resource_policy"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class ResourceRate(Base):
    """A row of a resource's price list, in cents; a booking keeps the price that it had."""

    __tablename__ = "resource_rate"
    __table_args__ = (
        CheckConstraint(
            "hour >= 0 AND (half_day IS NULL OR half_day >= 0) AND (day IS NULL OR day >= 0)", name="cents"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    position: Mapped[int]
    hour: Mapped[int]
    half_day: Mapped[int | None]
    day: Mapped[int | None]
    plan: Mapped[str | None] = mapped_column(ForeignKey("plan.code"))
    tier: Mapped[str | None] = mapped_column(String(32))
    is_home: Mapped[bool | None]


class Training(Base):
    """Somebody trained on a resource that asks for it (booking.md 21)."""

    __tablename__ = "training"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime]


class Series(Base):
    """A booking that repeats, expanded when it was made. ``repeat``: the rule, as it was asked for."""

    __tablename__ = "series"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    repeat: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class Booking(Base):
    """What a person asked for. Times on the wall and as instants; price and policy as they were.

    ``uid`` is never used again; ``sequence`` grows with each change that an invitation must tell (RFC 5546).
    ``changed_at`` is what calendars show as the time of its last change. ``home_id`` and ``payer``: who owes the price.
    ``at_least``: what it comes to at least (cents), since it was moved when cancelling it would have cost that.
    ``member_id`` is null once the person's data were erased.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="span"),
        CheckConstraint("price >= 0 AND fee >= 0", name="cents"),
        CheckConstraint("payer IN ('member', 'home')", name="payer"),
        Index("ix_booking_place", "place_id", "starts_at"),
        Index("ix_booking_member", "member_id", "starts_at"),
        Index("ix_booking_resource", "resource_id", "starts_at"),
        # Of all bookings, the few to which somebody may still come.
        Index("ix_booking_awaited", "starts_at", sqlite_where=IS_AWAITED, postgresql_where=IS_AWAITED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("series.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120))
    people: Mapped[int]
    local_start: Mapped[datetime] = mapped_column(WALL)
    local_end: Mapped[datetime] = mapped_column(WALL)
    zone: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_adjusted: Mapped[bool] = mapped_column(default=False)
    policy: Mapped[int]
    price: Mapped[int]
    fee: Mapped[int] = mapped_column(default=0)
    at_least: Mapped[int] = mapped_column(default=0)
    payer: Mapped[str] = mapped_column(String(8))
    home_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    came_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column()

    place: Mapped[Place] = relationship(foreign_keys=[place_id], lazy="joined")
    resource: Mapped[Resource] = relationship(lazy="joined")
    member: Mapped[Member | None] = relationship()
    claims: Mapped[list["Claim"]] = relationship(back_populates="booking")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def expires_at(self) -> datetime | None:
        """Until when it is kept, while it is a hold."""
        if self.state != BookingState.HELD:
            return None
        return min(
            (claim.expires_at for claim in self.claims if claim.expires_at and not claim.released_at), default=None
        )


class BookingCorrection(Base):
    """What a booking that its home advances is owed with since an error was accepted; 0 cents: it is not owed at all.

    Only before ``month``, in which it begins, is closed (settlement, Life of a month). Append-only.
    """

    __tablename__ = "booking_correction"
    __table_args__ = (CheckConstraint("cents >= 0", name="cents"),)

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    cents: Mapped[int]
    at: Mapped[datetime]


class Closure(Base):
    """Why a resource, or all of a place, cannot be booked for a time (works, an event of its own).

    ``removed_at``: it closes nothing any more, and stays for the calendars that have it.
    """

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="span"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Claim(Base):
    """What physically takes a resource, ``[starts_at, ends_at)``, set-up and tear-down included.

    Two that are not released never overlap on one resource: the database refuses it (passapp/bookings/guards.py).
    ``expires_at``: a hold that nobody confirmed by then is as good as released.
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="span"),
        # All that a search looks at, so that it need not look at the rows (SQLite wants the condition's column too).
        Index(
            "ix_claim_starts_at",
            "starts_at",
            "ends_at",
            "expires_at",
            "resource_id",
            "released_at",
            sqlite_where=_NOT_RELEASED,
            postgresql_where=_NOT_RELEASED,
        ),
        Index(
            "ix_claim_long",
            "ends_at",
            "starts_at",
            "expires_at",
            "resource_id",
            "released_at",
            sqlite_where=and_(_NOT_RELEASED, IS_LONG["sqlite"]),
            postgresql_where=and_(_NOT_RELEASED, IS_LONG["postgresql"]),
        ),
        Index("ix_claim_resource", "resource_id", "ends_at"),
        Index("ix_claim_expires_at", "expires_at", sqlite_where=_CAN_EXPIRE, postgresql_where=_CAN_EXPIRE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    # Deferrable: the start's self-test tries its claims on a resource that there is not.
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", deferrable=True, initially="IMMEDIATE"))
    kind: Mapped[str] = mapped_column(String(12))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"), index=True)
    closure_id: Mapped[UUID | None] = mapped_column(ForeignKey("closure.id"), index=True)
    expires_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    booking: Mapped[Booking | None] = relationship(back_populates="claims")


class Waiting(Base):
    """Somebody who waits for a resource to be free. ``booking_id``: the hold that they were offered, once it was."""

    __tablename__ = "waiting"
    __table_args__ = (Index("ix_waiting_resource", "resource_id", "starts_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    people: Mapped[int]
    made_at: Mapped[datetime]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"))

    booking: Mapped[Booking | None] = relationship()
    resource: Mapped[Resource] = relationship(lazy="joined")
    member: Mapped[Member] = relationship()


class BookingAdvance(Base):
    """That a home pays its members' bookings elsewhere first, and charges them back (booking.md 20).

    ``ceiling``: cents a month and member; null: none.
    """

    __tablename__ = "booking_advance"

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    ceiling: Mapped[int | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Feed(Base):
    """A calendar's address: only a hash of its token is kept. It is of a member, of a resource or of a place."""

    __tablename__ = "feed"
    __table_args__ = (CheckConstraint("kind IN ('mine', 'resource', 'busy', 'place')", name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ExternalCalendar(Base):
    """Where a resource is also managed: its busy times are read there (booking.md 19).

    ``tried_at``: when it was last asked; ``read_at``: when that last went well; ``problem``: a code, where it did not.
    Where neither says how the last time went, it is being read.
    ``collisions``: the bookings of which it says that the resource is taken, as the texts of their ids.
    ``approvals``: who was answered before, by the texts of the ids of what is on request since, for the time after.
    """

    __tablename__ = "external_calendar"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    tried_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(64))
    collisions: Mapped[list[Any]] = mapped_column(default=list)
    approvals: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AnswerLink(Base):
    """A link in a manager's mail, by which they answer a request without signing in; only its hash is kept.

    It is for the request as it stood: moved since (another ``sequence``), answered or expired, it is worth nothing.
    """

    __tablename__ = "answer_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    sequence: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class IdempotencyKey(Base):
    """A request that made a booking: sent again with the same key and body, it is answered with the same booking."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[str] = mapped_column(String(64))
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"))
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("series.id"))
    at: Mapped[datetime] = mapped_column(index=True)
