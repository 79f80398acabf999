from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from passapp.door.models import Door
from passapp.door.pairing import pair as pair_again
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.places.models import Place
from tests.scenes import bearer, check_in, everything_stored, pair, pair_link, pass_text, rows


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


@pytest.fixture
def link(world, manager):
    return pair_link(manager, world.moulin)


def test_a_team_link_pairs_a_phone_with_its_place(world, link):
    paired = pair(world.client(), link, name="Camille, téléphone")
    assert paired.status_code == 201
    door = world.client().get("/api/v1/door", headers=bearer(paired.json()["token"]))
    assert door.json() == paired.json()["door"]
    assert door.json()["name"] == "Camille, téléphone"
    assert door.json()["place"]["code"] == "moulin"
    assert door.json()["network"] == {"code": "RESEAU", "name": "Le Réseau"}


def test_a_team_link_pairs_as_many_devices_as_it_says_and_no_more(world, manager):
    link = pair_link(manager, world.moulin, max_uses=2)
    volunteer = world.client()
    assert [pair(volunteer, link).status_code for _ in range(3)] == [201, 201, 410]
    refused = pair(volunteer, link)
    assert refused.json()["code"] == "pairing_link_not_valid"


def test_a_team_link_expires(world, manager):
    link = pair_link(manager, world.moulin, hours=2)
    world.later(hours=2, seconds=-1)
    assert pair(world.client(), link).status_code == 201
    world.later(seconds=1)
    assert pair(world.client(), link).status_code == 410


def test_a_team_link_that_is_cut_off_pairs_nobody(world, manager, link):
    where = f"/api/v1/places/{world.moulin.id}/pairing-links/{link['id']}"
    assert manager.delete(where).status_code == 204
    assert pair(world.client(), link).status_code == 410
    assert manager.delete(where).status_code == 204


def test_the_devices_that_a_team_link_paired_outlive_it(world, manager, link):
    token = pair(world.client(), link).json()["token"]
    manager.delete(f"/api/v1/places/{world.moulin.id}/pairing-links/{link['id']}")
    assert world.client().get("/api/v1/door", headers=bearer(token)).status_code == 200


def test_another_place_cannot_cut_a_team_link_off(world, link):
    stranger = world.as_manager(world.hangar)
    assert stranger.delete(f"/api/v1/places/{world.moulin.id}/pairing-links/{link['id']}").status_code == 403
    under_its_own = stranger.delete(f"/api/v1/places/{world.hangar.id}/pairing-links/{link['id']}")
    assert (under_its_own.status_code, under_its_own.json()["code"]) == (404, "pairing_link_unknown")
    assert pair(world.client(), link).status_code == 201


def test_an_invented_secret_pairs_nobody(world):
    answer = pair(world.client(), {"url": "#pair=nothing-of-ours"})
    assert (answer.status_code, answer.json()["code"]) == (410, "pairing_link_not_valid")


def test_the_secret_of_a_team_link_is_stored_nowhere_and_listed_nowhere(world, manager, link):
    secret = link["url"].partition("#pair=")[2]
    assert len(secret) >= 43
    assert secret not in everything_stored(world)
    listed = manager.get(f"/api/v1/places/{world.moulin.id}/pairing-links")
    assert [item["id"] for item in listed.json()["items"]] == [link["id"]]
    assert secret not in listed.text
    assert not {"url", "qr_svg", "token", "token_hash"} & listed.json()["items"][0].keys()


def test_a_doors_token_is_stored_nowhere_and_listed_nowhere(world, manager, link):
    token = pair(world.client(), link).json()["token"]
    assert token not in everything_stored(world)
    assert token not in manager.get(f"/api/v1/places/{world.moulin.id}/doors").text


def test_a_team_link_counts_its_uses(world, manager, link):
    pair(world.client(), link)
    pair(world.client(), link)
    [listed] = manager.get(f"/api/v1/places/{world.moulin.id}/pairing-links").json()["items"]
    assert (listed["uses"], listed["max_uses"]) == (2, 15)


def test_a_device_paired_again_stays_the_same_door_with_a_new_token(world, manager, link):
    device = uuid4()
    first = pair(world.client(), link, device, "Tablette").json()
    second = pair(world.client(), link, device, "Tablette du bar").json()
    assert second["door"]["id"] == first["door"]["id"]
    assert second["token"] != first["token"]
    doors = manager.get(f"/api/v1/places/{world.moulin.id}/doors").json()["items"]
    assert [(door["name"], door["device_id"]) for door in doors] == [("Tablette du bar", str(device))]


def test_the_old_token_of_a_device_paired_again_is_dead(world, link):
    device = uuid4()
    old = pair(world.client(), link, device).json()["token"]
    new = pair(world.client(), link, device).json()["token"]
    assert world.client().get("/api/v1/door", headers=bearer(old)).status_code == 401
    assert world.client().get("/api/v1/door", headers=bearer(new)).status_code == 200


