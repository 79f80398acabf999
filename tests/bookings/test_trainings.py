"""Machines that are only for people trained on them: the place keeps that list (booking.md 21)."""

import pytest

from passapp.bookings.models import Training
from passapp.bookings.rules import Policy
from passapp.kernel.audit import AuditEntry
from tests.bookings.rooms import room
from tests.scenes import rows

TRAINED_ONLY = Policy(is_always_open=True, needs_training=True)


@pytest.fixture
def laser(world):
    """A machine of the hangar."""
    return room(world, place=world.hangar, policy=TRAINED_ONLY, kind="equipment", name="Découpeuse laser")


def at(laser, *rest):
    return "/".join([f"/api/v1/resources/{laser}/trained", *map(str, rest)])


def finds(world, member):
    asked = {"start": "2026-11-23T09:00", "end": "2026-11-23T10:00", "people": 1}
    return world.as_member(member).get("/api/v1/availability", params=asked).json()["total"]


def test_who_was_trained_may_book_and_who_is_taken_off_the_list_may_no_more(world, laser):
    member, manager = world.member(), world.as_manager()
    assert finds(world, member) == 0
    assert manager.put(at(laser, member.id)).json() == {
        "member_id": str(member.id),
        "given_name": "Léa",
        "initial": "B",
        "home": "Le Hangar",
        "at": world.now.isoformat().replace("+00:00", "Z"),
    }
    assert finds(world, member) == 1
    assert manager.delete(at(laser, member.id)).status_code == 204
    assert finds(world, member) == 0
    assert manager.get(at(laser)).json() == {"items": []}


def test_the_same_said_again_changes_nothing_and_each_deed_is_written_down_once(world, laser):
    member, manager = world.member(), world.as_manager()
    first = manager.put(at(laser, member.id)).json()
    world.later(minutes=5)
    assert manager.put(at(laser, member.id)).json() == first
    for _ in range(2):
        assert manager.delete(at(laser, member.id)).status_code == 204
    assert [entry.action for entry in rows(world, AuditEntry, AuditEntry.action.startswith("training"))] == [
        "training.add",
        "training.remove",
    ]


def test_a_visitor_is_trained_by_the_code_of_the_pass_that_they_show(world, laser):
    visitor, manager = world.member(world.moulin, given_name="Inès"), world.as_manager()
    code = world.card(visitor).short_code
    assert manager.put(at(laser, visitor.id)).json()["code"] == "member_unknown"
    answer = manager.post(at(laser), json={"short_code": f"{code[:4].lower()}-{code[4:]}"})
    assert (answer.json()["given_name"], answer.json()["home"]) == ("Inès", "Le Moulin")
    assert [each["given_name"] for each in manager.get(at(laser)).json()["items"]] == ["Inès"]
    assert finds(world, visitor) == 1


@pytest.mark.parametrize("code", ["K7M2-9QX4", "n'importe quoi", "\x00"])
def test_a_code_of_no_pass_is_refused_and_names_nobody(world, laser, code):
    answer = world.as_manager().post(at(laser), json={"short_code": code})
    assert (answer.status_code, answer.json()["code"]) == (404, "short_code_unknown")
    assert rows(world, Training) == []


def test_guessing_codes_ends_after_a_while(world, laser):
    manager = world.as_manager()
    answers = {manager.post(at(laser), json={"short_code": "K7M2-9QX4"}).status_code for _ in range(61)}
    assert answers == {404, 429}


def test_a_manager_keeps_the_lists_of_their_own_place_only(world, laser):
    member, other = world.member(world.moulin), world.as_manager(world.moulin)
    for answer in (other.get(at(laser)), other.put(at(laser, member.id)), other.delete(at(laser, member.id))):
        assert answer.status_code == 403
