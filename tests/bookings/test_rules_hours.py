"""Whether a booking lies within opening hours, nights and hours that touch included."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from passapp.bookings.rules import lies_within, occurrence_at, span_between
from passapp.kernel.clock import zone_named
from passapp.places.rules import Day, Opening

PARIS = zone_named("Europe/Paris")
MONDAY = date(2026, 11, 23)
HOURS = (
    Day(MONDAY - timedelta(1), ()),
    Day(MONDAY, (Opening(540, 720), Opening(780, 1080), Opening(1080, 1560))),
    Day(MONDAY + timedelta(1), (Opening(120, 1440),)),
    Day(MONDAY + timedelta(2), (Opening(0, 600),)),
)


def at(day, clock):
    return datetime.combine(MONDAY + timedelta(day), datetime.strptime(clock, "%H:%M").time())  # noqa: DTZ007


def inside(starts, ends):
    return lies_within(occurrence_at(at(*starts), at(*ends), PARIS).span, HOURS)


@pytest.mark.parametrize(
    "starts,ends",
    [
        ((0, "09:00"), (0, "12:00")),
        ((0, "17:00"), (0, "19:00")),
        ((0, "18:00"), (1, "02:00")),
        ((0, "13:00"), (1, "23:00")),
        ((1, "22:00"), (2, "10:00")),
    ],
    ids=["a morning", "two that touch", "past midnight", "three that touch", "across midnight"],
)
def test_open_all_along(starts, ends):
    assert inside(starts, ends)


@pytest.mark.parametrize(
    "starts,ends",
    [
        ((0, "08:45"), (0, "10:00")),
        ((0, "11:00"), (0, "14:00")),
        ((0, "12:00"), (0, "13:00")),
        ((2, "09:00"), (2, "10:15")),
        ((-1, "10:00"), (-1, "11:00")),
    ],
    ids=["before it opens", "over lunch", "at lunch", "after it closed", "a closed day"],
)
def test_closed_at_some_time(starts, ends):
    assert not inside(starts, ends)


@given(st.integers(0, 3 * 96 - 1), st.integers(1, 96))
@settings(max_examples=300)
def test_it_is_inside_exactly_where_each_of_its_quarters_is(quarter, count):
    starts = datetime.combine(MONDAY, datetime.min.time()) + timedelta(minutes=15 * quarter)
    quarters = [starts + timedelta(minutes=15 * n) for n in range(count)]
    each = [lies_within(occurrence_at(one, one + timedelta(minutes=15), PARIS).span, HOURS) for one in quarters]
    whole = lies_within(occurrence_at(starts, starts + timedelta(minutes=15 * count), PARIS).span, HOURS)
    assert whole == all(each)


def test_a_closed_place_is_closed_in_the_hour_that_its_clocks_show_twice():
    starts = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30, the first time
    span = span_between(starts, starts + timedelta(minutes=30), PARIS)  # until 2:00, the second time
    assert span.local_end < span.local_start
    assert not lies_within(span, [])
    assert lies_within(span, [Day(date(2026, 10, 25), (Opening(0, 24 * 60),), None)])
