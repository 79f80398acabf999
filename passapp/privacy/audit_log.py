"""Reading the audit log: who did what, to whom, from where; filtered, page by page, or all of it as a file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, AuditEntry, AuditOrigin, record
from passapp.kernel.database import Database, UtcDateTime
from passapp.kernel.paging import INVALID_CURSOR
from passapp.kernel.text import CSV_BEGINS, csv_lines, spreadsheet_cell
from passapp.privacy.audit_names import Named, Reference, names_of

ROWS_AT_ONCE = 500
COLUMNS = (
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "actor_email",
    "origin",
    "action",
    "subject_kind",
    "subject_id",
    "subject_name",
    "place_code",
    "place_name",
    "detail",
)


@dataclass(frozen=True)
class Filters:
    """What to show. ``since`` counts, ``before`` does not; an action is one (``member.add``) or a family (``member``).

    ``actor``: the id of any. Empty: whatever there is.
    """

    since: datetime | None = None
    before: datetime | None = None
    actions: Sequence[str] = ()
    actor: UUID | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    place_id: UUID | None = None

    @property
    def used(self) -> list[str]:
        """The names of those that are set: what an export says of itself in the log."""
        return sorted(name for name, value in vars(self).items() if value)


@dataclass(frozen=True)
class Entry:
    """One deed, with what those in it are called now, and from which network address while that is kept."""

    row: AuditEntry
    origin: str | None
    names: Mapping[Reference, Named]

    @property
    def actor(self) -> Named | None:
        """Who did it: nobody's name for the command line, and for whoever was erased."""
        return self.names.get((self.row.actor_kind, str(self.row.actor_id)))

    @property
    def subject(self) -> Named | None:
        """What it was done to."""
        return self.names.get((self.row.subject_kind, str(self.row.subject_id)))

    @property
    def place(self) -> Named | None:
        """Where."""
        return self.names.get(("place", str(self.row.place_id)))


def page(session: Session, filters: Filters, *, cursor: UUID | None, limit: int) -> tuple[list[Entry], UUID | None]:
    """At most ``limit`` entries, the newest first, and the cursor of the page after. Raises ``invalid_cursor``."""
    query = _query(filters)
    if cursor is not None:
        last_shown = session.get(AuditEntry, cursor)
        if last_shown is None:
            raise INVALID_CURSOR.error()
        mark = tuple_(literal(last_shown.at, UtcDateTime()), literal(last_shown.id, Uuid()))
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < mark)
    newest_first = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    found = [(entry, origin) for entry, origin in session.execute(newest_first)]
    shown = found[:limit]
    names = names_of(session, (entry for entry, _ in shown))
    entries = [Entry(entry, origin, names) for entry, origin in shown]
    return entries, entries[-1].row.id if len(found) > limit else None


def _query(filters: Filters) -> Select[AuditEntry, str | None]:
    query: Select[AuditEntry, str | None] = select(AuditEntry, AuditOrigin.address).outerjoin(
        AuditOrigin, AuditOrigin.entry_id == AuditEntry.id
    )
    if filters.since is not None:
        query = query.where(AuditEntry.at >= filters.since)
    if filters.before is not None:
        query = query.where(AuditEntry.at < filters.before)
    if filters.actions:
        query = query.where(
            or_(
                AuditEntry.action.in_(filters.actions),
                *(AuditEntry.action.startswith(f"{family}.", autoescape=True) for family in filters.actions),
            )
        )
    if filters.actor is not None:
        query = query.where(AuditEntry.actor_id == filters.actor)
    if filters.subject_kind:
        query = query.where(AuditEntry.subject_kind == filters.subject_kind)
    if filters.subject_id:
        query = query.where(AuditEntry.subject_id == filters.subject_id)
    if filters.place_id is not None:
        query = query.where(AuditEntry.place_id == filters.place_id)
    return query


def note_export(session: Session, filters: Filters, kind: str, *, at: datetime, actor: Actor) -> None:
    """Write down that somebody took the log with them."""
    record(session, actor, at, "audit.export", ("network", None), format=kind, filters=filters.used)


def as_csv(database: Database, filters: Filters) -> Iterator[bytes]:
    """The log as a spreadsheet reads it: ``;``, UTF-8 with BOM, no cell that would run as a formula."""
    yield CSV_BEGINS + csv_lines([COLUMNS])
    for entries in _all(database, filters):
        yield csv_lines([spreadsheet_cell(_as_cell(cell)) for cell in as_dict(each).values()] for each in entries)


def as_json_lines(database: Database, filters: Filters) -> Iterator[bytes]:
    """The log as one JSON object a line."""
    for entries in _all(database, filters):
        yield b"".join(json.dumps(as_dict(each), ensure_ascii=False).encode() + b"\n" for each in entries)


def _all(database: Database, filters: Filters) -> Iterator[list[Entry]]:
    """Everything, so many at once, in a transaction of its own: an export outlives the request's."""
    with database.read() as session:
        cursor = None
        while True:
            entries, cursor = page(session, filters, cursor=cursor, limit=ROWS_AT_ONCE)
            yield entries
            if cursor is None:
                return
            session.expunge_all()


def as_dict(entry: Entry) -> dict[str, Any]:
    """One entry in the order of ``COLUMNS``."""
    row, actor, place = entry.row, entry.actor, entry.place
    values = (
        row.at.astimezone(UTC).isoformat(),
        row.actor_kind,
        str(row.actor_id) if row.actor_id else None,
        actor.name if actor else None,
        actor.email if actor else None,
        entry.origin,
        row.action,
        row.subject_kind,
        row.subject_id,
        entry.subject.name if entry.subject else None,
        place.code if place else None,
        place.name if place else None,
        row.detail,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _as_cell(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return "" if value is None else str(value)
