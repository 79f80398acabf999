"""Route of checking out."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door.at_place import CHECK_IN_UNKNOWN
from passapp.door.check_out import CHECK_OUT_OFF, NOBODY_TO_CHECK_OUT, check_out
from passapp.kernel.api import Body, Instant, NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer

router = APIRouter(tags=["door"])


class CheckOutWanted(Body):
    """When somebody left; left out: now."""

    at: Instant | None = Field(default=None, description="Never before they came, nor in the future.")


class CheckedOut(Shown):
    """Somebody who left."""

    check_in_id: UUID
    left_at: datetime


@router.post(
    "/check-ins/{check_in_id}/check-out",
    operation_id="check_out",
    dependencies=allow(Role.DOOR, Role.HOST, Role.MANAGER),
    responses=may_answer(CHECK_IN_UNKNOWN, CHECK_OUT_OFF, NOBODY_TO_CHECK_OUT),
)
def check_out_of(
    check_in_id: UUID, body: CheckOutWanted, session: SessionDep, now: NowDep, caller: CallerDep
) -> CheckedOut:
    """Say that somebody left, where the place writes it down. Nobody needs to: closing time checks everybody out."""
    left_at = check_out(session, check_in_id, caller, at=body.at, now=now)
    return CheckedOut(check_in_id=check_in_id, left_at=left_at)
