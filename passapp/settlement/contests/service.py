"""What people do with an error in a month (*signaler une erreur*): report it, answer it, decide it.

Silence accepts: a place that says nothing until the review ends accepts its statement, and one that does not answer a
report in time accepts the report. What two places do not agree about is never decided by a date: the coordination
decides it, and the month is not closed before.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.models import RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.kernel.problems import FORBIDDEN
from passapp.kernel.ticking import PARTLY_FAILED
from passapp.kernel.wall_time import local_date
from passapp.network.rules import CLOSED_STATES
from passapp.network.service import period_states
from passapp.places.models import Place
from passapp.settlement.contests.bookings import give_back_bookings, keep_bookings, reported_bookings, take_out_bookings
from passapp.settlement.contests.models import Contest, ContestMessage
from passapp.settlement.contests.problems import (
    ALREADY_ANSWERED,
    CONTEST_SETTLED,
    CONTEST_UNKNOWN,
    NOT_ASKED,
    NOT_HEARD_YET,
    OWN_CASE,
    REPORTED_BY_YOU,
    REPORTED_TOO_LATE,
    REVIEW_OVER,
)
from passapp.settlement.contests.reporting import Report
from passapp.settlement.contests.visits import give_back_visits, keep_visits, reported_visits, take_out_visits
from passapp.settlement.letters import tell_of_contest
from passapp.settlement.months.life import dates_in, errors_until, zones_of
from passapp.settlement.months.versions import NOT_PUBLISHED, check_month, locked, publish
from passapp.settlement.rules.calendar import is_over
from passapp.settlement.service import settle_place

_log = logging.getLogger(__name__)

WORDS_KEPT: Final = timedelta(days=365)
"""After a report was settled."""

_AT_A_PLACE: Final = (Role.MANAGER, Role.PLACE_ACCOUNTANT)


def report(session: Session, place: Place, wanted: Report, *, by: UUID, at: datetime, actor: Actor) -> Contest:
    """Report an error in what a home owes a host for a month. Before the month is closed, until its review ends.

    After it, as long as a late visit would still be worth something (R14), and for as many days as the review has: then
    it is given back in a later month.
    Raises ``month_not_valid``, ``month_not_published``, ``review_over``, ``reported_too_late``, ``already_reported``,
    and what :func:`reported_visits` and :func:`reported_bookings` raise.
    """
    dates, period = dates_in(session, wanted.month, at=at), locked(session, wanted.month)
    if period is None or period.state == "open":
        raise NOT_PUBLISHED.error(name=wanted.month)
    is_closed = period.state in CLOSED_STATES
    # For this place alone: the network's lock is held, and everybody who reports, closes or pays waits for it.
    found = settle_place(session, wanted.month, place, at=at)
    until = errors_until(session, wanted.month, at=at)
    if is_over(until, zones_of(session), at):
        too_late = REPORTED_TOO_LATE if is_closed else REVIEW_OVER
        raise too_late.error(name=wanted.month, day=until)
    here = found.code_of(place.id)
    if wanted.about == "bookings":
        home_id, host_id, booked = reported_bookings(found, here, wanted)
    else:
        home_id, host_id, rated = reported_visits(session, found, here, wanted)
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
        about=wanted.about,
        reason=wanted.reason,
        owed_cents=wanted.owed_cents,
        words=wanted.words,
        state="open",
        answer_by=answer_by,
        decide_by=answer_by + days if is_closed else dates.decided_by,
    )
    session.add(contest)
    session.flush()
    if wanted.about == "bookings":
        count = keep_bookings(session, contest, booked)
    else:
        count = keep_visits(session, contest, rated)
    said = {wanted.about: count}
    record(session, actor, at, "contest.report", ("contest", contest.id), place_id=place.id, **said)
    tell_of_contest(session, contest, "reported", at=at)
    return contest


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
        _settle(session, contest, accept=True, by=by, at=at)
        publish(session, folder, contest.month, at=at, reason="contest")
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
    """The coordination decides: what is reported is taken out, or kept.

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
    _settle(session, contest, accept=accept, by=by, at=at)
    if accept:
        publish(session, folder, contest.month, at=at, reason="contest")
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


def accept_unanswered(session: Session, folder: Path, *, at: datetime) -> object:
    """Silence is acceptance. A month has one version for all that is accepted in it at once.

    A report for which that fails stays as it was, as do those of a month that cannot be published, and keeps no other
    from being accepted: the log says so, and ``PARTLY_FAILED`` is given.
    """
    failed = False
    by_month = groupby(unanswered(session, at), key=lambda contest: contest.month)
    for month, silent in [(month, [each.id for each in found]) for month, found in by_month]:
        try:
            with session.begin_nested():
                accepted = [key for key in silent if _accept_silence(session, key, month, at=at)]
                if accepted:
                    publish(session, folder, month, at=at, reason="contest")
        except Exception:  # noqa: BLE001  (whatever it is: the other months go on)
            _log.exception("reported errors not accepted", extra={"month": month})
            accepted = []
        failed = failed or accepted != silent
    return PARTLY_FAILED if failed else None


def _accept_silence(session: Session, contest_id: UUID, month: str, *, at: datetime) -> bool:
    try:
        with session.begin_nested():
            contest = _open(session, session.get_one(Contest, contest_id))
            _settle(session, contest, accept=True, by=None, at=at)
            record(session, SYSTEM, at, "contest.decide", ("contest", contest_id), accepted=True)
    except Exception:  # noqa: BLE001  (whatever it is: the other reports go on)
        _log.exception("reported error not accepted", extra={"month": month})
        return False
    return True


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


def _settle(session: Session, contest: Contest, *, accept: bool, by: UUID | None, at: datetime) -> None:
    """End a report; where it is accepted, take what it is about out of the month, or give it back (R15)."""
    contest.state = "accepted" if accept else "refused"
    contest.decided_by, contest.decided_at = by, at
    session.flush()
    bookings = contest.about == "bookings"
    if accept and period_states(session).get(contest.month) in CLOSED_STATES:
        (give_back_bookings if bookings else give_back_visits)(session, contest, at=at)
    elif accept:
        (take_out_bookings if bookings else take_out_visits)(session, contest, at=at)
    tell_of_contest(session, contest, "accepted" if accept else "refused", at=at)
