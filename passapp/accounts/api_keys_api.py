"""Routes of API keys: those of the network for the coordination, those of a place for its managers."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field

from passapp.accounts import api_keys
from passapp.accounts.access import CallerDep, Role, allow
from passapp.accounts.rules import Scope
from passapp.kernel.api import Body, Line, NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["API keys"])


class KeyWanted(Body):
    """A key to make: what it is for, and what it may do."""

    name: Line = Field(examples=["Cashbook"])
    scopes: frozenset[Scope] = Field(min_length=1, examples=[["members:read"]])


class KeyShown(Shown):
    """A key that works; nobody can read its secret again."""

    id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None = Field(description="A few minutes exact.")


class NewKey(KeyShown):
    """A key just made, with its secret: shown this once."""

    secret: str = Field(examples=["passapp_nB8q…"])


class Keys(Shown):
    """The keys that work, the newest first."""

    items: list[KeyShown]


def _make(body: KeyWanted, place_id: UUID | None, session: SessionDep, now: datetime, caller: CallerDep) -> NewKey:
    key, secret = api_keys.make_key(session, body.name, body.scopes, place_id, at=now, actor=caller.actor)
    return NewKey.model_validate(KeyShown.model_validate(key).model_dump() | {"secret": secret})


@router.get("/api-keys", operation_id="list_keys", dependencies=allow(Role.COORDINATOR))
def list_keys(session: SessionDep) -> Keys:
    """The keys of the network."""
    return Keys(items=[KeyShown.model_validate(key) for key in api_keys.keys_of(session, None)])


@router.post(
    "/api-keys", operation_id="make_key", dependencies=allow(Role.COORDINATOR), status_code=status.HTTP_201_CREATED
)
def make_key(body: KeyWanted, session: SessionDep, now: NowDep, caller: CallerDep) -> NewKey:
    """Make a key that acts as the coordination, as far as its scopes go. Its secret is shown this once."""
    return _make(body, None, session, now, caller)


@router.delete(
    "/api-keys/{key_id}",
    operation_id="revoke_key",
    dependencies=allow(Role.COORDINATOR),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(api_keys.KEY_UNKNOWN),
)
def revoke_key(key_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Make a key of the network worthless at once."""
    api_keys.revoke_key(session, key_id, None, at=now, actor=caller.actor)


@router.get(
    "/places/{place_id}/api-keys",
    operation_id="list_keys_of_place",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_keys_of_place(place_id: UUID, session: SessionDep) -> Keys:
    """The keys of a place."""
    return Keys(
        items=[KeyShown.model_validate(key) for key in api_keys.keys_of(session, get_place(session, place_id).id)]
    )


@router.post(
    "/places/{place_id}/api-keys",
    operation_id="make_key_of_place",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN, api_keys.SCOPE_OF_THE_NETWORK),
)
def make_key_of_place(place_id: UUID, body: KeyWanted, session: SessionDep, now: NowDep, caller: CallerDep) -> NewKey:
    """Make a key that acts as the place's manager, as far as its scopes go. Its secret is shown this once."""
    return _make(body, get_place(session, place_id).id, session, now, caller)


@router.delete(
    "/places/{place_id}/api-keys/{key_id}",
    operation_id="revoke_key_of_place",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(api_keys.KEY_UNKNOWN),
)
def revoke_key_of_place(place_id: UUID, key_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Make a key of a place worthless at once."""
    api_keys.revoke_key(session, key_id, place_id, at=now, actor=caller.actor)
