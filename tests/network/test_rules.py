"""Months, and the month a visit is posted in (settlement R2, R14)."""

from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.network.rules import (
    CLOSED_STATES,
    days_of,
    month_after,
    month_before,
    month_of,
    parse_month,
    posted_month,
)

days = st.dates(date(2000, 1, 1), date(2097, 12, 31))


@given(days)
def test_a_month_is_read_as_it_is_written(day):
    assert parse_month(month_of(day)) == day.replace(day=1)


@given(days)
def test_the_month_after_begins_where_this_one_ends(day):
    after = parse_month(month_after(month_of(day)))
    assert after > day
    assert month_of(after - timedelta(days=1)) == month_of(day)


@pytest.mark.parametrize("month,last", [("2026-11", 30), ("2028-02", 29), ("2027-02", 28), ("2099-12", 31)])
def test_a_month_is_from_its_first_day_to_its_last_the_latest_month_too(month, last):
    first = parse_month(month)
    assert days_of(month) == (first, first.replace(day=last))


@given(days)
def test_the_month_before_is_the_one_that_this_one_follows(day):
    assert month_before(month_after(month_of(day))) == month_of(day)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "26-01", "2026-10-01", "", "٢٠٢٦-10", "1999-12", "2026-10\n"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match="write a month as 2026-10"):
        parse_month(text)


@given(days)
def test_a_visit_is_posted_in_its_own_month_while_that_is_open(day):
    assert posted_month(day, {}) == month_of(day)
    assert posted_month(day, {month_of(day): "review"}) == month_of(day)


@given(days, st.integers(0, 20), st.sampled_from(sorted(CLOSED_STATES)))
def test_a_late_visit_is_posted_in_the_oldest_later_month_that_is_not_closed(day, closed, state):
    states, month = {}, month_of(day)
    for _ in range(closed):
        states[month] = state
        month = month_after(month)
    assert posted_month(day, states) == month
