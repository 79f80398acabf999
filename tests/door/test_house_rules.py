"""House rules: read and accepted once for each version, by the member or in words at the door."""

from uuid import uuid4

import pytest

from passapp.door.models import Door, HouseRulesAcceptance
from passapp.kernel.audit import AuditEntry
from tests.scenes import check_in, pass_text, receive_as, rows

RULES = "Merci de ranger."


@pytest.fixture
def member(world):
    return world.member()


@pytest.fixture
def mine(world, member):
    return world.as_member(member)


def come(world, member, place=None):
    """The member comes in; gives the check-in's id."""
    return check_in(world.as_door(place or world.moulin), world.scan(world.text(world.card(member))))["check_in_id"]


def rules_of(client):
    return client.get("/api/v1/me/house-rules").json()["items"]


def accept(client, place, version=1):
    return client.post(f"/api/v1/me/house-rules/{place.id}", json={"version": version})


def accept_at_door(client, check_in_id, version=1):
    return client.post(f"/api/v1/check-ins/{check_in_id}/house-rules", json={"version": version})


def test_the_rules_of_ones_home_wait_to_be_accepted(world, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    assert rules_of(mine) == [
        {
            "place": {"id": str(world.hangar.id), "name": "Le Hangar", "town": "Caen", "zone": "Europe/Paris"},
            "version": 1,
            "text": RULES,
            "accepted_at": None,
        }
    ]


def test_those_of_a_place_where_one_never_came_do_not(world, mine):
    receive_as(world, world.moulin, house_rules=RULES)
    assert rules_of(mine) == []


def test_those_of_a_place_where_one_came_do(world, member, mine):
    receive_as(world, world.moulin, house_rules=RULES)
    come(world, member)
    assert [each["place"]["name"] for each in rules_of(mine)] == ["Le Moulin"]


def test_a_place_without_rules_asks_nothing(world, member, mine):
    receive_as(world, world.moulin, capacity=40)
    come(world, member)
    assert rules_of(mine) == []


def test_accepted_rules_say_since_when(world, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    assert accept(mine, world.hangar).status_code == 204
    assert [each["accepted_at"] for each in rules_of(mine)] == ["2026-11-18T10:00:00Z"]


def test_rules_are_accepted_once(world, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    accept(mine, world.hangar)
    world.later(hours=1)
    assert accept(mine, world.hangar).status_code == 204
    assert [row.at.hour for row in rows(world, HouseRulesAcceptance)] == [10]


def test_another_text_waits_again(world, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    accept(mine, world.hangar)
    receive_as(world, world.hangar, house_rules="Autres règles.")
    assert [(each["version"], each["accepted_at"]) for each in rules_of(mine)] == [(2, None)]


def test_a_version_that_is_not_in_force_any_more_cannot_be_accepted(world, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    receive_as(world, world.hangar, house_rules="Autres règles.")
    answer = accept(mine, world.hangar, version=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "house_rules_changed")
    assert rows(world, HouseRulesAcceptance) == []


def test_nor_can_the_rules_of_a_place_that_has_none(world, mine):
    assert accept(mine, world.hangar).json()["code"] == "house_rules_changed"


def test_nor_of_a_place_that_does_not_exist(world, mine):
    answer = mine.post(f"/api/v1/me/house-rules/{uuid4()}", json={"version": 1})
    assert answer.json()["code"] == "house_rules_changed"


def test_accepted_by_the_member_it_is_written_so(world, member, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    accept(mine, world.hangar)
    [row] = rows(world, HouseRulesAcceptance)
    assert (row.member_id, row.place_id, row.by) == (member.id, world.hangar.id, "member")


@pytest.mark.parametrize("who", ["as_door", "as_manager"])
def test_whoever_receives_writes_down_that_they_were_accepted_in_words(world, member, mine, who):
    receive_as(world, world.moulin, house_rules=RULES)
    answer = accept_at_door(getattr(world, who)(world.moulin), come(world, member))
    assert answer.status_code == 204, answer.text
    assert [each["accepted_at"] for each in rules_of(mine)] == ["2026-11-18T10:00:00Z"]
    assert [row.by for row in rows(world, HouseRulesAcceptance)] == ["door"]


def test_at_the_door_they_are_accepted_once_too(world, member):
    receive_as(world, world.moulin, house_rules=RULES)
    check_in_id = come(world, member)
    for _ in range(2):
        assert accept_at_door(world.as_door(world.moulin), check_in_id).status_code == 204
    assert len(rows(world, HouseRulesAcceptance)) == 1


def test_another_places_door_cannot_accept_for_anybody(world, member):
    receive_as(world, world.moulin, house_rules=RULES)
    answer = accept_at_door(world.as_door(world.hangar), come(world, member))
    assert (answer.status_code, answer.json()["code"]) == (404, "check_in_unknown")


def test_nobody_stands_behind_a_pass_that_cannot_be_read(world):
    receive_as(world, world.moulin, house_rules=RULES)
    door = world.as_door(world.moulin)
    check_in_id = check_in(door, world.scan("illisible"))["check_in_id"]
    assert accept_at_door(door, check_in_id).json()["code"] == "check_in_unknown"


def test_accepted_rules_are_in_what_is_known_of_the_member(world, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    accept(mine, world.hangar)
    assert mine.get("/api/v1/my-data").json()["house_rules"] == [
        {"place": "Le Hangar", "version": 1, "at": "2026-11-18T10:00:00Z", "by": "member"}
    ]


def test_the_member_erased_nobody_has_accepted_them(world, member, mine):
    receive_as(world, world.hangar, house_rules=RULES)
    accept(mine, world.hangar)
    assert mine.post("/api/v1/my-data/erasure", json={"confirm": member.email}).status_code == 204
    assert rows(world, HouseRulesAcceptance) == []


def test_a_members_rules_are_nobody_elses(world, member, mine):
    receive_as(world, world.moulin, house_rules=RULES)
    pass_text(world)
    come(world, world.member())
    assert rules_of(mine) == []


def test_who_wrote_down_that_they_were_accepted_stands_in_the_audit_log(world, member):
    receive_as(world, world.moulin, house_rules=RULES)
    check_in_id = come(world, member)
    for _ in range(2):
        accept_at_door(world.as_door(world.moulin), check_in_id)
    [entry] = rows(world, AuditEntry, AuditEntry.action == "house_rules.accept")
    assert (entry.place_id, entry.actor_kind, entry.detail) == (world.moulin.id, "door", {"version": 1})
    assert entry.actor_id in {door.id for door in rows(world, Door)}


def test_a_version_that_the_place_never_had_is_accepted_at_no_door(world, member):
    receive_as(world, world.moulin, house_rules=RULES)
    answer = accept_at_door(world.as_door(world.moulin), come(world, member), version=7)
    assert (answer.status_code, answer.json()["code"]) == (409, "house_rules_changed")
    assert rows(world, HouseRulesAcceptance) == rows(world, AuditEntry, AuditEntry.action == "house_rules.accept") == []
