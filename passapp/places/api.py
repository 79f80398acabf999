"""Routes of places."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response, status
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from passapp.accounts.access import EVERYONE_SIGNED_IN, CallerDep, Role, Scope, allow
from passapp.kernel.api import (
    Body,
    Day,
    Line,
    NowDep,
    Search,
    Shown,
    VersionDep,
    ZoneName,
    check_version,
    show_version,
)
from passapp.kernel.database import SessionDep
from passapp.kernel.paging import INVALID_CURSOR, Cursor, Limit, Page, page_of
from passapp.kernel.problems import FORBIDDEN, STALE, VERSION_REQUIRED, ProblemType, may_answer
from passapp.kernel.wall_time import closing_instant, opening_instant
from passapp.places import service
from passapp.places.models import Place
from passapp.places.rules import Opening, format_clock, parse_clock

router = APIRouter(tags=["places"])

RANGE_TOO_LONG = ProblemType(
    "range_too_long",
    422,
    en="Ask for 1 to 62 days, the first not after the last.",
    fr="Demandez de 1 à 62 jours, le premier avant le dernier.",
)


def _clock(text: str) -> str:
    parse_clock(text)
    return text


Clock = Annotated[str, StringConstraints(pattern=r"^[0-4][0-9]:[0-5][0-9]$"), AfterValidator(_clock)]
Kind = Literal["coworking", "fablab", "cultural", "community", "cafe", "employer", "other"]
HostClass = Literal["standard", "subsidised"]
Service = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,30}$")]


class Hours(Body):
    """An opening in local time; `closes` may pass midnight: 18:00 to 26:00."""

    opens: Clock = Field(examples=["18:00"])
    closes: Clock = Field(examples=["26:00"])

    @model_validator(mode="after")
    def _is_an_opening(self) -> Self:
        opening = self.opening
        if not (opening.opens < 1440 and opening.opens < opening.closes <= opening.opens + 1440):  # noqa: PLR2004
            msg = "an opening begins before midnight, ends after it begins, and lasts a day at most"
            raise ValueError(msg)
        return self

    @property
    def opening(self) -> Opening:
        """The same in minutes."""
        return Opening(parse_clock(self.opens), parse_clock(self.closes))


class WeekHours(Hours):
    """An opening of every week. Monday is 0."""

    weekday: int = Field(ge=0, le=6)


class ExceptionalHours(Body):
    """Other hours on one date; no hours: closed."""

    day: Day
    hours: list[Hours] = Field(default=[], max_length=10)
    note: Line | None = Field(default=None, examples=["Inventaire"])


class HoursWanted(Body):
    """A place's week and its exceptions, whole."""

    public_holidays: Literal["closed", "open"] = "closed"
    hours: list[WeekHours] = Field(default=[], max_length=50)
    exceptions: list[ExceptionalHours] = Field(default=[], max_length=400)

    @model_validator(mode="after")
    def _one_exception_a_day(self) -> Self:
        if len({e.day for e in self.exceptions}) < len(self.exceptions):
            msg = "one exception per date: put its hours together"
            raise ValueError(msg)
        return self


class PlaceSummary(Shown):
    """A place in the directory."""

    id: UUID
    code: str
    name: str
    kind: str
    town: str
    postcode: str
    latitude: float | None
    longitude: float | None
    zone: str
    has_door: bool
    joined_on: date
    left_on: date | None
    open_now: bool | None = Field(description="Null where no hours are written down, or there is no door.")


class PlaceShown(PlaceSummary):
    """A place's identity card."""

    country: str
    subdivision: str | None
    host_class: HostClass
    services: list[str]
    public_holidays: Literal["closed", "open"]
    hours: list[WeekHours]
    exceptions: list[ExceptionalHours]
    version: int


class PlaceCard(Body):
    """What a place's own manager may say of it."""

    name: Line = Field(examples=["Le Hangar"])
    kind: Kind = "coworking"
    town: Line = Field(examples=["Caen"])
    postcode: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z -]{1,11}$")] = Field(examples=["14000"])
    latitude: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    longitude: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    services: list[Service] = Field(default=[], max_length=30, examples=[["wifi", "coffee"]])


