"""Guests of a day: received under the place's rules, counted apart, their names forgotten."""

from datetime import timedelta
from uuid import uuid4

import pytest

from passapp.door.guests import GUEST_NAMES_KEPT, guests_in
from passapp.door.models import DayGuest
from passapp.kernel.audit import AuditEntry
from passapp.kernel.ticking import tick
from passapp.privacy.retention import chores
from tests.scenes import day_guest, everything_stored, receive_as, rows, visits
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


def receive(door, body):
    answer = door.post("/api/v1/door/guests", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(door, body):
    answer = door.post("/api/v1/door/guests", json=body)
    return answer.status_code, answer.json()["code"]


def today(manager, world, **query):
    return manager.get(f"/api/v1/places/{world.moulin.id}/today", params=query).json()


def act(client, world, guest_id, deed):
    return client.post(f"/api/v1/places/{world.moulin.id}/guests/{guest_id}/{deed}")


def test_a_guest_is_received_at_a_door_for_the_day(world, door):
    body = day_guest(world)
    assert receive(door, body) == {
        "id": body["id"],
        "given_name": "Inès",
        "minor": False,
        "at": "2026-11-18T10:00:00Z",
        "local_date": "2026-11-18",
        "left_at": None,
        "undone_at": None,
    }


def test_a_guest_makes_no_visit(world, door):
    receive(door, day_guest(world))
    assert visits(world) == []


def test_a_guest_need_not_say_their_name(world, door):
    assert receive(door, day_guest(world, given_name=" "))["given_name"] is None


@pytest.mark.parametrize("name", ["a" * 121, "Inès\nAna", "In\u202eès", "www.example.org"])
def test_what_is_no_name_is_refused(world, door, name):
    assert refused(door, day_guest(world, given_name=name)) == (422, "invalid_request")
    assert rows(world, DayGuest) == []


def test_a_guest_sent_again_is_answered_the_same_and_written_down_once(world, door):
    body = day_guest(world)
    first = receive(door, body)
    world.later(hours=2)
    again = body | {"device_now": world.now.isoformat()}
    assert receive(door, again) == first
    assert len(rows(world, DayGuest)) == 1


@pytest.mark.parametrize(
    "other", [{"given_name": "Ana"}, {"at": "2026-11-18T09:00:00Z"}, {"minor": True, "guardian_consents": True}]
)
def test_an_id_used_for_another_guest_is_refused(world, door, other):
    receive_as(world, world.moulin, minors=True)
    body = day_guest(world)
    receive(door, body)
    assert refused(door, body | other) == (409, "guest_id_reused")


def test_another_place_cannot_use_the_id_and_learns_nothing_of_the_guest(world, door):
    body = day_guest(world)
    receive(door, body)
    assert refused(world.as_door(world.hangar), body) == (409, "guest_id_reused")


def test_a_guest_kept_offline_is_of_the_day_on_which_they_came(world, door):
    at = NOW - timedelta(days=1)
    body = day_guest(world, at=at.isoformat())
    assert receive(door, body)["local_date"] == "2026-11-17"


def test_a_wrong_clock_is_corrected(world, door):
    slow = timedelta(days=2)
    body = day_guest(world, at=(NOW - slow - timedelta(hours=1)).isoformat(), device_now=(NOW - slow).isoformat())
    assert receive(door, body)["at"] == "2026-11-18T09:00:00Z"


def test_a_place_that_receives_no_guests_refuses_them(world, door):
    receive_as(world, world.moulin, guests=False)
    assert refused(door, day_guest(world)) == (409, "guests_not_received")


def test_a_guest_received_before_is_answered_the_same_after_the_place_receives_none_any_more(world, door):
    body = day_guest(world)
    first = receive(door, body)
    receive_as(world, world.moulin, guests=False)
    assert receive(door, body) == first


def test_a_minor_is_refused_unless_the_place_receives_minors(world, door):
    assert refused(door, day_guest(world, minor=True, guardian_consents=True)) == (409, "minors_not_received")


def test_a_minor_without_their_guardians_consent_is_refused(world, door):
    receive_as(world, world.moulin, minors=True)
    assert refused(door, day_guest(world, minor=True)) == (422, "invalid_request")


def test_a_minor_is_received_with_it(world, door):
    receive_as(world, world.moulin, minors=True)
    assert receive(door, day_guest(world, minor=True, guardian_consents=True))["minor"] is True


def test_a_manager_receives_a_guest_without_a_phone_at_the_door(world, manager):
    answer = manager.post(f"/api/v1/places/{world.moulin.id}/guests", json=day_guest(world))
    assert answer.status_code == 200, answer.text
    assert rows(world, DayGuest)[0].door_id is None


def test_guests_are_in_the_days_list_apart_from_members(world, door, manager):
    body = receive(door, day_guest(world))
    seen = today(manager, world)
    assert seen["people"] == seen["present"] == []
    [guest] = seen["guests"]
    assert guest == {
        "id": body["id"],
        "given_name": "Inès",
        "minor": False,
        "at": "2026-11-18T10:00:00Z",
        "left_at": None,
        "here": True,
    }


def test_a_guest_who_left_is_here_no_more_and_still_counts(world, door, manager):
    body = receive(door, day_guest(world))
    world.later(hours=1)
    assert act(door, world, body["id"], "left").json()["left_at"] == "2026-11-18T11:00:00Z"
    [guest] = today(manager, world)["guests"]
    assert (guest["here"], guest["left_at"]) == (False, "2026-11-18T11:00:00Z")


def test_a_guest_leaves_once(world, door):
    body = receive(door, day_guest(world))
    first = act(door, world, body["id"], "left").json()
    world.later(hours=1)
    assert act(door, world, body["id"], "left").json() == first


def test_a_guest_is_here_until_midnight_where_no_hours_are_known(world, door, manager):
    receive(door, day_guest(world))
    world.later(hours=12, minutes=59)
    assert [guest["here"] for guest in today(manager, world)["guests"]] == [True]
    world.later(minutes=1)
    assert today(manager, world)["guests"] == []


def test_a_guest_taken_back_is_gone_from_the_list_and_their_name_from_the_database(world, door, manager):
    body = receive(door, day_guest(world, given_name="Philomène"))
    assert act(manager, world, body["id"], "undo").status_code == 200
    assert today(manager, world)["guests"] == []
    assert "Philomène" not in everything_stored(world)


def test_that_a_guest_was_taken_back_is_in_the_audit_log_once(world, door, manager):
    body = receive(door, day_guest(world))
    act(manager, world, body["id"], "undo")
    act(manager, world, body["id"], "undo")
    [entry] = rows(world, AuditEntry, AuditEntry.action == "guest.undo")
    assert (entry.subject_id, entry.place_id, entry.detail) == (body["id"], world.moulin.id, {})


@pytest.mark.parametrize("deed", ["left", "undo"])
def test_a_guest_of_another_place_is_unknown(world, door, deed):
    body = receive(door, day_guest(world))
    answer = world.as_manager(world.hangar).post(f"/api/v1/places/{world.hangar.id}/guests/{body['id']}/{deed}")
    assert (answer.status_code, answer.json()["code"]) == (404, "guest_unknown")


def test_nobody_is_an_unknown_guest_too(world, manager):
    assert act(manager, world, uuid4(), "left").json()["code"] == "guest_unknown"


def forget(world, now):
    names = {"guest_names": chores(world.settings.keys_dir)["guest_names"]}
    return tick(world.database, names, now=now)["guest_names"]


def test_a_guests_name_is_forgotten_after_a_week_and_the_guest_still_counts(world, door):
    receive(door, day_guest(world))
    assert forget(world, NOW + GUEST_NAMES_KEPT) == 0
    assert forget(world, NOW + GUEST_NAMES_KEPT + timedelta(seconds=1)) == 1
    assert [row.given_name for row in rows(world, DayGuest)] == [None]
    with world.session() as session:
        assert guests_in(session, world.moulin.id, "2026-11") == 1


def test_a_guest_sent_again_after_their_name_was_forgotten_is_still_the_same(world, door):
    body = day_guest(world)
    receive(door, body)
    forget(world, NOW + timedelta(days=8))
    assert receive(door, body)["given_name"] is None


def test_the_places_statement_says_how_many_there_were(world, door, manager):
    receive(door, day_guest(world))
    statement = manager.get(f"/api/v1/places/{world.moulin.id}/statements/2026-11").json()
    assert (statement["day_guests"], statement["visits_received"]) == (1, 0)


def test_a_months_guests_are_those_of_its_dates_at_that_place_who_were_not_taken_back(world, door, manager):
    world.now = NOW - timedelta(days=15)
    receive(door, day_guest(world, at="2026-10-31T22:59:00Z"))
    world.now = NOW
    receive(door, day_guest(world))
    receive(world.as_door(world.hangar), day_guest(world))
    act(manager, world, receive(door, day_guest(world))["id"], "undo")
    with world.session() as session:
        assert [guests_in(session, world.moulin.id, month) for month in ("2026-10", "2026-11")] == [1, 1]


def test_who_came_up_to_a_week_ago_is_written_down_with_their_name(world, door):
    body = day_guest(world)
    world.later(days=7)
    received = receive(door, body | {"device_now": world.now.isoformat()})
    assert (received["local_date"], received["given_name"]) == ("2026-11-18", "Inès")


@pytest.mark.parametrize("days", [8, 100])
def test_a_phone_that_was_offline_for_longer_has_its_guests_counted_without_their_names(world, door, days):
    body = day_guest(world, given_name="Philomène")
    world.later(days=days)
    body |= {"device_now": world.now.isoformat()}
    received = receive(door, body)
    assert (received["local_date"], received["given_name"]) == ("2026-11-18", None)
    assert receive(door, body) == received
    assert "Philomène" not in everything_stored(world)
    with world.session() as session:
        assert guests_in(session, world.moulin.id, "2026-11") == 1


def test_a_guest_is_written_down_for_a_hundred_days_as_a_scan_is_and_no_longer(world, door):
    body, late = day_guest(world), day_guest(world)
    receive(door, body)
    world.later(days=100, seconds=1)
    again = {"device_now": world.now.isoformat()}
    assert refused(door, late | again) == (422, "guest_too_old")
    assert receive(door, body | again)["id"] == body["id"]
    assert len(rows(world, DayGuest)) == 1
