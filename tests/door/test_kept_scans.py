"""Refused scans are kept too, and so many of one code are enough (door.md, Verdicts)."""

from datetime import timedelta

import pytest

from passapp.door.bench import SAME_CODE_KEPT
from passapp.door.models import CheckIn
from tests.scenes import check_in, check_in_batch, pass_text, revoke, rows, scan_at


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def show(world, door, text, times):
    """Show the same code again and again; gives the verdicts."""
    begins = world.now
    world.later(minutes=1)
    scans = [scan_at(world, text, begins + timedelta(seconds=n)) for n in range(times)]
    return [each["answer"]["verdict"] for each in check_in_batch(door, scans)]


def test_a_revoked_pass_shown_all_day_is_refused_each_time_and_kept_a_few_times(world, door):
    card = world.card(world.member())
    text = world.text(card)
    revoke(world, card)
    assert set(show(world, door, text, SAME_CODE_KEPT + 5)) == {"revoked"}
    assert set(show(world, door, text, 5)) == {"revoked"}
    assert len(rows(world, CheckIn)) == SAME_CODE_KEPT


def test_a_foreign_code_shown_all_day_is_kept_a_few_times(world, door):
    show(world, door, "https://example.org", SAME_CODE_KEPT + 5)
    show(world, door, "https://example.com", 1)
    assert len(rows(world, CheckIn)) == SAME_CODE_KEPT + 1


def test_who_comes_and_goes_all_day_is_welcome_each_time(world, door):
    text = pass_text(world)
    assert show(world, door, text, SAME_CODE_KEPT + 5) == ["ok"] + ["ok_again"] * (SAME_CODE_KEPT + 4)
    assert len(rows(world, CheckIn)) == SAME_CODE_KEPT + 1


def test_the_next_day_is_counted_anew(world, door):
    text = pass_text(world)
    show(world, door, text, SAME_CODE_KEPT + 5)
    world.later(days=1)
    assert check_in(door, world.scan(text))["verdict"] == "ok"
    assert len(rows(world, CheckIn)) == SAME_CODE_KEPT + 2
