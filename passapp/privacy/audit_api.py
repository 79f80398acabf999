"""Routes of the audit log, for the coordination: read it, filter it, take it along."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role, Scope
from passapp.kernel.api import Instant, NowDep, Search, Shown
from passapp.kernel.database import Database, SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.paging import INVALID_CURSOR, Cursor, Limit
from passapp.kernel.problems import may_answer
from passapp.privacy import audit_log
from passapp.privacy.audit_log import Entry, Filters

router = APIRouter(tags=["audit"])

EXPORTS = limited("audit_export", times=30, minutes=10)
"""Each reads the whole log."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)?$", max_length=64)]


class AuditActor(Shown):
    """Who did it: an `account`, a `door`, an integration's `key`, or `system`, the command line.

    Nobody's name is in the log: `name` and `email` are null once the person was erased.
    """

    kind: str
    id: UUID | None
    name: str | None
    email: str | None


class AuditSubject(Shown):
    """What it was done to. `label`: what it is called now."""

    kind: str
    id: str | None
    label: str | None


class AuditPlace(Shown):
    """Where."""

    id: UUID
    code: str | None
    name: str | None


class AuditEntryShown(Shown):
    """One deed. `origin`: the network address it came from, kept for a year."""

    id: UUID
    at: datetime
    actor: AuditActor
    origin: str | None
    action: str
    subject: AuditSubject
    place: AuditPlace | None
    detail: dict[str, Any]


class AuditEntries(Shown):
    """Deeds, the newest first; `next` is the cursor of the page after."""

    items: list[AuditEntryShown]
    next: UUID | None


def _filters(
    since: Annotated[Instant | None, Query(description="From this instant on.")] = None,
    before: Annotated[Instant | None, Query(description="Until this instant, which does not count.")] = None,
    action: Annotated[
        list[Code] | None,
        Query(
            description="One, `member.add`, or a family, `member`; more than once for any of several.", max_length=50
        ),
    ] = None,
    # By id only: what stands in an address stands in the logs of proxies too.
    actor: Annotated[UUID | None, Query(description="The id of who did it.")] = None,
    subject_kind: Annotated[Code | None, Query(description="`member`, `place`, `door`…")] = None,
    subject_id: Annotated[Search | None, Query(description="Its id.")] = None,
    place_id: Annotated[UUID | None, Query(description="What happened at one place.")] = None,
) -> Filters:
    return Filters(since, before, tuple(action or ()), actor, subject_kind, subject_id, place_id)


FiltersDep = Annotated[Filters, Depends(_filters)]


def _show(entry: Entry) -> AuditEntryShown:
    row, actor, subject, place = entry.row, entry.actor, entry.subject, entry.place
    return AuditEntryShown(
        id=row.id,
        at=row.at,
        actor=AuditActor(
            kind=row.actor_kind,
            id=row.actor_id,
            name=actor.name if actor else None,
            email=actor.email if actor else None,
        ),
        origin=entry.origin,
        action=row.action,
        subject=AuditSubject(kind=row.subject_kind, id=row.subject_id, label=subject.name if subject else None),
        place=AuditPlace(id=row.place_id, code=place.code if place else None, name=place.name if place else None)
        if row.place_id
        else None,
        detail=row.detail,
    )


@router.get(
    "/audit-entries",
    operation_id="list_audit_entries",
    dependencies=allow(Role.COORDINATOR, scope=Scope.AUDIT_READ),
    responses=may_answer(INVALID_CURSOR),
)
def list_audit_entries(
    session: SessionDep, filters: FiltersDep, cursor: Cursor = None, limit: Limit = 50
) -> AuditEntries:
    """Who did what, to whom, from where, the newest first."""
    entries, following = audit_log.page(session, filters, cursor=cursor, limit=limit)
    return AuditEntries(items=[_show(entry) for entry in entries], next=following)


@router.post(
    "/audit-entries.csv",
    operation_id="export_audit_csv",
    dependencies=[EXPORTS, *allow(Role.COORDINATOR, scope=Scope.AUDIT_READ)],
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_audit_csv(
    request: Request, filters: FiltersDep, session: SessionDep, now: NowDep, caller: CallerDep
) -> StreamingResponse:
    """The log for a spreadsheet; a POST: that it was exported is in the log."""
    audit_log.note_export(session, filters, "csv", at=now, actor=caller.actor)
    return _file(request, filters, "csv", audit_log.as_csv, "text/csv; charset=utf-8", now=now)


@router.post(
    "/audit-entries.jsonl",
    operation_id="export_audit_jsonl",
    dependencies=[EXPORTS, *allow(Role.COORDINATOR, scope=Scope.AUDIT_READ)],
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}},
)
def export_audit_jsonl(
    request: Request, filters: FiltersDep, session: SessionDep, now: NowDep, caller: CallerDep
) -> StreamingResponse:
    """The log as JSON, one entry a line; a POST: that it was exported is in the log."""
    audit_log.note_export(session, filters, "jsonl", at=now, actor=caller.actor)
    return _file(request, filters, "jsonl", audit_log.as_json_lines, "application/jsonl", now=now)


_Writer = Callable[[Database, Filters], Iterator[bytes]]


def _file(
    request: Request, filters: Filters, kind: str, write: _Writer, media_type: str, *, now: datetime
) -> StreamingResponse:
    """Written once the request's transaction, which notes it, is committed."""
    disposition = f'attachment; filename="passapp-audit-{now:%Y-%m-%d}.{kind}"'
    return StreamingResponse(
        write(request.app.state.database, filters),
        media_type=media_type,
        headers={"Content-Disposition": disposition},
    )
