"""Former versions of a place's statement: kept as they were signed while nothing else gives their bytes."""

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from passapp.kernel.database import Base
from passapp.kernel.problems import ProblemType
from passapp.places.models import Place
from passapp.places.service import place_named
from passapp.settlement.months.models import MonthVersion, Statement, StatementText
from passapp.settlement.rules.documents import SEALED_SCHEMA, sha256_of
from passapp.settlement.rules.sealing import seal_of
from passapp.settlement.service import settle_place

VERSION_UNKNOWN = ProblemType(
    "statement_version_unknown",
    404,
    en="Your statement of {name:month} has no such version.",
    fr="Votre relevé pour {name:month} n'a pas cette version.",
)
_FAST: Final = 1


@dataclass(frozen=True)
class StatementVersion:
    """A version of a place's statement. ``has_changed``: for that place it says something else than the one before."""

    number: int
    reason: str
    published_at: datetime
    sha256: str
    previous_sha256: str | None
    has_changed: bool


class Keeping:
    """Keeps what the statements of a version say, of the places for which it is something else than before."""

    def __init__(self, session: Session, month: str, number: int, month_sha256: str) -> None:
        """Of that version."""
        self._session, self._version, self._rows = session, {"month": month, "number": number}, list[dict[str, Any]]()
        self._month_sha256 = f'"month_sha256":"{month_sha256}"'.encode()
        query = select(StatementText.place_id, StatementText.sha256).where(StatementText.month == month)
        self._said = {place_id: sha256 for place_id, sha256 in session.execute(query.order_by(StatementText.number))}  # noqa: C416

    def add(self, place_id: UUID, content: bytes) -> str:
        """Keep a statement; gives its SHA-256, in hex."""
        text = content.replace(self._month_sha256, b'"month_sha256":""', 1)
        sha256 = hashlib.sha256(text).hexdigest()
        if self._said.get(place_id) != sha256:
            packed = b64encode(zlib.compress(text, _FAST)).decode()
            self._rows.append(self._version | {"place_id": place_id, "sha256": sha256, "content": packed})
        return hashlib.sha256(content).hexdigest()

    def write(self) -> None:
        """Write them down, once the statements are."""
        if self._rows:
            self._session.execute(insert(Base.metadata.tables[StatementText.__tablename__]), self._rows)


def forget_closed(session: Session, month: str) -> None:
    """Of a month that is closed, the visits give the last statements again: only former ones are kept."""
    later = aliased(StatementText)
    is_former = exists().where(
        later.month == StatementText.month,
        later.place_id == StatementText.place_id,
        later.number > StatementText.number,
    )
    session.execute(
        update(StatementText)
        .where(StatementText.month == month, ~is_former)
        .values(content=None)
        .execution_options(synchronize_session=False)
    )


def versions_of_statement(session: Session, month: str, place: Place) -> list[StatementVersion]:
    """The versions of a place's statement, the first one first; none before it was published."""
    query = (
        select(Statement, MonthVersion, StatementText.number)
        .join(MonthVersion, and_(MonthVersion.month == Statement.month, MonthVersion.number == Statement.number))
        .outerjoin(
            StatementText,
            and_(
                StatementText.month == Statement.month,
                StatementText.number == Statement.number,
                StatementText.place_id == Statement.place_id,
            ),
        )
        .where(Statement.month == month, Statement.place_id == place.id)
        .order_by(Statement.number)
    )
    return [
        StatementVersion(
            number=statement.number,
            reason=version.reason,
            published_at=version.published_at,
            sha256=statement.sha256,
            previous_sha256=statement.previous_sha256,
            has_changed=text is not None,
        )
        for statement, version, text in session.execute(query)
    ]


def later_than(session: Session, seal: Mapping[str, Any]) -> int | None:
    """The last version of a statement, where it says something else than the former one that ``seal`` is of."""
    place = place_named(session, seal["place"])
    versions = versions_of_statement(session, seal["month"], place)
    was_published = any((each.number, each.sha256) == (seal["number"], seal["sha256"]) for each in versions)
    if not was_published or versions[-1].sha256 == seal["sha256"]:
        return None
    return versions[-1].number


def sealed_version(session: Session, month: str, place: Place, number: int, *, at: datetime) -> dict[str, Any]:
    """The version ``number`` of a place's statement with its seal, as it was published.

    Raises ``statement_version_unknown``, and what :func:`~passapp.settlement.service.settle_place` raises.
    """
    signed = session.get(Statement, (month, number, place.id))
    if signed is None:
        raise VERSION_UNKNOWN.error(name=month)
    statement = _statement(session, signed, place, at=at)
    seal = seal_of(statement["network"], month, statement["place"], number, signed.sha256, signed.previous_sha256)
    return {
        "schema": SEALED_SCHEMA,
        "statement": statement,
        "seal": seal,
        "kid": signed.kid,
        "signature": signed.signature,
    }


def _statement(session: Session, signed: Statement, place: Place, *, at: datetime) -> dict[str, Any]:
    version = session.get_one(MonthVersion, (signed.month, signed.number))
    for said in _what_it_may_have_said(session, signed, place, at=at):
        statement = said | {"month_sha256": version.sha256}
        if sha256_of(statement) == signed.sha256:
            return statement
    raise VERSION_UNKNOWN.error(name=signed.month)


def _what_it_may_have_said(
    session: Session, signed: Statement, place: Place, *, at: datetime
) -> Iterable[dict[str, Any]]:
    """What was kept of it; where the month is closed, what the visits come to."""
    query = (
        select(StatementText.content)
        .where(
            StatementText.month == signed.month,
            StatementText.place_id == place.id,
            StatementText.number <= signed.number,
        )
        .order_by(StatementText.number.desc())
        .limit(1)
    )
    if kept := session.scalar(query):
        yield json.loads(zlib.decompress(b64decode(kept)))
    settled = settle_place(session, signed.month, place, at=at)
    yield settled.statement(settled.code_of(place.id))
