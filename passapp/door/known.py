"""What is known of the people at a door: their passes, homes and visitor keys, and what they did there that day.

One statement finds all of it for one scan, and for five hundred. It reads columns rather than objects: the product of
a person's memberships and check-ins is small, but a batch has many people.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.models import (
    CONTEST,
    STANDS,
    CheckIn,
    CheckInUndo,
    FollowUp,
    UsedProof,
    Visit,
    VisitIdentity,
    VisitVoid,
)
from passapp.door.rules import FollowUpKind, Verdict
from passapp.door.terms import Terms
from passapp.members.models import Member, Membership
from passapp.network.models import Period
from passapp.network.rules import CLOSED_STATES, month_of
from passapp.passes.models import IssuedPass
from passapp.places.models import Place

VisitorDay = tuple[UUID, date]
"""A visitor key and a local date."""


@dataclass
class Person:
    """A member as a door knows them. ``homes``: the name of each place that a membership of theirs is of."""

    id: UUID
    given_name: str
    family_name: str
    account_id: UUID | None
    suspended_at: datetime | None
    resumed_at: datetime | None
    attention: str | None
    memberships: dict[UUID, rules.Membership] = field(default_factory=dict)
    homes: dict[UUID, str] = field(default_factory=dict)
    visitor_keys: dict[str, UUID] = field(default_factory=dict)

    def goes_by(self, terms: Terms) -> None:
        """Have each of their memberships last as the terms say: beyond the day its home left (settlement R13)."""
        lasting = rules.in_transition(self.memberships.values(), terms.transition_end)
        self.memberships = {each.id: each for each in lasting}

    def home_on(self, day: date) -> UUID | None:
        """The place whose membership pays on that date: the first by priority among those that run."""
        running = [each for each in self.memberships.values() if each.is_active_on(day)]
        first = min(running, key=lambda each: (each.priority, each.first_day, each.id), default=None)
        return first.home_id if first else None

    def payers_at(self, at: datetime, day: date) -> dict[UUID, rules.Membership]:
        """The memberships of which one would have paid at that instant of that local date, by their home."""
        every = self.memberships.values()
        payer = rules.choose_membership([each for each in every if each.is_paid_at(at)] or every, day)
        found = payer.choices if isinstance(payer, rules.Ambiguous) else (payer,) if payer else ()
        return {each.home_id: each for each in found}


@dataclass(frozen=True)
class Used:
    """Where the proof of a live pass let somebody in."""

    door_id: UUID
    check_in_id: UUID


@dataclass(frozen=True)
class KnownPass:
    """A pass that the network issued, and whose it is. ``used``: its proofs that let somebody in, by their step."""

    person: Person
    index: int | None
    short_code: str
    plan: str
    membership_id: UUID | None
    issued_at: datetime
    not_before: datetime
    expires_at: datetime
    revoked_at: datetime | None
    superseded_at: datetime | None
    used: dict[int, Used] = field(default_factory=dict)

    @classmethod
    def of(cls, person: Person) -> "KnownPass":
        """What stands for a pass where the person themselves is judged: good at any time, of no membership."""
        return cls(person, None, "", "", None, _EVER, _EVER, _FOR_EVER, None, None)


_EVER, _FOR_EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    """A check-in of a day: as the rules see it, and what its visit takes over."""

    as_rule: rules.CheckIn
    plan: str | None
    at_home: bool | None
    received_at: datetime
    verdict: Verdict
    list_iat: datetime | None = None
    undone_at: datetime | None = None
    follow_ups: frozenset[FollowUpKind] = frozenset()

    def followed_by(self, *kinds: FollowUpKind, home_id: UUID | None = None, plan: str | None = None) -> "Kept":
        """The same, with what came after it; ``home_id``, ``plan``: who pays, if that was said then."""
        follow_ups = self.follow_ups.union(kinds)
        # However its outcome came about, an old list let them in: R19.
        late = {FollowUpKind.REJECTED_LATE} if FollowUpKind.CONFLICT in follow_ups and self.verdict.may_be_news else ()
        as_rule = replace(
            self.as_rule,
            home_id=home_id or self.as_rule.home_id,
            admitted=rules.came_in(admits=self.verdict.admits, follow_ups=follow_ups),
            waived=rules.waiver_of(follow_ups.union(late), self.as_rule.at, self.list_iat),
        )
        return replace(self, follow_ups=follow_ups, as_rule=as_rule, plan=plan or self.plan)


@dataclass(frozen=True)
class Made:
    """A visit made before, void or not; ``is_contested``: an error was reported, and it was taken out of its month."""

    id: UUID
    revision: int
    units: int
    waived: str | None
    posted_month: str
    is_void: bool
    is_contested: bool = False


@dataclass
class Day:
    """A visitor's day at one place."""

    check_ins: dict[UUID, Kept] = field(default_factory=dict)
    visits: dict[tuple[UUID, int], Made] = field(default_factory=dict)


