"""Routes of accounts."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import Field

from passapp.accounts import service
from passapp.accounts.access import CallerDep, allow, allow_anyone, session_cookie
from passapp.accounts.fields import Email, Locale
from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.kernel.settings import Settings
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["accounts"])


class AccountShown(Shown):
    """The signed-in person."""

    id: UUID
    name: str
    email: str
    locale: str


class GrantPlace(Shown):
    """The place of a role."""

    id: UUID
    code: str
    name: str
    town: str


class MyGrant(Shown):
    """One of my roles."""

    role: Role
    place: GrantPlace | None


class Me(Shown):
    """Who is asking; ``account`` is null for nobody."""

    account: AccountShown | None
    grants: list[MyGrant]


class SignIn(Body):
    """The secret of a sign-in link."""

    token: str = Field(min_length=1, max_length=200, examples=["nB8q…"])


class GrantShown(Shown):
    """A role that somebody holds."""

    id: UUID
    role: Role
    account: AccountShown
    place: GrantPlace | None


class Grants(Shown):
    """Every role given."""

    items: list[GrantShown]


class GrantWanted(Body):
    """A role to give."""

    email: Email = Field(examples=["camille@example.org"])
    name: Line = Field(examples=["Camille"])
    role: Literal["host", "manager", "place_accountant", "coordinator", "network_accountant"]
    place_id: UUID | None = None
    locale: Locale = "fr"


def who(account: Account | None, grants: list[RoleGrant]) -> Me:
    """The answer of ``/me`` and of every way to sign in."""
    return Me(
        account=AccountShown.model_validate(account) if account else None,
        grants=[MyGrant.model_validate(grant) for grant in grants],
    )


def set_session_cookie(response: Response, settings: Settings, secret: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        session_cookie(settings),
        secret,
        max_age=int(service.SESSION_LASTS.total_seconds()),
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
        path="/",
    )


@router.get("/me", operation_id="who_am_i", dependencies=allow_anyone())
def who_am_i(session: SessionDep, caller: CallerDep) -> Me:
    """Who is asking, and their roles; nobody is an answer too."""
    if caller.account_id is None:
        return who(None, [])
    return who(session.get_one(Account, caller.account_id), service.roles_of(session, caller.account_id))


@router.post(
    "/sign-in",
    operation_id="sign_in",
    dependencies=allow_anyone(),
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
    _ = request
    account, secret = service.sign_in(session, body.token, at=now, address=caller.address)
    if caller.account_id is not None and caller.token_id is not None:
        service.revoke_token(session, caller.token_id, at=now)
    set_session_cookie(response, settings, secret)
    return who(account, service.roles_of(session, account.id))


@router.delete(
    "/session",
    operation_id="sign_out",
    # Public: whoever lost their last role must still be able to leave a shared computer.
    dependencies=allow_anyone(),
    status_code=status.HTTP_204_NO_CONTENT,
)
def sign_out(response: Response, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep) -> None:
    """End this session, if there is one; a door is not a session, and is cut off instead."""
    if caller.account_id is not None and caller.token_id is not None:
        service.revoke_token(session, caller.token_id, at=now)
    response.delete_cookie(session_cookie(settings), path="/", secure=settings.secure_cookies, httponly=True)


@router.get("/role-grants", operation_id="list_role_grants", dependencies=allow(Role.COORDINATOR))
def list_role_grants(session: SessionDep) -> Grants:
    """Every role given, but for members'."""
    return Grants(items=[GrantShown.model_validate(grant) for grant in service.all_grants(session)])


@router.post(
    "/role-grants",
    operation_id="grant_role",
    dependencies=allow(Role.COORDINATOR),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN, service.PLACE_NEEDED),
)
def grant_role(body: GrantWanted, session: SessionDep, now: NowDep, caller: CallerDep) -> GrantShown:
    """Give a person a role, in the network or at a place; their account is made if need be."""
    place = get_place(session, body.place_id) if body.place_id else None
    account = service.ensure_account(session, body.email, body.name, locale=body.locale, at=now)
    grant = service.grant_role(session, account, Role(body.role), place, at=now, actor=caller.actor)
    return GrantShown.model_validate(grant)


@router.delete(
    "/role-grants/{grant_id}",
    operation_id="withdraw_role",
    dependencies=allow(Role.COORDINATOR),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(service.GRANT_UNKNOWN, service.LAST_COORDINATOR),
)
def withdraw_role(grant_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Take a role back."""
    service.withdraw_role(session, grant_id, at=now, actor=caller.actor)
