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
    member: Member | None,
    span: Span,
    found: Quote,
    *,
    title: str,
    people: int,
    hold: bool = False,
    series_id: UUID | None = None,
    is_adjusted: bool = False,
    booking_id: UUID | None = None,
    now: datetime,
) -> Booking:
    """A booking that is in no session yet: held, asked for, or booked, as the quote ``found`` has it."""
    booking_id = booking_id or new_id()
    state = BookingState.HELD if hold else BookingState.REQUESTED if found.needs_approval else BookingState.BOOKED
    return Booking(
        id=booking_id,
        place_id=resource.place_id,
        resource_id=resource.id,
        member_id=member.id if member else None,
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


def is_news(booking: Booking, span: Span, people: int) -> bool:
    """Whether a place that answers is asked again for this: the time or the people change."""
    return (booking.starts_at, booking.ends_at, booking.people) != (span.starts_at, span.ends_at, people)


def gives_up(booking: Booking, span: Span, people: int, found: Quote, now: datetime) -> bool:
    """Whether whoever moves it there gives up what the place had accepted, and waits for its answer again."""
    had_it = booking.state == BookingState.BOOKED
    return had_it and found.needs_approval and span.starts_at > now and is_news(booking, span, people)


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
    """Have a booking at another time, priced anew.

    A place that answers is asked again where the time or the people change, unless it does that itself (``by_place``):
    then a booking stays one, and a request still waits for whoever answers it.
    """
    asks = is_news(booking, span, people) and not by_place
    if span.starts_at != booking.starts_at:
        booking.came_at = None
    for name, value in times_of_span(span).items():
        setattr(booking, name, value)
    booking.title, booking.people, booking.is_adjusted = title, people, is_adjusted
    booking.policy, booking.price, booking.at_least = booking.resource.policy, found.price, found.at_least
    booking.payer, booking.home_id = found.payer, found.home_id
    has_begun = span.starts_at <= now  # nobody would answer in time
    if booking.state != BookingState.HELD and asks and not has_begun:
        booking.state = BookingState.REQUESTED if found.needs_approval else BookingState.BOOKED
        booking.answer_by = answer_by(booking, now) if found.needs_approval else None
    elif booking.answer_by is not None:
        booking.answer_by = min(booking.answer_by, booking.starts_at)


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
