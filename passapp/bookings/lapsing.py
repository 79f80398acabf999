"""What ends by itself: holds that nobody confirms, requests that nobody answers, rooms to which nobody comes.

Whoever waits for what is free then comes next, before anybody else can take it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from passapp.bookings.changing import changed, end, ids_of
from passapp.bookings.claims import (
    Takes,
    choose,
    expired_resources,
    lock_in_order,
    lock_resources,
    overlapping,
    release_expired,
    take,
    takes_of,
    try_lock_member,
    try_lock_resources,
)
from passapp.bookings.making import new_booking
from passapp.bookings.models import IS_AWAITED, Booking, BookingState, ClaimKind, Resource, ResourcePart, Waiting
from passapp.bookings.policies import policy_of, policy_of_booking
from passapp.bookings.quoting import Quote, quote
from passapp.bookings.rules import Span, claimed, is_no_show, span_between
from passapp.bookings.telling import tell
from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.kernel.clock import zone_named

OFFERED_FOR: Final = timedelta(hours=2)
OFFERED_BEFORE: Final = timedelta(hours=1)
"""What begins sooner is offered to nobody: whoever comes first may book it."""


def no_shows(session: Session, now: datetime) -> list[Booking]:
    """Bookings that began, and to which nobody came within the grace time."""
    begun = select(Booking).where(
        IS_AWAITED,
        Booking.starts_at <= now,
        Booking.ends_at > now,
    )
    return [
        booking
        for booking in session.scalars(begun.order_by(Booking.starts_at, Booking.id))
        if is_no_show(booking.starts_at, policy_of_booking(session, booking), now, has_come=False)
    ]


def release_no_shows(session: Session, *, now: datetime, actor: Actor) -> list[Booking]:
    """Free the rooms to which nobody came."""
    found = no_shows(session, now)
    lock_resources(session, {each for booking in found for each in ids_of(booking)})
    released = []
    for booking in found:
        session.refresh(booking)
        if booking.state == BookingState.BOOKED and booking.came_at is None:
            end(session, booking, BookingState.NO_SHOW, None, now)
            changed(session, booking, now)
            record(session, actor, now, "booking.no_show", ("booking", booking.id), place_id=booking.place_id)
            tell(session, booking, "no_show", now)
            released.append(booking)
    offer_freed(session, {each for booking in released for each in ids_of(booking)}, now)
    return released


def expire(session: Session, *, now: datetime) -> Sequence[Booking]:
    """Let go of the holds that nobody confirmed and the requests that nobody answered in time."""
    lock_in_order(session, lambda: expired_resources(session, now))
    return let_go_of_expired(session, expired_resources(session, now), now)


def let_go_of_expired(session: Session, ids: Collection[int], now: datetime) -> Sequence[Booking]:
    """Of these resources, which are locked. What was moved late costs what cancelling it did, before it was moved."""
    ended = release_expired(session, ids, now)
    for booking in ended:
        was_asked = booking.state == BookingState.REQUESTED
        booking.state, booking.ended_at, booking.fee = BookingState.CANCELLED, now, booking.at_least
        changed(session, booking, now)
        record(session, SYSTEM, now, "booking.expire", ("booking", booking.id), place_id=booking.place_id)
        if was_asked:
            tell(session, booking, "unanswered", now)
    if ended:
        offer_freed(session, ids, now)
    return ended


def offer_freed(session: Session, ids: Collection[int], now: datetime) -> None:
    """Of these resources, which are locked, something is free again: offer it to whoever waited first."""
    waits = select(Waiting).where(_waits(now), Waiting.resource_id.in_(made_of(session, ids)))
    for wait in session.scalars(waits.order_by(Waiting.made_at, Waiting.id)).all():
        _offer(session, wait, now)


def can_be_offered(session: Session, now: datetime) -> int:
    """How many wait for what is free: seldom any, for what is freed is offered at once."""
    waits = session.scalars(select(Waiting).where(_waits(now))).all()
    return sum(_found_free(session, wait, takes_of(session, wait.resource), now) is not None for wait in waits)


def offer_what_is_free(session: Session, *, now: datetime) -> None:
    """Offer what became free otherwise: hours or policies that changed, another tool's calendar."""
    waits = select(Waiting).where(_waits(now)).order_by(Waiting.made_at, Waiting.id)
    for wait in session.scalars(waits).all():
        _offer(session, wait, now)


def offered_until(starts_at: datetime, now: datetime) -> datetime:
    """Until when what is offered now can be taken."""
    return min(now + OFFERED_FOR, starts_at - OFFERED_BEFORE)


def _waits(now: datetime) -> ColumnElement[bool]:
    return Waiting.booking_id.is_(None) & (Waiting.starts_at > now + OFFERED_BEFORE)


def made_of(session: Session, ids: Collection[int]) -> set[int]:
    """These, the pools that they are units of, and whatever is made of them."""
    found: set[int] = set()
    asked = set(ids)
    while asked:
        found |= asked
        pools = select(Resource.pool_id).where(Resource.id.in_(asked), Resource.pool_id.is_not(None))
        wholes = select(ResourcePart.composite_id).where(ResourcePart.part_id.in_(asked))
        asked = {each for each in session.scalars(pools.union(wholes)) if each is not None} - found
    return found


def _offer(session: Session, wait: Waiting, now: datetime) -> None:
    """Hold it for them, if it is free and nothing speaks against it any more."""
    takes = takes_of(session, wait.resource)
    # Whoever holds other locks already must not wait for these: the next round sees to it.
    locked = try_lock_resources(session, {wait.resource_id, *takes.concerned})
    if not locked or not try_lock_member(session, wait.member_id):
        return
    let_go_of_expired(session, takes.concerned, now)
    if session.get(Waiting, wait.id, populate_existing=True) is None:  # they stopped waiting meanwhile
        return
    found = _found_free(session, wait, takes, now)
    if wait.booking_id is not None or found is None:
        return
    span = _span(wait)
    booking = new_booking(
        wait.resource, wait.member, span, found, title=wait.resource.name, people=wait.people, hold=True, now=now
    )
    session.add(booking)
    session.flush()
    until = offered_until(wait.starts_at, now)
    take(
        session,
        takes,
        *claimed(span, found.policy),
        kind=ClaimKind.HOLD,
        now=now,
        booking=booking,
        expires_at=until,
    )
    wait.booking_id = booking.id
    session.flush()
    record(session, SYSTEM, now, "booking.offer", ("booking", booking.id), place_id=booking.place_id)
    tell(session, booking, "offered", now)


def _found_free(session: Session, wait: Waiting, takes: Takes, now: datetime) -> Quote | None:
    """What it would come to; None where it is taken, or may not be booked."""
    span = _span(wait)
    if wait.resource.retired_at is not None:
        return None
    between = claimed(span, policy_of(session, wait.resource))
    if choose(takes, overlapping(session, takes.concerned, *between, now), *between) is None:
        return None
    found = quote(session, wait.resource, wait.member, span, people=wait.people, now=now)
    return None if found.flaws else found


def _span(wait: Waiting) -> Span:
    return span_between(wait.starts_at, wait.ends_at, zone_named(wait.resource.place.zone))
