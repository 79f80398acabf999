"""Routes of bookings that repeat: made, moved and cancelled as a whole, or from one date on."""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, Role, allow
from passapp.bookings import service
from passapp.bookings.api import THEIRS, BookingChange, BookingWanted, Cancellation, booking_for
from passapp.bookings.calendars.external_api import READ_ELSEWHERE_FIRST
from passapp.bookings.fields import AMBIGUOUS_LOCAL_TIME, NONEXISTENT_LOCAL_TIME
from passapp.bookings.idempotency import IDEMPOTENCY_MISMATCH, KeyHeader, remembered
from passapp.bookings.making import span_of_booking
from passapp.bookings.models import Booking, BookingState, Series
from passapp.bookings.rules import MOST_OCCURRENCES, Every, Occurrence, Repeat
from passapp.bookings.said import MEMBERS_ONLY, FlawShown, show_flaw
from passapp.bookings.series import service as series
from passapp.bookings.series.service import Outcome, Planned, Result, Scope
from passapp.bookings.service import get_resource
from passapp.kernel.api import Body, Day, NowDep, Shown, VersionDep, check_version, local_time
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import (
    STALE,
    VERSION_REQUIRED,
    Language,
    ProblemDetails,
    ProblemType,
    language_of,
    may_answer,
)
from passapp.members.service import MEMBER_UNKNOWN, member_of_account

router = APIRouter(tags=["bookings"])

OnConflict = Literal["fail", "skip"]
ScopeQuery = Annotated[Scope, Query(description="This date and those after it, or all those to come.")]
GOOD = frozenset({Outcome.FREE, Outcome.BOOKED, Outcome.REQUESTED, Outcome.CANCELLED})


class RepeatWanted(Body):
    """How it repeats, on the wall of the place; `count` or `until`, one of them, ends it."""

    every: Literal["day", "week", "month"]
    interval: int = Field(default=1, ge=1, le=MOST_OCCURRENCES, description="2: every other one.")
    count: int | None = Field(default=None, ge=1, le=MOST_OCCURRENCES, examples=[4])
    until: Day | None = Field(default=None, description="The last date, included.")
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(
        default=[], max_length=7, description="With `week`: on these days, Monday is 0; none: that of the first."
    )
    by_weekday: bool = Field(
        default=False, description="With `month`: its second Tuesday, say, rather than its tenth day."
    )

    @model_validator(mode="after")
    def _ends(self) -> "RepeatWanted":
        if (self.count is None) == (self.until is None):
            msg = "say how many times, or until when: one of the two"
            raise ValueError(msg)
        if (self.weekdays and self.every != "week") or (self.by_weekday and self.every != "month"):
            msg = "weekdays are said of what repeats by the week, by_weekday of what repeats by the month"
            raise ValueError(msg)
        return self

    def rule(self) -> Repeat:
        """As the rules take it."""
        until: date | None = self.until
        days = frozenset(self.weekdays)
        return Repeat(Every(self.every), self.interval, self.count, until, days, self.by_weekday)


class SeriesWanted(BookingWanted):
    """What to book, from its first date. `on_conflict`: what to do where some dates cannot be had."""

    hold: Literal[False] = False
    repeat: RepeatWanted
    on_conflict: OnConflict = "fail"
    dry_run: bool = Field(default=False, description="Book nothing: say what would become of each date.")


class SeriesChange(BookingChange):
    """Where this date goes, and the others with it, as far on the wall."""

    on_conflict: Annotated[OnConflict, Field(description="`skip`: what cannot move stays as it was.")] = "fail"
    dry_run: bool = False


class SeriesCancellation(Cancellation):
    """Why they are cancelled, for whoever is told."""

    dry_run: bool = Field(default=False, description="Cancel nothing: say what each would cost.")


class OccurrenceShown(Shown):
    """A date of a series. Money in cents; no instants where the clock change leaves nothing of it."""

    local_start: str = Field(examples=["2026-11-23T09:00"])
    local_end: str
    starts_at: datetime | None
    ends_at: datetime | None
    is_adjusted: bool = Field(description="The clock change moved its start.")
    outcome: Outcome
    problems: list[FlawShown] = Field(description="Why it cannot be booked.")
    booking_id: UUID | None
    price: int = Field(description="Its price; of what was cancelled, what that costs.")
    gives_up: bool = Field(description="Moved there, it gives up what its place had accepted, which answers again.")
    at_least: int = Field(description="Moved there, cancelling it will cost this at least: it would already, as it is.")


