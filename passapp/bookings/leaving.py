"""What becomes of a person's bookings once they are erased: those ahead are cancelled, the others are nobody's."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from passapp.bookings.changing import changed, end, ids_of
from passapp.bookings.claims import lock_in_order
from passapp.bookings.lapsing import offer_freed
from passapp.bookings.models import Booking, BookingState, Waiting
from passapp.bookings.policies import cancellation_cost
from passapp.kernel.audit import Actor, record

UNTITLED: Final = "—"
"""The title of a booking of somebody unknown."""


def leave_bookings(session: Session, member_id: UUID, *, now: datetime, actor: Actor) -> None:
    """Cancel what a person has ahead, at what that costs, and forget that any was theirs, and what they called it."""
    takes_room = Booking.state.in_([state for state in BookingState if state.takes_room])
    ahead = select(Booking).where(Booking.member_id == member_id, takes_room, Booking.starts_at > now)
    ahead = ahead.order_by(Booking.id).execution_options(populate_existing=True)
    # What they book at this moment is among them, or is refused.
    lock_in_order(
        session, lambda: {each for booking in session.scalars(ahead) for each in ids_of(booking)}, [member_id]
    )
    found = session.scalars(ahead).all()
    for booking in found:
        booking.fee = cancellation_cost(session, booking, now)
        end(session, booking, BookingState.CANCELLED, None, now)
        changed(session, booking, now)
        record(session, actor, now, "booking.cancel", ("booking", booking.id), place_id=booking.place_id)
    session.execute(delete(Waiting).where(Waiting.member_id == member_id))
    offer_freed(session, {each for booking in found for each in ids_of(booking)}, now)
    nobody = {"member_id": None, "title": UNTITLED, "reason": None}
    session.execute(update(Booking).where(Booking.member_id == member_id).values(**nobody))
