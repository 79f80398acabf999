"""Opening hours as a place would write them on its door (booking.md 5)."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.places.rules import (
    Opening,
    days_between,
    format_clock,
    hours_of_day,
    is_open,
    joined,
    parse_clock,
    takes_part,
)

WEDNESDAY = date(2026, 11, 18)
NINE_TO_SIX = Opening(540, 1080)
openings = st.builds(lambda opens, lasts: Opening(opens, opens + lasts), st.integers(0, 1439), st.integers(1, 1440))


def minutes(found):
    return {minute for opening in found for minute in range(opening.opens, opening.closes)}


@given(st.lists(openings, max_size=8))
def test_joined_hours_are_the_same_hours_apart_from_one_another(found):
    whole = joined(found)
    assert minutes(whole) == minutes(found)
    assert all(a.closes < b.opens for a, b in pairwise(whole))


@given(st.lists(openings, max_size=6), st.randoms())
def test_the_order_in_which_hours_are_written_does_not_matter(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert joined(shuffled) == joined(found)


def test_contiguous_rows_count_as_one():
    assert joined([Opening(720, 1080), Opening(540, 720)]) == (NINE_TO_SIX,)


def test_a_lunch_break_stays():
    assert joined([Opening(540, 720), Opening(780, 1080)]) == (Opening(540, 720), Opening(780, 1080))


@given(st.integers(0, 2880))
def test_a_time_is_read_as_it_is_written(minute):
    assert parse_clock(format_clock(minute)) == minute


@pytest.mark.parametrize(
    "text", ["9:00", "24:60", "48:01", "50:00", "", "09h00", "\u0660\u0669:\u0660\u0660", " 09:00", "09:00\n", "-1:00"]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="write a time as 09:00"):
        parse_clock(text)


@pytest.mark.parametrize(
    "clock, expected",
    [("17:59", False), ("18:00", True), ("23:59", True), ("00:00", False)],
)
def test_a_row_past_midnight_opens_in_the_evening_of_its_own_day(clock, expected):
    night = hours_of_day(WEDNESDAY, {2: [Opening(1080, 1560)]}, {}, None)
    before = hours_of_day(WEDNESDAY - timedelta(days=1), {2: [Opening(1080, 1560)]}, {}, None)
    assert is_open(datetime.fromisoformat(f"2026-11-18T{clock}"), night, before) is expected


@pytest.mark.parametrize("clock, expected", [("00:00", True), ("01:59", True), ("02:00", False), ("18:00", False)])
def test_a_row_past_midnight_is_open_until_the_morning_of_the_next_day(clock, expected):
    weekly = {2: [Opening(1080, 1560)]}
    thursday, wednesday = (hours_of_day(day, weekly, {}, None) for day in (WEDNESDAY + timedelta(days=1), WEDNESDAY))
    assert is_open(datetime.fromisoformat(f"2026-11-19T{clock}"), thursday, wednesday) is expected


def test_an_exception_prevails_over_the_week_and_over_a_holiday():
    weekly, special = {2: [NINE_TO_SIX]}, {WEDNESDAY: ([Opening(600, 660)], None)}
    assert hours_of_day(WEDNESDAY, weekly, special, "Fête").openings == (Opening(600, 660),)
    assert hours_of_day(WEDNESDAY, weekly, {WEDNESDAY: ([], "Inventaire")}, None).openings == ()


def test_a_holiday_prevails_over_the_week():
    day = hours_of_day(WEDNESDAY, {2: [NINE_TO_SIX]}, {}, "Fête")
    assert (day.openings, day.reason) == ((), "Fête")


def test_an_ordinary_day_needs_no_reason():
    assert hours_of_day(WEDNESDAY, {2: [NINE_TO_SIX]}, {}, None).reason is None


def test_both_ends_of_a_range_of_days_are_in_it():
    assert days_between(WEDNESDAY, WEDNESDAY) == [WEDNESDAY]
    assert len(days_between(date(2026, 2, 27), date(2026, 3, 2))) == 4


def test_a_place_takes_part_from_the_day_it_joins_until_before_the_day_it_leaves():
    first, last = date(2026, 1, 1), date(2026, 7, 1)
    days = {
        day: takes_part(first, last, date.fromisoformat(day))
        for day in ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
    }
    assert list(days.values()) == [False, True, True, False]
    assert takes_part(first, None, date(2099, 1, 1))
