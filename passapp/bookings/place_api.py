"""Routes of a place's bookings: what is booked there, and the requests that it answers."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from passapp.accounts.access import CallerDep, Role, allow, allow_anyone
from passapp.bookings import answers, service
from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Closure, Resource, Series
from passapp.bookings.rules import MOST_OCCURRENCES, span_between
from passapp.bookings.service import BOOKING_UNKNOWN
from passapp.bookings.shown import BookedFor, BookingShown, Times, booked_for, show_booking, show_bookings, times_of
from passapp.kernel.api import Body, Day, NowDep, Optional, Sentence, Shown, VersionDep, show_version
from passapp.kernel.clock import zone_named
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import TOO_MANY_TRIES, limited
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.kernel.wall_time import MINUTES_A_DAY, opening_instant
from passapp.places.models import Place
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["bookings"])

MOST_DAYS = 31
MOST_VERSIONS = 2**31 - 1
SEEN = (BookingState.HELD, BookingState.REQUESTED, BookingState.BOOKED, BookingState.NO_SHOW)


class NamedResource(Shown):
    """A resource, by its name."""

    id: int
    name: str


class Bookings(Shown):
    """Bookings of a place, the first one first."""

    items: list[BookingShown]


class Unavailable(Times):
    """A time at which nothing is booked, because it is closed (`reason`), or taken in another tool's calendar."""

    why: Literal["closed", "elsewhere"]
    resource: NamedResource | None = Field(description="What is; null: all of the place.")
    reason: str | None = Field(examples=["Travaux"])


class Week(Bookings):
    """Bookings of a place on some dates, and what cannot be booked then; each in the order of their starts."""

    unavailable: list[Unavailable]


class RepeatShown(Shown):
    """How a series repeats."""

    every: Literal["day", "week", "month"]
    interval: int = Field(description="2: every other one.")
    weekdays: list[int] = Field(description="Of a week, Monday is 0; none: that of the first date.")
    by_weekday: bool = Field(description="Of a month: the same weekday of it, its second Tuesday, say.")


class SeriesAsked(Shown):
    """A series of which dates wait for an answer."""

    id: UUID
    repeat: RepeatShown


class Requests(Bookings):
    """The requests that wait; those with a `series_id` can be answered together."""

    series: list[SeriesAsked]


class Seen(Body):
    """A request as it was looked at."""

    id: UUID
    version: int = Field(ge=1, le=MOST_VERSIONS)


class Answer(Body):
    """A place's answer to a request; `reason` is told to whoever asked."""

    accept: bool
    reason: Annotated[Sentence | None, Optional] = Field(default=None, examples=["La salle est en travaux."])


class AnswerWanted(Answer):
    """A place's answer to a request, and to others of the same series with it."""

    others: list[Seen] = Field(default=[], max_length=MOST_OCCURRENCES, description="Answered alike: all or none.")


class AnswerSecret(Body):
    """The secret of a link in a manager's mail."""

    token: str = Field(min_length=1, max_length=200, examples=["nB8q…"])


class AnswerByLink(Answer, AnswerSecret):
    """An answer by the link in a mail."""

    seen: list[Seen] = Field(min_length=1, max_length=MOST_OCCURRENCES, description="Every date, as it was looked at.")


class AskedDate(Times):
    """A date that is asked for; `version`: as it is now, to answer it as it was looked at."""

    id: UUID
    version: int


class Asked(Times):
    """What a request asks for, of a series on all of its `dates`: the answer is for all. `price`, of all, in cents."""

    model_config = ConfigDict(populate_by_name=True)

    place: str
    resource: str
    title: str
    people: int
    price: int
    for_: BookedFor | None = Field(alias="for")
    answer_by: datetime | None
    repeat: RepeatShown | None = Field(description="How it repeats, where it does.")
    dates: list[AskedDate]


class Answered(Shown):
    """How a request stands now."""

    state: str = Field(examples=["booked"], description="`booked` or `rejected`.")


@router.get(
    "/places/{place_id}/bookings",
    operation_id="list_bookings_of_place",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER, Role.HOST),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_bookings_of_place(
    place_id: UUID,
    session: SessionDep,
    now: NowDep,
    first: Annotated[Day, Query(alias="from", description="First date, at the place.")],
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
) -> Week:
    """What is booked, held or asked for at a place on these dates, where nobody came, and what cannot be booked."""
    place = get_place(session, place_id)
    last = first + timedelta(days=days - 1)
    query = select(Booking).where(
        Booking.place_id == place.id,
        Booking.state.in_(SEEN),
        Booking.local_start < datetime.combine(last, time.max),
        Booking.local_end > datetime.combine(first, time()),
    )
    return Week(items=_list(session, query, now).items, unavailable=_unavailable(session, place, first, last))


