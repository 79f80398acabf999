"""The scans of a place as its people see them: the history, and what waits for a manager to judge (door.md)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.answering import Choice
from passapp.door.cases import SELF
from passapp.door.follow_ups import Followed, follow_ups_of
from passapp.door.known import find_visitors
from passapp.door.models import (
    STANDS,
    CheckIn,
    CheckInUndo,
    Door,
    FollowUp,
    UndoReason,
    Visit,
    VisitIdentity,
    VisitVoid,
)
from passapp.door.rules import FollowUpKind, Verdict
from passapp.door.terms import terms_of
from passapp.door.today import INACTIVE, INACTIVE_VERDICTS, Name
from passapp.kernel.paging import INVALID_CURSOR
from passapp.kernel.problems import ProblemType
from passapp.kernel.wall_time import local_date
from passapp.members.models import Member
from passapp.members.rules import initial_of
from passapp.network.rules import CLOSED_STATES, month_after, parse_month
from passapp.network.service import period_states
from passapp.places.models import Place

Waits = Literal["conflict", "self"]
WAITS_AT_MOST: Final = timedelta(days=100)
"""After that nobody can say any more who it was."""
EXPORTED_AT_MOST: Final = 50_000
_EXPORTED_AT_ONCE: Final = 1_000
_JUDGED: Final = (FollowUpKind.ACCEPTED, FollowUpKind.REJECTED)


@dataclass(frozen=True)
class ScanSeen:
    """A scan, with what its place may see of the person, and what came of it.

    ``verdict``: as hosts are told it: ``inactive`` covers what is between a person and their home place. ``came_in``:
    somebody was let in, and it was not undone. ``visit``: whether it opens one; ``waived``: why that is worth nothing.
    ``waits``: what a manager is asked; ``choices``: with it, which home pays, where the door did not know.
    """

    check_in: CheckIn
    door: Door
    name: Name | None
    home: str | None
    verdict: str
    came_in: bool
    visit: bool
    waived: str | None
    follow_ups: tuple[Followed, ...]
    undone_at: datetime | None
    undone_because: str | None
    waits: Waits | None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which scans: of local dates from and to, both included; with this evidence, with one of these verdicts."""

    first: date | None = None
    last: date | None = None
    evidence: str | None = None
    verdicts: Collection[Verdict] = ()

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The same as conditions."""
        found = [CheckIn.local_date >= self.first] if self.first else []
        found += [CheckIn.local_date <= self.last] if self.last else []
        found += [CheckIn.form == self.evidence] if self.evidence else []
        return found + ([CheckIn.verdict.in_(self.verdicts)] if self.verdicts else [])


def waits_for(row: CheckIn, kinds: Collection[FollowUpKind], *, is_undone: bool, opens: bool) -> Waits | None:
    """What a manager is asked about a check-in: an offline door's conflict, one that nobody attended, or nothing.

    ``opens``: the day's visit. Nobody is asked about a welcome back that does not: the visit was counted before it.
    """
    if is_undone or any(kind in kinds for kind in _JUDGED):
        return None
    if FollowUpKind.CONFLICT in kinds:
        return "conflict"
    came_in = rules.came_in(admits=Verdict(row.verdict).admits, follow_ups=kinds)
    is_repeat = row.verdict == Verdict.OK_AGAIN and not opens
    return "self" if row.form == SELF and came_in and not is_repeat else None


TOO_MANY_SCANS = ProblemType(
    "too_many_scans",
    422,
    en="These are more than {most} scans: choose a shorter period.",
    fr="Cela fait plus de {most} scans : choisissez une période plus courte.",
)


def history_of(
    session: Session, place: Place, wanted: Wanted, *, key: bytes, cursor: UUID | None, limit: int
) -> tuple[list[ScanSeen], UUID | None]:
    """The scans of a place, the newest first, and the cursor of the next page. ``key``: of the pseudonyms.

    Raises ``invalid_cursor``.
    """
    return _page(session, place, wanted.where, key=key, cursor=cursor, limit=limit)


def export_of(session: Session, place: Place, wanted: Wanted, *, key: bytes) -> Iterator[ScanSeen]:
    """The same, all of them, a page in memory at a time. Raises ``too_many_scans``."""
    scans = select(func.count(CheckIn.id)).where(CheckIn.place_id == place.id, *wanted.where)
    if (session.scalar(scans) or 0) > EXPORTED_AT_MOST:
        raise TOO_MANY_SCANS.error(most=EXPORTED_AT_MOST)
    cursor: UUID | None = None
    while True:
        found, cursor = history_of(session, place, wanted, key=key, cursor=cursor, limit=_EXPORTED_AT_ONCE)
        yield from found
        if cursor is None:
            return
        session.expunge_all()


def reviews_of(
    session: Session, place: Place, *, key: bytes, cursor: UUID | None, limit: int, now: datetime
) -> tuple[list[ScanSeen], UUID | None, int]:
    """What waits for a manager of the place, the newest first; the cursor of the next page; how many there are in all.

    Raises ``invalid_cursor``.
    """
    where = [_is_waiting(session, place, now)]
    waiting = session.scalar(select(func.count(CheckIn.id)).where(CheckIn.place_id == place.id, *where)) or 0
    found, following = _page(session, place, where, key=key, cursor=cursor, limit=limit)
    return _with_choices(session, found), following, waiting


def _with_choices(session: Session, found: Sequence[ScanSeen]) -> list[ScanSeen]:
    """The same, with the homes that could pay where the door did not know which does."""
    open_ = {seen.check_in.visitor_key for seen in found if seen.waits and seen.check_in.home_id is None}
    people = find_visitors(session, {key for key in open_ if key is not None}, terms_of(session) if open_ else None)

    def choices(row: CheckIn) -> tuple[Choice, ...]:
        person = people.get(row.visitor_key) if row.visitor_key and row.home_id is None else None
        homes = person.payers_at(row.scanned_at, row.local_date) if person else ()
        return tuple(Choice(home_id, person.homes[home_id]) for home_id in homes) if person else ()

    return [replace(seen, choices=choices(seen.check_in)) if seen.waits else seen for seen in found]


def _is_waiting(session: Session, place: Place, now: datetime) -> ColumnElement[bool]:
    """:func:`waits_for`, for the database. In a month that is closed nothing is undone any more: nobody is asked."""
    since = local_date(now, ZoneInfo(place.zone)) - WAITS_AT_MOST
    closed = max((m for m, state in period_states(session).items() if state in CLOSED_STATES), default=None)
    undoable = max(since, parse_month(month_after(closed))) if closed else since

    def followed(*kinds: FollowUpKind) -> ColumnElement[bool]:
        return CheckIn.id.in_(select(FollowUp.check_in_id).where(FollowUp.kind.in_(kinds)))

    admitted = CheckIn.verdict.in_([verdict for verdict in Verdict if verdict.admits])
    came_in = or_(admitted, followed(FollowUpKind.OVERRIDE, FollowUpKind.REJECTED_LATE))
    standing = select(Visit.id).outerjoin(VisitVoid, STANDS).where(Visit.id == CheckIn.id, VisitVoid.visit_id.is_(None))
    is_first = or_(CheckIn.verdict != Verdict.OK_AGAIN, standing.exists())
    alone = and_(CheckIn.form == SELF, CheckIn.local_date >= undoable, came_in, is_first)
    return and_(
        CheckIn.local_date >= since,
        or_(followed(FollowUpKind.CONFLICT), alone),
        ~followed(*_JUDGED),
        CheckIn.id.not_in(select(CheckInUndo.check_in_id)),
    )


def newest_first(
    session: Session, query: Select[*tuple[Any, ...]], *, cursor: UUID | None, limit: int
) -> tuple[Sequence[Any], UUID | None]:
    """One page of rows of check-ins, which stand first in each row; and the cursor of the next one.

    Raises ``invalid_cursor``.
    """
    if cursor is not None:
        last = session.get(CheckIn, cursor)
        if last is None:
            raise INVALID_CURSOR.error()
        query = query.where(tuple_(CheckIn.scanned_at, CheckIn.id) < tuple_(last.scanned_at, last.id))
    query = query.order_by(CheckIn.scanned_at.desc(), CheckIn.id.desc())
    rows = session.execute(query.limit(limit + 1)).all()
    if len(rows) > limit:
        return rows[:limit], rows[limit - 1][0].id
    return rows, None


def _page(
    session: Session,
    place: Place,
    where: Sequence[ColumnElement[bool]],
    *,
    key: bytes,
    cursor: UUID | None,
    limit: int,
) -> tuple[list[ScanSeen], UUID | None]:
    standing = (
        select(Visit.id, Visit.waived, Visit.home_id)
        .outerjoin(VisitVoid, STANDS)
        .where(VisitVoid.visit_id.is_(None))
        .subquery()
    )
    query = (
        select(
            CheckIn,
            Door,
            Place.name,
            CheckInUndo.at,
            UndoReason.reason,
            standing.c.id,
            standing.c.waived,
            Member.id,
            Member.given_name,
            Member.family_name,
        )
        .join(Door, Door.id == CheckIn.door_id)
        .outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .outerjoin(UndoReason, UndoReason.check_in_id == CheckIn.id)
        .outerjoin(standing, standing.c.id == CheckIn.id)
        .outerjoin(Place, Place.id == func.coalesce(CheckIn.home_id, standing.c.home_id))
        .outerjoin(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .outerjoin(Member, Member.id == VisitIdentity.member_id)
        .where(CheckIn.place_id == place.id, *where)
    )
    rows, following = newest_first(session, query, cursor=cursor, limit=limit)
    followed = follow_ups_of(session, [row[0].id for row in rows])
    return [_seen(place, key, followed[row[0].id], *row) for row in rows], following


def _seen(
    place: Place,
    key: bytes,
    follow_ups: tuple[Followed, ...],
    row: CheckIn,
    door: Door,
    home: str | None,
    undone_at: datetime | None,
    undone_because: str | None,
    visit_id: UUID | None,
    waived: str | None,
    member_id: UUID | None,
    given: str,
    family: str,
) -> ScanSeen:
    kinds = {each.kind for each in follow_ups}
    verdict = Verdict(row.verdict)
    came_in = rules.came_in(admits=verdict.admits, follow_ups=kinds)
    is_between = verdict in INACTIVE_VERDICTS and row.home_id != place.id
    # As on the list of the day: nobody is named whose pass is inactive, unless they were let in, or so a door says.
    is_named = member_id is not None and (came_in or FollowUpKind.CONFLICT in kinds or not is_between)
    return ScanSeen(
        check_in=row,
        door=door,
        name=Name(given, initial_of(family), rules.pseudonym(key, place.id, member_id))
        if member_id is not None and is_named
        else None,
        home=home if is_named else None,
        verdict=INACTIVE if is_between else verdict.value,
        came_in=came_in and undone_at is None,
        visit=visit_id is not None,
        waived=waived,
        follow_ups=follow_ups,
        undone_at=undone_at,
        undone_because=undone_because,
        waits=waits_for(row, kinds, is_undone=undone_at is not None, opens=visit_id is not None),
    )