class PlaceWanted(PlaceCard):
    """A place to add."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$")] = Field(
        examples=["le-hangar"]
    )
    zone: ZoneName = "Europe/Paris"
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "FR"
    subdivision: Annotated[str, StringConstraints(max_length=24)] | None = Field(default=None, examples=["974"])
    host_class: HostClass = "standard"
    has_door: bool = True
    joined_on: Day
    left_on: Day | None = None

    @model_validator(mode="after")
    def _known_country(self) -> Self:
        if not service.is_country(self.country, self.subdivision):
            msg = "unknown country or subdivision (ISO 3166)"
            raise ValueError(msg)
        return self


class PlaceChange(Body):
    """What to change of a place; what is left out stays.

    `host_class`, `has_door`, the zone, the country and the dates are the coordination's to change.
    """

    name: Line | None = None
    kind: Kind | None = None
    town: Line | None = None
    postcode: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z -]{1,11}$")] | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    longitude: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    services: list[Service] | None = Field(default=None, max_length=30)
    zone: ZoneName | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    subdivision: Annotated[str, StringConstraints(max_length=24)] | None = None
    host_class: HostClass | None = None
    has_door: bool | None = None
    joined_on: Day | None = None
    left_on: Day | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were sent; only those that may be empty can be emptied."""
        may_be_empty = {"latitude", "longitude", "subdivision", "left_on"}
        return {k: v for k, v in self.model_dump(exclude_unset=True).items() if v is not None or k in may_be_empty}


COORDINATION_ONLY = frozenset({"zone", "country", "subdivision", "host_class", "has_door", "joined_on", "left_on"})


class OpeningShown(Shown):
    """One opening, in local time and as instants."""

    opens: str
    closes: str
    opens_at: datetime
    closes_at: datetime


class DayShown(Shown):
    """One day's resolved hours; `reason` names a public holiday or an exception's note."""

    day: date
    intervals: list[OpeningShown]
    reason: str | None


class Opened(Shown):
    """Resolved hours."""

    zone: str
    days: list[DayShown]


def summary(place: Place, at: datetime) -> PlaceSummary:
    """A place as the directory shows it at that instant."""
    fields = {name: getattr(place, name) for name in PlaceSummary.model_fields if name != "open_now"}
    return PlaceSummary(**fields, open_now=service.open_at(place, at))


def _show(place: Place, at: datetime) -> PlaceShown:
    exceptions: dict[date, ExceptionalHours] = {}
    for row in place.exceptions:
        shown = exceptions.setdefault(row.day, ExceptionalHours(day=row.day, note=row.note, hours=[]))
        if row.opens is not None and row.closes is not None:
            shown.hours.append(Hours(opens=format_clock(row.opens), closes=format_clock(row.closes)))
    return PlaceShown(
        **summary(place, at).model_dump(),
        country=place.country,
        subdivision=place.subdivision,
        host_class=place.host_class,  # type: ignore[arg-type]  # the table's own constraint
        services=place.services,
        public_holidays="closed" if place.closed_on_holidays else "open",
        hours=[
            WeekHours(weekday=row.weekday, opens=format_clock(row.opens), closes=format_clock(row.closes))
            for row in place.hours
        ],
        exceptions=list(exceptions.values()),
        version=place.version,
    )


