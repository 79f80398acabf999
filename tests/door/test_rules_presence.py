"""Who is here: arrivals, leaving, closing time. Without a database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from passapp.door.rules import Arrival, staying
from passapp.places.rules import Day, Opening

PARIS = ZoneInfo("Europe/Paris")
DAY = date(2026, 11, 18)
NINE = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
"""9:00 in Paris."""
OPEN = {DAY: Day(DAY, (Opening(540, 1080),)), DAY - timedelta(days=1): Day(DAY - timedelta(days=1), ())}


def arrival(number, who="Ana", hours=0.0, left=None):
    at = NINE + timedelta(hours=hours)
    return Arrival(UUID(int=number), who, at, DAY, None if left is None else NINE + timedelta(hours=left))


def here(arrivals, hours):
    return [each.id.int for each in staying(arrivals, OPEN, PARIS, NINE + timedelta(hours=hours))]


def test_somebody_is_here_until_closing_time():
    assert here([arrival(1)], 8.99) == [1]
    assert here([arrival(1)], 9) == []


def test_who_leaves_is_gone_from_that_instant_on():
    assert here([arrival(1, left=2)], 1.99) == [1]
    assert here([arrival(1, left=2)], 2) == []


def test_who_leaves_takes_all_their_earlier_arrivals_along():
    assert here([arrival(1), arrival(2, hours=1, left=2)], 3) == []


def test_also_where_the_earlier_arrival_is_the_one_that_was_checked_out():
    assert here([arrival(1, left=2), arrival(2, hours=1)], 3) == []


def test_who_comes_back_is_here_by_their_new_arrival():
    assert here([arrival(1, left=2), arrival(2, hours=3)], 4) == [2]


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.floats(0, 8), st.none() | st.floats(0, 10)), min_size=1, max_size=6),
    st.floats(0, 12),
)
def test_writing_down_that_somebody_left_never_makes_anybody_be_here(said, when):
    arrivals = [
        arrival(n, who, came, None if stayed is None else came + stayed) for n, (who, came, stayed) in enumerate(said)
    ]
    silent = [arrival(n, who, came) for n, (who, came, _) in enumerate(said)]
    assert set(here(arrivals, when)) <= set(here(silent, when))


@given(st.permutations([("A", 0, 1), ("A", 2, None), ("B", 1, 3), ("B", 2, None)]), st.floats(0, 12))
def test_the_order_in_which_they_are_told_does_not_matter(said, when):
    numbered = {each: n for n, each in enumerate(sorted(said, key=str))}
    arrivals = [arrival(numbered[each], *each) for each in said]
    assert set(here(arrivals, when)) == set(here(sorted(arrivals, key=lambda a: a.id), when))
