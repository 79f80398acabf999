"""A request that nobody answered in time is over, though the chore that says so has not come by yet."""

import pytest

from passapp.bookings import service
from passapp.bookings.rules import Approval, Policy
from passapp.kernel.problems import Problem
from tests.bookings.dates import change, make, outcomes
from tests.bookings.desk import API, book, deed
from tests.bookings.rooms import book as book_it
from tests.bookings.rooms import do, room, taken, wanted

ASKS = Policy(is_always_open=True, approval=Approval.ALWAYS)


@pytest.fixture
def client(world):
    return world.as_member(world.member())


def lapse(world):
    """Go on to a moment after the place's last one to answer."""
    world.later(days=2, seconds=5)


def test_it_is_not_moved_and_takes_nothing(world, client):
    asked = book(client, room(world, policy=ASKS))
    lapse(world)
    refused = deed(client, asked, "change", start="2026-11-23T11:00", end="2026-11-23T12:00")
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_over")
    assert [starts for _, starts, _ in taken(world)] == [0]  # where it was, until the chore lets go of it


def test_the_place_does_not_move_it_either(world):
    asked = book_it(world, room(world, policy=ASKS), world.member())
    lapse(world)
    with pytest.raises(Problem) as refused:
        do(world, service.move, asked, wanted(120), by_place=True)
    assert refused.value.kind.code == "booking_over"


def test_it_is_not_said_that_it_may_be_moved(world, client):
    asked = book(client, room(world, policy=ASKS))
    assert asked["may"]["move"]
    lapse(world)
    assert not client.get(f"{API}/bookings/{asked['id']}").json()["may"]["move"]


def test_a_series_of_which_all_dates_lapsed_is_not_moved(world, client):
    made = make(client, room(world, policy=ASKS))
    lapse(world)
    refused = change(client, made, start="2026-11-23T11:00", end="2026-11-23T12:00")
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_over")


def test_dates_of_a_series_that_lapsed_stay_behind_when_the_others_move(world, client):
    made = make(client, room(world, policy=ASKS))
    manager = world.as_manager(world.moulin)
    for each in made["occurrences"][1:]:
        seen = manager.get(f"{API}/bookings/{each['booking_id']}").json()
        assert deed(manager, seen, "answer", accept=True).status_code == 200
    lapse(world)
    moved = change(client, made, 1, start="2026-11-30T11:00", end="2026-11-30T12:00")
    assert outcomes(moved.json()) == ["requested"] * 3
    week = 7 * 24 * 60
    assert [starts for _, starts, _ in taken(world)] == [number * week + 120 for number in (1, 2, 3)]
    assert client.get(f"{API}/bookings/{made['occurrences'][0]['booking_id']}").json()["state"] == "cancelled"


def test_one_that_was_not_answered_in_time_may_still_be_withdrawn(world, client):
    asked = book(client, room(world, policy=ASKS))
    lapse(world)
    assert deed(client, asked, "cancel").json()["state"] == "cancelled"
