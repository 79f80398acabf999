"""One day at a place, for those who receive there: who came, who is here, who was refused (door.md, Privacy).

What a host saw at the door, no more: a first name, an initial, a pseudonym, a home. Never the e-mail, the plan or the
tier.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.door.follow_ups import follow_ups_of
from passapp.door.guests import arrival_of, guests_on
from passapp.door.models import CheckIn, CheckInUndo, Door, VisitIdentity
from passapp.door.policy import Policy, policy_of
from passapp.door.rules import Arrival, FollowUpKind, Verdict, closing_of, is_inside, pseudonym, staying
from passapp.kernel.problems import ProblemType
from passapp.kernel.wall_time import local_date, opening_instant
from passapp.members.models import Member
from passapp.members.rules import initial_of
from passapp.places.models import Place
from passapp.places.service import hours_between

SHOWN_FOR: Final = timedelta(days=7)
"""How long a day's list can be looked at: as long as a forgotten visit can be added."""

DAY_NOT_SHOWN = ProblemType(
    "day_not_shown",
    422,
    en="Choose today or one of the 7 days before.",
    fr="Choisissez aujourd'hui ou l'un des 7 jours d'avant.",
)

INACTIVE: Final = "inactive"
INACTIVE_VERDICTS: Final = frozenset({Verdict.REVOKED, Verdict.SUSPENDED, Verdict.UNPAID})
"""One sentence to the host; why is between the person and their home place."""


@dataclass(frozen=True)
class Name:
    """A person as a host sees them, with what their place calls them."""

    given_name: str
    initial: str
    pseudonym: str


class _Scan(NamedTuple):
    """A check-in, whether it was added later, when it was undone, what came after it, and what is known of whom."""

    check_in: CheckIn
    added_later: bool
    undone_at: datetime | None
    member_id: UUID | None
    home: str | None
    name: Name | None
    follow_ups: Mapping[FollowUpKind, datetime]

    @property
    def who(self) -> UUID | None:
        """By member where they are known: a visitor key lasts for a month, a night does not end with it."""
        return self.member_id or self.check_in.visitor_key

    @property
    def came_in(self) -> bool:
        """Whether somebody came in; whom an offline door let in is here, until a manager says that they are not."""
        return is_inside(admits=Verdict(self.check_in.verdict).admits, follow_ups=self.follow_ups.keys())


