"""When a booking is: on the wall of the place, and as instants (booking.md 1 to 4).

The wall clock decides opening hours, quotas and display; instants decide overlap and price. Intervals are half-open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

from passapp.kernel.wall_time import after_the_gap, instants_of

MOST_OCCURRENCES: Final = 366
LONGEST_SERIES: Final = relativedelta(months=24)
FIRST_YEAR, LAST_YEAR = 2001, 2098
"""In which something can be booked: months of the years beside them are still known."""


@dataclass(frozen=True)
class Nonexistent:
    """A local time that no clock of the place shows. ``suggestion``: as far after the jump, with its offset."""

    local: datetime
    suggestion: datetime


@dataclass(frozen=True)
class Repeated:
    """A local time that the place's clocks show twice. ``candidates``: both, with their offsets, in order."""

    local: datetime
    candidates: tuple[datetime, datetime]


def read_time(said: datetime, zone: ZoneInfo) -> datetime | Nonexistent | Repeated:
    """The instant (UTC) that somebody means: with an offset it is one; without, it is on the place's wall.

    Nothing is guessed: what a wall shows never or twice comes back as such.
    """
    if said.tzinfo is not None:
        return said.astimezone(UTC)
    found = instants_of(said, zone)
    if not found:
        return Nonexistent(said, after_the_gap(said, zone).astimezone(zone))
    if len(found) > 1:
        return Repeated(said, (found[0].astimezone(zone), found[1].astimezone(zone)))
    return found[0]


@dataclass(frozen=True)
class Span:
    """From ``starts_at`` until just before ``ends_at`` (UTC), and what the clocks of the place show then (naive)."""

    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    local_end: datetime

    @property
    def minutes(self) -> int:
        """How long it really lasts."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    def overlaps(self, other: "Span") -> bool:
        """Whether both are at some instant; one that begins as the other ends is not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def span_between(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Span:
    """The span between two instants, at a place with these clocks."""
    local_start, local_end = (at.astimezone(zone).replace(tzinfo=None, fold=0) for at in (starts_at, ends_at))
    return Span(starts_at.astimezone(UTC), ends_at.astimezone(UTC), local_start, local_end)


class Every(StrEnum):
    """What a series goes by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Repeat:
    """How a booking repeats, in the wall time of the place; ``count`` or ``until`` (its last date, included) ends it.

    ``weekdays`` (Monday is 0): the days of a week on which it is; none: that of the first occurrence. ``by_weekday``:
    a month's second Tuesday rather than its 10th.
    """

    every: Every
    interval: int = 1
    count: int | None = None
    until: date | None = None
    weekdays: frozenset[int] = frozenset()
    by_weekday: bool = False


@dataclass(frozen=True)
class Occurrence:
    """One occurrence of a series. ``span`` is None where the clock change leaves nothing of it (``unresolvable``)."""

    local_start: datetime
    local_end: datetime
    span: Span | None
    is_adjusted: bool = False


def expand(local_start: datetime, local_end: datetime, repeat: Repeat, zone: ZoneInfo) -> list[Occurrence]:
    """The occurrences of a series from the wall times of its first: 366 at most, and within 24 months.

    An occurrence whose start falls in a gap begins after it, and is flagged. A start that exists twice is the first of
    both (RFC 5545 §3.3.5).
    """
    lasts = local_end - local_start
    starts = islice(_starts(local_start, repeat), MOST_OCCURRENCES)
    return [occurrence_at(start, start + lasts, zone) for start in starts]


def is_too_long(local_start: datetime, repeat: Repeat) -> bool:
    """Whether a series has more occurrences than are made, or some later than they are."""
    starts = list(islice(_starts(local_start, repeat), MOST_OCCURRENCES + 1))
    return (
        len(starts) > MOST_OCCURRENCES
        or (repeat.until is not None and repeat.until > (local_start + LONGEST_SERIES).date())
        or (repeat.count is not None and len(starts) < repeat.count and repeat.until is None)
        or not all(FIRST_YEAR <= start.year <= LAST_YEAR for start in starts)
    )


def before_the_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """The wall time that was asked for, of one that a gap of that day moved on."""
    jump = (local - timedelta(days=1)).replace(tzinfo=zone).utcoffset(), local.replace(tzinfo=zone).utcoffset()
    return local - ((jump[1] or timedelta()) - (jump[0] or timedelta()))


def may_be_moved_on(local: datetime, zone: ZoneInfo) -> bool:
    """Whether a gap of that day would have moved another wall time on to this one."""
    asked = before_the_gap(local, zone)
    return asked != local and not instants_of(asked, zone)


def occurrence_at(local_start: datetime, local_end: datetime, zone: ZoneInfo) -> Occurrence:
    """An occurrence between these wall times, moved on where the clocks leave them out."""
    begins, ends = instants_of(local_start, zone), instants_of(local_end, zone)
    starts_at = begins[0] if begins else after_the_gap(local_start, zone)
    # The first that is after the start: a night that ends within the doubled hour is not cut short by it.
    ends_at = next((at for at in ends if at > starts_at), None) if ends else after_the_gap(local_end, zone)
    if ends_at is None or ends_at <= starts_at:
        return Occurrence(local_start, local_end, None)
    return Occurrence(local_start, local_end, span_between(starts_at, ends_at, zone), is_adjusted=not begins)


_FREQUENCY: Final[dict[Every, Literal[1, 2, 3]]] = {Every.DAY: DAILY, Every.WEEK: WEEKLY, Every.MONTH: MONTHLY}


def _starts(first: datetime, repeat: Repeat) -> Iterator[datetime]:
    last = first + LONGEST_SERIES
    if repeat.until is not None:
        last = min(last, datetime.combine(repeat.until, first.time()))
    days = [weekday(day) for day in sorted(repeat.weekdays)] or None
    if repeat.every is Every.MONTH and repeat.by_weekday:
        days = [weekday(first.weekday(), (first.day - 1) // 7 + 1)]
    found = rrule(
        _FREQUENCY[repeat.every],
        dtstart=first,
        interval=repeat.interval,
        until=last,
        byweekday=days if repeat.every is not Every.DAY else None,
    )
    return islice(iter(found), repeat.count)
