"""Taking resources: one after the other under a lock, and under the database's own guard (booking.md 7 to 10).

The guard alone is correct, and ends in storms of deadlocks where many want the same: whoever takes something first
locks it, in one order. SQLite has one writer at a time, and needs no lock.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Closure, Resource, ResourcePart

_LOCK: Final = 0x6C61696D
"""Sets these advisory locks apart from any others of the database."""


@dataclass(frozen=True)
class Takes:
    """What a booking of a resource takes: each of ``all_of``, and one of ``one_of`` where it is a pool."""

    all_of: tuple[int, ...] = ()
    one_of: tuple[int, ...] = ()

    @property
    def concerned(self) -> tuple[int, ...]:
        """All resources that are locked meanwhile, in the order in which everybody locks them."""
        return tuple(sorted({*self.all_of, *self.one_of}))


def takes_of(session: Session, resource: Resource) -> Takes:
    """A room takes itself; a composite each of its parts, theirs too; a pool one of its units."""
    if resource.is_pool:
        units = select(Resource.id).where(Resource.pool_id == resource.id, Resource.retired_at.is_(None))
        return Takes(one_of=tuple(session.scalars(units.order_by(Resource.id))))
    return Takes(all_of=tuple(sorted(_whole_parts(session, [resource.id]))))


def _whole_parts(session: Session, ids: Collection[int]) -> set[int]:
    """The parts that have no parts themselves; a room without any is its own."""
    found: set[int] = set()
    asked: set[int] = set()
    while wanted := set(ids) - asked:
        asked |= wanted
        rows = session.execute(
            select(ResourcePart.composite_id, ResourcePart.part_id).where(ResourcePart.composite_id.in_(wanted))
        ).all()
        found |= wanted - {composite for composite, _ in rows}
        ids = {part for _, part in rows}
    return found


def lock_resources(session: Session, ids: Iterable[int]) -> None:
    """Hold back whoever else wants one of these, until the transaction ends; everybody locks in ascending order."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for resource_id in sorted(set(ids)):
        session.execute(select(func.pg_advisory_xact_lock(_LOCK, resource_id)))


def try_lock_resources(session: Session, ids: Iterable[int]) -> bool:
    """The same for whoever holds other locks already, and must not wait for more: whether all could be had at once."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    wanted = sorted(set(ids))
    return all(session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK, each))) for each in wanted)


def expired_resources(session: Session, now: datetime) -> set[int]:
    """The resources that something expired still holds."""
    return set(session.scalars(select(Claim.resource_id).where(Claim.released_at.is_(None), Claim.expires_at <= now)))


def release_expired(session: Session, ids: Collection[int], now: datetime) -> Sequence[Booking]:
    """Let go of what nobody confirmed or answered in time; called under the lock, before anything is taken.

    Gives the bookings that end by it, as they stood.
    """
    expired = (Claim.resource_id.in_(ids), Claim.released_at.is_(None), Claim.expires_at <= now)
    bookings = set(session.scalars(select(Claim.booking_id).where(*expired, Claim.booking_id.is_not(None))))
    if not bookings:
        return []
    session.execute(update(Claim).where(*expired).values(released_at=now))
    unanswered = Booking.state.in_([BookingState.HELD, BookingState.REQUESTED])
    return session.scalars(select(Booking).where(Booking.id.in_(bookings), unanswered).order_by(Booking.id)).all()


def overlapping(
    session: Session, ids: Collection[int], starts_at: datetime, ends_at: datetime, now: datetime
) -> Sequence[Claim]:
    """The claims of these resources at some instant of ``[starts_at, ends_at)``, the earliest first.

    An expired hold counts no more, whether it was let go of or not.
    """
    return session.scalars(
        select(Claim)
        .where(
            Claim.resource_id.in_(ids),
            Claim.released_at.is_(None),
            or_(Claim.expires_at.is_(None), Claim.expires_at > now),
            Claim.starts_at < ends_at,
            Claim.ends_at > starts_at,
        )
        .order_by(Claim.starts_at, Claim.id)
    ).all()


def choose(takes: Takes, claims: Iterable[Claim], starts_at: datetime, ends_at: datetime) -> tuple[int, ...] | None:
    """What a booking would take beside these claims; None where it is taken."""
    taken = {claim.resource_id for claim in claims if claim.starts_at < ends_at and claim.ends_at > starts_at}
    if takes.all_of:
        return None if taken & set(takes.all_of) else takes.all_of
    return next(((unit,) for unit in takes.one_of if unit not in taken), None)


def take(
    session: Session,
    takes: Takes,
    starts_at: datetime,
    ends_at: datetime,
    *,
    kind: ClaimKind,
    now: datetime,
    booking: Booking | None = None,
    closure: Closure | None = None,
    expires_at: datetime | None = None,
) -> list[Claim] | None:
    """Take what a booking or a closure needs; None where it is taken. Call it under the lock of `lock_resources`."""
    wanted = choose(takes, overlapping(session, takes.concerned, starts_at, ends_at, now), starts_at, ends_at)
    if wanted is None:
        return None
    claims = [
        Claim(
            resource_id=resource_id,
            kind=kind,
            starts_at=starts_at,
            ends_at=ends_at,
            booking=booking,
            closure_id=closure.id if closure else None,
            expires_at=expires_at,
        )
        for resource_id in wanted
    ]
    session.add_all(claims)
    session.flush()
    return claims


def release(session: Session, claims: Iterable[Claim], now: datetime) -> None:
    """Let go of claims: what they took is free at once, in the same transaction too."""
    for claim in claims:
        if claim.released_at is None:
            claim.released_at = now
    session.flush()
