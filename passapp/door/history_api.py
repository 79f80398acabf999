"""Routes of a place's scans, and of what it is told of its members elsewhere."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import Field

from passapp.accounts.access import Scope, allow
from passapp.accounts.rules import Role
from passapp.door.notices import Kind, notices_of
from passapp.door.rules import Verdict
from passapp.door.scans import TOO_MANY_SCANS, ScanSeen, Wanted, export_of, history_of
from passapp.door.scans_shown import ScanShown, show_scan
from passapp.door.today import INACTIVE, INACTIVE_VERDICTS
from passapp.door.today_api import TodayPlace
from passapp.kernel.api import Day, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.paging import INVALID_CURSOR, Cursor, Limit
from passapp.kernel.problems import may_answer
from passapp.kernel.text import CSV_BEGINS, csv_lines, spreadsheet_cell
from passapp.passes.keys import pseudonym_key
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])

From = Annotated[Day | None, Query(alias="from", description="Of this local date or later.")]
To = Annotated[Day | None, Query(description="Of this local date or earlier.")]
Evidence = Annotated[Literal["live", "short_lived", "card", "manual", "self"] | None, Query()]
Asked = Annotated[
    Verdict | Literal["inactive"] | None,
    Query(description="One verdict. `inactive`: revoked, suspended or unpaid, which are asked for together only."),
]


class History(Shown):
    """Scans of a place, the newest first."""

    place: TodayPlace
    items: list[ScanShown]
    next: UUID | None


class NoticeMember(Shown):
    """One's own member."""

    id: UUID
    given_name: str
    family_name: str


class NoticeShown(Shown):
    """A check-in of one's own member elsewhere: let in all the same, added later, or let in by a typed code or name.

    `rejected_late`, `conflict`: a phone without network had let them in, and should not have; of a conflict, a manager
    there said since that they came.
    """

    check_in_id: UUID
    kind: Kind
    at: datetime
    local_date: date
    received_at: datetime
    host: TodayPlace
    member: NoticeMember | None = Field(description="Null once nobody knows any more who it was.")
    verdict: Verdict = Field(description="What the door had said.")
    reason: str | None = Field(description="Why the host did so.")
    undone: bool


class Notices(Shown):
    """Notices of the last 60 days, the newest first."""

    items: list[NoticeShown]
    next: UUID | None


def _wanted(first: date | None, last: date | None, evidence: str | None, verdict: str | None) -> Wanted:
    verdicts: frozenset[Verdict] = frozenset()
    if verdict is not None:
        named = Verdict(verdict) if verdict != INACTIVE else None
        verdicts = frozenset({named}) if named and named not in INACTIVE_VERDICTS else INACTIVE_VERDICTS
    return Wanted(first, last, evidence, verdicts)


@router.get(
    "/places/{place_id}/check-ins",
    operation_id="list_check_ins",
    dependencies=allow(Role.MANAGER, scope=Scope.VISITS_READ),
    responses=may_answer(PLACE_UNKNOWN, INVALID_CURSOR),
)
def list_check_ins(
    place_id: UUID,
    session: SessionDep,
    settings: SettingsDep,
    first: From = None,
    to: To = None,
    evidence: Evidence = None,
    verdict: Asked = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> History:
    """Every scan of a place, with all its times, how it was shown, and what came of it."""
    place = get_place(session, place_id)
    wanted = _wanted(first, to, evidence, verdict)
    key = pseudonym_key(settings.keys_dir)
    found, following = history_of(session, place, wanted, key=key, cursor=cursor, limit=limit)
    return History(place=TodayPlace.model_validate(place), items=[show_scan(seen) for seen in found], next=following)


_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_COLUMNS = (
    *("date", "scanned_at", "device_scanned_at", "received_at", "list_age_seconds", "evidence", "verdict", "came_in"),
    *("visit", "waived", "at_home", "full_day", "door", "name", "pseudonym", "home"),
    *("follow_ups", "undone_at", "undone_because"),
)


@router.get(
    "/places/{place_id}/check-ins.csv",
    operation_id="export_check_ins",
    dependencies=allow(Role.MANAGER, scope=Scope.VISITS_READ),
    response_class=Response,
    responses=may_answer(PLACE_UNKNOWN, TOO_MANY_SCANS) | _CSV,
)
def export_check_ins(
    place_id: UUID,
    session: SessionDep,
    settings: SettingsDep,
    first: From = None,
    to: To = None,
    evidence: Evidence = None,
    verdict: Asked = None,
) -> Response:
    """The same for a spreadsheet; instants by the clock of the place."""
    place = get_place(session, place_id)
    wanted = _wanted(first, to, evidence, verdict)
    zone, code = ZoneInfo(place.zone), place.code
    found = export_of(session, place, wanted, key=pseudonym_key(settings.keys_dir))
    content = CSV_BEGINS + csv_lines([_COLUMNS, *(_line(seen, zone) for seen in found)])
    name = f'attachment; filename="{code}-passages.csv"'
    return Response(content, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _line(seen: ScanSeen, zone: ZoneInfo) -> list[str]:
    shown = show_scan(seen)

    def clock(at: datetime | None) -> str:
        return at.astimezone(zone).isoformat(sep=" ", timespec="seconds") if at else ""

    def flag(is_so: bool | None) -> str:
        return "" if is_so is None else str(int(is_so))

    followed = "; ".join(f"{each.kind} {clock(each.at)} {each.reason or ''}".strip() for each in shown.follow_ups)
    return [
        shown.local_date.isoformat(),
        clock(shown.scanned_at),
        clock(shown.device_scanned_at),
        clock(shown.received_at),
        "" if shown.list_age_seconds is None else str(shown.list_age_seconds),
        shown.evidence or "",
        shown.verdict,
        flag(shown.came_in),
        flag(shown.visit),
        shown.waived or "",
        flag(shown.at_home),
        flag(shown.full_day),
        spreadsheet_cell(shown.door),
        spreadsheet_cell(f"{shown.name.given_name} {shown.name.initial}.") if shown.name else "",
        shown.name.pseudonym if shown.name else "",
        spreadsheet_cell(shown.home or ""),
        spreadsheet_cell(followed),
        clock(shown.undone_at),
        spreadsheet_cell(shown.undone_because or ""),
    ]


@router.get(
    "/places/{place_id}/notices",
    operation_id="list_notices",
    dependencies=allow(Role.MANAGER, scope=Scope.VISITS_READ),
    responses=may_answer(PLACE_UNKNOWN, INVALID_CURSOR),
)
def list_notices(
    place_id: UUID, session: SessionDep, now: NowDep, cursor: Cursor = None, limit: Limit = 100
) -> Notices:
    """What other places did with one's own members: let in all the same, added later, let in by a code or a name."""
    place = get_place(session, place_id)
    found, following = notices_of(session, place, cursor=cursor, limit=limit, now=now)
    return Notices(
        items=[
            NoticeShown(
                check_in_id=notice.check_in.id,
                kind=notice.kind,
                at=notice.check_in.scanned_at,
                local_date=notice.check_in.local_date,
                received_at=notice.check_in.received_at,
                host=TodayPlace.model_validate(notice.host),
                member=NoticeMember.model_validate(notice.member) if notice.member else None,
                verdict=Verdict(notice.check_in.verdict),
                reason=notice.reason,
                undone=notice.undone_at is not None,
            )
            for notice in found
        ],
        next=following,
    )
