"""Three months of the demo: who is scanned where, and when. Pure: the same random numbers give the same scans.

What becomes of each scan is for the door to say: nothing here judges it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from math import exp
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from passapp.demo.crowd import Person
from passapp.demo.people import DOOR_PLACE
from passapp.demo.places import DemoPlace
from passapp.kernel.wall_time import opening_instant
from passapp.places.rules import Opening

Hours = Mapping[str, Mapping[date, Sequence[Opening]]]
"""By a place's code and local date."""


class Shown(StrEnum):
    """What is held in front of the camera."""

    CARD = "card"
    TYPED_CODE = "typed_code"
    LOST_CARD = "lost_card"
    NEIGHBOUR = "neighbour"
    FOREIGN_CODE = "foreign_code"


@dataclass(frozen=True)
class Scan:
    """One scan. ``day`` is the date on which the place opened; ``person`` a number in the crowd, None for a stranger.

    ``whim`` (0 to 1) decides between two cards, or between two homes that could pay. ``undone``: taken back later.
    """

    at: datetime
    place: str
    day: date
    person: int | None
    shown: Shown = Shown.CARD
    whim: float = 0.0
    undone: bool = False


_TOO_FAR_KM: Final = 1500.0
_USUAL_KM: Final = 14.0
_DAYS_A_WEEK_OUT: Final = 5.3
_WEEKDAY_SHARE: Final = (0.95, 1.15, 1.1, 1.15, 0.95, 0.5, 0.2)
"""Of a usual day's outings, from Monday on: Fridays at home, Saturdays for makers and cafés."""
_NOON: Final = 14 * 60
_STRANGERS: Final = ((Shown.FOREIGN_CODE, 110), (Shown.NEIGHBOUR, 350))
"""What strangers hold out, each once in so many days of a place."""


@dataclass
class Diary:
    """Everybody's scans, day by day. ``hours`` tells when each place is open; ``now`` ends the last day."""

    rng: Random
    places: Mapping[str, DemoPlace]
    people: Sequence[Person]
    hours: Hours
    now: datetime
    _near: dict[str, tuple[list[str], list[float]]] = field(default_factory=dict)

    def scans_of(self, day: date) -> list[Scan]:
        """The scans of one local date, at every place, none later than now; in the order in which they happen."""
        last = {code: day == self.now.astimezone(ZoneInfo(place.zone)).date() for code, place in self.places.items()}
        scans: list[Scan] = []
        for number, person in enumerate(self.people):
            for code in self._places_of(person, day):
                # The demo's visitor shows Léa's pass at this door today: it has to be her first time in.
                if not (number == 0 and code == DOOR_PLACE and last[code]):
                    scans += self._received(number, code, day)
        scans += self._found_cards(day)
        scans += self._strangers(day)
        past = (scan for scan in scans if scan.at <= self.now)
        return sorted(past, key=lambda scan: (scan.at, scan.place, -1 if scan.person is None else scan.person))

    def _places_of(self, person: Person, day: date) -> Iterator[str]:
        """Where somebody goes that day: mostly nowhere, or to one place; now and then to another in the evening."""
        home = person.home_on(day)
        chance = person.rhythm / _DAYS_A_WEEK_OUT * _WEEKDAY_SHARE[day.weekday()]
        if person.is_suspended_on(day):
            chance *= 0.5
        if home is None or self.rng.random() >= chance:
            return
        if person.trip and person.trip[1] <= day <= person.trip[2]:
            if self._is_open(person.trip[0], day):
                yield person.trip[0]
            return
        roams = self.rng.random() < person.roams
        if not roams and not self._is_open(home, day):
            if self.rng.random() >= person.roams:
                return
            roams = True
        first = self._elsewhere(home, day) if roams else home
        if first is not None:
            yield first
        if person.roams and self.rng.random() < 0.04:  # noqa: PLR2004
            second = self._elsewhere(home, day)
            if second is not None and second != first and self.hours[second][day][0].opens >= _NOON:
                yield second

    def _is_open(self, code: str, day: date) -> bool:
        return bool(self.hours.get(code, {}).get(day))

    def _elsewhere(self, home: str, day: date) -> str | None:
        """Another place, the near ones much more often than the far ones; None where it is closed that day."""
        if home not in self._near:
            here = self.places[home]
            others = [p for p in self.places.values() if p.has_door and p.code != home]
            within = [(p.code, here.km_to(p)) for p in others if here.km_to(p) < _TOO_FAR_KM]
            weights = [exp(-km / _USUAL_KM) + 0.002 for _, km in within]
            self._near[home] = [code for code, _ in within], list(accumulate(weights))
        codes, weights = self._near[home]
        if not codes:
            return None
        code = self.rng.choices(codes, cum_weights=weights)[0]
        return code if self._is_open(code, day) else None

    def _received(self, number: int, code: str, day: date) -> Iterator[Scan]:
        """The scans of one person at one place on one day: one, or two where they go out for lunch."""
        rng = self.rng
        openings = self.hours[code][day]
        opening = openings[0] if len(openings) == 1 or rng.random() < 0.7 else rng.choice(openings)  # noqa: PLR2004
        minute = self._minute_in(opening)
        typed = rng.random() < 0.008  # noqa: PLR2004
        yield self._scan(
            number,
            code,
            day,
            minute,
            shown=Shown.TYPED_CODE if typed else Shown.CARD,
            undone=rng.random() < 0.004,  # noqa: PLR2004
        )
        if rng.random() < 0.06:  # noqa: PLR2004
            later = minute + rng.randrange(50, 250)
            if any(o.opens <= later < o.closes for o in openings):
                yield self._scan(number, code, day, later)

    def _minute_in(self, opening: Opening) -> int:
        """When somebody comes: soon after opening in the morning, an hour later in the evening."""
        longest = min(opening.closes - opening.opens - 20, 420)
        soon = 35 if opening.opens < _NOON else 80
        return opening.opens + int(self.rng.triangular(0, longest, min(soon, longest)))

    def _scan(
        self,
        number: int | None,
        code: str,
        day: date,
        minute: int,
        *,
        shown: Shown = Shown.CARD,
        undone: bool = False,
    ) -> Scan:
        at = opening_instant(day, minute, ZoneInfo(self.places[code].zone))
        at += timedelta(seconds=self.rng.randrange(60), milliseconds=self.rng.randrange(1000))
        return Scan(at, code, day, number, shown, self.rng.random(), undone)

    def _found_cards(self, day: date) -> Iterator[Scan]:
        """Two days after a card was lost, somebody tries it."""
        for number, person in enumerate(self.people):
            if person.card_lost_on is not None and day == person.card_lost_on + timedelta(days=2):
                code = next((p for p in self.places if self._is_open(p, day)), None)
                if code is not None:
                    opening = self.hours[code][day][0]
                    yield self._scan(number, code, day, self._minute_in(opening), shown=Shown.LOST_CARD)

    def _strangers(self, day: date) -> Iterator[Scan]:
        """People who hold out something that is no pass of this network."""
        for code in self.places:
            for shown, once_in in _STRANGERS:
                if self.rng.random() < 1 / once_in and self._is_open(code, day):
                    opening = self.hours[code][day][0]
                    yield self._scan(None, code, day, self._minute_in(opening), shown=shown)
