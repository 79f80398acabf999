"""What a tablet outside a room shows and does: free or busy, who comes next, book now, check in, leave.

It is a paired door of the room's place, and nobody is signed in on it. Who passes by sees a given name and an initial,
as a host does; never what a booking is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from passapp.bookings.claims import lock_resources, overlapping, take, takes_of
from passapp.bookings.lapsing import let_go_of_expired
from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Resource
from passapp.bookings.quoting import Offer, offer_of
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
from passapp.bookings.service import RESOURCE_UNKNOWN, SLOT_TAKEN
from passapp.kernel.audit import Actor, record
from passapp.kernel.clock import zone_named
from passapp.kernel.problems import ProblemType
from passapp.kernel.wall_time import opening_instant
from passapp.places.models import Place

CHOICES: Final = (15, 30, 60, 120)
"""How long one may book from now on, in minutes."""
TITLE: Final = "Sur place"
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
    takes = takes_of(session, room)
    lock_resources(session, {room.id, *takes.concerned})
    known = session.get(Booking, booking_id)
    if known is not None:
        if known.resource_id != room.id or known.title != TITLE:
            raise SLOT_TAKEN.error()
        return known
    let_go_of_expired(session, takes.concerned, now)
    offer, span = offer_of(session, room), _from_now(room, minutes, now)
    if offer.policy.approval is Approval.ALWAYS:
        raise ROOM_ON_REQUEST.error()
    if flaws := _flaws(offer, span, now):
        raise NotAllowed(flaws)
    booking = Booking(
        id=booking_id,
        place_id=room.place_id,
        resource_id=room.id,
        state=BookingState.BOOKED,
        title=TITLE,
        people=1,
        zone=room.place.zone,
        local_start=span.local_start,
        local_end=span.local_end,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        policy=room.policy,
        price=price_of(span.minutes, rate_for(Customer(is_own_member=False), offer.rates)),
        payer=Payer.MEMBER,
        uid=f"{booking_id}@passapp",
        made_at=now,
        changed_at=now,
        came_at=now,
    )
    session.add(booking)
    session.flush()
    _, until = claimed(span, offer.policy)
    if take(session, takes, span.starts_at, until, kind=ClaimKind.BOOKING, now=now, booking=booking) is None:
        raise SLOT_TAKEN.error()
    record(session, actor, now, "booking.make", ("booking", booking.id), place_id=room.place_id, state=booking.state)
    return booking


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
