"""What people do with bookings: hold, book, move, end early, cancel, answer, come (booking.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from passapp.bookings.claims import lock_resources, release, release_expired, take, takes_of
from passapp.bookings.guards import is_overlap
from passapp.bookings.models import Booking, BookingState, ClaimKind, Resource
from passapp.bookings.policies import policy_of_booking
from passapp.bookings.quoting import Quote, quote
from passapp.bookings.rules import Flaw, Policy, Span, cancellation_fee, claimed, is_no_show, span_between
from passapp.kernel.audit import Actor, record
from passapp.kernel.clock import zone_named
from passapp.kernel.ids import new_id
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member

HELD_FOR: Final = timedelta(minutes=10)
ANSWERED_WITHIN: Final = timedelta(days=2)
"""How long a place may take to answer a request, and never longer than until the booking begins."""

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
    en="It was kept for ten minutes, which are over: book it again.",
    fr="Elle était gardée dix minutes, et elles sont passées : réservez de nouveau.",
)


class NotAllowed(Exception):
    """The policy does not allow it: every reason, at once."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        """Keep them, for whoever tells the person."""
        super().__init__(", ".join(flaw.code for flaw in flaws))
        self.flaws = flaws


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
    series_id: UUID | None = None,
    now: datetime,
    actor: Actor,
) -> Booking:
    """Book it, or keep it for ten minutes (``hold``), or ask the place where its policy wants that.

    Raises ``NotAllowed`` and ``slot_taken``.
    """
    found = _quote(session, resource, member, wanted, now)
    state = BookingState.HELD if hold else BookingState.REQUESTED if found.needs_approval else BookingState.BOOKED
    span = wanted.span
    booking = Booking(
        id=(booking_id := new_id()),
        place_id=resource.place_id,
        resource_id=resource.id,
        member_id=member.id,
        series_id=series_id,
        state=state,
        title=wanted.title,
        people=wanted.people,
        zone=resource.place.zone,
        **_times(span),
        policy=resource.policy,
        price=found.price,
        payer=found.payer,
        home_id=found.home_id,
        uid=f"{booking_id}@passapp",
        made_at=now,
        changed_at=now,
        answer_by=min(now + ANSWERED_WITHIN, span.starts_at) if state is BookingState.REQUESTED else None,
    )
    _take(session, resource, booking, found.policy, now)
    record(session, actor, now, "booking.make", ("booking", booking.id), place_id=resource.place_id, state=state.value)
    return booking


def confirm(session: Session, booking: Booking, *, now: datetime, actor: Actor) -> Booking:
    """Make a hold a booking, or a request. Confirmed already: nothing changes. Raises ``hold_expired``."""
    lock_resources(session, _ids(booking))
    session.refresh(booking)
    if booking.state in {BookingState.BOOKED, BookingState.REQUESTED}:
        return booking
    expires = min((claim.expires_at for claim in booking.claims if claim.expires_at), default=now)
    if booking.state != BookingState.HELD or expires <= now:
        raise HOLD_EXPIRED.error()
    policy = policy_of_booking(session, booking)
    asks = quote(
        session, booking.resource, _member(booking), _span(booking), people=booking.people, now=now, besides=booking
    ).needs_approval
    booking.state = BookingState.REQUESTED if asks else BookingState.BOOKED
    booking.answer_by = min(now + ANSWERED_WITHIN, booking.starts_at) if asks else None
    for claim in booking.claims:
        if claim.released_at is None:
            claim.kind, claim.expires_at = ClaimKind.BOOKING, booking.answer_by
    _changed(session, booking, now, actor, "booking.confirm", grace=policy.grace)
    return booking


def move(session: Session, booking: Booking, wanted: Wanted, *, now: datetime, actor: Actor) -> Booking:
    """Have it at another time: the same UID, one more in its SEQUENCE, priced anew.

    Raises ``booking_over``, ``NotAllowed``, ``slot_taken``.
    """
    _check_open(booking, now)
    resource = booking.resource
    found = _quote(session, resource, _member(booking), wanted, now, besides=booking)
    for name, value in _times(wanted.span).items():
        setattr(booking, name, value)
    booking.title, booking.people = wanted.title, wanted.people
    booking.policy, booking.price, booking.payer = resource.policy, found.price, found.payer
    if found.needs_approval:
        booking.state, booking.answer_by = BookingState.REQUESTED, min(now + ANSWERED_WITHIN, booking.starts_at)
    _take(session, resource, booking, found.policy, now)
    _changed(session, booking, now, actor, "booking.move")
    return booking


def end_early(session: Session, booking: Booking, *, now: datetime, actor: Actor) -> Booking:
    """Leave before its end: the room is free from now on; the price stays. Raises ``booking_over``."""
    _check_open(booking, now)
    if not booking.starts_at < now < booking.ends_at:
        raise BOOKING_OVER.error()
    lock_resources(session, _ids(booking))
    policy = policy_of_booking(session, booking)
    minute = now.replace(second=0, microsecond=0)
    ends_at = minute if minute > booking.starts_at else minute + timedelta(minutes=1)
    booking.ended_at = now
    span = span_between(booking.starts_at, ends_at, zone_named(booking.zone))
    for name, value in _times(span).items():
        setattr(booking, name, value)
    for claim in booking.claims:
        if claim.released_at is None:
            claim.ends_at = min(claim.ends_at, claimed(span, policy)[1])
    _changed(session, booking, now, actor, "booking.end_early")
    return booking


def cancel(session: Session, booking: Booking, *, reason: str | None, now: datetime, actor: Actor) -> Booking:
    """Cancel it: what it costs is in ``fee``, by the policy it was made under. Again: nothing changes.

    Raises ``booking_over``.
    """
    if booking.state == BookingState.CANCELLED:
        return booking
    _check_open(booking, now)
    lock_resources(session, _ids(booking))
    policy = policy_of_booking(session, booking)
    if booking.state == BookingState.BOOKED:
        booking.fee = cancellation_fee(booking.price, booking.starts_at, policy, now)
    _end(session, booking, BookingState.CANCELLED, reason, now)
    _changed(session, booking, now, actor, "booking.cancel")
    return booking


def answer(
    session: Session, booking: Booking, *, accept: bool, reason: str | None, now: datetime, actor: Actor
) -> Booking:
    """A place's answer to a request. The same answer again changes nothing. Raises ``booking_over``."""
    wanted = BookingState.BOOKED if accept else BookingState.REJECTED
    if booking.state == wanted:
        return booking
    lock_resources(session, _ids(booking))
    if booking.state != BookingState.REQUESTED or (booking.answer_by is not None and booking.answer_by <= now):
        raise BOOKING_OVER.error()
    if accept:
        booking.state = BookingState.BOOKED
        for claim in booking.claims:
            claim.expires_at = None if claim.released_at is None else claim.expires_at
    else:
        _end(session, booking, BookingState.REJECTED, reason, now)
    _changed(session, booking, now, actor, "booking.answer")
    return booking


