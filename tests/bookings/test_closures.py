"""Closing a room, or all of a place, for a time."""

import pytest
from sqlalchemy import select

from passapp.bookings.closures.service import Closing
from passapp.bookings.closures.service import close as shut_down
from passapp.bookings.models import Booking, Claim, ClaimKind, ExternalCalendar
from passapp.bookings.rules import Policy, Rate
from passapp.kernel.audit import SYSTEM
from passapp.places.models import Place
from tests.bookings.desk import API, at, body, book, deed, stored
from tests.bookings.rooms import book as booked
from tests.bookings.rooms import composite, pool, room, taken
from tests.bookings.test_at_once import at_once
from tests.mails import link_of_mail, mails, text_of_mail
from tests.statements import statements

DAY = {"start": "2026-11-23T08:00", "end": "2026-11-23T18:00", "reason": "Travaux"}
HERE = {"latitude": 49.18, "longitude": -0.36}
NEAR = {"latitude": 49.20, "longitude": -0.36}
FURTHER = {"latitude": 49.40, "longitude": -0.36}
FAR = {"latitude": 43.30, "longitude": 5.37}


@pytest.fixture
def member(world):
    """A member of the hangar, who books at the moulin."""
    return world.member()


@pytest.fixture
def client(world, member):
    """Their browser."""
    return world.as_member(member)


@pytest.fixture
def manager(world):
    """The browser of the moulin's manager."""
    return world.as_manager(world.moulin)


def close(manager, place, **fields):
    return manager.post(f"{API}/places/{place.id}/closures", json=DAY | fields)


def offers(client):
    """What is kept for whoever looks, to confirm."""
    return [each for each in client.get(f"{API}/me/bookings").json()["items"] if each["may"]["confirm"]]


def test_a_closed_room_cannot_be_booked_and_the_one_beside_it_can(world, client, manager):
    blue, green = room(world), room(world, name="Salle Verte")
    made = close(manager, world.moulin, resource_id=blue)
    assert made.status_code == 201, made.text
    assert (made.json()["local_start"], made.json()["local_end"]) == ("2026-11-23T08:00", "2026-11-23T18:00")
    assert client.post(f"{API}/bookings", json=body(blue)).json()["code"] == "slot_taken"
    book(client, green)


def test_a_closed_place_is_closed_with_its_desks_and_the_parts_of_its_rooms(world, client, manager):
    left, right = room(world), room(world)
    whole, desks, elsewhere = composite(world, left, right), pool(world, 2), room(world, world.hangar)
    assert close(manager, world.moulin).status_code == 201
    for each in (left, right, whole, desks):
        assert client.post(f"{API}/bookings", json=body(each, people=1)).json()["code"] == "slot_taken"
    book(client, elsewhere)


def test_a_room_that_is_added_to_a_closed_place_is_closed_as_well(world, client, manager):
    close(manager, world.moulin)
    new = {"name": "Salle Neuve", "capacity": 6, "policy": {"is_always_open": True}}
    made = manager.post(f"{API}/places/{world.moulin.id}/resources", json=new)
    assert made.status_code == 201, made.text
    assert client.post(f"{API}/bookings", json=body(made.json()["id"])).json()["code"] == "slot_taken"


def test_a_closure_over_bookings_is_refused_with_their_list_and_changes_nothing(world, client, manager):
    blue = room(world)
    first, second = book(client, blue), book(client, blue, start="2026-11-23T17:00", end="2026-11-23T19:00")
    book(client, blue, start="2026-11-23T19:00", end="2026-11-23T20:00")
    refused = close(manager, world.moulin, resource_id=blue)
    assert (refused.status_code, refused.json()["code"]) == (409, "bookings_in_the_way")
    assert [each["id"] for each in refused.json()["bookings"]] == [first["id"], second["id"]]
    assert refused.json()["bookings"][0]["for"]["given_name"] == "Léa"
    assert manager.get(f"{API}/places/{world.moulin.id}/closures").json() == {"items": []}
    assert len(taken(world)) == 3


def test_bookings_that_are_cancelled_for_a_closure_cost_nothing_and_their_people_are_told_why(world, client, manager):
    policy = Policy(is_always_open=True, late_fee_percent=100)
    made = book(client, room(world, policy=policy, rates=[Rate(hour=1000)]))
    answer = close(manager, world.moulin, cancel_bookings=True)
    assert (answer.status_code, answer.json()["cancelled"], answer.json()["rehoused"]) == (201, 1, 0)
    seen = client.get(f"{API}/bookings/{made['id']}").json()
    assert (seen["state"], seen["fee"], seen["reason"]) == ("cancelled", 0, "Travaux")
    [told] = mails(world)
    assert "Travaux" in text_of_mail(told)
    assert "Aucune salle semblable" in text_of_mail(told)
    assert link_of_mail(world, told) == ("/rooms?start=2026-11-23T09%3A00&end=2026-11-23T10%3A00&people=2&kind=room")


