"""Calendars as programs that are not ours understand them: each gives the same plain facts of every event."""

import ctypes
import ctypes.util
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import recurring_ical_events
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

SECONDS = 60
LIBICAL = ctypes.util.find_library("ical")


class Read(NamedTuple):
    """What a reader makes of an event."""

    uid: str
    start: datetime
    end: datetime
    status: str
    summary: str
    sequence: int


def by_ical_js(file: bytes) -> list[Read]:
    """ical.js (npm): Thunderbird, Nextcloud."""
    return [
        Read(
            event["uid"],
            datetime.fromisoformat(event["start"]),
            datetime.fromisoformat(event["end"]),
            event["status"],
            event["summary"],
            event["sequence"],
        )
        for event in ical_js(file)["events"]
    ]


def ical_js(file: bytes) -> dict[str, object]:
    """Everything that ``ical_js.mjs`` says of it."""
    return _by_node("ical_js.mjs", file)


def by_ical(file: bytes) -> list[Read]:
    """The package ``ical`` (PyPI): Home Assistant."""
    calendar = IcsCalendarStream.calendar_from_ics(file.decode())
    return [
        Read(
            event.uid,
            event.dtstart.astimezone(UTC),
            event.end.astimezone(UTC),
            event.status.value,
            event.summary,
            event.sequence,
        )
        for event in calendar.events
    ]


def by_vobject(file: bytes) -> list[Read]:
    """The package ``vobject`` (PyPI): Radicale, khal."""
    calendar = vobject.readOne(file.decode())
    return [
        Read(
            event.uid.value,
            event.dtstart.value.astimezone(UTC),
            event.dtend.value.astimezone(UTC),
            event.status.value,
            event.summary.value,
            int(event.sequence.value),
        )
        for event in calendar.contents.get("vevent", [])
    ]


class Date(NamedTuple):
    """What a reader makes of one date of what repeats."""

    start: datetime
    end: datetime
    summary: str
    status: str


def dates_by_ical_js(file: bytes) -> list[Date]:
    """The dates of a series, as Thunderbird and Nextcloud show them."""
    return [
        Date(datetime.fromisoformat(start), datetime.fromisoformat(end), summary, status)
        for start, end, summary, status in _by_node("ical_js_dates.mjs", file)
    ]


def dates_by_recurring_ical_events(file: bytes) -> list[Date]:
    """The same, by the package that Radicale's and Home Assistant's tools share."""
    return [
        Date(*(event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND")), event["SUMMARY"], event["STATUS"])
        for event in recurring_ical_events.of(Calendar.from_ical(file)).all()
    ]


DATES = {"ical.js": dates_by_ical_js, "recurring_ical_events": dates_by_recurring_ical_events}


def _by_node(name: str, file: bytes) -> Any:
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node = shutil.which("node", path=places)
    assert node is not None, "there is no node: make test sets it up"
    script = Path(__file__).with_name(name)
    ran = subprocess.run([node, str(script)], input=file, capture_output=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


READERS = {"ical.js": by_ical_js, "ical": by_ical, "vobject": by_vobject}


def faults_by_libical(file: bytes) -> list[str]:
    """What libical (KDE, Evolution, Cyrus) finds wrong: by its check of RFC 5545 and 5546, and in what it repeats."""
    library = ctypes.CDLL(LIBICAL)
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalrestriction_check.argtypes = [ctypes.c_void_p]
    library.icalcomponent_as_ical_string.argtypes = [ctypes.c_void_p]
    library.icalcomponent_as_ical_string.restype = ctypes.c_char_p
    library.icalcomponent_count_errors.argtypes = [ctypes.c_void_p]
    library.icalcomponent_free.argtypes = [ctypes.c_void_p]
    read = library.icalparser_parse_string(file)
    if not read:
        return ["not a calendar"]
    is_valid = library.icalrestriction_check(read)
    errors = library.icalcomponent_count_errors(read)
    text = library.icalcomponent_as_ical_string(read).decode()
    library.icalcomponent_free(read)
    faults = [line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith("X-LIC-ERROR")]
    return faults or ([] if is_valid and not errors else [f"not valid, {errors} errors"])
