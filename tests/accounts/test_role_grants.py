"""Who holds which role, and taking roles back. They are given by invitation: test_invitations.py."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from passapp.accounts.models import RoleGrant
from passapp.accounts.roles import LAST_MANAGER, PLACE_NEEDED, withdraw_all_roles
from passapp.accounts.rules import GRANTABLE, Role
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.kernel.problems import Problem
from passapp.places.models import Place
from tests.at_once import at_once


def grants_of(world, role, place=None):
    with world.session() as session:
        query = select(RoleGrant.id).where(RoleGrant.role == role).order_by(RoleGrant.id)
        return list(session.scalars(query if place is None else query.where(RoleGrant.place_id == place.id)))


def withdraw(client, grant_id):
    return client.delete(f"/api/v1/role-grants/{grant_id}")


def leave_the_network(world, place):
    with world.database.write() as session:
        session.get_one(Place, place.id).left_on = world.now.date()


def shown(answer):
    return [(g["role"], g["place"] and g["place"]["code"]) for g in answer.json()["items"]]


def test_giving_a_role_twice_changes_nothing(world):
    account = world.account(Role.MEMBER)
    assert world.give(account, Role.HOST, world.hangar).id == world.give(account, Role.HOST, world.hangar).id


def test_one_person_may_hold_several_roles_at_several_places(world):
    account = world.account(Role.HOST, world.hangar)
    world.give(account, Role.HOST, world.moulin)
    world.give(account, Role.NETWORK_ACCOUNTANT)
    world.give(account, Role.MANAGER, world.moulin)
    mine = world.signed_in(account).get("/api/v1/me").json()["grants"]
    assert [(g["role"], g["place"] and g["place"]["code"]) for g in mine] == [
        ("host", "hangar"),
        ("host", "moulin"),
        ("network_accountant", None),
        ("manager", "moulin"),
    ]


@pytest.mark.parametrize("role", sorted(GRANTABLE))
def test_a_role_at_a_place_needs_the_place_and_one_in_the_network_has_none(world, role):
    place = world.hangar if role in {"coordinator", "network_accountant"} else None
    with pytest.raises(Problem) as refused:
        world.give(world.account(Role.MEMBER), role, place)
    assert refused.value.kind is PLACE_NEEDED


def test_a_manager_sees_the_roles_of_their_place_and_no_others(world):
    manager = world.as_manager(world.hangar)
    world.account(Role.HOST, world.hangar)
    world.account(Role.HOST, world.moulin)
    world.account(Role.COORDINATOR)
    answer = manager.get(f"/api/v1/places/{world.hangar.id}/role-grants")
    assert shown(answer) == [("manager", "hangar"), ("host", "hangar")]
    assert manager.get(f"/api/v1/places/{world.moulin.id}/role-grants").status_code == 403


def test_the_coordination_sees_every_role_but_members(world):
    coordinator = world.as_coordinator()
    world.member()
    world.account(Role.HOST, world.moulin)
    assert shown(coordinator.get("/api/v1/role-grants")) == [("coordinator", None), ("host", "moulin")]


def test_a_role_works_no_more_once_it_is_taken_back_and_the_session_stays(world):
    account = world.account(Role.HOST, world.hangar)
    client, today = world.signed_in(account), f"/api/v1/places/{world.hangar.id}/today"
    assert client.get(today).status_code == 200
    [given] = grants_of(world, "host")
    assert withdraw(world.as_manager(world.hangar), given).status_code == 204
    assert client.get(today).status_code == 403
    assert client.get("/api/v1/me").json()["account"]["id"] == str(account.id)


@pytest.mark.parametrize("role", ["host", "manager", "place_accountant"])
def test_a_manager_takes_back_the_roles_of_their_own_place_and_of_no_other(world, role):
    manager = world.as_manager(world.hangar)
    world.account(Role.MANAGER, world.moulin)
    for place, status in ((world.hangar, 204), (world.moulin, 403)):
        world.account(Role(role), place)
        assert withdraw(manager, grants_of(world, role, place)[-1]).status_code == status


@pytest.mark.parametrize("role", ["coordinator", "network_accountant"])
def test_a_manager_takes_back_no_role_of_the_network(world, role):
    world.account(Role(role))
    assert withdraw(world.as_manager(), grants_of(world, role)[0]).status_code == 403


def test_a_role_taken_back_twice_is_unknown_the_second_time(world):
    world.account(Role.HOST, world.hangar)
    [given] = grants_of(world, "host")
    coordinator = world.as_coordinator()
    withdraw(coordinator, given)
    assert withdraw(coordinator, given).json()["code"] == "grant_unknown"


def test_the_role_of_a_member_follows_from_membership_and_cannot_be_taken_back(world):
    world.member()
    [member] = grants_of(world, "member")
    assert withdraw(world.as_coordinator(), member).json()["code"] == "grant_unknown"


def test_each_role_given_and_taken_back_is_in_the_audit_log(world):
    account = world.account(Role.HOST, world.hangar)
    withdraw(world.as_coordinator(), grants_of(world, "host")[0])
    with world.session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(account.id)))
        deeds = [(e.action, e.actor_kind, e.place_id, e.detail) for e in entries]
    detail = {"role": "host"}
    assert deeds == [
        ("role.grant", "system", world.hangar.id, detail),
        ("role.withdraw", "account", world.hangar.id, detail),
    ]


def test_the_last_coordinator_stays(world):
    coordinator = world.as_coordinator()
    [only] = grants_of(world, "coordinator")
    answer = withdraw(coordinator, only)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_coordinator")
    assert grants_of(world, "coordinator") == [only]


@pytest.mark.parametrize("who", ["themselves", "the coordination"])
def test_the_last_manager_of_a_place_stays_whoever_asks(world, who):
    themselves = world.as_manager(world.hangar)
    world.account(Role.MANAGER, world.moulin)
    world.account(Role.HOST, world.hangar)
    [only] = grants_of(world, "manager", world.hangar)
    answer = withdraw(themselves if who == "themselves" else world.as_coordinator(), only)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_manager")
    assert answer.json()["detail"].startswith("Le Hangar would have no manager left. Invite another manager first")
    assert grants_of(world, "manager", world.hangar) == [only]


def test_a_manager_may_leave_where_another_one_stays(world):
    world.account(Role.MANAGER, world.hangar)
    leaving = world.as_manager(world.hangar)
    stays, leaves = grants_of(world, "manager")
    assert withdraw(leaving, leaves).status_code == 204
    assert grants_of(world, "manager") == [stays]
    assert leaving.get("/api/v1/members").status_code == 403


def test_a_place_that_left_the_network_may_lose_its_last_manager(world):
    manager = world.as_manager(world.hangar)
    leave_the_network(world, world.hangar)
    assert withdraw(manager, grants_of(world, "manager")[0]).status_code == 204


def test_a_place_that_will_leave_tomorrow_keeps_its_last_manager_until_then(world):
    world.account(Role.MANAGER, world.hangar)
    leave_the_network(world, world.hangar)
    world.now -= timedelta(days=1)
    assert withdraw(world.as_coordinator(), grants_of(world, "manager")[0]).json()["code"] == "last_manager"


@pytest.mark.parametrize("role", ["coordinator", "manager"])
def test_two_who_remove_one_another_at_the_same_moment_leave_one(world, role):
    place = world.hangar if role == "manager" else None
    clients = [world.signed_in(world.account(Role(role), place)) for _ in range(2)]
    both = grants_of(world, role)
    calls = [(c, "DELETE", f"/api/v1/role-grants/{g}", {}) for c, g in zip(clients, reversed(both), strict=True)]
    statuses = [answer.status_code for answer in at_once(world, calls)]
    assert len(grants_of(world, role)) == 1
    assert statuses.count(204) == 1


def test_managers_who_all_leave_at_the_same_moment_leave_one(world):
    clients = [world.as_manager(world.hangar) for _ in range(4)]
    held = grants_of(world, "manager")
    calls = [(c, "DELETE", f"/api/v1/role-grants/{g}", {}) for c, g in zip(clients, held, strict=True)]
    assert sorted(answer.status_code for answer in at_once(world, calls)) == [204, 204, 204, 409]
    assert len(grants_of(world, "manager")) == 1


def test_the_same_role_taken_back_twice_at_the_same_moment_is_taken_back_once(world):
    world.account(Role.MANAGER, world.hangar)
    world.account(Role.MANAGER, world.hangar)
    coordinators = [world.as_coordinator() for _ in range(2)]
    one, other = grants_of(world, "manager")
    answers = at_once(world, [(c, "DELETE", f"/api/v1/role-grants/{one}", {}) for c in coordinators])
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert grants_of(world, "manager") == [other]


def test_an_account_that_goes_gives_up_every_role_unless_it_is_the_last_of_one(world):
    account = world.account(Role.MANAGER, world.hangar)
    world.give(account, Role.HOST, world.moulin)
    with pytest.raises(Problem) as refused, world.database.write() as session:
        withdraw_all_roles(session, account.id, at=world.now, actor=SYSTEM)
    assert refused.value.kind is LAST_MANAGER
    assert len(grants_of(world, "host")) == 1
    world.account(Role.MANAGER, world.hangar)
    with world.database.write() as session:
        withdraw_all_roles(session, account.id, at=world.now, actor=SYSTEM)
    assert world.signed_in(account).get("/api/v1/me").json()["grants"] == []
