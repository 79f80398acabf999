"""Taking resources: one after the other under a lock, and under the database's own guard (booking.md 7 to 10).

The guard alone is correct, and ends in storms of deadlocks where many want the same: whoever takes something first
locks it, in one order. SQLite has one writer at a time, and needs no lock.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Closure, Resource, ResourcePart
from passapp.members.models import Member

_LOCK: Final = 0x6C61696D
"""Sets these advisory locks apart from any others of the database."""
_TAKE_LOCKS: Final = text("SELECT pg_advisory_xact_lock(:lock, each) FROM unnest(CAST(:ids AS integer[])) AS each")


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
    parts = _parts(session, [resource.id])
    return Takes(all_of=tuple(sorted(_without_parts(resource.id, parts))))


def leaves_of(session: Session, ids: Collection[int]) -> dict[int, set[int]]:
    """What bookings of each of these may take: rooms that have no parts, and units of pools."""
    unit = aliased(Resource)
    units = select(Resource.id, unit.id).outerjoin(unit, (unit.pool_id == Resource.id) & unit.retired_at.is_(None))
    found: dict[int, set[int]] = {}
    for pool_id, unit_id in session.execute(units.where(Resource.id.in_(ids), Resource.is_pool)):
        found.setdefault(pool_id, set()).update({unit_id} - {None})
    parts = _parts(session, ids)
    return {each: _without_parts(each, parts) for each in ids} | found


def _parts(session: Session, ids: Collection[int]) -> dict[int, list[int]]:
    """The parts of these, and the parts of those."""
    found: dict[int, list[int]] = {}
    asked: set[int] = set()
    while wanted := set(ids) - asked:
        asked |= wanted
        ids = set()
        query = select(ResourcePart.composite_id, ResourcePart.part_id).where(ResourcePart.composite_id.in_(wanted))
        for composite, part in session.execute(query):
            found.setdefault(composite, []).append(part)
            ids.add(part)
    return found


def _without_parts(resource_id: int, parts: Mapping[int, Collection[int]]) -> set[int]:
    """The parts that have no parts themselves; a room without any is its own."""
    within = parts.get(resource_id)
    return {leaf for part in within for leaf in _without_parts(part, parts)} if within else {resource_id}


def lock_resources(session: Session, ids: Iterable[int]) -> None:
    """Hold back whoever else wants one of these, until the transaction ends; everybody locks in ascending order."""
    if session.get_bind().dialect.name == "sqlite":
        return
    # One after the other as the array has them, in one statement.
    session.execute(_TAKE_LOCKS, {"lock": _LOCK, "ids": sorted(set(ids))})


def lock_in_order(session: Session, ids: Callable[[], Collection[int]], members: Collection[UUID] = ()) -> None:
    """Lock the resources that ``ids`` gives, as it gives them once we have them, then these members.

    Whoever waits for a lock may find that a room is made of others since, or that a booking was moved. Everybody locks
    resources first, then members, each in ascending order: what quotas and ceilings count is of one member, and an
    erasure comes wholly before a booking of theirs, or wholly after.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    wanted = set(ids())
    while True:
        attempt = session.begin_nested()
        lock_resources(session, wanted)
        if members:
            theirs = select(Member.id).where(Member.id.in_(members)).order_by(Member.id)
            session.execute(theirs.with_for_update(key_share=True))
        found = set(ids())
        if found <= wanted:
            attempt.commit()
            return
        attempt.rollback()  # lets go of them all, to wait for them in order again
        wanted |= found


def try_lock_resources(session: Session, ids: Iterable[int]) -> bool:
    """The same for whoever holds other locks already, and must not wait for more: whether all could be had at once."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    wanted = sorted(set(ids))
    return all(session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK, each))) for each in wanted)


def try_lock_member(session: Session, member_id: UUID) -> bool:
    """The same for a member; not those who were erased meanwhile."""
    theirs = select(Member.id).where(Member.id == member_id)
    return session.scalar(theirs.with_for_update(key_share=True, skip_locked=True)) is not None


def expired_resources(session: Session, now: datetime) -> set[int]:
    """The resources that something expired still holds, and those that it was booked as: their pool, their whole."""
    expired = (Claim.released_at.is_(None), Claim.expires_at <= now)
    query = select(Claim.resource_id, Booking.resource_id).outerjoin(Booking, Booking.id == Claim.booking_id)
    return {each for row in session.execute(query.where(*expired)) for each in row if each is not None}


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
    ended = select(Booking).where(Booking.id.in_(bookings), unanswered).order_by(Booking.id)
    # Whoever takes another part of the same whole does so too: one of us ends it.
    return session.scalars(
        ended.with_for_update(of=Booking, key_share=True).execution_options(populate_existing=True)
    ).all()


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
