"""When a resource, or all of a place, cannot be booked: works, an event of its own.

A closure over bookings is refused with their list, unless told to cancel them. Then, in one transaction, each is
cancelled and costs nothing, whoever it is for is told, and an equivalent room is kept for them (booking.md, What a
booking can do).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from passapp.bookings import service
from passapp.bookings.changing import ids_of
from passapp.bookings.claims import leaves_of, lock_in_order, lock_resources, overlapping
from passapp.bookings.finding.availability import Found, Point, Sought, Window, find_rooms
from passapp.bookings.lapsing import let_go_of_expired, offer_freed
from passapp.bookings.making import span_of_booking
from passapp.bookings.models import (
    Booking,
    BookingState,
    Claim,
    ClaimKind,
    Closure,
    ExternalCalendar,
    Resource,
    ResourceKind,
)
from passapp.bookings.said import NotAllowed
from passapp.bookings.service import Wanted
from passapp.bookings.telling import tell
from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.kernel.problems import Problem, ProblemType
from passapp.places.models import Place

KEPT_FOR: Final = timedelta(hours=48)
"""How long an equivalent room is kept for whoever lost theirs, and never longer than until it begins."""
NEAR_ENOUGH_KM: Final = 100.0
MOST_TRIED: Final = 5
"""Rooms that are tried for each booking, the nearest first: others may take one meanwhile."""

CLOSURE_UNKNOWN = ProblemType(
    "closure_unknown", 404, en="There is no such closure.", fr="Cette fermeture n'existe pas."
)
CLOSURE_TIMES = ProblemType(
    "closure_times",
    422,
    en="A closure ends after it starts, and later than now: change its times.",
    fr="Une fermeture finit après son début, et plus tard que maintenant : changez ses heures.",
)


@dataclass(frozen=True)
class Closing:
    """What somebody wants closed, from ``starts_at`` until ``ends_at``; no ``resource``: all of the place."""

    place: Place
    resource: Resource | None
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class Closed:
    """What closing did: ``cancelled`` bookings, holds apart, and for how many of them another room is kept."""

    closure: Closure
    cancelled: int = 0
    rehoused: int = 0


def get_closure(session: Session, place_id: UUID, closure_id: UUID) -> Closure:
    """A closure of that place. Raises ``closure_unknown``."""
    closure = session.get(Closure, closure_id)
    if closure is None or closure.place_id != place_id or closure.removed_at is not None:
        raise CLOSURE_UNKNOWN.error()
    return closure


def closures_of(session: Session, place_id: UUID, now: datetime) -> Sequence[Closure]:
    """Those of a place that are not over, the first one first."""
    query = select(Closure).where(Closure.place_id == place_id, Closure.ends_at > now, Closure.removed_at.is_(None))
    return session.scalars(query.order_by(Closure.starts_at, Closure.id)).all()


def in_the_way(session: Session, closing: Closing, *, now: datetime) -> list[Booking]:
    """The bookings that take what would be closed, set-up and tear-down included, the first one first."""
    ids = _leaves(session, closing.place, closing.resource)
    return _in_the_way(session, ids, closing, now)


def close(
    session: Session, closing: Closing, *, cancel_bookings: bool, now: datetime, actor: Actor
) -> Closed | list[Booking]:
    """Close it; gives the bookings in the way instead, and changes nothing, unless they are to be cancelled.

    Raises ``closure_times``.
    """
    if not closing.starts_at < closing.ends_at or closing.ends_at <= now:
        raise CLOSURE_TIMES.error()
    found = in_the_way(session, closing, now=now)
    instead = {booking.id: _equivalent(session, booking, closing, now) for booking in found} if cancel_bookings else {}
    _lock(session, closing, instead, found, now)
    ids = _leaves(session, closing.place, closing.resource)
    let_go_of_expired(session, ids, now)
    found = _in_the_way(session, ids, closing, now)
    if found and not cancel_bookings:
        return found
    was = {booking.id: BookingState(booking.state) for booking in found}
    for booking in found:
        service.cancel(
            session, booking, reason=closing.reason, by_place=True, tells=False, offers=False, now=now, actor=actor
        )
    closure = Closure(
        place_id=closing.place.id,
        resource_id=closing.resource.id if closing.resource else None,
        starts_at=closing.starts_at,
        ends_at=closing.ends_at,
        reason=closing.reason,
        made_at=now,
    )
    session.add(closure)
    session.flush()
    _lay(session, [closure], ids, now)
    record(session, actor, now, "closure.make", ("closure", closure.id), place_id=closure.place_id, cancelled=len(was))
    stood = [booking for booking in found if was[booking.id] is not BookingState.HELD]
    rehoused = [_rehouse(session, booking, instead.get(booking.id, ()), now) for booking in stood]
    return Closed(closure, len(stood), sum(rehoused))


def remove(session: Session, closure: Closure, *, now: datetime, actor: Actor) -> None:
    """Have it booked again. What another closure, or another tool's calendar, says is taken stays so."""
    place, resource = session.get_one(Place, closure.place_id), None
    if closure.resource_id is not None:
        resource = session.get_one(Resource, closure.resource_id)
    ids = _leaves(session, place, resource)
    lock_resources(session, {*ids, *_bookable(session, [place.id])})
    closes = (Claim.closure_id == closure.id) & Claim.released_at.is_(None)
    session.execute(update(Claim).where(closes).values(released_at=now))
    closure.removed_at = now  # calendars that have it need to be told
    record(session, actor, now, "closure.remove", ("closure", closure.id), place_id=closure.place_id)
    session.flush()
    cover(session, ids, now)
    # What is taken elsewhere was not written down beneath the closure: it is read anew.
    session.execute(update(ExternalCalendar).where(ExternalCalendar.resource_id.in_(ids)).values(tried_at=None))
    offer_freed(session, ids, now)


