"""Routes of what can be booked: rooms, desks, equipment; their hours, and when they are taken."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response, status
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from passapp.accounts.access import EVERYONE_SIGNED_IN, Caller, CallerDep, Role, allow
from passapp.bookings.claims import overlapping, takes_of
from passapp.bookings.fields import ResourceIdPath
from passapp.bookings.models import ExternalCalendar, Resource, ResourcePolicy
from passapp.bookings.policies import policy_from, policy_of
from passapp.bookings.resources import service as resources
from passapp.bookings.resources.fields import PolicyFields, RateFields, ResourceFields, ResourceWanted
from passapp.bookings.resources.service import HAS_BOOKINGS, IS_A_PART, PARTS_UNFIT, POOL_STAYS
from passapp.bookings.rules import Rate, span_between
from passapp.bookings.service import RESOURCE_UNKNOWN
from passapp.bookings.shown import BookingPlace, Times, times_of
from passapp.kernel.api import Day, NowDep, Shown, VersionDep, check_version, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.kernel.wall_time import MINUTES_A_DAY, opening_instant
from passapp.network.service import PLAN_UNKNOWN
from passapp.places.service import PLACE_UNKNOWN, get_place, hours_between

router = APIRouter(tags=["rooms"])

MANAGES = (Role.COORDINATOR, Role.MANAGER)
SEES_TIERS = (Role.MANAGER, Role.HOST, Role.PLACE_ACCOUNTANT)

Days = Annotated[int, Query(ge=1, le=31, description="How many days.")]
From = Annotated[Day, Query(alias="from", description="The first date, at the place.")]


class Piece(Shown):
    """A unit of a pool, or a part of a room."""

    id: int
    name: str


class ResourceShown(ResourceFields, Shown):
    """Something that can be booked. Rows of `rates` for a tier are shown to the staff of its place only."""

    id: int
    place: BookingPlace
    is_pool: bool
    units: list[Piece]
    parts: list[Piece]
    rates: list[RateFields]
    policy: PolicyFields
    is_also_elsewhere: bool = Field(description="Its calendar is kept elsewhere too, and read from there.")
    retired: bool
    version: int


class ResourceList(Shown):
    """What can be booked at a place."""

    items: list[ResourceShown]


class HoursOfDay(Shown):
    """When something can be booked on a date: in minutes from its midnight, which may pass it (1080 to 1560)."""

    day: date
    openings: list[tuple[int, int]]
    reason: str | None = Field(description="A public holiday, or why the hours are others that day.")


class ResourceHours(Shown):
    """When something can be booked, whether it is taken or not."""

    zone: str
    items: list[HoursOfDay]


class TakenShown(Times):
    """A time at which something is taken, set-up and tear-down included."""

    kind: Literal["booking", "hold", "closure", "external"]
    unit: str | None = Field(description="Of a pool: which one.")


class ResourceTaken(Shown):
    """When something is taken; nobody's name."""

    zone: str
    items: list[TakenShown]


def show_resources(session: Session, rows: Sequence[Resource], caller: Caller) -> list[ResourceShown]:
    """Resources as this caller sees them; asked for together, however many they are."""
    ids = [row.id for row in rows]
    units, parts = resources.units_of(session, ids), resources.parts_of(session, ids)
    in_force = select(ResourcePolicy.resource_id, ResourcePolicy.document).join(
        Resource, (Resource.id == ResourcePolicy.resource_id) & (Resource.policy == ResourcePolicy.number)
    )
    policies = {key: document for key, document in session.execute(in_force.where(Resource.id.in_(ids)))}  # noqa: C416
    elsewhere = set(session.scalars(select(ExternalCalendar.resource_id).where(ExternalCalendar.resource_id.in_(ids))))
    shown = (*ResourceFields.model_fields, "id", "is_pool", "version")
    # How to get in is for whoever has booked it: it may be the code of a door.
    return [
        ResourceShown(
            **{name: getattr(row, name) for name in shown if name != "access"},
            access=row.access if _is_staff(row, caller) else None,
            place=BookingPlace.model_validate(row.place),
            units=[Piece.model_validate(unit) for unit in units[row.id]],
            parts=[Piece.model_validate(part) for part in parts[row.id]],
            rates=[RateFields(**asdict(rate)) for rate in _rates_shown(row, caller)],
            policy=PolicyFields(**asdict(policy_from(policies[row.id]))),
            is_also_elsewhere=row.id in elsewhere,
            retired=row.retired_at is not None,
        )
        for row in rows
    ]


def _is_staff(row: Resource, caller: Caller) -> bool:
    return caller.has(Role.COORDINATOR) or row.place_id in caller.places(*SEES_TIERS)


def _rates_shown(row: Resource, caller: Caller) -> list[Rate]:
    sees_all = _is_staff(row, caller)
    return [rate for rate in map(resources.rate_of, row.rates) if rate.tier is None or sees_all]


def _show(session: Session, row: Resource, caller: Caller, response: Response) -> ResourceShown:
    show_version(response, row.version)
    return show_resources(session, [row], caller)[0]


