"""How many people are at a place, and how often somebody was elsewhere: counted only where a place or a plan asks."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.door.follow_ups import follow_ups_of
from passapp.door.guests import arrival_of, guests_on
from passapp.door.models import STANDS, CheckIn, CheckInUndo, Visit, VisitIdentity, VisitVoid
from passapp.door.rules import Arrival, FollowUpKind, Host, Verdict, is_inside, staying
from passapp.kernel.wall_time import local_date, opening_instant
from passapp.places.models import Place
from passapp.places.rules import Day


@dataclass(frozen=True)
class Elsewhere:
    """A visit elsewhere than at home."""

    host_id: UUID
    day: date
    at: datetime


class Presence:
    """Who was at a place on some dates and the dates before them: read once, and asked about any instant of them."""

    def __init__(self, session: Session, place: Place, days: Collection[date]) -> None:
        """Read it: three statements, however many the dates."""
        self._zone = ZoneInfo(place.zone)
        self._arrivals: defaultdict[date, list[Arrival]] = defaultdict(list)
        wanted = {day - timedelta(days=n) for day in days for n in (0, 1)}
        if not wanted:
            return
        these = (
            CheckIn.place_id == place.id,
            CheckIn.local_date.in_(wanted),
            CheckIn.received_at >= opening_instant(min(wanted), 0, self._zone),
            CheckIn.visitor_key.is_not(None),
            CheckInUndo.check_in_id.is_(None),
        )
        no_undo = CheckInUndo.check_in_id == CheckIn.id
        followed = follow_ups_of(session, select(CheckIn.id).outerjoin(CheckInUndo, no_undo).where(*these))
        query = (
            select(CheckIn, VisitIdentity.member_id)
            .outerjoin(CheckInUndo, no_undo)
            .outerjoin(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
            .where(*these)
        )
        for row, member_id in session.execute(query):
            kinds = {each.kind: each.at for each in followed[row.id]}
            if is_inside(admits=Verdict(row.verdict).admits, follow_ups=kinds):
                # By member where they are known: a night does not end with a month, a visitor key does.
                arrival = Arrival(
                    row.id,
                    row.visitor_key if member_id is None else member_id,
                    row.scanned_at,
                    row.local_date,
                    kinds.get(FollowUpKind.CHECK_OUT),
                )
                self._arrivals[row.local_date].append(arrival)
        for guest in guests_on(session, place, min(wanted), max(wanted)):
            self._arrivals[guest.local_date].append(arrival_of(guest))

    def count(self, host: Host, at: datetime, *, besides: UUID | None = None) -> int:
        """How many people are there at that instant, guests among them; ``besides``, a member, is not counted."""
        today = local_date(at, self._zone)
        known = {each.day: each for each in host.days}
        days = [today - timedelta(days=n) for n in range(3)]
        hours = {day: known.get(day, Day(day, ())) for day in days}
        arrivals = [each for day in days[:2] for each in self._arrivals[day] if each.at <= at]
        return len({each.who for each in staying(arrivals, hours, self._zone, at)} - {besides})


def visits_elsewhere(session: Session, visitor_keys: Collection[UUID]) -> dict[UUID, list[Elsewhere]]:
    """The visits of each of these visitors elsewhere than at home, in the month that their key is of."""
    found: defaultdict[UUID, list[Elsewhere]] = defaultdict(list)
    query = (
        select(Visit.visitor_key, Visit.host_id, Visit.local_date, Visit.opened_at)
        .outerjoin(VisitVoid, STANDS)
        .where(Visit.visitor_key.in_(visitor_keys), Visit.at_home.is_(False), VisitVoid.visit_id.is_(None))
    )
    for visitor_key, host_id, day, at in session.execute(query):
        found[visitor_key].append(Elsewhere(host_id, day, at))
    return found
