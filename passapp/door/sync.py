"""What a door must know to decide by itself: keys, plans, hours, and whom it may expect (door.md, The door).

The roster holds the place's own members and those who came in the last 30 days: a first name, an initial, a home, and
what their plans are; never an e-mail, a tier or a member's id. Everybody else is a pass without a name to a door that
is offline.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from passapp.door.models import STANDS, CheckIn, FollowUp, HouseRulesAcceptance, Visit, VisitIdentity, VisitVoid
from passapp.door.policy import Policy
from passapp.door.present import Presence
from passapp.door.rules import FollowUpKind, Membership, Verdict, in_transition, pseudonym
from passapp.door.terms import days_of, host_of, terms_of
from passapp.kernel.wall_time import local_date
from passapp.members.models import Member
from passapp.members.models import Membership as MembershipRow
from passapp.members.rules import initial_of
from passapp.network.rules import month_of
from passapp.passes.models import IssuedPass
from passapp.passes.status_list import LIFE
from passapp.places.models import Place
from passapp.places.rules import Day, days_between

_LET_IN: Final = (FollowUpKind.OVERRIDE, FollowUpKind.REJECTED_LATE, FollowUpKind.CONFLICT)
SEEN_WITHIN: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=8)
"""A door goes by one list for a week; and one day more, for its clock."""


@dataclass(frozen=True)
class PassKnown:
    """A pass, by its index in the status list, and the home that it names, if it names one."""

    index: int
    home_id: UUID | None


@dataclass
class Expected:
    """Somebody on a door's roster. ``used``: visits elsewhere than at home this month, today's here apart.

    ``first_at``: since when they are in today. ``rules_version``: the house rules they accepted here.
    """

    member_id: UUID
    given_name: str
    initial: str
    pseudonym: str
    home: str | None
    attention: str | None
    memberships: list[Membership]
    passes: list[PassKnown] = field(default_factory=list)
    rules_version: int | None = None
    used: int = 0
    first_at: datetime | None = None


@dataclass(frozen=True)
class Roster:
    """Whom a door may expect, how many are in now, and the place's hours: of yesterday, and of 8 days from today.

    ``homes``: the names of the places that may pay for them.
    """

    people: list[Expected]
    homes: dict[UUID, str]
    present: int
    days: tuple[Day, ...]


def roster_of(session: Session, place: Place, policy: Policy, *, key: bytes, now: datetime) -> Roster:
    """What a door of this place may know of people and hours; ``key``: of the pseudonyms."""
    today = local_date(now, ZoneInfo(place.zone))
    days = days_of(session, place, days_between(today, today + AHEAD))
    members = _whom(session, place, today)
    people, homes = _people(session, place, members, today=today, now=now, key=key)
    # Those that ended lately too: live and short-lived passes go on under the same index.
    is_shown = and_(IssuedPass.status_index.is_not(None), IssuedPass.expires_at > now - LIFE)
    for index, member_id, membership_id in session.execute(
        select(IssuedPass.status_index, IssuedPass.member_id, IssuedPass.membership_id)
        .where(IssuedPass.member_id.in_(people), is_shown)
        .order_by(IssuedPass.status_index)
    ):
        person = people[member_id]
        named = next((each.home_id for each in person.memberships if each.id == membership_id), None)
        if index is not None:
            person.passes.append(PassKnown(index, named))
    for member_id, version in session.execute(
        select(HouseRulesAcceptance.member_id, func.max(HouseRulesAcceptance.rules_version))
        .where(HouseRulesAcceptance.place_id == place.id, HouseRulesAcceptance.member_id.in_(people))
        .group_by(HouseRulesAcceptance.member_id)
    ):
        people[member_id].rules_version = version
    _add_visits(session, place, people, today)
    present = Presence(session, place, {today}).count(host_of(place, policy, days), now)
    with_pass = [each for each in people.values() if each.passes]
    return Roster(sorted(with_pass, key=lambda each: each.passes[0].index), homes, present, days)


def _whom(session: Session, place: Place, today: date) -> set[UUID]:
    """The place's own members, and those who came in lately: who was refused has not been here."""
    admitted = CheckIn.verdict.in_([verdict for verdict in Verdict if verdict.admits])
    let_in = CheckIn.id.in_(select(FollowUp.check_in_id).where(FollowUp.kind.in_(_LET_IN)))
    own = select(MembershipRow.member_id).where(
        MembershipRow.place_id == place.id,
        or_(MembershipRow.last_day.is_(None), MembershipRow.last_day >= today),
    )
    seen = (
        select(VisitIdentity.member_id)
        .join(CheckIn, CheckIn.visitor_key == VisitIdentity.visitor_key)
        .where(CheckIn.place_id == place.id, CheckIn.local_date >= today - SEEN_WITHIN, or_(admitted, let_in))
    )
    return set(session.scalars(own.union(seen)))


