"""A day of the rooms that would do, wherever they are: when each is open, and when it is taken.

``find_days(session, member, Sought(window, …), day, now=now) -> list[RoomDay]``: the nearest first, then by name. As
for `find_rooms`, the number of statements is the same however many rooms there are.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from passapp.bookings.finding.availability import (
    NEVER,
    Candidate,
    RoomFound,
    Sought,
    candidates_for,
    offers_of,
    parts_of,
    places_sought,
    taken_around,
    units_of,
)
from passapp.bookings.quoting import booker_of, quote_of
from passapp.bookings.rules import Span, span_between
from passapp.kernel.clock import zone_named
from passapp.kernel.wall_time import MINUTES_A_DAY, opening_instant
from passapp.members.models import Member
from passapp.places.service import kept_weeks

WHOLE_DAY: Final = NEVER | {"too_far_ahead", "too_many_bookings", "weekly_quota", "monthly_quota"}
"""What speaks against any time of a day, and not only against one of its hours."""


class RoomDay(NamedTuple):
    """A room on a day: open from minute to minute, taken from instant to instant, each unit of a pool by itself."""

    resource: RoomFound
    openings: list[tuple[int, int]]
    taken: list[tuple[datetime, datetime]]
    units: int
    distance_km: float | None


def find_days(session: Session, member: Member | None, sought: Sought, day: date, *, now: datetime) -> list[RoomDay]:
    """What is open then of what this member may book, whether it is free or not; nothing for None."""
    if member is None:
        return []
    distances = places_sought(session, sought)
    open_then = _open_on(session, candidates_for(session, sought, distances), day)
    if not open_then:
        return []
    clocks = {name: zone_named(name) for name in {each.room.place.zone for each in open_then}}
    # An evening may pass midnight.
    days = {name: _span(day, 0, 2 * MINUTES_A_DAY, zone) for name, zone in clocks.items()}
    taken = taken_around(session, list(open_then), list(days.values()), now)
    parts, units = parts_of(session), units_of(session, list(open_then))
    offers = offers_of(session, list(open_then))
    booker = booker_of(session, member, list(days.values()), now=now)
    found, tries = [], dict[tuple[str, int, int], Span]()
    for candidate, openings in open_then.items():
        room, first = candidate.room, openings[0][0]
        when = room.place.zone, first, first + candidate.policy.shortest
        if when not in tries:
            tries[when] = _span(day, *when[1:], clocks[when[0]])
        tried = tries[when]
        flaws = quote_of(booker, offers[room.id], tried, people=sought.people, now=now).flaws
        if WHOLE_DAY & {flaw.code for flaw in flaws}:
            continue
        of_it = units[room.id] if candidate.is_pool else _leaves(room.id, parts)
        whole = days[room.place.zone]
        times = sorted(
            (starts_at, ends_at)
            for resource_id in of_it
            for starts_at, ends_at in taken.get(resource_id, ())
            if starts_at < whole.ends_at and ends_at > whole.starts_at
        )
        count = len(of_it) if candidate.is_pool else 1
        found.append(RoomDay(room, openings, times, count, distances[room.place]))
    return sorted(found, key=_order)


def _open_on(session: Session, candidates: Collection[Candidate], day: date) -> dict[Candidate, list[tuple[int, int]]]:
    weeks = kept_weeks(session, {each.room.place for each in candidates})
    hours = {
        place_id: [(each.opens, each.closes) for of in week.between(day, day) for each in of.openings]
        for place_id, week in weeks.items()
    }
    openings = {
        each: [(0, MINUTES_A_DAY)] if each.policy.is_always_open else hours[each.room.place.id] for each in candidates
    }
    return {each: when for each, when in openings.items() if when}


def _span(day: date, first: int, last: int, zone: ZoneInfo) -> Span:
    return span_between(opening_instant(day, first, zone), opening_instant(day, last, zone), zone)


def _leaves(resource_id: int, parts: Mapping[int, list[int]]) -> set[int]:
    of_it = parts.get(resource_id)
    return set().union(*(_leaves(part, parts) for part in of_it)) if of_it else {resource_id}


def _order(found: RoomDay) -> tuple[float, str, int]:
    distance = float("inf") if found.distance_km is None else found.distance_km
    return distance, found.resource.name, found.resource.id
