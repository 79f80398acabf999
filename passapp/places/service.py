"""What people do with places: add one, change its identity card and hours, look it up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

import holidays
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from passapp.kernel.api import local_time
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.kernel.text import folded
from passapp.places.models import HoursException, OpeningHours, Place, VatStatus
from passapp.places.rules import Day, Opening, days_between, hours_of_day, is_open

PLACE_UNKNOWN = ProblemType(
    "place_unknown", 404, en="There is no such place in the network.", fr="Ce lieu n'est pas dans le réseau."
)
PLACE_CODE_TAKEN = ProblemType(
    "place_code_taken", 409, en="Another place already has this code.", fr="Un autre lieu porte déjà ce code."
)
DATES_REVERSED = ProblemType(
    "dates_reversed",
    422,
    en="The place would leave before it joined.",
    fr="Le lieu partirait avant d'être entré.",
)
COUNTRY_UNKNOWN = ProblemType(
    "country_unknown",
    422,
    en="There is no calendar of public holidays for this country and subdivision (ISO 3166).",
    fr="Pas de calendrier de jours fériés pour ce pays et cette subdivision (ISO 3166).",
)


@dataclass(frozen=True)
class Exceptional:
    """The hours of one date; no openings: closed."""

    day: date
    openings: Sequence[Opening]
    note: str | None = None


def get_place(session: Session, place_id: UUID) -> Place:
    """The place with this id. Raises ``place_unknown``."""
    place = session.get(Place, place_id)
    if place is None:
        raise PLACE_UNKNOWN.error()
    return place


def place_named(session: Session, code_or_name: str) -> Place:
    """The place with this code, or with exactly this name in any case. Raises ``place_unknown`` for none or several."""
    wanted = code_or_name.strip()
    place = session.scalar(select(Place).where(Place.code == wanted.lower()))
    if place is not None:
        return place
    # Compared in Python: SQLite's lower() leaves accented letters alone.
    named = [p for p in session.scalars(select(Place)) if p.name.casefold() == wanted.casefold()]
    if len(named) != 1:
        raise PLACE_UNKNOWN.error()
    return named[0]


def set_vat(session: Session, place: Place, starts_on: date, basis_points: int, *, at: datetime, actor: Actor) -> None:
    """Say what VAT a place charges from a date on, in basis points; 0: none."""
    session.merge(VatStatus(place_id=place.id, starts_on=starts_on, basis_points=basis_points))
    session.flush()
    fields = {"starts_on": starts_on.isoformat(), "basis_points": basis_points}
    record(session, actor, at, "place.set_vat", ("place", place.id), place_id=place.id, **fields)


def directory(search: str | None) -> Select[Place]:
    """The places whose name, town or postcode contains every word of ``search``, accents and capitals aside."""
    query = select(Place).options(selectinload(Place.hours), selectinload(Place.exceptions))
    for word in folded(search or "").split():
        query = query.where(Place.search_key.contains(word, autoescape=True))
    return query


def add_place(session: Session, fields: Mapping[str, Any], *, at: datetime, actor: Actor) -> Place:
    """Add a place, open on no day yet. Raises ``place_code_taken``, ``dates_reversed``."""
    place = Place(**fields)
    _check_dates(place)
    session.add(place)
    _flush(session)
    record(session, actor, at, "place.add", ("place", place.id), place_id=place.id)
    return place


def change_place(session: Session, place: Place, changes: Mapping[str, Any], *, at: datetime, actor: Actor) -> Place:
    """Change fields of a place's identity card.

    Raises ``place_code_taken``, ``dates_reversed``, ``country_unknown``, ``stale``.
    """
    changed = {name for name, value in changes.items() if getattr(place, name) != value}
    for name in changed:
        setattr(place, name, changes[name])
    _check_dates(place)
    if not is_country(place.country, place.subdivision):
        raise COUNTRY_UNKNOWN.error()
    _flush(session)
    if changed:
        record(session, actor, at, "place.change", ("place", place.id), place_id=place.id, fields=sorted(changed))
    return place


def set_hours(
    session: Session,
    place: Place,
    weekly: Sequence[tuple[int, Opening]],
    exceptions: Sequence[Exceptional],
    *,
    closed_on_holidays: bool,
    at: datetime,
    actor: Actor,
) -> Place:
    """Replace a place's week and its exceptions."""
    place.hours = [OpeningHours(weekday=weekday, opens=o.opens, closes=o.closes) for weekday, o in sorted(weekly)]
    place.exceptions = [
        HoursException(day=e.day, note=e.note, opens=opens, closes=closes)
        for e in sorted(exceptions, key=lambda e: e.day)
        for opens, closes in _minutes(e.openings)
    ]
    place.closed_on_holidays = closed_on_holidays
    place.version += 1  # rows of other tables changed: the card's version must move with them
    session.flush()
    record(session, actor, at, "place.hours", ("place", place.id), place_id=place.id)
    return place