class SeriesShown(Shown):
    """What became of each date, or would. `total_price`: of those that are had."""

    id: UUID | None
    occurrences: list[OccurrenceShown]
    total_price: int


class ConflictsDetails(ProblemDetails):
    """`series_conflicts`: which dates cannot be had."""

    occurrences: list[OccurrenceShown] = Field(default=[], description="Every date, and what would become of it.")


SERIES_CONFLICTS = ProblemType(
    "series_conflicts",
    409,
    en="Dates that cannot be had: {bad} of {all}. Nothing was changed: leave those out, or choose another time.",
    fr="Dates impossibles : {bad} sur {all}. Rien n'a changé : laissez-les, ou choisissez une autre heure.",
    shown_as=ConflictsDetails,
)
WHERE = (
    service.BOOKING_UNKNOWN,
    service.BOOKING_OVER,
    series.NOT_A_SERIES,
    STALE,
    VERSION_REQUIRED,
)


@router.post(
    "/series",
    operation_id="book_series",
    dependencies=[READ_ELSEWHERE_FIRST, *allow(Role.MEMBER, refusal=MEMBERS_ONLY)],
    status_code=status.HTTP_201_CREATED,
    responses={
        status.HTTP_200_OK: {"model": SeriesShown, "description": "A dry run, or the same request again."},
        **may_answer(
            service.RESOURCE_UNKNOWN,
            MEMBER_UNKNOWN,
            MEMBERS_ONLY,
            service.SLOT_TAKEN,
            SERIES_CONFLICTS,
            series.SERIES_TOO_LONG,
            series.SERIES_EMPTY,
            IDEMPOTENCY_MISMATCH,
            NONEXISTENT_LOCAL_TIME,
            AMBIGUOUS_LOCAL_TIME,
        ),
    },
)
def book_series(
    body: SeriesWanted,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    idempotency_key: KeyHeader = None,
) -> SeriesShown:
    """Book the same every so often, on the wall of the place: at most 366 dates, within 24 months.

    All of it or nothing, unless `on_conflict` is `skip`. A date whose start the clocks leave out begins after the gap,
    and says so (`is_adjusted`).
    """
    member = member_of_account(session, caller.account_id)
    assert caller.account_id is not None  # noqa: S101  (a member signs in with an account)
    key = None if body.dry_run else idempotency_key
    kept = remembered(session, caller.account_id, key, "series", body, now=now)
    if kept is not None and kept.series_id is not None:
        response.status_code = status.HTTP_200_OK
        return _show_made(session, session.get_one(Series, kept.series_id))
    resource = get_resource(session, body.resource_id)
    skip = body.on_conflict == "skip"
    result = series.make_series(
        session,
        resource,
        member,
        body.wanted(resource.place.zone),
        body.repeat.rule(),
        skip=skip,
        dry_run=body.dry_run,
        now=now,
        actor=caller.actor,
    )
    if kept is not None and result.series is not None:
        kept.series_id = result.series.id
    if body.dry_run:
        response.status_code = status.HTTP_200_OK
    made = result.series.id if result.series else None
    return _answer(result, made, resource.place.zone, language_of(request), dry_run=body.dry_run)


