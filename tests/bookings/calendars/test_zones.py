"""VTIMEZONE, as readers that are not ours understand it, beside what ``zoneinfo`` says."""

import io
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import available_timezones

import hypothesis.strategies as st
import pytest
from dateutil import tz
from hypothesis import assume, given
from icalendar import Calendar

from passapp.bookings.calendars.zones import FIRST, changes_of, vtimezone
from passapp.kernel.clock import zone_named
from passapp.kernel.wall_time import instants_of
from tests.kernel.test_wall_time import FRANCE, OTHERS

# ruff: noqa: DTZ001  (what a wall shows has no zone)

NEIGHBOURS = [
    *(f"Europe/{city}" for city in ("Brussels", "Luxembourg", "Berlin", "Zurich", "Rome", "Monaco", "Madrid")),
    *(f"Europe/{city}" for city in ("Andorra", "London", "Jersey", "Dublin", "Lisbon")),
    *(f"America/{city}" for city in ("Paramaribo", "Sao_Paulo", "Lower_Princes")),
]
ZONES = sorted({*FRANCE, *OTHERS, *NEIGHBOURS})
LISTED = ("Africa/Casablanca", "Africa/Cairo")
"""Whose rule no RRULE can say: their changes are listed one by one."""


@lru_cache
def read(zone):
    """The zone that dateutil makes of ours."""
    return tz.tzical(io.StringIO(text_of(zone))).get()


def text_of(zone):
    calendar = Calendar()
    calendar.add_component(vtimezone(zone))
    return calendar.to_ical().decode()


@pytest.mark.parametrize("zone", ZONES)
def test_every_five_days_until_2050_it_has_the_zones_own_offset(zone):
    theirs, local = zone_named(zone), datetime(2000, 1, 1, 12)
    while local < datetime(2050, 1, 1):
        assert local.replace(tzinfo=read(zone)).utcoffset() == local.replace(tzinfo=theirs).utcoffset(), local
        local += timedelta(days=5)


@given(
    zone=st.sampled_from(ZONES),
    local=st.datetimes(datetime(2000, 1, 1), datetime(2049, 12, 31)).map(lambda at: at.replace(microsecond=0)),
)
def test_any_wall_time_that_exists_once_is_the_same_instant(zone, local):
    theirs = zone_named(zone)
    assume(len(instants_of(local, theirs)) == 1)
    assert local.replace(tzinfo=read(zone)).astimezone(UTC) == local.replace(tzinfo=theirs).astimezone(UTC)


def test_each_change_that_is_named_is_one_of_the_zones_own_in_every_zone_of_the_world():
    for zone in sorted(available_timezones() - {"localtime", "Factory"}):
        theirs = zone_named(zone)
        for change in changes_of(zone):
            if change.at > FIRST:
                assert change.at.astimezone(theirs).utcoffset() == change.offset, (zone, change)
                assert (change.at - timedelta(seconds=1)).astimezone(theirs).utcoffset() == change.before, (
                    zone,
                    change,
                )
        in_force = max((c for c in changes_of(zone) if c.at <= FIRST), key=lambda c: c.at)
        assert in_force.rule or FIRST.astimezone(theirs).utcoffset() == in_force.offset, zone


@pytest.mark.parametrize("zone", [*ZONES, *LISTED])
def test_no_list_of_dates_and_no_seconds_are_written(zone):
    text = text_of(zone)
    assert "RDATE" not in text
    assert re.findall(r"TZOFFSET\w+:[+-]\d{4}\d", text) == []


def test_a_zone_that_changes_its_clocks_by_a_rule_says_so_in_two_parts():
    assert re.findall("RRULE:(.*)\r", text_of("Europe/Paris")) == [
        "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    ]


def test_a_change_on_the_evening_before_a_sunday_is_a_rule_too():
    assert "RRULE:FREQ=YEARLY;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30;BYMONTH=3" in text_of("America/Nuuk")


@pytest.mark.parametrize("zone", LISTED)
def test_where_no_rule_can_be_said_the_changes_are_listed(zone):
    theirs = zone_named(zone)
    at = datetime(2001, 1, 1, tzinfo=UTC)
    while at.year < 2050:
        [*_, last] = [change for change in changes_of(zone) if change.at <= at]
        assert last.offset == at.astimezone(theirs).utcoffset()
        at += timedelta(days=7)


def test_a_zone_that_no_longer_changes_its_clocks_has_one_part():
    assert text_of("Indian/Reunion").count("BEGIN:STANDARD") == 1
    assert "RRULE" not in text_of("Indian/Reunion")
