"""Routes of sessions: where one is signed in, and out again."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, status

from passapp.accounts import sessions
from passapp.accounts.access import CallerDep, account_of_caller, allow_oneself
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer

router = APIRouter(prefix="/me/sessions", tags=["accounts"])


class SessionShown(Shown):
    """A browser in which I am signed in. `device` is what it calls itself, `last_used_at` a few minutes exact."""

    id: UUID
    device: str | None
    opened_at: datetime
    last_used_at: datetime
    is_this_one: bool


class Sessions(Shown):
    """Where I am signed in, the last used first."""

    items: list[SessionShown]


@router.get("", operation_id="list_my_sessions", dependencies=allow_oneself())
def list_my_sessions(session: SessionDep, now: NowDep, caller: CallerDep) -> Sessions:
    """Where I am signed in."""
    account = account_of_caller(session, caller)
    return Sessions(
        items=[
            SessionShown(
                id=token.id,
                device=token.device,
                opened_at=token.created_at,
                last_used_at=token.last_used_at or token.created_at,
                is_this_one=token.id == caller.token_id,
            )
            for token in sessions.sessions_of(session, account.id, at=now)
        ]
    )


@router.delete(
    "/{session_id}",
    operation_id="revoke_my_session",
    dependencies=allow_oneself(),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(sessions.SESSION_UNKNOWN),
)
def revoke_my_session(session_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Sign out in one of my browsers, at once."""
    sessions.revoke_session(session, session_id, at=now, caller=caller)


@router.delete(
    "",
    operation_id="revoke_my_other_sessions",
    dependencies=allow_oneself(),
    status_code=status.HTTP_204_NO_CONTENT,
)
def revoke_my_other_sessions(session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Sign out everywhere but here."""
    sessions.revoke_other_sessions(session, at=now, caller=caller)
