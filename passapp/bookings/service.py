"""What people do with bookings: hold, book, move, end early, cancel, answer, come (booking.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from passapp.bookings.changing import changed, collide_no_more, end, ids_of, is_lapsed, lock, lock_to_move
from passapp.bookings.claims import (
    lock_in_order,
    release,
    take,
    takes_of,
)
from passapp.bookings.guards import is_overlap
from passapp.bookings.lapsing import let_go_of_expired, offer_freed
from passapp.bookings.making import answer_by, new_booking, put, span_of_booking, times_of_span
from passapp.bookings.models import Booking, BookingState, ClaimKind, ExternalCalendar, Resource
from passapp.bookings.policies import COMES_EARLY, cancellation_cost, least_once_moved, policy_of_booking
from passapp.bookings.quoting import Quote, quote
from passapp.bookings.rules import Flaw, Policy, Span, claimed, span_between
from passapp.bookings.said import NotAllowed
from passapp.bookings.shown import SlotTakenDetails
from passapp.bookings.telling import News, ask_managers, tell, tell_moved, told_of
from passapp.kernel.audit import Actor, record
from passapp.kernel.clock import zone_named
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member
from passapp.members.service import MEMBER_UNKNOWN

HELD_FOR: Final = timedelta(minutes=10)
MEANWHILE: Final = {"place_not_there", "outside_opening_hours", "not_active", "not_for_you", "not_trained"}
"""What may come to speak against a hold: the place or whoever it is for may not any more."""

RESOURCE_UNKNOWN = ProblemType(
    "resource_unknown", 404, en="There is no such room or equipment.", fr="Cette salle ou ce matériel n'existe pas."
)
BOOKING_UNKNOWN = ProblemType(
    "booking_unknown", 404, en="There is no such booking.", fr="Cette réservation n'existe pas."
)
SLOT_TAKEN = ProblemType(
    "slot_taken",
    409,
    en="Somebody has taken it meanwhile: choose another time or another room.",
    fr="Quelqu'un vient de la prendre : choisissez une autre heure ou une autre salle.",
    shown_as=SlotTakenDetails,
)
BOOKING_OVER = ProblemType(
    "booking_over",
    409,
    en="This booking was cancelled, refused or is over: nothing can be changed any more.",
    fr="Cette réservation est annulée, refusée ou passée : on n'y change plus rien.",
)
HOLD_EXPIRED = ProblemType(
    "hold_expired",
    409,
    en="It is kept for you no longer: book it again.",
    fr="Elle n'est plus gardée pour vous : réservez de nouveau.",
)
BOOKING_NOT_NOW = ProblemType(
    "booking_not_now",
    409,
    en="This is possible from 15 minutes before its start until its end, once it is booked.",
    fr="C'est possible de 15 minutes avant son début jusqu'à sa fin, une fois qu'elle est acceptée.",
)
BOOKING_HAS_BEGUN = ProblemType(
    "booking_has_begun",
    409,
    en="This booking has begun: end it early instead of cancelling it.",
    fr="Cette réservation a commencé : terminez-la plus tôt au lieu de l'annuler.",
)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for."""

    span: Span
    title: str
    people: int = 1


def get_resource(session: Session, resource_id: int) -> Resource:
    """The resource, where it can still be booked. Raises ``resource_unknown``."""
    resource = session.get(Resource, resource_id)
    if resource is None or resource.retired_at is not None or resource.pool_id is not None:
        raise RESOURCE_UNKNOWN.error()
    return resource


def book(
    session: Session,
    resource: Resource,
    member: Member,
    wanted: Wanted,
    *,
    hold: bool = False,
    held_for: timedelta = HELD_FOR,
    tells: bool = True,
    now: datetime,
    actor: Actor,
) -> Booking:
    """Book it, or keep it for ten minutes (``hold``), or ask the place where its policy wants that.

    ``tells``: mails leave; who books many at once writes one of their own. Raises ``not_bookable``, ``slot_taken``.
    """
    found = _quote(session, resource, member, wanted, now)
    booking = new_booking(
        resource, member, wanted.span, found, title=wanted.title, people=wanted.people, hold=hold, now=now
    )
    take_room(session, resource, booking, found.policy, now, now + held_for)
    if tells:
        _tell_how_it_stands(session, booking, "booked", now)
    record(
        session, actor, now, "booking.make", ("booking", booking.id), place_id=resource.place_id, state=booking.state
    )
    return booking


