"""Giving roles and taking them back."""

import pytest
from sqlalchemy import select

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from tests.at_once import at_once


def grant(client, role, place=None, email="camille@example.org"):
    body = {"email": email, "name": "Camille", "role": role, "place_id": str(place.id) if place else None}
    return client.post("/api/v1/role-grants", json=body)


def grants_of(world, role):
    with world.session() as session:
        return list(session.scalars(select(RoleGrant.id).where(RoleGrant.role == role)))


def test_a_role_at_a_place_is_given_with_an_account_made_if_need_be(world):
    answer = grant(world.as_coordinator(), "manager", world.hangar, email="Camille@Example.org")
    assert answer.status_code == 201
    assert answer.json()["account"]["email"] == "camille@example.org"
    assert answer.json()["place"]["code"] == "hangar"


def test_giving_a_role_twice_changes_nothing(world):
    coordinator = world.as_coordinator()
    first, second = (grant(coordinator, "host", world.hangar) for _ in range(2))
    assert first.json() == second.json()
    assert len(grants_of(world, "host")) == 1


def test_one_person_may_hold_several_roles(world):
    coordinator = world.as_coordinator()
    grant(coordinator, "host", world.hangar)
    grant(coordinator, "host", world.moulin)
    grant(coordinator, "network_accountant")
    person = grant(coordinator, "manager", world.moulin).json()["account"]["id"]
    held = [g for g in coordinator.get("/api/v1/role-grants").json()["items"] if g["account"]["id"] == person]
    assert [(g["role"], g["place"] and g["place"]["code"]) for g in held] == [
        ("host", "hangar"),
        ("host", "moulin"),
        ("network_accountant", None),
        ("manager", "moulin"),
    ]


@pytest.mark.parametrize("role", ["host", "manager", "place_accountant"])
def test_a_role_at_a_place_needs_the_place(world, role):
    assert grant(world.as_coordinator(), role).json()["code"] == "place_needed"


@pytest.mark.parametrize("role", ["coordinator", "network_accountant"])
def test_a_role_in_the_network_has_no_place(world, role):
    assert grant(world.as_coordinator(), role, world.hangar).json()["code"] == "place_needed"


@pytest.mark.parametrize("role", ["member", "door", "admin", ""])
def test_other_roles_cannot_be_given(world, role):
    assert grant(world.as_coordinator(), role).json()["code"] == "invalid_request"


def test_a_role_that_is_refused_leaves_no_account_behind(world):
    grant(world.as_coordinator(), "host", email="personne@example.org")
    with world.session() as session:
        assert session.scalar(select(Account).where(Account.email == "personne@example.org")) is None


def test_a_role_works_at_once_and_no_more_once_it_is_taken_back(world):
    coordinator = world.as_coordinator()
    client = world.signed_in(world.account(Role.MEMBER))
    person = client.get("/api/v1/me").json()["account"]["email"]
    given = grant(coordinator, "manager", world.hangar, email=person).json()["id"]
    assert client.get("/api/v1/members").status_code == 200
    assert coordinator.delete(f"/api/v1/role-grants/{given}").status_code == 204
    assert client.get("/api/v1/members").status_code == 403


def test_a_role_taken_back_twice_is_unknown_the_second_time(world):
    coordinator = world.as_coordinator()
    given = grant(coordinator, "host", world.hangar).json()["id"]
    coordinator.delete(f"/api/v1/role-grants/{given}")
    assert coordinator.delete(f"/api/v1/role-grants/{given}").json()["code"] == "grant_unknown"


def test_the_role_of_a_member_follows_from_membership_and_cannot_be_taken_back(world):
    world.member()
    [member] = grants_of(world, "member")
    assert world.as_coordinator().delete(f"/api/v1/role-grants/{member}").json()["code"] == "grant_unknown"


def test_the_last_coordinator_stays(world):
    coordinator = world.as_coordinator()
    [only] = grants_of(world, "coordinator")
    answer = coordinator.delete(f"/api/v1/role-grants/{only}")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_coordinator")
    assert grants_of(world, "coordinator") == [only]


def test_two_coordinators_who_remove_one_another_at_the_same_moment_leave_one(world):
    clients = [world.as_coordinator(), world.as_coordinator()]
    both = grants_of(world, "coordinator")
    calls = [(c, "DELETE", f"/api/v1/role-grants/{g}", {}) for c, g in zip(clients, reversed(both), strict=True)]
    statuses = [answer.status_code for answer in at_once(world, calls)]
    assert len(grants_of(world, "coordinator")) == 1
    assert statuses.count(204) == 1


def test_the_same_role_given_several_times_at_the_same_moment_is_held_once(world):
    body = {"email": "camille@example.org", "name": "Camille", "role": "host", "place_id": str(world.hangar.id)}
    calls = [(world.as_coordinator(), "POST", "/api/v1/role-grants", {"json": body}) for _ in range(4)]
    assert {answer.status_code for answer in at_once(world, calls)} <= {201, 409}
    assert len(grants_of(world, "host")) == 1
