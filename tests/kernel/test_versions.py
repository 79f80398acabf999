"""Two people who change the same thing: the second one is told, and overwrites nothing."""

from sqlalchemy import select

from passapp.network.models import Network
from tests.at_once import at_once

NETWORK = "/api/v1/network"


def change(client, version, name="Autre"):
    return client.patch(NETWORK, json={"name": name}, headers={"If-Match": f'"{version}"'})


def test_a_row_tells_its_version_in_the_body_and_in_the_etag(world):
    answer = world.client().get(NETWORK)
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'


def test_a_change_needs_the_version_that_was_seen(world):
    answer = world.as_coordinator().patch(NETWORK, json={"name": "Autre"})
    assert (answer.status_code, answer.json()["code"]) == (428, "version_required")


def test_a_change_from_the_present_version_is_made_and_gives_the_next_one(world):
    coordinator = world.as_coordinator()
    version = coordinator.get(NETWORK).json()["version"]
    answer = change(coordinator, version)
    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    assert answer.json()["version"] > version


def test_a_weak_etag_that_a_proxy_made_of_ours_will_do(world):
    coordinator = world.as_coordinator()
    version = coordinator.get(NETWORK).json()["version"]
    answer = coordinator.patch(NETWORK, json={"name": "Autre"}, headers={"If-Match": f'W/"{version}"'})
    assert answer.status_code == 200


def test_a_change_from_an_older_version_is_refused_and_changes_nothing(world):
    coordinator = world.as_coordinator()
    version = coordinator.get(NETWORK).json()["version"]
    change(coordinator, version, "Premier")
    answer = change(coordinator, version, "Second")
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert coordinator.get(NETWORK).json()["name"] == "Premier"


def test_of_changes_made_at_the_same_moment_from_the_same_version_one_is_made(world):
    version = world.client().get(NETWORK).json()["version"]
    arguments = {"headers": {"If-Match": f'"{version}"'}}
    calls = [(world.as_coordinator(), "PATCH", NETWORK, arguments | {"json": {"name": f"N{n}"}}) for n in range(6)]
    answers = at_once(world, calls)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    [made] = [answer.json()["name"] for answer in answers if answer.status_code == 200]
    with world.session() as session:
        assert session.scalars(select(Network.name)).one() == made


def test_a_places_hours_and_its_card_share_one_version(world):
    coordinator = world.as_coordinator()
    address = f"/api/v1/places/{world.hangar.id}"
    version = coordinator.get(address).json()["version"]
    hours = coordinator.put(f"{address}/hours", json={}, headers={"If-Match": f'"{version}"'})
    assert hours.status_code == 200
    stale = coordinator.patch(address, json={"name": "Autre"}, headers={"If-Match": f'"{version}"'})
    assert stale.status_code == 412
