"""Routes of who was trained on a resource."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field, StringConstraints

from passapp.accounts.access import CallerDep, Role, allow
from passapp.bookings.fields import ResourceIdPath
from passapp.bookings.resources import trainings
from passapp.bookings.resources.service import managed_resource
from passapp.bookings.service import RESOURCE_UNKNOWN
from passapp.kernel.api import Body, NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.problems import ProblemType, may_answer
from passapp.members.models import Member
from passapp.members.rules import Within, initial_of
from passapp.members.service import MEMBER_UNKNOWN, get_member, home_at
from passapp.passes.rules import read_short_code
from passapp.passes.service import pass_with_short_code

router = APIRouter(tags=["rooms"])

MANAGES = (Role.COORDINATOR, Role.MANAGER)

CODE_UNKNOWN = ProblemType(
    "short_code_unknown",
    404,
    en="No pass bears this code: read it once more, it stands under the QR.",
    fr="Aucun pass ne porte ce code : relisez-le, il est sous le QR.",
)


class ShortCodeSaid(Body):
    """The short code of somebody's pass, who is there to be trained; they may be of another place."""

    short_code: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(examples=["K7M2-9QX4"])


class TrainedShown(Shown):
    """Somebody who was trained, as a host sees them."""

    member_id: UUID
    given_name: str
    initial: str
    home: str | None
    at: datetime


class Trained(Shown):
    """Those who were trained."""

    items: list[TrainedShown]


def _show(member: Member, at: datetime, now: datetime) -> TrainedShown:
    home = home_at(member, now)
    return TrainedShown(
        member_id=member.id,
        given_name=member.given_name,
        initial=initial_of(member.family_name),
        home=home.place.name if home else None,
        at=at,
    )


@router.get(
    "/resources/{resource_id}/trained",
    operation_id="list_trained",
    dependencies=allow(*MANAGES),
    responses=may_answer(RESOURCE_UNKNOWN),
)
def list_trained(resource_id: ResourceIdPath, session: SessionDep, now: NowDep, caller: CallerDep) -> Trained:
    """Who was trained on it, members of other places included."""
    resource = managed_resource(session, resource_id, caller)
    return Trained(items=[_show(member, at, now) for member, at in trainings.trained_on(session, resource)])


@router.post(
    "/resources/{resource_id}/trained",
    operation_id="train_whoever_is_here",
    dependencies=[limited("trained_by_code", times=60, minutes=10, failures_only=True), *allow(*MANAGES)],
    responses=may_answer(RESOURCE_UNKNOWN, CODE_UNKNOWN),
)
def train_whoever_is_here(
    resource_id: ResourceIdPath, body: ShortCodeSaid, session: SessionDep, now: NowDep, caller: CallerDep
) -> TrainedShown:
    """Write down that whoever shows this pass was trained: a member of any place."""
    resource = managed_resource(session, resource_id, caller)
    code = read_short_code(body.short_code)
    shown = pass_with_short_code(session, code) if code else None
    if shown is None:
        raise CODE_UNKNOWN.error()
    return _show(shown.member, trainings.train(session, resource, shown.member, at=now, actor=caller.actor), now)


@router.put(
    "/resources/{resource_id}/trained/{member_id}",
    operation_id="add_trained",
    dependencies=allow(*MANAGES),
    responses=may_answer(RESOURCE_UNKNOWN, MEMBER_UNKNOWN),
)
def add_trained(
    resource_id: ResourceIdPath, member_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep
) -> TrainedShown:
    """Write down that one of the place's own members was trained. Sent again, nothing changes."""
    resource = managed_resource(session, resource_id, caller)
    within = None if caller.has(Role.COORDINATOR) else Within(frozenset({resource.place_id}), now.date())
    member = get_member(session, member_id, within)
    return _show(member, trainings.train(session, resource, member, at=now, actor=caller.actor), now)


@router.delete(
    "/resources/{resource_id}/trained/{member_id}",
    operation_id="remove_trained",
    dependencies=allow(*MANAGES),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(RESOURCE_UNKNOWN),
)
def remove_trained(
    resource_id: ResourceIdPath, member_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep
) -> None:
    """Take somebody off the list; what they booked stays booked."""
    resource = managed_resource(session, resource_id, caller)
    trainings.untrain(session, resource, member_id, at=now, actor=caller.actor)
