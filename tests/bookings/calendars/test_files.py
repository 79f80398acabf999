"""Calendar files: how they are written, and what programs that are not ours make of them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from passapp.bookings.calendars.files import Entry, Guest, feed, invitation, one_event
from passapp.kernel.clock import zone_named
from tests.bookings.calendars.readers.reading import READERS, Read, by_ical, by_vobject, faults_by_libical, ical_js
from tests.kernel.test_wall_time import FRANCE, OTHERS

AT = datetime(2026, 11, 18, 10, 0, 0, 123, tzinfo=UTC)
ENTRY = Entry(
    uid="0199@passapp",
    sequence=1,
    made_at=AT,
    changed_at=AT + timedelta(hours=1),
    starts_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    ends_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    zone="Europe/Paris",
    status="CONFIRMED",
    summary="Réunion, budget ; suite",
    location="Salle Bleue, Le Moulin",
    position=(49.18, -0.37),
    description="Code : 12\nSonnez",
    url="https://pass.example.org/bookings/1",
)
GUEST = Guest("pass@example.org", 'Le "Moulin"', "lea@example.org", "Léa Bertin")
# A whole hour, in each zone: within the hour before its clocks are set, within the doubled one, after it.
CLOCK_CHANGES = [datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(12)]


def lines(file):
    return file.decode().replace("\r\n ", "").split("\r\n")


def as_read(entry):
    return Read(entry.uid, entry.starts_at, entry.ends_at, entry.status, entry.summary, entry.sequence)


def unfolded(file, name):
    return [line.partition(":")[2] for line in lines(file) if re.match(rf"{name}[;:]", line)]


def test_the_same_entries_are_the_same_bytes_whatever_their_order():
    other = replace(ENTRY, uid="0200@passapp", zone="Indian/Reunion")
    assert feed("Salle", [ENTRY, other]) == feed("Salle", [other, ENTRY])


def test_a_feed_says_its_name_and_how_often_to_ask_and_neither_a_method_nor_a_zone_of_its_own():
    file = feed("Salle Bleue", [ENTRY])
    assert unfolded(file, "X-WR-CALNAME") == unfolded(file, "NAME") == ["Salle Bleue"]
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M" in lines(file)
    assert "X-PUBLISHED-TTL:PT15M" in lines(file)
    assert not unfolded(file, "METHOD")
    assert b"X-WR-TIMEZONE" not in file


def test_the_times_of_its_change_are_the_bookings_own_and_never_now():
    file = feed("Salle", [ENTRY])
    assert unfolded(file, "DTSTAMP") == unfolded(file, "LAST-MODIFIED") == ["20261118T110000Z"]
    assert unfolded(file, "CREATED") == ["20261118T100000Z"]


def test_times_are_on_the_wall_of_the_place_with_one_vtimezone_for_each_zone():
    there = replace(ENTRY, uid="2", zone="Indian/Reunion")
    file = feed("Salle", [ENTRY, replace(ENTRY, uid="3"), there])
    assert "DTSTART;TZID=Europe/Paris:20261123T090000" in lines(file)
    assert "DTSTART;TZID=Indian/Reunion:20261123T120000" in lines(file)
    assert unfolded(file, "TZID") == ["Europe/Paris", "Indian/Reunion"]


def test_a_time_in_a_doubled_hour_is_in_utc_and_the_other_one_on_the_wall():
    file = feed("Nuit", [replace(ENTRY, starts_at=CLOCK_CHANGES[5], ends_at=CLOCK_CHANGES[10])])
    assert "DTSTART:20261025T003000Z" in lines(file)
    assert "DTEND;TZID=Europe/Paris:20261025T040000" in lines(file)


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_typed_lines_are_short_whole_and_end_as_they_must(title, where):
    file = feed(title, [replace(ENTRY, summary=title, location=where, description=where)])
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert b"\r" not in file.replace(b"\r\n", b"")
    for line in file.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", file.decode().replace("\r\n", ""))


@pytest.mark.parametrize("title", ["a\x00b\x07\x1bc", "x\r\nEND:VEVENT\r\nBEGIN:VEVENT", "a\u2028b", "\ud83da"])
def test_control_characters_and_halves_of_characters_are_left_out_and_nothing_is_smuggled_in(title):
    file = feed("Salle", [replace(ENTRY, summary=title)])
    assert lines(file).count("BEGIN:VEVENT") == 1
    [read] = by_ical(file)
    assert not re.search(r"[\x00-\x1f\u2028\ud83d]", read.summary)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("zone", [*FRANCE, *OTHERS])
def test_each_reader_sees_the_same_instants_in_each_zone_also_where_clocks_change(reader, zone):
    from_here = [at + timedelta(days=days) for days in (0, 155, 260) for at in CLOCK_CHANGES]
    its = zone_named(zone)
    # Those of the zone itself too: the quarter of an hour in which its offset changes in 2026 and 2027.
    quarters = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=15 * n) for n in range(370 * 96)]
    changes = [
        at
        for at in quarters
        if at.astimezone(its).utcoffset() != (at - timedelta(minutes=15)).astimezone(its).utcoffset()
    ]
    from_here += [at + timedelta(minutes=30 * n) for at in changes for n in range(-4, 5)]
    entries = [
        replace(ENTRY, uid=f"{n:03}", zone=zone, starts_at=at, ends_at=at + timedelta(minutes=45))
        for n, at in enumerate(sorted(from_here))
    ]
    assert READERS[reader](feed("Salle", entries)) == [as_read(entry) for entry in entries]


@pytest.mark.parametrize("status", ["CONFIRMED", "TENTATIVE", "CANCELLED"])
@pytest.mark.parametrize("reader", READERS)
def test_each_reader_sees_how_it_stands(reader, status):
    [read] = READERS[reader](feed("Salle", [replace(ENTRY, status=status, sequence=7)]))
    assert (read.status, read.sequence, read.summary) == (status, 7, ENTRY.summary)


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_sees_that_there_is_nothing(reader):
    assert READERS[reader](feed("Salle", [])) == []


def test_the_engine_of_thunderbird_shows_the_wall_time_of_the_place():
    said = ical_js(feed("Salle", [replace(ENTRY, zone="Indian/Reunion")]))
    assert said["name"] == "Salle"
    assert said["ttl"] == "PT15M"
    assert said["events"][0]["local_start"] == "2026-11-23T12:00:00"


@pytest.mark.libical
@pytest.mark.parametrize("zone", [*FRANCE, *OTHERS, "UTC"])
def test_libical_finds_nothing_wrong_in_a_feed(zone):
    entries = [
        replace(ENTRY, uid=str(n), zone=zone, starts_at=at, ends_at=at + timedelta(hours=1))
        for n, at in enumerate(CLOCK_CHANGES)
    ]
    assert faults_by_libical(feed("Salle", entries)) == []


@pytest.mark.libical
@pytest.mark.parametrize(
    "method, status", [("REQUEST", "CONFIRMED"), ("REQUEST", "TENTATIVE"), ("CANCEL", "CANCELLED")]
)
def test_libical_finds_nothing_wrong_in_an_invitation(method, status):
    file = invitation([replace(ENTRY, status=status)], method, GUEST)
    assert faults_by_libical(file) == []
    # And it would: without who invites, there is no invitation.
    assert faults_by_libical(file.replace(b"ORGANIZER", b"X-NOBODY"))


def test_the_name_of_a_calendar_is_escaped_as_text():
    file = feed("Salle\\Bleue; au Moulin, Paris", [])
    for name in ("NAME", "X-WR-CALNAME"):
        assert unfolded(file, name) == [r"Salle\\Bleue\; au Moulin\, Paris"]


@pytest.mark.libical
@settings(max_examples=50)
@given(st.text(max_size=200))
@example("\\¡")
def test_libical_finds_nothing_wrong_whatever_is_typed(title):
    assert faults_by_libical(feed(f"x{title}", [replace(ENTRY, summary=f"x{title}", description=f"x{title}")])) == []


def test_an_invitation_says_who_invites_whom_and_awaits_no_answer():
    file = invitation([ENTRY], "REQUEST", GUEST)
    assert unfolded(file, "METHOD") == ["REQUEST"]
    assert "ORGANIZER;CN=\"Le 'Moulin'\":mailto:pass@example.org" in lines(file)
    [attendee] = [line for line in lines(file) if line.startswith("ATTENDEE")]
    assert attendee.endswith(":mailto:lea@example.org")
    assert "RSVP=FALSE" in attendee
    assert by_vobject(file) == [as_read(ENTRY)]


def test_an_event_alone_is_a_calendar_of_one():
    assert by_ical(one_event(ENTRY)) == [as_read(ENTRY)]
