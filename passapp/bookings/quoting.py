"""What a booking would cost whoever asks, who would pay, and what speaks against it (booking.md 13 and 20)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from passapp.bookings.models import Booking, BookingAdvance, BookingState, Resource, Training
from passapp.bookings.policies import policy_of
from passapp.bookings.rules import (
    Advance,
    Asker,
    Customer,
    Flaw,
    Payer,
    Policy,
    Rate,
    Span,
    flaws_of,
    needs_approval,
    payer_of,
    price_of,
    rate_for,
)
from passapp.members.models import Member, Membership
from passapp.members.service import home_at, runs_at
from passapp.network.rules import days_of, month_of
from passapp.places.service import hours_between

TAKING = tuple(state for state in BookingState if state.takes_room)


@dataclass(frozen=True)
class Quote:
    """What a booking would be. ``price`` in cents; ``home_id``: whose member they are; ``flaws``: why it may not be."""

    price: int
    payer: Payer
    home_id: UUID | None
    policy: Policy
    needs_approval: bool
    flaws: tuple[Flaw, ...]


def quote(
    session: Session,
    resource: Resource,
    member: Member,
    span: Span,
    *,
    people: int,
    now: datetime,
    besides: Booking | None = None,
) -> Quote:
    """What it would come to for this member; ``besides``: a booking of theirs that it would take the place of."""
    policy = policy_of(session, resource)
    membership = _membership_at(member, resource.place_id, now)
    is_own = membership is not None and membership.place_id == resource.place_id
    asker = _asker(session, resource, member, span, now, besides, is_own=is_own, is_member=membership is not None)
    days = hours_between(
        resource.place, span.local_start.date() - timedelta(days=1), max(span.local_start, span.local_end).date()
    )
    flaws = flaws_of(span, policy, asker, days, now, people=people, capacity=resource.capacity)
    customer = Customer(
        is_own_member=is_own,
        plan=membership.plan if membership else None,
        tier=membership.tier if membership and is_own else None,
    )
    rates = [
        Rate(row.hour, row.half_day, row.day, plan=row.plan, tier=row.tier, is_home=row.is_home)
        for row in resource.rates
    ]
    price = price_of(max(0, span.minutes), rate_for(customer, rates))
    advance = None if is_own or membership is None else _advance(session, membership, member, span, besides)
    return Quote(
        price,
        payer_of(price, advance),
        membership.place_id if membership else None,
        policy,
        needs_approval(policy, asker),
        flaws,
    )


def _membership_at(member: Member, place_id: UUID, at: datetime) -> Membership | None:
    """The membership that counts there: one of that place, else the one that pays."""
    here = [m for m in member.memberships if m.place_id == place_id and runs_at(m, at)]
    return min(here, key=lambda m: (m.priority, m.first_day, m.id)) if here else home_at(member, at)


def _theirs(member: Member, besides: Booking | None) -> list[ColumnElement[bool]]:
    theirs = [Booking.member_id == member.id, Booking.state.in_(TAKING)]
    return [*theirs, Booking.id != besides.id] if besides is not None else theirs


def _asker(
    session: Session,
    resource: Resource,
    member: Member,
    span: Span,
    now: datetime,
    besides: Booking | None,
    *,
    is_own: bool,
    is_member: bool,
) -> Asker:
    here = [*_theirs(member, besides), Booking.resource_id == resource.id]
    day = span.local_start.date()
    monday = day - timedelta(days=day.weekday())
    first, last = days_of(month_of(day))
    return Asker(
        is_own_member=is_own,
        is_member=is_member and not member.is_suspended,
        is_trained=session.get(Training, (resource.id, member.id)) is not None,
        upcoming=session.scalar(select(func.count()).select_from(Booking).where(*here, Booking.ends_at > now)) or 0,
        week_minutes=_minutes(session, here, monday, monday + timedelta(days=6)),
        month_minutes=_minutes(session, here, first, last),
    )


def _minutes(session: Session, which: list[ColumnElement[bool]], first: date, last: date) -> int:
    """How long those are that begin on these dates, on the wall."""
    begins = Booking.local_start
    found = session.execute(
        select(Booking.starts_at, Booking.ends_at).where(
            *which,
            begins >= datetime.combine(first, datetime.min.time()),
            begins < datetime.combine(last + timedelta(days=1), datetime.min.time()),
        )
    )
    return sum(int((ends - starts).total_seconds()) // 60 for starts, ends in found)


def _advance(
    session: Session, membership: Membership, member: Member, span: Span, besides: Booking | None
) -> Advance | None:
    said = session.get(BookingAdvance, membership.place_id)
    if said is None:
        return None
    first, last = days_of(month_of(span.local_start.date()))
    used = session.scalar(
        select(func.sum(Booking.price)).where(
            *_theirs(member, besides),
            Booking.payer == Payer.HOME,
            Booking.home_id == membership.place_id,
            Booking.local_start >= datetime.combine(first, datetime.min.time()),
            Booking.local_start < datetime.combine(last + timedelta(days=1), datetime.min.time()),
        )
    )
    return Advance(membership.place_id, said.ceiling, used or 0)
