"""A member's own visits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from passapp.door.models import STANDS, CheckIn, FollowUp, Visit, VisitIdentity, VisitVoid
from passapp.door.rules import FollowUpKind
from passapp.members.models import Member
from passapp.places.models import Place


@dataclass(frozen=True)
class Mine:
    """A visit that counts, where it was and who pays, and the check-in that it began with.

    ``overridden``: the scan was refused, and the host let the person in all the same.
    """

    visit: Visit
    host: Place
    home: Place
    check_in: CheckIn
    overridden: bool


def visits_of(session: Session, member: Member, *, before: datetime | None, limit: int) -> list[Mine]:
    """The visits of a member that count, opened before an instant, the newest first."""
    host, home = aliased(Place), aliased(Place)
    override = select(FollowUp.at).where(FollowUp.check_in_id == Visit.id, FollowUp.kind == FollowUpKind.OVERRIDE)
    query = (
        select(Visit, host, home, CheckIn, override.exists())
        .join(VisitIdentity, VisitIdentity.visitor_key == Visit.visitor_key)
        .join(CheckIn, CheckIn.id == Visit.id)
        .join(host, host.id == Visit.host_id)
        .join(home, home.id == Visit.home_id)
        .outerjoin(VisitVoid, STANDS)
        .where(VisitIdentity.member_id == member.id, VisitVoid.visit_id.is_(None))
        .order_by(Visit.opened_at.desc(), Visit.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Visit.opened_at < before)
    return [Mine(*row) for row in session.execute(query)]
