"""When an external calendar says that something is taken (booking.md 19).

Somebody else wrote it: a short file may hold rules that repeat every second for ever. It is read in a process of its
own, which has so many seconds and so much memory, and holds none of our secrets.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from passapp.kernel.wall_time import after_the_gap, instants_of

SECONDS: Final = 10
MOST_TIMES: Final = 5_000
_MEMORY: Final = 1_000_000_000  # bytes
_TOO_MUCH: Final = 3
OURS: Final = "@passapp"
"""How the UIDs of our own events end: a calendar that follows us tells us nothing."""

Busy = tuple[datetime, datetime]


class NotRead(Exception):
    """It cannot be read; ``trouble`` says why."""

    def __init__(self, trouble: Literal["not_a_calendar", "too_complicated"]) -> None:
        """Say why."""
        super().__init__(trouble)
        self.trouble = trouble


def read_busy(content: bytes, zone: str, since: datetime, until: datetime, *, seconds: float = SECONDS) -> list[Busy]:
    """When it is taken between two instants (UTC): in order, none touching the next. ``zone``: for times without one.

    Raises ``NotRead``.
    """
    command = [sys.executable, "-I", "-W", "ignore", "-m", __name__, zone, since.isoformat(), until.isoformat()]
    try:
        ran = subprocess.run(command, input=content, capture_output=True, timeout=seconds, check=False, env={})  # noqa: S603
    except subprocess.TimeoutExpired:
        raise NotRead("too_complicated") from None
    if ran.returncode < 0 or ran.returncode == _TOO_MUCH:
        raise NotRead("too_complicated")
    if ran.returncode:
        raise NotRead("not_a_calendar")
    return [(datetime.fromisoformat(begins), datetime.fromisoformat(ends)) for begins, ends in json.loads(ran.stdout)]


def busy_in(content: bytes, zone: ZoneInfo, since: datetime, until: datetime) -> list[Busy]:
    """The same, in this process. Raises ``ValueError`` for what is no calendar, ``OverflowError`` for too many."""
    from icalendar import Calendar  # noqa: PLC0415  (of the process that reads, not of those that ask it to)
    from recurring_ical_events import of  # noqa: PLC0415

    calendar = Calendar.from_ical(content)
    if calendar.name != "VCALENDAR":
        msg = "no calendar"
        raise ValueError(msg)
    busy = []
    for event in of(calendar, skip_bad_series=True).between(since, until):
        begins, ends = (_instant(value, zone) for value in (event.start, event.end))
        if _takes(event) and begins < until and ends > max(begins, since):
            busy.append((max(begins, since), min(ends, until)))
            if len(busy) > MOST_TIMES:
                raise OverflowError
    return list(_merged(sorted(busy)))


def _takes(event: Any) -> bool:  # noqa: ANN401  (icalendar's event)
    is_off = (
        str(event.get("STATUS", "")).upper() == "CANCELLED" or str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    )
    return not is_off and not str(event.get("UID", "")).endswith(OURS)


def _instant(value: date, zone: ZoneInfo) -> datetime:
    """A time without a zone is on the wall of the place; a day begins at midnight there."""
    local = value if isinstance(value, datetime) else datetime.combine(value, time())
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    return next(iter(instants_of(local, zone)), None) or after_the_gap(local, zone)


def _merged(busy: list[Busy]) -> Iterator[Busy]:
    """Without what overlaps or touches."""
    reached: Busy | None = None
    for begins, ends in busy:
        if reached is not None and begins <= reached[1]:
            reached = (reached[0], max(ends, reached[1]))
            continue
        if reached is not None:
            yield reached
        reached = (begins, ends)
    if reached is not None:
        yield reached


def _main() -> None:
    with suppress(ImportError):  # Windows has no such limits
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    zone, since, until = sys.argv[1:]
    try:
        busy = busy_in(
            sys.stdin.buffer.read(), ZoneInfo(zone), datetime.fromisoformat(since), datetime.fromisoformat(until)
        )
    except (OverflowError, MemoryError, RecursionError):
        sys.exit(_TOO_MUCH)
    json.dump([(begins.isoformat(), ends.isoformat()) for begins, ends in busy], sys.stdout)


if __name__ == "__main__":
    _main()
