"""Every route × every role × no credentials × another place's ids."""

import pytest
from fastapi import APIRouter

import passapp.app
from passapp.accounts.rules import NETWORK_ONLY, Role, Scope
from passapp.app import create_app
from tests.accounts.access_table import DEMO_ONLY, LET_IN_WITH, ONESELF, ROLES, TABLE
from tests.callers import Callers, operations


@pytest.fixture
def callers(world):
    return Callers(world)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_let_in_where_the_table_says_so(callers, role):
    own, other = callers.world.hangar, callers.world.moulin
    wanted = [(o, own) for o in operations() if {role, "anyone"} & TABLE[o.id].here]
    wanted += [(o, other) for o in operations() if role in (TABLE[o.id].elsewhere or ())]
    client = callers.client(role)
    for operation, place in wanted:
        status = client.request(**callers.request(operation, place)).status_code
        expected = [LET_IN_WITH[operation.id]] if operation.id in LET_IN_WITH else range(200, 300)
        assert status in expected, f"{role}: {operation.id} with ids of {place.name} answered {status}"
        if operation.id in {"sign_in", "sign_out", "accept_invitation"}:
            client = callers.client(role)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_everything_else_and_changes_nothing(callers, role):
    closed = [o for o in operations() if not {role, "anyone"} & TABLE[o.id].here]
    closed_elsewhere = [
        o for o in operations() if TABLE[o.id].elsewhere is not None and role not in TABLE[o.id].elsewhere
    ]
    requests = [(o, callers.request(o, callers.world.hangar)) for o in closed]
    requests += [(o, callers.request(o, callers.world.moulin)) for o in closed_elsewhere]
    client = callers.client(role)
    before = callers.everything()
    for operation, request in requests:
        status = client.request(**request).status_code
        assert status in ({401} if role == "nobody" else {403, 404}), f"{role}: {operation.id} answered {status}"
    after = callers.everything()
    assert [table for table, rows in after.items() if rows != before[table]] == []


def test_somebody_without_any_role_reaches_what_is_about_themselves_and_nothing_else(callers):
    account = callers.world.account(Role.MEMBER)
    client, callers.account_id = callers.world.signed_in(account), account.id
    for operation in operations():
        if "anyone" not in TABLE[operation.id].here:
            status = client.request(**callers.request(operation, callers.world.hangar)).status_code
            let_in = status == LET_IN_WITH.get(operation.id) or 200 <= status < 300
            assert let_in if operation.id in ONESELF else status == 403, f"{operation.id} answered {status}"


KEYS = [("coordinator", scope) for scope in Scope]
KEYS += [("manager", scope) for scope in Scope if scope not in NETWORK_ONLY]


def key_of(callers, acts_as, *scopes):
    """A client with a key of the network, or of the hangar."""
    return callers.client_with_key(callers.key(callers.world.hangar if acts_as == "manager" else None, *scopes))


@pytest.mark.parametrize("acts_as, scope", KEYS)
def test_a_key_may_call_what_its_scope_names_as_far_as_whom_it_acts_for(callers, acts_as, scope):
    client = key_of(callers, acts_as, scope)
    for operation in operations():
        row = TABLE[operation.id]
        for place, roles in ((callers.world.hangar, row.here), (callers.world.moulin, row.elsewhere)):
            if row.scope == scope and roles is not None:
                status = client.request(**callers.request(operation, place)).status_code
                let_in = status == LET_IN_WITH.get(operation.id) or 200 <= status < 300
                assert let_in if acts_as in roles else status in {403, 404}, (
                    f"{operation.id} with ids of {place.name} answered {status}"
                )


@pytest.mark.parametrize("acts_as, scope", KEYS)
def test_a_key_with_every_other_scope_is_refused(callers, acts_as, scope):
    others = {other for kind, other in KEYS if kind == acts_as} - {scope}
    client = key_of(callers, acts_as, *others)
    statuses = {
        operation.id: client.request(**callers.request(operation, callers.world.hangar)).status_code
        for operation in operations()
        if TABLE[operation.id].scope == scope
    }
    assert set(statuses.values()) == {403}, statuses


@pytest.mark.parametrize("acts_as", ["coordinator", "manager"])
def test_what_names_no_scope_is_for_no_key_whatever_it_holds_and_changes_nothing(callers, acts_as):
    client = key_of(callers, acts_as, *(scope for kind, scope in KEYS if kind == acts_as))
    closed = [o for o in operations() if TABLE[o.id].scope is None and "anyone" not in TABLE[o.id].here]
    requests = [(o, callers.request(o, callers.world.hangar)) for o in closed]
    before = callers.everything()
    for operation, request in requests:
        assert client.request(**request).status_code == 403, operation.id
    assert callers.everything() == before


def test_the_table_and_the_openapi_document_name_the_same_operations():
    assert {operation.id for operation in operations()} == TABLE.keys()


def test_every_route_declares_in_the_openapi_document_what_the_table_says():
    declared = {operation.id: operation.access and set(operation.access["roles"]) for operation in operations()}
    assert declared == {name: set(row.here) for name, row in TABLE.items()}


def test_every_route_names_in_the_openapi_document_the_scope_that_the_table_says():
    assert {o.id: o.access.get("scope") for o in operations()} == {name: row.scope for name, row in TABLE.items()}


def test_a_role_at_any_place_will_do_only_where_the_table_lets_it_in_elsewhere():
    anywhere = {operation.id for operation in operations() if operation.access["anywhere"]}
    at_a_place = {operation.id for operation in operations() if "{place_id}" in operation.path}
    assert anywhere == {name for name in at_a_place if TABLE[name].elsewhere == TABLE[name].here}


def test_the_routes_of_the_demo_exist_in_the_demo_only():
    names = [{operation.id for operation in operations(demo=demo)} for demo in (True, False)]
    assert names[0] - names[1] == DEMO_ONLY.keys()


def test_demo_sign_in_is_not_found_on_a_real_network(world):
    answer = world.client().post("/api/v1/demo/sign-in", json={"role": "coordinator"})
    assert answer.status_code in {404, 405}
    assert not answer.cookies


def test_a_route_without_a_declaration_keeps_the_application_from_starting(world, monkeypatch):
    careless = APIRouter()
    careless.add_api_route("/careless", lambda: None, operation_id="careless")
    monkeypatch.setattr(passapp.app, "ROOMS", (*passapp.app.ROOMS, careless))
    with pytest.raises(RuntimeError, match="careless: say who may call it"):
        create_app(world.settings, database=world.database)
