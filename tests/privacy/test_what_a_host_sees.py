"""A host sees a first name, an initial, a home and a pseudonym of that place, wherever they look, and nothing more."""

import pytest

from passapp.door.models import VisitIdentity
from passapp.door.rules import pseudonym
from tests.callers import Callers, operations
from tests.scenes import check_in, check_in_batch, membership, rows

PRIVATE = ("Quintard", "zoe.q@example.org", "HGR-0042", "SOLIDAIRE")


@pytest.fixture
def member(world):
    home = membership(world.hangar, tier="SOLIDAIRE")
    return world.member(
        given_name="Zoé",
        family_name="Quintard",
        email="zoe.q@example.org",
        reference="HGR-0042",
        memberships=[home],
    )


def seen_at(world, place, member):
    """The pseudonym that a door of the place shows of a member."""
    return check_in(world.as_door(place), world.scan(world.text(world.card(member))))["member"]["pseudonym"]


def test_a_place_calls_a_person_the_same_every_time(world, member):
    first = seen_at(world, world.moulin, member)
    world.later(days=40)
    assert seen_at(world, world.moulin, member) == first


def test_another_place_calls_them_otherwise(world, member):
    assert seen_at(world, world.moulin, member) != seen_at(world, world.hangar, member)


def test_another_network_calls_them_otherwise(world, member):
    keys = bytes(32), bytes(31) + b"1"
    assert len({pseudonym(key, world.moulin.id, member.id) for key in keys}) == 2


def test_two_people_of_one_name_are_told_apart(world):
    twins = [world.member(given_name="Léa", family_name="Bernard") for _ in range(2)]
    seen = [seen_at(world, world.moulin, twin) for twin in twins]
    today = world.as_manager(world.moulin).get(f"/api/v1/places/{world.moulin.id}/today").json()
    assert sorted(person["name"]["pseudonym"] for person in today["people"]) == sorted(seen)
    assert len(set(seen)) == 2
    assert {person["name"]["given_name"] for person in today["people"]} == {"Léa"}


def test_a_scan_sent_again_shows_the_same_pseudonym(world, member):
    door, scan = world.as_door(world.moulin), world.scan(world.text(world.card(member)))
    first = check_in(door, scan)
    [again] = check_in_batch(door, [scan])
    assert again["answer"]["member"] == first["member"]


def test_a_look_up_by_short_code_shows_it_too(world, member):
    seen = seen_at(world, world.moulin, member)
    card = world.card(member)
    answer = world.as_door(world.moulin).post("/api/v1/short-codes/look-up", json={"short_code": card.short_code})
    assert answer.json()["member"]["pseudonym"] == seen


@pytest.mark.parametrize("role", ["door", "host"])
def test_nothing_private_is_in_any_answer_that_a_door_or_a_host_can_read(world, member, role):
    callers = Callers(world)
    card = world.card(member)
    name = {"name": "Zoé Quintard", "second": "HGR-0042"}
    client = callers.client(role)
    said = []
    if role == "door":
        for shown in (
            world.scan(world.text(card)),
            world.scan(short_code=card.short_code),
            world.scan(by_name=name),
        ):
            answer = client.post("/api/v1/check-ins", json=shown)
            assert answer.json()["member"]["given_name"] == "Zoé"
            said.append(answer.text)
        said.append(client.post("/api/v1/short-codes/look-up", json={"short_code": card.short_code}).text)
        said.append(client.post("/api/v1/check-ins/batch", json={"items": [world.scan(world.text(card))]}).text)
    else:
        check_in(world.as_door(world.hangar), world.scan(world.text(card)))
    for operation in operations():
        if role in operation.access["roles"] and operation.method == "get":
            answer = client.request(**callers.request(operation, world.hangar))
            assert answer.status_code == 200, operation.id
            said.append(answer.text)
    assert any("Zoé" in text for text in said)
    [identity] = rows(world, VisitIdentity, VisitIdentity.member_id == member.id)
    for private in (*PRIVATE, str(member.id), str(identity.visitor_key)):
        assert not [text for text in said if private in text], private
