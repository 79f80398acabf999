"""Signing in by link, the session's cookie, and signing out."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select

from passapp.accounts.models import AccessToken, Account, SignInLink
from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.app import create_app
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.kernel.ids import hash_secret


def link_for(world, account):
    with world.database.write() as session:
        return make_sign_in_link(session, session.get_one(Account, account.id), at=world.now, actor=SYSTEM)


def sign_in(client, secret):
    return client.post("/api/v1/sign-in", json={"token": secret})


@pytest.fixture
def account(world):
    return world.account(Role.COORDINATOR)


def test_a_link_signs_its_person_in(world, account):
    client = world.client()
    answer = sign_in(client, link_for(world, account))
    assert answer.json()["account"]["email"] == account.email
    assert answer.json()["grants"] == [{"role": "coordinator", "place": None}]
    assert client.get("/api/v1/me").json() == answer.json()


def test_a_link_works_once(world, account):
    secret = link_for(world, account)
    assert sign_in(world.client(), secret).status_code == 200
    again = world.client()
    assert (sign_in(again, secret).status_code, again.get("/api/v1/me").json()["account"]) == (410, None)


def test_a_link_works_until_fifteen_minutes_have_passed(world, account):
    early, late = link_for(world, account), link_for(world, account)
    world.later(minutes=14, seconds=59)
    assert sign_in(world.client(), early).status_code == 200
    world.later(seconds=1)
    answer = sign_in(world.client(), late)
    assert (answer.status_code, answer.json()["code"]) == (410, "link_not_valid")


@pytest.mark.parametrize("secret", ["unknown", "é", "x" * 200])
def test_an_unknown_link_is_told_the_same_as_a_used_one(world, secret):
    assert sign_in(world.client(), secret).json()["code"] == "link_not_valid"


def test_the_database_holds_no_secret_that_signs_anybody_in(world, account):
    secret = link_for(world, account)
    client = world.client()
    sign_in(client, secret)
    cookie = client.cookies["passapp"]
    with world.session() as session:
        assert session.scalars(select(SignInLink.token_hash)).one() == hash_secret(secret) != secret
        assert set(session.scalars(select(AccessToken.token_hash))) == {hash_secret(cookie)}


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(world, account):
    cookie = SimpleCookie(sign_in(world.client(), link_for(world, account)).headers["set-cookie"])["passapp"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "lax", "/", "")
    assert int(cookie["max-age"]) == timedelta(days=30).total_seconds()


def test_on_https_the_cookie_is_secure_and_bound_to_the_host(world, account):
    world.settings = world.settings.model_copy(update={"public_url": "https://pass.example"})
    world.app = create_app(world.settings, database=world.database, clock=lambda: world.now)
    header = sign_in(world.client(), link_for(world, account)).headers["set-cookie"]
    cookie = SimpleCookie(header)["__Host-passapp"]
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")


def test_signing_in_again_ends_the_browsers_former_session(world, account):
    client = world.client()
    sign_in(client, link_for(world, account))
    former = client.cookies["passapp"]
    sign_in(client, link_for(world, account))
    assert client.cookies["passapp"] != former
    thief = world.client()
    thief.cookies.set("passapp", former)
    assert thief.get("/api/v1/me").json()["account"] is None


def test_a_cookie_planted_before_signing_in_is_worth_nothing_afterwards(world, account):
    client = world.client()
    client.cookies.set("passapp", "planted")
    sign_in(client, link_for(world, account))
    planted = world.client()
    planted.cookies.set("passapp", "planted")
    assert planted.get("/api/v1/me").json()["account"] is None


def test_signing_out_ends_the_session_on_the_server_too(world, account):
    client = world.signed_in(account)
    secret = client.cookies["passapp"]
    answer = client.delete("/api/v1/session")
    assert answer.status_code == 204
    assert SimpleCookie(answer.headers["set-cookie"])["passapp"]["max-age"] == "0"
    copied = world.client()
    copied.cookies.set("passapp", secret)
    assert copied.get("/api/v1/role-grants").status_code == 401


def test_signing_out_leaves_the_persons_other_sessions(world, account):
    phone, laptop = world.signed_in(account), world.signed_in(account)
    phone.delete("/api/v1/session")
    assert laptop.get("/api/v1/me").json()["account"] is not None


def test_somebody_who_lost_every_role_signs_out_like_anybody(world, account):
    host = world.account(Role.HOST, world.hangar)
    client, coordinator = world.signed_in(host), world.signed_in(account)
    for grant in coordinator.get("/api/v1/role-grants").json()["items"]:
        if grant["account"]["id"] == str(host.id):
            coordinator.delete(f"/api/v1/role-grants/{grant['id']}")
    secret = client.cookies["passapp"]
    assert client.delete("/api/v1/session").status_code == 204
    copied = world.client()
    copied.cookies.set("passapp", secret)
    assert copied.get("/api/v1/me").json()["account"] is None


def test_nobody_signs_out_without_an_error(world):
    assert world.client().delete("/api/v1/session").status_code == 204


def test_a_door_does_not_cut_itself_off_by_signing_out(world):
    door = world.as_door()
    assert door.delete("/api/v1/session").status_code == 204
    assert door.get("/api/v1/door").status_code == 200


def test_a_session_ends_after_thirty_days(world, account):
    client = world.signed_in(account)
    world.later(days=29, hours=23)
    assert client.get("/api/v1/role-grants").status_code == 200
    world.later(hours=1)
    assert client.get("/api/v1/role-grants").status_code == 401


@pytest.mark.parametrize("secret", ["", "x", "é", "a" * 5000])
def test_a_bearer_token_that_is_not_ours_is_nobodys(world, secret):
    headers = {"Authorization": f"Bearer {secret}".encode("latin-1")}
    answer = world.client().get("/api/v1/door", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_nobody_is_an_answer_too(world):
    assert world.client().get("/api/v1/me").json() == {"account": None, "grants": []}


def test_each_link_and_each_session_is_in_the_audit_log(world, account):
    sign_in(world.client(), link_for(world, account))
    with world.session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(account.id)))
        deeds = {entry.action: entry.actor_kind for entry in entries}
    assert deeds == {"role.grant": "system", "sign_in_link.make": "system", "session.open": "account"}
