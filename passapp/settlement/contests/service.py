"""What people do with an error in a month (*signaler une erreur*): report it, answer it, decide it.

Silence accepts: a place that says nothing until the review ends accepts its statement, and one that does not answer a
report in time accepts the report. What two places do not agree about is never decided by a date: the coordination
decides it, and the month is not closed before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.models import RoleGrant
from passapp.accounts.rules import Role
from passapp.door.models import CONTEST, VisitVoid
from passapp.door.models import Visit as VisitRow
from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.kernel.problems import FORBIDDEN
from passapp.kernel.wall_time import local_date
from passapp.network.rules import CLOSED_STATES, days_of, posted_month
from passapp.network.service import period_states
from passapp.places.models import Place
from passapp.settlement.contests.models import Contest, ContestMessage, ContestVisit, CreditRow
from passapp.settlement.contests.problems import (
    ALREADY_ANSWERED,
    ALREADY_REPORTED,
    CONTEST_SETTLED,
    CONTEST_UNKNOWN,
    NOT_ASKED,
    NOT_HEARD_YET,
    NOT_YOUR_VISITS,
    ONE_HOME_AT_A_TIME,
    ONE_UNIT_ONLY,
    OWN_CASE,
    REPORTED_BY_YOU,
    REPORTED_TOO_LATE,
    REVIEW_OVER,
    TWICE_IS_PICKED,
)
from passapp.settlement.letters import tell_of_contest
from passapp.settlement.months.service import dates_in, zones_of
from passapp.settlement.months.versions import NOT_PUBLISHED, check_month, locked, publish
from passapp.settlement.rules.calendar import is_over
from passapp.settlement.rules.rating import FUND, RatedVisit
from passapp.settlement.service import Month, settle_month

Reason = Literal["not_our_member", "not_here", "twice", "wrong_units", "other"]
MOST_VISITS: Final = 500
WORDS_KEPT: Final = timedelta(days=365)
"""After a report was settled."""

_AT_A_PLACE: Final = (Role.MANAGER, Role.PLACE_ACCOUNTANT)


@dataclass(frozen=True)
class Report:
    """What a place reports: visits that it ``received`` from ``partner`` or ``made`` there; none named: all of them."""

    month: str
    direction: Literal["received", "made"]
    partner: str
    reason: Reason
    words: str | None = None
    visits: tuple[UUID, ...] = ()


def report(session: Session, place: Place, wanted: Report, *, by: UUID, at: datetime, actor: Actor) -> Contest:
    """Report an error in what a home owes a host for a month. Before the month is closed, until its review ends.

    After it, as long as a late visit would still be worth something (R14): then it is given back in a later month.
    Raises ``month_not_valid``, ``month_not_published``, ``review_over``, ``reported_too_late``, ``not_your_visits``,
    ``one_home_at_a_time``, ``one_unit_only``, ``twice_is_picked``, ``already_reported``.
    """
    dates, period = dates_in(session, wanted.month), locked(session, wanted.month)
    if period is None or period.state == "open":
        raise NOT_PUBLISHED.error(name=wanted.month)
    is_closed = period.state in CLOSED_STATES
    found = settle_month(session, wanted.month, at=at)
    last = days_of(wanted.month)[1] + timedelta(days=found.convention.late_days)
    until = max(last, dates.review_until) if is_closed else dates.review_until
    if is_over(until, zones_of(session), at):
        too_late = REPORTED_TOO_LATE if is_closed else REVIEW_OVER
        raise too_late.error(name=wanted.month, day=until)
    home_id, host_id, rated = _reported(session, found, found.code_of(place.id), wanted)
    keys = [UUID(each.visit.id) for each in rated]
    _check_not_reported(session, keys)
    days = timedelta(days=found.convention.answer_days)
    asked = session.get_one(Place, host_id if place.id == home_id else home_id)
    answer_by = local_date(at, ZoneInfo(asked.zone)) + days
    if not is_closed:
        answer_by = min(answer_by, dates.decided_by)
    contest = Contest(
        month=wanted.month,
        home_id=home_id,
        host_id=host_id,
        place_id=place.id,
        made_by=by,
        made_at=at,
        reason=wanted.reason,
        words=wanted.words,
        state="open",
        answer_by=answer_by,
        decide_by=answer_by + days if is_closed else dates.decided_by,
    )
    session.add(contest)
    session.flush()
    revisions = select(VisitRow.id, func.max(VisitRow.revision)).where(VisitRow.id.in_(keys)).group_by(VisitRow.id)
    session.add_all(
        ContestVisit(contest_id=contest.id, visit_id=key, revision=revision)
        for key, revision in session.execute(revisions).all()
    )
    session.flush()
    record(session, actor, at, "contest.report", ("contest", contest.id), place_id=place.id, visits=len(keys))
    tell_of_contest(session, contest, "reported", at=at)
    return contest


def _reported(session: Session, found: Month, here: str, wanted: Report) -> tuple[UUID, UUID, list[RatedVisit]]:
    """The home, the host and the visits between them, with those that the fund bears since that home left (R13).

    Of what the fund bears, the visitors' own home is asked, and may report: it knows them.
    """
    home, host = (here, wanted.partner) if wanted.direction == "made" else (wanted.partner, here)
    settled, named = found.settlement.by_pair, {str(key) for key in wanted.visits}
    borne = settled.get((FUND, host), [])
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


def _check_not_reported(session: Session, keys: Collection[UUID]) -> None:
    query = (
        select(ContestVisit.visit_id)
        .join(Contest, Contest.id == ContestVisit.contest_id)
        .where(ContestVisit.visit_id.in_(keys), Contest.state != "withdrawn")
        .limit(1)
    )
    if session.scalar(query) is not None:
        raise ALREADY_REPORTED.error()


def get_contest(session: Session, contest_id: UUID, caller: Caller) -> Contest:
    """A reported error, for its two places and the network. Raises ``contest_unknown``: others are told the same."""
    contest = session.get(Contest, contest_id)
    if contest is None or not _may_see(contest, caller):
        raise CONTEST_UNKNOWN.error()
    return contest


def _may_see(contest: Contest, caller: Caller) -> bool:
    if caller.has(Role.COORDINATOR, Role.NETWORK_ACCOUNTANT):
        return True
    return bool(caller.places(*_AT_A_PLACE) & {contest.home_id, contest.host_id})


def contests_of(session: Session, month: str, caller: Caller) -> Sequence[Contest]:
    """The errors reported in a month that the caller may see, the first one first. Raises ``month_not_valid``."""
    check_month(month)
    query = select(Contest).where(Contest.month == month).order_by(Contest.made_at, Contest.id)
    return [contest for contest in session.scalars(query) if _may_see(contest, caller)]


def visits_in(session: Session, contest: Contest) -> Sequence[VisitRow]:
    """The visits that a report is about, in their order."""
    query = select(VisitRow).join(
        ContestVisit, and_(ContestVisit.visit_id == VisitRow.id, ContestVisit.revision == VisitRow.revision)
    )
    return session.scalars(
        query.where(ContestVisit.contest_id == contest.id).order_by(VisitRow.opened_at, VisitRow.id)
    ).all()


def messages_in(session: Session, contest: Contest) -> Sequence[ContestMessage]:
    """What was said about it, the first first."""
    query = select(ContestMessage).where(ContestMessage.contest_id == contest.id)
    return session.scalars(query.order_by(ContestMessage.at, ContestMessage.id)).all()


def say(session: Session, contest: Contest, words: str, caller: Caller, *, by: UUID, at: datetime) -> ContestMessage:
    """Add words to a report that is not settled, for a place of it or for the coordination.

    Raises ``contest_settled``, ``forbidden``.
    """
    contest = _open(session, contest)
    own = caller.places(*_AT_A_PLACE) & {contest.home_id, contest.host_id}
    if not own and not caller.has(Role.COORDINATOR):
        raise FORBIDDEN.error()
    here = contest.place_id if by == contest.made_by or contest.other_id not in own else contest.other_id
    message = ContestMessage(contest_id=contest.id, place_id=here if own else None, account_id=by, words=words, at=at)
    session.add(message)
    session.flush()
    record(session, caller.actor, at, "contest.message", ("contest", contest.id), place_id=message.place_id)
    return message


def answer(
    session: Session,
    folder: Path,
    contest: Contest,
    caller: Caller,
    *,
    agrees: bool,
    words: str | None,
    by: UUID,
    at: datetime,
) -> None:
    """The other place agrees, and the report is accepted; or it does not, and the coordination is asked.

    Raises ``contest_settled``, ``already_answered``, ``not_asked``, ``reported_by_you``: money moves by two people.
    """
    contest = _open(session, contest)
    if contest.other_id not in caller.places(*_AT_A_PLACE):
        raise NOT_ASKED.error()
    if by == contest.made_by:
        raise REPORTED_BY_YOU.error()
    if contest.state == "answered":
        raise ALREADY_ANSWERED.error()
    if words:
        session.add(ContestMessage(contest_id=contest.id, place_id=contest.other_id, account_id=by, words=words, at=at))
    record(
        session, caller.actor, at, "contest.answer", ("contest", contest.id), place_id=contest.other_id, agrees=agrees
    )
    if agrees:
        _settle(session, folder, contest, accept=True, by=by, at=at)
        return
    contest.state = "answered"
    session.flush()
    tell_of_contest(session, contest, "answered", at=at)


def decide(
    session: Session,
    folder: Path,
    contest: Contest,
    caller: Caller,
    *,
    accept: bool,
    words: str | None,
    by: UUID,
    at: datetime,
) -> None:
    """The coordination decides: these visits are taken out, or kept.

    Raises ``contest_settled``, ``not_heard_yet``, ``own_case``.
    """
    contest = _open(session, contest)
    if contest.state == "open" and not is_over(contest.answer_by, zones_of(session), at):
        asked = session.get_one(Place, contest.other_id)
        raise NOT_HEARD_YET.error(name=asked.name, day=contest.answer_by)
    own = caller.places(*_AT_A_PLACE) & {contest.home_id, contest.host_id}
    if own and _others_decide(session, contest):
        raise OWN_CASE.error()
    contest.decision = words
    _settle(session, folder, contest, accept=accept, by=by, at=at)
    record(session, caller.actor, at, "contest.decide", ("contest", contest.id), accepted=accept)


def _others_decide(session: Session, contest: Contest) -> bool:
    """Whether anybody of the coordination looks after neither of the two places."""
    places = RoleGrant.role.in_(_AT_A_PLACE), RoleGrant.place_id.in_([contest.home_id, contest.host_id])
    query = select(RoleGrant.id).where(
        RoleGrant.role == Role.COORDINATOR, RoleGrant.account_id.not_in(select(RoleGrant.account_id).where(*places))
    )
    return session.scalar(query.limit(1)) is not None


def withdraw(session: Session, contest: Contest, caller: Caller, *, by: UUID, at: datetime) -> None:
    """The place that reported it finds that it was no error. Raises ``contest_settled``, ``not_asked``."""
    contest = _open(session, contest)
    if contest.place_id not in caller.places(*_AT_A_PLACE):
        raise NOT_ASKED.error()
    contest.state, contest.decided_by, contest.decided_at = "withdrawn", by, at
    session.flush()
    record(session, caller.actor, at, "contest.withdraw", ("contest", contest.id), place_id=contest.place_id)
    tell_of_contest(session, contest, "withdrawn", at=at)


def unanswered(session: Session, at: datetime) -> list[Contest]:
    """Reports that the other place has not answered in time."""
    zones = zones_of(session)
    query = select(Contest).where(Contest.state == "open").order_by(Contest.month, Contest.made_at, Contest.id)
    return [contest for contest in session.scalars(query) if is_over(contest.answer_by, zones, at)]


def accept_unanswered(session: Session, folder: Path, *, at: datetime) -> None:
    """Silence is acceptance."""
    for contest in unanswered(session, at):
        _settle(session, folder, _open(session, contest), accept=True, by=None, at=at)
        record(session, SYSTEM, at, "contest.decide", ("contest", contest.id), accepted=True)


def told_long_ago(session: Session, now: datetime) -> list[UUID]:
    """Reports that were settled a year ago, and whose words, which may name a person, are still there."""
    said = select(ContestMessage.contest_id)
    has_words = or_(Contest.words.is_not(None), Contest.decision.is_not(None), Contest.id.in_(said))
    return list(session.scalars(select(Contest.id).where(Contest.decided_at < now - WORDS_KEPT, has_words)))


def forget_words(session: Session, now: datetime) -> None:
    """Forget those words; that an error was reported, and how it ended, stays."""
    ids = told_long_ago(session, now)
    session.execute(delete(ContestMessage).where(ContestMessage.contest_id.in_(ids)))
    session.execute(update(Contest).where(Contest.id.in_(ids)).values(words=None, decision=None))


def _open(session: Session, contest: Contest) -> Contest:
    """The report as it is now: nobody else answers or decides it, or closes its month, before we are done."""
    locked(session, contest.month)
    session.refresh(contest)
    if not contest.is_open:
        raise CONTEST_SETTLED.error()
    return contest


def _settle(session: Session, folder: Path, contest: Contest, *, accept: bool, by: UUID | None, at: datetime) -> None:
    """End a report; where it is accepted, take its visits out of the month, or give back what they cost (R15)."""
    contest.state = "accepted" if accept else "refused"
    contest.decided_by, contest.decided_at = by, at
    session.flush()
    if accept and period_states(session).get(contest.month) in CLOSED_STATES:
        _give_back(session, contest, at=at)
    elif accept:
        _take_out(session, contest, at=at)
        publish(session, folder, contest.month, at=at, reason="contest")
    tell_of_contest(session, contest, "accepted" if accept else "refused", at=at)


def _take_out(session: Session, contest: Contest, *, at: datetime) -> None:
    """Void its visits; where their units were wrong, each is made anew with a half day less."""
    table = VisitRow.__table__
    for visit in visits_in(session, contest):
        if session.get(VisitVoid, (visit.id, visit.revision)) is not None:
            continue
        session.add(VisitVoid(visit_id=visit.id, revision=visit.revision, at=at, reason=CONTEST))
        session.flush()
        if contest.reason == "wrong_units":
            days = VisitRow.visitor_key, VisitRow.host_id, VisitRow.local_date
            that_day = (column == getattr(visit, column.key) for column in days)
            last = session.scalars(select(func.max(VisitRow.revision)).where(*that_day)).one()
            fields = {column.name: getattr(visit, column.name) for column in table.columns}
            session.add(VisitRow(**fields | {"revision": last + 1, "units": visit.units - 1}))
    session.flush()


def _give_back(session: Session, contest: Contest, *, at: datetime) -> None:
    """A credit for what each visit cost too much, in the oldest month that is open. Its own month stays as it was."""
    found = settle_month(session, contest.month, at=at)
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
