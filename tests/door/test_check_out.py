"""Checking out: said where the place writes it down, done by closing time for everybody else."""

from datetime import timedelta

import pytest

from passapp.door.models import Visit, VisitVoid
from tests.scenes import check_in, pass_text, receive_as, rows, undo, visits
from tests.world import NOW


@pytest.fixture
def door(world):
    receive_as(world, world.moulin, check_out=True)
    return world.as_door(world.moulin)


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


def come_in(world, door, shown):
    answer = check_in(door, world.scan(shown))
    assert answer["verdict"] in {"ok", "ok_again"}
    return answer["check_in_id"]


def leave(client, check_in_id, **body):
    return client.post(f"/api/v1/check-ins/{check_in_id}/check-out", json=body)


def today(manager, world):
    return manager.get(f"/api/v1/places/{world.moulin.id}/today").json()


def present(manager, world):
    return [person["name"]["given_name"] for person in today(manager, world)["present"]]


def test_who_leaves_is_here_no_more_and_their_visit_stays(world, door, manager):
    check_in_id = come_in(world, door, pass_text(world))
    world.later(hours=2)
    answer = leave(door, check_in_id)
    assert answer.json() == {"check_in_id": check_in_id, "left_at": "2026-11-18T12:00:00Z"}
    assert present(manager, world) == []
    assert len(visits(world)) == 1


def test_the_days_list_says_when_they_left(world, door, manager):
    check_in_id = come_in(world, door, pass_text(world))
    world.later(hours=2)
    leave(door, check_in_id)
    [person] = today(manager, world)["people"]
    assert person["here"] is False
    assert person["check_ins"][0]["left_at"] == "2026-11-18T12:00:00Z"


def test_a_host_checks_somebody_out_from_the_days_list(world, door, manager):
    come_in(world, door, pass_text(world))
    assert leave(manager, today(manager, world)["present"][0]["check_in_id"]).status_code == 200
    assert present(manager, world) == []


def test_who_was_scanned_twice_leaves_once(world, door, manager):
    shown = pass_text(world)
    come_in(world, door, shown)
    world.later(hours=1)
    leave(door, come_in(world, door, shown))
    assert present(manager, world) == []


def test_who_left_may_come_back(world, door, manager):
    shown = pass_text(world, given_name="Zoé")
    leave(door, come_in(world, door, shown))
    world.later(hours=1)
    come_in(world, door, shown)
    assert present(manager, world) == ["Zoé"]


def test_somebody_elses_leaving_is_their_own(world, door, manager):
    come_in(world, door, pass_text(world, given_name="Ana"))
    leave(door, come_in(world, door, pass_text(world, given_name="Bo")))
    assert present(manager, world) == ["Ana"]


def test_said_again_it_is_answered_as_it_was_first(world, door):
    check_in_id = come_in(world, door, pass_text(world))
    first = leave(door, check_in_id).json()
    world.later(hours=1)
    assert leave(door, check_in_id).json() == first


def test_a_phone_that_was_offline_says_since_when(world, door, manager):
    check_in_id = come_in(world, door, pass_text(world))
    world.later(hours=3)
    answer = leave(door, check_in_id, at=(NOW + timedelta(hours=1)).isoformat())
    assert answer.json()["left_at"] == "2026-11-18T11:00:00Z"


@pytest.mark.parametrize(
    "at, left_at",
    [("2020-01-01T00:00:00Z", "2026-11-18T10:00:00Z"), ("2030-01-01T00:00:00Z", "2026-11-18T13:00:00Z")],
)
def test_nobody_leaves_before_they_came_or_in_the_future(world, door, at, left_at):
    check_in_id = come_in(world, door, pass_text(world))
    world.later(hours=3)
    assert leave(door, check_in_id, at=at).json()["left_at"] == left_at


def test_a_place_that_does_not_write_it_down_says_so(world):
    door = world.as_door(world.moulin)
    answer = leave(door, come_in(world, door, pass_text(world)))
    assert (answer.status_code, answer.json()["code"]) == (409, "check_out_off")


def test_who_was_refused_cannot_leave(world, door):
    check_in_id = check_in(door, world.scan("illisible"))["check_in_id"]
    answer = leave(door, check_in_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_to_check_out")


def test_nor_who_was_taken_back(world, door):
    check_in_id = come_in(world, door, pass_text(world))
    undo(door, check_in_id)
    assert leave(door, check_in_id).json()["code"] == "nobody_to_check_out"


def test_another_place_learns_nothing_of_the_check_in(world, door):
    answer = leave(world.as_manager(world.hangar), come_in(world, door, pass_text(world)))
    assert (answer.status_code, answer.json()["code"]) == (404, "check_in_unknown")


def test_a_check_out_opens_no_other_visit(world, door):
    leave(door, come_in(world, door, pass_text(world)))
    assert (len(rows(world, Visit)), rows(world, VisitVoid)) == (1, [])
