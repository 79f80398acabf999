"""The units of a visit where the convention counts half days (settlement R4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from passapp.door.models import CheckIn, VisitVoid
from passapp.network.models import ConventionVersion
from passapp.network.rules import FIRST_CONVENTION, hash_document
from tests.scenes import check_in, check_in_batch, close_month, pass_text, rows, scan_at, undo, visits
from tests.world import NOW, World

MORNING = NOW  # 11:00 at the host
AFTERNOON = NOW + timedelta(hours=3)
HALF_DAYS_FROM = date(2026, 11, 1)


def half_days_from(world: World, day: date) -> None:
    """Publish a version of the convention that counts half days, in force from that date."""
    document = FIRST_CONVENTION | {"unit": "half_day"}
    with world.database.write() as session:
        session.add(
            ConventionVersion(
                number=2, starts_on=day, document=document, sha256=hash_document(document), published_at=NOW
            )
        )


@pytest.fixture
def shown(world):
    """A pass issued days before; it is the evening now."""
    world.now = NOW - timedelta(days=10)
    shown = pass_text(world)
    world.now = NOW + timedelta(hours=8)
    return shown


@pytest.fixture
def door(world, shown):
    half_days_from(world, HALF_DAYS_FROM)
    return world.as_door(world.moulin)


def counted(world):
    return [(visit.units, visit.revision) for visit in visits(world)]


def test_a_morning_is_one_unit_and_the_afternoon_makes_it_two(world, door, shown):
    morning = check_in(door, scan_at(world, shown, MORNING))
    assert counted(world) == [(1, 0)]
    assert check_in(door, scan_at(world, shown, AFTERNOON))["verdict"] == "ok_again"
    [visit] = visits(world)
    assert (visit.units, visit.revision, str(visit.id)) == (2, 1, morning["check_in_id"])
    assert visit.opened_at == MORNING
    assert [(void.revision, void.reason) for void in rows(world, VisitVoid)] == [(0, "units")]


def test_a_further_scan_of_the_same_half_day_is_evidence_not_units(world, door, shown):
    for minutes in (0, 10, 20):
        check_in(door, scan_at(world, shown, MORNING + timedelta(minutes=minutes)))
    assert counted(world) == [(1, 0)]


def test_an_afternoon_taken_back_takes_its_unit_back(world, door, shown):
    check_in(door, scan_at(world, shown, MORNING))
    undo(door, check_in(door, scan_at(world, shown, AFTERNOON))["check_in_id"])
    assert counted(world) == [(1, 2)]


def test_a_morning_taken_back_leaves_the_afternoon_which_opens_the_visit(world, door, shown):
    morning = check_in(door, scan_at(world, shown, MORNING))
    afternoon = check_in(door, scan_at(world, shown, AFTERNOON))
    undo(door, morning["check_in_id"])
    [visit] = visits(world)
    assert (visit.units, str(visit.id)) == (1, afternoon["check_in_id"])


def test_a_declared_full_day_is_two_units_at_once(world, door, shown):
    check_in(door, scan_at(world, shown, MORNING, full_day=True))
    assert counted(world) == [(2, 0)]
    assert [row.full_day for row in rows(world, CheckIn)] == [True]


def test_a_full_day_can_be_declared_after_somebody_came_in(world, door, shown):
    check_in(door, scan_at(world, shown, MORNING))
    check_in(door, scan_at(world, shown, MORNING + timedelta(minutes=5), full_day=True))
    assert counted(world) == [(2, 1)]


def test_a_full_day_declared_makes_another_scan_of_it(world, door, shown):
    scan = scan_at(world, shown, MORNING)
    check_in(door, scan)
    answer = door.post("/api/v1/check-ins", json=scan | {"full_day": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "scan_id_reused")
    assert check_in(door, scan | {"full_day": False})["replayed"] is True


def test_where_visits_are_counted_a_whole_day_is_one(world, shown):
    door = world.as_door(world.moulin)
    for at in (MORNING, AFTERNOON):
        check_in(door, scan_at(world, shown, at, full_day=True))
    assert counted(world) == [(1, 0)]


def test_the_unit_is_that_of_the_convention_in_force_on_the_visits_date(world, shown):
    half_days_from(world, date(2026, 11, 18))
    door = world.as_door(world.moulin)
    for day in (timedelta(days=1), timedelta(0)):
        for at in (MORNING, AFTERNOON):
            check_in(door, scan_at(world, shown, at - day))
    assert [(visit.local_date.day, visit.units) for visit in visits(world)] == [(17, 1), (18, 2)]


def posted(world):
    return sorted((visit.posted_month, visit.local_date.isoformat(), visit.units) for visit in visits(world))


@pytest.mark.parametrize("first, then", [(MORNING, AFTERNOON), (AFTERNOON, MORNING)])
def test_a_half_day_that_comes_to_light_once_its_month_is_closed_is_posted_in_the_next(world, door, shown, first, then):
    check_in(door, scan_at(world, shown, first))
    close_month(world, "2026-11")
    assert check_in(door, scan_at(world, shown, then))["verdict"] in {"ok", "ok_again"}
    assert posted(world) == [("2026-11", "2026-11-18", 1), ("2026-12", "2026-11-18", 1)]
    assert {visit.home_id for visit in visits(world)} == {world.hangar.id}


@pytest.mark.parametrize("full_day", [False, True])
def test_a_day_that_was_settled_whole_has_no_more_half_days(world, door, shown, full_day):
    check_in(door, scan_at(world, shown, MORNING, full_day=full_day))
    if not full_day:
        check_in(door, scan_at(world, shown, AFTERNOON))
    close_month(world, "2026-11")
    for minutes in (5, 10):
        check_in(door, scan_at(world, shown, AFTERNOON + timedelta(minutes=minutes)))
    assert posted(world) == [("2026-11", "2026-11-18", 2)]


def test_the_same_half_day_again_adds_nothing_to_a_closed_month_or_the_next(world, door, shown):
    check_in(door, scan_at(world, shown, MORNING))
    close_month(world, "2026-11")
    check_in(door, scan_at(world, shown, MORNING + timedelta(minutes=20)))
    assert posted(world) == [("2026-11", "2026-11-18", 1)]


def test_a_full_day_declared_too_late_adds_the_other_half(world, door, shown):
    check_in(door, scan_at(world, shown, MORNING))
    close_month(world, "2026-11")
    check_in(door, scan_at(world, shown, MORNING + timedelta(hours=1), full_day=True))
    assert posted(world) == [("2026-11", "2026-11-18", 1), ("2026-12", "2026-11-18", 1)]


def test_the_other_half_of_a_day_that_was_offered_is_offered_too(world, door, shown):
    first = check_in(door, scan_at(world, shown, MORNING))
    offered = world.as_manager(world.moulin).post(f"/api/v1/check-ins/{first['check_in_id']}/offer")
    assert offered.status_code == 200, offered.text
    close_month(world, "2026-11")
    check_in(door, scan_at(world, shown, AFTERNOON))
    assert sorted((visit.posted_month, visit.waived) for visit in visits(world)) == [
        ("2026-11", "offered"),
        ("2026-12", "offered"),
    ]


def test_a_late_half_day_can_be_undone_while_its_own_month_is_open_and_not_after(world, door, shown):
    check_in(door, scan_at(world, shown, MORNING))
    close_month(world, "2026-11")
    late = check_in(door, scan_at(world, shown, AFTERNOON))
    undo(world.as_manager(world.moulin), late["check_in_id"])
    assert posted(world) == [("2026-11", "2026-11-18", 1)]
    check_in(door, scan_at(world, shown, AFTERNOON + timedelta(minutes=5)))
    close_month(world, "2026-12")
    check_in(door, scan_at(world, shown, AFTERNOON + timedelta(minutes=10)))
    assert posted(world) == [("2026-11", "2026-11-18", 1), ("2026-12", "2026-11-18", 1)]


moments = st.lists(
    st.tuples(st.integers(0, 14 * 60), st.booleans(), st.sampled_from([False, False, True])), min_size=1, max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=moments, data=st.data())
def test_any_order_and_any_batches_give_the_same_units(world, happened, data):
    with world.session() as session:
        is_there = session.execute(text("SELECT 1 FROM convention_version WHERE number = 2")).first()
    if not is_there:
        half_days_from(world, HALF_DAYS_FROM)
    early = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)  # 00:30 at the host
    world.now = NOW - timedelta(days=10)
    before = {visit.id for visit in visits(world)}
    shown = pass_text(world)
    world.now = NOW + timedelta(hours=12)
    door = world.as_door(world.moulin)
    scans = [
        scan_at(world, shown, early + timedelta(minutes=minutes), full_day=full_day)
        for minutes, _, full_day in happened
    ]
    order = data.draw(st.permutations(range(len(scans))))
    undone = []
    while order:
        size = data.draw(st.integers(1, 3))
        batch, order = order[:size], order[size:]
        outcomes = check_in_batch(door, [scans[index] for index in batch])
        undone += [o["answer"]["check_in_id"] for o, index in zip(outcomes, batch, strict=True) if happened[index][1]]
    for check_in_id in undone:
        undo(door, check_in_id)
    slots = set()
    for minutes, is_undone, full_day in happened:
        if not is_undone:
            slots |= {0, 1} if full_day else {int(minutes + 30 >= 13 * 60)}
    assert [visit.units for visit in visits(world) if visit.id not in before] == ([len(slots)] if slots else [])
