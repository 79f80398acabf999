"""Who is asking, and the one declaration per route of who may call it.

A route says ``dependencies=allow(Role.COORDINATOR, Role.MANAGER)``. Where its path holds a ``place_id``, a role that
belongs to a place counts only at that place. Elsewhere the service narrows what it shows or changes with
:meth:`Caller.places` or :meth:`Caller.require_at`. The application does not start with a route that declares nothing,
and shows each declaration in the OpenAPI document as ``x-access``.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from sqlalchemy import BindParameter, ColumnElement, and_, or_, select

from passapp.accounts.models import AccessToken, RoleGrant
from passapp.accounts.rules import AT_A_PLACE, Grant, Role, places_where
from passapp.kernel.api import NowDep
from passapp.kernel.audit import Actor
from passapp.kernel.database import SessionDep
from passapp.kernel.ids import hash_secret
from passapp.kernel.problems import FORBIDDEN, NOT_SIGNED_IN
from passapp.kernel.settings import Settings

__all__ = [
    "EVERYONE_SIGNED_IN",
    "STAFF",
    "Access",
    "Caller",
    "CallerDep",
    "Declaration",
    "Role",
    "allow",
    "allow_anyone",
    "caller_of",
    "hash_of_token",
    "is_alive",
]


def session_cookie(settings: Settings) -> str:
    """Name of the session cookie: ``__Host-`` wherever HTTPS allows it."""
    return "__Host-passapp" if settings.secure_cookies else "passapp"


@dataclass(frozen=True)
class Caller:
    """Who is asking: a person with grants, a door of one place, or nobody."""

    address: str | None = None
    token_id: UUID | None = None
    account_id: UUID | None = None
    grants: frozenset[Grant] = frozenset()

    @property
    def actor(self) -> Actor:
        """The caller as the audit log names them."""
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


def _address(request: Request) -> str | None:
    """Where the request comes from, if that is an address at all: a proxy passes on what it was told."""
    try:
        return str(ip_address(request.client.host)) if request.client else None
    except ValueError:
        return None


def hash_of_token(request: Request) -> str | None:
    """What the database keeps of the token that a request carries; None where it carries none."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    secret = bearer if scheme.lower() == "bearer" else request.cookies.get(session_cookie(request.app.state.settings))
    return hash_secret(secret) if secret else None


def is_alive(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether an access token is good: not revoked, not expired."""
    not_expired = or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now)
    return and_(AccessToken.revoked_at.is_(None), not_expired)


def caller_of(request: Request, session: SessionDep, now: NowDep) -> Caller:
    """Who is asking; nobody for a token that is unknown, expired or revoked."""
    address = _address(request)
    token_hash = hash_of_token(request)
    if token_hash is None:
        return Caller(address)
    found = session.execute(
        select(AccessToken.id, AccessToken.account_id, AccessToken.place_id, RoleGrant.role, RoleGrant.place_id)
        .outerjoin(RoleGrant, RoleGrant.account_id == AccessToken.account_id)
        .where(AccessToken.token_hash == token_hash, is_alive(now))
    ).all()
    if not found:
        return Caller(address)
    token_id, account_id, door_place_id = found[0][:3]
    if door_place_id is not None:
        return Caller(address, token_id, None, frozenset({Grant(Role.DOOR, door_place_id)}))
    grants = frozenset(Grant(Role(role), place_id) for *_, role, place_id in found if role is not None)
    return Caller(address, token_id, account_id, grants)


CallerDep = Annotated[Caller, Depends(caller_of)]


class Declaration:
    """The declaration of who may call a route. What extends it is a dependency of the route, and refuses the others."""

    def __init__(self, roles: frozenset[Role], *, anywhere: bool = False) -> None:
        """No roles: anybody may call, signed in or not."""
        self.roles = roles
        self.anywhere = anywhere


class Access(Declaration):
    """What :func:`allow` declares, checked against the caller's grants."""

    def __call__(self, request: Request, caller: CallerDep) -> None:
        """Raise ``not_signed_in`` or ``forbidden`` unless the caller may."""
        if not self.roles:
            return
        if caller.token_id is None:
            raise NOT_SIGNED_IN.error(headers={"WWW-Authenticate": "Bearer"})
        held = {grant for grant in caller.grants if grant.role in self.roles}
        here = request.path_params.get("place_id")
        if here is not None and not self.anywhere:
            held = {g for g in held if g.role not in AT_A_PLACE | {Role.DOOR} or str(g.place_id) == here.lower()}
        if not held:
            raise FORBIDDEN.error()


def allow(*roles: Role, anywhere: bool = False) -> list[Any]:
    """``dependencies=allow(…)``: only callers who hold one of these roles.

    ``anywhere``: a role at any place will do, although the path names one (what every place may read of another).
    """
    if not roles:
        msg = "say which roles may call, or allow_anyone()"
        raise ValueError(msg)
    return [Depends(Access(frozenset(roles), anywhere=anywhere))]


def allow_anyone() -> list[Any]:
    """``dependencies=allow_anyone()``: a public route."""
    return [Depends(Access(frozenset()))]


def declared_access(dependencies: list[Dependency]) -> Declaration | None:
    """The declaration among a route's dependencies, or None."""
    calls: list[object] = [dependency.dependency for dependency in dependencies]
    return next((call for call in calls if isinstance(call, Declaration)), None)


EVERYONE_SIGNED_IN = frozenset(Role) - {Role.DOOR}
STAFF = (Role.COORDINATOR, Role.NETWORK_ACCOUNTANT, Role.MANAGER, Role.PLACE_ACCOUNTANT)