def come(session: Session, booking: Booking, *, now: datetime, actor: Actor) -> Booking:
    """Somebody is there: it is no no-show. Again: the first time stands. Raises ``booking_over``."""
    if booking.came_at is None:
        if booking.state != BookingState.BOOKED or now >= booking.ends_at:
            raise BOOKING_OVER.error()
        booking.came_at = now
        _changed(session, booking, now, actor, "booking.come", tells=False)
    return booking


def release_no_shows(session: Session, *, now: datetime, actor: Actor) -> list[Booking]:
    """Free the rooms of bookings that began, and to which nobody came within the grace time."""
    begun = select(Booking).where(
        Booking.state == BookingState.BOOKED,
        Booking.came_at.is_(None),
        Booking.starts_at <= now,
        Booking.ends_at > now,
    )
    released = []
    for booking in session.scalars(begun.order_by(Booking.resource_id, Booking.id)):
        if is_no_show(booking.starts_at, policy_of_booking(session, booking), now, has_come=False):
            lock_resources(session, _ids(booking))
            _end(session, booking, BookingState.NO_SHOW, None, now)
            _changed(session, booking, now, actor, "booking.no_show")
            released.append(booking)
    return released


def _quote(
    session: Session,
    resource: Resource,
    member: Member,
    wanted: Wanted,
    now: datetime,
    besides: Booking | None = None,
) -> Quote:
    """Lock, so that quotas hold too where somebody asks twice at once. Raises ``NotAllowed``."""
    takes = takes_of(session, resource)
    lock_resources(session, {resource.id, *takes.concerned})
    found = quote(session, resource, member, wanted.span, people=wanted.people, now=now, besides=besides)
    if found.flaws:
        raise NotAllowed(found.flaws)
    return found


def _take(session: Session, resource: Resource, booking: Booking, policy: Policy, now: datetime) -> None:
    takes = takes_of(session, resource)
    release_expired(session, takes.concerned, now)
    held = booking.state == BookingState.HELD
    release(session, booking.claims, now)
    starts_at, ends_at = claimed(_span(booking), policy)
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
            expires_at=now + HELD_FOR if held else booking.answer_by,
        )
    except DBAPIError as error:
        # Nobody gets here but past the lock; the guard has the last word all the same.
        if is_overlap(error):
            raise SLOT_TAKEN.error() from error
        raise
    if claims is None:
        raise SLOT_TAKEN.error()


def _end(session: Session, booking: Booking, state: BookingState, reason: str | None, now: datetime) -> None:
    booking.state, booking.reason, booking.ended_at = state, reason, now
    release(session, booking.claims, now)


def _changed(
    session: Session,
    booking: Booking,
    now: datetime,
    actor: Actor,
    action: str,
    *,
    tells: bool = True,
    **details: object,
) -> None:
    """What every change does: calendars must see it, and the log says who."""
    booking.changed_at = now
    booking.sequence += tells
    session.flush()
    record(session, actor, now, action, ("booking", booking.id), place_id=booking.place_id, **details)


def _check_open(booking: Booking, now: datetime) -> None:
    if not BookingState(booking.state).takes_room or booking.ends_at <= now:
        raise BOOKING_OVER.error()


def _times(span: Span) -> dict[str, datetime]:
    return {
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "local_start": span.local_start,
        "local_end": span.local_end,
    }


def _span(booking: Booking) -> Span:
    return Span(booking.starts_at, booking.ends_at, booking.local_start, booking.local_end)


def _ids(booking: Booking) -> set[int]:
    return {booking.resource_id, *(claim.resource_id for claim in booking.claims)}


def _member(booking: Booking) -> Member:
    if booking.member is None:  # erased: nothing of theirs can be changed
        raise BOOKING_OVER.error()
    return booking.member