def test_a_scan_kept_by_a_device_that_is_paired_again_is_still_known(world, link):
    device, phone = uuid4(), world.client()
    scan = world.scan(pass_text(world))
    phone.headers |= bearer(pair(world.client(), link, device).json()["token"])
    first = check_in(phone, scan)
    phone.headers |= bearer(pair(world.client(), link, device).json()["token"])
    assert check_in(phone, scan) == first | {"replayed": True}


def test_a_device_can_be_a_door_of_two_places(world, link):
    device = uuid4()
    here = pair(world.client(), link, device).json()
    there = pair(world.client(), pair_link(world.as_manager(world.hangar), world.hangar), device).json()
    assert here["door"]["id"] != there["door"]["id"]
    assert world.client().get("/api/v1/door", headers=bearer(here["token"])).json()["place"]["code"] == "moulin"
    assert world.client().get("/api/v1/door", headers=bearer(there["token"])).json()["place"]["code"] == "hangar"


def test_a_door_that_is_cut_off_is_refused_at_once(world, manager, link):
    paired = pair(world.client(), link).json()
    phone = world.client()
    phone.headers |= bearer(paired["token"])
    where = f"/api/v1/places/{world.moulin.id}/doors/{paired['door']['id']}"
    assert manager.delete(where).status_code == 204
    assert phone.get("/api/v1/door").status_code == 401
    assert phone.post("/api/v1/check-ins", json=world.scan(pass_text(world))).status_code == 401
    assert phone.get("/api/v1/status-list").status_code == 401
    [door] = manager.get(f"/api/v1/places/{world.moulin.id}/doors").json()["items"]
    assert door["cut_off_at"] is not None


def test_a_door_that_was_cut_off_can_be_paired_again(world, manager, link):
    device = uuid4()
    first = pair(world.client(), link, device).json()
    manager.delete(f"/api/v1/places/{world.moulin.id}/doors/{first['door']['id']}")
    again = pair(world.client(), pair_link(manager, world.moulin), device).json()
    assert again["door"]["id"] == first["door"]["id"]
    assert world.client().get("/api/v1/door", headers=bearer(again["token"])).status_code == 200
    [door] = manager.get(f"/api/v1/places/{world.moulin.id}/doors").json()["items"]
    assert door["cut_off_at"] is None


def test_whoever_has_a_phone_that_was_cut_off_cannot_pair_it_again_with_the_team_link_that_they_know(
    world, manager, link
):
    device = uuid4()
    other = pair_link(manager, world.moulin, hours=168)
    paired = pair(world.client(), link, device).json()
    manager.delete(f"/api/v1/places/{world.moulin.id}/doors/{paired['door']['id']}")
    answers = [pair(world.client(), known, device) for known in (link, other)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(410, "pairing_link_not_valid")] * 2


def test_cutting_a_phone_off_leaves_other_phones_and_other_places_links(world, manager, link):
    elsewhere = pair_link(world.as_manager(world.hangar), world.hangar)
    stays, goes = pair(world.client(), link).json(), pair(world.client(), link).json()
    manager.delete(f"/api/v1/places/{world.moulin.id}/doors/{goes['door']['id']}")
    assert world.client().get("/api/v1/door", headers=bearer(stays["token"])).status_code == 200
    assert pair(world.client(), elsewhere).status_code == 201


def test_a_door_that_has_a_good_token_can_be_cut_off_whatever_stands_beside_it(world, manager, link):
    paired = pair(world.client(), link).json()
    with world.database.write() as session:
        session.get_one(Door, UUID(paired["door"]["id"])).cut_off_at = world.now
    assert manager.delete(f"/api/v1/places/{world.moulin.id}/doors/{paired['door']['id']}").status_code == 204
    assert world.client().get("/api/v1/door", headers=bearer(paired["token"])).status_code == 401


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_a_phone_cut_off_while_it_is_being_paired_again_no_token_is_left(world, manager, link):
    """Where two may write at once: the cut-off waits for the pairing, and finds the token that it made."""
    device = uuid4()
    door_id = UUID(pair(world.client(), link, device).json()["door"]["id"])
    with ThreadPoolExecutor(1) as other:
        with world.database.write() as session:
            place = session.get_one(Place, world.moulin.id)
            again = pair_again(session, place, device, "Téléphone", at=world.now, actor=SYSTEM)
            cutting = other.submit(manager.delete, f"/api/v1/places/{world.moulin.id}/doors/{door_id}")
            with pytest.raises(TimeoutError):
                cutting.result(0.5)
        assert cutting.result(20).status_code == 204
    assert world.client().get("/api/v1/door", headers=bearer(again.token)).status_code == 401


