"""The demo's members: invented people with a home, a rhythm, and sometimes a story. Pure: no database, no clock."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count as numbers
from random import Random
from typing import Final

from passapp.demo.names import FAMILY_NAMES, GIVEN_NAMES, ISLAND_FAMILY_NAMES, as_ascii
from passapp.demo.people import DOOR_PLACE, MEMBER_FAMILY_NAME, MEMBER_GIVEN_NAME, MEMBER_HOME, ROLE_EMAILS
from passapp.demo.places import EMPLOYER, ISLAND, DemoPlace

EVERYWHERE: Final = "TOUT"
WEEKDAYS: Final = "JOUR"
HOME_ONLY: Final = "LIEU"

FOUNDED_BEFORE: Final = timedelta(days=420)
"""How long before the first visit the network was founded."""

_CARD_AT_MOST: Final = 200
"""Days before the first visit that the oldest card was issued: it is good to the end of the demo, and after."""


@dataclass(frozen=True)
class Stint:
    """A membership: its home's code, its plan, and its first day."""

    home: str
    plan: str
    first_day: date
    tier: str | None = None
    priority: int = 1


@dataclass
class Person:
    """An invented member.

    ``rhythm``: outings in a usual week. ``roams``: the share of them that goes elsewhere than home. A person moves
    home, is suspended, loses their card or renews it late on the days that say so; None: never.
    """

    given_name: str
    family_name: str
    email: str | None
    stints: list[Stint]
    rhythm: float
    roams: float
    card_on: date
    locale: str = "fr"
    reference: str | None = None
    card_months: int = 13
    card_renewed_on: date | None = None
    card_lost_on: date | None = None
    moves_on: date | None = None
    moves_to: str | None = None
    suspended_on: date | None = None
    resumed_on: date | None = None
    trip: tuple[str, date, date] | None = None
    names_payer: bool = field(default=False)
    """Has a card for each membership, which says who pays."""

    def home_on(self, day: date) -> str | None:
        """The code of the home of that day: the first by priority."""
        if self.moves_on is not None and day >= self.moves_on:
            return self.moves_to
        running = [stint for stint in self.stints if stint.first_day <= day]
        return min(running, key=lambda stint: stint.priority).home if running else None

    def is_suspended_on(self, day: date) -> bool:
        """Whether a suspension runs."""
        return (
            self.suspended_on is not None
            and self.suspended_on <= day
            and (self.resumed_on is None or day < self.resumed_on)
        )


@dataclass(frozen=True)
class Stage:
    """Where and when the stories happen: the places by code, the first day of visits and the last."""

    rng: Random
    places: Mapping[str, DemoPlace]
    first: date
    today: date

    def day_at(self, share: float) -> date:
        """A day of the visits: 0 is the first, 1 the last."""
        return self.first + timedelta(days=round((self.today - self.first).days * share))

    def near(self, code: str) -> str:
        """The nearest other place with a door."""
        here = self.places[code]
        others = [place for place in self.places.values() if place.has_door and place.code != code]
        return min(others, key=here.km_to).code


def joined_on(places: list[DemoPlace], first: date) -> dict[str, date]:
    """When each place joined the network: half of them founded it, the others came one after another."""
    founded = first - FOUNDED_BEFORE
    half = len(places) // 2
    return {place.code: founded + timedelta(days=max(0, number - half) * 18) for number, place in enumerate(places)}


def invent_people(stage: Stage, joined: Mapping[str, date], *, count: int) -> list[Person]:
    """So many members, Léa first: the same ones for the same random numbers."""
    names = _names(stage.rng)
    homes = _homes(stage)
    people = [_lea(stage)]
    for number in range(1, count):
        given, family = next(names)
        people.append(_person(stage, joined, given, family, next(homes), number))
    # Whoever has a story comes right after Léa, so that a small demo has every story too.
    number = 1
    for story, how_many in _STORIES:
        for _ in range(max(1, round(how_many * count / _FULL))):
            if number < count:
                story(stage, people[number])
                number += 1
    _tell_apart(people)
    return people


def _tell_apart(people: list[Person]) -> None:
    """Give namesakes different e-mail addresses."""
    taken: set[str] = set()
    for number, person in enumerate(people):
        if person.email in taken:
            person.email = person.email.replace("@", f"{number}@")
        if person.email is not None:
            taken.add(person.email)


def _names(rng: Random) -> Iterator[tuple[str, str]]:
    taken: set[tuple[str, str]] = set()
    while True:
        name = (rng.choice(GIVEN_NAMES), rng.choice(FAMILY_NAMES).replace("-", " "))
        if name not in taken:
            taken.add(name)
            yield name


def _homes(stage: Stage) -> Iterator[str]:
    """Homes in turn, the bigger ones more often; nobody lives at the invented ones but for a story."""
    sizes = {"coworking": 3, "community": 3, "fablab": 2, "cultural": 1}
    around = [place.code for place in stage.places.values() if place.code not in {ISLAND, EMPLOYER}]
    for turn in numbers():
        codes = [code for code in around if turn % 3 < sizes[stage.places[code].kind]]
        stage.rng.shuffle(codes)
        yield from codes


def _lea(stage: Stage) -> Person:
    began = stage.first - timedelta(days=170)
    return Person(
        given_name=MEMBER_GIVEN_NAME,
        family_name=MEMBER_FAMILY_NAME,
        email=ROLE_EMAILS["member"],
        stints=[Stint(MEMBER_HOME, EVERYWHERE, began)],
        rhythm=3.5,
        roams=0.45,
        card_on=began,
    )


