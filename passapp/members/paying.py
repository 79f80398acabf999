"""Whether a membership is paid for: its home says so, and its doors and everybody else's know (door.md, Verdicts)."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.members import rules
from passapp.members.models import Member, Membership
from passapp.members.service import runs_at


def is_unpaid_at(membership: Membership, at: datetime) -> bool:
    """Whether a membership was not paid for at that instant: then it opens nothing, and pays for nothing."""
    return rules.is_unpaid_at(membership.unpaid_at, membership.paid_at, at)


def is_paid_at(at: datetime) -> ColumnElement[bool]:
    """The same of the memberships of a statement, the other way round."""
    paid_again = and_(Membership.paid_at >= Membership.unpaid_at, Membership.paid_at <= at)
    return or_(Membership.unpaid_at.is_(None), Membership.unpaid_at > at, paid_again)


def paying_at(member: Member, at: datetime) -> Membership | None:
    """The membership that opens doors at that instant: the first by priority that runs and is paid for itself."""
    active = [m for m in member.memberships if runs_at(m, at) and not is_unpaid_at(m, at)]
    return min(active, key=lambda m: (m.priority, m.first_day, m.id), default=None)


def mark_unpaid(session: Session, membership: Membership, *, at: datetime, actor: Actor) -> None:
    """Say that a membership is not paid for: from now on it opens nothing. Said again, it changes nothing."""
    if not is_unpaid_at(membership, at):
        membership.unpaid_at, membership.paid_at = at, None
        session.flush()
        whose, place = ("member", membership.member_id), membership.place_id
        record(session, actor, at, "membership.unpaid", whose, place_id=place)


def mark_paid(session: Session, membership: Membership, *, at: datetime, actor: Actor) -> None:
    """Say that a membership is paid for again: it opens at once. Said again, it changes nothing."""
    if is_unpaid_at(membership, at):
        membership.paid_at = at
        session.flush()
        whose, place = ("member", membership.member_id), membership.place_id
        record(session, actor, at, "membership.paid", whose, place_id=place)
