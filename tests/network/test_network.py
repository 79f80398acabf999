"""The network's settings, its plans, and its first convention."""

import hashlib

import pytest
import rfc8785
from sqlalchemy import select

from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.kernel.problems import Problem
from passapp.network.rules import FIRST_CONVENTION, hash_document
from passapp.network.service import found_network
from tests.world import NOW

PLANS = "/api/v1/plans"
WEEK = {"code": "SEM", "name": "Semaine", "weekdays": [4, 0, 0, 2], "from_time": "08:00", "to_time": "26:00"}


def put(client, code, version, **fields):
    return client.put(f"{PLANS}/{code}", json={"name": "Semaine"} | fields, headers={"If-Match": f'"{version}"'})


def test_anybody_may_know_the_networks_name(world):
    shown = world.client().get("/api/v1/network").json()
    assert (shown["code"], shown["name"], shown["locale"], shown["demo"]) == ("RESEAU", "Le Réseau", "fr", False)


@pytest.mark.parametrize("tiles,shown", [("https://tiles.example/{z}/{x}/{y}.png", True), ("off", False)])
def test_the_network_says_where_the_background_of_its_maps_comes_from(world, tiles, shown):
    world.app.state.settings = world.settings.model_copy(update={"map_tiles": tiles, "map_credit": "© Eux"})
    found = world.client().get("/api/v1/network").json()["map"]
    assert found == ({"tiles": tiles, "credit": "© Eux"} if shown else None)


def test_the_code_stands_in_every_pass_and_cannot_be_changed(world):
    answer = world.as_coordinator().patch("/api/v1/network", json={"code": "AUTRE"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")


def test_a_setting_left_out_stays(world):
    coordinator = world.as_coordinator()
    answer = coordinator.patch("/api/v1/network", json={"card_allowed": False}, headers={"If-Match": '"1"'})
    assert (answer.json()["name"], answer.json()["card_allowed"]) == ("Le Réseau", False)


def test_a_network_that_allows_no_cards_issues_none(world):
    coordinator = world.as_coordinator()
    coordinator.patch("/api/v1/network", json={"card_allowed": False}, headers={"If-Match": '"1"'})
    answer = coordinator.post(f"/api/v1/members/{world.member().id}/passes", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "card_not_allowed")


def test_a_deployment_is_one_network(world):
    with world.database.write() as session, pytest.raises(Problem, match="exists already"):
        found_network(session, "AUTRE", "Autre", locale="fr", at=NOW, actor=SYSTEM)


def test_a_plan_is_given_back_with_each_weekday_once_and_in_order(world):
    answer = world.as_coordinator().post(PLANS, json=WEEK)
    assert answer.status_code == 201
    assert answer.json() == WEEK | {"weekdays": [0, 2, 4], "opens": "everywhere", "monthly_visits": None, "version": 1}


def test_a_new_network_has_one_plan_that_opens_everything(world):
    [plan] = world.as_door().get(PLANS).json()["items"]
    assert (plan["code"], plan["opens"], plan["from_time"], plan["to_time"]) == ("TOUT", "everywhere", "00:00", "24:00")


def test_a_plan_may_limit_the_visits_elsewhere_of_a_month(world):
    coordinator = world.as_coordinator()
    assert coordinator.post(PLANS, json=WEEK | {"monthly_visits": 4}).json()["monthly_visits"] == 4
    assert put(coordinator, "SEM", 1).json()["monthly_visits"] is None


def test_a_plans_code_is_taken_once(world):
    coordinator = world.as_coordinator()
    answers = [coordinator.post(PLANS, json=WEEK) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "plan_exists"


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "LONGS"},
        {"code": "sem"},
        {"code": ""},
        {"weekdays": []},
        {"weekdays": [7]},
        {"from_time": "24:00"},
        {"from_time": "18:00", "to_time": "08:00"},
        {"from_time": "08:00", "to_time": "32:01"},
        {"opens": "nowhere"},
        {"monthly_visits": 0},
        {"monthly_visits": 1001},
    ],
)
def test_a_plan_that_opens_nothing_or_too_much_is_refused(world, fields):
    assert world.as_coordinator().post(PLANS, json=WEEK | fields).status_code == 422


def test_a_plan_changes_from_the_version_that_was_seen(world):
    coordinator = world.as_coordinator()
    version = coordinator.post(PLANS, json=WEEK).json()["version"]
    assert put(coordinator, "SEM", version, opens="home").json()["opens"] == "home"
    assert put(coordinator, "SEM", version, opens="everywhere").json()["code"] == "stale"
    assert put(coordinator, "AUTR", 1).json()["code"] == "plan_unknown"


def test_every_change_of_the_networks_rules_is_in_the_audit_log(world):
    coordinator = world.as_coordinator()
    coordinator.patch("/api/v1/network", json={"name": "Autre"}, headers={"If-Match": '"1"'})
    put(coordinator, "SEM", coordinator.post(PLANS, json=WEEK).json()["version"])
    with world.session() as session:
        deeds = select(AuditEntry.action).where(AuditEntry.action.in_(["network.change", "plan.add", "plan.change"]))
        assert session.scalars(deeds.order_by(AuditEntry.id)).all() == ["network.change", "plan.add", "plan.change"]


def test_a_new_network_has_one_convention_that_counts_only(world):
    [version] = world.as_member(world.member()).get("/api/v1/conventions").json()["items"]
    assert (version["number"], version["document"]["money"], version["document"]) == (1, False, FIRST_CONVENTION)


def test_the_conventions_hash_is_that_of_its_canonical_json(world):
    [version] = world.as_coordinator().get("/api/v1/conventions").json()["items"]
    assert version["sha256"] == hashlib.sha256(rfc8785.dumps(version["document"])).hexdigest()
    assert version["sha256"] == hash_document(dict(reversed(version["document"].items())))