def _person(stage: Stage, joined: Mapping[str, date], given: str, family: str, home: str, number: int) -> Person:
    rng = stage.rng
    known_days = max(1, (stage.first - joined[home]).days - 5)
    began = stage.first - timedelta(days=5 + rng.randrange(known_days))
    plan = rng.choices((EVERYWHERE, WEEKDAYS, HOME_ONLY), (70, 20, 10))[0]
    tier = rng.choices((None, "solidaire", "etudiant"), (80, 13, 7))[0]
    return Person(
        given_name=given,
        family_name=family,
        email=f"{as_ascii(given)}.{as_ascii(family)}@demo.example",
        stints=[Stint(home, plan, began, tier)],
        rhythm=rng.choices((3.6, 2.1, 0.9, 0.4), (25, 40, 25, 10))[0],
        roams=0.04 if plan == HOME_ONLY else rng.choice((0.1, 0.2, 0.3, 0.5)),
        card_on=max(began, stage.first - timedelta(days=rng.randrange(5, _CARD_AT_MOST))),
        locale="en" if rng.random() < 0.05 else "fr",  # noqa: PLR2004
        reference=f"A-{1000 + number}" if rng.random() < 0.3 else None,  # noqa: PLR2004
    )


def _joins_lately(stage: Stage, person: Person) -> None:
    began = stage.day_at(stage.rng.uniform(0.1, 0.8))
    person.stints = [Stint(person.stints[0].home, EVERYWHERE, began)]
    person.card_on = began


def _has_no_email(stage: Stage, person: Person) -> None:
    _ = stage
    person.email = None


def _is_paid_by_employer(stage: Stage, person: Person) -> None:
    person.stints = [Stint(EMPLOYER, EVERYWHERE, stage.first - timedelta(days=230))]
    person.roams = 1.0


def _lives_on_the_island(stage: Stage, person: Person) -> None:
    _ = stage
    person.family_name = ISLAND_FAMILY_NAMES[len(as_ascii(person.family_name)) % len(ISLAND_FAMILY_NAMES)]
    person.email = f"{as_ascii(person.given_name)}.{as_ascii(person.family_name)}@demo.example"
    person.stints = [Stint(ISLAND, EVERYWHERE, stage.first - timedelta(days=12))]
    person.card_on = stage.first - timedelta(days=12)
    person.rhythm, person.roams = 3.0, 0.0


def _travels_to_the_island(stage: Stage, person: Person) -> None:
    _opens_everywhere(person)
    begins = stage.day_at(0.4)
    person.trip = (ISLAND, begins, begins + timedelta(days=9))


def _moves_home(stage: Stage, person: Person) -> None:
    _opens_everywhere(person)
    person.moves_on = stage.day_at(stage.rng.uniform(0.3, 0.7))
    person.moves_to = stage.near(person.stints[0].home)


def _is_suspended(stage: Stage, person: Person) -> None:
    person.rhythm = 4.0
    person.suspended_on = stage.day_at(0.6)


def _was_suspended(stage: Stage, person: Person) -> None:
    _is_suspended(stage, person)
    person.resumed_on = stage.day_at(0.8)


def _loses_card(stage: Stage, person: Person) -> None:
    person.rhythm = 4.0
    person.card_lost_on = stage.day_at(stage.rng.uniform(0.4, 0.7))


def _renews_late(stage: Stage, person: Person) -> None:
    person.rhythm = 4.2
    # Before the first visit the card was there already.
    expires = min(stage.day_at(stage.rng.uniform(0.3, 0.7)), stage.first + timedelta(days=60))
    person.card_on, person.card_months = expires - timedelta(days=61), 2
    person.stints = [Stint(person.stints[0].home, EVERYWHERE, expires - timedelta(days=90))]
    person.card_renewed_on = expires + timedelta(days=6)


def _has_two_homes(stage: Stage, person: Person) -> None:
    _opens_everywhere(person)
    first = person.stints[0]
    person.stints.append(Stint(stage.near(first.home), EVERYWHERE, first.first_day, priority=2))


def _has_two_cards(stage: Stage, person: Person) -> None:
    _has_two_homes(stage, person)
    person.names_payer = True


def _is_ambiguous(stage: Stage, person: Person) -> None:
    """Two homes of equal priority, and a card that names neither: the host has to ask."""
    _opens_everywhere(person)
    first = person.stints[0]
    person.stints.append(Stint(stage.near(first.home), EVERYWHERE, first.first_day))
    person.rhythm = 2.6


def _works_next_door(stage: Stage, person: Person) -> None:
    """So that two places whose managers sign in to the demo have something to settle every month."""
    person.stints = [Stint(MEMBER_HOME, EVERYWHERE, stage.first - timedelta(days=100))]
    person.card_on = stage.first - timedelta(days=100)
    person.rhythm = 2.0
    person.trip = (DOOR_PLACE, stage.first, stage.today)


def _opens_everywhere(person: Person) -> None:
    first = person.stints[0]
    person.stints = [Stint(first.home, EVERYWHERE, first.first_day, first.tier)]


_STORIES: Final[tuple[tuple[Callable[[Stage, Person], None], int], ...]] = (
    (_is_ambiguous, 2),
    (_has_two_homes, 2),
    (_has_two_cards, 1),
    (_is_paid_by_employer, 8),
    (_lives_on_the_island, 4),
    (_travels_to_the_island, 2),
    (_moves_home, 6),
    (_is_suspended, 4),
    (_was_suspended, 2),
    (_loses_card, 4),
    (_renews_late, 3),
    (_has_no_email, 10),
    (_joins_lately, 14),
    (_works_next_door, 1),
)
_FULL: Final = 180
"""How often each story is told among so many people; once at least."""
