"""When a booking is: what people say, what clocks show, and what a series becomes where clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from passapp.bookings.rules import (
    MOST_OCCURRENCES,
    Every,
    Nonexistent,
    Repeat,
    Repeated,
    expand,
    occurrence_at,
    read_time,
    span_between,
)
from passapp.kernel.clock import zone_named
from passapp.kernel.wall_time import instants_of
from tests.kernel.test_wall_time import FRANCE, OTHERS

# ruff: noqa: DTZ001  (what a wall shows has no zone)

PARIS, REUNION = zone_named("Europe/Paris"), zone_named("Indian/Reunion")
zones = st.sampled_from(FRANCE + OTHERS).map(zone_named)
walls = st.datetimes(datetime(2020, 1, 1), datetime(2045, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0))
lengths = st.integers(1, 36 * 60).map(lambda minutes: timedelta(minutes=minutes))
repeats = st.builds(
    Repeat,
    every=st.sampled_from(Every),
    interval=st.integers(1, 4),
    count=st.integers(1, 400) | st.none(),
    weekdays=st.frozensets(st.integers(0, 6)),
    by_weekday=st.booleans(),
)


def test_a_time_with_an_offset_is_that_instant():
    said = datetime.fromisoformat("2026-07-14T09:00:00+04:00")
    assert read_time(said, PARIS) == datetime(2026, 7, 14, 5, tzinfo=UTC)


def test_a_time_without_one_is_on_the_wall_of_the_place():
    assert read_time(datetime(2026, 7, 14, 9), PARIS) == datetime(2026, 7, 14, 7, tzinfo=UTC)
    assert read_time(datetime(2026, 7, 14, 9), REUNION) == datetime(2026, 7, 14, 5, tzinfo=UTC)


def test_a_time_that_the_clocks_leave_out_is_not_guessed_one_as_far_after_the_jump_is_suggested():
    found = read_time(datetime(2027, 3, 28, 2, 30), PARIS)
    assert isinstance(found, Nonexistent)
    assert found.suggestion.isoformat() == "2027-03-28T03:30:00+02:00"


def test_a_time_that_the_clocks_show_twice_is_not_guessed_both_are_named():
    found = read_time(datetime(2026, 10, 25, 2, 30), PARIS)
    assert isinstance(found, Repeated)
    assert [each.isoformat() for each in found.candidates] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]


@given(walls, zones)
@settings(max_examples=300)
def test_what_is_suggested_or_named_is_understood_when_it_is_said(wall, zone):
    found = read_time(wall, zone)
    if isinstance(found, Nonexistent):
        assert read_time(found.suggestion, zone) == found.suggestion.astimezone(UTC)
        assert not isinstance(read_time(found.suggestion.replace(tzinfo=None), zone), Nonexistent)
    elif isinstance(found, Repeated):
        first, second = (read_time(each, zone) for each in found.candidates)
        assert first < second
    else:
        assert found.astimezone(zone).replace(tzinfo=None, fold=0) == wall


@given(walls, lengths, zones)
@settings(max_examples=300)
def test_a_span_lasts_what_the_instants_say_whatever_the_wall_shows(wall, lasts, zone):
    starts_at = wall.replace(tzinfo=UTC)
    span = span_between(starts_at, starts_at + lasts, zone)
    assert span.minutes == lasts // timedelta(minutes=1)
    assert starts_at in instants_of(span.local_start, zone)


def test_spans_that_touch_do_not_overlap():
    nine, ten, noon = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (9, 10, 12))
    assert not span_between(nine, ten, PARIS).overlaps(span_between(ten, noon, PARIS))
    assert span_between(nine, noon, PARIS).overlaps(span_between(ten, noon, PARIS))


def test_a_weekly_series_keeps_its_hour_on_the_wall_across_both_changes_of_the_clocks():
    found = expand(
        datetime(2026, 10, 20, 14), datetime(2026, 10, 20, 16), Repeat(Every.WEEK, until=date(2027, 4, 6)), PARIS
    )
    assert {each.span.local_start.hour for each in found} == {14}
    assert {each.span.starts_at.hour for each in found} == {12, 13}
    assert len(found) == 25


def test_an_occurrence_in_the_gap_begins_after_it_and_is_flagged():
    found = expand(datetime(2027, 3, 27, 2, 30), datetime(2027, 3, 27, 4, 30), Repeat(Every.DAY, count=3), PARIS)
    assert [each.is_adjusted for each in found] == [False, True, False]
    assert found[1].span.local_start == datetime(2027, 3, 28, 3, 30)
    assert found[1].span.minutes == 60


def test_an_occurrence_of_which_the_gap_leaves_nothing_cannot_be_resolved():
    found = occurrence_at(datetime(2027, 3, 28, 2, 15), datetime(2027, 3, 28, 3, 10), PARIS)
    assert (found.span, found.is_adjusted) == (None, False)


def test_an_occurrence_in_the_doubled_hour_is_in_the_first_of_both():
    found = occurrence_at(datetime(2026, 10, 25, 2), datetime(2026, 10, 25, 2, 45), PARIS)
    assert found.span.starts_at == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert found.span.minutes == 45


def test_a_night_that_ends_in_the_doubled_hour_ends_in_the_first_of_both():
    assert occurrence_at(datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 2, 30), PARIS).span.minutes == 270


@pytest.mark.parametrize(
    "repeat,first,days",
    [
        (Repeat(Every.MONTH, count=4), date(2027, 1, 31), ["2027-01-31", "2027-03-31", "2027-05-31", "2027-07-31"]),
        (Repeat(Every.MONTH, count=3, by_weekday=True), date(2027, 1, 12), ["2027-01-12", "2027-02-09", "2027-03-09"]),
        (Repeat(Every.WEEK, 2, count=3), date(2027, 1, 12), ["2027-01-12", "2027-01-26", "2027-02-09"]),
        (
            Repeat(Every.WEEK, count=4, weekdays=frozenset({1, 3})),
            date(2027, 1, 12),
            ["2027-01-12", "2027-01-14", "2027-01-19", "2027-01-21"],
        ),
        (Repeat(Every.DAY, 3, until=date(2027, 1, 19)), date(2027, 1, 12), ["2027-01-12", "2027-01-15", "2027-01-18"]),
    ],
    ids=["the 31st", "the second Tuesday", "every other week", "Tuesdays and Thursdays", "until a date"],
)
def test_a_series_is_on_the_days_that_a_calendar_would_show(repeat, first, days):
    nine = datetime.combine(first, datetime.min.time()).replace(hour=9)
    assert [f"{each.local_start:%Y-%m-%d}" for each in expand(nine, nine + timedelta(hours=1), repeat, PARIS)] == days


@given(walls, lengths, repeats, zones)
@settings(max_examples=150)
def test_a_series_ends_is_in_order_and_each_occurrence_is_on_the_wall_where_it_was_asked_or_flagged(
    wall, lasts, repeat, zone
):
    found = expand(wall, wall + lasts, repeat, zone)
    assert len(found) <= min(MOST_OCCURRENCES, repeat.count or MOST_OCCURRENCES)
    assert all(one.local_start < other.local_start for one, other in pairwise(found))
    assert not found or found[-1].local_start <= wall.replace(year=wall.year + 2, day=min(wall.day, 28)) + timedelta(3)
    for each in found:
        assume(each.span is not None)
        assert each.span.ends_at > each.span.starts_at
        assert each.is_adjusted == (each.span.local_start != each.local_start)
