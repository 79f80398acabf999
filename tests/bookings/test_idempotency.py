"""Clients repeat safely (booking.md 11)."""

from datetime import timedelta

import pytest

from passapp.bookings.models import IdempotencyKey
from passapp.kernel.ticking import tick
from passapp.running import chores
from tests.at_once import at_once
from tests.bookings.desk import API, body, book, deed, stored
from tests.bookings.rooms import room
from tests.scenes import rows

KEY = {"Idempotency-Key": "6f9b1a52-0001"}


@pytest.fixture
def client(world):
    return world.as_member(world.member())


def test_a_request_sent_again_with_its_key_is_the_same_booking(world, client):
    blue = room(world)
    first = book(client, blue, KEY)
    world.later(minutes=5)
    assert book(client, blue, KEY) == first
    assert stored(world) == 1


def test_without_a_key_the_same_request_finds_the_room_taken(world, client):
    blue = room(world)
    book(client, blue)
    assert client.post(f"{API}/bookings", json=body(blue)).status_code == 409


def test_a_key_used_for_another_request_is_refused(world, client):
    blue = room(world)
    book(client, blue, KEY)
    answer = client.post(f"{API}/bookings", json=body(blue, title="Autre"), headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert stored(world) == 1


def test_two_people_may_use_the_same_key(world, client):
    blue, green = room(world), room(world)
    mine = book(client, blue, KEY)
    theirs = book(world.as_member(world.member()), green, KEY)
    assert mine["id"] != theirs["id"]


def test_a_request_that_was_refused_may_be_sent_again_with_its_key(world, client):
    blue = room(world)
    other = world.as_member(world.member())
    in_the_way = book(other, blue)
    assert client.post(f"{API}/bookings", json=body(blue), headers=KEY).status_code == 409
    deed(other, in_the_way, "cancel")
    assert book(client, blue, KEY)["state"] == "booked"


def test_eight_that_are_sent_at_once_with_one_key_are_one_booking(world, client):
    blue = room(world)
    call = (client, "POST", f"{API}/bookings", {"json": body(blue)})
    answers = at_once(world, [(*call[:3], call[3] | {"headers": dict(KEY)}) for _ in range(8)])
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert stored(world) == 1


def test_what_the_booking_is_now_is_answered_again(world, client):
    blue = room(world)
    first = book(client, blue, KEY)
    deed(client, first, "cancel")
    assert book(client, blue, KEY)["state"] == "cancelled"


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "é"])
def test_what_is_no_key_is_refused(world, client, key):
    answer = client.post(f"{API}/bookings", json=body(room(world)), headers={"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 422
    assert stored(world) == 0


def test_a_key_is_forgotten_after_a_day(world, client):
    blue = room(world)
    book(client, blue, KEY)
    chore = {"idempotency_keys": chores(world.settings)["idempotency_keys"]}
    assert tick(world.database, chore, now=world.now + timedelta(hours=24)) == {"idempotency_keys": 0}
    assert tick(world.database, chore, now=world.now + timedelta(hours=24, seconds=1)) == {"idempotency_keys": 1}
    assert rows(world, IdempotencyKey) == []
    assert client.post(f"{API}/bookings", json=body(blue), headers=KEY).status_code == 409
