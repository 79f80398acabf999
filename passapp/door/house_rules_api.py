"""Routes of house rules: read and accepted by the member, or accepted in words at the door."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door import house_rules
from passapp.door.at_place import CHECK_IN_UNKNOWN, check_in_at
from passapp.door.models import CheckIn, VisitIdentity
from passapp.door.service import acting
from passapp.kernel.api import Body, NowDep, Shown
from passapp.kernel.audit import record
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.members.service import MEMBER_UNKNOWN, member_of_account

router = APIRouter(tags=["door"])

LAST_VERSION = 2**31 - 1


class RulesPlace(Shown):
    """A place with house rules."""

    id: UUID
    name: str
    town: str
    zone: str


class RulesShown(Shown):
    """House rules in force. `accepted_at`: when I accepted this version of them; null: they wait."""

    place: RulesPlace
    version: int
    text: str
    accepted_at: datetime | None


class MyHouseRules(Shown):
    """The house rules of my homes and of the places where I came, by the place's name."""

    items: list[RulesShown]


class RulesAccepted(Body):
    """The version that was read."""

    version: int = Field(ge=1, le=LAST_VERSION)


@router.get(
    "/me/house-rules",
    operation_id="list_my_house_rules",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(MEMBER_UNKNOWN),
)
def list_my_house_rules(session: SessionDep, now: NowDep, caller: CallerDep) -> MyHouseRules:
    """The house rules of my homes and of the places where I came, accepted or not."""
    member = member_of_account(session, caller.account_id)
    return MyHouseRules(
        items=[RulesShown.model_validate(each) for each in house_rules.rules_for(session, member, now=now)]
    )


@router.post(
    "/me/house-rules/{place_id}",
    operation_id="accept_house_rules",
    dependencies=allow(Role.MEMBER, anywhere=True),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(MEMBER_UNKNOWN, house_rules.HOUSE_RULES_CHANGED),
)
def accept_house_rules(
    place_id: UUID, body: RulesAccepted, session: SessionDep, now: NowDep, caller: CallerDep
) -> None:
    """Accept a place's house rules, once for each version of them."""
    member = member_of_account(session, caller.account_id)
    house_rules.accept(session, member.id, place_id, body.version, by="member", at=now)


@router.post(
    "/check-ins/{check_in_id}/house-rules",
    operation_id="accept_house_rules_at_door",
    dependencies=allow(Role.DOOR, Role.HOST, Role.MANAGER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(CHECK_IN_UNKNOWN, house_rules.HOUSE_RULES_CHANGED),
)
def accept_house_rules_at_door(
    check_in_id: UUID, body: RulesAccepted, session: SessionDep, now: NowDep, caller: CallerDep
) -> None:
    """Write down that whoever came in with this check-in has accepted the house rules, in words."""
    row = check_in_at(session, check_in_id, caller, Role.DOOR, Role.HOST, Role.MANAGER)
    member_id = _member_behind(session, row)
    if house_rules.accept(session, member_id, row.place_id, body.version, by="door", at=now):
        actor, about = acting(session, caller, now), ("check_in", row.id)
        record(session, actor, now, "house_rules.accept", about, place_id=row.place_id, version=body.version)


def _member_behind(session: Session, row: CheckIn) -> UUID:
    identity = session.get(VisitIdentity, row.visitor_key) if row.visitor_key else None
    if identity is None:  # a pass of nobody's, or of somebody who was erased since
        raise CHECK_IN_UNKNOWN.error()
    return identity.member_id
