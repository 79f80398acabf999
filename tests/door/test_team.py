"""Fifteen volunteers open one team link at the same moment."""

from uuid import uuid4, uuid5

import pytest

from tests.at_once import at_once
from tests.scenes import bearer, pair, pair_link

TEAM = 15


def pairing(world, link, name, device=None):
    body = {"token": link["url"].partition("#pair=")[2], "device_id": str(device or uuid4()), "name": name}
    return world.client(), "POST", "/api/v1/doors/pair", {"json": body}


def names(manager, place):
    return sorted(door["name"] for door in manager.get(f"/api/v1/places/{place.id}/doors").json()["items"])


def test_fifteen_phones_pair_at_once_and_each_keeps_its_name(world):
    manager = world.as_manager(world.moulin)
    link = pair_link(manager, world.moulin)
    team = [f"Bénévole {number:02}" for number in range(TEAM)]
    answers = at_once(world, [pairing(world, link, name) for name in team])
    assert [answer.status_code for answer in answers] == [201] * TEAM
    assert len({answer.json()["token"] for answer in answers}) == TEAM
    assert names(manager, world.moulin) == team
    for name, answer in zip(team, answers, strict=True):
        me = world.client().get("/api/v1/door", headers=bearer(answer.json()["token"])).json()
        assert me["name"] == name


def test_a_link_for_fifteen_phones_pairs_no_sixteenth_however_many_come_at_once(world):
    manager = world.as_manager(world.moulin)
    link = pair_link(manager, world.moulin)
    answers = at_once(world, [pairing(world, link, f"Bénévole {number:02}") for number in range(TEAM + 5)])
    assert sorted(answer.status_code for answer in answers) == [201] * TEAM + [410] * 5
    assert len(names(manager, world.moulin)) == TEAM


def test_one_of_the_team_is_cut_off_and_the_others_go_on(world):
    manager = world.as_manager(world.moulin)
    link = pair_link(manager, world.moulin)
    answers = [answer.json() for answer in at_once(world, [pairing(world, link, f"B{n}") for n in range(TEAM)])]
    lost, *others = answers
    assert manager.delete(f"/api/v1/places/{world.moulin.id}/doors/{lost['door']['id']}").status_code == 204
    assert world.client().get("/api/v1/door", headers=bearer(lost["token"])).status_code == 401
    assert {world.client().get("/api/v1/door", headers=bearer(o["token"])).status_code for o in others} == {200}


def test_guessing_team_links_ends_after_a_while_and_says_how_long_to_wait(world):
    stranger, link = world.client(), {"url": "#pair=guess"}
    statuses = [pair(stranger, link).status_code for _ in range(31)]
    assert statuses == [410] * 30 + [429]
    refused = pair(stranger, link)
    assert refused.json()["code"] == "too_many_tries"
    assert int(refused.headers["Retry-After"]) <= 600
    good = pair_link(world.as_manager(world.moulin), world.moulin)
    assert pair(world.client(), good).status_code == 201, "somebody elsewhere is not held up"


def test_a_large_team_behind_one_address_is_not_held_up(world):
    link = pair_link(world.as_manager(world.moulin), world.moulin, max_uses=40)
    one_network = world.client()
    assert {pair(one_network, link).status_code for _ in range(40)} == {201}


def test_the_limit_on_typed_codes_is_the_places_and_not_the_phones(world):
    first, second, elsewhere = world.as_door(world.moulin), world.as_door(world.moulin), world.as_door(world.hangar)
    look_up = {"short_code": "K7M2-9QX4"}
    for number in range(30):
        door = (first, second)[number % 2]
        assert door.post("/api/v1/short-codes/look-up", json=look_up).status_code == 200
    for door in (first, second):
        refused = door.post("/api/v1/short-codes/look-up", json=look_up, headers={"Accept-Language": "fr"})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
        assert refused.json()["detail"].startswith("Trop de codes")
    assert elsewhere.post("/api/v1/short-codes/look-up", json=look_up).status_code == 200


@pytest.mark.parametrize("kind", ["poster", "office"])
def test_no_phone_becomes_a_door_that_nobody_carries(world, kind):
    manager = world.as_manager(world.moulin)
    link = manager.post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
    answer = pair(world.client(), link, uuid5(world.moulin.id, kind))
    assert (answer.status_code, answer.json()["code"]) == (409, "device_id_reserved")
