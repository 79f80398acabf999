"""Route of what a member says of themselves to whoever receives them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import Field
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.kernel.api import Body, Line, NowDep, Optional
from passapp.kernel.audit import Actor, record
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.members.models import Member
from passapp.members.service import MEMBER_UNKNOWN, member_of_account

router = APIRouter(tags=["members"])


class Attention(Body):
    """What those who receive me should know, in my own words; empty: nothing."""

    attention: Annotated[Line | None, Optional] = Field(
        examples=["Je marche avec une canne : une place près de l'entrée."]
    )


def write_attention(session: Session, member: Member, attention: str | None, *, at: datetime, actor: Actor) -> None:
    """Write, for oneself, what those who receive should know; None: nothing any more."""
    if member.attention != attention:
        member.attention = attention
        session.flush()
        record(session, actor, at, "member.attention", ("member", member.id))


@router.put(
    "/me/attention",
    operation_id="write_my_attention",
    dependencies=allow(Role.MEMBER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(MEMBER_UNKNOWN),
)
def write_my_attention(body: Attention, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Write what those who receive me should know: phones at the door show it as I come in."""
    member = member_of_account(session, caller.account_id)
    write_attention(session, member, body.attention, at=now, actor=caller.actor)
