"""The door that calls, found with its place by one statement: doors call a hundred times as often as people.

``dependencies=allow_doors()`` declares such a route, and :func:`at_the_door` does its deed: it finds the door, refuses
everybody else, and runs the whole transaction in one thread. Other routes change threads five times, and for a scan
that took longer than its work (decision 0015). The statement locks the place until the transaction ends: what two
doors of one place do at the same moment, they do one after the other. A visit is of one place, so nothing else has to
be locked, and nobody waits for two locks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager

from passapp.accounts.access import Declaration, bearer_of, caller_of, hash_of_token, is_alive
from passapp.accounts.models import AccessToken
from passapp.accounts.rules import Role
from passapp.door.models import Door, DoorPolicy
from passapp.door.policy import Policy, policy_from
from passapp.door.rules import pseudonym
from passapp.door.seals import Seal
from passapp.door.terms import REVISION, Terms, terms_of
from passapp.kernel.database import Database, UtcDateTime
from passapp.kernel.problems import FORBIDDEN, NOT_SIGNED_IN
from passapp.passes.keys import pseudonym_key
from passapp.places.models import Place

SEEN_EVERY = timedelta(minutes=1)

FIND_DOOR = (
    select(Door, DoorPolicy, *REVISION)
    .join(Door.place)
    .join(Door.token)
    .outerjoin(DoorPolicy, DoorPolicy.place_id == Door.place_id)
    .options(contains_eager(Door.place))
    .where(AccessToken.token_hash == bindparam("token_hash"), is_alive(bindparam("now", type_=UtcDateTime())))
    .with_for_update(of=Place, key_share=True)
)


@dataclass(frozen=True)
class Calling:
    """A door that calls, its place with it: what it goes by, its seal, the key of the pseudonyms it may see."""

    door: Door
    terms: Terms
    policy: Policy
    key: bytes
    seal: Seal

    def pseudonym_of(self, member_id: UUID) -> str:
        """What the door's place calls this person."""
        return pseudonym(self.key, self.door.place_id, member_id)


async def at_the_door(request: Request, now: datetime, deed: Callable[[Session, Calling], BaseModel]) -> Response:
    """Do a door's deed in one transaction, committed before the answer leaves; gives what it answers.

    Raises ``not_signed_in``, or ``forbidden`` for a person or a key, and what ``deed`` raises.
    """
    database: Database = request.app.state.database

    def do() -> str:
        with database.write() as session:
            calling = _find_door(request, session, now)
            answer = deed(session, calling)
            note_seen(calling.door, now)
        return answer.model_dump_json()

    async with database.writers:
        return Response(await run_in_threadpool(do), media_type="application/json")


def note_seen(door: Door, now: datetime) -> None:
    """Note that the door does something, a minute exact: its place sees which phones are used."""
    if door.last_seen_at is None or now - door.last_seen_at >= SEEN_EVERY:
        door.last_seen_at = now


def _find_door(request: Request, session: Session, now: datetime) -> Calling:
    found = session.execute(FIND_DOOR, {"token_hash": hash_of_token(request), "now": now}).one_or_none()
    if found is None:
        is_known = caller_of(request, session, now).token_id is not None
        raise FORBIDDEN.error() if is_known else NOT_SIGNED_IN.error(headers={"WWW-Authenticate": "Bearer"})
    door, policy, *revision = found
    key = pseudonym_key(request.app.state.settings.keys_dir)
    terms, seal = terms_of(session, tuple(revision)), Seal.of(bearer_of(request) or "")
    return Calling(door, terms, policy_from(policy), key, seal)


class _DoorAccess(Declaration):
    """What :func:`allow_doors` declares: :func:`at_the_door` refuses everybody else."""

    async def __call__(self) -> None:
        """Do nothing yet: the deed's own transaction finds out who calls."""


def allow_doors() -> list[Any]:
    """``dependencies=allow_doors()``: only doors. The route does its deed with :func:`at_the_door`."""
    return [Depends(_DoorAccess(frozenset({Role.DOOR})))]


def lock_place(session: Session, place_id: UUID) -> Place:
    """Hold back whoever else would change this place's visits, until the transaction ends."""
    return session.scalars(select(Place).where(Place.id == place_id).with_for_update(key_share=True)).one()
