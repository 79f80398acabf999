"""A network that only counts: no money goes between places, for bookings neither (settlement R18)."""

from datetime import date

import pytest

from passapp.bookings.models import Booking, BookingAdvance
from passapp.bookings.rules import Rate
from tests.bookings.rooms import book, home_pays, room
from tests.scenes import rows
from tests.settlement.months import agree


def set_advance(world, advances, version=0):
    body, header = {"advances": advances, "ceiling": 5000}, {"If-Match": f'"{version}"'}
    return world.as_manager().put(f"/api/v1/places/{world.hangar.id}/booking-advance", json=body, headers=header)


def test_no_home_can_say_that_it_pays_first(world):
    refused = set_advance(world, advances=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "network_counts_only")
    assert rows(world, BookingAdvance) == []


def test_it_can_say_that_it_does_no_more(world):
    with world.database.write() as session:
        session.add(BookingAdvance(place_id=world.hangar.id, ceiling=None))
    assert set_advance(world, advances=False, version=1).json()["advances"] is False


def test_rules_with_money_that_are_to_come_are_enough_to_say_it(world):
    agree(world, date(2027, 1, 1))
    assert set_advance(world, advances=True).json()["advances"] is True


@pytest.mark.parametrize("starts_on,payer", [(date(2026, 11, 23), "home"), (date(2026, 11, 24), "member")])
def test_whoever_books_pays_themselves_but_from_the_day_on_which_money_is_settled(world, starts_on, payer):
    home_pays(world, world.hangar, from_day=starts_on)
    book(world, room(world, rates=[Rate(hour=1000)]), world.member(world.hangar))
    assert [row.payer for row in rows(world, Booking)] == [payer]
