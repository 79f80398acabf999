"""Routes of closures: when a resource, or all of a place, cannot be booked."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field

from passapp.accounts.access import CallerDep, Role, allow
from passapp.bookings.closures.service import (
    CLOSURE_TIMES,
    CLOSURE_UNKNOWN,
    Closing,
    close,
    closures_of,
    get_closure,
    remove,
)
from passapp.bookings.fields import AMBIGUOUS_LOCAL_TIME, NONEXISTENT_LOCAL_TIME, Moment, ResourceId, span_of
from passapp.bookings.models import Closure
from passapp.bookings.rules import span_between
from passapp.bookings.service import RESOURCE_UNKNOWN, get_resource
from passapp.bookings.shown import BookingShown, Times, show_bookings, times_of
from passapp.kernel.api import Body, NowDep, Sentence, Shown
from passapp.kernel.clock import zone_named
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import ProblemDetails, ProblemType, may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["bookings"])


class InTheWayDetails(ProblemDetails):
    """`bookings_in_the_way`: which they are."""

    bookings: list[BookingShown] = Field(default=[], description="Those that would be cancelled, the first one first.")


BOOKINGS_IN_THE_WAY = ProblemType(
    "bookings_in_the_way",
    409,
    en="It is booked then: choose other times, or have the bookings cancelled. It costs their people nothing, they are "
    "told, and another room is kept for them where there is one.",
    fr="C'est réservé à ce moment-là : choisissez d'autres heures, ou faites annuler ces réservations. Cela ne coûte "
    "rien à personne, chacun est prévenu, et une autre salle lui est gardée s'il y en a une.",
    shown_as=InTheWayDetails,
)


class ClosureWanted(Body):
    """What to close. `resource_id`: without it, all of the place."""

    resource_id: ResourceId | None = None
    start: Moment = Field(description="RFC 3339; without an offset, on the place's wall.")
    end: Moment
    reason: Annotated[Sentence, Field(max_length=200, examples=["Travaux"])]
    cancel_bookings: bool = Field(default=False, description="Cancel what is booked then, and find other rooms.")


class ClosureShown(Times):
    """A closure. `resource_id`: null, all of the place."""

    id: UUID
    resource_id: int | None
    reason: str
    made_at: datetime


class ClosureMade(ClosureShown):
    """A closure that was just made, and what became of what was booked then."""

    cancelled: int = Field(description="Bookings that it cancelled; what was only held is not counted.")
    rehoused: int = Field(description="For how many of them an equivalent room is kept.")


class Closures(Shown):
    """Closures of a place, the first one first."""

    items: list[ClosureShown]


@router.get(
    "/places/{place_id}/closures",
    operation_id="list_closures",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER, Role.HOST),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_closures(place_id: UUID, session: SessionDep, now: NowDep) -> Closures:
    """The closures of a place that are not over."""
    place = get_place(session, place_id)
    return Closures(items=[_show(closure, place.zone) for closure in closures_of(session, place.id, now)])


@router.post(
    "/places/{place_id}/closures",
    operation_id="make_closure",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        PLACE_UNKNOWN,
        RESOURCE_UNKNOWN,
        CLOSURE_TIMES,
        BOOKINGS_IN_THE_WAY,
        NONEXISTENT_LOCAL_TIME,
        AMBIGUOUS_LOCAL_TIME,
    ),
)
def make_closure(
    place_id: UUID, body: ClosureWanted, session: SessionDep, now: NowDep, caller: CallerDep
) -> ClosureMade:
    """Have a room, or all of the place, booked by nobody for a time.

    Where it is booked, nothing is changed, and the bookings are named; with `cancel_bookings` they are cancelled at no
    cost, whoever they are for is told, and the nearest equivalent room is kept for them for 48 hours.
    """
    place = get_place(session, place_id)
    resource = None
    if body.resource_id is not None:
        resource = get_resource(session, body.resource_id)
        if resource.place_id != place.id:
            raise RESOURCE_UNKNOWN.error()
    span = span_of(body.start, body.end, place.zone)
    closing = Closing(place, resource, span.starts_at, span.ends_at, body.reason)
    found = close(session, closing, cancel_bookings=body.cancel_bookings, now=now, actor=caller.actor)
    if isinstance(found, list):
        members = {"bookings": show_bookings(session, found, now, by_place=True)}
        raise BOOKINGS_IN_THE_WAY.error(members=members)
    shown = _show(found.closure, place.zone)
    return ClosureMade(**shown.model_dump(), cancelled=found.cancelled, rehoused=found.rehoused)


@router.delete(
    "/places/{place_id}/closures/{closure_id}",
    operation_id="remove_closure",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(PLACE_UNKNOWN, CLOSURE_UNKNOWN),
)
def remove_closure(place_id: UUID, closure_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Have it booked again; whoever waits for it hears of it. What was cancelled stays cancelled."""
    closure = get_closure(session, get_place(session, place_id).id, closure_id)
    remove(session, closure, now=now, actor=caller.actor)


def _show(closure: Closure, zone: str) -> ClosureShown:
    span = span_between(closure.starts_at, closure.ends_at, zone_named(zone))
    return ClosureShown(
        **times_of(span.starts_at, span.ends_at, span.local_start, span.local_end, zone),
        id=closure.id,
        resource_id=closure.resource_id,
        reason=closure.reason,
        made_at=closure.made_at,
    )