@dataclass
class Known:
    """What was found. ``closed`` are the closed months from the first one asked about.

    ``by_member``: what stands for a pass where somebody was found without one, by their name or the entrance poster.
    """

    by_index: dict[int, KnownPass] = field(default_factory=dict)
    by_code: dict[str, KnownPass] = field(default_factory=dict)
    by_member: dict[UUID, KnownPass] = field(default_factory=dict)
    people: dict[UUID, Person] = field(default_factory=dict)
    days: dict[VisitorDay, Day] = field(default_factory=lambda: defaultdict(Day))
    closed: frozenset[str] = frozenset()


_PASS: tuple[Any, ...] = (
    IssuedPass.status_index,
    IssuedPass.short_code,
    IssuedPass.plan,
    IssuedPass.membership_id,
    IssuedPass.issued_at,
    IssuedPass.not_before,
    IssuedPass.expires_at,
    IssuedPass.revoked_at,
    IssuedPass.superseded_at,
)
_PROOF: tuple[Any, ...] = (UsedProof.step, UsedProof.door_id, UsedProof.check_in_id)
_PERSON: tuple[Any, ...] = (
    Member.id,
    Member.given_name,
    Member.family_name,
    Member.account_id,
    Member.suspended_at,
    Member.resumed_at,
    Member.attention,
    Membership.id,
    Membership.place_id,
    Membership.plan,
    Membership.priority,
    Membership.first_day,
    Membership.last_day,
    Membership.unpaid_at,
    Membership.paid_at,
    Place.joined_on,
    Place.left_on,
    Place.name,
    VisitIdentity.visitor_key,
    VisitIdentity.month,
)
_DAY: tuple[Any, ...] = (
    CheckIn.id,
    CheckIn.visitor_key,
    CheckIn.place_id,
    CheckIn.local_date,
    CheckIn.scanned_at,
    CheckIn.home_id,
    CheckIn.verdict,
    CheckIn.full_day,
    CheckIn.plan,
    CheckIn.at_home,
    CheckIn.received_at,
    CheckIn.list_iat,
    CheckInUndo.at,
    FollowUp.kind,
    FollowUp.home_id,
    FollowUp.plan,
    Visit.revision,
    Visit.units,
    Visit.waived,
    Visit.posted_month,
    VisitVoid.reason,
)
_CLOSED: Any = (
    select(func.aggregate_strings(Period.month, " "))
    .where(Period.month >= bindparam("since"), Period.state.in_(CLOSED_STATES))
    .scalar_subquery()
)
"""The closed months, in one text: read with the rest, so that it is never older."""


def find_holders(
    session: Session,
    place_id: UUID,
    indices: Collection[int],
    short_codes: Collection[str],
    days: Collection[date],
    steps: Collection[int] = (),
) -> Known:
    """Whose the passes at these indices of the status list are, and those with these short codes.

    With it: what those people did at that place on those dates, and which proofs of these ``steps`` let them in,
    anywhere.
    """
    known = Known()
    if not indices and not short_codes:
        return known
    wanted = _around(place_id, days) | {
        "indices": list(indices),
        "short_codes": list(short_codes),
        "steps": list(steps),
    }
    query = _query_of_holders(by_index=bool(indices), by_code=bool(short_codes), with_proofs=bool(steps))
    person_at = len(_PASS)
    day_at = person_at + len(_PERSON)
    proof_at = day_at + len(_DAY) + 1
    for row in session.connection().execute(query, wanted):
        person = _add_person(known, row[person_at:day_at])
        if row[1] not in known.by_code:
            issued = KnownPass(person, *row[:person_at])
            known.by_code[issued.short_code] = issued
            if issued.index is not None:
                known.by_index[issued.index] = issued
        _add_day(known, row[day_at:proof_at])
        if len(row) > proof_at and row[proof_at] is not None:
            step, door_id, check_in_id = row[proof_at:]
            known.by_code[row[1]].used[step] = Used(door_id, check_in_id)
    return known


def add_members(
    session: Session, known: Known, place_id: UUID, member_ids: Collection[UUID], days: Collection[date]
) -> None:
    """Add these members to what is known, and what they did at that place on those dates.

    It is the person who is judged then, whatever became of their passes: a lost card shuts nobody out.
    """
    if not member_ids:
        return
    wanted = _around(place_id, days) | {"member_ids": list(member_ids)}
    for row in session.connection().execute(_query_of_members(), wanted):
        person = _add_person(known, row[: len(_PERSON)])
        known.by_member.setdefault(person.id, KnownPass.of(person))
        _add_day(known, row[len(_PERSON) :])


def find_visitors(session: Session, visitor_keys: Collection[UUID], terms: Terms | None = None) -> dict[UUID, Person]:
    """Who stands behind these visitor keys; with ``terms`` where it is asked who pays for them."""
    if not visitor_keys:
        return {}
    query = (
        select(*_PERSON)
        .join(Member, Member.id == VisitIdentity.member_id)
        .outerjoin(Membership, Membership.member_id == Member.id)
        .outerjoin(Place, Place.id == Membership.place_id)
        .where(VisitIdentity.visitor_key.in_(visitor_keys))
    )
    known = Known()
    people = [_add_person(known, row) for row in session.execute(query)]
    if terms is not None:
        for person in known.people.values():
            person.goes_by(terms)
    return {key: person for person in people for key in person.visitor_keys.values()}


