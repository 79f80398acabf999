"""The session's cookie, where one is signed in, and signing out."""

from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest
from sqlalchemy import select

from passapp.accounts.models import AccessToken, Account
from passapp.accounts.rules import Role
from passapp.accounts.sessions import device_named
from passapp.app import create_app
from passapp.kernel.audit import AuditEntry
from tests.accounts.signing_in import is_signed_in, link_for, sign_in
from tests.at_once import at_once
from tests.scenes import rows
from tests.statements import statements

FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def account(world):
    return world.account(Role.COORDINATOR)


def browser(world, account, user_agent):
    """A browser of that kind, signed in by a link."""
    client = world.client()
    client.headers["User-Agent"] = user_agent
    assert sign_in(client, link_for(world, account)).status_code == 200
    return client


def sessions(client):
    return client.get("/api/v1/me/sessions").json()["items"]


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


def test_signing_out_ends_the_session_on_the_server_too(world, account):
    client = world.signed_in(account)
    secret = client.cookies["passapp"]
    answer = client.delete("/api/v1/session")
    assert answer.status_code == 204
    assert SimpleCookie(answer.headers["set-cookie"])["passapp"]["max-age"] == "0"
    copied = world.client()
    copied.cookies.set("passapp", secret)
    assert copied.get("/api/v1/role-grants").status_code == 401


def test_signing_out_is_in_the_audit_log_once(world, account):
    client = world.signed_in(account)
    secret = client.cookies["passapp"]
    for _ in range(2):
        client.cookies.set("passapp", secret)
        client.delete("/api/v1/session")
    [entry] = rows(world, AuditEntry, AuditEntry.action == "session.close")
    assert (entry.actor_id, entry.subject_id) == (account.id, str(account.id))


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


def test_the_browsers_in_which_one_is_signed_in_are_listed_the_last_used_first(world, account):
    browser(world, account, FIREFOX)
    world.later(minutes=10)
    phone = browser(world, account, SAFARI)
    listed = sessions(phone)
    assert [(one["device"], one["is_this_one"]) for one in listed] == [
        ("Safari, iPhone", True),
        ("Firefox, Android", False),
    ]
    assert [one["opened_at"] for one in listed] == ["2026-11-18T10:10:00Z", "2026-11-18T10:00:00Z"]


def test_the_last_use_is_a_few_minutes_exact(world, account):
    client = browser(world, account, FIREFOX)
    world.later(minutes=4)
    client.get("/api/v1/me")
    assert sessions(client)[0]["last_used_at"] == "2026-11-18T10:00:00Z"
    world.later(minutes=2)
    client.get("/api/v1/me")
    assert sessions(client)[0]["last_used_at"] == "2026-11-18T10:06:00Z"


def test_many_requests_at_once_note_one_use_one_after_the_other(world, account):
    client = browser(world, account, FIREFOX)
    world.later(minutes=6)
    with statements(world.database) as sent:
        assert {answer.status_code for answer in at_once(world, [(client, "GET", "/api/v1/me", {})] * 8)} == {200}
    noted = [statement for statement in sent if statement.startswith("UPDATE access_token SET last_used_at")]
    assert noted
    assert all("last_used_at <" in statement for statement in noted)
    assert sessions(client)[0]["last_used_at"] == "2026-11-18T10:06:00Z"


def test_who_i_am_takes_as_many_statements_with_nine_places_as_with_one(world, account):
    client = world.signed_in(account)
    world.give(account, Role.HOST, world.hangar)
    with statements(world.database) as few:
        client.get("/api/v1/me")
    for number in range(8):
        world.give(account, Role.HOST, world.place(f"lieu{number}"))
    with statements(world.database) as many:
        client.get("/api/v1/me")
    assert len(many) == len(few)


def test_an_ended_or_expired_session_is_not_listed(world, account):
    gone = world.signed_in(account)
    gone.delete("/api/v1/session")
    world.signed_in(account)
    world.later(days=30)
    client = world.signed_in(account)
    assert [one["is_this_one"] for one in sessions(client)] == [True]


def test_nobody_elses_sessions_and_no_door_are_listed(world, account):
    world.as_coordinator()
    world.as_door()
    assert len(sessions(world.signed_in(account))) == 1


def test_a_browser_signed_out_from_afar_is_out_at_once(world, account):
    lost, laptop = world.signed_in(account), world.signed_in(account)
    [of_the_lost] = [one["id"] for one in sessions(lost) if one["is_this_one"]]
    assert laptop.delete(f"/api/v1/me/sessions/{of_the_lost}").status_code == 204
    assert lost.get("/api/v1/role-grants").status_code == 401
    assert is_signed_in(laptop)


