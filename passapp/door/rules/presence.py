"""Who is here: until when somebody who came in counts as being at a place. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from passapp.kernel.wall_time import closing_instant, opening_instant
from passapp.places.rules import Day


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came in, ``on`` that local date: it was not undone. ``left_at``: when it was said that they left."""

    id: UUID
    who: Hashable
    at: datetime
    on: date
    left_at: datetime | None = None


def staying(arrivals: Iterable[Arrival], hours: Mapping[date, Day], zone: ZoneInfo, now: datetime) -> list[Arrival]:
    """The arrivals by which somebody is here ``now``, in their order.

    Who leaves takes all their earlier arrivals along, and may come back. Who says nothing is checked out by
    :func:`leaves_at`. ``hours``: as there, for the date of each arrival.
    """
    every = list(arrivals)
    gone: dict[Hashable, list[datetime]] = defaultdict(list)
    for each in every:
        if each.left_at is not None and each.left_at <= now:
            gone[each.who].append(each.left_at)
    return [
        each
        for each in every
        if all(left_at < each.at for left_at in gone[each.who]) and now < leaves_at(each.at, each.on, hours, zone)
    ]


def leaves_at(at: datetime, on: date, hours: Mapping[date, Day], zone: ZoneInfo) -> datetime:
    """When somebody who came in at that instant, ``on`` that local date, is checked out, unless they said so before.

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
