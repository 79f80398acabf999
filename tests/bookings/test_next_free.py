"""When something that is taken is free next, for whoever wanted it."""

from datetime import timedelta

import pytest

from passapp.bookings.finding.next_free import next_free
from passapp.bookings.models import Resource
from passapp.bookings.rules import Policy
from passapp.members.models import Member
from tests.bookings.rooms import NINE, book, composite, pool, room, wanted


@pytest.fixture
def member(world):
    return world.member()


def free(world, room_id, member, starts=0, minutes=60, people=1):
    """The next free time, in minutes from nine; None: there is none."""
    with world.session() as session:
        resource, who = session.get_one(Resource, room_id), session.get_one(Member, member.id)
        found = next_free(session, resource, who, wanted(starts, minutes).span, people=people, now=world.now)
        return found and (found.starts_at - NINE) // timedelta(minutes=1)


def test_it_is_the_first_gap_that_is_long_enough(world, member):
    blue = room(world)
    for starts in (0, 90, 180):
        book(world, blue, member, starts)
    assert free(world, blue, member, minutes=30) == 60
    assert free(world, blue, member, minutes=60) == 240


def test_set_up_and_tear_down_are_left_and_the_time_is_of_the_grid(world, member):
    blue = room(world, policy=Policy(is_always_open=True, set_up=10, tear_down=10, grid=30))
    book(world, blue, member)
    assert free(world, blue, member) == 90


def test_a_pool_is_free_as_soon_as_one_of_its_units_is(world, member):
    desks = pool(world, 2)
    book(world, desks, member, minutes=120, people=1)
    book(world, desks, member, minutes=45, people=1)
    assert free(world, desks, member) == 45


def test_a_composite_is_free_once_every_part_is(world, member):
    left, right = room(world), room(world)
    whole = composite(world, left, right)
    book(world, left, member)
    book(world, right, member, 60)
    assert free(world, whole, member) == 120


def test_what_this_member_may_not_book_is_not_named(world, member):
    blue = room(world, policy=Policy(is_always_open=True, weekly_minutes=60))
    book(world, blue, world.member())
    book(world, blue, member, 60)
    assert free(world, blue, member) is None


def test_within_two_weeks_or_not_at_all(world, member):
    blue = room(world, policy=Policy(is_always_open=True, longest=60 * 24 * 30))
    book(world, blue, member, minutes=60 * 24 * 15)
    assert free(world, blue, member) is None
