"""The door that calls, found with its place by one statement: doors call a hundred times as often as people.

``dependencies=allow_doors()`` declares such a route, and ``CallingDep`` gives it the door. The statement locks the
place until the transaction ends: what two doors of one place do at the same moment, they do one after the other. A
visit is of one place, so nothing else has to be locked, and nobody waits for two locks.
"""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager

from passapp.accounts.access import Caller, Declaration, caller_of, hash_of_token, is_alive
from passapp.accounts.models import AccessToken
from passapp.accounts.rules import Role
from passapp.door.models import Door
from passapp.door.terms import REVISION, Terms, terms_of
from passapp.kernel.api import NowDep
from passapp.kernel.database import SessionDep, UtcDateTime
from passapp.kernel.problems import FORBIDDEN, NOT_SIGNED_IN
from passapp.places.models import Place

FIND_DOOR = (
    select(Door, *REVISION)
    .join(Door.place)
    .join(Door.token)
    .options(contains_eager(Door.place))
    .where(AccessToken.token_hash == bindparam("token_hash"), is_alive(bindparam("now", type_=UtcDateTime())))
    .with_for_update(of=Place, key_share=True)
)


@dataclass(frozen=True)
class Calling:
    """A door that calls, its place with it, and the terms it goes by."""

    door: Door
    terms: Terms


def calling_door(request: Request, session: SessionDep, now: NowDep) -> Calling:
    """The door that calls, its place locked. Raises ``not_signed_in``, or ``forbidden`` for a person."""
    found = session.execute(FIND_DOOR, {"token_hash": hash_of_token(request), "now": now}).one_or_none()
    if found is None:
        raise _refusal(caller_of(request, session, now))
    door, *revision = found
    return Calling(door, terms_of(session, tuple(revision)))


def _refusal(caller: Caller) -> Exception:
    is_person = caller.account_id is not None
    return FORBIDDEN.error() if is_person else NOT_SIGNED_IN.error(headers={"WWW-Authenticate": "Bearer"})


CallingDep = Annotated[Calling, Depends(calling_door)]


class _DoorAccess(Declaration):
    """What :func:`allow_doors` declares: :func:`calling_door` refuses everybody else."""

    async def __call__(self, calling: CallingDep) -> None:
        """Do nothing more: whoever comes here is a door."""


def allow_doors() -> list[Any]:
    """``dependencies=allow_doors()``: only doors, each for its own place."""
    return [Depends(_DoorAccess(frozenset({Role.DOOR})))]


def lock_place(session: Session, place_id: UUID) -> Place:
    """Hold back whoever else would change this place's visits, until the transaction ends."""
    return session.scalars(select(Place).where(Place.id == place_id).with_for_update(key_share=True)).one()
