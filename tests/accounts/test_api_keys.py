"""Keys for integrations. What each scope opens, route by route: test_access_table.py."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from passapp.accounts.models import ApiKey, RoleGrant
from passapp.accounts.rules import Role, Scope
from passapp.kernel.audit import AuditEntry
from passapp.kernel.ids import hash_secret
from tests.callers import operations

GUIDE = Path(__file__).parents[2] / "docs" / "integrations.md"


def make(client, place=None, scopes=("members:read",), name="Caisse"):
    return client.post(address(place), json={"name": name, "scopes": list(scopes)})


def address(place=None):
    return f"/api/v1/places/{place.id}/api-keys" if place else "/api/v1/api-keys"


def with_key(world, secret):
    client = world.client()
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


def test_the_secret_is_shown_once_and_only_its_hash_is_kept(world):
    coordinator = world.as_coordinator()
    made = make(coordinator).json()
    assert made["secret"].startswith("passapp_")
    assert len(made["secret"]) == len("passapp_") + 43
    assert made["secret"] not in coordinator.get(address()).text
    with world.session() as session:
        key = session.scalars(select(ApiKey)).one()
        assert key.token_hash == hash_secret(made["secret"])
        assert made["secret"] not in str([session.execute(text(f"SELECT * FROM {t}")).all() for t in ("api_key",)])


def test_a_key_does_what_its_scope_names(world):
    world.member(world.hangar)
    client = with_key(world, make(world.as_coordinator()).json()["secret"])
    assert len(client.get("/api/v1/members").json()["items"]) == 1
    assert client.post("/api/v1/members", json={}).status_code == 403


def test_a_refusal_names_the_scope_that_the_key_does_not_hold(world):
    client = with_key(world, make(world.as_coordinator()).json()["secret"])
    answer = client.post("/api/v1/members", json={}, headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "members:write" in answer.json()["detail"]


def test_where_no_scope_lets_a_key_in_the_refusal_names_none(world):
    client = with_key(world, make(world.as_coordinator()).json()["secret"])
    answer = client.get("/api/v1/role-grants")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_key_of_a_place_acts_as_its_manager_and_a_key_of_the_network_as_the_coordination(world):
    world.member(world.hangar)
    world.member(world.moulin)
    of_place = make(world.as_manager(world.hangar), world.hangar).json()["secret"]
    of_network = make(world.as_coordinator()).json()["secret"]
    seen = [len(with_key(world, s).get("/api/v1/members").json()["items"]) for s in (of_place, of_network)]
    assert seen == [1, 2]


def test_a_key_of_one_place_is_refused_at_another(world):
    secret = make(world.as_manager(world.hangar), world.hangar, ["places:write", "visits:read"]).json()["secret"]
    client = with_key(world, secret)
    assert client.get(f"/api/v1/places/{world.hangar.id}/today").status_code == 200
    assert client.get(f"/api/v1/places/{world.moulin.id}/today").status_code == 403


def test_a_revoked_key_gets_401_at_once(world):
    manager = world.as_manager(world.hangar)
    made = make(manager, world.hangar).json()
    client = with_key(world, made["secret"])
    assert client.get("/api/v1/members").status_code == 200
    assert manager.delete(f"{address(world.hangar)}/{made['id']}").status_code == 204
    answer = client.get("/api/v1/members")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "key_not_valid"
    assert manager.get(address(world.hangar)).json()["items"] == []


def test_a_key_is_revoked_once_and_by_whom_it_belongs_to(world):
    coordinator, manager = world.as_coordinator(), world.as_manager(world.hangar)
    made = make(manager, world.hangar).json()["id"]
    assert coordinator.delete(f"{address()}/{made}").json()["code"] == "key_unknown"
    assert coordinator.delete(f"{address(world.moulin)}/{made}").json()["code"] == "key_unknown"
    assert coordinator.delete(f"{address(world.hangar)}/{made}").status_code == 204
    assert manager.delete(f"{address(world.hangar)}/{made}").json()["code"] == "key_unknown"


def test_each_place_sees_its_own_keys_and_the_network_its_own(world):
    coordinator = world.as_coordinator()
    make(coordinator, None, name="Réseau")
    make(coordinator, world.hangar, name="Hangar")
    make(coordinator, world.moulin, name="Moulin")
    seen = [[key["name"] for key in coordinator.get(address(p)).json()["items"]] for p in (None, world.hangar)]
    assert seen == [["Réseau"], ["Hangar"]]


def test_the_last_use_is_shown_a_few_minutes_exact(world):
    coordinator = world.as_coordinator()
    client = with_key(world, make(coordinator).json()["secret"])
    assert coordinator.get(address()).json()["items"][0]["last_used_at"] is None
    used = []
    for minutes in (0, 4, 2):
        world.later(minutes=minutes)
        client.get("/api/v1/members")
        used.append(coordinator.get(address()).json()["items"][0]["last_used_at"])
    assert used[0] == used[1] != used[2]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Caisse", "scopes": ["members:erase"]},
        {"name": "Caisse", "scopes": ["members:read", "*"]},
        {"name": "Caisse", "scopes": []},
        {"name": "Caisse"},
        {"name": " ", "scopes": ["members:read"]},
        {"name": "C" * 121, "scopes": ["members:read"]},
        {"name": "Caisse", "scopes": ["members:read"], "place_id": "x"},
    ],
    ids=["unknown scope", "every scope", "no scope", "no scopes", "no name", "long name", "another field"],
)
def test_a_key_says_what_it_is_for_and_what_it_may_do(world, body):
    answer = world.as_coordinator().post(address(), json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_place_cannot_have_a_key_to_the_networks_audit_log(world):
    answer = make(world.as_manager(world.hangar), world.hangar, ["members:read", "audit:read"])
    assert (answer.status_code, answer.json()["code"]) == (422, "scope_of_the_network")
    assert "audit:read" in answer.json()["detail"]


def test_a_key_does_not_work_as_a_cookie(world):
    secret = make(world.as_coordinator()).json()["secret"]
    client = world.client()
    client.cookies.set("passapp", secret)
    assert client.get("/api/v1/members").status_code == 401


def test_a_key_prevails_over_the_cookie_of_somebody_who_may_more(world):
    coordinator = world.as_coordinator()
    secret = make(coordinator, None, ["places:read"]).json()["secret"]
    assert coordinator.get("/api/v1/members", headers={"Authorization": f"Bearer {secret}"}).status_code == 403


@pytest.mark.parametrize("secret", ["passapp_", "passapp_x", "passapp_" + "a" * 43, "passapp_" + "a" * 5000])
def test_a_key_that_is_not_ours_is_nobodys(world, secret):
    answer = with_key(world, secret).get("/api/v1/members")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_not_valid")


def test_a_key_is_refused_where_doors_call(world):
    client = with_key(world, make(world.as_manager(world.hangar), world.hangar).json()["secret"])
    answer = client.post("/api/v1/check-ins", json=world.scan("illisible"))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_page_of_another_site_gets_no_further_with_a_key(world):
    client = with_key(world, make(world.as_coordinator(), None, ["places:write"]).json()["secret"])
    answer = client.post("/api/v1/places", json={}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")


def test_what_a_key_does_is_in_the_audit_log_under_the_key(world):
    made = make(world.as_manager(world.hangar), world.hangar, ["members:write"]).json()
    member = world.member(world.hangar)
    client = with_key(world, made["secret"])
    assert client.post(f"/api/v1/members/{member.id}/suspend", json={"reason": "impayé"}).status_code == 200
    with world.session() as session:
        deed = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (deed.action, deed.actor_kind, str(deed.actor_id)) == ("member.suspend", "key", made["id"])


def test_making_and_revoking_a_key_is_in_the_audit_log_without_its_secret(world):
    coordinator = world.as_coordinator()
    made = make(coordinator, world.hangar, ["members:read", "visits:read"]).json()
    coordinator.delete(f"{address(world.hangar)}/{made['id']}")
    with world.session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == made["id"]))
        deeds = [(e.action, e.place_id, e.detail) for e in entries]
    assert deeds == [
        ("api_key.make", world.hangar.id, {"scopes": ["members:read", "visits:read"]}),
        ("api_key.revoke", world.hangar.id, {}),
    ]


def withdraw(world, account, role, place=None):
    where = RoleGrant.place_id.is_not_distinct_from(place.id if place else None)
    with world.session() as session:
        held = session.scalars(
            select(RoleGrant.id).where(RoleGrant.account_id == account.id, RoleGrant.role == role, where)
        )
        grant_id = held.one()
    assert world.as_coordinator().delete(f"/api/v1/role-grants/{grant_id}").status_code == 204


def works(world, made):
    return with_key(world, made["secret"]).get("/api/v1/members").status_code == 200


def test_the_keys_that_a_manager_made_go_with_the_role_and_nobody_elses(world):
    leaving, staying = (world.account(Role.MANAGER, world.hangar) for _ in range(2))
    world.give(leaving, Role.MANAGER, world.moulin)
    world.account(Role.MANAGER, world.moulin)
    here, there = (make(world.signed_in(leaving), place).json() for place in (world.hangar, world.moulin))
    others = make(world.signed_in(staying), world.hangar).json()
    withdraw(world, leaving, Role.MANAGER, world.hangar)
    assert [works(world, made) for made in (here, there, others)] == [False, True, True]
    with world.session() as session:
        deeds = select(AuditEntry).where(AuditEntry.action == "api_key.revoke")
        [deed] = session.scalars(deeds).all()
    assert (deed.subject_id, deed.place_id, deed.actor_kind) == (here["id"], world.hangar.id, "account")


def test_the_keys_that_a_coordinator_made_go_with_the_role_at_places_too(world):
    leaving = world.account(Role.COORDINATOR)
    client = world.signed_in(leaving)
    made = [make(client, place).json() for place in (None, world.hangar)]
    withdraw(world, leaving, Role.COORDINATOR)
    assert [works(world, each) for each in made] == [False, False]


@pytest.mark.parametrize("stays", [Role.COORDINATOR, Role.MANAGER])
def test_a_key_stays_with_who_may_still_make_it_by_another_role(world, stays):
    goes = Role.MANAGER if stays == Role.COORDINATOR else Role.COORDINATOR
    at = {Role.COORDINATOR: None, Role.MANAGER: world.hangar}
    account = world.account(stays, at[stays])
    world.give(account, goes, at[goes])
    world.account(Role.MANAGER, world.hangar)
    made = make(world.signed_in(account), world.hangar).json()
    withdraw(world, account, goes, at[goes])
    assert works(world, made)


def test_another_role_taken_back_leaves_the_keys_alone(world):
    account = world.account(Role.MANAGER, world.hangar)
    world.give(account, Role.HOST, world.hangar)
    made = make(world.signed_in(account), world.hangar).json()
    withdraw(world, account, Role.HOST, world.hangar)
    assert works(world, made)


def test_the_guide_names_each_scope_and_no_other():
    rows = re.findall(r"^\| `([a-z]+:[a-z]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [scope.value for scope in Scope]


def test_the_addresses_that_the_guide_shows_exist():
    shown = re.findall(r"https://pass.example.org(/\S+)", GUIDE.read_text(encoding="utf-8"))
    known = {operation.path.replace("{member_id}", "MEMBER_ID") for operation in operations()}
    assert len(shown) == 2
    assert set(shown) <= known