def confirm(session: Session, booking: Booking, *, now: datetime, actor: Actor) -> Booking:
    """Make a hold a booking, or a request. Confirmed already: nothing changes.

    The price and the figures of the policy are those of then. Raises ``hold_expired``, ``not_bookable`` where they or
    the place may not any more, and ``slot_taken`` where another tool says that it was taken there meanwhile.
    """
    lock(session, booking)
    if booking.state in {BookingState.BOOKED, BookingState.REQUESTED}:
        return booking
    if booking.expires_at is None or booking.expires_at <= now:
        raise HOLD_EXPIRED.error()
    if _is_taken_elsewhere(session, booking):
        raise SLOT_TAKEN.error()
    span, member = span_of_booking(booking), member_of(booking)
    found = quote(session, booking.resource, member, span, people=booking.people, now=now, besides=booking)
    if flaws := tuple(flaw for flaw in found.flaws if flaw.code in MEANWHILE):
        raise NotAllowed(flaws)
    asks = found.needs_approval
    booking.state = BookingState.REQUESTED if asks else BookingState.BOOKED
    booking.answer_by = answer_by(booking, now) if asks else None
    for claim in booking.claims:
        if claim.released_at is None:
            claim.kind, claim.expires_at = ClaimKind.BOOKING, booking.answer_by
    changed(session, booking, now)
    record(session, actor, now, "booking.confirm", ("booking", booking.id), place_id=booking.place_id)
    _tell_how_it_stands(session, booking, "booked", now)
    return booking


def move(
    session: Session,
    booking: Booking,
    wanted: Wanted,
    *,
    by_place: bool = False,
    tells: bool = True,
    now: datetime,
    actor: Actor,
) -> Booking:
    """Have it at another time, or longer: the same UID, one more in its SEQUENCE, priced anew.

    Where cancelling it would cost something, it comes to that at least from then on. ``by_place``: the place itself
    does, and is not asked. Raises ``booking_over``, ``hold_expired``, ``not_bookable``,
    ``slot_taken``.
    """
    lock_to_move(session, booking)
    check_to_move(booking, now)
    resource = booking.resource
    kept_until = booking.expires_at
    if kept_until is not None and kept_until <= now:  # as good as let go of
        raise HOLD_EXPIRED.error()
    at_least = least_once_moved(session, booking, wanted.span, wanted.people, now, by_place=by_place)
    member = member_of(booking)
    found = _quote(session, resource, member, wanted, now, besides=booking, at_least=at_least, by_place=by_place)
    was, told = ids_of(booking), told_of(booking)
    put(booking, wanted.span, found, title=wanted.title, people=wanted.people, by_place=by_place, now=now)
    take_room(session, resource, booking, found.policy, now, kept_until)
    changed(session, booking, now)
    record(session, actor, now, "booking.move", ("booking", booking.id), place_id=booking.place_id)
    if tells and booking.state == BookingState.BOOKED:
        tell_moved(session, booking, told, now, by_place=by_place)
    elif tells:
        _tell_how_it_stands(session, booking, "moved", now)
    offer_freed(session, was, now)
    return booking


def end_early(session: Session, booking: Booking, *, now: datetime, actor: Actor) -> Booking:
    """Leave before its end: the room is free from now on; the price stays.

    Raises ``booking_over``, ``booking_not_now``.
    """
    lock(session, booking)
    check_open(booking, now)
    if booking.state != BookingState.BOOKED or now <= booking.starts_at:
        raise BOOKING_NOT_NOW.error()
    policy = policy_of_booking(session, booking)
    minute = now.replace(second=0, microsecond=0)
    ends_at = minute if minute > booking.starts_at else minute + timedelta(minutes=1)
    booking.ended_at = now
    span = span_between(booking.starts_at, ends_at, zone_named(booking.zone))
    for name, value in times_of_span(span).items():
        setattr(booking, name, value)
    for claim in booking.claims:
        if claim.released_at is None:
            claim.ends_at = min(claim.ends_at, claimed(span, policy)[1])
    changed(session, booking, now)
    record(session, actor, now, "booking.end_early", ("booking", booking.id), place_id=booking.place_id)
    tell(session, booking, "ended_early", now)
    offer_freed(session, ids_of(booking), now)
    return booking