@router.get(
    "/places/{place_id}/booking-requests",
    operation_id="list_booking_requests",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_booking_requests(place_id: UUID, session: SessionDep, now: NowDep) -> Requests:
    """The requests that wait for a place's answer, the first one first; and how those of a series repeat."""
    place = get_place(session, place_id)
    waits = (Booking.state == BookingState.REQUESTED, Booking.answer_by > now)
    items = _list(session, select(Booking).where(Booking.place_id == place.id, *waits), now).items
    which = Series.id.in_({each.series_id for each in items if each.series_id})
    series = session.scalars(select(Series).where(which).order_by(Series.id)).all()
    return Requests(items=items, series=[SeriesAsked.model_validate(each) for each in series])


def _times(booking: Booking) -> dict[str, Any]:
    return times_of(booking.starts_at, booking.ends_at, booking.local_start, booking.local_end, booking.zone)


def _date(booking: Booking) -> dict[str, Any]:
    return _times(booking) | {"id": booking.id, "version": booking.version}


def _unavailable(session: Session, place: Place, first: date, last: date) -> list[Unavailable]:
    """What is closed, and what another tool's calendar says is taken, on the dates from ``first`` to ``last``."""
    zone = zone_named(place.zone)
    since, until = opening_instant(first, 0, zone), opening_instant(last, MINUTES_A_DAY, zone)
    closures = select(Closure, Resource).outerjoin(Resource, Resource.id == Closure.resource_id)
    closures = closures.where(
        Closure.place_id == place.id, Closure.removed_at.is_(None), Closure.starts_at < until, Closure.ends_at > since
    )
    external = select(Claim, Resource).join(Resource, Resource.id == Claim.resource_id)
    external = external.where(
        *(Resource.place_id == place.id, Resource.retired_at.is_(None)),
        *(Claim.kind == ClaimKind.EXTERNAL, Claim.released_at.is_(None)),
        *(Claim.starts_at < until, Claim.ends_at > since),
    )
    rows: list[tuple[Closure | Claim, Resource | None]] = [(row, of) for row, of in session.execute(closures)]
    rows += [(row, of) for row, of in session.execute(external)]
    found = []
    for row, resource in sorted(rows, key=lambda each: each[0].starts_at):
        span = span_between(row.starts_at, row.ends_at, zone)
        found.append(
            Unavailable(
                **times_of(span.starts_at, span.ends_at, span.local_start, span.local_end, place.zone),
                why="closed" if isinstance(row, Closure) else "elsewhere",
                resource=NamedResource.model_validate(resource) if resource else None,
                reason=row.reason if isinstance(row, Closure) else None,
            )
        )
    return found


def _list(session: Session, query: Select[Booking], now: datetime) -> Bookings:
    related = (selectinload(Booking.member), selectinload(Booking.claims))
    rows = session.scalars(query.options(*related).order_by(Booking.starts_at, Booking.id))
    shown = [row for row in rows if not _has_expired(row, now)]
    return Bookings(items=show_bookings(session, shown, now, by_place=True))


def _has_expired(booking: Booking, now: datetime) -> bool:
    return booking.state == BookingState.HELD and (booking.expires_at is None or booking.expires_at <= now)


@router.post(
    "/bookings/{booking_id}/answer",
    operation_id="answer_booking",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(BOOKING_UNKNOWN, service.BOOKING_OVER, STALE, VERSION_REQUIRED),
)
def answer_booking(
    booking_id: UUID,
    body: AnswerWanted,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> BookingShown:
    """Accept or refuse a request at my place, with others of its series where they are named; whoever asked is told.

    Nothing is answered where one of them was changed meanwhile (`stale`).
    """
    booking = session.get(Booking, booking_id)
    if booking is None or not (caller.has(Role.COORDINATOR) or booking.place_id in caller.places(Role.MANAGER)):
        raise BOOKING_UNKNOWN.error()
    seen = {each.id: each.version for each in body.others} | {booking.id: version}
    together = select(Booking).where(Booking.id.in_(seen), Booking.series_id == booking.series_id)
    others = [each for each in session.scalars(together.order_by(Booking.starts_at, Booking.id)) if each is not booking]
    if len(others) + 1 < len(seen):
        raise BOOKING_UNKNOWN.error()
    answers.answer_together(
        session,
        booking,
        others,
        seen=seen,
        accept=body.accept,
        reason=body.reason,
        now=now,
        actor=caller.actor,
    )
    show_version(response, booking.version)
    return show_booking(session, booking, now, by_place=True)


@router.post(
    "/booking-answers/look",
    operation_id="look_at_booking_request",
    dependencies=[limited("booking_answer", times=20, minutes=10, failures_only=True), *allow_anyone()],
    responses=may_answer(answers.ANSWER_LINK_NOT_VALID, TOO_MANY_TRIES),
)
def look_at_booking_request(body: AnswerSecret, session: SessionDep, now: NowDep) -> Asked:
    """What the mail to a manager asks; nothing is answered yet. A POST, so that no log holds the secret."""
    booking, _ = answers.asked_by(session, body.token, now=now)
    together = answers.asked_together(session, booking, now=now)
    series = session.get(Series, booking.series_id) if booking.series_id else None
    return Asked.model_validate(
        _times(booking)
        | {name: getattr(booking, name) for name in ("title", "people", "answer_by")}
        | {"place": booking.place.name, "resource": booking.resource.name, "for": booked_for(session, booking)}
        | {"price": sum(each.price for each in together), "dates": [_date(each) for each in together]}
        | {"repeat": series and series.repeat}
    )


@router.post(
    "/booking-answers",
    operation_id="answer_booking_by_link",
    dependencies=[limited("booking_answer", times=20, minutes=10, failures_only=True), *allow_anyone()],
    responses=may_answer(answers.ANSWER_LINK_NOT_VALID, service.BOOKING_OVER, STALE, TOO_MANY_TRIES),
)
def answer_booking_by_link(body: AnswerByLink, session: SessionDep, now: NowDep, caller: CallerDep) -> Answered:
    """Accept or refuse a request by the link in a manager's mail, without signing in; once.

    Nothing is answered where other dates wait than were looked at, or one was changed meanwhile (`stale`).
    """
    booking = answers.answer_by_link(
        session,
        body.token,
        seen={each.id: each.version for each in body.seen},
        accept=body.accept,
        reason=body.reason,
        now=now,
        address=caller.address,
    )
    return Answered(state=booking.state)
