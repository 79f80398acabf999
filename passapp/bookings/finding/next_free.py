"""When a resource that is taken is free next, for whoever wanted it (booking.md 13)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from passapp.bookings.claims import choose, overlapping, takes_of
from passapp.bookings.models import Booking, Resource
from passapp.bookings.quoting import booker_of, offer_of, quote_of
from passapp.bookings.rules import Policy, Span, claimed, span_between
from passapp.kernel.clock import zone_named
from passapp.kernel.wall_time import opening_instant
from passapp.members.models import Member

LOOKED_AHEAD: Final = timedelta(days=14)
MOST_TRIES: Final = 300


def is_free(
    session: Session, resource: Resource, span: Span, policy: Policy, now: datetime, *, besides: Booking | None = None
) -> bool:
    """Whether nothing but ``besides`` is in the way of a booking of this span, set-up and tear-down included."""
    takes = takes_of(session, resource)
    starts_at, ends_at = claimed(span, policy)
    claims = overlapping(session, takes.concerned, starts_at, ends_at, now)
    others = [claim for claim in claims if besides is None or claim.booking_id != besides.id]
    return choose(takes, others, starts_at, ends_at) is not None


def next_free(
    session: Session, resource: Resource, member: Member, span: Span, *, people: int, now: datetime
) -> Span | None:
    """The next time of the same length at which this member could book it, within two weeks; None: there is none."""
    offer, takes = offer_of(session, resource), takes_of(session, resource)
    until = span.starts_at + LOOKED_AHEAD
    begins, ends = claimed(Span(span.starts_at, until, span.local_start, span.local_end), offer.policy)
    claims = overlapping(session, takes.concerned, begins, ends, now)
    lasts, clocks = span.ends_at - span.starts_at, zone_named(resource.place.zone)
    tried = [span_between(at, at + lasts, clocks) for at in (span.starts_at, until)]
    booker = booker_of(session, member, tried, now=now)
    week = offer.week.between(span.local_start.date(), tried[1].local_start.date())
    openings = [opening_instant(day.day, each.opens, clocks) for day in week for each in day.openings]
    ended = [claim.ends_at + timedelta(minutes=offer.policy.set_up) for claim in claims]
    for at in islice(_later(span.starts_at, until, [*openings, *ended]), MOST_TRIES):
        begin = _on_the_grid(at, offer.policy, clocks)
        found = span_between(begin, begin + lasts, clocks)
        if choose(takes, claims, *claimed(found, offer.policy)) is None:
            continue
        if not quote_of(booker, offer, found, people=people, now=now).flaws:
            return found
    return None


def _later(after: datetime, until: datetime, instants: Iterable[datetime]) -> Iterator[datetime]:
    return iter(sorted({at for at in instants if after < at < until}))


def _on_the_grid(at: datetime, policy: Policy, clocks: ZoneInfo) -> datetime:
    """The first instant from ``at`` on at which the place's clocks show a time of the grid."""
    local = at.astimezone(clocks)
    beyond = (local.hour * 60 + local.minute) % policy.grid
    return at if not beyond else at + timedelta(minutes=policy.grid - beyond)