def cancel(
    session: Session,
    booking: Booking,
    *,
    reason: str | None,
    by_place: bool = False,
    tells: bool = True,
    offers: bool = True,
    now: datetime,
    actor: Actor,
) -> Booking:
    """Cancel it: what it costs is in ``fee``, by the policy it was made under. Again: nothing changes.

    ``by_place``: it costs nothing, and may be while it runs. ``offers``: who waits for it hears of it, unless the room
    is taken for something else at once. Raises ``booking_over``, ``booking_has_begun``.
    """
    lock(session, booking)
    if booking.state == BookingState.CANCELLED:
        return booking
    check_open(booking, now)
    if not by_place:
        if booking.starts_at <= now:
            raise BOOKING_HAS_BEGUN.error()
        booking.fee = cancellation_cost(session, booking, now)
    was_held = booking.state == BookingState.HELD
    end(session, booking, BookingState.CANCELLED, reason, now)
    changed(session, booking, now)
    record(session, actor, now, "booking.cancel", ("booking", booking.id), place_id=booking.place_id, by_place=by_place)
    if tells and not was_held:
        tell(session, booking, "cancelled_by_place" if by_place else "cancelled", now)
    if offers:
        offer_freed(session, ids_of(booking), now)
    return booking


def answer(
    session: Session,
    booking: Booking,
    *,
    accept: bool,
    reason: str | None,
    tells: bool = True,
    together: bool = False,
    now: datetime,
    actor: Actor,
) -> Booking:
    """A place's answer to a request. The same answer again changes nothing. Raises ``booking_over``.

    ``together``: the mail says that it is for a whole series; the other dates are answered without one (``tells``).
    """
    wanted = BookingState.BOOKED if accept else BookingState.REJECTED
    lock(session, booking)
    if booking.state == wanted:
        return booking
    if booking.state != BookingState.REQUESTED or is_lapsed(booking, now):
        raise BOOKING_OVER.error()
    if accept:
        booking.state, booking.answer_by = BookingState.BOOKED, None
        for claim in booking.claims:
            claim.expires_at = None if claim.released_at is None else claim.expires_at
    else:
        end(session, booking, BookingState.REJECTED, reason, now)
    changed(session, booking, now)
    record(session, actor, now, "booking.answer", ("booking", booking.id), place_id=booking.place_id, accept=accept)
    if tells:
        tell(session, booking, "accepted" if accept else "rejected", now, together=together)
    if not accept:
        offer_freed(session, ids_of(booking), now)
    return booking


def come(session: Session, booking: Booking, *, at: datetime | None = None, now: datetime, actor: Actor) -> Booking:
    """Somebody is there, or was ``at`` some instant before: it is no no-show. Again: the first time stands.

    Raises ``booking_over``, ``booking_not_now``.
    """
    lock(session, booking)
    if booking.came_at is None:
        at = now if at is None else at
        check_open(booking, at)
        if booking.state != BookingState.BOOKED or at < booking.starts_at - COMES_EARLY:
            raise BOOKING_NOT_NOW.error()
        booking.came_at = at
        changed(session, booking, now, is_news=False)
        record(session, actor, now, "booking.come", ("booking", booking.id), place_id=booking.place_id)
    return booking


def _quote(
    session: Session,
    resource: Resource,
    member: Member,
    wanted: Wanted,
    now: datetime,
    *,
    besides: Booking | None = None,
    at_least: int = 0,
    by_place: bool = False,
) -> Quote:
    """Raises ``not_bookable``, ``resource_unknown``."""
    lock_to_book(session, resource, member)
    span, people = wanted.span, wanted.people
    found = quote(session, resource, member, span, people=people, now=now, besides=besides, at_least=at_least)
    flaws = found.flaws if besides is None else flaws_of_change(found, besides, span, now, by_place=by_place)
    if span.starts_at < span.ends_at <= now and not flaws:
        flaws = (Flaw("in_the_past"),)
    if flaws:
        raise NotAllowed(flaws)
    return found


