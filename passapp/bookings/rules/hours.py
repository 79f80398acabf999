"""Whether a booking lies within the opening hours of its place (booking.md 5)."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from passapp.bookings.rules.times import Span
from passapp.places.rules import Day


def lies_within(span: Span, days: Collection[Day]) -> bool:
    """Whether the place is open all along, on the wall. ``days``: from the day before the start to that of the end.

    Hours that touch are one, across midnight too.
    """
    until = span.local_end
    if until <= span.local_start:  # within an hour that the clocks show twice
        until = span.local_start + (span.ends_at - span.starts_at)
    reached = span.local_start
    for begins, ends in sorted(_openings(days)):
        if begins <= reached < ends:
            reached = ends
    return reached >= until


def _openings(days: Collection[Day]) -> list[tuple[datetime, datetime]]:
    return [
        (midnight + timedelta(minutes=opening.opens), midnight + timedelta(minutes=opening.closes))
        for day in days
        for midnight in [datetime.combine(day.day, time())]
        for opening in day.openings
    ]
