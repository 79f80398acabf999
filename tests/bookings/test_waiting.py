"""Waiting for what is taken: offered to whoever waited first, for a time."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from passapp.bookings.models import Claim, ClaimKind, Waiting
from passapp.bookings.rules import Approval, Policy
from passapp.kernel.ticking import tick
from passapp.running import chores
from tests.bookings.desk import API, MORNING, at, body, book, deed
from tests.bookings.rooms import NINE, composite, pool, room
from tests.mails import link_of_mail, mails, text_of_mail


@pytest.fixture
def owner(world):
    """The browser of whoever has it."""
    return world.as_member(world.member())


@pytest.fixture
def first(world):
    """The browser of whoever waits first."""
    return world.as_member(world.member())


@pytest.fixture
def second(world):
    """The browser of whoever waits next."""
    return world.as_member(world.member())


def wait(client, room_id, **fields):
    """Wait for it; gives the response."""
    return client.post(f"{API}/resources/{room_id}/waiting", json=MORNING | fields)


def waits(client):
    return client.get(f"{API}/me/waiting").json()["items"]


def offer(client):
    """What is kept for them, as a booking; None: nothing."""
    found = [each["offer"] for each in waits(client) if each["offer"]]
    return client.get(f"{API}/bookings/{found[0]['booking_id']}").json() if found else None


def chore(world, name):
    """Do one chore now."""
    return tick(world.database, {name: chores(world.settings)[name]}, now=world.now)[name]


def test_who_waits_sees_for_what(world, owner, first):
    blue = room(world)
    book(owner, blue)
    answer = wait(first, blue)
    assert answer.status_code == 201, answer.text
    [mine] = waits(first)
    assert mine == answer.json()
    assert (mine["resource"]["id"], mine["local_start"], mine["offer"]) == (blue, MORNING["start"], None)


def test_waiting_twice_for_the_same_is_waiting_once(world, owner, first):
    blue = room(world)
    book(owner, blue)
    assert wait(first, blue).json() == wait(first, blue).json()
    assert len(waits(first)) == 1


def test_what_is_cancelled_is_kept_two_hours_for_whoever_waited_first_and_nobody_else_gets_it(
    world, owner, first, second
):
    blue = room(world)
    made = book(owner, blue)
    wait(first, blue)
    world.later(minutes=1)
    wait(second, blue)
    deed(owner, made, "cancel")
    held = offer(first)
    assert (held["state"], at(held["expires_at"])) == ("held", world.later(hours=2))
    world.later(hours=-2)
    assert offer(second) is None
    assert second.post(f"{API}/bookings", json=body(blue)).json()["code"] == "slot_taken"
    assert deed(first, held, "confirm").json()["state"] == "booked"
    assert waits(first) == []


def test_who_is_offered_something_hears_of_it_and_the_mail_leads_there(world, owner, first):
    blue = room(world)
    made = book(owner, blue)
    wait(first, blue)
    deed(owner, made, "cancel")
    mail = next(mail for mail in mails(world) if mail["Subject"].startswith("C'est libre"))
    assert link_of_mail(world, mail) == f"/bookings/{offer(first)['id']}"
    assert "gardé pour vous jusqu'au mercredi 18 novembre" in text_of_mail(mail)


def test_an_offer_that_runs_out_goes_to_the_next(world, owner, first, second):
    blue = room(world)
    made = book(owner, blue)
    wait(first, blue)
    world.later(minutes=1)
    wait(second, blue)
    deed(owner, made, "cancel")
    passed = offer(first)
    world.later(hours=2)
    assert chore(world, "lapsed_bookings") == 1
    assert offer(second)["state"] == "held"
    assert waits(first) == []
    assert deed(first, passed, "confirm").json()["code"] == "hold_expired"


def test_an_offer_that_ran_out_goes_to_the_next_before_anybody_else_can_take_it(world, owner, first, second):
    blue = room(world)
    made = book(owner, blue)
    wait(first, blue)
    wait(second, blue)
    deed(owner, made, "cancel")
    world.later(hours=2)
    assert owner.post(f"{API}/bookings", json=body(blue)).json()["code"] == "slot_taken"


def test_an_offer_ends_an_hour_before_it_begins(world, owner, first):
    blue = room(world)
    made = book(owner, blue)
    wait(first, blue)
    world.now = at("2026-11-23T07:00+01:00")
    deed(owner, made, "cancel")
    assert at(offer(first)["expires_at"]) == at("2026-11-23T08:00+01:00")


def test_what_begins_within_an_hour_is_offered_to_nobody_and_whoever_comes_first_books_it(world, owner, first, second):
    blue = room(world)
    made = book(owner, blue)
    wait(first, blue)
    world.now = at("2026-11-23T08:00+01:00")
    deed(owner, made, "cancel")
    assert offer(first) is None
    book(second, blue)


@pytest.mark.parametrize("what", ["moved", "ended early", "refused", "nobody came", "a whole series", "reopened"])
def test_whatever_frees_it_is_offered(world, owner, first, what):
    asks = Policy(is_always_open=True, approval=Approval.ALWAYS if what == "refused" else Approval.NEVER)
    blue, manager = room(world, policy=asks), world.as_manager(world.moulin)
    late = {"start": "2026-11-23T14:00", "end": "2026-11-23T15:00"}
    if what == "reopened":
        closing = {"start": "2026-11-23T08:00", "end": "2026-11-23T18:00", "reason": "Travaux"}
        closed = manager.post(f"{API}/places/{world.moulin.id}/closures", json=closing).json()
        wait(first, blue, **late)
        manager.delete(f"{API}/places/{world.moulin.id}/closures/{closed['id']}")
    elif what == "a whole series":
        repeat = {"every": "day", "count": 3}
        made = owner.post(f"{API}/series", json=body(blue, repeat=repeat, **late)).json()
        wait(first, blue, **late)
        address = f"{API}/bookings/{made['occurrences'][0]['booking_id']}/series/cancel"
        owner.post(address, params={"scope": "all"}, json={}, headers={"If-Match": '"1"'})
    else:
        whole = {"start": "2026-11-23T09:00", "end": "2026-11-23T15:00"}
        made = book(owner, blue, **whole)
        wait(first, blue, **late)
        if what == "moved":
            deed(owner, made, "change", end="2026-11-23T12:00")
        elif what == "refused":
            deed(manager, made, "answer", accept=False)
        elif what == "ended early":
            world.now = at("2026-11-23T10:00+01:00")
            deed(owner, made, "end-early")
        else:
            world.now = at("2026-11-23T09:15+01:00")
            chore(world, "no_shows")
    assert offer(first)["local_start"] == late["start"]


def test_a_desk_of_a_pool_that_is_freed_is_offered(world, owner, first):
    desks = pool(world, 2)
    book(owner, desks, people=1)
    made = book(owner, desks, people=1)
    wait(first, desks, people=1)
    deed(owner, made, "cancel")
    assert offer(first)["resource"]["id"] == desks


def test_a_room_made_of_two_is_offered_once_both_are_free(world, owner, first):
    left, right = room(world), room(world)
    whole = composite(world, left, right)
    parts = [book(owner, each) for each in (left, right)]
    wait(first, whole)
    deed(owner, parts[0], "cancel")
    assert offer(first) is None
    deed(owner, parts[1], "cancel")
    assert offer(first)["resource"]["id"] == whole


def test_what_cannot_be_booked_by_whoever_waits_goes_to_the_next(world, owner, first, second):
    blue = room(world, policy=Policy(is_always_open=True, upcoming=1))
    made = book(owner, blue)
    wait(first, blue)
    wait(second, blue)
    book(first, blue, start="2026-11-24T09:00", end="2026-11-24T10:00")
    deed(owner, made, "cancel")
    assert (offer(first), offer(second)["state"]) == (None, "held")


def test_what_became_free_by_itself_is_offered_by_the_chore(world, first):
    blue = room(world)
    with world.database.write() as session:  # another tool's calendar
        session.add(Claim(resource_id=blue, kind=ClaimKind.EXTERNAL, starts_at=NINE, ends_at=NINE + timedelta(hours=1)))
    wait(first, blue)
    with world.database.write() as session:
        session.execute(delete(Claim))
    assert offer(first) is None
    assert chore(world, "waiting_offers") == 1
    assert offer(first)["state"] == "held"
    assert chore(world, "waiting_offers") == 0


def test_who_waits_no_longer_is_offered_nothing_and_their_offer_goes_to_the_next(world, owner, first, second):
    blue = room(world)
    made = book(owner, blue)
    wait(first, blue)
    wait(second, blue)
    deed(owner, made, "cancel")
    [mine] = waits(first)
    assert first.delete(f"{API}/me/waiting/{mine['id']}").status_code == 204
    assert (waits(first), offer(second)["state"]) == ([], "held")


def test_nobody_ends_the_wait_of_somebody_else(world, owner, first, second):
    blue = room(world)
    book(owner, blue)
    refused = second.delete(f"{API}/me/waiting/{wait(first, blue).json()['id']}")
    assert (refused.status_code, refused.json()["code"]) == (404, "waiting_unknown")
    assert len(waits(first)) == 1


def test_what_is_free_is_booked_rather_than_waited_for(world, first):
    refused = wait(first, room(world))
    assert (refused.status_code, refused.json()["code"]) == (409, "it_is_free")


def test_what_the_policy_does_not_allow_is_not_waited_for(world, owner, first):
    blue = room(world, capacity=2)
    book(owner, blue)
    refused = wait(first, blue, people=3)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_bookable")


def test_what_begins_within_an_hour_is_not_waited_for(world, owner, first):
    blue = room(world)
    book(owner, blue)
    world.now = at("2026-11-23T08:00+01:00")
    refused = wait(first, blue)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_late_to_wait")


def test_nobody_waits_for_more_than_twenty_things(world, owner, first):
    blue = room(world)
    book(owner, blue, end="2026-11-23T16:00")
    for number in range(20):
        minutes = f"{9 + number // 4:02}:{number % 4 * 15:02}"
        assert wait(first, blue, start=f"2026-11-23T{minutes}", end="2026-11-23T15:00").status_code == 201
    refused = wait(first, blue, start="2026-11-23T14:00", end="2026-11-23T15:00")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_waits")


def test_who_waited_is_forgotten_once_it_has_begun(world, owner, first):
    blue = room(world)
    book(owner, blue)
    wait(first, blue)
    world.now = at("2026-11-23T09:01+01:00")
    assert chore(world, "waits") == 1
    with world.session() as session:
        assert session.query(Waiting).count() == 0
