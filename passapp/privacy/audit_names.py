"""What the audit log's ids are called now. The log itself holds no name: whoever was erased has none any more."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from passapp.accounts.models import Account, ApiKey, Invitation, Passkey
from passapp.door.models import Door, PairingLink
from passapp.kernel.audit import AuditEntry
from passapp.members.models import Member
from passapp.network.models import Plan
from passapp.passes.models import IssuedPass
from passapp.places.models import Place


@dataclass(frozen=True)
class Named:
    """What something is called, and where a person is written to; a place has a code instead."""

    name: str
    email: str | None = None
    code: str | None = None


Reference = tuple[str, str]
"""The kind and the id of who acted or what it was done to."""
Look = Callable[[Session, list[UUID]], dict[str, Named]]


def names_of(session: Session, entries: Iterable[AuditEntry]) -> Mapping[Reference, Named]:
    """What these entries' actors, subjects and places are called: one query per kind."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        for kind, identifier in (
            (entry.actor_kind, entry.actor_id),
            (entry.subject_kind, entry.subject_id),
            ("place", entry.place_id),
        ):
            if identifier is not None:
                wanted.setdefault(kind, set()).add(str(identifier))
    return {
        (kind, identifier): named
        for kind, identifiers in wanted.items()
        if kind in _LOOKS
        for identifier, named in _LOOKS[kind](session, _uuids(identifiers)).items()
    } | _plans(session, wanted.get("plan", set()))


def _uuids(identifiers: Iterable[str]) -> list[UUID]:
    found = []
    for identifier in identifiers:
        with suppress(ValueError):
            found.append(UUID(identifier))
    return found


def _called(key: InstrumentedAttribute[UUID], name: ColumnElement[Any]) -> Look:
    def look(session: Session, ids: list[UUID]) -> dict[str, Named]:
        query = select(key, name).where(key.in_(ids))
        return {str(identifier): Named(called) for identifier, called in session.execute(query) if called}

    return look


def _accounts(session: Session, ids: list[UUID]) -> dict[str, Named]:
    query = select(Account.id, Account.name, Account.email).where(Account.id.in_(ids))
    return {str(identifier): Named(name, email) for identifier, name, email in session.execute(query)}


def _places(session: Session, ids: list[UUID]) -> dict[str, Named]:
    query = select(Place.id, Place.name, Place.code).where(Place.id.in_(ids))
    return {str(identifier): Named(name, code=code) for identifier, name, code in session.execute(query)}


def _passes(session: Session, ids: list[UUID]) -> dict[str, Named]:
    query = (
        select(IssuedPass.id, Member.given_name + " " + Member.family_name)
        .join(IssuedPass.member)
        .where(IssuedPass.id.in_(ids))
    )
    return {str(identifier): Named(holder) for identifier, holder in session.execute(query)}


def _plans(session: Session, codes: set[str]) -> dict[Reference, Named]:
    query = select(Plan.code, Plan.name).where(Plan.code.in_(codes))
    return {("plan", code): Named(name) for code, name in session.execute(query)}


_LOOKS: dict[str, Look] = {
    "account": _accounts,
    "place": _places,
    "door": _called(Door.id, Door.name.expression),
    "pass": _passes,
    "member": _called(Member.id, Member.given_name + " " + Member.family_name),
    "pairing_link": _called(PairingLink.id, PairingLink.label.expression),
    "key": _called(ApiKey.id, ApiKey.name.expression),
    "api_key": _called(ApiKey.id, ApiKey.name.expression),
    "invitation": _called(Invitation.id, Invitation.name.expression),
    "passkey": _called(Passkey.id, Passkey.name.expression),
}
