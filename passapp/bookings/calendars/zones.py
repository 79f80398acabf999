"""Time zones as calendars carry them: VTIMEZONE, with the rule by which a zone changes its clocks (booking.md 16).

Read from the compiled files of the package ``tzdata`` (RFC 9636): the changes that they list, then, for all later
years, the rule in their last line (POSIX TZ). A rule becomes an RRULE: long lists of RDATE, which
``icalendar.Timezone.from_tzid`` writes, are misread by some readers and refused by others.
"""

import re
import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No calendar of ours holds anything before."""
_LAST_YEAR: Final = 2050
"""Until when changes are listed, where no RRULE can say their rule."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER: Final = struct.Struct(">4s c 15x 6L")
_DAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LAST_WEEK: Final = 5


@dataclass(frozen=True)
class Change:
    """From ``at`` (UTC) on, clocks are ``offset`` from UTC instead of ``before``; ``rule``: so every year."""

    at: datetime
    before: timedelta
    offset: timedelta
    name: str
    is_summer: bool
    rule: dict[str, Any] | None = None

    @property
    def month(self) -> int:
        """The month in which clocks show it: of the rule that it follows."""
        return (self.at + self.before).month


@dataclass(frozen=True)
class _Period:
    """What clocks show for a part of the year."""

    name: str
    offset: timedelta
    is_summer: bool


@dataclass(frozen=True)
class _Yearly:
    """A change of each year: POSIX ``Mmonth.week.day/time``; week 5 is the last, day 0 Sunday, the time may be any."""

    month: int
    week: int
    day: int
    time: timedelta
    before: _Period
    after: _Period

    def in_year(self, year: int) -> Change:
        """This year's change."""
        first = datetime(year, self.month, 1, tzinfo=UTC)
        wanted = first + timedelta(days=(self.day - first.isoweekday()) % 7 + 7 * (self.week - 1))
        if wanted.month != self.month:
            wanted -= timedelta(days=7)
        at = wanted + self.time - self.before.offset
        return Change(at, self.before.offset, self.after.offset, self.after.name, self.after.is_summer)

    def as_rrule(self) -> dict[str, Any] | None:
        """As an RRULE; None where the day of the change may be in another month than the day that it is counted by."""
        later = self.time // timedelta(days=1)
        day = _DAYS[(self.day + later) % 7]
        if not later:
            nth = -1 if self.week == _LAST_WEEK else self.week
            return {"FREQ": "YEARLY", "BYMONTH": self.month, "BYDAY": f"{nth}{day}"}
        days_of_month = (datetime(2001, self.month % 12 + 1, 1, tzinfo=UTC) - timedelta(days=1)).day
        first = (days_of_month - 6 if self.week == _LAST_WEEK else 7 * self.week - 6) + later
        if first < 1 or first + 6 > days_of_month or (self.month == 2 and self.week == _LAST_WEEK):  # noqa: PLR2004
            return None
        return {"FREQ": "YEARLY", "BYMONTH": self.month, "BYDAY": day, "BYMONTHDAY": list(range(first, first + 7))}


@lru_cache
def vtimezone(zone: str) -> Timezone:
    """The VTIMEZONE of an IANA zone, right from the year 2000 on. Do not change what you get: it is kept."""
    made = Timezone()
    made.add("TZID", zone)
    for change in changes_of(zone):
        part = TimezoneDaylight() if change.is_summer else TimezoneStandard()
        part.add("DTSTART", (change.at + change.before).replace(tzinfo=None))
        part.add("TZOFFSETFROM", change.before)
        part.add("TZOFFSETTO", change.offset)
        part.add("TZNAME", change.name)
        if change.rule:
            part.add("RRULE", change.rule)
        made.add_component(part)
    return made


