"""How a place receives: who says so, what is kept, and which version of the house rules that makes."""

from datetime import date

import pytest

from passapp.door.models import DoorPolicy
from passapp.door.policy import Policy, policy_of
from passapp.kernel.audit import AuditEntry
from tests.scenes import receive_as, rows


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


def path(world):
    return f"/api/v1/places/{world.moulin.id}/door-policy"


def put(client, world, version, **policy):
    return client.put(path(world), json=policy, headers={"If-Match": f'"{version}"'})


def test_a_place_that_has_said_nothing_goes_by_the_defaults(world, manager):
    answer = manager.get(path(world))
    assert answer.headers["ETag"] == '"0"'
    assert answer.json() == {
        "cards": True,
        "keeps_hours": False,
        "capacity": None,
        "check_out": False,
        "guests": True,
        "minors": False,
        "house_rules": None,
        "house_rules_version": 0,
        "message": None,
        "message_until": None,
        "version": 0,
    }


def test_the_defaults_are_the_same_for_a_door_that_asks_the_service(world):
    with world.session() as session:
        assert policy_of(session, world.moulin.id) == Policy()


def test_a_manager_says_how_the_place_receives_and_its_doors_go_by_it(world, manager):
    said = {"cards": False, "keeps_hours": True, "capacity": 40, "check_out": True, "guests": False, "minors": True}
    answer = put(manager, world, 0, **said)
    assert {name: answer.json()[name] for name in said} == said
    with world.session() as session:
        assert policy_of(session, world.moulin.id) == Policy(**said)


def test_the_change_is_in_the_audit_log_by_the_names_of_its_fields(world, manager):
    put(manager, world, 0, capacity=40, message="Concert ce soir")
    [entry] = rows(world, AuditEntry, AuditEntry.action == "door_policy.change")
    assert (entry.place_id, entry.detail) == (world.moulin.id, {"fields": ["capacity", "message"]})


def test_what_was_said_already_makes_no_entry(world, manager):
    put(manager, world, 0, capacity=40)
    put(manager, world, 1, capacity=40)
    assert len(rows(world, AuditEntry, AuditEntry.action == "door_policy.change")) == 1


def test_a_change_from_an_older_version_is_refused(world, manager):
    put(manager, world, 0, capacity=40)
    answer = put(manager, world, 0, capacity=50)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert rows(world, DoorPolicy)[0].capacity == 40


def test_a_change_that_names_no_version_is_refused(world, manager):
    answer = manager.put(path(world), json={})
    assert (answer.status_code, answer.json()["code"]) == (428, "version_required")


def test_another_text_of_the_house_rules_is_another_version(world):
    assert receive_as(world, world.moulin, house_rules="Merci de ranger.")["house_rules_version"] == 1
    assert receive_as(world, world.moulin, house_rules="Merci de ranger. Pas de musique.")["house_rules_version"] == 2


def test_the_same_text_with_another_setting_is_not(world):
    receive_as(world, world.moulin, house_rules="Merci de ranger.")
    assert receive_as(world, world.moulin, house_rules="Merci de ranger.", capacity=5)["house_rules_version"] == 1


def test_house_rules_taken_away_and_written_again_are_to_be_accepted_again(world):
    first = receive_as(world, world.moulin, house_rules="Merci de ranger.")
    receive_as(world, world.moulin)
    again = receive_as(world, world.moulin, house_rules="Merci de ranger.")
    assert again["house_rules_version"] > first["house_rules_version"]


def test_house_rules_keep_their_lines(world):
    said = receive_as(world, world.moulin, house_rules="Rangez.\r\n\r\nÉteignez.\tMerci.")
    assert said["house_rules"] == "Rangez.\n\nÉteignez. Merci."


@pytest.mark.parametrize(
    "wrong",
    [
        {"capacity": 0},
        {"capacity": 100_001},
        {"house_rules": "a" * 4001},
        {"house_rules": "a\u202eb"},
        {"message": "a" * 281},
        {"message": "deux\nlignes"},
        {"message_until": "demain"},
        {"house_rules_version": 3},
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(world, manager, wrong):
    answer = put(manager, world, 0, **wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"/{name}" for name in wrong]


def test_blank_words_are_none(world):
    said = receive_as(world, world.moulin, house_rules="  ", message=" ", message_until="2026-11-20")
    assert (said["house_rules"], said["message"], said["message_until"]) == (None, None, None)


@pytest.mark.parametrize("day, shown", [(18, "Concert"), (19, "Concert"), (20, None)])
def test_a_message_is_shown_until_its_last_day_included(day, shown):
    policy = Policy(message="Concert", message_until=date(2026, 11, 19))
    assert policy.message_on(date(2026, 11, day)) == shown


def test_a_message_without_a_last_day_stays(world):
    assert Policy(message="Sonnez deux fois").message_on(date(2099, 1, 1)) == "Sonnez deux fois"


def test_two_managers_who_say_it_first_at_the_same_moment_do_not_break_anything(world, manager):
    put(manager, world, 0, capacity=40)
    answer = put(world.as_manager(world.moulin), world, 0, capacity=60)
    assert answer.json()["code"] == "stale"
