"""What every change of a booking does: one after the other, and seen by calendars."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.bookings.claims import lock_in_order, lock_resources, release, takes_of
from passapp.bookings.models import Booking, BookingState, Claim, ExternalCalendar


def lock(session: Session, booking: Booking) -> None:
    """One after the other, until the transaction ends: what somebody else did to it meanwhile is seen."""
    lock_resources(session, ids_of(booking))
    session.refresh(booking)


def lock_to_move(session: Session, booking: Booking) -> None:
    """The same, with whatever it may come to take: of a pool, any unit."""

    def concerned() -> set[int]:
        session.refresh(booking)
        return {*ids_of(booking), *takes_of(session, booking.resource).concerned}

    lock_in_order(session, concerned, [booking.member_id] if booking.member_id else ())


def ids_of(booking: Booking) -> set[int]:
    """The resources that it is of, and those that it takes."""
    return {booking.resource_id, *(claim.resource_id for claim in booking.claims)}


def is_lapsed(booking: Booking, now: datetime) -> bool:
    """Whether it is a request that nobody answered in time: as good as let go of, though nobody did yet."""
    is_asked = booking.state == BookingState.REQUESTED
    return is_asked and booking.answer_by is not None and booking.answer_by <= now


def collide_no_more(session: Session, former: Collection[Claim], present: Iterable[Claim]) -> None:
    """Bookings that were moved away are no more in the way of what another tool had in their former time.

    Elsewhere, all that it has is taken. What overlaps its ``former`` time may still be: the next reading says.
    """
    here = {(claim.booking_id, claim.resource_id): (claim.starts_at, claim.ends_at) for claim in present}

    def stays(claim: Claim) -> bool:
        starts_at, ends_at = here.get((claim.booking_id, claim.resource_id), (claim.ends_at, claim.ends_at))
        return starts_at < claim.ends_at and ends_at > claim.starts_at

    away = {(claim.resource_id, str(claim.booking_id)) for claim in former if not stays(claim)}
    if not away:
        return
    ids = {resource_id for resource_id, _ in away}
    for calendar in session.scalars(select(ExternalCalendar).where(ExternalCalendar.resource_id.in_(ids))):
        left = [each for each in calendar.collisions if (calendar.resource_id, each) not in away]
        if left != calendar.collisions:
            calendar.collisions = left


def end(session: Session, booking: Booking, state: BookingState, reason: str | None, now: datetime) -> None:
    """It takes nothing any more."""
    booking.state, booking.reason, booking.ended_at = state, reason, now
    release(session, booking.claims, now)


def changed(session: Session, booking: Booking, now: datetime, *, is_news: bool = True) -> None:
    """Have calendars see it; ``is_news``: an invitation has to tell it too. The audit log is for whoever does it."""
    booking.changed_at = now
    booking.sequence += is_news
    session.flush()
