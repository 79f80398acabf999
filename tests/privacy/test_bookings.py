"""A person's bookings: theirs to see and take along, nobody's once they are erased or the months have passed."""

from datetime import UTC, datetime, timedelta

import pytest

from passapp.bookings.models import Booking, Claim, Feed, Training, Waiting
from passapp.bookings.rules import Policy, Rate
from passapp.kernel.ticking import tick
from passapp.running import chores
from tests.bookings.desk import MORNING, at, book, deed
from tests.bookings.rooms import room
from tests.privacy.lives import erase, exported, exported_data, forget, my_data
from tests.scenes import everything_stored, rows


@pytest.fixture
def member(world):
    return world.member(given_name="Inès", family_name="Garnier")


@pytest.fixture
def client(world, member):
    return world.as_member(member)


def test_a_person_sees_their_bookings_and_takes_them_along(world, client):
    blue = room(world, rates=[Rate(hour=1000)])
    deed(client, book(client, blue, title="Réunion de bureau"), "cancel", reason="Empêchée")
    book(world.as_member(world.member()), blue, title="Atelier")
    [known] = my_data(client)["bookings"]
    assert (known["place"], known["resource"], known["title"], known["state"], known["reason"]) == (
        "Le Moulin",
        "Salle Bleue",
        "Réunion de bureau",
        "cancelled",
        "Empêchée",
    )
    assert (known["local_start"], known["zone"], known["price"]) == ("2026-11-23T09:00:00", "Europe/Paris", 1000)
    assert exported_data(client)["bookings"] == [known]
    assert "Réunion de bureau" in exported(client)["bookings.csv"]


def test_a_person_sees_what_they_were_trained_on_and_it_goes_with_them(world, client, member):
    laser = room(world, world.hangar, kind="equipment", name="Découpeuse")
    assert world.as_manager().put(f"/api/v1/resources/{laser}/trained/{member.id}").status_code == 200
    [known] = my_data(client)["trainings"]
    assert (known["place"], known["resource"]) == ("Le Hangar", "Découpeuse")
    assert exported_data(client)["trainings"] == [known]
    assert erase(client, member.email).status_code == 204
    assert rows(world, Training) == []


def test_a_person_sees_what_they_wait_for_and_it_goes_with_them(world, client, member):
    blue = room(world)
    book(world.as_member(world.member()), blue)
    assert client.post(f"/api/v1/resources/{blue}/waiting", json=MORNING).status_code == 201
    [known] = my_data(client)["waits"]
    assert (known["place"], known["resource"], known["people"]) == ("Le Moulin", "Salle Bleue", 2)
    assert exported_data(client)["waits"] == [known]
    assert erase(client, member.email).status_code == 204
    assert rows(world, Waiting) == []


def test_a_person_sees_the_addresses_of_their_calendar_but_not_what_opens_them(world, client, member):
    secret = client.post("/api/v1/me/feeds").json()["url"].rpartition("/")[2].removesuffix(".ics")
    [known] = my_data(client)["feeds"]
    assert (at(known["made_at"]), known["revoked_at"]) == (world.now, None)
    assert exported_data(client)["feeds"] == [known]
    assert secret not in "".join(exported(client).values())
    assert erase(client, member.email).status_code == 204
    assert rows(world, Feed) == []


def test_an_address_that_was_taken_back_is_forgotten_a_month_later(world, client):
    for _ in range(2):
        feed_id = client.post("/api/v1/me/feeds").json()["id"]
    assert client.delete(f"/api/v1/feeds/{feed_id}").status_code == 204
    chore = {"feeds": chores(world.settings)["feeds"]}
    assert tick(world.database, chore, now=world.now + timedelta(days=30)) == {"feeds": 0}
    assert tick(world.database, chore, now=world.now + timedelta(days=30, seconds=1)) == {"feeds": 1}
    assert [str(each.id) == feed_id for each in rows(world, Feed)] == [False]


def test_what_a_place_did_with_a_booking_is_among_what_was_done(world, client):
    deed(world.as_manager(world.moulin), book(client, room(world)), "cancel")
    [done] = [each for each in my_data(client)["deeds"] if each["action"] == "booking.cancel"]
    assert (done["by_me"], done["actor"]) == (False, "account")


def test_an_erased_persons_bookings_ahead_are_cancelled_and_the_others_nobodys(world, client, member):
    blue = room(world, policy=Policy(is_always_open=True, late_fee_percent=50), rates=[Rate(hour=1000)])
    book(client, blue, title="Secret passé")
    book(client, blue, title="Secret à venir", start="2026-11-24T09:00", end="2026-11-24T10:00")
    world.now = at("2026-11-23T12:00+01:00")
    assert erase(client, member.email).status_code == 204
    past, ahead = sorted(rows(world, Booking), key=lambda each: each.starts_at)
    assert (past.state, past.price, past.fee) == ("booked", 1000, 0)
    assert (ahead.state, ahead.fee) == ("cancelled", 500)
    assert [(each.member_id, each.title) for each in (past, ahead)] == [(None, "—")] * 2
    assert [each.released_at is not None for each in rows(world, Claim, Claim.booking_id == ahead.id)] == [True]
    assert "Secret" not in everything_stored(world)
    book(world.as_member(world.member()), blue, start="2026-11-24T09:00", end="2026-11-24T10:00")


def test_whose_a_booking_was_is_forgotten_with_the_visits_of_its_month(world, client):
    booking = book(client, room(world), title="Secret")
    before, after = (datetime(2027, 3, day, tzinfo=UTC) for day in (15, 17))
    assert "past_bookings" not in forget(world, before)
    assert forget(world, after)["past_bookings"] == 1
    [row] = rows(world, Booking)
    assert (str(row.id), row.member_id, row.title, row.price) == (booking["id"], None, "—", 0)
    assert "past_bookings" not in forget(world, after)
