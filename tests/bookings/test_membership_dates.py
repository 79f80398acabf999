"""Which membership counts for a booking: the one that runs on its own date."""

from datetime import date

import pytest

from passapp.bookings.models import Booking
from passapp.bookings.rules import Audience, Policy, Rate
from passapp.bookings.said import NotAllowed
from tests.bookings.dates import make, outcomes
from tests.bookings.desk import API, body
from tests.bookings.rooms import ALWAYS, book, room
from tests.scenes import add_plan, membership, rows, suspend

DAY = 24 * 60
THAT_MONDAY = date(2026, 11, 23)
THE_DAY_BEFORE = date(2026, 11, 22)
RATES = [Rate(hour=2000), Rate(hour=1000, is_home=True)]


def refused(world, *args):
    with pytest.raises(NotAllowed) as no:
        book(world, *args)
    return [flaw.code for flaw in no.value.flaws]


def price(world, *args):
    made = book(world, *args)
    return next(row.price for row in rows(world, Booking) if row.id == made)


def test_on_its_last_day_a_membership_counts_and_on_the_next_day_no_more(world):
    member = world.member(memberships=[membership(world.moulin, last_day=THAT_MONDAY)])
    blue = room(world, rates=RATES)
    assert price(world, blue, member) == 1000
    assert refused(world, blue, member, DAY) == ["not_for_you"]


def test_one_that_begins_by_then_counts_though_it_does_not_run_yet(world):
    member = world.member(memberships=[membership(world.moulin, first_day=THAT_MONDAY)])
    blue = room(world, rates=RATES)
    assert refused(world, blue, member, -DAY) == ["not_for_you"]
    assert price(world, blue, member) == 1000


def test_what_everybody_may_book_is_booked_after_its_end_at_the_price_for_everybody(world):
    member = world.member(memberships=[membership(world.moulin, last_day=THE_DAY_BEFORE)])
    public = Policy(is_always_open=True, audience=Audience.PUBLIC)
    assert price(world, room(world, policy=public, rates=RATES), member) == 2000


def test_the_price_is_that_of_the_plan_of_that_day(world):
    add_plan(world, "MOIT")
    plans = [membership(world.moulin, last_day=THE_DAY_BEFORE), membership(world.moulin, "MOIT", THAT_MONDAY)]
    member = world.member(memberships=plans)
    blue = room(world, rates=[Rate(hour=800, plan="TOUT"), Rate(hour=300, plan="MOIT")])
    assert [price(world, blue, member, starts) for starts in (-DAY, 0)] == [800, 300]


def test_whoever_is_suspended_today_books_for_no_day(world):
    member = world.member(memberships=[membership(world.moulin, first_day=THAT_MONDAY)])
    suspend(world, member)
    public = Policy(is_always_open=True, audience=Audience.PUBLIC)
    assert [refused(world, room(world, policy=each), member) for each in (ALWAYS, public)] == [["not_active"]] * 2


def test_the_dates_of_a_series_after_its_end_cannot_be_booked(world):
    member = world.member(memberships=[membership(world.moulin, last_day=date(2026, 12, 1))])
    made = make(world.as_member(member), room(world, policy=ALWAYS), on_conflict="skip")
    assert outcomes(made) == ["booked", "booked", "not_bookable", "not_bookable"]
    assert made["occurrences"][2]["problems"][0]["detail"].startswith("Only for members whose membership runs on that")


def test_rooms_are_found_for_the_day_on_which_a_membership_runs(world):
    client = world.as_member(world.member(memberships=[membership(world.moulin, last_day=THE_DAY_BEFORE)]))
    room(world)

    def found(day):
        times = {"start": f"2026-11-{day}T09:00", "end": f"2026-11-{day}T10:00"}
        return len(client.get(f"{API}/availability", params=times).json()["items"])

    assert [found(day) for day in (22, 23)] == [1, 0]


@pytest.mark.parametrize("path,fields", [("bookings", {}), ("series", {"repeat": {"every": "day", "count": 2}})])
def test_staff_who_are_no_members_are_told_that_members_book(world, path, fields):
    blue = room(world, policy=Policy(is_always_open=True, audience=Audience.PUBLIC))
    answer = world.as_manager(world.moulin).post(f"{API}/{path}", json=body(blue) | fields)
    assert (answer.status_code, answer.json()["code"]) == (403, "members_only")
