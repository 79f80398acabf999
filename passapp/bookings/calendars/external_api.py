"""Routes of calendars that are managed elsewhere, and their reading before a booking."""

import re
from asyncio import sleep
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, Request, status
from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, Role, allow, caller_of
from passapp.bookings.calendars import external
from passapp.bookings.calendars.external import ADDRESS_NOT_READ, NO_EXTERNAL_CALENDAR, NOT_ONE_ROOM
from passapp.bookings.fields import ResourceId, ResourceIdPath
from passapp.bookings.models import Booking, ExternalCalendar
from passapp.bookings.resources.service import managed_resource
from passapp.bookings.service import RESOURCE_UNKNOWN
from passapp.kernel.api import Body, NowDep, Shown
from passapp.kernel.database import Database, SessionDep
from passapp.kernel.flaws import flaw
from passapp.kernel.problems import Language, language_of, may_answer

router = APIRouter(tags=["calendars"])

MANAGEMENT = (Role.COORDINATOR, Role.MANAGER)
_RESOURCE = TypeAdapter(ResourceId | None)
_BOOKING = TypeAdapter(UUID | None)
_TROUBLE: dict[str, dict[Language, str]] = {
    "bad_address": {
        "fr": "L'adresse mène à une autre qui n'est pas celle d'un agenda : collez l'adresse elle-même.",
        "en": "The address leads to another that is none of a calendar: paste the address itself.",
    },
    "private_address": {
        "fr": "L'adresse est sur un réseau privé : l'agenda doit se lire depuis internet.",
        "en": "The address is on a private network: the calendar must be readable from the internet.",
    },
    "no_answer": {
        "fr": "Rien n'y répond : vérifiez l'adresse, ou attendez ; on réessaie.",
        "en": "Nothing answers there: check the address, or wait; it is tried again.",
    },
    "not_there": {
        "fr": "Il n'y a pas d'agenda à cette adresse : donnez-en une autre.",
        "en": "There is no calendar at this address: give another.",
    },
    "too_large": {
        "fr": "L'agenda dépasse 3 Mo : publiez-en un plus court.",
        "en": "The calendar is larger than 3 MB: publish a shorter one.",
    },
    "too_slow": {
        "fr": "L'autre outil met plus de 10 secondes à répondre ; on réessaie.",
        "en": "The other tool takes more than 10 seconds to answer; it is tried again.",
    },
    "too_far": {
        "fr": "L'adresse renvoie trop souvent ailleurs : donnez la dernière.",
        "en": "The address leads on too often: give the last one.",
    },
    "not_a_calendar": {
        "fr": "Ce n'est pas un agenda (fichier iCalendar) : vérifiez l'adresse.",
        "en": "This is no calendar (an iCalendar file): check the address.",
    },
    "too_complicated": {
        "fr": "L'agenda a trop d'événements ou de répétitions : publiez-en un plus simple.",
        "en": "The calendar has too many events or repetitions: publish a simpler one.",
    },
}


_LETTERS: Final = r"^[!-~]+$"


def _of_letters_of_addresses(url: str) -> str:
    if not re.fullmatch(_LETTERS, url):
        raise flaw(
            en="Paste an address alone: it begins with https://, and has no space in it.",
            fr="Collez une adresse seule : elle commence par https://, et n'a pas d'espace.",
        )
    return url


class ExternalCalendarWanted(Body):
    """Where the resource is also managed."""

    url: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2000),
        AfterValidator(_of_letters_of_addresses),
        Field(
            examples=["https://agenda.example.org/salle-bleue.ics"],
            description="http, https or webcal.",
            json_schema_extra={"pattern": _LETTERS},
        ),
    ]


class Trouble(Shown):
    """Why it could not be read."""

    code: str
    detail: str = Field(description="In French or English, by Accept-Language: why, and what to do.")


