"""Who was trained on a resource that asks for it: the place keeps that list (booking.md 21)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from passapp.bookings.models import Resource, Training
from passapp.kernel.audit import Actor, record
from passapp.members.models import Member, Membership


def trained_on(session: Session, resource: Resource) -> Sequence[tuple[Member, datetime]]:
    """Those who were trained on it, by their given name, and when that was written down."""
    query = (
        select(Member, Training.at)
        .join(Training, Training.member_id == Member.id)
        .where(Training.resource_id == resource.id)
        .options(selectinload(Member.memberships).joinedload(Membership.place))
        .order_by(Member.given_name, Member.id)
    )
    return session.execute(query).all()


def train(session: Session, resource: Resource, member: Member, *, at: datetime, actor: Actor) -> datetime:
    """Write down that somebody was trained; gives since when. Again: nothing changes."""
    present = session.get(Training, (resource.id, member.id))
    if present is not None:
        return present.at
    session.add(Training(resource_id=resource.id, member_id=member.id, at=at))
    session.flush()
    record(session, actor, at, "training.add", ("member", member.id), place_id=resource.place_id, resource=resource.id)
    return at


def untrain(session: Session, resource: Resource, member_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Take somebody off the list: what they booked stays. Again: nothing changes."""
    present = session.get(Training, (resource.id, member_id))
    if present is None:
        return
    session.delete(present)
    session.flush()
    record(
        session, actor, at, "training.remove", ("member", member_id), place_id=resource.place_id, resource=resource.id
    )
