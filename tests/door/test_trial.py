"""A trial pass: the phone says that it works, and nothing is counted."""

import pytest

from passapp.accounts.rules import Role
from passapp.door.models import CheckIn, Door, Visit
from passapp.passes.qr import version_of
from passapp.passes.trial import trial_pass
from passapp.places.models import Place
from tests.scenes import check_in, pass_text, post_json, rows, signed_by_a_stranger


def trial_text(world, place):
    with world.session() as session:
        return trial_pass(session, session.get_one(Place, place.id), world.settings.keys_dir, at=world.now)


def try_door(door, text):
    answer = door.post("/api/v1/door/trial", json={"pass": text})
    assert answer.status_code == 200, answer.text
    return answer.json()


def tried(world, place):
    return [door.tried_at for door in rows(world, Door, Door.place_id == place.id)]


def test_a_trial_pass_works_at_its_place_and_is_noted(world):
    door = world.as_door(world.hangar)
    assert try_door(door, trial_text(world, world.hangar)) == {"works": True, "verdict": "ok"}
    assert tried(world, world.hangar) == [world.now]


def test_a_trial_counts_nothing(world):
    door = world.as_door(world.hangar)
    try_door(door, trial_text(world, world.hangar))
    assert (rows(world, CheckIn), rows(world, Visit)) == ([], [])


def test_the_first_trial_is_the_one_that_is_noted(world):
    door, first = world.as_door(world.hangar), world.now
    text = trial_text(world, world.hangar)
    try_door(door, text)
    world.later(hours=1)
    assert try_door(door, text)["works"]
    assert tried(world, world.hangar) == [first]


def test_a_trial_pass_of_another_place_does_not_work(world):
    door = world.as_door(world.hangar)
    assert try_door(door, trial_text(world, world.moulin)) == {"works": False, "verdict": "wrong_place"}
    assert tried(world, world.hangar) == [None]


def test_a_trial_pass_is_good_for_a_day(world):
    door, text = world.as_door(world.hangar), trial_text(world, world.hangar)
    world.later(hours=23, minutes=59)
    assert try_door(door, text)["works"]
    world.later(minutes=3)
    assert try_door(door, text) == {"works": False, "verdict": "expired"}


def test_a_members_pass_is_no_trial_pass(world):
    door = world.as_door(world.hangar)
    assert try_door(door, pass_text(world)) == {"works": False, "verdict": "invalid"}
    assert tried(world, world.hangar) == [None]
    assert rows(world, CheckIn) == []


def test_a_trial_pass_signed_by_a_stranger_or_tampered_with_does_not_work(world):
    door, text = world.as_door(world.hangar), trial_text(world, world.hangar)
    head, claims, signature = text.split(".")
    forged = f"{head}.{claims}.{signature[:-4]}AAAA"
    strange = signed_by_a_stranger(world, world.card(world.member()))
    assert [try_door(door, each)["verdict"] for each in (forged, strange, "illisible", "CP1:x")] == ["invalid"] * 4
    assert tried(world, world.hangar) == [None]


@pytest.mark.parametrize("shown", ["", "x" * 5000, None, 7, "\ud800"])
def test_what_is_no_text_of_a_pass_is_refused(world, shown):
    answer = post_json(world.as_door(world.hangar), "/api/v1/door/trial", {"pass": shown})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_trial_pass_sent_as_a_check_in_lets_nobody_in_and_counts_nothing(world):
    door = world.as_door(world.hangar)
    answer = check_in(door, world.scan(trial_text(world, world.hangar)))
    assert (answer["colour"], answer["member"]) == ("red", None)
    assert rows(world, Visit) == []


def test_no_member_ever_gets_the_index_or_the_plan_of_a_trial_pass(world, monkeypatch):
    drawn = iter((0, 0, 5))
    monkeypatch.setattr("passapp.passes.service.secrets.randbelow", lambda _: next(drawn))
    assert world.card(world.member()).status_index == 5
    refused = world.as_coordinator().post("/api/v1/plans", json={"code": "TEST", "name": "Test"})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_reserved")


def test_a_phone_that_was_cut_off_tries_nothing(world):
    door, manager = world.as_door(world.hangar), world.as_manager(world.hangar)
    [phone] = manager.get(f"/api/v1/places/{world.hangar.id}/doors").json()["items"]
    manager.delete(f"/api/v1/places/{world.hangar.id}/doors/{phone['id']}")
    assert door.post("/api/v1/door/trial", json={"pass": trial_text(world, world.hangar)}).status_code == 401


@pytest.mark.parametrize("role", ["coordinator", "manager", "host"])
def test_whoever_receives_at_a_place_gets_a_trial_pass_that_works_there(world, role):
    client = world.signed_in(world.account(Role(role), None if role == "coordinator" else world.hangar))
    shown = client.get(f"/api/v1/places/{world.hangar.id}/trial-pass").json()
    assert shown["qr_svg"].startswith("<svg")
    assert try_door(world.as_door(world.hangar), shown["text"])["works"]


def test_a_place_without_a_door_has_no_trial_pass(world):
    employer = world.place("mairie", has_door=False)
    answer = world.as_coordinator().get(f"/api/v1/places/{employer.id}/trial-pass")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_door_here")


def test_the_longest_code_of_a_place_still_makes_a_readable_code(world):
    place = world.place("a" + "-b" * 19 + "c")
    assert version_of(trial_text(world, place)) <= 15


def test_the_doors_page_says_which_phones_were_tried(world):
    world.as_door(world.hangar)
    try_door(world.as_door(world.hangar), trial_text(world, world.hangar))
    phones = world.as_manager(world.hangar).get(f"/api/v1/places/{world.hangar.id}/doors").json()["items"]
    assert sorted(phone["tried_at"] is not None for phone in phones) == [False, True]
