"""How many people are at a place, and how often somebody was elsewhere: counted only where a place or a plan asks."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from passapp.door.follow_ups import follow_ups_of
from passapp.door.guests import arrival_of, guests_on
from passapp.door.models import STANDS, CheckIn, CheckInUndo, Visit, VisitVoid
from passapp.door.rules import Arrival, FollowUpKind, Host, Verdict, is_inside, staying
from passapp.kernel.wall_time import local_date, opening_instant
from passapp.network.rules import days_of
from passapp.places.models import Place
from passapp.places.rules import Day


def count_present(session: Session, place: Place, host: Host, at: datetime, *, besides: UUID | None = None) -> int:
    """How many people are at the place at that instant, guests among them; ``besides`` is not counted."""
    zone = ZoneInfo(place.zone)
    today = local_date(at, zone)
    before = today - timedelta(days=1)
    these = (
        CheckIn.place_id == place.id,
        CheckIn.local_date.between(before, today),
        CheckIn.received_at >= opening_instant(before, 0, zone),
        CheckIn.scanned_at <= at,
        CheckIn.visitor_key.is_not(None),
        CheckInUndo.check_in_id.is_(None),
    )
    no_undo = CheckInUndo.check_in_id == CheckIn.id
    followed = follow_ups_of(session, select(CheckIn.id).outerjoin(CheckInUndo, no_undo).where(*these))
    arrivals = []
    for row in session.scalars(select(CheckIn).outerjoin(CheckInUndo, no_undo).where(*these)):
        kinds = {each.kind: each.at for each in followed[row.id]}
        if is_inside(admits=Verdict(row.verdict).admits, follow_ups=kinds):
            left_at = kinds.get(FollowUpKind.CHECK_OUT)
            arrivals.append(Arrival(row.id, row.visitor_key, row.scanned_at, row.local_date, left_at))
    arrivals += map(arrival_of, guests_on(session, place, before, today))
    known = {each.day: each for each in host.days}
    days = (today - timedelta(days=n) for n in range(3))
    hours = {day: known.get(day, Day(day, ())) for day in days}
    return len({each.who for each in staying(arrivals, hours, zone, at)} - {besides})


def count_visits_elsewhere(session: Session, visitor_key: UUID | None, host_id: UUID, day: date, at: datetime) -> int:
    """How many visits this visitor made in the month before ``at``, elsewhere than at home; this day here apart."""
    first, last = days_of(f"{day:%Y-%m}")
    counted = (
        select(func.count())
        .select_from(Visit)
        .outerjoin(VisitVoid, STANDS)
        .where(
            Visit.visitor_key == visitor_key,
            Visit.local_date.between(first, last),
            Visit.at_home.is_(False),
            Visit.opened_at < at,
            VisitVoid.visit_id.is_(None),
            ~and_(Visit.host_id == host_id, Visit.local_date == day),
        )
    )
    return session.scalar(counted) or 0
