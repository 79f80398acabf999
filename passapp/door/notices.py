"""What a home place is told of its members elsewhere: let in all the same, added later, let in by typing (door.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from passapp.door.follow_ups import Followed, follow_ups_of
from passapp.door.models import CheckIn, CheckInUndo, FollowUp, VisitIdentity
from passapp.door.rules import FollowUpKind, Verdict
from passapp.door.scans import newest_first
from passapp.members.models import Member, Membership
from passapp.places.models import Place

TOLD_FOR: Final = timedelta(days=60)
Kind = Literal["override", "forgotten", "manual"]
_TOLD: Final = (FollowUpKind.OVERRIDE, FollowUpKind.FORGOTTEN)


@dataclass(frozen=True)
class Notice:
    """Something to know about a check-in elsewhere. ``member`` is None once nobody knows any more who it was."""

    check_in: CheckIn
    kind: Kind
    host: Place
    member: Member | None
    reason: str | None
    undone_at: datetime | None


def notices_of(
    session: Session, place: Place, *, cursor: UUID | None, limit: int, now: datetime
) -> tuple[list[Notice], UUID | None]:
    """What its hosts did elsewhere with a place's members, the newest first; and the cursor of the next page.

    Those whom it pays for; and where nobody knows who pays, those who are its members on that date.

    Raises ``invalid_cursor``.
    """
    host = aliased(Place)
    its_member = (
        select(Membership.id)
        .where(
            Membership.member_id == VisitIdentity.member_id,
            Membership.place_id == place.id,
            Membership.first_day <= CheckIn.local_date,
            or_(Membership.last_day.is_(None), Membership.last_day >= CheckIn.local_date),
        )
        .exists()
    )
    typed = and_(CheckIn.form == "manual", CheckIn.verdict.in_([verdict for verdict in Verdict if verdict.admits]))
    query = (
        select(CheckIn, host, Member, CheckInUndo.at)
        .join(host, host.id == CheckIn.place_id)
        .outerjoin(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .outerjoin(Member, Member.id == VisitIdentity.member_id)
        .outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .where(
            CheckIn.received_at >= now - TOLD_FOR,
            CheckIn.place_id != place.id,
            or_(CheckIn.home_id == place.id, and_(CheckIn.home_id.is_(None), its_member)),
            or_(typed, CheckIn.id.in_(select(FollowUp.check_in_id).where(FollowUp.kind.in_(_TOLD)))),
        )
    )
    rows, following = newest_first(session, query, cursor=cursor, limit=limit)
    followed = follow_ups_of(session, [row[0].id for row in rows])
    return [_notice(followed[row[0].id], *row) for row in rows], following


def _notice(
    follow_ups: tuple[Followed, ...], row: CheckIn, host: Place, member: Member | None, undone_at: datetime | None
) -> Notice:
    told = next((each for each in follow_ups if each.kind in _TOLD), None)
    kind: Kind = "manual"
    if told is not None:
        kind = "override" if told.kind is FollowUpKind.OVERRIDE else "forgotten"
    return Notice(row, kind, host, member, told.reason if told else None, undone_at)
