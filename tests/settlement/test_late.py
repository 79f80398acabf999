"""Visits whose month was closed when they came to light (settlement R14), from the door to the statement."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from passapp.door.rules import CheckIn, Waived, waiver_of_day
from tests.scenes import check_in, close_month, pass_text, scan_at, undo, visits
from tests.settlement.months import agree, month_of, statement_of
from tests.world import NOW

OCTOBER = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
LAST_DAY = datetime(2026, 12, 30, 11, 30, tzinfo=UTC)
"""The 60th day after October, still that day in Paris."""


@pytest.fixture
def shown(world):
    """A member's pass of October, and the clock in November; 5 euros a visit, one free."""
    agree(world, date(2026, 10, 1), allowance=1)
    world.now = OCTOBER - timedelta(days=1)
    text = pass_text(world)
    world.now = NOW
    return text


@pytest.fixture
def door(world, shown):
    return world.as_door(world.moulin)


def test_a_late_visit_is_priced_by_what_was_left_of_its_own_month(world, door, shown):
    check_in(door, scan_at(world, shown, OCTOBER))
    close_month(world, "2026-10")
    for days in (1, 2):
        check_in(door, scan_at(world, shown, OCTOBER + timedelta(days=days)))
    check_in(door, scan_at(world, shown, NOW))
    [row] = month_of(world.as_coordinator())["rows"]
    assert (row["visits"], row["free_units"], row["paid_units"], row["net_cents"]) == (3, 1, 2, 1000)


def test_a_late_half_day_is_owed_in_the_next_month_under_its_own_days_rules(world):
    agree(world, date(2026, 10, 1), unit="half_day", allowance=1)
    world.now = OCTOBER - timedelta(days=1)
    text = pass_text(world)
    door = world.as_door(world.moulin)
    world.now = OCTOBER + timedelta(hours=8)
    check_in(door, scan_at(world, text, OCTOBER))
    world.now = NOW
    close_month(world, "2026-10")
    check_in(door, scan_at(world, text, OCTOBER + timedelta(hours=6)))
    [row] = month_of(world.as_coordinator())["rows"]
    assert (row["units"], row["free_units"], row["paid_units"], row["net_cents"]) == (1, 0, 1, 500)
    [adjusted] = statement_of(world.as_manager(world.moulin), world.moulin)["adjustments"]
    assert (adjusted["kind"], adjusted["origin"], adjusted["amount_cents"]) == ("late", "2026-10", 500)


@pytest.mark.parametrize("days, waived", [(0, None), (1, "too_late")])
def test_recorded_more_than_sixty_days_after_its_month_a_visit_is_worth_nothing(world, door, shown, days, waived):
    close_month(world, "2026-10")
    world.now = LAST_DAY + timedelta(days=days)
    check_in(door, scan_at(world, shown, OCTOBER))
    assert [(visit.posted_month, visit.waived) for visit in visits(world)] == [("2026-11", waived)]


def test_the_day_at_the_host_says_whether_it_is_too_late(world, shown):
    close_month(world, "2026-10")
    far = world.place("saint-denis", zone="Indian/Reunion")
    world.now = LAST_DAY.replace(hour=20)  # past midnight there
    check_in(world.as_door(far), scan_at(world, shown, OCTOBER))
    assert [visit.waived for visit in visits(world)] == ["too_late"]


def test_a_version_of_the_rules_may_allow_less_time(world):
    agree(world, date(2026, 10, 1), late_days=10)
    world.now = OCTOBER - timedelta(days=1)
    text = pass_text(world)
    world.now = NOW
    check_in(world.as_door(world.moulin), scan_at(world, text, OCTOBER))
    assert [visit.waived for visit in visits(world)] == ["too_late"]


def test_what_came_too_late_is_counted_apart_on_both_statements(world, door, shown):
    close_month(world, "2026-10")
    world.now = LAST_DAY + timedelta(days=3)
    check_in(door, scan_at(world, shown, OCTOBER))
    [received] = statement_of(world.as_manager(world.moulin), world.moulin)["received"]
    assert (received["visits"], received["too_late_units"], received["free_units"], received["net_cents"]) == (
        1,
        1,
        0,
        0,
    )


def test_it_is_not_too_late_where_another_scan_of_that_day_came_in_time(world, door, shown):
    check_in(door, scan_at(world, shown, OCTOBER))
    world.now = LAST_DAY + timedelta(days=3)
    check_in(world.as_door(world.moulin), scan_at(world, shown, OCTOBER - timedelta(hours=1)))
    assert [(visit.opened_at, visit.waived) for visit in visits(world)] == [(OCTOBER - timedelta(hours=1), None)]


def test_it_is_too_late_once_the_scan_that_came_in_time_is_undone(world, door, shown):
    first = check_in(door, scan_at(world, shown, OCTOBER))
    world.now = LAST_DAY + timedelta(days=3)
    check_in(world.as_door(world.moulin), scan_at(world, shown, OCTOBER - timedelta(hours=1)))
    undo(world.as_manager(world.moulin), first["check_in_id"])
    assert [visit.waived for visit in visits(world)] == ["too_late"]


def test_of_a_visit_that_the_host_offers_it_is_said_that_it_is_offered():
    late = date(2027, 1, 15)
    one = CheckIn(UUID(int=1), UUID(int=2), UUID(int=3), OCTOBER.date(), OCTOBER, UUID(int=4), received_on=late)
    offered = CheckIn(
        UUID(int=5),
        UUID(int=2),
        UUID(int=3),
        OCTOBER.date(),
        OCTOBER,
        UUID(int=4),
        waived=Waived.OFFERED,
        received_on=late,
    )
    assert waiver_of_day([one], one, 60) is Waived.TOO_LATE
    assert waiver_of_day([one, offered], one, 60) is Waived.OFFERED
