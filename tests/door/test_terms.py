"""What a process keeps of the network's terms is never older than the request."""

from passapp.kernel.audit import SYSTEM
from passapp.passes.keys import rotate_keys
from tests.scenes import add_plan, check_in, close_month, membership, pass_text, visits


def test_a_plan_changed_a_moment_ago_holds_for_the_next_scan(world):
    add_plan(world, "SOIR", opens="everywhere", weekdays=[2], from_time="08:00", to_time="20:00")
    door = world.as_door(world.moulin)
    shown = pass_text(world, memberships=[membership(world.hangar, "SOIR")])
    assert check_in(door, world.scan(shown))["verdict"] == "ok"
    coordination = world.as_coordinator()
    plan = {"name": "Soir", "opens": "everywhere", "weekdays": [5], "from_time": "08:00", "to_time": "20:00"}
    answer = coordination.put("/api/v1/plans/SOIR", json=plan, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert check_in(door, world.scan(shown))["verdict"] == "plan"


def test_a_plan_added_a_moment_ago_is_known_to_the_next_scan(world):
    door = world.as_door(world.moulin)
    assert check_in(door, world.scan(pass_text(world)))["verdict"] == "ok"
    add_plan(world, "NEUF", opens="everywhere", weekdays=[2], from_time="08:00", to_time="20:00")
    shown = pass_text(world, memberships=[membership(world.hangar, "NEUF")])
    assert check_in(door, world.scan(shown))["verdict"] == "ok"


def test_a_key_that_leaked_verifies_nothing_from_then_on(world):
    door = world.as_door(world.moulin)
    shown = pass_text(world)
    assert check_in(door, world.scan(shown))["verdict"] == "ok"
    with world.database.write() as session:
        rotate_keys(session, world.settings.keys_dir, compromised=True, at=world.now, actor=SYSTEM)
    world.later(seconds=1)
    assert check_in(door, world.scan(shown))["verdict"] == "unknown_key"


def test_a_month_closed_a_moment_ago_takes_no_more_visits(world):
    door = world.as_door(world.moulin)
    check_in(door, world.scan(pass_text(world)))
    close_month(world, "2026-11")
    check_in(door, world.scan(pass_text(world)))
    assert sorted(visit.posted_month for visit in visits(world)) == ["2026-11", "2026-12"]


def test_a_place_that_left_a_moment_ago_receives_nobody(world):
    door = world.as_door(world.moulin)
    shown = pass_text(world)
    assert check_in(door, world.scan(shown))["verdict"] == "ok"
    coordination = world.as_coordinator()
    path = f"/api/v1/places/{world.moulin.id}"
    version = coordination.get(path).headers["ETag"]
    answer = coordination.patch(path, json={"left_on": "2026-11-18"}, headers={"If-Match": version})
    assert answer.status_code == 200, answer.text
    assert check_in(door, world.scan(shown))["verdict"] == "place_left"