def find_days(session: Session, place_id: UUID, days: Collection[VisitorDay]) -> Known:
    """What these visitors did at that place on these dates."""
    known = Known()
    if not days:
        return known
    query = select(*_DAY, _CLOSED).where(
        CheckIn.place_id == place_id, tuple_(CheckIn.visitor_key, CheckIn.local_date).in_(days)
    )
    since = min(month_of(day) for _, day in days)
    for row in session.execute(_with_visits(query), {"since": since}):
        _add_day(known, row)
    return known


@lru_cache
def _query_of_holders(*, by_index: bool, by_code: bool, with_proofs: bool) -> Select[*tuple[Any, ...]]:
    """Made once: to put it together takes longer than to run it."""
    # One condition where one is enough: a database plans `a OR b` less well.
    wanted = [IssuedPass.status_index.in_(bindparam("indices", expanding=True))] if by_index else []
    wanted += [IssuedPass.short_code.in_(bindparam("short_codes", expanding=True))] if by_code else []
    query = _with_person_and_days(
        select(*_PASS, *_PERSON, *_DAY, _CLOSED).join(Member, Member.id == IssuedPass.member_id)
    ).where(or_(*wanted))
    if not with_proofs:
        return query
    these = UsedProof.step.in_(bindparam("steps", expanding=True))
    used = and_(UsedProof.status_index == IssuedPass.status_index, these)
    return query.add_columns(*_PROOF).outerjoin(UsedProof, used)


@lru_cache
def _query_of_members() -> Select[*tuple[Any, ...]]:
    these = Member.id.in_(bindparam("member_ids", expanding=True))
    return _with_person_and_days(select(*_PERSON, *_DAY, _CLOSED).select_from(Member)).where(these)


def _around(place_id: UUID, days: Collection[date]) -> dict[str, Any]:
    """The parameters of :func:`_with_person_and_days`."""
    months = {month_of(day) for day in days}
    return {"place_id": place_id, "days": list(days), "months": list(months), "since": min(months)}


def _with_person_and_days(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    that_month = VisitIdentity.month.in_(bindparam("months", expanding=True))
    that_day = CheckIn.local_date.in_(bindparam("days", expanding=True))
    there = CheckIn.place_id == bindparam("place_id")
    return _with_visits(
        query.outerjoin(Membership, Membership.member_id == Member.id)
        .outerjoin(Place, Place.id == Membership.place_id)
        .outerjoin(VisitIdentity, and_(VisitIdentity.member_id == Member.id, that_month))
        .outerjoin(CheckIn, and_(CheckIn.visitor_key == VisitIdentity.visitor_key, there, that_day))
    )


def _with_visits(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .outerjoin(FollowUp, FollowUp.check_in_id == CheckIn.id)
        .outerjoin(Visit, Visit.id == CheckIn.id)
        .outerjoin(VisitVoid, STANDS)
    )


def _add_person(known: Known, row: Iterable[Any]) -> Person:
    (member_id, given, family, account, suspended, resumed, attention, *membership, visitor_key, month) = row
    person = known.people.get(member_id)
    if person is None:
        person = known.people[member_id] = Person(member_id, given, family, account, suspended, resumed, attention)
    membership_id, home_id, plan, priority, first_day, last_day, unpaid_at, paid_at, joined_on, left_on, name = (
        membership
    )
    if membership_id is not None and membership_id not in person.memberships:
        person.memberships[membership_id] = rules.Membership(
            membership_id, home_id, plan, priority, first_day, last_day, joined_on, left_on, unpaid_at, paid_at
        )
        person.homes[home_id] = name
    if visitor_key is not None:
        person.visitor_keys[month] = visitor_key
    return person


def _add_day(known: Known, row: Sequence[Any]) -> None:
    *check_in, follow_up, payer_id, payers_plan, revision, units, waived, posted_month, void, closed = row
    known.closed = frozenset(closed.split()) if closed else frozenset()
    check_in_id, visitor_key, place_id, day, at, home_id, said, full_day, plan, at_home, received, list_iat, undone = (
        check_in
    )
    if check_in_id is None:
        return
    that_day = known.days[visitor_key, day]
    if check_in_id not in that_day.check_ins:
        verdict = Verdict(said)
        as_rule = rules.CheckIn(
            check_in_id,
            visitor_key,
            place_id,
            day,
            at,
            home_id,
            verdict.admits,
            undone is not None,
            full_day,
        )
        that_day.check_ins[check_in_id] = Kept(as_rule, plan, at_home, received, verdict, list_iat, undone)
    if follow_up is not None:
        kept = that_day.check_ins[check_in_id]
        that_day.check_ins[check_in_id] = kept.followed_by(FollowUpKind(follow_up), home_id=payer_id, plan=payers_plan)
    if revision is not None:
        made = Made(check_in_id, revision, units, waived, posted_month, void is not None, void == CONTEST)
        that_day.visits[check_in_id, revision] = made