@dataclass(frozen=True)
class CameIn:
    """One check-in that let somebody in. ``evidence``: live, short_lived, card, manual or self.

    ``follow_ups``: what came after it, in the order of their names; ``left_at``: when it was said that they left.
    """

    id: UUID
    at: datetime
    evidence: str | None
    verdict: str
    undone: bool
    left_at: datetime | None
    follow_ups: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Somebody who came that day. ``name`` is None for one whose account was erased since.

    ``first_at``: when they first came in, check-ins taken back aside (as long as another one stands).
    """

    name: Name | None
    home: str | None
    at_home: bool
    first_at: datetime
    here: bool
    check_ins: tuple[CameIn, ...]


@dataclass(frozen=True)
class Present:
    """Somebody who is here now. ``check_in_id``: their latest, which a check-out follows."""

    name: Name | None
    home: str | None
    since: datetime
    check_in_id: UUID


@dataclass(frozen=True)
class GuestToday:
    """A guest of the day, counted apart."""

    id: UUID
    given_name: str | None
    minor: bool
    at: datetime
    left_at: datetime | None
    here: bool


@dataclass
class Refused:
    """Scans refused for one reason. ``names``: the known people, but for a pass that is inactive."""

    verdict: str
    scans: int = 0
    names: list[Name] = field(default_factory=list)


@dataclass(frozen=True)
class DayAtPlace:
    """A day at a place. ``present`` is empty for a day that is over; ``closes_at``: None where no hours are known."""

    day: date
    today: date
    closes_at: datetime | None
    people: list[Person]
    present: list[Present]
    refused: list[Refused]
    guests: list[GuestToday]
    policy: Policy


def day_at(session: Session, place: Place, day: date | None, *, key: bytes, now: datetime) -> DayAtPlace:
    """Who came on a local date (None: today), and, today, who is here. ``key``: of the pseudonyms.

    Raises ``day_not_shown``.
    """
    zone = ZoneInfo(place.zone)
    today = local_date(now, zone)
    day = day or today
    if not today - SHOWN_FOR <= day <= today:
        raise DAY_NOT_SHOWN.error()
    hours = {each.day: each for each in hours_between(place, day - timedelta(days=2), day)}
    scans = _scans(session, place, day, zone, key)
    on_the_day = [scan for scan in scans if scan.check_in.local_date == day]
    # Of the date before, too: an opening may last until now.
    guests = guests_on(session, place, day - timedelta(days=1), day)
    arrivals = [*map(_arrival, filter(_stands, scans)), *map(arrival_of, guests)]
    here = {each.id for each in staying(arrivals, hours, zone, now)} if day == today else set()
    return DayAtPlace(
        day=day,
        today=today,
        closes_at=closing_of(hours[day], zone),
        people=[_person(theirs, here) for theirs in _by_person(on_the_day)],
        present=[
            Present(theirs[0].name, theirs[0].home, theirs[0].check_in.scanned_at, theirs[-1].check_in.id)
            for theirs in _by_person(scan for scan in scans if scan.check_in.id in here)
        ],
        refused=_refused(on_the_day),
        guests=[
            GuestToday(each.id, each.given_name, each.minor, each.at, each.left_at, each.id in here)
            for each in guests
            if each.local_date == day or each.id in here
        ],
        policy=policy_of(session, place.id),
    )


def said_to_hosts(verdict: Verdict) -> str:
    """A verdict as hosts are told it: one word for what is between the person and their home place."""
    return INACTIVE if verdict in INACTIVE_VERDICTS else verdict.value


def _scans(session: Session, place: Place, day: date, zone: ZoneInfo, key: bytes) -> list[_Scan]:
    """The check-ins of that date, and of the one before, whose opening may last until now; the earliest first."""
    before = day - timedelta(days=1)
    of_the_days = (
        CheckIn.place_id == place.id,
        CheckIn.local_date.between(before, day),
        # A scan is never received before it was made: this is what finds the few days among years of them.
        CheckIn.received_at >= opening_instant(before, 0, zone),
    )
    query = (
        select(CheckIn, Door.kind, CheckInUndo.at, Place.name, Member.id, Member.given_name, Member.family_name)
        .join(Door, Door.id == CheckIn.door_id)
        .outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .outerjoin(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .outerjoin(Member, Member.id == VisitIdentity.member_id)
        .outerjoin(Place, Place.id == CheckIn.home_id)
        .where(*of_the_days)
        .order_by(CheckIn.scanned_at, CheckIn.id)
    )
    follow_ups = follow_ups_of(session, select(CheckIn.id).where(*of_the_days))
    return [
        _Scan(
            check_in,
            door_kind == "office",
            undone_at,
            member_id,
            home,
            _name(key, place, member_id, *names),
            {each.kind: each.at for each in follow_ups[check_in.id]},
        )
        for check_in, door_kind, undone_at, home, member_id, *names in session.execute(query)
    ]


def _name(key: bytes, place: Place, member_id: UUID | None, given: str, family: str) -> Name | None:
    """A person as a host of this place sees them; None where nobody is known."""
    if member_id is None:
        return None
    return Name(given, initial_of(family), pseudonym(key, place.id, member_id))


def _stands(scan: _Scan) -> bool:
    return scan.undone_at is None and scan.came_in and scan.who is not None


def _arrival(scan: _Scan) -> Arrival:
    row = scan.check_in
    return Arrival(row.id, scan.who, row.scanned_at, row.local_date, scan.follow_ups.get(FollowUpKind.CHECK_OUT))


def _by_person(scans: Iterable[_Scan]) -> list[list[_Scan]]:
    """The check-ins that let somebody in, by person, in the order in which they came."""
    people: dict[UUID, list[_Scan]] = defaultdict(list)
    for scan in scans:
        if scan.who is not None and scan.came_in:
            people[scan.who].append(scan)
    return list(people.values())


def _person(scans: Sequence[_Scan], here: Container[UUID]) -> Person:
    # As the visit has it: the first check-in that stands says who pays.
    first = next((scan for scan in scans if scan.undone_at is None), scans[0])
    return Person(
        name=first.name,
        home=first.home,
        at_home=bool(first.check_in.at_home),
        first_at=first.check_in.scanned_at,
        here=any(scan.check_in.id in here for scan in scans),
        check_ins=tuple(_came_in(scan) for scan in scans),
    )


def _came_in(scan: _Scan) -> CameIn:
    row = scan.check_in
    return CameIn(
        id=row.id,
        at=row.scanned_at,
        evidence=row.form,
        verdict=said_to_hosts(Verdict(row.verdict)),
        undone=scan.undone_at is not None,
        left_at=scan.follow_ups.get(FollowUpKind.CHECK_OUT),
        follow_ups=tuple(sorted(kind.value for kind in scan.follow_ups)),
    )


def _refused(scans: Iterable[_Scan]) -> list[Refused]:
    """The refusals of a day, the most frequent first.

    A question (whose membership pays?) is not one, nor is a try to add a visit later: nobody stood at the door.
    """
    refused: dict[str, Refused] = {}
    for scan in scans:
        verdict = Verdict(scan.check_in.verdict)
        if scan.came_in or scan.added_later or verdict is Verdict.AMBIGUOUS:
            continue
        said = said_to_hosts(verdict)
        reason = refused.setdefault(said, Refused(said))
        reason.scans += 1
        if scan.name is not None and said != INACTIVE and scan.name not in reason.names:
            reason.names.append(scan.name)
    return sorted(refused.values(), key=lambda reason: (-reason.scans, reason.verdict))
