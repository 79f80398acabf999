"""From check-ins to visits (door.md, Visits).

The earliest standing check-in of a (visitor, host, local date) opens the visit. When an earlier one arrives late, or
the opening one is undone, the visit is voided and the next one is made: nothing is ever changed or erased.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.models import CheckIn, CheckInUndo, Visit, VisitIdentity, VisitVoid
from passapp.door.rules import Verdict
from passapp.kernel.database import insert_unless_there
from passapp.network.rules import CLOSED_STATES, posted_month
from passapp.network.service import conventions, in_force, period_states
from passapp.places.models import Place

VisitorDay = tuple[UUID, date]
"""A visitor key and a local date."""

STANDS = and_(VisitVoid.visit_id == Visit.id, VisitVoid.revision == Visit.revision)
"""``select(Visit).outerjoin(VisitVoid, STANDS).where(VisitVoid.visit_id.is_(None))`` are the visits that count."""


def ensure_visitor_keys(session: Session, wanted: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """The visitor keys of these (member, month) pairs, made if need be, and locked until the transaction ends.

    Two doors that receive the same person at the same moment take turns here. First all that is missing is made, then
    all is locked, each in one order: two batches cannot wait for one another.
    """
    if not wanted:
        return {}
    pair = tuple_(VisitIdentity.member_id, VisitIdentity.month)
    query = select(VisitIdentity).where(pair.in_(wanted)).order_by(VisitIdentity.visitor_key)
    there = {(row.member_id, row.month) for row in session.scalars(query)}
    rows = [{"visitor_key": uuid4(), "member_id": m, "month": month} for m, month in sorted(set(wanted) - there)]
    insert_unless_there(session, VisitIdentity, rows)
    return {(row.member_id, row.month): row.visitor_key for row in session.scalars(query.with_for_update())}


def lock_visitor(session: Session, visitor_key: UUID) -> None:
    """Hold back whoever else would change this visitor's visits, until the transaction ends."""
    session.execute(select(VisitIdentity.visitor_key).where(VisitIdentity.visitor_key == visitor_key).with_for_update())


def check_ins_of(
    session: Session, place_id: UUID, days: Collection[VisitorDay]
) -> list[tuple[CheckIn, datetime | None]]:
    """The check-ins of these days at that place, each with when it was undone, or None."""
    if not days:
        return []
    query = (
        select(CheckIn, CheckInUndo.at)
        .outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .where(tuple_(CheckIn.visitor_key, CheckIn.local_date).in_(days), CheckIn.place_id == place_id)
    )
    return [(row, undone_at) for row, undone_at in session.execute(query)]


def as_rule(row: CheckIn, *, undone: bool) -> rules.CheckIn:
    """A check-in as the rules see it."""
    return rules.CheckIn(
        id=row.id,
        member_id=row.visitor_key or row.id,
        host_id=row.place_id,
        local_date=row.local_date,
        at=row.scanned_at,
        home_id=row.home_id,
        admitted=Verdict(row.verdict).admits,
        undone=undone,
    )


def refresh_visits(session: Session, place: Place, days: Iterable[VisitorDay], *, now: datetime) -> None:
    """Make the visits of these days at ``place`` what its standing check-ins say.

    A visit posted in a month that is closed stays as it is: only a contest can change what it counts for (R15).
    """
    wanted_days = set(days)
    visitor_keys = {visitor_key for visitor_key, _ in wanted_days}
    if not wanted_days:
        return
    rows: dict[UUID, CheckIn] = {}
    check_ins: dict[VisitorDay, list[rules.CheckIn]] = defaultdict(list)
    for row, undone_at in check_ins_of(session, place.id, wanted_days):
        if row.visitor_key is not None:
            rows[row.id] = row
            check_ins[row.visitor_key, row.local_date].append(as_rule(row, undone=undone_at is not None))
    made: dict[VisitorDay, list[tuple[Visit, bool]]] = defaultdict(list)
    query = (
        select(Visit, VisitVoid.visit_id)
        .outerjoin(VisitVoid, STANDS)
        .where(Visit.visitor_key.in_(visitor_keys), Visit.host_id == place.id)
    )
    for visit, void in session.execute(query):
        made[visit.visitor_key, visit.local_date].append((visit, void is not None))
    versions, states = conventions(session), period_states(session)
    for day in sorted(wanted_days):
        wanted = next(iter(rules.standing_visits(check_ins[day])), None)
        present = next((visit for visit, void in made[day] if not void), None)
        if present is not None and states.get(present.posted_month) in CLOSED_STATES:
            continue
        if present is not None and wanted is not None and present.id == wanted.id:
            continue
        if present is not None:
            undone = not any(c.id == present.id and c.stands for c in check_ins[day])
            reason = "undone" if undone else "earlier_check_in"
            session.add(VisitVoid(visit_id=present.id, revision=present.revision, at=now, reason=reason))
        if wanted is not None:
            opening = rows[wanted.id]
            visit = _visit(place, opening, revision=len(made[day]))
            visit.convention_version = in_force(versions, opening.local_date).number
            visit.posted_month = posted_month(opening.local_date, states)
            session.add(visit)
    session.flush()


def _visit(place: Place, opening: CheckIn, *, revision: int) -> Visit:
    return Visit(
        id=opening.id,
        revision=revision,
        visitor_key=opening.visitor_key,
        home_id=opening.home_id,
        host_id=place.id,
        plan=opening.plan,
        host_class=place.host_class,
        zone=place.zone,
        at_home=opening.at_home,
        local_date=opening.local_date,
        opened_at=opening.scanned_at,
        received_at=opening.received_at,
    )
