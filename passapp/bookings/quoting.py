"""What a booking would cost whoever asks, who would pay, and what speaks against it (booking.md 13 and 20).

What is known of whoever asks is read once, however many rooms they ask about.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from passapp.bookings.models import Booking, BookingAdvance, BookingState, Claim, Resource, Training
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
from passapp.members.paying import is_unpaid_at
from passapp.members.rules import is_active
from passapp.network.models import ConventionVersion
from passapp.network.rules import days_of, month_of
from passapp.network.service import conventions, in_force
from passapp.places.rules import takes_part
from passapp.places.service import Week, week_of

LONGEST_OPENING = timedelta(days=40)
TAKING = tuple(state for state in BookingState if state.takes_room)


@dataclass(frozen=True)
class Quote:
    """What a booking would be. ``price`` in cents; ``home_id``: whose member they are; ``flaws``: why it may not be.

    ``at_least``: what it comes to at least, where it is a booking that moves.
    """

    price: int
    payer: Payer
    home_id: UUID | None
    policy: Policy
    needs_approval: bool
    flaws: tuple[Flaw, ...]
    at_least: int = 0


@dataclass(frozen=True)
class Offer:
    """What a place offers, as far as a quote goes: plain values."""

    resource_id: int
    place_id: UUID
    capacity: int
    policy: Policy
    rates: tuple[Rate, ...]
    week: Week
    joined_on: date
    left_on: date | None


@dataclass(frozen=True)
class Had:
    """A booking that somebody has already. ``advanced_by``: the home that pays it first."""

    resource_id: int
    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    takes_room: bool
    price: int
    advanced_by: UUID | None


@dataclass(frozen=True)
class Booker:
    """Who asks. ``memberships``: those paid for, the one that pays first; ``ceilings``: of homes that advance.

    ``conventions``: the rules of the network, where one of these homes advances: without money, none does.
    """

    memberships: tuple[Membership, ...]
    is_suspended: bool
    trained: frozenset[int]
    had: tuple[Had, ...]
    ceilings: Mapping[UUID, int | None]
    conventions: tuple[ConventionVersion, ...]

    @cached_property
    def taking(self) -> dict[int, list[Had]]:
        """What they have that takes room, by its resource."""
        found: dict[int, list[Had]] = {}
        for had in self.had:
            if had.takes_room:
                found.setdefault(had.resource_id, []).append(had)
        return found

    @cached_property
    def quotes(self) -> dict[Hashable, Quote]:
        """What was quoted already."""
        return {}

    def membership_at(self, place_id: UUID, on: date) -> Membership | None:
        """The membership that counts there on that day: one of that place, else the one that pays."""
        running = [m for m in self.memberships if is_active(m.first_day, m.last_day, on)]
        return next((m for m in running if m.place_id == place_id), next(iter(running), None))


def quote(
    session: Session,
    resource: Resource,
    member: Member,
    span: Span,
    *,
    people: int,
    now: datetime,
    besides: Booking | None = None,
    at_least: int = 0,
) -> Quote:
    """What it would come to for this member; ``besides``: a booking of theirs that it would take the place of.

    ``at_least``: what that one comes to, wherever it goes (cents).
    """
    booker = booker_of(session, member, [span], now=now, besides=[besides.id] if besides else ())
    return quote_of(booker, offer_of(session, resource), span, people=people, now=now, at_least=at_least)


def booker_of(
    session: Session, member: Member, spans: Iterable[Span], *, now: datetime, besides: Collection[UUID] = ()
) -> Booker:
    """What quotes for these times need to know of a member, but for the bookings ``besides``."""
    # Unpaid, it opens nothing and pays for nothing; whoever is suspended has none (door.md, Verdicts).
    theirs = () if member.is_suspended else member.memberships
    paid = sorted((m for m in theirs if not is_unpaid_at(m, now)), key=lambda m: (m.priority, m.first_day, m.id))
    since = min(min(_week_of(span)[0], _month_of(span)[0]) for span in spans)
    homes = select(BookingAdvance.place_id, BookingAdvance.ceiling).where(
        BookingAdvance.place_id.in_([m.place_id for m in paid])
    )
    ceilings = {home: ceiling for home, ceiling in session.execute(homes)}  # noqa: C416
    return Booker(
        tuple(paid),
        member.is_suspended,
        frozenset(session.scalars(select(Training.resource_id).where(Training.member_id == member.id))),
        tuple(_had(session, member, since, now, besides)),
        ceilings,
        tuple(conventions(session)) if ceilings else (),
    )


def _had(session: Session, member: Member, since: date, now: datetime, besides: Collection[UUID]) -> Iterable[Had]:
    """What counts for quotas and ceilings: what takes room, and what is paid for all the same.

    A hold or a request that lapsed does not, whether it was let go of or not.
    """
    is_kept = exists().where(
        Claim.booking_id == Booking.id,
        Claim.released_at.is_(None),
        or_(Claim.expires_at.is_(None), Claim.expires_at > now),
    )
    takes_room = or_(Booking.state == BookingState.BOOKED, and_(Booking.state.in_(TAKING), is_kept))
    is_owed = and_(Booking.payer == Payer.HOME, Booking.state.in_([BookingState.CANCELLED, BookingState.NO_SHOW]))
    query = select(
        Booking.resource_id,
        Booking.starts_at,
        Booking.ends_at,
        Booking.local_start,
        Booking.state,
        Booking.price,
        Booking.fee,
        Booking.payer,
        Booking.home_id,
    ).where(
        Booking.member_id == member.id,
        or_(takes_room, is_owed),
        or_(Booking.ends_at > now, Booking.local_start >= datetime.combine(since, datetime.min.time())),
    )
    if besides:
        query = query.where(Booking.id.not_in(besides))
    for resource_id, starts_at, ends_at, local_start, state, price, fee, payer, home_id in session.execute(query):
        takes, by = BookingState(state).takes_room, home_id if payer == Payer.HOME else None
        due = fee if state == BookingState.CANCELLED else price
        yield Had(resource_id, starts_at, ends_at, local_start, takes, due, by)


def offer_of(session: Session, resource: Resource) -> Offer:
    """What a resource offers."""
    rates = tuple(
        Rate(row.hour, row.half_day, row.day, plan=row.plan, tier=row.tier, is_home=row.is_home)
        for row in resource.rates
    )
    week = week_of(resource.place)
    policy, place = policy_of(session, resource), resource.place
    return Offer(resource.id, place.id, resource.capacity, policy, rates, week, place.joined_on, place.left_on)


def quote_of(booker: Booker, offer: Offer, span: Span, *, people: int, now: datetime, at_least: int = 0) -> Quote:
    """What an offer comes to for whoever asks."""
    if offer.resource_id in booker.taking or at_least:
        return _quote(booker, offer, span, people, now, at_least)
    # Rooms of a place that have the same policy and prices are the same but for their names.
    too_many = offer.capacity if people > offer.capacity else None
    is_trained = offer.resource_id in booker.trained
    key = offer.place_id, offer.policy, offer.rates, span, too_many, is_trained, now
    if key not in booker.quotes:
        booker.quotes[key] = _quote(booker, offer, span, people, now)
    return booker.quotes[key]


def _quote(booker: Booker, offer: Offer, span: Span, people: int, now: datetime, at_least: int = 0) -> Quote:
    membership = booker.membership_at(offer.place_id, span.local_start.date())
    is_own = membership is not None and membership.place_id == offer.place_id
    asker = _asker(booker, offer, span, now, is_own=is_own, is_member=membership is not None)
    days = (
        ()
        if offer.policy.is_always_open
        else offer.week.between(
            # No further than anybody is open without a break, however absurd the end is.
            span.local_start.date() - timedelta(days=1),
            min(max(span.local_start, span.local_end), span.local_start + LONGEST_OPENING).date(),
        )
    )
    customer = Customer(
        is_own_member=is_own,
        plan=membership.plan if membership else None,
        tier=membership.tier if membership and is_own else None,
    )
    price = max(at_least, price_of(max(0, span.minutes), rate_for(customer, offer.rates)))
    flaws = flaws_of(span, offer.policy, asker, days, now, people=people, capacity=offer.capacity)
    if not takes_part(offer.joined_on, offer.left_on, span.local_start.date()):
        flaws = (Flaw("place_not_there"), *flaws)
    return Quote(
        price,
        payer_of(price, None if is_own or membership is None else _advance(booker, membership.place_id, span)),
        membership.place_id if membership else None,
        offer.policy,
        needs_approval(offer.policy, asker),
        flaws,
        at_least,
    )


def _asker(booker: Booker, offer: Offer, span: Span, now: datetime, *, is_own: bool, is_member: bool) -> Asker:
    here = booker.taking.get(offer.resource_id, [])
    return Asker(
        is_own_member=is_own,
        is_member=is_member,
        is_suspended=booker.is_suspended,
        is_trained=offer.resource_id in booker.trained,
        upcoming=sum(had.ends_at > now for had in here),
        week_minutes=_minutes(here, _week_of(span)),
        month_minutes=_minutes(here, _month_of(span)),
    )


def _week_of(span: Span) -> tuple[date, date]:
    day = span.local_start.date()
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _month_of(span: Span) -> tuple[date, date]:
    return days_of(month_of(span.local_start.date()))


def _begun(had: Iterable[Had], days: tuple[date, date]) -> list[Had]:
    """Those that begin on these dates, on the wall."""
    return [each for each in had if days[0] <= each.local_start.date() <= days[1]]


def _minutes(had: Iterable[Had], days: tuple[date, date]) -> int:
    return sum(int((each.ends_at - each.starts_at).total_seconds()) // 60 for each in _begun(had, days))


def _advance(booker: Booker, home_id: UUID, span: Span) -> Advance | None:
    day = span.local_start.date()
    if home_id not in booker.ceilings:
        return None
    rules = in_force(booker.conventions, day).document
    if not rules["money"] or rules.get("currency"):
        return None  # rooms are priced in euros, and what a home advances is settled like the visits
    used = sum(each.price for each in _begun(booker.had, _month_of(span)) if each.advanced_by == home_id)
    return Advance(home_id, booker.ceilings[home_id], used)