def test_an_equivalent_room_is_kept_for_48_hours_at_the_nearest_open_place(world, client, manager):
    moulin = world.place("ici", **HERE)
    blue = room(world, moulin, features=["screen"])
    near, further, far = (world.place(code, **where) for code, where in (("a", NEAR), ("b", FURTHER), ("c", FAR)))
    room(world, near, policy=Policy(), features=["screen"])  # closed that morning
    room(world, near, features=[])
    room(world, near, features=["screen"], capacity=1)
    room(world, near, kind="desk", features=["screen"])
    room(world, far, features=["screen"])
    equivalent = room(world, further, features=["screen", "wheelchair"], rates=[Rate(hour=700)])
    made = book(client, blue)
    assert close(world.as_manager(moulin), moulin, cancel_bookings=True).json()["rehoused"] == 1
    [offer] = offers(client)
    assert (offer["resource"]["id"], offer["state"], offer["price"]) == (equivalent, "held", 700)
    assert (offer["starts_at"], offer["title"]) == (made["starts_at"], made["title"])
    assert at(offer["expires_at"]) == world.later(hours=48)
    world.later(hours=-48)
    first, letter = mails(world)[-2:]
    assert ("annule votre réservation" in first["Subject"], "second mail" in text_of_mail(first)) == (True, True)
    assert "Aucune salle" not in text_of_mail(first)
    assert "Une autre salle pour vous" in letter["Subject"]
    assert link_of_mail(world, letter) == f"/bookings/{offer['id']}"
    confirmed = deed(client, offer, "confirm").json()
    assert confirmed["state"] == "booked"


def test_another_room_of_the_same_place_comes_before_one_elsewhere(world, client, manager):
    room(world, world.hangar, name="Ailleurs")
    blue, green = room(world), room(world, name="Salle Verte", rates=[Rate(hour=5000)])
    book(client, blue)
    close(manager, world.moulin, resource_id=blue, cancel_bookings=True)
    assert [each["resource"]["id"] for each in offers(client)] == [green]


def test_one_room_is_kept_for_one_of_two_who_lost_theirs_the_other_hears_of_none(world, client, manager):
    blue, red, green = room(world), room(world, name="Rouge"), room(world, world.hangar)
    other = world.as_member(world.member())
    book(client, blue)
    book(other, red)
    close(manager, world.moulin, cancel_bookings=True)
    assert [each["resource"]["id"] for each in offers(client) + offers(other)] == [green]


def test_what_is_only_held_is_let_go_of_without_a_word_or_another_room(world, client, manager):
    room(world, world.hangar)
    book(client, room(world), hold=True)
    close(manager, world.moulin, cancel_bookings=True)
    assert (offers(client), mails(world)) == ([], [])


def test_a_booking_that_runs_is_ended_by_a_closure_from_now_on(world, client, manager):
    made = book(client, room(world), end="2026-11-23T12:00")
    world.now = at("2026-11-23T10:00+01:00")
    assert close(manager, world.moulin, start="2026-11-23T10:00", cancel_bookings=True).status_code == 201
    assert client.get(f"{API}/bookings/{made['id']}").json()["state"] == "cancelled"


def test_a_closure_that_is_removed_lets_it_be_booked_again(world, client, manager):
    blue = room(world)
    made = close(manager, world.moulin).json()
    address = f"{API}/places/{world.moulin.id}/closures/{made['id']}"
    assert manager.delete(address).status_code == 204
    book(client, blue)
    assert (manager.delete(address).status_code, manager.delete(address).json()["code"]) == (404, "closure_unknown")


def test_two_closures_at_once_each_close_what_the_other_does_not(world, client, manager):
    blue = room(world)
    week = close(manager, world.moulin, start="2026-11-21T08:00", end="2026-11-28T18:00").json()
    close(manager, world.moulin, resource_id=blue)
    manager.delete(f"{API}/places/{world.moulin.id}/closures/{week['id']}")
    assert client.post(f"{API}/bookings", json=body(blue)).json()["code"] == "slot_taken"
    book(client, blue, start="2026-11-24T09:00", end="2026-11-24T10:00")