def cover(session: Session, ids: Collection[int], now: datetime) -> None:
    """Have the closures of these resources' places take all that nothing else takes: rooms come, other claims go."""
    lock_resources(session, ids)
    places = select(Resource.place_id).where(Resource.id.in_(ids))
    stands = Closure.removed_at.is_(None) & (Closure.ends_at > now)
    standing = select(Closure).where(Closure.place_id.in_(places), stands)
    closures = session.scalars(standing.order_by(Closure.starts_at, Closure.id)).all()
    if closures:
        _lay(session, closures, ids, now)


def _lay(session: Session, closures: Sequence[Closure], ids: Collection[int], now: datetime) -> None:
    """Have these closures, in the order of their starts, take of these resources what nothing takes yet."""
    bookable = _bookable(session, {closure.place_id for closure in closures})
    leaves = leaves_of(session, {*bookable, *(each.resource_id for each in closures if each.resource_id is not None)})
    whole: dict[UUID, set[int]] = {}
    for resource_id, place_id in bookable.items():
        whole.setdefault(place_id, set()).update(leaves[resource_id])
    first, last = closures[0].starts_at, max(closure.ends_at for closure in closures)
    taken: dict[int, list[tuple[datetime, datetime]]] = {}
    for claim in overlapping(session, ids, first, last, now):
        taken.setdefault(claim.resource_id, []).append((claim.starts_at, claim.ends_at))
    for resource_id in sorted(ids):
        over = [
            closure
            for closure in closures
            if resource_id
            in (whole.get(closure.place_id, ()) if closure.resource_id is None else leaves[closure.resource_id])
        ]
        session.add_all(
            Claim(
                resource_id=resource_id, kind=ClaimKind.CLOSURE, closure_id=closure.id, starts_at=begins, ends_at=ends
            )
            for closure, begins, ends in _free(over, taken.get(resource_id, ()))
        )
    session.flush()


def _free(
    closures: Iterable[Closure], taken: Iterable[tuple[datetime, datetime]]
) -> Iterator[tuple[Closure, datetime, datetime]]:
    """What of these closures nothing takes; both in the order of their starts, and ``taken`` without overlaps."""
    claims = iter(taken)
    claim = next(claims, None)
    reached = datetime.min.replace(tzinfo=UTC)
    for closure in closures:
        reached = max(reached, closure.starts_at)
        while reached < closure.ends_at:
            if claim is not None and claim[1] <= reached:
                claim = next(claims, None)
            elif claim is not None and claim[0] <= reached:
                reached = claim[1]
            else:
                ends = closure.ends_at if claim is None else min(claim[0], closure.ends_at)
                yield closure, reached, ends
                reached = ends


