"""Routes of accounts: signing in and out, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import Field

from passapp.accounts import service, sessions
from passapp.accounts.access import CallerDep, account_of_caller, allow_anyone, allow_oneself, session_cookie
from passapp.accounts.fields import Email, Locale
from passapp.accounts.models import Account
from passapp.accounts.roles import roles_of
from passapp.accounts.rules import LONGEST_NEXT, safe_next
from passapp.accounts.sessions import begin_session
from passapp.accounts.shown import Me, who
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.mail import SEND_SOON
from passapp.kernel.problems import may_answer

router = APIRouter(tags=["accounts"])


class SignInLinkWanted(Body):
    """Who wants to sign in, and where to go then: a path of this site."""

    email: Email = Field(examples=["lea@example.org"])
    next: Annotated[str, Field(max_length=LONGEST_NEXT)] | None = Field(default=None, examples=["/pass"])


class Asked(Shown):
    """Heard; that is all there is to say, whether anybody here has that address or not."""

    status: str = "asked"


class SignIn(Body):
    """The secret of a sign-in link."""

    token: str = Field(min_length=1, max_length=200, examples=["nB8q…"])


class MeChanges(Body):
    """What changes; what is left out stays."""

    name: Line | None = Field(default=None, examples=["Camille"])
    locale: Locale | None = None


@router.get("/me", operation_id="who_am_i", dependencies=allow_anyone())
def who_am_i(session: SessionDep, caller: CallerDep) -> Me:
    """Who is asking, and their roles; nobody is an answer too."""
    account = session.get(Account, caller.account_id) if caller.account_id else None
    return who(account, roles_of(session, account.id) if account else [])


@router.patch("/me", operation_id="change_me", dependencies=allow_oneself())
def change_me(body: MeChanges, session: SessionDep, now: NowDep, caller: CallerDep) -> Me:
    """Change one's own name or language."""
    account = account_of_caller(session, caller, keep=True)
    service.change_account(session, account, body.model_dump(exclude_none=True), at=now, actor=caller.actor)
    return who_am_i(session, caller)


@router.post(
    "/sign-in-links",
    operation_id="ask_for_sign_in_link",
    dependencies=[limited("sign_in_links", times=60, minutes=10), *allow_anyone(), SEND_SOON],
    status_code=status.HTTP_202_ACCEPTED,
)
def ask_for_sign_in_link(body: SignInLinkWanted, session: SessionDep, now: NowDep) -> Asked:
    """Have a sign-in link sent by mail, if somebody here has this address; the answer is the same if nobody has."""
    service.ask_for_sign_in_link(session, body.email, safe_next(body.next), at=now)
    return Asked()


@router.post(
    "/sign-in",
    operation_id="sign_in",
    dependencies=[limited("sign_in", times=30, minutes=10, failures_only=True), *allow_anyone()],
    responses=may_answer(service.LINK_NOT_VALID),
)
def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    caller: CallerDep,
) -> Me:
    """Consume a sign-in link and open a new session; the browser's old one ends."""
    account = service.use_sign_in_link(session, body.token, at=now)
    return begin_session(request, response, session, account, now=now, settings=settings, caller=caller, how="link")


@router.delete(
    "/session",
    operation_id="sign_out",
    # Public: a session that has ended can be left without an error.
    dependencies=allow_anyone(),
    status_code=status.HTTP_204_NO_CONTENT,
)
def sign_out(response: Response, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep) -> None:
    """End this session, if there is one; a door is not a session, and is cut off instead."""
    sessions.sign_out(session, at=now, caller=caller)
    response.delete_cookie(session_cookie(settings), path="/", secure=settings.secure_cookies, httponly=True)
