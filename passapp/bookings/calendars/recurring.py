"""A series as an invitation: one event that repeats, and what differs from it (docs/decisions/0032).

Its bookings are rows that know nothing of the rule. Which date of the rule each of them is, is found here, each time
anew and always the same: by when they are, not by what became of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from passapp.bookings.calendars.feeds import own_entry
from passapp.bookings.calendars.files import Entry, Recurs
from passapp.bookings.models import Booking, BookingState, Series
from passapp.bookings.rules import Every, Repeat
from passapp.bookings.rules.times import LONGEST_SERIES, Occurrence, expand
from passapp.kernel.clock import zone_named
from passapp.kernel.problems import Language
from passapp.kernel.wall_time import after_the_gap, instants_of

_STANDS: Final = {BookingState.BOOKED, BookingState.REQUESTED}
_FREQUENCY: Final = {Every.DAY: "DAILY", Every.WEEK: "WEEKLY", Every.MONTH: "MONTHLY"}
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Rule:
    """How a series was asked for: the first wall times, and how they repeat."""

    start: datetime
    end: datetime
    repeat: Repeat

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Rule | None":
        """As it was written down; None of a series made before its first times were."""
        if "start" not in document:
            return None
        until = date.fromisoformat(document["until"]) if document["until"] else None
        repeat = Repeat(
            Every(document["every"]),
            document["interval"],
            document["count"],
            until,
            frozenset(document["weekdays"]),
            document["by_weekday"],
        )
        start, end = (datetime.fromisoformat(document[name]) for name in ("start", "end"))
        return cls(start, end, repeat)

    def later(self, by: timedelta) -> "Rule":
        """The same, all dates moved on as far on the wall."""
        start, until = self.start + by, self.repeat.until
        days = (start.date() - self.start.date()).days
        if until is not None:
            until = (datetime.combine(until, self.start.time()) + by).date()
        weekdays = frozenset((day + days) % 7 for day in self.repeat.weekdays)
        return Rule(start, self.end + by, replace(self.repeat, until=until, weekdays=weekdays))

    def dates(self, zone: ZoneInfo) -> "list[_Date]":
        """All that it comes to."""
        return [_Date.of(each, zone) for each in expand(self.start, self.end, self.repeat, zone)]

    def as_rrule(self, last: datetime) -> dict[str, object]:
        """As an RRULE until the instant ``last``; from any of its dates on, it gives those that follow."""
        repeat = self.repeat
        rule: dict[str, object] = {"FREQ": _FREQUENCY[repeat.every], "INTERVAL": repeat.interval, "UNTIL": last}
        if repeat.every is Every.MONTH and repeat.by_weekday:
            rule["BYDAY"] = f"{(self.start.day - 1) // 7 + 1}{_DAYS[self.start.weekday()]}"
        elif repeat.every is not Every.DAY and repeat.weekdays:
            rule["BYDAY"] = [_DAYS[day] for day in sorted(repeat.weekdays)]
        return rule


@dataclass(frozen=True)
class _Date:
    """A date of the rule: when, what the rule says (on the wall), and what the wall shows then."""

    at: datetime
    said: datetime
    wall: datetime

    @property
    def is_in_gap(self) -> bool:
        """Whether the clocks leave out what the rule says."""
        return self.said != self.wall

    @classmethod
    def of(cls, occurrence: Occurrence, zone: ZoneInfo) -> "_Date":
        found = instants_of(occurrence.local_start, zone)
        at = found[0] if found else after_the_gap(occurrence.local_start, zone)
        return cls(at, occurrence.local_start, at.astimezone(zone).replace(tzinfo=None, fold=0))


@dataclass(frozen=True)
class Invited:
    """A series as calendars are invited to it: ``entries``, the one that repeats first, all with one UID.

    ``of_booking``: each booking alone, as a date of it. ``stands``: whether anything of it does.
    """

    entries: tuple[Entry, ...]
    of_booking: dict[UUID, Entry]
    stands: bool


def invited(series: Series, bookings: Sequence[Booking], site: str, language: Language) -> Invited | None:
    """A series with all its bookings, the first one first. None where nothing says how it repeats: each is by itself.

    Its SEQUENCE is the sum of theirs, which grows with each change of any of them.
    """
    rule, zone = Rule.of(series.repeat), zone_named(bookings[0].zone)
    if rule is None:
        return None
    rule, dates, which = _as_it_stands_now(rule, bookings, zone)
    if len(dates) < len(bookings):
        return None
    same = {
        "uid": f"{series.id}@passapp",
        "sequence": sum(each.sequence for each in bookings),
        "made_at": series.made_at,
        "changed_at": max(each.changed_at for each in bookings),
    }
    alone = {
        number: replace(own_entry(booking, site, language), **same, stands_for=dates[number].said)  # type: ignore[arg-type]
        for number, booking in zip(which, bookings, strict=True)
    }
    standing = {number for number, booking in zip(which, bookings, strict=True) if booking.state in _STANDS}
    shown = sorted(standing or alone)
    first, last = shown[0], shown[-1]
    # No event begins at a time that there is not: the rule begins before it, at dates that are taken out.
    before = _dates_before(rule, dates[first].said, zone) if dates[first].is_in_gap else []
    usual = Counter(_look(alone[number]) for number in shown).most_common(1)[0][0]
    model = next(alone[number] for number in shown if _look(alone[number]) == usual)
    without = (*before, *(dates[number].said for number in range(first, last + 1) if number not in shown))
    recurs = Recurs(rule.as_rrule(dates[last].at), without)
    begins = instants_of(before[0], zone)[0] if before else dates[first].at
    ends = begins + (model.ends_at - model.starts_at)
    whole = replace(model, starts_at=begins, ends_at=ends, url=f"{site}/bookings", recurs=recurs, stands_for=None)
    differ = (
        alone[number]
        for number in shown
        if alone[number].starts_at != dates[number].at
        or dates[number].is_in_gap  # each program shows that at a time of its own
        or _look(alone[number]) != usual
        or _is_shown_twice(alone[number], zone)
    )
    of_booking = {booking.id: alone[number] for number, booking in zip(which, bookings, strict=True)}
    return Invited((whole, *differ) if standing else (replace(whole, recurs=None),), of_booking, bool(standing))


def _dates_before(rule: Rule, said: datetime, zone: ZoneInfo) -> list[datetime]:
    """What the rule says before a date of it, from the nearest that the clocks show on; none within two years: none."""
    repeat = replace(rule.repeat, count=None, until=said.date())
    for days in range(1, (said - (said - LONGEST_SERIES)).days + 1):
        first = said - timedelta(days=days)
        if instants_of(first, zone):
            found = [each.local_start for each in expand(first, first + (rule.end - rule.start), repeat, zone)]
            if found and (found[0], found[-1]) == (first, said):
                return found[:-1]
    return []


def _as_it_stands_now(rule: Rule, bookings: Sequence[Booking], zone: ZoneInfo) -> tuple[Rule, list[_Date], list[int]]:
    """The rule, as far moved on as most of the bookings were; its dates; and which of them each booking is."""
    dates = rule.dates(zone)
    which = _paired(dates, bookings)
    by = Counter(booking.local_start - dates[n].wall for n, booking in zip(which, bookings, strict=False))
    if len(dates) == len(bookings):
        by.update(booking.local_start - each.wall for each, booking in zip(dates, bookings, strict=True))
    best = sum(dates[n].at == booking.starts_at for n, booking in zip(which, bookings, strict=False))
    found = rule, dates, which
    for moved, _ in by.most_common(2):
        other = rule.later(moved)
        theirs = other.dates(zone) if moved else dates
        paired = _paired(theirs, bookings)
        exact = sum(theirs[n].at == booking.starts_at for n, booking in zip(paired, bookings, strict=False))
        if len(theirs) == len(dates) and exact > best:
            best, found = exact, (other, theirs, paired)
    return found


def _paired(dates: Sequence[_Date], bookings: Sequence[Booking]) -> list[int]:
    """Which date each booking is: the one at which it begins, else the nearest that is nobody's."""
    at = {each.at: number for number, each in reversed(list(enumerate(dates)))}
    found: list[int | None] = [at.pop(booking.starts_at, None) for booking in bookings]
    left = sorted(set(range(len(dates))) - {number for number in found if number is not None})
    for place, booking in enumerate(bookings):
        if found[place] is None and left:
            found[place] = nearest = min(left, key=lambda n: abs(dates[n].at - booking.starts_at))
            left.remove(nearest)
    return [number for number in found if number is not None]


def _look(entry: Entry) -> tuple[object, ...]:
    """What dates have in common."""
    return entry.ends_at - entry.starts_at, entry.summary, entry.description, entry.location, entry.status


def _is_shown_twice(entry: Entry, zone: ZoneInfo) -> bool:
    """Whether clocks show its start or its end twice: then it is written in UTC, on its own."""
    walls = (at.astimezone(zone).replace(tzinfo=None) for at in (entry.starts_at, entry.ends_at))
    return any(len(instants_of(wall, zone)) > 1 for wall in walls)
