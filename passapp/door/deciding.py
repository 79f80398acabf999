"""What people decide of a scan that was judged: let somebody in all the same, offer a visit, judge what waits.

Nothing is changed: each decision is a follow-up of the check-in, and the visits are made anew from all of them.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.rules import Role
from passapp.door import service
from passapp.door.at_place import check_in_at
from passapp.door.calling import lock_place
from passapp.door.cases import SELF
from passapp.door.known import find_visitors
from passapp.door.models import STANDS, CheckIn, CheckInUndo, FollowUp, Visit, VisitVoid
from passapp.door.rules import FollowUpKind, Membership, Verdict, Waived
from passapp.door.scans import waits_for
from passapp.door.service import MONTH_CLOSED
from passapp.door.terms import terms_of
from passapp.kernel.audit import record
from passapp.kernel.problems import ProblemType
from passapp.network.rules import CLOSED_STATES, month_of
from passapp.network.service import period_states

RECEIVE: Final = (Role.DOOR, Role.HOST, Role.MANAGER)
"""Who stands at the door."""

NOTHING_TO_OVERRIDE = ProblemType(
    "nothing_to_override",
    409,
    en="There is nobody to let in all the same: this scan let somebody in, was undone, or nobody is known behind it.",
    fr="Il n'y a personne à laisser entrer malgré tout : ce scan a été accepté, annulé, ou n'est celui de personne.",
)
NOTHING_TO_OFFER = ProblemType(
    "nothing_to_offer",
    409,
    en="Nobody pays for this scan: there is nothing to offer.",
    fr="Personne ne paie pour ce scan : il n'y a rien à offrir.",
)
NOTHING_TO_REVIEW = ProblemType(
    "nothing_to_review",
    409,
    en="This check-in does not wait for you: somebody has judged or undone it, or there was nothing to judge.",
    fr="Ce passage n'attend pas d'avis : quelqu'un l'a déjà vérifié ou annulé, ou il n'y avait rien à vérifier.",
)

CHOOSE_HOME = ProblemType(
    "choose_home",
    422,
    en="This person has several homes that could pay: choose one of those in the list, then accept.",
    fr="Cette personne a plusieurs lieux qui pourraient payer : choisissez l'un de ceux de la liste, puis acceptez.",
)


def override(session: Session, check_in_id: UUID, reason: str, caller: Caller, *, now: datetime) -> CheckIn:
    """Let somebody in all the same whose scan was refused, or is to be sorted out. Twice changes nothing.

    It makes a visit where it is known who pays, and the home place is told why.

    Raises ``check_in_unknown``, ``nothing_to_override``, ``month_closed``.
    """
    row = check_in_at(session, check_in_id, caller, *RECEIVE)
    lock_place(session, row.place_id)
    kinds = _kinds(session, row)
    if FollowUpKind.OVERRIDE in kinds:
        return row
    # An offline door has let these in already: a manager judges them.
    is_in = Verdict(row.verdict).admits or kinds & {FollowUpKind.CONFLICT, FollowUpKind.REJECTED_LATE}
    if is_in or row.visitor_key is None or _is_undone(session, row):
        raise NOTHING_TO_OVERRIDE.error()
    _check_is_open(session, month_of(row.local_date))
    actor = service.acting(session, caller, now)
    service.follow_up(session, row, FollowUpKind.OVERRIDE, reason, actor, now=now)
    service.tell_of_typed(session, row, find_visitors(session, {row.visitor_key}).get(row.visitor_key), now=now)
    record(session, actor, now, "check_in.override", ("check_in", row.id), place_id=row.place_id)
    return row


def offer(session: Session, check_in_id: UUID, caller: Caller, *, now: datetime) -> CheckIn:
    """Ask nothing for the visit that a check-in belongs to: it is counted, and worth 0.00 (R7). Twice changes nothing.

    Raises ``check_in_unknown``, ``nothing_to_offer`` (no visit, one of the place's own member, or one that is worth
    nothing already), ``month_closed``.
    """
    row = check_in_at(session, check_in_id, caller, *RECEIVE)
    lock_place(session, row.place_id)
    visit = _visit_of(session, row)
    if (
        visit is None
        or visit.at_home
        or visit.waived in {Waived.STALE_LIST, Waived.TOO_LATE}
        or _is_undone(session, row)
    ):
        raise NOTHING_TO_OFFER.error()
    if visit.waived is None:
        _check_is_open(session, visit.posted_month)
        opening, actor = session.get_one(CheckIn, visit.id), service.acting(session, caller, now)
        service.follow_up(session, opening, FollowUpKind.OFFERED, None, actor, now=now)
        record(session, actor, now, "check_in.offer", ("check_in", opening.id), place_id=row.place_id)
    return row


def review(
    session: Session,
    check_in_id: UUID,
    caller: Caller,
    *,
    accept: bool,
    reason: str | None,
    home_id: UUID | None = None,
    now: datetime,
) -> CheckIn:
    """Judge a check-in that waits for a manager. The same decision again changes nothing.

    A conflict that is accepted makes a visit, one that is rejected makes none. ``home_id``: who pays for it, where
    several could. A check-in that nobody attended is looked at when it is accepted, and undone when it is rejected.

    Raises ``check_in_unknown``, ``nothing_to_review``, ``choose_home``, and ``month_closed`` where there is something
    to undo in a month that is closed.
    """
    row = check_in_at(session, check_in_id, caller, Role.MANAGER)
    lock_place(session, row.place_id)
    decision = FollowUpKind.ACCEPTED if accept else FollowUpKind.REJECTED
    kinds = _kinds(session, row)
    if decision in kinds:
        return row
    waits = waits_for(row, kinds, is_undone=_is_undone(session, row), opens=_opens_visit(session, row))
    if waits is None:
        raise NOTHING_TO_REVIEW.error()
    if waits == SELF and not accept:
        service.undo_check_in(session, row.id, reason or "", caller, now=now)
    payer = _payer_of(session, row, home_id) if accept else None
    actor = service.acting(session, caller, now)
    service.follow_up(session, row, decision, reason, actor, now=now, payer=payer)
    record(session, actor, now, "check_in.review", ("check_in", row.id), place_id=row.place_id, accepted=accept)
    return row


def _payer_of(session: Session, row: CheckIn, home_id: UUID | None) -> Membership | None:
    """Who pays for a check-in of which the door did not know. None: it is known, or nobody can say any more."""
    if row.home_id is not None or row.visitor_key is None:
        return None
    person = find_visitors(session, {row.visitor_key}, terms_of(session)).get(row.visitor_key)
    payers = person.payers_at(row.scanned_at, row.local_date) if person else {}
    if not payers:
        return None
    if home_id is None and len(payers) == 1:
        return next(iter(payers.values()))
    if home_id not in payers:
        raise CHOOSE_HOME.error()
    return payers[home_id]


def accept_day(session: Session, place_id: UUID, day: date, caller: Caller, *, now: datetime) -> int:
    """Look at all check-ins of a date that nobody attended: they are right. Gives how many there were."""
    lock_place(session, place_id)
    judged = select(FollowUp.check_in_id).where(FollowUp.kind.in_([FollowUpKind.ACCEPTED, FollowUpKind.REJECTED]))
    rows = session.scalars(
        select(CheckIn)
        .where(
            CheckIn.place_id == place_id,
            CheckIn.local_date == day,
            CheckIn.form == SELF,
            CheckIn.id.not_in(judged),
            CheckIn.id.not_in(select(CheckInUndo.check_in_id)),
        )
        .order_by(CheckIn.id)
    )
    waiting = [
        row
        for row in rows
        if waits_for(row, _kinds(session, row), is_undone=False, opens=_opens_visit(session, row)) == SELF
    ]
    actor = service.acting(session, caller, now)
    for row in waiting:
        service.follow_up(session, row, FollowUpKind.ACCEPTED, None, actor, now=now)
    if waiting:
        record(session, actor, now, "check_in.accept_day", ("place", place_id), place_id=place_id, count=len(waiting))
    return len(waiting)


def _kinds(session: Session, row: CheckIn) -> frozenset[FollowUpKind]:
    return frozenset(
        FollowUpKind(kind) for kind in session.scalars(select(FollowUp.kind).where(FollowUp.check_in_id == row.id))
    )


def _is_undone(session: Session, row: CheckIn) -> bool:
    return session.get(CheckInUndo, row.id) is not None


def _visit_of(session: Session, row: CheckIn) -> Visit | None:
    """The visit that stands of the day to which a check-in belongs; a welcome back belongs to the first one's.

    Its own, where a half day came to light once the month of the other was closed.
    """
    query = (
        select(Visit)
        .outerjoin(VisitVoid, STANDS)
        .where(
            Visit.visitor_key == row.visitor_key,
            Visit.host_id == row.place_id,
            Visit.local_date == row.local_date,
            VisitVoid.visit_id.is_(None),
        )
        .order_by((Visit.id == row.id).desc(), Visit.opened_at)
        .limit(1)
    )
    return session.scalar(query)


def _opens_visit(session: Session, row: CheckIn) -> bool:
    visit = _visit_of(session, row)
    return visit is not None and visit.id == row.id


def _check_is_open(session: Session, month: str) -> None:
    if period_states(session).get(month) in CLOSED_STATES:
        raise MONTH_CLOSED.error(name=month)