def _people(
    session: Session, place: Place, members: Collection[UUID], *, today: date, now: datetime, key: bytes
) -> tuple[dict[UUID, Expected], dict[UUID, str]]:
    """These members with what can pay for them in the days ahead; what is not paid for, only where nothing else is.

    With them the names of those homes.
    """
    people: dict[UUID, Expected] = {}
    names: dict[UUID, str] = {}
    query = (
        select(*_PERSON)
        .join(MembershipRow, MembershipRow.member_id == Member.id)
        .join(Place, Place.id == MembershipRow.place_id)
        .where(
            Member.id.in_(members),
            MembershipRow.first_day <= today + AHEAD,
            or_(MembershipRow.last_day.is_(None), MembershipRow.last_day >= today),
        )
        .order_by(MembershipRow.priority, MembershipRow.id)
    )
    for member_id, given, family, attention, home, *membership in session.execute(query):
        as_rule = Membership(*membership)
        names[as_rule.home_id] = home
        if member_id not in people:
            name = pseudonym(key, place.id, member_id)
            people[member_id] = Expected(member_id, given, initial_of(family), name, None, attention, [])
        people[member_id].memberships.append(as_rule)
    if any(each.home_left_on for person in people.values() for each in person.memberships):
        ends = terms_of(session).transition_end
        for person in people.values():
            person.memberships = in_transition(person.memberships, ends)
    for person in people.values():
        person.memberships = [each for each in person.memberships if each.is_paid_at(now)] or person.memberships
        pays = next((each for each in person.memberships if each.is_active_on(today)), person.memberships[0])
        person.home = names[pays.home_id]
    return people, {each.home_id: names[each.home_id] for person in people.values() for each in person.memberships}


_PERSON: Final = (
    Member.id,
    Member.given_name,
    Member.family_name,
    Member.attention,
    Place.name,
    MembershipRow.id,
    MembershipRow.place_id,
    MembershipRow.plan,
    MembershipRow.priority,
    MembershipRow.first_day,
    MembershipRow.last_day,
    Place.joined_on,
    Place.left_on,
    MembershipRow.unpaid_at,
    MembershipRow.paid_at,
)


def _add_visits(session: Session, place: Place, people: Mapping[UUID, Expected], today: date) -> None:
    """How often each of them was elsewhere this month, and since when they are in here today."""
    month = month_of(today)
    visits = (
        select(VisitIdentity.member_id, Visit.host_id, Visit.local_date, Visit.at_home, Visit.opened_at)
        .join(Visit, Visit.visitor_key == VisitIdentity.visitor_key)
        .outerjoin(VisitVoid, STANDS)
        .where(
            VisitIdentity.member_id.in_(people),
            VisitIdentity.month == month,
            VisitVoid.visit_id.is_(None),
            Visit.local_date <= today,
        )
    )
    elsewhere: defaultdict[UUID, int] = defaultdict(int)
    for member_id, host_id, day, at_home, opened_at in session.execute(visits):
        if (host_id, day) == (place.id, today):
            people[member_id].first_at = opened_at
        elif not at_home:
            elsewhere[member_id] += 1
    for member_id, used in elsewhere.items():
        people[member_id].used = used