class Collision(Shown):
    """A booking of which the other calendar says that the resource is taken: people settle it."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime


class ExternalCalendarShown(Shown):
    """Where the resource is also managed, and what came of reading it."""

    url: str
    read_at: datetime | None = Field(description="When that last went well.")
    tried_at: datetime | None
    problem: Trouble | None = Field(description="Why the last try failed; what was known before still counts.")
    collisions: list[Collision]


def _show(session: Session, calendar: ExternalCalendar, language: Language) -> ExternalCalendarShown:
    ids = [UUID(each) for each in calendar.collisions]
    collisions = session.scalars(select(Booking).where(Booking.id.in_(ids)).order_by(Booking.starts_at)).all()
    problem = calendar.problem and Trouble(code=calendar.problem, detail=_TROUBLE[calendar.problem][language])
    return ExternalCalendarShown.model_validate(
        {
            "url": calendar.url,
            "read_at": calendar.read_at,
            "tried_at": calendar.tried_at,
            "problem": problem,
            "collisions": [Collision.model_validate(booking) for booking in collisions],
        }
    )


@router.get(
    "/resources/{resource_id}/external-calendar",
    operation_id="get_external_calendar",
    dependencies=allow(*MANAGEMENT),
    responses=may_answer(RESOURCE_UNKNOWN, NO_EXTERNAL_CALENDAR),
)
def get_external_calendar(
    resource_id: ResourceIdPath, request: Request, session: SessionDep, caller: CallerDep
) -> ExternalCalendarShown:
    """Where the resource is also managed, and whether that could be read."""
    calendar = external.get_calendar(session, managed_resource(session, resource_id, caller))
    return _show(session, calendar, language_of(request))


@router.put(
    "/resources/{resource_id}/external-calendar",
    operation_id="set_external_calendar",
    dependencies=allow(*MANAGEMENT),
    responses=may_answer(RESOURCE_UNKNOWN, NOT_ONE_ROOM, ADDRESS_NOT_READ),
)
def set_external_calendar(
    resource_id: ResourceIdPath,
    body: ExternalCalendarWanted,
    request: Request,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    tasks: BackgroundTasks,
) -> ExternalCalendarShown:
    """Have another calendar read, now and every quarter of an hour: what is taken there is not booked here.

    With the first, bookings are on request from now on; its policy may say otherwise afterwards.
    """
    resource = managed_resource(session, resource_id, caller)
    calendar = external.connect(session, resource, body.url, at=now, actor=caller.actor)
    _read_after(tasks, request, [resource.id], now)
    return _show(session, calendar, language_of(request))


@router.delete(
    "/resources/{resource_id}/external-calendar",
    operation_id="remove_external_calendar",
    dependencies=allow(*MANAGEMENT),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(RESOURCE_UNKNOWN, NO_EXTERNAL_CALENDAR),
)
def remove_external_calendar(resource_id: ResourceIdPath, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Read it no more: what it said is taken is free at once.

    Bookings are on request as they were before it was read, unless the policy was changed meanwhile.
    """
    external.disconnect(session, managed_resource(session, resource_id, caller), at=now, actor=caller.actor)


@router.post(
    "/resources/{resource_id}/external-calendar/read",
    operation_id="read_external_calendar",
    dependencies=allow(*MANAGEMENT),
    status_code=status.HTTP_202_ACCEPTED,
    responses=may_answer(RESOURCE_UNKNOWN, NO_EXTERNAL_CALENDAR),
)
def read_external_calendar(
    resource_id: ResourceIdPath,
    request: Request,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    tasks: BackgroundTasks,
) -> ExternalCalendarShown:
    """Have it read as soon as this is answered; once a minute at most. Ask again what came of it."""
    resource = managed_resource(session, resource_id, caller)
    calendar = external.get_calendar(session, resource)
    _read_after(tasks, request, [resource.id], now)
    return _show(session, calendar, language_of(request))


def _read_after(tasks: BackgroundTasks, request: Request, ids: Sequence[int], now: datetime) -> None:
    """Once the answer has left, and the transaction is over."""
    state = request.app.state
    tasks.add_task(external.read_now, state.database, ids, now, reach=state.reach)


async def _read_before(request: Request, now: NowDep) -> None:
    named: Any = request.path_params
    if not named and request.headers.get("content-type", "").startswith("application/json"):
        named = await request.json()
    if not isinstance(named, dict):
        return
    begun = monotonic()
    ids = await run_in_threadpool(_read_what_is_named, request, named, now)
    # Whoever waits for what another reads takes no thread from all the others.
    while ids and (waited := monotonic() - begun) < external.SECONDS_A_REQUEST:
        at = now + timedelta(seconds=waited)
        if not await run_in_threadpool(external.is_being_read, request.app.state.database, ids, at):
            break
        await sleep(external.LOOKS_AGAIN)


def _read_what_is_named(request: Request, named: dict[str, Any], now: datetime) -> Sequence[int]:
    """Gives what may be read by others just now, of what it takes."""
    database: Database = request.app.state.database
    try:
        resource_id: int | None = _RESOURCE.validate_python(named.get("resource_id"))
        booking_id = _BOOKING.validate_python(named.get("booking_id"))
    except ValidationError:
        return ()  # the route says so
    with database.read() as session:
        caller = caller_of(request, session, now)
        if caller.account_id is None and not caller.has(Role.DOOR):
            return ()
        if booking_id is not None:
            resource_id = session.scalar(select(Booking.resource_id).where(Booking.id == booking_id))
    if resource_id is None:
        return ()
    return external.read_before(database, resource_id, now, reach=request.app.state.reach)


READ_ELSEWHERE_FIRST: Any = Depends(_read_before)
"""First among the dependencies of a route that takes the ``resource_id`` or the ``booking_id`` of its path, or else of
its body: before any transaction of its own begins, what another tool says is read again (booking.md 19)."""