def test_what_another_tool_says_is_taken_stays_taken_beside_a_closure(world, client, manager):
    blue = room(world)
    nine, ten = at("2026-11-23T08:00Z"), at("2026-11-23T09:00Z")
    with world.database.write() as session:
        session.add(ExternalCalendar(resource_id=blue, url="https://example.org/a.ics", tried_at=world.now))
        session.add(Claim(resource_id=blue, kind=ClaimKind.EXTERNAL, starts_at=nine, ends_at=ten))
    made = close(manager, world.moulin).json()
    assert taken(world) == [(blue, -60, 0), (blue, 0, 60), (blue, 60, 540)]
    manager.delete(f"{API}/places/{world.moulin.id}/closures/{made['id']}")
    assert taken(world) == [(blue, 0, 60)]
    with world.session() as session:  # read anew: it may have more to say
        assert session.get_one(ExternalCalendar, blue).tried_at is None


def test_however_many_rooms_and_closures_there_are_one_is_removed_in_as_many_statements(world, manager):
    address = f"{API}/places/{world.moulin.id}/closures"

    def removed():
        made = close(manager, world.moulin).json()
        with statements(world.database) as sent:
            assert manager.delete(f"{address}/{made['id']}").status_code == 204
        return len(sent)

    desks, halves = pool(world, 2), [room(world) for _ in range(2)]
    composite(world, *halves)
    close(manager, world.moulin, resource_id=desks)
    few = removed()
    for number in range(8):
        close(manager, world.moulin, resource_id=room(world), start=f"2026-11-23T{8 + number:02}:30")
        composite(world, *(room(world) for _ in range(2)))
    close(manager, world.moulin, start="2026-11-22T08:00", end="2026-11-23T09:00")
    assert removed() == few


def test_closures_are_listed_until_they_are_over(world, manager):
    close(manager, world.moulin, start="2026-11-25T08:00", end="2026-11-25T18:00")
    close(manager, world.moulin)
    listed = f"{API}/places/{world.moulin.id}/closures"
    assert [each["local_start"][:10] for each in manager.get(listed).json()["items"]] == ["2026-11-23", "2026-11-25"]
    world.now = at("2026-11-24T00:00Z")
    assert [each["local_start"][:10] for each in manager.get(listed).json()["items"]] == ["2026-11-25"]


@pytest.mark.parametrize(
    "fields,code",
    [
        ({"end": "2026-11-23T08:00"}, "closure_times"),
        ({"start": "2026-11-16T08:00", "end": "2026-11-17T08:00"}, "closure_times"),
        ({"start": "2027-03-28T02:30", "end": "2027-03-28T08:00"}, "nonexistent_local_time"),
        ({"end": "10000-01-01T08:00"}, "invalid_request"),
        ({"reason": "a" * 201}, "invalid_request"),
        ({"reason": "Tra\u202evaux"}, "invalid_request"),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(world, manager, fields, code):
    refused = close(manager, world.moulin, **fields)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_the_room_of_another_place_cannot_be_closed(world, manager):
    refused = close(manager, world.moulin, resource_id=room(world, world.hangar))
    assert (refused.status_code, refused.json()["code"]) == (404, "resource_unknown")


def test_everything_is_undone_where_the_closure_cannot_be_written(world, client, manager, monkeypatch):
    book(client, room(world))

    def fails(*_args, **_fields):
        raise RuntimeError

    monkeypatch.setattr("passapp.bookings.closures.service._lay", fails)
    with pytest.raises(RuntimeError):
        close(manager, world.moulin, cancel_bookings=True)
    with world.session() as session:
        assert session.scalars(select(Booking.state)).all() == ["booked"]
    assert stored(world) == 1


def test_two_places_that_close_at_once_and_would_offer_each_others_rooms_never_wait_for_each_other(world):
    places = [world.place("ici", **HERE), world.place("voisin", **NEAR)]
    rooms = [room(world, place) for place in places]
    for each in rooms:
        booked(world, each, world.member())
    first, last = at("2026-11-23T07:00Z"), at("2026-11-23T17:00Z")

    def shut(place_id):
        with world.database.write() as session:
            closing = Closing(session.get_one(Place, place_id), None, first, last, "Travaux")
            shut_down(session, closing, cancel_bookings=True, now=world.now, actor=SYSTEM)

    assert at_once([lambda place=place: shut(place.id) for place in places]) == ["booked"] * 2
    assert [each for each in taken(world) if each[1:] != (-60, 540)] == []


def test_what_is_over_is_in_nobodys_way(world, manager, client):
    blue = room(world)
    book(client, blue)
    world.now = at("2026-11-23T14:00:00+01:00")
    assert close(manager, world.moulin).status_code == 201
