"""Choices that members make about their data: dated, each with an effect.

A choice that was never made is as the table says. The latest of a kind is in force; the earlier ones stay, as the
history that a member may read.
"""

from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.members.models import Consent, Member

Kind = Literal["found_by_name", "yearly_count"]
"""``found_by_name``: let in at a door by name and a second thing. ``yearly_count``: counted among a year's people."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
UNLESS_REFUSED: Final = True


def consents_of(session: Session, member_id: UUID) -> list[Consent]:
    """Every choice that a member made, the newest first."""
    query = select(Consent).where(Consent.member_id == member_id).order_by(Consent.at.desc(), Consent.id.desc())
    return list(session.scalars(query))


def choices_of(session: Session, member_id: UUID) -> dict[Kind, bool]:
    """What is in force for a member, by kind."""
    made = {consent.kind: consent.given for consent in reversed(consents_of(session, member_id))}
    return {kind: made.get(kind, UNLESS_REFUSED) for kind in KINDS}


def choose(session: Session, member: Member, kind: Kind, *, given: bool, at: datetime, actor: Actor) -> bool:
    """Make a choice; the one in force made again changes nothing. Whether it changed."""
    if choices_of(session, member.id)[kind] == given:
        return False
    session.add(Consent(member_id=member.id, kind=kind, given=given, at=at))
    session.flush()
    record(session, actor, at, "choice.make", ("member", member.id), kind=kind, given=given)
    return True


def is_given(kind: Kind) -> ColumnElement[bool]:
    """Whether a choice is in force for the member of the statement that this is a column of."""
    latest = (
        select(Consent.given)
        .where(Consent.member_id == Member.id, Consent.kind == kind)
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
        .correlate(Member)
        .scalar_subquery()
    )
    return func.coalesce(latest, UNLESS_REFUSED)
