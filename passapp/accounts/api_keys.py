"""What people do with API keys: make one for an integration, see when it was last used, revoke it.

A key of the network acts as the coordination, a key of a place as its manager, on the routes that name one of its
scopes and on no other: no route that makes keys, gives roles or pairs doors names one.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import ApiKey
from passapp.accounts.rules import NETWORK_ONLY, Scope
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import KEY_PREFIX, hash_secret, new_secret
from passapp.kernel.problems import ProblemType

KEY_UNKNOWN = ProblemType(
    "key_unknown",
    404,
    en="There is no such key; it may have been revoked already.",
    fr="Cette clé n'existe pas ; elle a peut-être déjà été révoquée.",
)
SCOPE_OF_THE_NETWORK = ProblemType(
    "scope_of_the_network",
    422,
    en="Only a key of the whole network may be allowed {scopes}.",
    fr="Seule une clé du réseau entier peut recevoir {scopes}.",
)


def make_key(
    session: Session, name: str, scopes: frozenset[Scope], place_id: UUID | None, *, at: datetime, actor: Actor
) -> tuple[ApiKey, str]:
    """A key of a place, or of the network for None. Gives its row and its secret, which nobody can read again.

    Raises ``scope_of_the_network``.
    """
    beyond = scopes & NETWORK_ONLY
    if place_id is not None and beyond:
        raise SCOPE_OF_THE_NETWORK.error(scopes=", ".join(sorted(beyond)))
    secret = KEY_PREFIX + new_secret()
    allowed = sorted(scope.value for scope in scopes)
    key = ApiKey(
        token_hash=hash_secret(secret),
        name=name,
        place_id=place_id,
        scopes=allowed,
        made_by=actor.id if actor.kind == "account" else None,
        created_at=at,
    )
    session.add(key)
    session.flush()
    record(session, actor, at, "api_key.make", ("api_key", key.id), place_id=place_id, scopes=allowed)
    return key, secret


def keys_of(session: Session, place_id: UUID | None) -> Sequence[ApiKey]:
    """The keys that work: of a place, or of the network for None; the newest first."""
    live = select(ApiKey).where(ApiKey.place_id.is_not_distinct_from(place_id), ApiKey.revoked_at.is_(None))
    return session.scalars(live.order_by(ApiKey.id.desc())).all()


def revoke_key(session: Session, key_id: UUID, place_id: UUID | None, *, at: datetime, actor: Actor) -> None:
    """Make a key of this place, or of the network for None, worthless at once. Raises ``key_unknown``."""
    live = select(ApiKey).where(
        ApiKey.id == key_id, ApiKey.place_id.is_not_distinct_from(place_id), ApiKey.revoked_at.is_(None)
    )
    key = session.scalar(live.with_for_update())
    if key is None:
        raise KEY_UNKNOWN.error()
    retire_key(session, key, at=at, actor=actor)


def retire_key(session: Session, key: ApiKey, *, at: datetime, actor: Actor) -> None:
    """Make a key worthless at once, for good."""
    key.revoked_at = at
    record(session, actor, at, "api_key.revoke", ("api_key", key.id), place_id=key.place_id)
