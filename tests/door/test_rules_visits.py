from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from passapp.door.rules import CheckIn, Visit, standing_visits

MORNING = datetime(2026, 11, 18, 7, tzinfo=UTC)
DAY = date(2026, 11, 18)
PAYER = UUID(int=77)

SCANS = st.lists(
    st.builds(
        CheckIn,
        id=st.integers(1, 10**6).map(lambda number: UUID(int=number)),
        member_id=st.sampled_from([UUID(int=1), UUID(int=2), UUID(int=3)]),
        host_id=st.sampled_from([UUID(int=11), UUID(int=12)]),
        local_date=st.sampled_from([DAY, DAY + timedelta(days=1)]),
        at=st.integers(0, 20).map(lambda minutes: MORNING + timedelta(minutes=minutes)),
        home_id=st.sampled_from([PAYER, UUID(int=78), None]),
        admitted=st.booleans() | st.just(True),  # noqa: FBT003
        undone=st.booleans(),
    ),
    unique_by=lambda check_in: check_in.id,
    max_size=30,
)


def check_in(number: int, minutes: int, **changes: bool) -> CheckIn:
    at = MORNING + timedelta(minutes=minutes)
    return CheckIn(UUID(int=number), UUID(int=1), UUID(int=11), DAY, at, PAYER, **changes)


def opening(visits: list[Visit]) -> list[int]:
    return [visit.id.int for visit in visits]


def test_two_scans_on_one_day_are_one_visit_opened_by_the_first() -> None:
    assert opening(standing_visits([check_in(1, 30), check_in(2, 10)])) == [2]


def test_undoing_the_first_scan_promotes_the_next() -> None:
    assert opening(standing_visits([check_in(1, 30), check_in(2, 10, undone=True)])) == [1]


def test_a_refused_scan_is_no_visit() -> None:
    assert standing_visits([check_in(1, 30, admitted=False)]) == []


def test_of_two_scans_at_the_same_instant_the_lower_id_opens() -> None:
    assert opening(standing_visits([check_in(2, 10), check_in(1, 10)])) == [1]


def test_a_visit_keeps_what_its_opening_check_in_says() -> None:
    assert standing_visits([check_in(5, 10)]) == [
        Visit(UUID(int=5), UUID(int=1), UUID(int=11), DAY, MORNING + timedelta(minutes=10), PAYER)
    ]


@given(scans=SCANS, data=st.data())
def test_any_order_of_the_same_scans_gives_the_same_visits(scans: list[CheckIn], data: st.DataObject) -> None:
    assert standing_visits(data.draw(st.permutations(scans))) == standing_visits(scans)


@given(scans=SCANS, data=st.data())
def test_any_batching_of_the_same_scans_gives_the_same_visits(scans: list[CheckIn], data: st.DataObject) -> None:
    known: dict[UUID, CheckIn] = {}
    opened: list[Visit] = []
    left = data.draw(st.permutations(scans))
    by_id = {each.id: each for each in scans}
    while left:
        size = data.draw(st.integers(1, len(left)))
        batch, left = left[:size], left[size:]
        # Only what has opened a visit so far is remembered; repeats of a batch change nothing.
        known = {each.id: each for each in (*known.values(), *batch, *batch)}
        opened = standing_visits(known.values())
        known = {visit.id: by_id[visit.id] for visit in opened}
    assert opened == standing_visits(scans)


@given(scans=SCANS)
def test_there_is_one_visit_per_member_host_and_date_in_order(scans: list[CheckIn]) -> None:
    visits = standing_visits(scans)
    keys = [(visit.member_id, visit.host_id, visit.local_date) for visit in visits]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {(each.member_id, each.host_id, each.local_date) for each in scans if each.stands}
    assert all((one.opened_at, one.id) < (two.opened_at, two.id) for one, two in pairwise(visits))
