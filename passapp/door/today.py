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

from passapp.door.models import CheckIn, CheckInUndo, VisitIdentity
from passapp.door.rules import Verdict, pseudonym
from passapp.kernel.problems import ProblemType
from passapp.kernel.wall_time import closing_instant, local_date, opening_instant
from passapp.members.models import Member
from passapp.members.rules import initial_of
from passapp.places.models import Place
from passapp.places.rules import Day
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
_INACTIVE: Final = frozenset({Verdict.REVOKED, Verdict.SUSPENDED, Verdict.UNPAID})
"""One sentence to the host; why is between the person and their home place."""


@dataclass(frozen=True)
class Name:
    """A person as a host sees them, with what their place calls them."""

    given_name: str
    initial: str
    pseudonym: str


class _Scan(NamedTuple):
    """A check-in, when it was undone, and what is known of who it was and who pays."""

    check_in: CheckIn
    undone_at: datetime | None
    member_id: UUID | None
    home: str | None
    name: Name | None


@dataclass(frozen=True)
class CameIn:
    """One check-in that let somebody in. ``evidence``: live, short_lived, card or manual."""

    id: UUID
    at: datetime
    evidence: str | None
    undone: bool


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
    """Somebody who is here now."""

    name: Name | None
    home: str | None
    since: datetime


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
    staying = {scan.check_in.id for scan in scans if day == today and now < _leaves_at(scan, hours, zone)}
    return DayAtPlace(
        day=day,
        today=today,
        closes_at=closing_of(hours[day], zone),
        people=[_person(theirs, staying) for theirs in _by_person(on_the_day)],
        present=[
            Present(first.name, first.home, first.check_in.scanned_at)
            for first, *_ in _by_person(scan for scan in scans if scan.check_in.id in staying)
        ],
        refused=_refused(on_the_day),
    )


def leaves_at(at: datetime, on: date, hours: Mapping[date, Day], zone: ZoneInfo) -> datetime:
    """When somebody who came in at that instant, ``on`` that local date, is checked out: nobody says when they leave.

    That is the day's last closing time: over a lunch break people stay, and a list for an evacuation had better name
    one too many. Who came after it, or where no hours are known, is checked out at midnight. ``hours``: of that date
    and of the one before, whose hours may pass midnight.
    """
    yesterday = hours[on - timedelta(days=1)]
    for opening in yesterday.openings:
        closing = closing_instant(yesterday.day, opening.closes, zone)
        if opening_instant(yesterday.day, opening.opens, zone) <= at < closing:
            return closing
    last = closing_of(hours[on], zone)
    return last if last is not None and at < last else opening_instant(on + timedelta(days=1), 0, zone)


def closing_of(day: Day, zone: ZoneInfo) -> datetime | None:
    """The last closing time of a day; None where the place does not open."""
    return max((closing_instant(day.day, opening.closes, zone) for opening in day.openings), default=None)


def _scans(session: Session, place: Place, day: date, zone: ZoneInfo, key: bytes) -> list[_Scan]:
    """The check-ins of that date, and of the one before, whose opening may last until now; the earliest first."""
    before = day - timedelta(days=1)
    query = (
        select(CheckIn, CheckInUndo.at, Place.name, Member.id, Member.given_name, Member.family_name)
        .outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .outerjoin(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .outerjoin(Member, Member.id == VisitIdentity.member_id)
        .outerjoin(Place, Place.id == CheckIn.home_id)
        .where(
            CheckIn.place_id == place.id,
            CheckIn.local_date.between(before, day),
            # A scan is never received before it was made: this is what finds the few days among years of them.
            CheckIn.received_at >= opening_instant(before, 0, zone),
        )
        .order_by(CheckIn.scanned_at, CheckIn.id)
    )
    return [
        _Scan(check_in, undone_at, member_id, home, _name(key, place, member_id, *names))
        for check_in, undone_at, home, member_id, *names in session.execute(query)
    ]


def _name(key: bytes, place: Place, member_id: UUID | None, given: str, family: str) -> Name | None:
    """A person as a host of this place sees them; None where nobody is known."""
    if member_id is None:
        return None
    return Name(given, initial_of(family), pseudonym(key, place.id, member_id))


def _leaves_at(scan: _Scan, hours: Mapping[date, Day], zone: ZoneInfo) -> datetime:
    if scan.undone_at is not None:
        return scan.undone_at
    return leaves_at(scan.check_in.scanned_at, scan.check_in.local_date, hours, zone)


def _by_person(scans: Iterable[_Scan]) -> list[list[_Scan]]:
    """The check-ins that let somebody in, by person, in the order in which they came."""
    people: dict[UUID, list[_Scan]] = defaultdict(list)
    for scan in scans:
        # By member where they are known: a visitor key lasts for a month, a night does not end with it.
        who = scan.member_id or scan.check_in.visitor_key
        if who is not None and Verdict(scan.check_in.verdict).admits:
            people[who].append(scan)
    return list(people.values())


def _person(scans: Sequence[_Scan], staying: Container[UUID]) -> Person:
    # As the visit has it: the first check-in that stands says who pays.
    first = next((scan for scan in scans if scan.undone_at is None), scans[0])
    return Person(
        name=first.name,
        home=first.home,
        at_home=bool(first.check_in.at_home),
        first_at=first.check_in.scanned_at,
        here=any(scan.check_in.id in staying for scan in scans),
        check_ins=tuple(
            CameIn(scan.check_in.id, scan.check_in.scanned_at, scan.check_in.form, undone=scan.undone_at is not None)
            for scan in scans
        ),
    )


def _refused(scans: Iterable[_Scan]) -> list[Refused]:
    """The refusals of a day, the most frequent first. A question (whose membership pays?) is not one."""
    refused: dict[str, Refused] = {}
    for scan in scans:
        verdict = Verdict(scan.check_in.verdict)
        if verdict.admits or verdict is Verdict.AMBIGUOUS:
            continue
        said = INACTIVE if verdict in _INACTIVE else verdict.value
        reason = refused.setdefault(said, Refused(said))
        reason.scans += 1
        if scan.name is not None and said != INACTIVE and scan.name not in reason.names:
            reason.names.append(scan.name)
    return sorted(refused.values(), key=lambda reason: (-reason.scans, reason.verdict))
