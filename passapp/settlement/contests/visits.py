"""Errors in visits: which are reported, taken out of a month, or given back (R15)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from passapp.door.models import CONTEST, STANDS, VisitVoid
from passapp.door.models import Visit as VisitRow
from passapp.network.rules import days_of, posted_month
from passapp.network.service import period_states
from passapp.places.models import Place
from passapp.settlement.contests.models import Contest, ContestVisit, CreditRow
from passapp.settlement.contests.problems import (
    ALREADY_REPORTED,
    NOT_YOUR_VISITS,
    ONE_HOME_AT_A_TIME,
    ONE_UNIT_ONLY,
    TWICE_IS_PICKED,
)
from passapp.settlement.contests.reporting import Report
from passapp.settlement.rules.rating import FUND, RatedVisit
from passapp.settlement.service import Month, settle_place

_DAY: Final = ("visitor_key", "host_id", "local_date")
"""What one visit is of: a person, a host and a date (R4)."""


def reported_visits(session: Session, found: Month, here: str, wanted: Report) -> tuple[UUID, UUID, list[RatedVisit]]:
    """The home, the host and the visits between them, with those that the fund bears since that home left (R13).

    Of what the fund bears, the visitors' own home is asked, and may report: it knows them. Raises ``not_your_visits``,
    ``one_home_at_a_time``, ``one_unit_only``, ``twice_is_picked``.
    """
    home, host = (here, wanted.partner) if wanted.direction == "made" else (wanted.partner, here)
    settled, named = found.settlement.by_pair, {str(key) for key in wanted.ids}
    # Settled for the members' former home alone, what the fund bears stands apart.
    borne = [*settled.get((FUND, host), []), *(each for each in found.settlement.borne if each.visit.host == host)]
    query = select(VisitRow.id, VisitRow.home_id).where(VisitRow.id.in_(UUID(each.visit.id) for each in borne))
    homes = {key: home_id for key, home_id in session.execute(query)} if borne else {}  # noqa: C416
    own = found.places[home].id if home in found.places else None
    pair = [each for each in borne if home == FUND or homes[UUID(each.visit.id)] == own]
    pair += settled.get((home, host), []) if home != FUND else []
    if wanted.reason == "twice" and not named:
        raise TWICE_IS_PICKED.error()
    if wanted.reason == "wrong_units" and not named:
        pair = [each for each in pair if each.visit.units > 1]
    rated = [each for each in pair if not named or str(UUID(each.visit.id)) in named]
    if host not in found.places or not rated or (named and len(rated) != len(named)):
        raise NOT_YOUR_VISITS.error(name=wanted.month)
    if wanted.reason == "wrong_units" and any(each.visit.units == 1 for each in rated):
        raise ONE_UNIT_ONLY.error()
    home_id, *others = {own or homes[UUID(each.visit.id)] for each in rated}
    if others:
        raise ONE_HOME_AT_A_TIME.error()
    return home_id, found.places[host].id, rated


def keep_visits(session: Session, contest: Contest, rated: Sequence[RatedVisit]) -> int:
    """Write down which visits a report is about, as they are now. Gives how many; raises ``already_reported``."""
    keys = [UUID(each.visit.id) for each in rated]
    # Of that day, whichever scan opens it now: what is said of a day is said once.
    before, same = aliased(VisitRow), (*_DAY, "posted_month", "home_id")
    reported = (
        select(ContestVisit.visit_id)
        .join(Contest, Contest.id == ContestVisit.contest_id)
        .join(before, and_(before.id == ContestVisit.visit_id, before.revision == ContestVisit.revision))
        .join(VisitRow, and_(*(getattr(VisitRow, name) == getattr(before, name) for name in same)))
        .where(VisitRow.id.in_(keys), VisitRow.posted_month == contest.month, Contest.state != "withdrawn")
    )
    if session.scalar(reported.limit(1)) is not None:
        raise ALREADY_REPORTED.error()
    revisions = select(VisitRow.id, func.max(VisitRow.revision)).where(VisitRow.id.in_(keys)).group_by(VisitRow.id)
    session.add_all(
        ContestVisit(contest_id=contest.id, visit_id=key, revision=revision)
        for key, revision in session.execute(revisions).all()
    )
    session.flush()
    return len(keys)


def visits_in(session: Session, contest: Contest) -> Sequence[VisitRow]:
    """The visits that a report is about, in their order."""
    query = select(VisitRow).join(
        ContestVisit, and_(ContestVisit.visit_id == VisitRow.id, ContestVisit.revision == VisitRow.revision)
    )
    return session.scalars(
        query.where(ContestVisit.contest_id == contest.id).order_by(VisitRow.opened_at, VisitRow.id)
    ).all()


def take_out_visits(session: Session, contest: Contest, *, at: datetime) -> None:
    """Void what counts by now of the days that it is about; half a day too many leaves what was right of it.

    Scans that came in since it was reported opened the day earlier, or made it longer: what the places agreed about
    holds for the day, as it does for scans that come in later. So it does where the visit was undone meanwhile.
    """
    halves = contest.reason == "wrong_units"
    for reported in visits_in(session, contest):
        that_day = [getattr(VisitRow, name) == getattr(reported, name) for name in _DAY]
        last = session.scalars(select(func.max(VisitRow.revision)).where(*that_day)).one()
        here = VisitRow.posted_month == contest.month, VisitVoid.visit_id.is_(None)
        visit = session.scalar(select(VisitRow).outerjoin(VisitVoid, STANDS).where(*that_day, *here))
        if halves if visit is None else visit.home_id != reported.home_id:
            continue  # between these two places nothing is left to take out
        if visit is None:
            last, visit = last + 1, _again(reported, last + 1, reported.units)
            session.add(visit)
            session.flush()
        session.add(VisitVoid(visit_id=visit.id, revision=visit.revision, at=at, reason=CONTEST))
        session.flush()
        if halves:
            session.add(_again(visit, last + 1, min(visit.units, reported.units - 1)))
    session.flush()


def _again(visit: VisitRow, revision: int, units: int) -> VisitRow:
    fields = {column.name: getattr(visit, column.name) for column in VisitRow.__table__.columns}
    return VisitRow(**fields | {"revision": revision, "units": units})


def give_back_visits(session: Session, contest: Contest, *, at: datetime) -> None:
    """A credit for what each visit cost too much, in the oldest month that is open. Its own month stays as it was."""
    found = settle_place(session, contest.month, session.get_one(Place, contest.host_id), at=at)
    wanted = {visit.id for visit in visits_in(session, contest)}
    month = posted_month(days_of(contest.month)[0], period_states(session))
    for each in found.settlement.rated:
        key = UUID(each.visit.id)
        cents = each.amount_cents
        if contest.reason == "wrong_units":  # the units that are left were free first (R9)
            cents -= each.rate_cents * min(each.paid_units, max(0, each.visit.units - 1 - each.free_units))
        if key not in wanted or not cents:
            continue
        home = each.visit.home
        session.add(
            CreditRow(
                posted_month=month,
                contest_id=contest.id,
                visit_id=key,
                home_id=None if home == FUND else found.places[home].id,
                host_id=found.places[each.visit.host].id,
                origin=contest.month,
                convention=each.visit.convention,
                vat_basis_points=each.vat_basis_points,
                amount_cents=cents,
            )
        )
    session.flush()
