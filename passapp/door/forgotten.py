"""A visit that nobody scanned, added within a week (door.md, Other ways in): the member and their home are told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.door import service
from passapp.door.answering import Answer
from passapp.door.calling import lock_place
from passapp.door.cases import SaidName, Scan
from passapp.door.known import find_visitors
from passapp.door.models import FollowUp
from passapp.door.pairing import NO_DOOR_HERE, desk_of
from passapp.door.rules import FollowUpKind, Verdict
from passapp.door.today import SHOWN_FOR
from passapp.kernel.audit import record
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import Problem, ProblemType
from passapp.kernel.wall_time import local_date, opening_instant
from passapp.places.models import Place

_NOON: Final = 12 * 60
"""When somebody came of whom only the day is known, in minutes of the local day."""

TOO_LONG_AGO = ProblemType(
    "too_long_ago",
    422,
    en="A forgotten visit can be added for today and the 7 days before.",
    fr="Un passage oublié s'ajoute pour aujourd'hui et les 7 jours d'avant.",
)
STILL_TO_COME = ProblemType(
    "still_to_come",
    422,
    en="This time is still to come: give the time at which they came.",
    fr="Cette heure n'est pas encore passée : indiquez l'heure de son arrivée.",
)


@dataclass(frozen=True)
class Forgotten:
    """Somebody who came: when, by their short code or by their name, and why it is only said now.

    ``id`` is made by the page, as a door makes that of a scan. ``at``, or where the hour is not known, ``day``.
    """

    id: UUID
    reason: str
    day: date | None = None
    at: datetime | None = None
    short_code: str | None = None
    by_name: SaidName | None = None
    home_id: UUID | None = None


def add_forgotten(session: Session, place: Place, forgotten: Forgotten, caller: Caller, *, now: datetime) -> Answer:
    """Add a visit, judged as it would have been then. A refusal is an answer too, and adds nothing.

    Raises ``no_door_here``, ``too_long_ago``, ``still_to_come``, and what a door is told: ``too_many_codes``,
    ``scan_id_reused``.
    """
    if not place.has_door:
        raise NO_DOOR_HERE.error()
    at = _instant(place, forgotten, now)
    place = lock_place(session, place.id)
    door = desk_of(session, place, "office", now)
    scan = Scan(
        id=forgotten.id,
        scanned_at=at,
        device_now=now,
        short_code=forgotten.short_code,
        by_name=forgotten.by_name,
        home_id=forgotten.home_id,
    )
    [answer] = service.check_in(session, door, [scan], now=now)
    if isinstance(answer, Problem):
        raise answer
    row = answer.check_in
    if not Verdict(row.verdict).admits or session.get(FollowUp, (row.id, FollowUpKind.FORGOTTEN)) is not None:
        return answer
    actor = service.acting(session, caller, now)
    service.follow_up(session, row, FollowUpKind.FORGOTTEN, forgotten.reason, actor, now=now)
    account_id = find_visitors(session, {row.visitor_key})[row.visitor_key].account_id if row.visitor_key else None
    if account_id is not None:
        key = f"forgotten_visit:{row.id}"
        enqueue(session, now, "forgotten_visit", key, account_id, check_in_id=str(row.id))
    record(session, actor, now, "check_in.add", ("check_in", row.id), place_id=place.id, day=row.local_date.isoformat())
    return answer


def _instant(place: Place, forgotten: Forgotten, now: datetime) -> datetime:
    """When it was. Raises ``still_to_come``, and ``too_long_ago`` for what is not of today nor of the 7 days before."""
    zone = ZoneInfo(place.zone)
    at, today = forgotten.at or now, local_date(now, zone)
    day = forgotten.day or local_date(at, zone)
    if day > today or at > now + timedelta(minutes=1):
        raise STILL_TO_COME.error()
    if day < today - SHOWN_FOR:
        raise TOO_LONG_AGO.error()
    return min(opening_instant(day, _NOON, zone), now) if forgotten.day else at
