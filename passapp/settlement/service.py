"""What people do with settlement: see a month's counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.door.models import Visit, VisitVoid
from passapp.door.visits import STANDS
from passapp.kernel.problems import ProblemType
from passapp.network.rules import month_of, parse_month
from passapp.network.service import period_states
from passapp.places.models import Place
from passapp.settlement.rules import Counts, count_visits

FURTHEST_AHEAD = timezone(timedelta(hours=14))

MONTH_NOT_VALID = ProblemType(
    "month_not_valid", 422, en="Write a month as 2026-10.", fr="Écrivez un mois comme 2026-10."
)
MONTH_TO_COME = ProblemType("month_to_come", 422, en="{name} has not begun yet.", fr="{name} n'a pas encore commencé.")


@dataclass(frozen=True)
class Month:
    """A month, its state, and its counts between the places named in ``places``."""

    month: str
    state: str
    counts: Counts
    places: dict[UUID, Place]


def months(session: Session) -> list[tuple[str, str, int]]:
    """Each month with visits, at home or not, the newest first: the month, its state, its visits between places."""
    states = period_states(session)
    query = (
        select(Visit.posted_month, func.count().filter(Visit.at_home.is_(False)).label("visits"))
        .outerjoin(VisitVoid, STANDS)
        .where(VisitVoid.visit_id.is_(None))
        .group_by(Visit.posted_month)
    )
    found = {row.posted_month: row.visits for row in session.execute(query)}
    return [(m, states.get(m, "open"), found.get(m, 0)) for m in sorted(found.keys() | states, reverse=True)]


def month_counts(session: Session, month: str, *, at: datetime) -> Month:
    """The visits posted in a month, per home and host. Raises ``month_not_valid``, ``month_to_come``.

    A month has begun when it has in the zone that is furthest ahead.
    """
    try:
        parse_month(month)
    except ValueError:
        raise MONTH_NOT_VALID.error() from None
    query = (
        select(Visit.home_id, Visit.host_id, Visit.at_home, func.count())
        .outerjoin(VisitVoid, STANDS)
        .where(Visit.posted_month == month, VisitVoid.visit_id.is_(None))
        .group_by(Visit.home_id, Visit.host_id, Visit.at_home)
    )
    counts = count_visits((home, host, at_home, number) for home, host, at_home, number in session.execute(query))
    if not counts.between and not counts.at_home and month > month_of(at.astimezone(FURTHEST_AHEAD).date()):
        raise MONTH_TO_COME.error(name=month)
    places = {place.id: place for place in session.scalars(select(Place))}
    return Month(month, period_states(session).get(month, "open"), counts, places)