@router.get(
    "/places/{place_id}/resources",
    operation_id="list_resources",
    dependencies=allow(*EVERYONE_SIGNED_IN, anywhere=True),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_resources(place_id: UUID, session: SessionDep, caller: CallerDep) -> ResourceList:
    """What can be booked at a place: anybody in the network may look."""
    place = get_place(session, place_id)
    query = (
        select(Resource)
        .where(Resource.place_id == place.id, Resource.pool_id.is_(None), Resource.retired_at.is_(None))
        .options(selectinload(Resource.rates))
        .order_by(Resource.name, Resource.id)
    )
    return ResourceList(items=show_resources(session, session.scalars(query).all(), caller))


@router.post(
    "/places/{place_id}/resources",
    operation_id="add_resource",
    dependencies=allow(*MANAGES),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN, PLAN_UNKNOWN, PARTS_UNFIT),
)
def add_resource(
    place_id: UUID, body: ResourceWanted, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> ResourceShown:
    """Add a room, a pool of desks, a machine… which can be booked at once."""
    place = get_place(session, place_id)
    row = resources.add_resource(session, place, body.wanted, at=now, actor=caller.actor)
    return _show(session, row, caller, response)


@router.get(
    "/resources/{resource_id}",
    operation_id="get_resource",
    dependencies=allow(*EVERYONE_SIGNED_IN),
    responses=may_answer(RESOURCE_UNKNOWN),
)
def get_resource(
    resource_id: ResourceIdPath, response: Response, session: SessionDep, caller: CallerDep
) -> ResourceShown:
    """Something that can be booked, or could once (`retired`)."""
    return _show(session, resources.find_resource(session, resource_id), caller, response)


@router.put(
    "/resources/{resource_id}",
    operation_id="change_resource",
    dependencies=allow(*MANAGES),
    responses=may_answer(
        RESOURCE_UNKNOWN, PLAN_UNKNOWN, PARTS_UNFIT, POOL_STAYS, HAS_BOOKINGS, STALE, VERSION_REQUIRED
    ),
)
def change_resource(
    resource_id: ResourceIdPath,
    body: ResourceWanted,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> ResourceShown:
    """Say all of it anew: what is left out is taken away. Bookings keep the price and the policy they were made at.

    Units of a pool are known by their names; what would take a booked unit or part away is refused.
    """
    row = resources.managed_resource(session, resource_id, caller)
    check_version(row, version)
    resources.change_resource(session, row, body.wanted, at=now, actor=caller.actor)
    return _show(session, row, caller, response)


@router.post(
    "/resources/{resource_id}/retire",
    operation_id="retire_resource",
    dependencies=allow(*MANAGES),
    responses=may_answer(RESOURCE_UNKNOWN, HAS_BOOKINGS, IS_A_PART, STALE, VERSION_REQUIRED),
)
def retire_resource(
    resource_id: ResourceIdPath,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> ResourceShown:
    """Have nobody book it any more, once nothing is booked ahead; what was booked stays written down."""
    row = resources.managed_resource(session, resource_id, caller)
    check_version(row, version)
    resources.retire(session, row, at=now, actor=caller.actor)
    return _show(session, row, caller, response)


@router.get(
    "/resources/{resource_id}/hours",
    operation_id="get_resource_hours",
    dependencies=allow(*EVERYONE_SIGNED_IN),
    responses=may_answer(RESOURCE_UNKNOWN),
)
def get_resource_hours(resource_id: ResourceIdPath, session: SessionDep, first: From, days: Days = 7) -> ResourceHours:
    """On each date, when it can be booked: the place's hours with exceptions and public holidays, or at any hour."""
    row = resources.find_resource(session, resource_id)
    always = policy_of(session, row).is_always_open
    items = [
        HoursOfDay(day=day.day, openings=[(0, MINUTES_A_DAY)], reason=None)
        if always
        else HoursOfDay(day=day.day, openings=[(o.opens, o.closes) for o in day.openings], reason=day.reason)
        for day in hours_between(row.place, first, first + timedelta(days=days - 1))
    ]
    return ResourceHours(zone=row.place.zone, items=items)


@router.get(
    "/resources/{resource_id}/taken",
    operation_id="get_resource_taken",
    dependencies=allow(*EVERYONE_SIGNED_IN),
    responses=may_answer(RESOURCE_UNKNOWN),
)
def get_resource_taken(
    resource_id: ResourceIdPath, session: SessionDep, now: NowDep, first: From, days: Days = 1
) -> ResourceTaken:
    """When it is taken on these dates, and why: nobody's name. Of a room made of others: when any of them is."""
    row = resources.find_resource(session, resource_id)
    zone = ZoneInfo(row.place.zone)
    between = (opening_instant(first, 0, zone), opening_instant(first + timedelta(days=days), 0, zone))
    units = {unit.id: unit.name for unit in resources.units_of(session, [row.id])[row.id]}
    claims = overlapping(session, takes_of(session, row).concerned, *between, now)
    found = dict.fromkeys((c.starts_at, c.ends_at, c.kind, units.get(c.resource_id)) for c in claims)
    return ResourceTaken(zone=row.place.zone, items=[_taken(*each, zone) for each in found])


def _taken(starts_at: datetime, ends_at: datetime, kind: Any, unit: str | None, zone: ZoneInfo) -> TakenShown:  # noqa: ANN401
    span = span_between(starts_at, ends_at, zone)
    times = times_of(starts_at, ends_at, span.local_start, span.local_end, zone.key)
    return TakenShown(**times, kind=kind, unit=unit)