def _minutes(openings: Sequence[Opening]) -> Sequence[tuple[int | None, int | None]]:
    return [(o.opens, o.closes) for o in sorted(openings)] or [(None, None)]


def _check_dates(place: Place) -> None:
    if place.left_on is not None and place.left_on < place.joined_on:
        raise DATES_REVERSED.error()


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise PLACE_CODE_TAKEN.error() from error


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    language = "fr" if country == "FR" else None
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, language=language))


def public_holiday(place: Place, day: date) -> str | None:
    """The name of the public holiday at ``place`` on that date, or None."""
    return _holidays(place.country, place.subdivision, day.year).get(day)


def is_country(country: str, subdivision: str | None) -> bool:
    """Whether the calendar of public holidays knows this country and subdivision (ISO 3166)."""
    known = holidays.list_supported_countries()
    return country in known and (subdivision is None or subdivision in known[country])


@dataclass(frozen=True)
class Week:
    """A place's hours as plain values, which belong to no transaction: its week, its exceptions, its holidays."""

    weekly: Mapping[int, Sequence[Opening]]
    exceptions: Mapping[date, tuple[Sequence[Opening], str | None]]
    country: str
    subdivision: str | None
    closed_on_holidays: bool

    @property
    def is_known(self) -> bool:
        """Whether any hours are written down."""
        return bool(self.weekly or self.exceptions)

    def between(self, first: date, last: date) -> list[Day]:
        """The hours on each date from ``first`` to ``last``, with exceptions and public holidays applied."""
        return [
            hours_of_day(day, self.weekly, self.exceptions, self._holiday(day)) for day in days_between(first, last)
        ]

    def _holiday(self, day: date) -> str | None:
        return _holidays(self.country, self.subdivision, day.year).get(day) if self.closed_on_holidays else None


def week_of(place: Place) -> Week:
    """The place's hours."""
    return _week(place, place.hours, place.exceptions)


class HasHours(Protocol):
    """A place, as far as its hours go: a row, or some of its columns."""

    @property
    def id(self) -> UUID: ...  # noqa: D102

    @property
    def version(self) -> int: ...  # noqa: D102

    @property
    def country(self) -> str: ...  # noqa: D102

    @property
    def subdivision(self) -> str | None: ...  # noqa: D102

    @property
    def closed_on_holidays(self) -> bool: ...  # noqa: D102


_weeks: WeakKeyDictionary[Any, dict[UUID, tuple[int, Week]]] = WeakKeyDictionary()
"""Each place's hours, with the version of the place that they are of; by the engine: tests have many databases."""


def kept_weeks(session: Session, places: Collection[HasHours]) -> dict[UUID, Week]:
    """The hours of these places, by id: those known from before, the others read together."""
    kept = _weeks.setdefault(session.get_bind(), {})
    missing = {place.id for place in places if kept.get(place.id, (None,))[0] != place.version}
    if missing:
        hours, exceptions = defaultdict(list), defaultdict(list)
        for row in session.scalars(select(OpeningHours).where(OpeningHours.place_id.in_(missing))):
            hours[row.place_id].append(row)
        for special in session.scalars(select(HoursException).where(HoursException.place_id.in_(missing))):
            exceptions[special.place_id].append(special)
        for place in places:
            if place.id in missing:
                kept[place.id] = place.version, _week(place, hours[place.id], exceptions[place.id])
    return {place.id: kept[place.id][1] for place in places}


def _week(place: HasHours, hours: Iterable[OpeningHours], specials: Iterable[HoursException]) -> Week:
    weekly: dict[int, list[Opening]] = defaultdict(list)
    for row in hours:
        weekly[row.weekday].append(Opening(row.opens, row.closes))
    exceptions: dict[date, tuple[list[Opening], str | None]] = {}
    for special in specials:
        openings, _ = exceptions.setdefault(special.day, ([], special.note))
        if special.opens is not None and special.closes is not None:
            openings.append(Opening(special.opens, special.closes))
    return Week(weekly, exceptions, place.country, place.subdivision, place.closed_on_holidays)


def hours_between(place: Place, first: date, last: date) -> list[Day]:
    """The place's hours on each date from ``first`` to ``last``, with exceptions and public holidays applied."""
    return week_of(place).between(first, last)


def open_at(place: Place, at: datetime) -> bool | None:
    """Whether the place is open at that instant; None where it has no door or no hours written down."""
    if not place.has_door or not (place.hours or place.exceptions):
        return None
    local = local_time(at, place.zone)
    yesterday, today = hours_between(place, local.date() - timedelta(days=1), local.date())
    return is_open(local, today, yesterday)
