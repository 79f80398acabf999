"""Whose name somebody said at a door (door.md, Other ways in).

A name alone lets nobody in: the person also says their e-mail address or their member reference, which is compared
here and never shown. Whoever has no such name, whoever said the wrong second thing and whoever does not want to be
found by name are answered and written down the same, so that nobody learns who is a member by trying names.
"""

from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.door.cases import SaidName, Scan
from passapp.door.models import Door, LookUp
from passapp.door.rules import name_words, said_alike
from passapp.members.consents import is_given
from passapp.members.models import Member

_NOBODY = "nobody@invalid"


def find_by_names(session: Session, door: Door, scans: Mapping[UUID, Scan], *, now: datetime) -> dict[UUID, UUID]:
    """Whose each name is, by the key of the scan; each look-up is recorded."""
    found: dict[UUID, UUID] = {}
    for key, scan in scans.items():
        if scan.by_name is None:
            continue
        member_id = _member_of(session, scan.by_name)
        session.add(LookUp(door_id=door.id, at=now, member_id=member_id, by_name=True))
        if member_id is not None:
            found[key] = member_id
    return found


def _member_of(session: Session, said: SaidName) -> UUID | None:
    """The one member of this name, in whatever order it was said, who knows this second thing."""
    words = name_words(said.name)
    if len(words) < 2:  # noqa: PLR2004  (a given name and a family name)
        return None
    # More than enough: whole words are compared below, whatever stands between them.
    query = select(
        Member.id, Member.given_name, Member.family_name, Member.email, Member.reference, is_given("found_by_name")
    )
    for word in words:
        query = query.where(Member.search_key.contains(word, autoescape=True))
    found: list[UUID] = []
    for member_id, given, family, email, reference, may_be_found in session.execute(query):
        # Each is compared to the end, whatever came out before.
        is_known = [_is_same(said.second, secret) for secret in (email, reference)]
        if name_words(f"{given} {family}") == words and any(is_known) and may_be_found:
            found.append(member_id)
    _is_same(said.second, None)
    return found[0] if len(found) == 1 else None


def _is_same(said: str, secret: str | None) -> bool:
    """Whether they are the same, in a time that does not tell how much of it was right."""
    is_alike = compare_digest(said_alike(said).encode(), said_alike(secret or _NOBODY).encode())
    return is_alike and secret is not None
