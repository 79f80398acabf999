"""What a tablet outside a room shows and does: free or busy, who comes next, book now, check in, leave.

It is a paired door of the room's place, and nobody is signed in on it. Who passes by sees a given name and an initial,
as a host does; never what a booking is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from passapp.bookings import service
from passapp.bookings.changing import changed, lock_to_move
from passapp.bookings.claims import overlapping, take, takes_of
from passapp.bookings.lapsing import let_go_of_expired
from passapp.bookings.making import new_booking, span_of_booking
from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Resource
from passapp.bookings.policies import policy_of_booking
from passapp.bookings.quoting import Offer, Quote, offer_of
from passapp.bookings.rules import (
    Approval,
    Asker,
    Customer,
    Flaw,
    Payer,
    Span,
    claimed,
    flaws_of,
    price_of,
    rate_for,
    span_between,
)
from passapp.bookings.said import NotAllowed
from passapp.bookings.service import BOOKING_OVER, RESOURCE_UNKNOWN, SLOT_TAKEN
from passapp.bookings.telling import tell
from passapp.kernel.audit import Actor, record
from passapp.kernel.clock import zone_named
from passapp.kernel.problems import ProblemType
from passapp.kernel.wall_time import closing_instant, opening_instant
from passapp.places.models import Place

CHOICES: Final = (15, 30, 60, 120)
"""How long one may book from now on, in minutes."""
_LOOKS_AHEAD: Final = timedelta(days=14)
_FREELY: Final = frozenset({"off_the_grid", "in_the_past", "too_soon"})
"""What a policy says of bookings made ahead, and not of somebody who stands at the door."""

ROOM_ON_REQUEST = ProblemType(
    "room_on_request",
    409,
    en="The place answers each booking of this room: ask at the reception.",
    fr="Le lieu répond à chaque réservation de cette salle : demandez à l'accueil.",
)


@dataclass(frozen=True)
class Now:
    """A booking that could be made now. ``price`` in cents, to be paid on the spot."""

    minutes: int
    ends_at: datetime
    price: int


def rooms_of(session: Session, place: Place) -> Sequence[Resource]:
    """What a tablet of this place may stand outside of: its rooms and its equipment, pools apart."""
    own = select(Resource).where(Resource.place_id == place.id, Resource.retired_at.is_(None))
    return session.scalars(
        own.where(Resource.pool_id.is_(None), Resource.is_pool.is_(False)).order_by(Resource.name, Resource.id)
    ).all()


def room_of(session: Session, place: Place, resource_id: int) -> Resource:
    """One of them. Raises ``resource_unknown``."""
    room = session.get(Resource, resource_id)
    if room is None or room.place_id != place.id or room.retired_at or room.is_pool or room.pool_id is not None:
        raise RESOURCE_UNKNOWN.error()
    return room


def taken_today(session: Session, room: Resource, now: datetime) -> Sequence[Claim]:
    """What takes the room on this day and the next, by the wall of the place; set-up and tear-down included."""
    zone = zone_named(room.place.zone)
    today = now.astimezone(zone).date()
    first, last = (opening_instant(today + timedelta(days=days), 0, zone) for days in (0, 2))
    found = overlapping(session, takes_of(session, room).concerned, first, last, now)
    # The parts of a booked composite are each taken: one is enough to see.
    seen = {claim.booking_id or claim.id: claim for claim in found}
    with_members = select(Booking).where(Booking.id.in_(seen)).options(joinedload(Booking.member))
    session.scalars(with_members).all()
    return list(seen.values())


def open_times(session: Session, room: Resource, now: datetime) -> list[tuple[datetime, datetime]] | None:
    """When the place is open, from now on for two weeks (UTC), hours that touch made one.

    None for what may be booked at any hour, and where the place says no hours.
    """
    offer = offer_of(session, room)
    if offer.policy.is_always_open or not offer.week.is_known:
        return None
    zone = zone_named(room.place.zone)
    today = now.astimezone(zone).date()
    found: list[tuple[datetime, datetime]] = []
    # What opened yesterday may pass midnight.
    for day in offer.week.between(today - timedelta(days=1), today + _LOOKS_AHEAD):
        for opening in day.openings:
            opens_at = opening_instant(day.day, opening.opens, zone)
            closes_at = closing_instant(day.day, opening.closes, zone)
            if found and opens_at <= found[-1][1]:
                found[-1] = found[-1][0], max(closes_at, found[-1][1])
            else:
                found.append((opens_at, closes_at))
    return [(opens_at, closes_at) for opens_at, closes_at in found if closes_at > now]


def bookable_now(session: Session, room: Resource, now: datetime) -> list[Now]:
    """What could be booked from now on, the shortest first; nothing where the place wants to be asked."""
    offer = offer_of(session, room)
    if offer.policy.approval is Approval.ALWAYS:
        return []
    rate = rate_for(Customer(is_own_member=False), offer.rates)
    takes = takes_of(session, room)
    found = []
    for minutes in CHOICES:
        span = _from_now(room, minutes, now)
        _, until = claimed(span, offer.policy)
        flaws = {flaw.code for flaw in _flaws(offer, span, now)}
        if flaws - {"too_short"} or overlapping(session, takes.concerned, span.starts_at, until, now):
            break
        if flaws:
            continue
        found.append(Now(minutes, span.ends_at, price_of(span.minutes, rate)))
    return found


def book_now(
    session: Session, room: Resource, minutes: int, *, booking_id: UUID, now: datetime, actor: Actor
) -> Booking:
    """Take the room from this minute on, for whoever stands there; ``booking_id`` is the tablet's: again is the same.

    Raises ``room_on_request``, ``not_bookable``, ``slot_taken``.
    """
    service.lock_to_book(session, room, None)
    known = session.get(Booking, booking_id)
    if known is not None:
        if known.resource_id != room.id or known.member_id is not None or known.came_at != known.made_at:
            raise SLOT_TAKEN.error()
        return known
    offer, span = offer_of(session, room), _from_now(room, minutes, now)
    if offer.policy.approval is Approval.ALWAYS:
        raise ROOM_ON_REQUEST.error()
    if flaws := _flaws(offer, span, now):
        raise NotAllowed(flaws)
    price = price_of(span.minutes, rate_for(Customer(is_own_member=False), offer.rates))
    # Whoever stands there needs nothing set up first.
    policy = replace(offer.policy, set_up=0)
    found = Quote(price, Payer.MEMBER, None, policy, needs_approval=False, flaws=())
    booking = new_booking(room, None, span, found, title=room.name, people=1, booking_id=booking_id, now=now)
    booking.came_at = now
    service.take_room(session, room, booking, policy, now)
    record(session, actor, now, "booking.make", ("booking", booking.id), place_id=room.place_id, state=booking.state)
    return booking


def come(session: Session, booking: Booking, *, at: datetime, now: datetime, actor: Actor) -> Booking:
    """Somebody said ``at`` the tablet that they are there; where the network was away, it is told later.

    A release for nobody having come since then is undone, if nobody else has the room. Raises ``booking_over``,
    ``booking_not_now``.
    """
    lock_to_move(session, booking)
    if booking.state == BookingState.NO_SHOW and booking.ended_at is not None and at <= booking.ended_at:
        _take_back(session, booking, now)
    return service.come(session, booking, at=at, now=now, actor=actor)


def _take_back(session: Session, booking: Booking, now: datetime) -> None:
    """Raises ``booking_over`` where somebody else has it."""
    takes = takes_of(session, booking.resource)
    let_go_of_expired(session, takes.concerned, now)
    between = claimed(span_of_booking(booking), policy_of_booking(session, booking))
    if take(session, takes, *between, kind=ClaimKind.BOOKING, now=now, booking=booking) is None:
        raise BOOKING_OVER.error()
    booking.state, booking.ended_at = BookingState.BOOKED, None
    changed(session, booking, now)
    tell(session, booking, "kept", now)


def _from_now(room: Resource, minutes: int, now: datetime) -> Span:
    """From this minute on, to the end of a quarter of an hour by the wall: half an hour from 14:07 is until 14:45."""
    zone = zone_named(room.place.zone)
    starts_at = now.replace(second=0, microsecond=0)
    beyond = starts_at.astimezone(zone).minute % CHOICES[0]
    ends_at = starts_at + timedelta(minutes=minutes + (CHOICES[0] - beyond if beyond else 0))
    return span_between(starts_at, ends_at, zone)


def _flaws(offer: Offer, span: Span, now: datetime) -> tuple[Flaw, ...]:
    """What speaks against it: whoever stands in the place was let in, but nobody knows what they are trained on."""
    asker = Asker(is_own_member=True, is_trained=False)
    days = offer.week.between(span.local_start.date() - timedelta(days=1), span.local_end.date())
    found = flaws_of(span, offer.policy, asker, days, now, people=1, capacity=offer.capacity)
    return tuple(flaw for flaw in found if flaw.code not in _FREELY)
