"""Resources that are also managed elsewhere: their busy times are read from a calendar there (booking.md 19).

What is read is kept as claims, so that nothing is booked over it. A booking that was there before stays: that both want
the resource then is said, and people settle it. Nothing is asked of another machine within a transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from passapp.bookings.calendars.busy import Busy, NotRead, read_busy
from passapp.bookings.changing import ids_of
from passapp.bookings.claims import lock_resources, overlapping, takes_of
from passapp.bookings.closures.service import cover
from passapp.bookings.lapsing import let_go_of_expired
from passapp.bookings.models import Booking, Claim, ClaimKind, ExternalCalendar, Resource, ResourcePart
from passapp.bookings.policies import policy_of, set_policy
from passapp.bookings.rules import Approval
from passapp.kernel.audit import Actor, record
from passapp.kernel.database import Database
from passapp.kernel.fetching import NotFetched, Reach, check_address, fetch, is_public
from passapp.kernel.problems import ProblemType
from passapp.kernel.ticking import Errand

NO_EXTERNAL_CALENDAR = ProblemType(
    "no_external_calendar",
    404,
    en="No other calendar is read for it: give the address of one first.",
    fr="Aucun autre agenda n'est lu pour cette salle : donnez d'abord l'adresse d'un agenda.",
)
NOT_ONE_ROOM = ProblemType(
    "not_one_room",
    409,
    en="A calendar is read for one room: this is made of several, or stands for several.",
    fr="Un agenda se lit pour une salle : celle-ci est faite de plusieurs, ou en regroupe plusieurs.",
)
ADDRESS_NOT_READ = ProblemType(
    "address_not_read",
    422,
    en="This is no address of a calendar: paste the one that the other tool gives, which begins with https://, "
    "without a password in it.",
    fr="Ce n'est pas l'adresse d'un agenda : collez celle que donne l'autre outil, qui commence par https://, sans mot "
    "de passe dedans.",
)

EVERY: Final = timedelta(minutes=15)
AFTER_TROUBLE: Final = timedelta(hours=1)
JUST_NOW: Final = timedelta(minutes=1)
"""Nobody has another machine asked more often."""
LOOKS_AHEAD: Final = timedelta(days=731)
_LOOKS_BACK: Final = timedelta(days=1)
MOST_BYTES: Final = 3_000_000
SECONDS: Final = 10.0
SECONDS_A_REQUEST: Final = 20.0
"""Whoever books waits no longer, however many rooms theirs is made of: what was not read by then is as it was known."""
LOOKS_AGAIN: Final = 0.25
"""So often, in seconds, is it looked whether what somebody else reads has been read."""
SECONDS_A_ROUND: Final = 60.0
"""The other chores wait meanwhile."""


def connect(session: Session, resource: Resource, url: str, *, at: datetime, actor: Actor) -> ExternalCalendar:
    """Have a calendar read for a resource, soon. With the first, bookings of it are on request: a policy may say other.

    Raises ``not_one_room``, ``address_not_read``.
    """
    lock_resources(session, [resource.id])  # nobody makes it of others meanwhile
    if takes_of(session, resource).concerned != (resource.id,):
        raise NOT_ONE_ROOM.error()
    try:
        check_address(url)
    except NotFetched:
        raise ADDRESS_NOT_READ.error() from None
    calendar = session.get(ExternalCalendar, resource.id)
    if calendar is None:
        calendar = ExternalCalendar(resource_id=resource.id, url=url)
        session.add(calendar)
        calendar.approvals = _ask_from_now_on(session, resource, at)
    elif calendar.url != url:
        calendar.url, calendar.tried_at, calendar.problem = url, None, None
    session.flush()
    record(session, actor, at, "external_calendar.connect", ("resource", resource.id), place_id=resource.place_id)
    return calendar


def _ask_from_now_on(session: Session, resource: Resource, at: datetime) -> dict[str, Any]:
    """Bookings of it wait for the place's answer, and so do those of the rooms that it is part of.

    Gives what was so before of those of which it was not so already, and the number of the policy that changed it.
    """
    before = {}
    wholes = select(Resource).join(ResourcePart, ResourcePart.composite_id == Resource.id)
    found = session.scalars(wholes.where(ResourcePart.part_id == resource.id)).all()
    lock_resources(session, [each.id for each in found])
    for each in [resource, *found]:
        policy = policy_of(session, each)
        if policy.approval is not Approval.ALWAYS:
            set_policy(session, each, replace(policy, approval=Approval.ALWAYS), at=at)
            before[str(each.id)] = {"was": policy.approval.value, "policy": each.policy}
    return before


def _ask_as_before(session: Session, approvals: Mapping[str, Any], at: datetime) -> None:
    """Put back what connecting changed and nobody since; not yet where a calendar of another part is still read."""
    ids = [int(known) for known in approvals]
    lock_resources(session, ids)
    for each in session.scalars(select(Resource).where(Resource.id.in_(ids))):
        beside = select(ExternalCalendar).join(ResourcePart, ResourcePart.part_id == ExternalCalendar.resource_id)
        other = session.scalar(beside.where(ResourcePart.composite_id == each.id).limit(1))
        before = approvals[str(each.id)]
        if other is not None:
            other.approvals = {str(each.id): before, **other.approvals}
        elif each.policy == before["policy"]:
            set_policy(session, each, replace(policy_of(session, each), approval=Approval(before["was"])), at=at)


def get_calendar(session: Session, resource: Resource) -> ExternalCalendar:
    """What is read for a resource. Raises ``no_external_calendar``."""
    calendar = session.get(ExternalCalendar, resource.id)
    if calendar is None:
        raise NO_EXTERNAL_CALENDAR.error()
    return calendar


def disconnect(session: Session, resource: Resource, *, at: datetime, actor: Actor) -> None:
    """Read it no more: what it said is taken is free, and whoever was asked before is. Raises ``no_external_calendar``.

    Where the place has said otherwise since, that stays.
    """
    lock_resources(session, [resource.id])  # before the row, as whoever reads it does
    calendar = get_calendar(session, resource)
    session.delete(calendar)
    session.flush()
    _ask_as_before(session, calendar.approvals, at)
    session.execute(delete(Claim).where(_external(resource.id)))
    cover(session, [resource.id], at)
    record(session, actor, at, "external_calendar.disconnect", ("resource", resource.id), place_id=resource.place_id)


def read_all(database: Database, now: datetime, *, reach: Reach = is_public) -> int:
    """Read the calendars whose turn it is, for a minute at most. Gives how many."""
    started, read = monotonic(), 0
    with database.read() as session:
        due = session.scalars(_due(now).order_by(ExternalCalendar.tried_at.asc().nulls_first())).all()
    for resource_id in due:
        if monotonic() - started > SECONDS_A_ROUND:
            break
        read += _read(database, resource_id, _is_due(now), now, reach)
    return read


def read_now(database: Database, resource_ids: Sequence[int], now: datetime, *, reach: Reach = is_public) -> None:
    """Read those of these resources at once, but for what was read a moment ago; as many as there is time for."""
    ends = monotonic() + SECONDS_A_REQUEST
    for resource_id in resource_ids:
        left = ends - monotonic()
        if left < SECONDS_A_REQUEST / 2:
            break
        _read(database, resource_id, _is_old(now, JUST_NOW), now, reach, left)


def read_before(database: Database, resource_id: int, now: datetime, *, reach: Reach = is_public) -> Sequence[int]:
    """Somebody is about to book it: read its calendar, and those of its parts.

    Gives all that it takes: others may be reading the calendar of some of that just now (``is_being_read``).
    """
    with database.read() as session:
        resource = session.get(Resource, resource_id)
        ids = takes_of(session, resource).concerned if resource is not None else ()
        elsewhere = session.scalars(
            select(ExternalCalendar.resource_id)
            .where(ExternalCalendar.resource_id.in_(ids), _is_old(now, JUST_NOW))
            .order_by(ExternalCalendar.tried_at.asc().nulls_first())
        ).all()
    read_now(database, elsewhere, now, reach=reach)
    return ids


def is_being_read(database: Database, resource_ids: Sequence[int], now: datetime) -> bool:
    """Whether somebody began to read one of these, and may still be at it."""
    latest = now - timedelta(seconds=SECONDS_A_REQUEST)
    begun = (ExternalCalendar.tried_at > latest, ExternalCalendar.problem.is_(None))
    unread = or_(ExternalCalendar.read_at.is_(None), ExternalCalendar.read_at < ExternalCalendar.tried_at)
    query = select(ExternalCalendar.resource_id).where(ExternalCalendar.resource_id.in_(resource_ids), *begun, unread)
    with database.read() as session:
        return session.scalar(query.limit(1)) is not None


def was_read_before(session: Session, booking: Booking) -> bool:
    """Whether what it takes was looked up in every other calendar as it was asked for; true where there is none."""
    by = booking.changed_at - JUST_NOW
    unread = or_(ExternalCalendar.read_at.is_(None), ExternalCalendar.read_at < by)
    query = select(ExternalCalendar.resource_id).where(ExternalCalendar.resource_id.in_(ids_of(booking)), unread)
    return session.scalar(query.limit(1)) is None


def _is_old(now: datetime, by: timedelta) -> ColumnElement[bool]:
    return or_(ExternalCalendar.tried_at.is_(None), ExternalCalendar.tried_at <= now - by)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return _is_old(now, EVERY) & or_(ExternalCalendar.problem.is_(None), _is_old(now, AFTER_TROUBLE))


def _due(now: datetime) -> Select[int]:
    here = select(ExternalCalendar.resource_id).join(Resource, Resource.id == ExternalCalendar.resource_id)
    return here.where(_is_due(now), Resource.retired_at.is_(None))


def _read(
    database: Database,
    resource_id: int,
    which: ColumnElement[bool],
    now: datetime,
    reach: Reach,
    seconds: float = SECONDS_A_REQUEST,
) -> bool:
    """Read one; whether it was ours to read: of two who would at the same moment, one does.

    ``seconds``: for all of it, of which the other machine has half.
    """
    with database.write() as session:
        # Tried since it was read, and without trouble: it is being read.
        begins = {"tried_at": now, "problem": None}
        mine = update(ExternalCalendar).where(ExternalCalendar.resource_id == resource_id, which).values(begins)
        url = session.scalar(mine.returning(ExternalCalendar.url))
        if url is None:
            return False
        zone = session.get_one(Resource, resource_id).place.zone
    try:
        content = fetch(url, most=MOST_BYTES, seconds=min(SECONDS, seconds / 2), reach=reach)
        busy, problem = read_busy(content, zone, now - _LOOKS_BACK, now + LOOKS_AHEAD, seconds=seconds / 2), None
    except (NotFetched, NotRead) as error:
        busy, problem = [], error.trouble
    with database.write() as session:
        lock_resources(session, [resource_id])
        calendar = session.get(ExternalCalendar, resource_id, with_for_update=True)
        if calendar is not None and calendar.url == url:
            calendar.problem = problem
            if problem is None:  # after trouble, what was known stays
                calendar.read_at, calendar.collisions = now, _take(session, resource_id, busy, now)
    return True


def _take(session: Session, resource_id: int, busy: list[Busy], now: datetime) -> list[str]:
    """Have claims say the same as the calendar, all at once. Gives the bookings that collide with it."""
    let_go_of_expired(session, [resource_id], now)
    session.execute(delete(Claim).where(_external(resource_id)))
    cover(session, [resource_id], now)
    if not busy:
        return []
    others = overlapping(session, [resource_id], busy[0][0], busy[-1][1], now)
    session.add_all(
        Claim(resource_id=resource_id, kind=ClaimKind.EXTERNAL, starts_at=begins, ends_at=ends)
        for begins, ends in _beside(busy, [(claim.starts_at, claim.ends_at) for claim in others])
    )
    session.flush()
    collide = {
        str(claim.booking_id)
        for claim in others
        if claim.booking_id is not None
        and any(claim.starts_at < ends and begins < claim.ends_at for begins, ends in busy)
    }
    return sorted(collide)


def _beside(busy: list[Busy], taken: list[Busy]) -> list[Busy]:
    """What is left of these times beside what is taken; both in order, and without overlaps of their own."""
    left = []
    for begins, ends in busy:
        reached = begins
        for taken_from, taken_until in taken:
            if taken_until <= reached or taken_from >= ends:
                continue
            if taken_from > reached:
                left.append((reached, taken_from))
            reached = max(reached, taken_until)
        if reached < ends:
            left.append((reached, ends))
    return left


def _external(resource_id: int) -> ColumnElement[bool]:
    return (Claim.resource_id == resource_id) & (Claim.kind == ClaimKind.EXTERNAL)


def _waiting(session: Session, now: datetime) -> int:
    return len(session.scalars(_due(now)).all())


CALENDARS = Errand(_waiting, read_all)
"""The chore: what other tools say is taken."""