def _leaves(session: Session, place: Place, resource: Resource | None) -> set[int]:
    """What bookings of it take: rooms that have no parts, and units of pools."""
    ids = _bookable(session, [place.id]) if resource is None else [resource.id]
    return set().union(*leaves_of(session, ids).values())


def _bookable(session: Session, places: Collection[UUID]) -> dict[int, UUID]:
    """What can be booked at these places, and where each is."""
    query = select(Resource.id, Resource.place_id).where(
        Resource.place_id.in_(places), Resource.retired_at.is_(None), Resource.pool_id.is_(None)
    )
    return {resource_id: place_id for resource_id, place_id in session.execute(query)}  # noqa: C416


def _lock(
    session: Session,
    closing: Closing,
    instead: Mapping[UUID, Collection[Found]],
    found: Iterable[Booking],
    now: datetime,
) -> None:
    """Every lock at once: all that is closed, may be offered, or is cancelled, and whoever may be offered something."""
    rooms = {each.resource.id for several in instead.values() for each in several}

    def concerned() -> set[int]:
        ids = {*rooms, *_bookable(session, [closing.place.id])}
        leaves = set[int]().union(*leaves_of(session, ids).values())
        stand = in_the_way(session, closing, now=now)
        return ids | leaves | {each for booking in stand for each in ids_of(booking)}

    lock_in_order(
        session, concerned, {each.member_id for each in found if each.member_id is not None and instead.get(each.id)}
    )


def _in_the_way(session: Session, ids: Collection[int], closing: Closing, now: datetime) -> list[Booking]:
    claims = overlapping(session, ids, closing.starts_at, closing.ends_at, now)
    booked = select(Booking).where(
        Booking.id.in_({claim.booking_id for claim in claims if claim.booking_id}), Booking.ends_at > now
    )
    # As they stand: those that we waited for may have been moved.
    stand = booked.order_by(Booking.starts_at, Booking.id).execution_options(populate_existing=True)
    return list(session.scalars(stand))


def _equivalent(session: Session, booking: Booking, closing: Closing, now: datetime) -> list[Found]:
    """What is as good as what was booked, then: of its kind, large enough, with all that it has; the nearest first."""
    place, span = booking.place, span_of_booking(booking)
    here = None
    if place.latitude is not None and place.longitude is not None:
        here = Point(place.latitude, place.longitude)
    sought = Sought(
        Window(span.starts_at, span.ends_at),
        people=booking.people,
        kind=ResourceKind(booking.resource.kind),
        features=frozenset(booking.resource.features),
        near=here,
        besides=_bookable(session, [place.id]) if closing.resource is None else (closing.resource.id,),
    )
    found = [each for each in find_rooms(session, booking.member, sought, now=now) if _is_near(each, place)]
    return sorted(found, key=lambda each: each.resource.place.id != place.id)[:MOST_TRIED]


def _is_near(found: Found, place: Place) -> bool:
    """Near enough to go there instead; of places that do not say where they are, those in the same town."""
    if found.resource.place.id == place.id:
        return True
    if found.distance_km is not None:
        return found.distance_km <= NEAR_ENOUGH_KM
    return found.resource.place.town == place.town


def _rehouse(session: Session, booking: Booking, instead: Iterable[Found], now: datetime) -> bool:
    """Tell whoever lost theirs, and keep the nearest of these for them; gives whether one could be had still."""
    kept = _keep(session, booking, instead, now)
    tell(session, booking, "cancelled_by_place", now, rehoused=kept is not None)
    if kept is not None:
        tell(session, kept, "rehoused", now, instead_of=str(booking.id))
    return kept is not None


def _keep(session: Session, booking: Booking, instead: Iterable[Found], now: datetime) -> Booking | None:
    if booking.member is None:
        return None
    wanted = Wanted(span_of_booking(booking), booking.title, booking.people)
    for found in instead:
        room = session.get_one(Resource, found.resource.id)
        held_for = min(KEPT_FOR, booking.starts_at - now)
        try:
            with session.begin_nested():
                return service.book(
                    session, room, booking.member, wanted, hold=True, held_for=held_for, now=now, actor=SYSTEM
                )
        except (Problem, NotAllowed):  # taken meanwhile, also by the booking before
            continue
    return None
