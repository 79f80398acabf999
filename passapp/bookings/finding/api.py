"""The route of what is free, anywhere in the network."""

from datetime import datetime, time, timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from passapp.accounts.access import EVERYONE_SIGNED_IN, Caller, CallerDep, allow
from passapp.bookings.fields import AMBIGUOUS_LOCAL_TIME, NONEXISTENT_LOCAL_TIME, BookableDay, Moment, span_of
from passapp.bookings.finding.availability import STEP, Point, Sought, Window, find_rooms, largest_sought, zones_of
from passapp.bookings.finding.days import RoomDay, find_days
from passapp.bookings.models import ResourceKind
from passapp.bookings.resources.fields import Feature
from passapp.bookings.rules import span_between
from passapp.bookings.shown import FreeResourceShown, FreeShown, show_found
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.clock import zone_named
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import Problem, ProblemType, may_answer
from passapp.members.models import Member, Membership
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["rooms"])

LONGEST_DAYS = 31
FURTHEST_KM = 20_100
"""Half around the Earth."""
LARGEST = "Where nothing was found: how many the largest room of that kind holds; otherwise null."

WINDOW_UNFIT = ProblemType(
    "window_unfit",
    422,
    en="The end must come after the start, by 31 days at most; write both with an offset, or both without.",
    fr="La fin doit venir après le début, de 31 jours au plus ; écrivez les deux avec leur décalage, ou les deux sans.",
)
WITHIN_OF_NOTHING = ProblemType(
    "within_of_nothing",
    422,
    en="Within so many kilometres of where? Say near, or latitude and longitude; a place near has to be on the map.",
    fr="À tant de kilomètres d'où ? Précisez near, ou latitude et longitude ; un lieu doit être placé sur la carte.",
)


