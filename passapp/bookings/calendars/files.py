"""Calendars as files: RFC 5545, and for invitations RFC 5546 (booking.md 14 to 18).

Everything is written from the entries alone, never from the clock: the same entries are the same bytes.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from icalendar import Calendar, Event, vCalAddress, vDatetime, vDuration, vText

from passapp.bookings.calendars.zones import vtimezone
from passapp.kernel.clock import zone_named
from passapp.kernel.wall_time import instants_of

MEDIA_TYPE: Final = "text/calendar"
FORMAT: Final = 1
"""Count it on when the same entries are written otherwise: who asks for a calendar has to see it."""
_POLLED_EVERY: Final = timedelta(minutes=15)

Method = Literal["REQUEST", "CANCEL"]
Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


@dataclass(frozen=True)
class Recurs:
    """How an event repeats: its RRULE, and what that has beyond the dates (EXDATE, on the wall)."""

    rule: Mapping[str, object]
    without: tuple[datetime, ...]


@dataclass(frozen=True)
class Entry:
    """One event. ``changed_at``: when it was last changed; ``sequence`` grows with each change of what it says.

    In invitations only: ``recurs``, and of what repeats, when (on the wall) the date is that this one stands for.
    """

    uid: str
    sequence: int
    made_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    status: Status
    summary: str
    location: str | None = None
    position: tuple[float, float] | None = None
    description: str | None = None
    url: str | None = None
    recurs: Recurs | None = field(default=None, repr=False)
    stands_for: datetime | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Guest:
    """Who is invited, and by whom; addresses without ``mailto:``."""

    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str


def feed(name: str, entries: Collection[Entry]) -> bytes:
    """What somebody's calendar program asks for every quarter of an hour."""
    calendar = _calendar()
    # They are text: unless they are told so, the library does not escape properties that RFC 5545 does not name.
    calendar.add("NAME", vText(_line(name)))
    calendar.add("X-WR-CALNAME", vText(_line(name)))
    calendar.add("REFRESH-INTERVAL", vDuration(_POLLED_EVERY), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(_POLLED_EVERY))
    return _with_entries(calendar, sorted(entries, key=lambda entry: (entry.starts_at, entry.uid)))


def one_event(entry: Entry) -> bytes:
    """A single event, to open or to keep."""
    return _with_entries(_calendar(), [entry])


def invitation(entries: Sequence[Entry], method: Method, guest: Guest) -> bytes:
    """What goes with the mail that invites to it, or takes it back (iTIP, RFC 5546). All entries have one UID."""
    calendar = _calendar()
    calendar.add("METHOD", method)
    return _with_entries(calendar, entries, guest)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Passapp//Passapp//FR")
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _with_entries(calendar: Calendar, entries: Sequence[Entry], guest: Guest | None = None) -> bytes:
    events = [_event(entry, guest) for entry in entries]
    for zone in sorted({entry.zone for entry in entries} - {"UTC"}):
        calendar.add_component(vtimezone(zone))
    for event in events:
        calendar.add_component(event)
    file: bytes = calendar.to_ical()
    return file


def _event(entry: Entry, guest: Guest | None) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("CREATED", _to_the_second(entry.made_at))
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        event.add(name, _to_the_second(entry.changed_at))
    event.add("DTSTART", _time(entry.starts_at, entry.zone))
    event.add("DTEND", _time(entry.ends_at, entry.zone))
    _repeats(event, entry)
    event.add("STATUS", entry.status)
    event.add("TRANSP", "TRANSPARENT" if entry.status == "CANCELLED" else "OPAQUE")
    event.add("SUMMARY", _line(entry.summary))
    if entry.location:
        event.add("LOCATION", _line(entry.location))
    if entry.position:
        event.add("GEO", entry.position)
    if entry.description:
        event.add("DESCRIPTION", _lines(entry.description))
    if entry.url:
        event.add("URL", entry.url)
    if guest is not None:
        event.add("ORGANIZER", _address(guest.organizer, CN=_line(guest.organizer_name)))
        answered = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
        event.add("ATTENDEE", _address(guest.attendee, CN=_line(guest.attendee_name), **answered))
    return event


def _repeats(event: Event, entry: Entry) -> None:
    if entry.recurs is not None:
        event.add("RRULE", dict(entry.recurs.rule))
        for wall in entry.recurs.without:
            event.add("EXDATE", _on_wall(wall, entry.zone))
    if entry.stands_for is not None:
        event.add("RECURRENCE-ID", _on_wall(entry.stands_for, entry.zone))


def _time(at: datetime, zone: str) -> vDatetime:
    """On the wall of the place; in UTC where its clocks show that time twice, which no wall time could tell apart."""
    its = zone_named(zone)
    local = at.astimezone(its)
    twice = len(instants_of(local.replace(tzinfo=None), its)) > 1
    return vDatetime(at.astimezone(UTC) if twice or zone == "UTC" else local)


def _on_wall(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=UTC if zone == "UTC" else zone_named(zone))


def _address(mail: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{mail}")
    for name, value in parameters.items():
        # Quotes cannot be written in a parameter (RFC 5545 §3.1).
        address.params[name] = vText(value.replace('"', "'"))
    return address


def _to_the_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _lines(text: str) -> str:
    return "\n".join(_line(line) for line in text.splitlines())


def _line(text: str) -> str:
    """On one line, without control characters, and without halves of characters, which no file can hold."""
    on_one = " ".join(text.split())
    return "".join(c for c in on_one if unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"})
