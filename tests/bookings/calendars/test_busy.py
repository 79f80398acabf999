"""What is read of somebody else's calendar: when it is taken, in which zone, and never for long."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passapp.bookings.calendars import busy
from passapp.bookings.calendars.busy import NotRead, busy_in, read_busy
from tests.bookings.calendars.calendar_server import calendar, event

SINCE, UNTIL = datetime(2026, 11, 18, 10, tzinfo=UTC), datetime(2028, 11, 18, tzinfo=UTC)
OTHERS_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Heure de l'île\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:+0430\r\nTZOFFSETTO:+0430\r\nEND:STANDARD\r\nEND:VTIMEZONE"
)


def taken(*events, zone="Europe/Paris", zones=""):
    """From when until when, in UTC, without its offset."""
    found = read_busy(calendar(*events, zones=zones), zone, SINCE, UNTIL)
    return [(f"{begins:%Y-%m-%dT%H:%M}", f"{ends:%Y-%m-%dT%H:%M}") for begins, ends in found]


def at(hour, **said):
    """An event of an hour, on a Monday."""
    return event(uid=f"{hour}-{len(said)}", DTSTART=f"20261123T{hour:02}0000Z", DURATION="PT1H", **said)


def trouble(content, **options):
    with pytest.raises(NotRead) as caught:
        read_busy(content, "Europe/Paris", SINCE, UNTIL, **options)
    return caught.value.trouble


@pytest.mark.parametrize(
    "said, expected",
    [
        ({"DTSTART": "20261123T090000Z", "DTEND": "20261123T100000Z"}, ("2026-11-23T09:00", "2026-11-23T10:00")),
        ({"DTSTART": "20261123T090000", "DTEND": "20261123T100000"}, ("2026-11-23T05:00", "2026-11-23T06:00")),
        (
            {"DTSTART;TZID=Europe/Paris": "20261123T090000", "DTEND;TZID=Europe/Paris": "20261123T100000"},
            ("2026-11-23T08:00", "2026-11-23T09:00"),
        ),
        (
            {"DTSTART;TZID=Romance Standard Time": "20261123T090000", "DURATION": "PT1H"},
            ("2026-11-23T08:00", "2026-11-23T09:00"),
        ),
        (
            {"DTSTART;TZID=Heure de l'île": "20261123T090000", "DURATION": "PT1H"},
            ("2026-11-23T04:30", "2026-11-23T05:30"),
        ),
        ({"DTSTART;VALUE=DATE": "20261123"}, ("2026-11-22T20:00", "2026-11-23T20:00")),
        ({"DTSTART;VALUE=DATE": "20261123", "DTEND;VALUE=DATE": "20261125"}, ("2026-11-22T20:00", "2026-11-24T20:00")),
    ],
    ids=["utc", "without a zone", "a zone", "Outlook's name of it", "a zone of its own", "a day", "two days"],
)
def test_times_are_those_of_their_zone_and_without_one_of_the_places(said, expected):
    assert taken(event(**said), zone="Indian/Reunion", zones=OTHERS_ZONE) == [expected]


def test_what_repeats_is_taken_each_time_but_for_what_was_left_out_or_moved():
    weekly = {"DTSTART;TZID=Europe/Paris": "20270315T090000", "DURATION": "PT1H", "RRULE": "FREQ=WEEKLY;COUNT=4"}
    left_out = {"EXDATE;TZID=Europe/Paris": "20270322T090000"}
    moved = {
        "RECURRENCE-ID;TZID=Europe/Paris": "20270329T090000",
        "DTSTART;TZID=Europe/Paris": "20270329T140000",
        "DURATION": "PT1H",
    }
    # 9:00 in Paris is 8:00 in UTC until 28 March, and 7:00 after it.
    assert taken(event(**weekly, **left_out), event(**moved)) == [
        ("2027-03-15T08:00", "2027-03-15T09:00"),
        ("2027-03-29T12:00", "2027-03-29T13:00"),
        ("2027-04-05T07:00", "2027-04-05T08:00"),
    ]


def test_what_repeats_for_ever_is_read_as_far_as_people_may_book():
    daily = event(DTSTART="20200101T090000Z", DURATION="PT1H", RRULE="FREQ=DAILY")
    found = taken(daily)
    assert found[0] == ("2026-11-19T09:00", "2026-11-19T10:00")
    assert len(found) == 730


def test_what_overlaps_or_touches_is_one():
    long = event(uid="long", DTSTART="20261123T083000Z", DTEND="20261123T093000Z")
    assert taken(at(9), long, at(10), at(12)) == [
        ("2026-11-23T08:30", "2026-11-23T11:00"),
        ("2026-11-23T12:00", "2026-11-23T13:00"),
    ]


def test_what_is_cancelled_or_takes_no_time_is_not_taken():
    assert taken(at(9, STATUS="CANCELLED"), at(11, TRANSP="TRANSPARENT")) == []


def test_what_we_published_ourselves_is_not_taken_twice():
    assert taken(event(uid="0199@passapp", DTSTART="20261123T090000Z", DURATION="PT1H")) == []


def test_what_is_over_is_not_read_and_what_goes_on_is_cut():
    over = event(uid="1", DTSTART="20200101T090000Z", DURATION="PT1H")
    goes_on = event(uid="2", DTSTART="20261101T000000Z", DTEND="20261119T000000Z")
    assert taken(over, goes_on) == [("2026-11-18T10:00", "2026-11-19T00:00")]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Bonjour</html>", b"\x00\xff\xfe", b"BEGIN:VCARD\r\nEND:VCARD\r\n", b"BEGIN:VCALENDAR\r\n" * 1000],
)
def test_what_is_no_calendar_is_told(content):
    assert trouble(content) == "not_a_calendar"


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24)))],
)
def test_a_rule_without_end_ends_after_a_while(rule):
    began = time.monotonic()
    bomb = calendar(event(DTSTART="20000101T000000Z", DURATION="PT1S", RRULE=rule))
    assert trouble(bomb, seconds=3) == "too_complicated"
    assert time.monotonic() - began < 30


def test_many_rules_that_are_slow_together_end_too():
    never = [
        event(uid=str(n), DTSTART="20000101T000000Z", DURATION="PT1H", RRULE="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
        for n in range(100)
    ]
    assert trouble(calendar(*never), seconds=3) == "too_complicated"


def test_more_times_than_anybody_has_are_too_many(monkeypatch):
    monkeypatch.setattr(busy, "MOST_TIMES", 3)
    with pytest.raises(OverflowError):
        busy_in(calendar(*(at(hour) for hour in (1, 3, 5, 7))), ZoneInfo("UTC"), SINCE, UNTIL)


def test_an_event_that_is_wrong_keeps_none_of_the_others_from_being_read():
    wrong = event(uid="wrong", DTSTART="20261123T090000Z", DURATION="PT1H", RRULE="FREQ=NEVER")
    assert taken(wrong, at(12)) == [("2026-11-23T12:00", "2026-11-23T13:00")]


def test_whoever_reads_it_has_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("PASSAPP_SMTP_URL", "smtp://secret")
    seen = {}
    real = busy.subprocess.run
    monkeypatch.setattr(busy.subprocess, "run", lambda *args, **options: seen.update(options) or real(*args, **options))
    assert taken(at(9))
    assert seen["env"] == {}


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 600)), max_size=12))
def test_what_is_read_is_in_order_apart_and_covers_what_was_said(spans):
    times = [(SINCE + timedelta(minutes=begins), timedelta(minutes=lasts)) for begins, lasts in spans]
    events = [
        event(uid=str(n), DTSTART=f"{begins:%Y%m%dT%H%M%SZ}", DTEND=f"{begins + lasts:%Y%m%dT%H%M%SZ}")
        for n, (begins, lasts) in enumerate(times)
    ]
    found = busy_in(calendar(*events), ZoneInfo("UTC"), SINCE, UNTIL)
    assert all(begins < ends for begins, ends in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    minutes = {SINCE + timedelta(minutes=n) for begins, lasts in spans for n in range(begins, begins + lasts)}
    assert sum((ends - begins) // timedelta(minutes=1) for begins, ends in found) == len(minutes)
