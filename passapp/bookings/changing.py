"""What every change of a booking does: one after the other, and seen by calendars."""

from datetime import datetime

from sqlalchemy.orm import Session

from passapp.bookings.claims import lock_in_order, lock_resources, release, takes_of
from passapp.bookings.models import Booking, BookingState


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


def end(session: Session, booking: Booking, state: BookingState, reason: str | None, now: datetime) -> None:
    """It takes nothing any more."""
    booking.state, booking.reason, booking.ended_at = state, reason, now
    release(session, booking.claims, now)


def changed(session: Session, booking: Booking, now: datetime, *, is_news: bool = True) -> None:
    """Have calendars see it; ``is_news``: an invitation has to tell it too. The audit log is for whoever does it."""
    booking.changed_at = now
    booking.sequence += is_news
    session.flush()
