"""Using a sign-in link: once, in time, by one browser, and never to take over another's session."""

import pytest
from sqlalchemy import select

from passapp.accounts.models import AccessToken, Account, SignInLink
from passapp.accounts.rules import Role
from passapp.kernel.audit import AuditEntry
from passapp.kernel.ids import hash_secret
from tests.accounts.signing_in import is_signed_in, link_for, sign_in
from tests.at_once import at_once
from tests.scenes import rows


@pytest.fixture
def account(world):
    return world.account(Role.COORDINATOR)


def test_a_link_signs_its_person_in(world, account):
    client = world.client()
    answer = sign_in(client, link_for(world, account))
    assert answer.json()["account"]["email"] == account.email
    assert answer.json()["grants"] == [{"role": "coordinator", "place": None}]
    assert client.get("/api/v1/me").json() == answer.json()


def test_a_link_is_not_consumed_by_reading_its_page_or_its_address(world, account):
    secret = link_for(world, account)
    scanner = world.client()
    scanner.get(f"/sign-in?next=/pass#{secret}")
    scanner.head("/sign-in")
    assert scanner.get("/api/v1/sign-in", params={"token": secret}).status_code == 405
    assert sign_in(world.client(), secret).status_code == 200


def test_a_link_works_once(world, account):
    secret = link_for(world, account)
    assert sign_in(world.client(), secret).status_code == 200
    again = world.client()
    answer = sign_in(again, secret)
    assert (answer.status_code, answer.json()["code"], is_signed_in(again)) == (410, "link_not_valid", False)


def test_two_tabs_that_use_one_link_at_the_same_moment_open_one_session(world, account):
    body = {"json": {"token": link_for(world, account)}}
    answers = at_once(world, [(world.client(), "POST", "/api/v1/sign-in", dict(body)) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410]
    assert len(rows(world, AccessToken)) == 1


def test_two_links_of_one_person_used_at_the_same_moment_open_one_session(world, account):
    bodies = [{"json": {"token": link_for(world, account)}} for _ in range(4)]
    answers = at_once(world, [(world.client(), "POST", "/api/v1/sign-in", body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410]


def test_with_one_link_the_persons_other_links_are_used_up_and_nobody_elses(world, account):
    mine, forgotten, another = link_for(world, account), link_for(world, account), world.account(Role.COORDINATOR)
    theirs = link_for(world, another)
    assert sign_in(world.client(), mine).status_code == 200
    assert sign_in(world.client(), forgotten).status_code == 410
    assert sign_in(world.client(), theirs).status_code == 200


def test_a_link_works_until_fifteen_minutes_have_passed(world, account):
    early = link_for(world, account)
    world.later(minutes=14, seconds=59)
    assert sign_in(world.client(), early).status_code == 200
    late = link_for(world, account)
    world.later(minutes=15)
    answer = sign_in(world.client(), late)
    assert (answer.status_code, answer.json()["code"]) == (410, "link_not_valid")


@pytest.mark.parametrize("secret", ["unknown", "é", "\x00", "x" * 200])
def test_an_unknown_link_is_told_the_same_as_a_used_one(world, secret):
    assert sign_in(world.client(), secret).json()["code"] == "link_not_valid"


def test_the_link_of_an_erased_account_is_worth_nothing(world):
    account = world.account(Role.MEMBER)
    secret = link_for(world, account)
    with world.database.write() as session:
        session.delete(session.get_one(Account, account.id))
    assert sign_in(world.client(), secret).json()["code"] == "link_not_valid"


def test_guessing_is_stopped_and_does_not_lock_out_who_has_a_good_link_elsewhere(world, account):
    thief = world.client()
    assert {sign_in(thief, f"guess{n}").status_code for n in range(30)} == {410}
    assert sign_in(thief, "guess").status_code == 429
    secret = link_for(world, account)
    assert sign_in(thief, secret).status_code == 429
    assert sign_in(world.client(), secret).status_code == 200


def test_the_database_holds_no_secret_that_signs_anybody_in(world, account):
    secret = link_for(world, account)
    client = world.client()
    sign_in(client, secret)
    cookie = client.cookies["passapp"]
    with world.session() as session:
        assert session.scalars(select(SignInLink.token_hash)).one() == hash_secret(secret) != secret
        assert set(session.scalars(select(AccessToken.token_hash))) == {hash_secret(cookie)}


def test_signing_in_again_ends_the_browsers_former_session(world, account):
    client = world.client()
    sign_in(client, link_for(world, account))
    former = client.cookies["passapp"]
    sign_in(client, link_for(world, account))
    assert client.cookies["passapp"] != former
    thief = world.client()
    thief.cookies.set("passapp", former)
    assert not is_signed_in(thief)


def test_signing_in_as_somebody_else_ends_the_former_persons_session_in_this_browser(world, account):
    client = world.signed_in(account)
    former = client.cookies["passapp"]
    sign_in(client, link_for(world, world.account(Role.COORDINATOR)))
    thief = world.client()
    thief.cookies.set("passapp", former)
    assert not is_signed_in(thief)


def test_a_cookie_planted_before_signing_in_is_worth_nothing_afterwards(world, account):
    client = world.client()
    client.cookies.set("passapp", "planted")
    sign_in(client, link_for(world, account))
    planted = world.client()
    planted.cookies.set("passapp", "planted")
    assert not is_signed_in(planted)


def test_a_session_planted_by_its_owner_does_not_become_that_of_who_signs_in(world, account):
    attacker = world.signed_in(world.account(Role.MEMBER))
    planted = attacker.cookies["passapp"]
    victim = world.client()
    victim.cookies.set("passapp", planted)
    assert planted not in sign_in(victim, link_for(world, account)).headers["set-cookie"]
    assert not is_signed_in(attacker)


def test_a_door_that_uses_a_link_stays_a_door(world, account):
    door = world.as_door()
    assert sign_in(door, link_for(world, account)).status_code == 200
    assert door.get("/api/v1/door").status_code == 200


def test_each_link_and_each_session_is_in_the_audit_log(world, account):
    sign_in(world.client(), link_for(world, account))
    with world.session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(account.id)))
        deeds = {entry.action: (entry.actor_kind, entry.detail.get("how")) for entry in entries}
    assert deeds == {
        "role.grant": ("system", None),
        "sign_in_link.make": ("system", "mail"),
        "session.open": ("account", "link"),
    }
