"""Bookings as rows: what one is when it is made, and when it is put elsewhere."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from passapp.bookings.models import Booking, BookingState, Resource
from passapp.bookings.quoting import Quote
from passapp.bookings.rules import Span
from passapp.kernel.ids import new_id
from passapp.members.models import Member

ANSWERED_WITHIN: Final = timedelta(days=2)
"""How long a place may take to answer a request, and never longer than until the booking begins."""


def answer_by(span: Span | Booking, now: datetime) -> datetime:
    """Until when a place answers a request of now."""
    return min(now + ANSWERED_WITHIN, span.starts_at)


def new_booking(
    resource: Resource,
    member: Member,
    span: Span,
    found: Quote,
    *,
    title: str,
    people: int,
    hold: bool = False,
    series_id: UUID | None = None,
    is_adjusted: bool = False,
    now: datetime,
) -> Booking:
    """A booking that is in no session yet: held, asked for, or booked, as the quote ``found`` has it."""
    state = BookingState.HELD if hold else BookingState.REQUESTED if found.needs_approval else BookingState.BOOKED
    return Booking(
        id=(booking_id := new_id()),
        place_id=resource.place_id,
        resource_id=resource.id,
        member_id=member.id,
        series_id=series_id,
        state=state,
        title=title,
        people=people,
        zone=resource.place.zone,
        **times_of_span(span),
        is_adjusted=is_adjusted,
        policy=resource.policy,
        price=found.price,
        payer=found.payer,
        home_id=found.home_id,
        uid=f"{booking_id}@passapp",
        made_at=now,
        changed_at=now,
        answer_by=answer_by(span, now) if state is BookingState.REQUESTED else None,
    )


def put(
    booking: Booking,
    span: Span,
    found: Quote,
    *,
    title: str,
    people: int,
    by_place: bool,
    is_adjusted: bool = False,
    now: datetime,
) -> None:
    """Have a booking at another time, priced anew; a place that does it itself (``by_place``) is not asked."""
    for name, value in times_of_span(span).items():
        setattr(booking, name, value)
    booking.title, booking.people, booking.is_adjusted = title, people, is_adjusted
    booking.policy, booking.price = booking.resource.policy, found.price
    booking.payer, booking.home_id = found.payer, found.home_id
    if booking.state != BookingState.HELD:
        asks = found.needs_approval and not by_place
        booking.state = BookingState.REQUESTED if asks else BookingState.BOOKED
        booking.answer_by = answer_by(booking, now) if asks else None


def times_of_span(span: Span) -> dict[str, datetime]:
    """The fields of a booking that say when it is."""
    return {
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "local_start": span.local_start,
        "local_end": span.local_end,
    }


def span_of_booking(booking: Booking) -> Span:
    """When a booking is."""
    return Span(booking.starts_at, booking.ends_at, booking.local_start, booking.local_end)
