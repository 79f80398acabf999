"""A booking that repeats: made, moved and cancelled as a whole, or from one of its dates on (booking.md 4).

All dates are looked at together: one lock, one reading of what is taken and of what somebody has already, however many
they are. What is planned counts for the quotas of what comes after it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, selectinload

from passapp.bookings import service
from passapp.bookings.changing import changed, collide_no_more, ids_of
from passapp.bookings.claims import Takes, choose, lock_resources, overlapping, release, takes_of
from passapp.bookings.guards import is_overlap
from passapp.bookings.lapsing import let_go_of_expired, offer_freed
from passapp.bookings.making import gives_up, new_booking, put, span_of_booking
from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Resource, Series
from passapp.bookings.policies import cancellation_cost, least_once_moved, read_policies
from passapp.bookings.quoting import TAKING, Booker, Had, Quote, booker_of, offer_of, quote_of
from passapp.bookings.rules import (
    FIRST_YEAR,
    LAST_YEAR,
    Flaw,
    Occurrence,
    Payer,
    Repeat,
    Span,
    before_the_gap,
    claimed,
    expand,
    is_too_long,
    may_be_moved_on,
    occurrence_at,
)
from passapp.bookings.rules.policy import LONGEST_AROUND
from passapp.bookings.service import (
    SLOT_TAKEN,
    Wanted,
    check_open,
    check_to_move,
    flaws_of_change,
    lock_to_book,
    member_of,
)
from passapp.bookings.telling import ask_managers, tell_of_series
from passapp.kernel.audit import Actor, record
from passapp.kernel.clock import zone_named
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member

Scope = Literal["following", "all"]
MOST_ROUNDS: Final = 12
"""How often it is looked at again what can still move, once something cannot."""

SERIES_TOO_LONG = ProblemType(
    "series_too_long",
    422,
    en="A series has at most 366 dates, within 24 months: end it earlier.",
    fr="Une série a 366 dates au plus, sur 24 mois : finissez-la plus tôt.",
)
SERIES_EMPTY = ProblemType(
    "series_empty",
    422,
    en="There is no date in this series: it ends before it begins. Change its end.",
    fr="Cette série n'a aucune date : elle finit avant de commencer. Changez sa fin.",
)
NOT_A_SERIES = ProblemType(
    "not_a_series",
    409,
    en="This booking does not repeat: change it alone.",
    fr="Cette réservation ne se répète pas : changez-la seule.",
)


class Outcome(StrEnum):
    """What becomes of a date; ``free``: nothing yet, it was only asked."""

    BOOKED = "booked"
    REQUESTED = "requested"
    CANCELLED = "cancelled"
    FREE = "free"
    TAKEN = "taken"
    NOT_BOOKABLE = "not_bookable"
    UNRESOLVABLE = "unresolvable"


@dataclass
class Planned:
    """A date of a series. ``booking``: what stands there now; ``cost``: its price, or what cancelling it cost."""

    occurrence: Occurrence
    outcome: Outcome = Outcome.UNRESOLVABLE
    flaws: tuple[Flaw, ...] = ()
    found: Quote | None = None
    claims: list[Claim] = field(default_factory=list)
    booking: Booking | None = None
    cost: int = 0
    gives_up: bool = False
    at_least: int = 0


@dataclass(frozen=True)
class Result:
    """What came of it. ``is_done``: not where it was only asked, or some dates cannot be had and all were wanted."""

    planned: Sequence[Planned]
    is_done: bool
    series: Series | None = None


def make_series(
    session: Session,
    resource: Resource,
    member: Member,
    wanted: Wanted,
    repeat: Repeat,
    *,
    skip: bool,
    dry_run: bool,
    now: datetime,
    actor: Actor,
) -> Result:
    """Book every date; ``skip``: those that can be had, if there are any. Raises ``series_too_long``, ``series_empty``.

    ``wanted`` is the first date.
    """
    first, zone = wanted.span, zone_named(resource.place.zone)
    if is_too_long(first.local_start, repeat):
        raise SERIES_TOO_LONG.error()
    occurrences = expand(first.local_start, first.local_end, repeat, zone)
    if not occurrences:
        raise SERIES_EMPTY.error()
    if occurrences[0].local_start == first.local_start:  # of an hour that the clocks repeat, the one that was said
        occurrences[0] = replace(occurrences[0], span=first, is_adjusted=False)
    if not dry_run:
        lock_to_book(session, resource, member)
    takes = takes_of(session, resource)
    if not dry_run:
        let_go_of_expired(session, takes.concerned, now)
    planned = [Planned(each) for each in occurrences]
    _plan(session, resource, takes, member, planned, wanted.people, now)
    good = [each for each in planned if each.outcome is Outcome.FREE]
    if dry_run or not good or (len(good) < len(planned) and not skip):
        return Result(planned, is_done=False)
    series = Series(resource_id=resource.id, member_id=member.id, repeat=_document(repeat, first), made_at=now)
    session.add(series)
    session.flush()
    for each in good:
        assert each.found is not None and each.occurrence.span is not None  # noqa: PT018, S101  (it is free)
        each.booking = new_booking(
            resource,
            member,
            each.occurrence.span,
            each.found,
            title=wanted.title,
            people=wanted.people,
            series_id=series.id,
            is_adjusted=each.occurrence.is_adjusted,
            now=now,
        )
        session.add(each.booking)
    _settle(session, good)
    record(session, actor, now, "series.make", ("series", series.id), place_id=resource.place_id, count=len(good))
    _tell(session, good, "booked", now)
    return Result(planned, is_done=True, series=series)


def move_series(
    session: Session,
    anchor: Booking,
    wanted: Wanted,
    scope: Scope,
    *,
    skip: bool,
    dry_run: bool,
    by_place: bool,
    now: datetime,
    actor: Actor,
) -> Result:
    """Move the dates of a series as one of them, ``anchor``, moves on the wall; ``skip``: what cannot stays as it was.

    A date that was moved alone keeps its difference. Raises ``not_a_series``, ``booking_over``.
    """
    check_open(anchor, now)
    resource, member = anchor.resource, member_of(anchor)
    takes = takes_of(session, resource)
    if not dry_run:
        _lock_dates(session, anchor, scope, now, {resource.id, *takes.concerned})
    bookings = _dates(session, anchor, scope, now)
    check_to_move(anchor, now)
    _policies = read_policies(session, bookings)
    if not dry_run:
        lock_to_book(session, resource, member)
        let_go_of_expired(session, takes.concerned, now)
    planned = [
        Planned(occurrence, booking=booking)
        for booking, occurrence in zip(bookings, _moved(bookings, anchor, wanted), strict=True)
    ]
    moving = good = planned
    for _ in range(MOST_ROUNDS):
        # What cannot move stays, and takes its room: whatever wanted that cannot move either.
        _plan(session, resource, takes, member, moving, wanted.people, now, by_place=by_place)
        good = [each for each in moving if each.outcome is Outcome.FREE]
        if len(good) == len(moving) or not skip:
            break
        moving = good
    else:  # each that stays takes the room of the next: nobody waits for us to follow that to its end
        for each in good:
            each.outcome = Outcome.TAKEN
        return Result(planned, is_done=False)
    if dry_run or not good or len(good) < len(moving):
        return Result(planned, is_done=False)
    was = {each for booking in bookings for each in ids_of(booking)}
    claims = [claim for each in good if each.booking for claim in each.booking.claims if claim.released_at is None]
    release(session, claims, now)
    for each in good:
        assert each.booking is not None and each.found is not None and each.occurrence.span is not None  # noqa: PT018, S101
        put(
            each.booking,
            each.occurrence.span,
            each.found,
            title=wanted.title,
            people=wanted.people,
            by_place=by_place,
            is_adjusted=each.occurrence.is_adjusted,
            now=now,
        )
        changed(session, each.booking, now)
    _settle(session, good)
    collide_no_more(session, claims, [claim for each in good for claim in each.claims])
    count = {"scope": scope, "count": len(good)}
    record(session, actor, now, "series.move", ("series", anchor.series_id), place_id=anchor.place_id, **count)
    _tell(session, good, "moved", now)
    offer_freed(session, was, now)
    return Result(planned, is_done=True)


def cancel_series(
    session: Session,
    anchor: Booking,
    scope: Scope,
    *,
    reason: str | None,
    dry_run: bool,
    by_place: bool,
    now: datetime,
    actor: Actor,
) -> Result:
    """Cancel the dates of a series that are to come; each costs what its policy says, nothing where the place does it.

    Raises ``not_a_series``, ``booking_over``, ``booking_has_begun``.
    """
    check_open(anchor, now)
    if not dry_run:
        _lock_dates(session, anchor, scope, now)
    bookings = _dates(session, anchor, scope, now)
    check_open(anchor, now)
    if anchor not in bookings:  # a request that nobody answered in time can still be taken back
        bookings.insert(0, anchor)
    if anchor.starts_at <= now and not by_place:
        bookings.remove(anchor)
    if not bookings:
        raise service.BOOKING_HAS_BEGUN.error()
    planned, _policies = [], read_policies(session, bookings)
    for booking in bookings:
        span = span_of_booking(booking)
        each = Planned(Occurrence(span.local_start, span.local_end, span, booking.is_adjusted), booking=booking)
        each.outcome = Outcome.FREE if dry_run else Outcome.CANCELLED
        each.cost = 0 if by_place else cancellation_cost(session, booking, now)
        planned.append(each)
    if dry_run:
        return Result(planned, is_done=False)
    for booking, each in zip(bookings, planned, strict=True):
        booking.state, booking.reason, booking.fee = BookingState.CANCELLED, reason, each.cost
        booking.ended_at, booking.changed_at, booking.sequence = now, now, booking.sequence + 1
    release(session, [claim for booking in bookings for claim in booking.claims], now)
    detail = {"scope": scope, "count": len(bookings), "by_place": by_place}
    record(session, actor, now, "series.cancel", ("series", anchor.series_id), place_id=anchor.place_id, **detail)
    tell_of_series(session, bookings[0], "cancelled_by_place" if by_place else "cancelled", now)
    offer_freed(session, {each for booking in bookings for each in ids_of(booking)}, now)
    return Result(planned, is_done=True)


def _dates(session: Session, anchor: Booking, scope: Scope, now: datetime) -> list[Booking]:
    """What is to change, ``anchor`` too, the first one first, as it stands now. Raises ``not_a_series``."""
    if anchor.series_id is None:
        raise NOT_A_SERIES.error()
    query = select(Booking).where(
        Booking.series_id == anchor.series_id,
        Booking.state.in_(TAKING),
        (Booking.state != BookingState.REQUESTED) | (Booking.answer_by > now),
        (Booking.starts_at > now) | (Booking.id == anchor.id),
    )
    if scope == "following":
        query = query.where(Booking.starts_at >= anchor.starts_at)
    query = query.order_by(Booking.starts_at, Booking.id).options(selectinload(Booking.claims))
    found = list(session.scalars(query.execution_options(populate_existing=True)))
    if anchor not in found:  # it ended while we waited
        session.refresh(anchor)
    return found


def _lock_dates(session: Session, anchor: Booking, scope: Scope, now: datetime, ids: Collection[int] = ()) -> None:
    """Have what is to change to ourselves, and these resources, before it is read."""
    lock_resources(
        session, {*ids, *(each for booking in _dates(session, anchor, scope, now) for each in ids_of(booking))}
    )


def _moved(bookings: Iterable[Booking], anchor: Booking, wanted: Wanted) -> list[Occurrence]:
    """Where each comes to be, as far from where it is, on the wall, as ``anchor`` goes. Raises ``series_too_long``."""
    zone, to = zone_named(anchor.zone), wanted.span
    regular = (b for b in (anchor, *bookings) if not b.is_adjusted and not may_be_moved_on(b.local_end, zone))
    lasts = next((booking.local_end - booking.local_start for booking in regular), None)

    def asked(booking: Booking) -> tuple[datetime, datetime]:
        """What was asked for, where the clocks left out the start or the end."""
        begins, ends = booking.local_start, booking.local_end
        if lasts is None:
            return begins, ends
        if booking.is_adjusted:
            begins = before_the_gap(begins, zone)
            return begins, begins + lasts
        was_moved_on = may_be_moved_on(ends, zone) and begins + lasts == before_the_gap(ends, zone)
        return begins, begins + lasts if was_moved_on else ends

    begins, ends = asked(anchor)
    by_start = timedelta() if to.local_start == anchor.local_start else to.local_start - begins
    by_end = timedelta() if to.local_end == anchor.local_end else to.local_end - ends
    stays = to == span_of_booking(anchor)
    found = []
    for booking in bookings:
        begins, ends = asked(booking)
        if booking is anchor or stays:
            span = to if booking is anchor else span_of_booking(booking)
            found.append(Occurrence(span.local_start, span.local_end, span, booking.is_adjusted and stays))
        else:
            found.append(occurrence_at(begins + by_start, ends + by_end, zone))
    if not all(FIRST_YEAR <= each.local_start.year <= LAST_YEAR for each in found):
        raise SERIES_TOO_LONG.error()
    return found


def _plan(
    session: Session,
    resource: Resource,
    takes: Takes,
    member: Member,
    planned: Sequence[Planned],
    people: int,
    now: datetime,
    *,
    by_place: bool = False,
) -> None:
    """Say of each date what would become of it; those of bookings that move are not in their own way."""
    spans = [each.occurrence.span for each in planned if each.occurrence.span is not None]
    if not spans:
        return
    besides = {each.booking.id for each in planned if each.booking is not None}
    booker = booker_of(session, member, spans, now=now, besides=besides)
    offer, around = offer_of(session, resource), timedelta(minutes=LONGEST_AROUND)
    first, last = min(each.starts_at for each in spans) - around, max(each.ends_at for each in spans) + around
    claims = [
        claim
        for claim in overlapping(session, takes.concerned, first, last, now)
        if claim.booking_id is None or claim.booking_id not in besides
    ]
    for each in planned:
        span = each.occurrence.span
        if span is None:
            continue
        booking = each.booking
        at_least = 0 if booking is None else least_once_moved(session, booking, span, people, now, by_place=by_place)
        each.found = quote_of(booker, offer, span, people=people, now=now, at_least=at_least)
        each.cost, each.at_least = each.found.price, at_least
        each.gives_up = booking is not None and not by_place and gives_up(booking, span, people, each.found, now)
        each.flaws = (
            each.found.flaws if booking is None else flaws_of_change(each.found, booking, span, now, by_place=by_place)
        )
        between = claimed(span, each.found.policy)
        chosen = None if each.flaws else choose(takes, claims, *between)
        if chosen is None:
            each.outcome = Outcome.NOT_BOOKABLE if each.flaws else Outcome.TAKEN
            continue
        each.outcome = Outcome.FREE
        fields = {"kind": ClaimKind.BOOKING, "starts_at": between[0], "ends_at": between[1]}
        each.claims = [Claim(resource_id=resource_id, **fields) for resource_id in chosen]
        claims += each.claims
        booker = _with(booker, resource, each.found, each.occurrence)


def _with(booker: Booker, resource: Resource, found: Quote, occurrence: Occurrence) -> Booker:
    """Whoever asks, once they have that as well."""
    span = occurrence.span
    assert span is not None  # noqa: S101  (it is free)
    by = found.home_id if found.payer is Payer.HOME else None
    had = Had(resource.id, span.starts_at, span.ends_at, span.local_start, True, found.price, by)  # noqa: FBT003
    return replace(booker, had=(*booker.had, had))


def _settle(session: Session, good: Iterable[Planned]) -> None:
    """Have what was planned taken."""
    session.flush()
    for each in good:
        assert each.booking is not None  # noqa: S101
        each.outcome = Outcome(each.booking.state)
        for claim in each.claims:
            claim.booking, claim.expires_at = each.booking, each.booking.answer_by
            session.add(claim)
    try:
        session.flush()
    except DBAPIError as error:
        # Nobody gets here but past the lock; the guard has the last word all the same.
        if is_overlap(error):
            raise SLOT_TAKEN.error() from error
        raise


def _tell(session: Session, good: Sequence[Planned], news: Literal["booked", "moved"], now: datetime) -> None:
    """One mail for all of it, and one to those who answer: their answer is for all that wait."""
    bookings = [each.booking for each in good if each.booking is not None]
    asked = [booking for booking in bookings if booking.state == BookingState.REQUESTED]
    tell_of_series(session, bookings[0], "requested" if asked else news, now)
    if asked:
        ask_managers(session, asked[0], now)


def _document(repeat: Repeat, first: Span) -> dict[str, object]:
    """The rule with the wall times of its first date: an invitation repeats from there."""
    until = repeat.until.isoformat() if repeat.until else None
    times = {"start": first.local_start.isoformat(), "end": first.local_end.isoformat()}
    return asdict(repeat) | {"every": repeat.every.value, "until": until, "weekdays": sorted(repeat.weekdays)} | times