def changes_of(zone: str) -> list[Change]:
    """The changes of a zone's clocks that hold since 2000, the first of which was in force then; rules come last."""
    listed, footer = _read(files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes())
    yearly = _yearly(footer)
    by_rule = sorted(
        (each.in_year(year) for each in yearly for year in range(_EPOCH.year, _LAST_YEAR + 1)), key=lambda c: c.at
    )
    changes = listed + [change for change in by_rule if change.at > listed[-1].at]
    # Where a rule begins, the offset before is not always the rule's.
    changes = [replace(now, before=was.offset) for was, now in pairwise([changes[0], *changes])]
    since = len(changes)
    while by_rule and _same(changes[since - 1], by_rule.pop()):
        since -= 1
    rules = {each.month: each.as_rrule() for each in yearly}
    if since + 1 < len(changes) and all(rules.values()):
        changes[since:] = [replace(change, rule=rules[change.month]) for change in changes[since : since + 2]]
    in_force = max(n for n, change in enumerate(changes) if n == 0 or change.at <= FIRST)
    if changes[in_force].rule:
        return changes[-2:]
    # What held when ours begin, without what was before: old offsets have seconds, which readers do not expect.
    began = replace(changes[in_force], at=_EPOCH, before=changes[in_force].offset)
    return [began, *changes[in_force + 1 :]]


def _same(one: Change, other: Change) -> bool:
    return (one.at, one.before, one.offset) == (other.at, other.before, other.offset)


def _read(data: bytes) -> tuple[list[Change], str]:
    """The changes that a compiled file lists, and its last line. A zone that never changed has one, in 1970."""
    # Twice the same, the second time with instants of 64 bits.
    second = _HEADER.size + _length_of(data, 0, width=4)
    *_, times, kinds, _ = _HEADER.unpack_from(data, second)
    at = second + _HEADER.size
    instants = struct.unpack_from(f">{times}q", data, at)
    which = data[at + 8 * times : at + 9 * times]
    names = at + 9 * times + 6 * kinds
    periods = [
        _Period(data[names + name : data.index(b"\0", names + name)].decode(), timedelta(seconds=offset), bool(summer))
        for offset, summer, name in struct.iter_unpack(">lBB", data[at + 9 * times : names])
    ]
    held = [periods[0], *(periods[kind] for kind in which)]
    changes = [
        Change(_EPOCH + timedelta(seconds=instant), before.offset, after.offset, after.name, after.is_summer)
        for instant, before, after in zip(instants, held, held[1:], strict=False)
    ]
    first = Change(_EPOCH, held[0].offset, held[0].offset, held[0].name, held[0].is_summer)
    footer = data[at + _length_of(data, second, width=8) :].decode().strip()
    return changes or [first], footer


def _length_of(data: bytes, at: int, *, width: int) -> int:
    """How long one of a file's parts is after its header, with instants of so many bytes."""
    _, _, utc, standard, leaps, times, kinds, letters = _HEADER.unpack_from(data, at)
    length: int = times * (width + 1) + kinds * 6 + letters + leaps * (width + 4) + standard + utc
    return length


_NAME: Final = r"(<[^>]+>|[A-Za-z]+)"
_TIME: Final = r"([+-]?\d+(?::\d+)?(?::\d+)?)"
_FOOTER: Final = re.compile(
    rf"{_NAME}{_TIME}{_NAME}{_TIME}?,M(\d+)\.(\d)\.(\d)(?:/{_TIME})?,M(\d+)\.(\d)\.(\d)(?:/{_TIME})?"
)


def _yearly(footer: str) -> list[_Yearly]:
    """The two changes of each year that a POSIX TZ string says; none where clocks no longer change."""
    said = _FOOTER.fullmatch(footer)
    if said is None:
        return []
    name, offset, other_name, other_offset, *rules = said.groups()
    standard = -_length(offset)
    other = standard + timedelta(hours=1) if other_offset is None else -_length(other_offset)
    # Dublin's winter is said to be the exception: calendars want to know which of both is ahead.
    usual = _Period(name.strip("<>"), standard, standard > other)
    changed = _Period(other_name.strip("<>"), other, other > standard)
    begins, ends = rules[:4], rules[4:]
    return [
        _Yearly(int(month), int(week), int(day), _length(time or "2"), before, after)
        for (month, week, day, time), before, after in ((begins, usual, changed), (ends, changed, usual))
    ]


def _length(said: str) -> timedelta:
    """POSIX ``[+-]hh[:mm[:ss]]``."""
    hours, minutes, seconds = (*said.lstrip("+-").split(":"), "0", "0")[:3]
    length = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return -length if said.startswith("-") else length
