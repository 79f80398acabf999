"""Waiting for what is taken: whoever waited first is offered it when it is freed (``lapsing`` offers)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from passapp.bookings import service
from passapp.bookings.claims import lock_resources, takes_of
from passapp.bookings.finding.next_free import is_free
from passapp.bookings.lapsing import OFFERED_BEFORE, can_be_offered, offer_what_is_free
from passapp.bookings.models import Booking, BookingState, Resource, Waiting
from passapp.bookings.quoting import quote
from passapp.bookings.rules import Span
from passapp.bookings.said import NotAllowed
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.kernel.ticking import Chore
from passapp.members.models import Member

MOST_WAITS: Final = 20
IT_IS_FREE = ProblemType("it_is_free", 409, en="It is free: book it.", fr="C'est libre : réservez tout de suite.")
TOO_LATE_TO_WAIT = ProblemType(
    "too_late_to_wait",
    409,
    en="It begins in less than an hour: nobody is offered anything any more. Choose another time.",
    fr="Elle commence dans moins d'une heure : plus rien n'est proposé. Choisissez une autre heure.",
)
TOO_MANY_WAITS = ProblemType(
    "too_many_waits",
    409,
    en="You wait for a lot already: stop waiting for something else first.",
    fr="Vous attendez déjà beaucoup : cessez d'abord d'attendre autre chose.",
)
WAITING_UNKNOWN = ProblemType("waiting_unknown", 404, en="You do not wait for that.", fr="Vous n'attendez pas cela.")


def wait(
    session: Session, resource: Resource, member: Member, span: Span, *, people: int, now: datetime, actor: Actor
) -> Waiting:
    """Wait for it to be free then. Again: the same wait.

    Raises ``not_bookable``, ``it_is_free``, ``too_late_to_wait``, ``too_many_waits``.
    """
    lock_resources(session, {resource.id, *takes_of(session, resource).concerned})
    found = quote(session, resource, member, span, people=people, now=now)
    if found.flaws:
        raise NotAllowed(found.flaws)
    if span.starts_at <= now + OFFERED_BEFORE:
        raise TOO_LATE_TO_WAIT.error()
    same = {"resource_id": resource.id, "starts_at": span.starts_at, "ends_at": span.ends_at, "people": people}
    waits = waits_of(session, member.id, now)
    known = next((each for each in waits if all(getattr(each, name) == same[name] for name in same)), None)
    if known is not None:
        return known
    if is_free(session, resource, span, found.policy, now):
        raise IT_IS_FREE.error()
    if len(waits) >= MOST_WAITS:
        raise TOO_MANY_WAITS.error()
    made = Waiting(member_id=member.id, made_at=now, **same)
    session.add(made)
    session.flush()
    record(session, actor, now, "waiting.start", ("waiting", made.id), place_id=resource.place_id)
    return made


def waits_of(session: Session, member_id: UUID, now: datetime) -> Sequence[Waiting]:
    """What somebody waits for, or is offered, the first one first; not what they took or let pass."""
    query = (
        select(Waiting)
        .outerjoin(Booking, Booking.id == Waiting.booking_id)
        .where(
            Waiting.member_id == member_id,
            Waiting.starts_at > now,
            or_(Waiting.booking_id.is_(None), Booking.state == BookingState.HELD),
        )
    )
    found = session.scalars(query.order_by(Waiting.starts_at, Waiting.id))
    return [each for each in found if each.booking is None or (each.booking.expires_at or now) > now]


def get_wait(session: Session, waiting_id: UUID, member_id: UUID) -> Waiting:
    """What this member waits for. Raises ``waiting_unknown``."""
    found = session.get(Waiting, waiting_id)
    if found is None or found.member_id != member_id:
        raise WAITING_UNKNOWN.error()
    return found


def stop(session: Session, wait: Waiting, *, now: datetime, actor: Actor) -> None:
    """Wait no longer; what was offered goes to the next."""
    place_id = wait.resource.place_id
    lock_resources(session, {wait.resource_id, *takes_of(session, wait.resource).concerned})
    if session.get(Waiting, wait.id, populate_existing=True) is None:  # stopped twice at once
        return
    offered = wait.booking
    session.delete(wait)
    session.flush()
    record(session, actor, now, "waiting.stop", ("waiting", wait.id), place_id=place_id)
    if offered is not None and offered.state == BookingState.HELD and offered.ends_at > now:
        service.cancel(session, offered, reason=None, now=now, actor=actor)


WAITING_OFFERS = Chore(can_be_offered, lambda session, now: offer_what_is_free(session, now=now))
"""The chore: what became free by itself is offered too."""
