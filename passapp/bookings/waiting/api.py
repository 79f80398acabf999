"""Routes of waiting: for what is taken, until it is free."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field

from passapp.accounts.access import CallerDep, Role, allow
from passapp.bookings.api import TIMES, TimesWanted
from passapp.bookings.fields import ResourceIdPath
from passapp.bookings.models import Waiting
from passapp.bookings.rules import span_between
from passapp.bookings.said import MEMBERS_ONLY, NOT_BOOKABLE
from passapp.bookings.service import RESOURCE_UNKNOWN, get_resource
from passapp.bookings.shown import FreeResourceShown, Times, times_of
from passapp.bookings.waiting import service as waiting
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.clock import zone_named
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.members.service import MEMBER_UNKNOWN, member_of_account

router = APIRouter(tags=["bookings"])


class OfferShown(Shown):
    """What is kept for whoever waited: `POST /bookings/{id}/confirm` takes it, until then."""

    booking_id: UUID
    until: datetime


class WaitingShown(Times):
    """What somebody waits for. `offer`: it is free, and theirs to take."""

    id: UUID
    resource: FreeResourceShown
    people: int
    made_at: datetime
    offer: OfferShown | None


class Waits(Shown):
    """What I wait for, the first one first."""

    items: list[WaitingShown] = Field(description="Not what I took, or let pass.")


@router.post(
    "/resources/{resource_id}/waiting",
    operation_id="wait_for",
    dependencies=allow(Role.MEMBER, refusal=MEMBERS_ONLY),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        RESOURCE_UNKNOWN,
        MEMBER_UNKNOWN,
        MEMBERS_ONLY,
        waiting.IT_IS_FREE,
        waiting.TOO_LATE_TO_WAIT,
        waiting.TOO_MANY_WAITS,
        NOT_BOOKABLE,
        *TIMES,
    ),
)
def wait_for(
    resource_id: ResourceIdPath, body: TimesWanted, session: SessionDep, now: NowDep, caller: CallerDep
) -> WaitingShown:
    """Wait for what is taken. Once it is free, whoever waited first has it kept for two hours, and hears of it by mail.

    Never longer than until an hour before it begins; then it goes to the next. Again: nothing changes.
    """
    resource = get_resource(session, resource_id)
    member = member_of_account(session, caller.account_id)
    span = body.span(resource.place.zone)
    return _show(waiting.wait(session, resource, member, span, people=body.people, now=now, actor=caller.actor))


@router.get(
    "/me/waiting",
    operation_id="list_my_waits",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(MEMBER_UNKNOWN),
)
def list_my_waits(session: SessionDep, now: NowDep, caller: CallerDep) -> Waits:
    """What I wait for, and what I am offered."""
    member = member_of_account(session, caller.account_id)
    return Waits(items=[_show(each) for each in waiting.waits_of(session, member.id, now)])


@router.delete(
    "/me/waiting/{waiting_id}",
    operation_id="stop_waiting",
    dependencies=allow(Role.MEMBER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(MEMBER_UNKNOWN, waiting.WAITING_UNKNOWN),
)
def stop_waiting(waiting_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Wait no longer; what I was offered goes to the next."""
    member = member_of_account(session, caller.account_id)
    waiting.stop(session, waiting.get_wait(session, waiting_id, member.id), now=now, actor=caller.actor)


def _show(wait: Waiting) -> WaitingShown:
    zone = wait.resource.place.zone
    span = span_between(wait.starts_at, wait.ends_at, zone_named(zone))
    until = wait.booking.expires_at if wait.booking else None
    return WaitingShown(
        **times_of(span.starts_at, span.ends_at, span.local_start, span.local_end, zone),
        id=wait.id,
        resource=FreeResourceShown.model_validate(wait.resource),
        people=wait.people,
        made_at=wait.made_at,
        offer=OfferShown(booking_id=wait.booking.id, until=until) if wait.booking and until else None,
    )
