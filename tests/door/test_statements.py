"""How many SQL statements a check-in takes: a number that creeps up is a queue at the door."""

import pytest

from passapp.door.models import CheckIn
from tests.scenes import add_plan, check_in, check_in_batch, membership, pass_text, receive_as, rows, visits
from tests.statements import statements


@pytest.fixture
def door(world):
    """A door that scanned a moment ago: what a process reads once has been read."""
    door = world.as_door(world.moulin)
    check_in(door, world.scan(pass_text(world)))
    return door


def kinds(sent):
    return [" ".join(statement.split()[:3]) if statement.startswith("INSERT") else "SELECT" for statement in sent]


def test_the_first_check_in_of_a_day_takes_four_statements(world, door):
    shown = pass_text(world)
    check_in(door, world.scan(shown))
    world.later(days=1)
    check_in(door, world.scan(pass_text(world)))
    with statements(world.database) as sent:
        answer = check_in(door, world.scan(shown))
    assert answer["verdict"] == "ok"
    assert kinds(sent) == ["SELECT", "SELECT", "INSERT INTO check_in", "INSERT INTO visit"]


def test_the_first_check_in_of_a_month_makes_a_visitor_key_too(world, door):
    shown = pass_text(world)
    with statements(world.database) as sent:
        assert check_in(door, world.scan(shown))["verdict"] == "ok"
    assert kinds(sent) == [
        "SELECT",
        "SELECT",
        "INSERT INTO visit_identity",
        "INSERT INTO check_in",
        "INSERT INTO visit",
    ]


def test_a_welcome_back_takes_three_statements(world, door):
    shown = pass_text(world)
    check_in(door, world.scan(shown))
    world.later(seconds=5)
    with statements(world.database) as sent:
        assert check_in(door, world.scan(shown))["verdict"] == "ok_again"
    assert kinds(sent) == ["SELECT", "SELECT", "INSERT INTO check_in"]


def test_what_is_no_pass_takes_three_statements(world, door):
    with statements(world.database) as sent:
        assert check_in(door, world.scan("https://example.org"))["verdict"] == "invalid"
    assert kinds(sent) == ["SELECT", "INSERT INTO rate_count", "INSERT INTO check_in"]


def test_a_scan_sent_again_takes_six_statements_at_most(world, door):
    scan = world.scan(pass_text(world))
    check_in(door, scan)
    with statements(world.database) as sent:
        assert check_in(door, scan)["replayed"] is True
    assert len(sent) <= 6


def test_a_batch_takes_as_many_statements_for_sixty_people_as_for_two(world, door):
    people = [pass_text(world) for _ in range(62)]
    batches = [[world.scan(shown) for shown in people[:2]], [world.scan(shown) for shown in people[2:]]]
    numbers = []
    for batch in batches:
        with statements(world.database) as sent:
            outcomes = check_in_batch(door, batch)
        assert {outcome["answer"]["verdict"] for outcome in outcomes} == {"ok"}
        numbers.append(len(sent))
    assert numbers == [6, 6]
    assert len(visits(world)) == 63


def test_what_is_counted_is_read_once_a_batch(world, door):
    add_plan(world, "DIX", monthly_visits=10)
    receive_as(world, world.moulin, capacity=500, check_out=True)
    counted = [membership(world.hangar, plan="DIX")]
    people = [pass_text(world, memberships=counted) for _ in range(42)]
    check_in(door, world.scan(pass_text(world)))
    batches = [people[:2], people[2:]]
    numbers = []
    for batch in batches:
        world.later(seconds=5)
        with statements(world.database) as sent:
            outcomes = check_in_batch(door, [world.scan(shown) for shown in batch])
        assert {outcome["answer"]["verdict"] for outcome in outcomes} == {"ok"}
        numbers.append(len(sent))
    assert numbers == [10, 10]


def test_a_batch_sent_again_takes_a_few_statements_and_writes_nothing(world, door):
    batch = [world.scan(pass_text(world)) for _ in range(30)]
    check_in_batch(door, batch)
    before = len(rows(world, CheckIn))
    with statements(world.database) as sent:
        assert all(outcome["answer"]["replayed"] for outcome in check_in_batch(door, batch))
    assert len(sent) <= 4
    assert not [statement for statement in sent if statement.startswith(("INSERT", "UPDATE"))]
    assert len(rows(world, CheckIn)) == before