class Fitting(BaseModel):
    """What would do, wherever it is, whenever that is."""

    model_config = ConfigDict(extra="forbid")

    people: int = Field(default=1, ge=1, le=10_000)
    kind: ResourceKind | None = None
    features: list[Feature] = Field(default=[], max_length=30, description="Each of these.")
    place: list[UUID] = Field(default=[], max_length=100, description="At one of these places.")
    near: UUID | None = Field(default=None, description="A place: distances are counted from there.")
    latitude: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    longitude: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    within_km: float | None = Field(default=None, ge=0, le=FURTHEST_KM, allow_inf_nan=False)
    limit: int = Field(default=20, ge=1, le=100)

    @model_validator(mode="after")
    def _a_point_is_two_numbers(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            msg = "latitude and longitude go together"
            raise ValueError(msg)
        return self


class Looking(Fitting):
    """What somebody looks for."""

    start: Moment = Field(description="With an offset: an instant. Without: on each place's own wall.")
    end: Moment
    flexible: int = Field(
        default=0, ge=0, le=240, description=f"So many minutes earlier or later, in steps of {STEP}: the nearest."
    )


class LookingAtADay(Fitting):
    """Of which day somebody looks."""

    day: BookableDay = Field(description="A date at each place.")


class Availability(Shown):
    """What could be booked, the nearest first, then the cheapest, then by name; `total`: beyond `limit` too."""

    items: list[FreeShown]
    total: int
    largest: int | None = Field(description=LARGEST)


class TakenThen(Shown):
    """When something is taken, set-up and tear-down included, on the wall of its place."""

    local_start: str = Field(examples=["2026-11-23T09:00"])
    local_end: str


class RoomDayShown(Shown):
    """A day of something that whoever asks may book. Of a pool, `taken` is of each of its `units`."""

    resource: FreeResourceShown
    openings: list[tuple[int, int]] = Field(description="In minutes from the date's midnight; may pass the next one.")
    taken: list[TakenThen]
    units: int = Field(description="How many can be taken at once.")
    distance_km: float | None


class RoomDays(Shown):
    """What is open on a day, the nearest first, then by name; `total`: beyond `limit` too."""

    items: list[RoomDayShown]
    total: int
    largest: int | None = Field(description=LARGEST)


@router.get(
    "/availability",
    operation_id="find_rooms",
    dependencies=allow(*EVERYONE_SIGNED_IN),
    responses=may_answer(PLACE_UNKNOWN, WINDOW_UNFIT, WITHIN_OF_NOTHING, NONEXISTENT_LOCAL_TIME, AMBIGUOUS_LOCAL_TIME),
)
def look_for_rooms(
    looking: Annotated[Looking, Query()], session: SessionDep, now: NowDep, caller: CallerDep
) -> Availability:
    """What I could book then, anywhere in the network, at what price, and who pays. Who is no member: nothing."""
    sought = _sought(session, looking, _window(looking), looking.flexible)
    member = _member(session, caller)
    found = find_rooms(session, member, sought, now=now)
    if not found:
        _check_clocks(session, sought.window)
    return Availability(
        items=[show_found(session, each) for each in found[: looking.limit]],
        total=len(found),
        largest=None if found else largest_sought(session, member, sought, now=now),
    )


@router.get(
    "/availability/day",
    operation_id="find_room_days",
    dependencies=allow(*EVERYONE_SIGNED_IN),
    responses=may_answer(PLACE_UNKNOWN, WITHIN_OF_NOTHING),
)
def look_at_a_day(
    looking: Annotated[LookingAtADay, Query()], session: SessionDep, now: NowDep, caller: CallerDep
) -> RoomDays:
    """When what I may book is open and when it is taken on a date, free or not; nobody's name."""
    midnight = datetime.combine(looking.day, time())
    sought = _sought(session, looking, Window(midnight, midnight + timedelta(days=1)))
    member = _member(session, caller)
    found = find_days(session, member, sought, looking.day, now=now)
    return RoomDays(
        items=[_show_day(each) for each in found[: looking.limit]],
        total=len(found),
        largest=None if found else largest_sought(session, member, sought, now=now),
    )


def _show_day(day: RoomDay) -> RoomDayShown:
    zone = zone_named(day.resource.place.zone)
    spans = (span_between(*times, zone) for times in day.taken)
    return RoomDayShown(
        resource=FreeResourceShown.model_validate(day.resource),
        openings=day.openings,
        taken=[
            TakenThen(local_start=f"{each.local_start:%Y-%m-%dT%H:%M}", local_end=f"{each.local_end:%Y-%m-%dT%H:%M}")
            for each in spans
        ],
        units=day.units,
        distance_km=day.distance_km,
    )


def _member(session: Session, caller: Caller) -> Member | None:
    return session.scalar(
        select(Member)
        .where(Member.account_id == caller.account_id, Member.account_id.is_not(None))
        .options(selectinload(Member.memberships).joinedload(Membership.place))
    )


def _window(looking: Looking) -> Window:
    """Raises ``window_unfit``."""
    start, end = looking.start, looking.end
    if (start.tzinfo is None) != (end.tzinfo is None) or not 0 < (end - start).total_seconds() <= LONGEST_DAYS * 86400:
        raise WINDOW_UNFIT.error()
    return Window(start, end)


def _sought(session: Session, looking: Fitting, window: Window, flexible: int = 0) -> Sought:
    """Raises ``within_of_nothing``, ``place_unknown``."""
    near = _point(session, looking)
    if looking.within_km is not None and near is None:
        raise WITHIN_OF_NOTHING.error()
    return Sought(
        window,
        looking.people,
        looking.kind,
        frozenset(looking.features),
        frozenset(looking.place),
        near,
        looking.within_km,
        flexible,
    )


def _point(session: Session, looking: Fitting) -> Point | None:
    latitude, longitude = looking.latitude, looking.longitude
    if looking.near is not None:
        place = get_place(session, looking.near)
        latitude, longitude = place.latitude, place.longitude
    return None if latitude is None or longitude is None else Point(latitude, longitude)


def _check_clocks(session: Session, window: Window) -> None:
    """Where nothing was found because no clock of the network shows that time, or each does twice: say so.

    Raises ``nonexistent_local_time`` and ``ambiguous_local_time``.
    """
    problem = None
    for zone in zones_of(session):
        try:
            span_of(window.start, window.end, zone)
        except Problem as unclear:
            problem = unclear
        else:
            return
    if problem is not None:
        raise problem
