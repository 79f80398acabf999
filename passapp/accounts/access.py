"""Who is asking, and the one declaration per route of who may call it.

A route says ``dependencies=allow(Role.COORDINATOR, Role.MANAGER)``. Where its path holds a ``place_id``, a role that
belongs to a place counts only at that place. Elsewhere the service narrows what it shows or changes with
:meth:`Caller.places` or :meth:`Caller.require_at`. The application does not start with a route that declares nothing,
and shows each declaration in the OpenAPI document as ``x-access``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Depends as Dependency
from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from passapp.accounts.models import AccessToken, Account, ApiKey, RoleGrant
from passapp.accounts.rules import AT_A_PLACE, Grant, Role, Scope, places_where
from passapp.kernel.api import NowDep
from passapp.kernel.audit import Actor
from passapp.kernel.database import Database, SessionDep
from passapp.kernel.ids import KEY_PREFIX, hash_secret
from passapp.kernel.limits import network_address
from passapp.kernel.problems import FORBIDDEN, NOT_SIGNED_IN, ProblemType
from passapp.kernel.settings import Settings

__all__ = [
    "EVERYONE_SIGNED_IN",
    "STAFF",
    "Access",
    "Caller",
    "CallerDep",
    "Declaration",
    "Role",
    "Scope",
    "account_of_caller",
    "allow",
    "allow_anyone",
    "allow_oneself",
    "bearer_of",
    "caller_of",
    "hash_of_token",
    "is_alive",
]


KEY_NOT_VALID = ProblemType(
    "key_not_valid",
    401,
    en="This API key is unknown or was revoked. Make another on the page “API keys”.",
    fr="Cette clé API est inconnue ou a été retirée. Faites-en une autre sur la page « Clés API ».",
)
SCOPE_MISSING = ProblemType(
    "scope_missing",
    403,
    en="This API key does not hold the scope {scope}. Make one that does.",
    fr="Cette clé API n'a pas le droit {scope}. Faites-en une qui l'a.",
)

USE_IS_EXACT_TO = timedelta(minutes=5)
"""Sessions and keys show when they were last used; to write that down on every request would make readers writers."""


def session_cookie(settings: Settings) -> str:
    """Name of the session cookie: ``__Host-`` wherever HTTPS allows it."""
    return "__Host-passapp" if settings.secure_cookies else "passapp"


@dataclass(frozen=True)
class Caller:
    """Who is asking: a person with grants, a door of one place, an integration's key with its scopes, or nobody."""

    address: str | None = None
    token_id: UUID | None = None
    account_id: UUID | None = None
    grants: frozenset[Grant] = frozenset()
    scopes: frozenset[Scope] | None = None
    last_used_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The caller as the audit log names them."""
        if self.scopes is not None:
            return Actor("key", self.token_id, self.address)
        if self.account_id is None:
            return Actor("door" if self.token_id else "system", self.token_id, self.address)
        return Actor("account", self.account_id, self.address)

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds one of these roles, anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def places(self, *roles: Role) -> frozenset[UUID]:
        """The places at which the caller holds one of these roles."""
        return places_where(self.grants, frozenset(roles))

    def require_at(self, place_ids: frozenset[UUID], *roles: Role) -> None:
        """Let a coordinator through, and those who hold one of ``roles`` at one of these places.

        Raises ``forbidden``.
        """
        if not self.has(Role.COORDINATOR) and not (self.places(*roles) & place_ids):
            raise FORBIDDEN.error()


def hash_of_token(request: Request) -> str | None:
    """What the database keeps of the token that a request carries; None where it carries none."""
    bearer = bearer_of(request)
    secret = request.cookies.get(session_cookie(request.app.state.settings)) if bearer is None else bearer
    return hash_secret(secret) if secret else None


def bearer_of(request: Request) -> str | None:
    """The secret that a request carries in its header; None where it carries none."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret if scheme.lower() == "bearer" else None


def _carries_key(request: Request) -> bool:
    return (bearer_of(request) or "").startswith(KEY_PREFIX)


