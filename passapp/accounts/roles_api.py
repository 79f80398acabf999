"""Routes of roles: who holds which, and taking one back. They are given by invitation (``invitations_api``)."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, status

from passapp.accounts import roles
from passapp.accounts.access import CallerDep, Role, allow
from passapp.accounts.shown import AccountShown, GrantPlace
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["accounts"])


class GrantShown(Shown):
    """A role that somebody holds."""

    id: UUID
    role: Role
    account: AccountShown
    place: GrantPlace | None
    granted_at: datetime


class Grants(Shown):
    """The roles given."""

    items: list[GrantShown]


@router.get("/role-grants", operation_id="list_role_grants", dependencies=allow(Role.COORDINATOR))
def list_role_grants(session: SessionDep) -> Grants:
    """Every role given, but for members'."""
    return Grants(items=[GrantShown.model_validate(grant) for grant in roles.all_grants(session)])


@router.get(
    "/places/{place_id}/role-grants",
    operation_id="list_role_grants_at_place",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_role_grants_at_place(place_id: UUID, session: SessionDep) -> Grants:
    """The roles given at a place."""
    place = get_place(session, place_id)
    return Grants(items=[GrantShown.model_validate(grant) for grant in roles.grants_at(session, place.id)])


@router.delete(
    "/role-grants/{grant_id}",
    operation_id="withdraw_role",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(roles.GRANT_UNKNOWN, roles.LAST_COORDINATOR, roles.LAST_MANAGER),
)
def withdraw_role(grant_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Take a role back, one's own included: at once. A place keeps a manager, and the network a coordinator."""
    grant = roles.get_grant(session, grant_id)
    caller.require_at(frozenset({grant.place_id} if grant.place_id else ()), Role.MANAGER)
    roles.withdraw_role(session, grant, at=now, actor=caller.actor)