@router.put(
    "/bookings/{booking_id}/series",
    operation_id="change_series",
    dependencies=[READ_ELSEWHERE_FIRST, *allow(*THEIRS)],
    responses=may_answer(
        *WHERE,
        service.SLOT_TAKEN,
        SERIES_CONFLICTS,
        series.SERIES_TOO_LONG,
        NONEXISTENT_LOCAL_TIME,
        AMBIGUOUS_LOCAL_TIME,
    ),
)
def change_series(
    booking_id: UUID,
    scope: ScopeQuery,
    body: SeriesChange,
    version: VersionDep,
    request: Request,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> SeriesShown:
    """Move or extend the dates of a series as this one is moved, on the wall; a date that was moved alone keeps that.

    All of them or none, unless `on_conflict` is `skip`. Each is priced anew.
    """
    booking, by_place = booking_for(session, booking_id, caller)
    check_version(booking, version)
    result = series.move_series(
        session,
        booking,
        body.wanted(booking.zone),
        scope,
        skip=body.on_conflict == "skip",
        dry_run=body.dry_run,
        by_place=by_place,
        now=now,
        actor=caller.actor,
    )
    return _answer(result, booking.series_id, booking.zone, language_of(request), dry_run=body.dry_run)


@router.post(
    "/bookings/{booking_id}/series/cancel",
    operation_id="cancel_series",
    dependencies=allow(*THEIRS),
    responses=may_answer(*WHERE, service.BOOKING_HAS_BEGUN),
)
def cancel_series(
    booking_id: UUID,
    scope: ScopeQuery,
    body: SeriesCancellation,
    version: VersionDep,
    request: Request,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> SeriesShown:
    """Cancel this date of a series and those after it, or all to come: each costs what it would alone."""
    booking, by_place = booking_for(session, booking_id, caller)
    check_version(booking, version)
    result = series.cancel_series(
        session,
        booking,
        scope,
        reason=body.reason,
        dry_run=body.dry_run,
        by_place=by_place,
        now=now,
        actor=caller.actor,
    )
    return _answer(result, booking.series_id, booking.zone, language_of(request), dry_run=body.dry_run)


def _answer(result: Result, series_id: UUID | None, zone: str, language: Language, *, dry_run: bool) -> SeriesShown:
    """What became of it. Raises ``series_conflicts`` where nothing did."""
    shown = [_show(each, zone, language) for each in result.planned]
    if not result.is_done and not dry_run:
        bad = sum(each.outcome not in GOOD for each in shown)
        raise SERIES_CONFLICTS.error(members={"occurrences": shown}, bad=bad, all=len(shown))
    total = sum(each.price for each in shown if each.outcome in GOOD)
    return SeriesShown(id=series_id, occurrences=shown, total_price=total)


def _show(planned: Planned, zone: str, language: Language) -> OccurrenceShown:
    span = planned.occurrence.span
    local = planned.occurrence if span is None else span
    return OccurrenceShown(
        local_start=f"{local.local_start:%Y-%m-%dT%H:%M}",
        local_end=f"{local.local_end:%Y-%m-%dT%H:%M}",
        starts_at=local_time(span.starts_at, zone) if span else None,
        ends_at=local_time(span.ends_at, zone) if span else None,
        is_adjusted=planned.occurrence.is_adjusted,
        outcome=planned.outcome,
        problems=[show_flaw(flaw, language) for flaw in planned.flaws],
        booking_id=planned.booking.id if planned.booking else None,
        price=planned.cost,
        gives_up=planned.gives_up,
        at_least=planned.at_least,
    )


_CAME_OF_IT: Final = {
    BookingState.REQUESTED: Outcome.REQUESTED,
    BookingState.BOOKED: Outcome.BOOKED,
    BookingState.NO_SHOW: Outcome.BOOKED,
    BookingState.CANCELLED: Outcome.CANCELLED,
    BookingState.REJECTED: Outcome.CANCELLED,
}


def _show_made(session: Session, made: Series) -> SeriesShown:
    """The dates that were booked, as they stand, for whoever asks the same again."""
    query = select(Booking).where(Booking.series_id == made.id).order_by(Booking.starts_at, Booking.id)
    rows = session.scalars(query).all()
    shown = []
    for row in rows:
        span = span_of_booking(row)
        occurrence = Occurrence(span.local_start, span.local_end, span, row.is_adjusted)
        outcome = _CAME_OF_IT[BookingState(row.state)]
        cost = row.fee if outcome is Outcome.CANCELLED else row.price
        shown.append(_show(Planned(occurrence, outcome, booking=row, cost=cost), row.zone, "fr"))
    had = [each.price for each in shown if each.outcome is not Outcome.CANCELLED]
    return SeriesShown(id=made.id, occurrences=shown, total_price=sum(had))