def test_another_place_cannot_cut_a_door_off(world, link):
    paired = pair(world.client(), link).json()
    stranger = world.as_manager(world.hangar)
    answer = stranger.delete(f"/api/v1/places/{world.hangar.id}/doors/{paired['door']['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "door_unknown")
    assert world.client().get("/api/v1/door", headers=bearer(paired["token"])).status_code == 200


def test_a_doors_token_opens_nothing_but_what_is_declared_for_doors(world):
    door = world.as_door(world.moulin)
    fill = {"place_id": str(world.moulin.id), "month": "2026-11", "code": "TOUT"}
    refused = {}
    for path, operations in world.app.openapi()["paths"].items():
        for verb, operation in operations.items():
            if {"door", "anyone"} & set(operation["x-access"]["roles"]):
                continue
            names = [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"]
            address = path.format(**{name: fill.get(name, str(uuid4())) for name in names})
            refused[operation["operationId"]] = door.request(verb, address).status_code
    assert len(refused) > 20
    assert set(refused.values()) == {403}, refused


def test_a_place_without_a_door_cannot_pair_anything(world):
    employer = world.place("employeur", has_door=False)
    manager = world.as_manager(employer)
    by_link = manager.post(f"/api/v1/places/{employer.id}/pairing-links", json={})
    assert (by_link.status_code, by_link.json()["code"]) == (409, "no_door_here")
    by_hand = manager.post(f"/api/v1/places/{employer.id}/doors", json={"device_id": str(uuid4()), "name": "Moi"})
    assert (by_hand.status_code, by_hand.json()["code"]) == (409, "no_door_here")


def test_a_team_link_of_a_place_that_gave_its_door_up_pairs_nobody_and_is_not_used_up(world, manager, link):
    coordinator = world.as_coordinator()
    where = f"/api/v1/places/{world.moulin.id}"
    version = coordinator.get(where).headers["ETag"]
    assert coordinator.patch(where, json={"has_door": False}, headers={"If-Match": version}).status_code == 200
    answer = pair(world.client(), link)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_door_here")
    [listed] = manager.get(f"{where}/pairing-links").json()["items"]
    assert listed["uses"] == 0


def test_a_manager_pairs_the_phone_in_hand_without_a_link(world, manager):
    body = {"device_id": str(uuid4()), "name": "Téléphone de Malik"}
    paired = manager.post(f"/api/v1/places/{world.moulin.id}/doors", json=body)
    assert paired.status_code == 201
    token = paired.json()["token"]
    assert world.client().get("/api/v1/door", headers=bearer(token)).json()["place"]["code"] == "moulin"


def test_pairing_and_cutting_off_are_written_down_with_the_place(world, manager, link):
    paired = pair(world.client(), link).json()
    manager.delete(f"/api/v1/places/{world.moulin.id}/doors/{paired['door']['id']}")
    written = rows(world, AuditEntry, AuditEntry.place_id == world.moulin.id)
    assert [entry.action for entry in sorted(written, key=lambda entry: entry.id)][-4:] == [
        "pairing_link.make",
        "door.pair",
        "door.cut_off",
        "pairing_link.cut_off",
    ]
    assert everything_stored(world).count("Téléphone") == 1, "the log names no device, and nobody"


def test_a_team_link_that_asks_for_nonsense_is_refused(world, manager):
    for wanted in ({"hours": 0}, {"hours": 169}, {"max_uses": 0}, {"max_uses": 101}, {"label": "a\u0000b"}, {"a": 1}):
        answer = manager.post(f"/api/v1/places/{world.moulin.id}/pairing-links", json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), wanted


def seen(world, client):
    [phone] = client.get(f"/api/v1/places/{world.moulin.id}/doors").json()["items"]
    return datetime.fromisoformat(phone["last_seen_at"]) if phone["last_seen_at"] else None


@pytest.mark.parametrize("deed", ["check-ins", "short-codes/look-up", "door/trial", "check-ins/{}/undo"])
def test_a_phone_was_seen_whatever_it_did(world, manager, deed):
    door = world.as_door(world.moulin)
    assert seen(world, manager) is None
    shown = pass_text(world)
    check_in_id = check_in(door, world.scan(shown))["check_in_id"] if "undo" in deed else None
    world.later(minutes=2)
    bodies = {
        "check-ins": world.scan(shown),
        "short-codes/look-up": {"short_code": "K7M2-9QX4"},
        "door/trial": {"pass": shown},
        "check-ins/{}/undo": {"reason": "Erreur"},
    }
    assert door.post(f"/api/v1/{deed.format(check_in_id)}", json=bodies[deed]).status_code == 200
    assert seen(world, manager) == world.now


def test_that_a_phone_was_seen_is_a_minute_exact(world, manager):
    door, first = world.as_door(world.moulin), world.now
    for seconds in (0, 59):
        world.later(seconds=seconds)
        door.post("/api/v1/short-codes/look-up", json={"short_code": "K7M2-9QX4"})
        assert seen(world, manager) == first


def test_a_manager_who_undoes_a_check_in_is_no_phone_that_was_seen(world, manager):
    door, first = world.as_door(world.moulin), world.now
    check_in_id = check_in(door, world.scan(pass_text(world)))["check_in_id"]
    world.later(minutes=2)
    assert manager.post(f"/api/v1/check-ins/{check_in_id}/undo", json={"reason": "Erreur"}).status_code == 200
    assert seen(world, manager) == first