def is_alive(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether an access token is good: not revoked, not expired."""
    not_expired = or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now)
    return and_(AccessToken.revoked_at.is_(None), not_expired)


def caller_of(request: Request, session: SessionDep, now: NowDep) -> Caller:
    """Who is asking; nobody for a token that is unknown, expired or revoked."""
    address = network_address(request)
    token_hash = hash_of_token(request)
    if token_hash is None:
        return Caller(address)
    if _carries_key(request):
        return _caller_by_key(session, token_hash, address)
    found = session.execute(
        select(
            AccessToken.id,
            AccessToken.account_id,
            AccessToken.place_id,
            AccessToken.last_used_at,
            RoleGrant.role,
            RoleGrant.place_id,
        )
        .outerjoin(RoleGrant, RoleGrant.account_id == AccessToken.account_id)
        .where(AccessToken.token_hash == token_hash, is_alive(now))
    ).all()
    if not found:
        return Caller(address)
    token_id, account_id, door_place_id, last_used_at = found[0][:4]
    if door_place_id is not None:
        return Caller(address, token_id, None, frozenset({Grant(Role.DOOR, door_place_id)}))
    grants = frozenset(Grant(Role(role), place_id) for *_, role, place_id in found if role is not None)
    return Caller(address, token_id, account_id, grants, last_used_at=last_used_at)


def _caller_by_key(session: Session, token_hash: str, address: str | None) -> Caller:
    key = session.scalar(select(ApiKey).where(ApiKey.token_hash == token_hash, ApiKey.revoked_at.is_(None)))
    if key is None:
        return Caller(address)
    grant = Grant(Role.MANAGER, key.place_id) if key.place_id else Grant(Role.COORDINATOR)
    scopes = frozenset(scope for scope in Scope if scope in key.scopes)
    return Caller(address, key.id, None, frozenset({grant}), scopes, key.last_used_at)


def _caller(request: Request, session: SessionDep, now: NowDep, background: BackgroundTasks) -> Caller:
    """Who is asking; that they did is written down once the answer has left, every few minutes."""
    caller = caller_of(request, session, now)
    if caller.token_id is not None and not caller.has(Role.DOOR) and _is_long_ago(caller.last_used_at, now):
        background.add_task(_note_use, request.app.state.database, caller, now)
    return caller


def _is_long_ago(used_at: datetime | None, now: datetime) -> bool:
    return used_at is None or used_at < now - USE_IS_EXACT_TO


async def _note_use(database: Database, caller: Caller, now: datetime) -> None:
    """Like any other writer, in turn; who asked many things at once is written down once."""
    table = AccessToken if caller.scopes is None else ApiKey
    is_due = or_(table.last_used_at.is_(None), table.last_used_at < now - USE_IS_EXACT_TO)

    def note() -> None:
        with database.write() as session:
            session.execute(update(table).where(table.id == caller.token_id, is_due).values(last_used_at=now))

    async with database.writers:
        await run_in_threadpool(note)


CallerDep = Annotated[Caller, Depends(_caller)]


def account_of_caller(session: Session, caller: Caller, *, keep: bool = False) -> Account:
    """The account of the person who asks. ``keep``: nobody can erase it before this (writing) transaction ends.

    Raises ``not_signed_in`` for a door or a key, and where the person was erased since their session was looked up.
    """
    lock = {"key_share": True} if keep else None
    account = session.get(Account, caller.account_id, with_for_update=lock) if caller.account_id else None
    if account is None:
        raise NOT_SIGNED_IN.error(headers={"WWW-Authenticate": "Bearer"})
    return account


class Declaration:
    """The declaration of who may call a route. What extends it is a dependency of the route, and refuses the others."""

    def __init__(
        self,
        roles: frozenset[Role],
        *,
        anywhere: bool = False,
        scope: Scope | None = None,
        refusal: ProblemType = FORBIDDEN,
    ) -> None:
        """No roles: anybody may call, signed in or not. No scope: no integration's key may, whatever its scopes."""
        self.roles = roles
        self.refusal = refusal
        self.anywhere = anywhere
        self.scope = scope


class Access(Declaration):
    """What :func:`allow` declares, checked against the caller's grants."""

    oneself = False

    def __call__(self, request: Request, caller: CallerDep) -> None:
        """Raise ``not_signed_in`` or ``refusal`` unless the caller may; ``key_not_valid``, ``scope_missing``.

        A key is ``forbidden`` where no scope lets it in.
        """
        if not self.roles:
            return
        if caller.token_id is None:
            kind = KEY_NOT_VALID if _carries_key(request) else NOT_SIGNED_IN
            raise kind.error(headers={"WWW-Authenticate": "Bearer"})
        if caller.scopes is not None and self.scope not in caller.scopes:
            raise SCOPE_MISSING.error(scope=self.scope) if self.scope else FORBIDDEN.error()
        if self.oneself and caller.account_id is not None:
            return
        held = {grant for grant in caller.grants if grant.role in self.roles}
        here = request.path_params.get("place_id")
        if here is not None and not self.anywhere:
            held = {g for g in held if g.role not in AT_A_PLACE | {Role.DOOR} or str(g.place_id) == here.lower()}
        if not held:
            raise self.refusal.error()


def allow(
    *roles: Role, anywhere: bool = False, scope: Scope | None = None, refusal: ProblemType = FORBIDDEN
) -> list[Any]:
    """``dependencies=allow(…)``: only callers who hold one of these roles.

    ``anywhere``: a role at any place will do, although the path names one (what every place may read of another).
    ``scope``: what an integration's key must hold to call; without it, no key may. ``refusal``: what those are told who
    hold none.
    """
    if not roles:
        msg = "say which roles may call, or allow_anyone()"
        raise ValueError(msg)
    return [Depends(Access(frozenset(roles), anywhere=anywhere, scope=scope, refusal=refusal))]


def allow_anyone() -> list[Any]:
    """``dependencies=allow_anyone()``: a public route."""
    return [Depends(Access(frozenset()))]


class AccessToOneself(Access):
    """What :func:`allow_oneself` declares."""

    oneself = True


def allow_oneself() -> list[Any]:
    """``dependencies=allow_oneself()``: about the caller alone; who lost their last role may still call it."""
    return [Depends(AccessToOneself(EVERYONE_SIGNED_IN))]


def declared_access(dependencies: list[Dependency]) -> Declaration | None:
    """The declaration among a route's dependencies, or None."""
    calls: list[object] = [dependency.dependency for dependency in dependencies]
    return next((call for call in calls if isinstance(call, Declaration)), None)


EVERYONE_SIGNED_IN = frozenset(Role) - {Role.DOOR}
STAFF = (Role.COORDINATOR, Role.NETWORK_ACCOUNTANT, Role.MANAGER, Role.PLACE_ACCOUNTANT)