def test_signing_out_everywhere_else_leaves_this_browser_and_other_people(world, account):
    others, another = [world.signed_in(account) for _ in range(3)], world.as_coordinator()
    laptop = world.signed_in(account)
    assert laptop.delete("/api/v1/me/sessions").status_code == 204
    assert [is_signed_in(client) for client in (*others, laptop, another)] == [False, False, False, True, True]
    assert len(sessions(laptop)) == 1


def test_somebody_elses_session_is_as_unknown_as_one_that_never_was(world, account):
    victim, client = world.as_coordinator(), world.signed_in(account)
    [theirs] = [one["id"] for one in sessions(victim)]
    answers = [client.delete(f"/api/v1/me/sessions/{identifier}") for identifier in (theirs, uuid4())]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "session_unknown")] * 2
    assert is_signed_in(victim)


def test_a_session_ended_twice_is_unknown_the_second_time_also_at_the_same_moment(world, account):
    laptop = world.signed_in(account)
    [lost] = [one["id"] for one in sessions(world.signed_in(account)) if one["is_this_one"]]
    calls = [(laptop, "DELETE", f"/api/v1/me/sessions/{lost}", {}) for _ in range(2)]
    assert sorted(answer.status_code for answer in at_once(world, calls)) == [204, 404]


def test_the_token_of_a_door_cannot_be_ended_as_a_session(world, account):
    door = world.as_door()
    [token] = [token.id for token in rows(world, AccessToken) if token.place_id is not None]
    assert world.signed_in(account).delete(f"/api/v1/me/sessions/{token}").status_code == 404
    assert door.get("/api/v1/door").status_code == 200


def test_somebody_without_a_role_sees_and_ends_their_sessions_too(world):
    nobody_yet = world.account(Role.MEMBER)
    first, second = world.signed_in(nobody_yet), world.signed_in(nobody_yet)
    assert len(sessions(first)) == 2
    assert first.delete("/api/v1/me/sessions").status_code == 204
    assert not is_signed_in(second)


def test_whoever_is_not_signed_in_and_a_door_have_no_sessions(world):
    assert world.client().get("/api/v1/me/sessions").status_code == 401
    assert world.as_door().get("/api/v1/me/sessions").status_code == 403


def test_sessions_ended_from_afar_are_in_the_audit_log(world, account):
    world.signed_in(account)
    world.signed_in(account).delete("/api/v1/me/sessions")
    with world.session() as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "session.revoke"))
    assert (entry.actor_id, entry.subject_id, entry.detail) == (account.id, str(account.id), {"count": 1})


@pytest.mark.parametrize(
    "user_agent, device",
    [
        (FIREFOX, "Firefox, Android"),
        (SAFARI, "Safari, iPhone"),
        (SAFARI.replace("iPhone", "iPad", 1).replace("CPU iPhone OS", "CPU OS"), "Safari, iPad"),
        (SAFARI.replace("Version/17.5", "CriOS/126.0"), "Chrome, iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
            "Chrome, Linux",
        ),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Ubuntu"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
            "Safari, Mac",
        ),
        ("", None),
        ("something of one's own", None),
        ("a" * 5000, None),
    ],
)
def test_a_device_is_named_in_a_persons_words_or_not_at_all(user_agent, device):
    assert device_named(user_agent) == device


@pytest.mark.parametrize("user_agent", ["Firefox/1" * 900, "(" * 5000, "Mozilla/5.0 (\x1b[31m; \u202e)"])
def test_a_hostile_user_agent_is_no_trouble(user_agent):
    named = device_named(user_agent)
    assert named is None or (len(named) <= 120 and named.isprintable())


def test_one_changes_ones_own_name_and_language(world, account):
    client = world.signed_in(account)
    answer = client.patch("/api/v1/me", json={"name": "  Camille M.  ", "locale": "en"})
    assert (answer.json()["account"]["name"], answer.json()["account"]["locale"]) == ("Camille M.", "en")
    assert client.patch("/api/v1/me", json={}).json() == answer.json()
    with world.session() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "account.change")))
    assert [entry.detail for entry in entries] == [{"fields": ["locale", "name"]}]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "a\nb"},
        {"name": "a\u202eb"},
        {"locale": "de"},
        {"email": "camille@example.org"},
        {"id": "x"},
    ],
)
def test_a_change_of_oneself_that_cannot_be_is_refused_and_changes_nothing(world, account, change):
    client = world.signed_in(account)
    before = client.get("/api/v1/me").json()
    assert client.patch("/api/v1/me", json=change).status_code == 422
    assert client.get("/api/v1/me").json() == before


def test_whoever_is_erased_is_signed_out_at_once(world):
    account = world.account(Role.MEMBER)
    client = world.signed_in(account)
    with world.database.write() as session:
        session.delete(session.get_one(Account, account.id))
    assert client.get("/api/v1/me/sessions").status_code == 401