def lock_to_book(session: Session, resource: Resource, member: Member | None) -> None:
    """Lock what a booking takes, so that quotas and ceilings hold too where somebody asks twice at once.

    ``member``: whom it is for, if it is known. Raises ``resource_unknown`` for what was retired meanwhile,
    ``member_unknown`` for whoever was erased.
    """
    lock_in_order(session, lambda: {resource.id, *takes_of(session, resource).concerned}, [member.id] if member else ())
    session.refresh(resource)  # it may have been retired, or its policy changed, while we waited
    if resource.retired_at is not None:
        raise RESOURCE_UNKNOWN.error()
    if member and session.scalar(select(Member.id).where(Member.id == member.id)) is None:  # erased meanwhile
        raise MEMBER_UNKNOWN.error()


def flaws_of_change(found: Quote, booking: Booking, span: Span, now: datetime, *, by_place: bool) -> tuple[Flaw, ...]:
    """What speaks against having a booking there, given the quote ``found``; ``by_place``: the place itself does."""
    flaws, has_begun = found.flaws, booking.starts_at <= now
    if has_begun and span.ends_at > booking.ends_at and found.needs_approval and not by_place:
        flaws = (Flaw("place_answers"), *flaws)  # nobody would answer in time
    if span.starts_at == booking.starts_at:
        return tuple(flaw for flaw in flaws if flaw.code not in {"in_the_past", "too_soon"})  # it is so already
    if has_begun:
        return (Flaw("already_begun"), *(flaw for flaw in flaws if flaw.code != "in_the_past"))
    return flaws


def take_room(
    session: Session,
    resource: Resource,
    booking: Booking,
    policy: Policy,
    now: datetime,
    kept_until: datetime | None = None,
) -> None:
    """Have a booking take what it needs, and no more what it took before; under the lock of ``lock_to_book``.

    ``kept_until``: until when a hold is. Raises ``slot_taken``.
    """
    takes = takes_of(session, resource)
    let_go_of_expired(session, takes.concerned, now)
    held = booking.state == BookingState.HELD
    former = [claim for claim in booking.claims if claim.released_at is None]
    release(session, former, now)
    starts_at, ends_at = claimed(span_of_booking(booking), policy)
    session.add(booking)
    session.flush()
    try:
        claims = take(
            session,
            takes,
            starts_at,
            ends_at,
            kind=ClaimKind.HOLD if held else ClaimKind.BOOKING,
            now=now,
            booking=booking,
            expires_at=kept_until if held else booking.answer_by,
        )
    except DBAPIError as error:
        # Nobody gets here but past the lock; the guard has the last word all the same.
        if is_overlap(error):
            raise SLOT_TAKEN.error() from error
        raise
    if claims is None:
        raise SLOT_TAKEN.error()
    collide_no_more(session, former, claims)


def _is_taken_elsewhere(session: Session, booking: Booking) -> bool:
    """Whether the calendar of another tool has something of its own in this booking's time (booking.md 19)."""
    collisions = select(ExternalCalendar.collisions).where(ExternalCalendar.resource_id.in_(ids_of(booking)))
    return any(str(booking.id) in found for found in session.scalars(collisions))


def _tell_how_it_stands(session: Session, booking: Booking, news: News, now: datetime) -> None:
    """Tell whoever it is for, and ask the place where it has to answer."""
    if booking.state == BookingState.REQUESTED:
        tell(session, booking, "requested", now)
        ask_managers(session, booking, now)
    elif booking.state == BookingState.BOOKED:
        tell(session, booking, news, now)


def check_open(booking: Booking, now: datetime) -> None:
    """Raises ``booking_over`` where there is nothing left to change."""
    if not BookingState(booking.state).takes_room or booking.ends_at <= now:
        raise BOOKING_OVER.error()


def check_to_move(booking: Booking, now: datetime) -> None:
    """The same for whoever moves it: a request that nobody answered in time is over. Raises ``booking_over``."""
    check_open(booking, now)
    if is_lapsed(booking, now):
        raise BOOKING_OVER.error()


def member_of(booking: Booking) -> Member:
    """Whom it is for. Raises ``booking_over`` once they were erased."""
    if booking.member is None:  # erased: nothing of theirs can be changed
        raise BOOKING_OVER.error()
    return booking.member