@router.get(
    "/places",
    operation_id="list_places",
    dependencies=allow(*EVERYONE_SIGNED_IN, Role.DOOR, scope=Scope.PLACES_READ),
    responses=may_answer(INVALID_CURSOR),
)
def list_places(
    session: SessionDep,
    now: NowDep,
    q: Annotated[Search | None, Query(description="Part of a name, town or postcode.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[PlaceSummary]:
    """The directory of the network."""
    query = service.directory(q)
    return page_of(
        session, query, (Place.name, Place.id), lambda place: summary(place, now), cursor=cursor, limit=limit
    )


@router.post(
    "/places",
    operation_id="add_place",
    dependencies=allow(Role.COORDINATOR, scope=Scope.PLACES_WRITE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(service.PLACE_CODE_TAKEN, service.DATES_REVERSED),
)
def add_place(body: PlaceWanted, response: Response, session: SessionDep, now: NowDep, caller: CallerDep) -> PlaceShown:
    """Add a place to the network."""
    place = service.add_place(session, body.model_dump(), at=now, actor=caller.actor)
    show_version(response, place.version)
    return _show(place, now)


@router.get(
    "/places/{place_id}",
    operation_id="get_place",
    dependencies=allow(*EVERYONE_SIGNED_IN, anywhere=True, scope=Scope.PLACES_READ),
    responses=may_answer(service.PLACE_UNKNOWN),
)
def get_place(place_id: UUID, response: Response, session: SessionDep, now: NowDep) -> PlaceShown:
    """A place's identity card: anybody in the network may read it."""
    place = service.get_place(session, place_id)
    show_version(response, place.version)
    return _show(place, now)


@router.patch(
    "/places/{place_id}",
    operation_id="change_place",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER, scope=Scope.PLACES_WRITE),
    responses=may_answer(
        service.PLACE_UNKNOWN, FORBIDDEN, STALE, VERSION_REQUIRED, service.DATES_REVERSED, service.COUNTRY_UNKNOWN
    ),
)
def change_place(
    place_id: UUID,
    body: PlaceChange,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> PlaceShown:
    """Change a place's identity card. Its manager may not change what the network agreed on."""
    changes = body.changes
    if COORDINATION_ONLY & changes.keys() and not caller.has(Role.COORDINATOR):
        raise FORBIDDEN.error()
    place = service.get_place(session, place_id)
    check_version(place, version)
    service.change_place(session, place, changes, at=now, actor=caller.actor)
    show_version(response, place.version)
    return _show(place, now)


@router.put(
    "/places/{place_id}/hours",
    operation_id="set_hours",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER, scope=Scope.PLACES_WRITE),
    responses=may_answer(service.PLACE_UNKNOWN, STALE, VERSION_REQUIRED),
)
def set_hours(
    place_id: UUID,
    body: HoursWanted,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> PlaceShown:
    """Replace a place's weekly hours and exceptions."""
    place = service.get_place(session, place_id)
    check_version(place, version)
    service.set_hours(
        session,
        place,
        [(row.weekday, row.opening) for row in body.hours],
        [service.Exceptional(e.day, [h.opening for h in e.hours], e.note) for e in body.exceptions],
        closed_on_holidays=body.public_holidays == "closed",
        at=now,
        actor=caller.actor,
    )
    show_version(response, place.version)
    return _show(place, now)


@router.get(
    "/places/{place_id}/opening",
    operation_id="get_opening",
    dependencies=allow(*EVERYONE_SIGNED_IN, anywhere=True, scope=Scope.PLACES_READ),
    responses=may_answer(service.PLACE_UNKNOWN, RANGE_TOO_LONG),
)
def get_opening(
    place_id: UUID,
    session: SessionDep,
    first: Annotated[Day, Query(alias="from", description="First date.")],
    last: Annotated[Day, Query(alias="to", description="Last date, included.")],
) -> Opened:
    """The hours of each date, with exceptions and public holidays applied."""
    if not timedelta(0) <= last - first < timedelta(days=62):
        raise RANGE_TOO_LONG.error()
    place = service.get_place(session, place_id)
    zone = ZoneInfo(place.zone)
    days = [
        DayShown(
            day=day.day,
            reason=day.reason,
            intervals=[
                OpeningShown(
                    opens=format_clock(o.opens),
                    closes=format_clock(o.closes),
                    opens_at=opening_instant(day.day, o.opens, zone),
                    closes_at=closing_instant(day.day, o.closes, zone),
                )
                for o in day.openings
            ],
        )
        for day in service.hours_between(place, first, last)
    ]
    return Opened(zone=place.zone, days=days)
