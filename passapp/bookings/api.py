"""Routes of bookings, for whom they are and for those who receive at their place."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import Field
from sqlalchemy import Select, and_, select, tuple_
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller, CallerDep, Role, allow
from passapp.bookings import service
from passapp.bookings.calendars.external_api import READ_ELSEWHERE_FIRST
from passapp.bookings.fields import (
    AMBIGUOUS_LOCAL_TIME,
    NONEXISTENT_LOCAL_TIME,
    Moment,
    People,
    ResourceId,
    ResourceIdPath,
    Title,
    span_of,
)
from passapp.bookings.finding.instead import refusing_well
from passapp.bookings.finding.next_free import is_free, next_free
from passapp.bookings.idempotency import IDEMPOTENCY_MISMATCH, KeyHeader, remembered
from passapp.bookings.making import answer_by, gives_up, span_of_booking
from passapp.bookings.models import Booking, BookingState
from passapp.bookings.policies import least_once_moved
from passapp.bookings.quoting import quote
from passapp.bookings.rules import Span, cancellation_terms
from passapp.bookings.said import MEMBERS_ONLY, NOT_BOOKABLE, FlawShown, show_flaw
from passapp.bookings.service import BOOKING_UNKNOWN, Wanted, flaws_of_change, get_resource
from passapp.bookings.shown import (
    BookingShown,
    FreeTime,
    NamedPlace,
    Times,
    free_time,
    show_booking,
    show_bookings,
    times_of,
)
from passapp.kernel.api import Body, NowDep, Optional, Sentence, Shown, VersionDep, check_version, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.paging import INVALID_CURSOR, Cursor, Limit, Page
from passapp.kernel.problems import STALE, VERSION_REQUIRED, language_of, may_answer
from passapp.members.models import Member
from passapp.members.service import MEMBER_UNKNOWN, member_of_account
from passapp.places.models import Place

router = APIRouter(tags=["bookings"])

RECEIVE = (Role.MANAGER, Role.HOST)
THEIRS = (Role.MEMBER, Role.COORDINATOR, *RECEIVE)
"""Whoever a booking is for, and those who receive at its place."""
TIMES = (NONEXISTENT_LOCAL_TIME, AMBIGUOUS_LOCAL_TIME)


class TimesWanted(Body):
    """When, and for how many people."""

    start: Moment = Field(description="RFC 3339; without an offset, on the place's wall.")
    end: Moment
    people: People = 1

    def span(self, zone: str) -> Span:
        """When, at a place with these clocks. Raises ``nonexistent_local_time``, ``ambiguous_local_time``."""
        return span_of(self.start, self.end, zone)


class QuoteWanted(TimesWanted):
    """What to ask the price of. `booking_id`: a booking of mine in that room, which would move there."""

    booking_id: Annotated[UUID | None, Optional] = None


class BookingChange(TimesWanted):
    """A booking at another time, or longer, for other people, under another title; whole."""

    title: Title

    def wanted(self, zone: str) -> Wanted:
        """The same, at a place with these clocks. Raises ``nonexistent_local_time``, ``ambiguous_local_time``."""
        return Wanted(self.span(zone), self.title, self.people)


class BookingWanted(BookingChange):
    """What to book. `hold`: only keep it, for ten minutes; confirm it by then."""

    resource_id: ResourceId
    hold: bool = False


class Cancellation(Body):
    """Why it is cancelled, for whoever is told."""

    reason: Annotated[Sentence | None, Optional] = Field(default=None, examples=["Empêchée"])


class CancellationTerm(Shown):
    """Until then cancelling costs so much, in cents; null: from the one before on."""

    until: datetime | None
    fee: int


class QuoteShown(Times):
    """What a booking would be. `problems`: why it may not be, all at once; `is_free`: nobody has it then."""

    price: int = Field(description="Cents.")
    payer: Literal["member", "home"] = Field(description="Who pays the host: the member, on the spot; or their home.")
    home: NamedPlace | None
    at_least: int = Field(
        description="What the booking that moves comes to at least: what cancelling it costs, before it moves."
    )
    needs_approval: bool
    gives_up: bool = Field(
        description="The booking that would move was accepted: moving it gives that up at once, whatever is answered."
    )
    answer_by: datetime | None = Field(description="Until when the place answers, where it is asked.")
    cancellation: list[CancellationTerm]
    problems: list[FlawShown]
    is_free: bool
    next_free: FreeTime | None = Field(description="Where it is taken: when it is free next, within two weeks.")


@router.post(
    "/resources/{resource_id}/quote",
    operation_id="quote_booking",
    dependencies=allow(Role.MEMBER, refusal=MEMBERS_ONLY),
    responses=may_answer(service.RESOURCE_UNKNOWN, MEMBER_UNKNOWN, MEMBERS_ONLY, BOOKING_UNKNOWN, *TIMES),
)
def quote_booking(
    resource_id: ResourceIdPath,
    body: QuoteWanted,
    request: Request,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> QuoteShown:
    """What it would cost me then, who pays, until when I may cancel, and everything that speaks against it."""
    resource = get_resource(session, resource_id)
    member = member_of_account(session, caller.account_id)
    span = body.span(resource.place.zone)
    moving, at_least = None, 0
    if body.booking_id is not None:
        moving, by_place = booking_for(session, body.booking_id, caller)
        if by_place or moving.resource_id != resource.id:
            raise BOOKING_UNKNOWN.error()
        at_least = least_once_moved(session, moving, span, body.people, now, by_place=False)
    found = quote(session, resource, member, span, people=body.people, now=now, besides=moving, at_least=at_least)
    flaws = flaws_of_change(found, moving, span, now, by_place=False) if moving else found.flaws
    free = span.ends_at > span.starts_at and is_free(session, resource, span, found.policy, now, besides=moving)
    is_taken = not free and not flaws
    later = next_free(session, resource, member, span, people=body.people, now=now) if is_taken else None
    terms = cancellation_terms(found.price, span.starts_at, found.policy, now, at_least=at_least)
    home = session.get(Place, found.home_id) if found.home_id else None
    return QuoteShown(
        **times_of(span.starts_at, span.ends_at, span.local_start, span.local_end, resource.place.zone),
        price=found.price,
        at_least=at_least,
        payer=found.payer.value,
        home=NamedPlace.model_validate(home) if home else None,
        needs_approval=found.needs_approval,
        gives_up=moving is not None and gives_up(moving, span, body.people, found, now),
        answer_by=answer_by(span, now) if found.needs_approval else None,
        cancellation=[CancellationTerm(until=until, fee=fee) for until, fee in terms],
        problems=[show_flaw(flaw, language_of(request)) for flaw in flaws],
        is_free=free,
        next_free=free_time(later, resource.place.zone) if later else None,
    )


@router.post(
    "/bookings",
    operation_id="book",
    dependencies=[READ_ELSEWHERE_FIRST, *allow(Role.MEMBER, refusal=MEMBERS_ONLY)],
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        service.RESOURCE_UNKNOWN,
        MEMBER_UNKNOWN,
        MEMBERS_ONLY,
        service.SLOT_TAKEN,
        NOT_BOOKABLE,
        IDEMPOTENCY_MISMATCH,
        *TIMES,
    ),
)
def book(
    body: BookingWanted,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    idempotency_key: KeyHeader = None,
) -> BookingShown:
    """Book, or ask the place where it wants that (`requested`), or keep it for ten minutes (`hold`).

    The mail and the page say how to get in. Taken meanwhile: when it is free next, and what else is free then.
    """
    member = member_of_account(session, caller.account_id)
    assert caller.account_id is not None  # noqa: S101  (a member signs in with an account)
    kept = remembered(session, caller.account_id, idempotency_key, "book", body, now=now)
    if kept is not None and kept.booking_id is not None:
        booking = session.get_one(Booking, kept.booking_id)
    else:
        resource = get_resource(session, body.resource_id)
        wanted = body.wanted(resource.place.zone)
        with refusing_well(request, session, resource.id, member.id, wanted, now=now):
            booking = service.book(session, resource, member, wanted, hold=body.hold, now=now, actor=caller.actor)
        if kept is not None:
            kept.booking_id = booking.id
    response.headers["Location"] = f"/api/v1/bookings/{booking.id}"
    return _show(session, response, booking, now, by_place=False)


@router.get(
    "/me/bookings",
    operation_id="list_my_bookings",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(MEMBER_UNKNOWN, INVALID_CURSOR),
)
def list_my_bookings(
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    *,
    past: Annotated[bool, Query(description="Those that are over or off, the newest first.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BookingShown]:
    """My bookings to come, the next one first; or the past ones."""
    member = member_of_account(session, caller.account_id)
    takes_room = Booking.state.in_([state for state in BookingState if state.takes_room])
    stands = and_(takes_room, Booking.ends_at > now)
    query = select(Booking).where(Booking.member_id == member.id, ~stands if past else stands)
    rows = _page(session, query, member, newest_first=past, cursor=cursor, limit=limit + 1)
    items = show_bookings(session, rows[:limit], now, by_place=False)
    return Page(items=items, next=items[-1].id if len(rows) > limit else None)


def _page(
    session: Session, query: Select[Booking], member: Member, *, newest_first: bool, cursor: UUID | None, limit: int
) -> Sequence[Booking]:
    key = tuple_(Booking.starts_at, Booking.id)
    if cursor is not None:
        last = session.get(Booking, cursor)
        if last is None or last.member_id != member.id:
            raise INVALID_CURSOR.error()
        after = tuple_(last.starts_at, last.id)
        query = query.where(key < after if newest_first else key > after)
    order = (Booking.starts_at.desc(), Booking.id.desc()) if newest_first else (Booking.starts_at, Booking.id)
    return session.scalars(query.order_by(*order).limit(limit)).all()


@router.get(
    "/bookings/{booking_id}",
    operation_id="get_booking",
    dependencies=allow(*THEIRS),
    responses=may_answer(BOOKING_UNKNOWN),
)
def get_booking(
    booking_id: UUID, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> BookingShown:
    """A booking of mine, or at the place where I receive."""
    booking, by_place = booking_for(session, booking_id, caller)
    return _show(session, response, booking, now, by_place=by_place)


@router.post(
    "/bookings/{booking_id}/confirm",
    operation_id="confirm_booking",
    dependencies=[READ_ELSEWHERE_FIRST, *allow(Role.MEMBER)],
    responses=may_answer(BOOKING_UNKNOWN, service.HOLD_EXPIRED, service.BOOKING_OVER, service.SLOT_TAKEN, NOT_BOOKABLE),
)
def confirm_booking(
    booking_id: UUID, request: Request, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> BookingShown:
    """Make what was kept a booking, or a request where the place answers. Again: nothing changes.

    Where it is also managed elsewhere, it may have been taken there meanwhile (`slot_taken`). Where the place closes
    then, or I may not book there any more, it is refused (`not_bookable`).
    """
    booking, by_place = booking_for(session, booking_id, caller)
    if by_place:  # it would bind, and cost, somebody else
        raise BOOKING_UNKNOWN.error()
    wanted = Wanted(span_of_booking(booking), booking.title, booking.people)
    with refusing_well(request, session, booking.resource_id, booking.member_id, wanted, now=now):
        service.confirm(session, booking, now=now, actor=caller.actor)
    return _show(session, response, booking, now, by_place=by_place)


@router.put(
    "/bookings/{booking_id}",
    operation_id="change_booking",
    dependencies=[READ_ELSEWHERE_FIRST, *allow(*THEIRS)],
    responses=may_answer(
        BOOKING_UNKNOWN,
        service.BOOKING_OVER,
        service.HOLD_EXPIRED,
        service.SLOT_TAKEN,
        NOT_BOOKABLE,
        STALE,
        VERSION_REQUIRED,
        *TIMES,
    ),
)
def change_booking(
    booking_id: UUID,
    body: BookingChange,
    version: VersionDep,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> BookingShown:
    """Move or extend a booking, priced anew; a place that answers is asked again, unless it changes it itself."""
    booking, by_place = booking_for(session, booking_id, caller)
    check_version(booking, version)
    wanted = body.wanted(booking.zone)
    with refusing_well(request, session, booking.resource_id, booking.member_id, wanted, now=now):
        service.move(session, booking, wanted, by_place=by_place, now=now, actor=caller.actor)
    return _show(session, response, booking, now, by_place=by_place)


@router.post(
    "/bookings/{booking_id}/cancel",
    operation_id="cancel_booking",
    dependencies=allow(*THEIRS),
    responses=may_answer(BOOKING_UNKNOWN, service.BOOKING_OVER, service.BOOKING_HAS_BEGUN, STALE, VERSION_REQUIRED),
)
def cancel_booking(
    booking_id: UUID,
    body: Cancellation,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> BookingShown:
    """Cancel a booking: it costs what `cancel_costs` says, and nothing where its place does it."""
    booking, by_place = booking_for(session, booking_id, caller)
    check_version(booking, version)
    service.cancel(session, booking, reason=body.reason, by_place=by_place, now=now, actor=caller.actor)
    return _show(session, response, booking, now, by_place=by_place)


@router.post(
    "/bookings/{booking_id}/end-early",
    operation_id="end_booking_early",
    dependencies=allow(*THEIRS),
    responses=may_answer(BOOKING_UNKNOWN, service.BOOKING_OVER, service.BOOKING_NOT_NOW, STALE, VERSION_REQUIRED),
)
def end_booking_early(
    booking_id: UUID, version: VersionDep, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> BookingShown:
    """Leave before its end: others may book it from now on. The price stays."""
    return _do(session, response, booking_id, caller, now, service.end_early, version=version)


@router.post(
    "/bookings/{booking_id}/check-in",
    operation_id="check_in_to_booking",
    dependencies=allow(*THEIRS),
    responses=may_answer(BOOKING_UNKNOWN, service.BOOKING_OVER, service.BOOKING_NOT_NOW),
)
def check_in_to_booking(
    booking_id: UUID, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> BookingShown:
    """Say that I am there, or that they are, from 15 minutes before its start: otherwise others get it."""
    return _do(session, response, booking_id, caller, now, service.come)


def booking_for(session: Session, booking_id: UUID, caller: Caller) -> tuple[Booking, bool]:
    """A booking that is for whoever calls, or at a place where they receive (then the second is true).

    Raises ``booking_unknown``: others are not told that there is one.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise BOOKING_UNKNOWN.error()
    if caller.account_id is not None and booking.member is not None and booking.member.account_id == caller.account_id:
        return booking, False
    if caller.has(Role.COORDINATOR) or booking.place_id in caller.places(*RECEIVE):
        return booking, True
    raise BOOKING_UNKNOWN.error()


def _do(
    session: Session,
    response: Response,
    booking_id: UUID,
    caller: Caller,
    now: datetime,
    deed: Callable[..., Booking],
    *,
    version: int | None = None,
) -> BookingShown:
    booking, by_place = booking_for(session, booking_id, caller)
    if version is not None:
        check_version(booking, version)
    deed(session, booking, now=now, actor=caller.actor)
    return _show(session, response, booking, now, by_place=by_place)


def _show(session: Session, response: Response, booking: Booking, now: datetime, *, by_place: bool) -> BookingShown:
    session.flush()
    show_version(response, booking.version)
    return show_booking(session, booking, now, by_place=by_place)
