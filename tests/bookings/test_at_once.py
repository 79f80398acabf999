"""Many people who want the same room at the same moment (booking.md 7, 8 and 10)."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from passapp.bookings.models import Booking
from passapp.bookings.rules import Rate
from passapp.kernel.problems import Problem
from tests.bookings.rooms import book, composite, home_pays, pool, room, taken
from tests.scenes import rows

CLIENTS = 50


def at_once(calls):
    """Run them together; gives ``"booked"``, or the code of the problem, of each."""

    def one(call):
        try:
            call()
        except Problem as problem:
            return problem.kind.code
        return "booked"

    with ThreadPoolExecutor(len(calls)) as threads:
        return [each.result(timeout=120) for each in [threads.submit(one, call) for call in calls]]


def test_fifty_on_one_slot_make_one_booking(world):
    blue, members = room(world), [world.member() for _ in range(CLIENTS)]
    said = at_once([lambda member=member: book(world, blue, member) for member in members])
    assert sorted(said) == ["booked"] + ["slot_taken"] * (CLIENTS - 1)
    assert taken(world) == [(blue, 0, 60)]


def test_fifty_back_to_back_are_all_booked(world):
    blue, member = room(world), world.member()
    said = at_once([lambda n=n: book(world, blue, member, n * 60) for n in range(CLIENTS)])
    assert set(said) == {"booked"}
    assert len(taken(world)) == CLIENTS


def test_fifty_that_overlap_leave_no_two_that_do(world):
    blue, member, luck = room(world), world.member(), random.Random(6)
    wanted = [(luck.randrange(0, 480, 15), luck.randrange(30, 180, 15)) for _ in range(CLIENTS)]
    said = at_once([lambda one=one: book(world, blue, member, *one) for one in wanted])
    spans = [(begins, ends) for _, begins, ends in taken(world)]
    assert len(spans) == said.count("booked") > 1
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_composites_asked_for_in_opposite_orders_never_wait_for_each_other(world):
    one, two, three = (room(world) for _ in range(3))
    wholes = [composite(world, one, two), composite(world, three, two), composite(world, two, one)]
    member = world.member()
    said = at_once([lambda n=n: book(world, wholes[n % 3], member) for n in range(24)])
    assert said.count("booked") == 1
    assert set(said) == {"booked", "slot_taken"}


@pytest.mark.parametrize("units", [3])
def test_a_pool_gives_each_of_its_units_once(world, units):
    desks, members = pool(world, units), [world.member() for _ in range(20)]
    said = at_once([lambda member=member: book(world, desks, member, people=1) for member in members])
    assert said.count("booked") == units
    assert len({resource for resource, *_ in taken(world)}) == units


def test_what_a_home_advances_in_a_month_keeps_to_its_ceiling_whichever_rooms_are_booked_at_once(world):
    member, rooms = world.member(world.hangar), [room(world, rates=[Rate(hour=1000)]) for _ in range(12)]
    home_pays(world, world.hangar, ceiling=3000)
    assert at_once([lambda each=each: book(world, each, member) for each in rooms]) == ["booked"] * 12
    assert sorted(row.payer for row in rows(world, Booking)) == ["home"] * 3 + ["member"] * 9
