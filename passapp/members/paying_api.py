"""Routes of memberships that are not paid for."""

from uuid import UUID

from fastapi import APIRouter

from passapp.accounts.access import CallerDep, Scope, allow
from passapp.accounts.rules import Role
from passapp.kernel.api import NowDep
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import FORBIDDEN, may_answer
from passapp.members import service
from passapp.members.api import MAY_EDIT, MemberShown, show_member, visible
from passapp.members.paying import mark_paid, mark_unpaid

router = APIRouter(tags=["members"])


@router.post(
    "/members/{member_id}/memberships/{membership_id}/unpaid",
    operation_id="mark_unpaid",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    responses=may_answer(service.MEMBER_UNKNOWN, service.MEMBERSHIP_UNKNOWN, FORBIDDEN),
)
def mark_membership_unpaid(
    member_id: UUID, membership_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep
) -> MemberShown:
    """Say that a membership is not paid for: it opens no door from now on. Its home does, or the coordination."""
    member = service.get_member(session, member_id, visible(caller, now))
    membership = service.get_membership(member, membership_id)
    caller.require_at(frozenset({membership.place_id}), Role.MANAGER)
    mark_unpaid(session, membership, at=now, actor=caller.actor)
    return show_member(member, caller, now)


@router.post(
    "/members/{member_id}/memberships/{membership_id}/paid",
    operation_id="mark_paid",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    responses=may_answer(service.MEMBER_UNKNOWN, service.MEMBERSHIP_UNKNOWN, FORBIDDEN),
)
def mark_membership_paid(
    member_id: UUID, membership_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep
) -> MemberShown:
    """Say that a membership is paid for again: it opens at once."""
    member = service.get_member(session, member_id, visible(caller, now))
    membership = service.get_membership(member, membership_id)
    caller.require_at(frozenset({membership.place_id}), Role.MANAGER)
    mark_paid(session, membership, at=now, actor=caller.actor)
    return show_member(member, caller, now)
