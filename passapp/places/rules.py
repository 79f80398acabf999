"""Opening hours, as a place would write them on its door (booking.md 5). Pure.

Hours are local wall minutes from midnight and may pass it: 18:00-26:00 is one opening, 1080 to 1560.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from passapp.kernel.wall_time import MINUTES_A_DAY

_CLOCK = re.compile(r"([0-4]\d):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, order=True)
class Opening:
    """Open from ``opens`` until just before ``closes``, in minutes from the day's local midnight."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Day:
    """One day's hours, and why they are not the week's usual ones (a holiday's name, a note), if so."""

    day: date
    openings: tuple[Opening, ...]
    reason: str | None = None


def parse_clock(text: str) -> int:
    """``"18:30"`` as minutes from midnight; up to ``"48:00"``. Raises ``ValueError``."""
    found = _CLOCK.fullmatch(text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else 2 * MINUTES_A_DAY + 1
    if minutes > 2 * MINUTES_A_DAY:
        msg = "write a time as 09:00, or 26:00 for two in the morning of the next day"
        raise ValueError(msg)
    return minutes


def format_clock(minutes: int) -> str:
    """Minutes from midnight as ``"18:30"``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def joined(openings: Iterable[Opening]) -> tuple[Opening, ...]:
    """The same hours with overlapping and touching openings made one."""
    whole: list[Opening] = []
    for opening in sorted(openings):
        if whole and opening.opens <= whole[-1].closes:
            whole[-1] = Opening(whole[-1].opens, max(whole[-1].closes, opening.closes))
        else:
            whole.append(opening)
    return tuple(whole)


def hours_of_day(
    day: date,
    weekly: Mapping[int, Sequence[Opening]],
    exceptions: Mapping[date, tuple[Sequence[Opening], str | None]],
    holiday: str | None,
) -> Day:
    """The hours of one day: an exception prevails over a public holiday (closed), which prevails over the week.

    ``weekly`` maps a weekday (Monday is 0) to its openings; ``holiday`` is the holiday's name where the place closes
    on it, else None.
    """
    if day in exceptions:
        openings, note = exceptions[day]
        return Day(day, joined(openings), note or holiday)
    if holiday is not None:
        return Day(day, (), holiday)
    return Day(day, joined(weekly.get(day.weekday(), ())))


def is_open(local: datetime, today: Day, yesterday: Day) -> bool:
    """Whether a place with these hours is open at a local time; yesterday's hours may pass midnight."""
    minute = local.hour * 60 + local.minute
    return any(o.opens <= minute < o.closes for o in today.openings) or any(
        o.opens <= minute + MINUTES_A_DAY < o.closes for o in yesterday.openings
    )


def days_between(first: date, last: date) -> list[date]:
    """Every date from ``first`` to ``last``, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def takes_part(joined_on: date, left_on: date | None, on: date) -> bool:
    """Whether a place owes and is owed on that date: in [joined, left) (settlement R13)."""
    return joined_on <= on and (left_on is None or on < left_on)
