"""What the demo's place has besides visits: its own ways to receive, guests, and scans that a manager looks at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from passapp.door import guests
from passapp.door.cases import Scan
from passapp.door.guests import Guest
from passapp.door.models import Door
from passapp.door.policy import change_policy, row_of
from passapp.door.rules import Verdict
from passapp.door.service import check_in
from passapp.kernel.audit import SYSTEM
from passapp.kernel.wall_time import local_date, opening_instant

_RULES: Final = """Chacun range sa table et sa tasse.
Les appels se prennent dans les cabines ou dehors.
La dernière personne éteint les lumières et vérifie la porte du jardin."""
_MESSAGE: Final = "Atelier vélo à 18 h dans la cour, ouvert à tous"
_AFTERNOON: Final = 15 * 60 + 20
"""When it happened the day before, in local minutes: the place had no network then."""


@dataclass(frozen=True)
class Shown:
    """Passes of some members: whose plan opens their own place only, and whose opens every place."""

    kept_out: Sequence[str]
    welcome: Sequence[str]


def receive(session: Session, door: Door, shown: Shown, draw_id: Callable[[], UUID], *, now: datetime) -> None:
    """Give the place its rules and its message, and yesterday what every place has now and then.

    A phone without network let somebody in whom their plan keeps out; a host let somebody in all the same; somebody
    scanned at a tablet that nobody looks after; a guest came with a member.
    """
    place = door.place
    wanted = {"house_rules": _RULES, "message": _MESSAGE, "check_out": True, "minors": True}
    change_policy(session, place, row_of(session, place), wanted, at=now, actor=SYSTEM)
    zone = ZoneInfo(place.zone)
    at = opening_instant(_last_weekday(local_date(now, zone)), _AFTERNOON, zone)
    scans = [Scan(draw_id(), at, now, text, shown=Verdict.OK) for text in shown.kept_out[:1]]
    scans += [
        Scan(draw_id(), at, now, text, shown=Verdict.PLAN, override="Sa formule change lundi, son lieu me l'a dit")
        for text in shown.kept_out[1:2]
    ]
    scans += [Scan(draw_id(), at, now, text, attended=False) for text in shown.welcome[:2]]
    check_in(session, door, scans, now=now)
    for name, minor in (("Inès", False), ("Tom", True)):
        guest = Guest(draw_id(), name, minor, minor, now - timedelta(minutes=20), now)
        guests.receive(session, place, door, guest, now=now)


def _last_weekday(today: date) -> date:
    days = (today - timedelta(days=n) for n in range(1, 4))
    return next(day for day in days if day.weekday() < 5)  # noqa: PLR2004  (Monday to Friday)
