"""What a home place is told of its members elsewhere (door.md).

Who was let in all the same, by their host or by a phone that could not ask, who was added later or let in by typing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from passapp.door.follow_ups import Followed, follow_ups_of
from passapp.door.models import CheckIn, CheckInUndo, FollowUp, VisitIdentity
from passapp.door.rules import FollowUpKind, Verdict
from passapp.door.scans import newest_first
from passapp.members.models import Member, Membership
from passapp.places.models import Place

TOLD_FOR: Final = timedelta(days=60)
Kind = Literal["override", "forgotten", "rejected_late", "conflict", "manual"]
_TOLD: Final[dict[FollowUpKind, Kind]] = {
    FollowUpKind.OVERRIDE: "override",
    FollowUpKind.FORGOTTEN: "forgotten",
    FollowUpKind.REJECTED_LATE: "rejected_late",
    FollowUpKind.CONFLICT: "conflict",
}


@dataclass(frozen=True)
class Notice:
    """Something to know about a check-in elsewhere. ``member`` is None once nobody knows any more who it was.

    A ``conflict`` is told once a manager has accepted it.
    """

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

    # Who pays, where a manager said so.
    chosen = (
        select(FollowUp.home_id)
        .where(FollowUp.check_in_id == CheckIn.id, FollowUp.home_id.is_not(None))
        .scalar_subquery()
    )
    its_members = and_(chosen.is_(None), its_member)

    def followed(*kinds: FollowUpKind) -> ColumnElement[bool]:
        return CheckIn.id.in_(select(FollowUp.check_in_id).where(FollowUp.kind.in_(kinds)))

    query = (
        select(CheckIn, host, Member, CheckInUndo.at)
        .join(host, host.id == CheckIn.place_id)
        .outerjoin(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .outerjoin(Member, Member.id == VisitIdentity.member_id)
        .outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .where(
            CheckIn.received_at >= now - TOLD_FOR,
            CheckIn.place_id != place.id,
            or_(CheckIn.home_id == place.id, and_(CheckIn.home_id.is_(None), or_(chosen == place.id, its_members))),
            or_(
                typed,
                followed(*(kind for kind in _TOLD if kind is not FollowUpKind.CONFLICT)),
                and_(followed(FollowUpKind.CONFLICT), followed(FollowUpKind.ACCEPTED)),
            ),
        )
    )
    rows, following = newest_first(session, query, cursor=cursor, limit=limit)
    follow_ups = follow_ups_of(session, [row[0].id for row in rows])
    return [_notice(follow_ups[row[0].id], *row) for row in rows], following


def _notice(
    follow_ups: tuple[Followed, ...], row: CheckIn, host: Place, member: Member | None, undone_at: datetime | None
) -> Notice:
    told = next((each for each in follow_ups if each.kind in _TOLD), None)
    kind = _TOLD[told.kind] if told is not None else "manual"
    return Notice(row, kind, host, member, told.reason if told else None, undone_at)
