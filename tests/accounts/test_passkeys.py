"""Adding a passkey, signing in with it, and every answer that is refused: real ceremonies with a device in software."""

from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select

from passapp.accounts.models import Challenge, Passkey
from passapp.accounts.rules import Role
from passapp.kernel.audit import AuditEntry
from tests.authenticator import PRESENT, VERIFIED, Authenticator
from tests.mails import mails, text_of_mail


@pytest.fixture
def account(world):
    return world.account(Role.HOST, world.hangar)


@pytest.fixture
def me(world, account):
    """My browser, signed in."""
    return world.signed_in(account)


def ask_for_new(browser):
    return browser.post("/api/v1/me/passkeys/question").json()["options"]


def add(browser, device, **body):
    return browser.post("/api/v1/me/passkeys", json={"credential": device.make(ask_for_new(browser))} | body)


@pytest.fixture
def device(me):
    """A device whose passkey I have added."""
    device = Authenticator()
    assert add(me, device).status_code == 201
    return device


def ask(browser):
    return browser.post("/api/v1/sign-in/passkey/question").json()["options"]


def answer(browser, credential):
    return browser.post("/api/v1/sign-in/passkey", json={"credential": credential})


def sign_in(browser, device):
    return answer(browser, device.use(ask(browser)))


def is_nobody(browser):
    return browser.get("/api/v1/me").json()["account"] is None


def test_a_passkey_signs_its_person_in_without_an_address(world, account, device):
    browser = world.client()
    assert sign_in(browser, device).json()["account"]["id"] == str(account.id)
    assert browser.get("/api/v1/me").json()["account"]["id"] == str(account.id)


def test_a_device_is_asked_for_a_passkey_that_it_keeps_and_checks_who_holds_it(me):
    options = ask_for_new(me)
    asked = options["authenticatorSelection"]
    assert (asked["residentKey"], asked["requireResidentKey"], asked["userVerification"]) == (
        "required",
        True,
        "required",
    )
    assert options["rp"] == {"id": "testserver", "name": "testserver"}
    assert options["attestation"] == "none"


def test_who_signs_in_is_asked_without_naming_anybodys_passkey(world, device):
    options = ask(world.client())
    assert (options["rpId"], options["userVerification"]) == ("testserver", "required")
    assert not options.get("allowCredentials")


def test_a_device_that_has_a_passkey_is_told_not_to_make_another(me, device):
    assert [one["id"] for one in ask_for_new(me)["excludeCredentials"]] == [device.make(ask_for_new(me))["id"]]


def test_the_question_is_kept_in_a_cookie_that_no_script_and_no_other_site_sees(world, me):
    for path in ("/api/v1/me/passkeys/question", "/api/v1/sign-in/passkey/question"):
        [cookie] = SimpleCookie(me.post(path).headers["set-cookie"]).values()
        assert (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["path"]) == (
            True,
            "strict",
            "300",
            "/",
        )
        with world.session() as session:
            assert cookie.value not in set(session.scalars(select(Challenge.secret_hash)))


def test_on_https_the_question_is_bound_to_the_host(world):
    world.app.state.settings = world.settings.model_copy(update={"public_url": "https://pass.example"})
    answer = world.client().post("/api/v1/sign-in/passkey/question")
    [(name, cookie)] = SimpleCookie(answer.headers["set-cookie"]).items()
    assert (name, cookie["secure"], cookie["domain"]) == ("__Host-passapp-passkey", True, "")
    assert answer.json()["options"]["rpId"] == "pass.example"


# What is refused


def test_an_answer_counts_once(world, device):
    browser = world.client()
    credential = device.use(ask(browser))
    assert answer(browser, credential).status_code == 200
    browser.delete("/api/v1/session")
    assert (answer(browser, credential).json()["code"], is_nobody(browser)) == ("challenge_over", True)


def test_an_answer_of_yesterday_is_not_one_to_the_question_of_today(world, device):
    browser = world.client()
    former = device.use(ask(browser))
    answer(browser, former)
    device.use(ask(browser))
    assert answer(browser, former).json()["code"] == "passkey_not_valid"


def test_an_answer_counts_for_five_minutes(world, device):
    in_time, late = world.client(), world.client()
    credentials = [device.use(ask(browser)) for browser in (in_time, late)]
    world.later(minutes=4, seconds=59)
    assert answer(in_time, credentials[0]).status_code == 200
    world.later(seconds=1)
    assert (answer(late, credentials[1]).json()["code"], is_nobody(late)) == ("challenge_over", True)


def test_an_answer_counts_only_from_the_browser_that_was_asked(world, device):
    asked, other = world.client(), world.client()
    credential = device.use(ask(asked))
    assert answer(other, credential).json()["code"] == "challenge_over"
    ask(other)
    assert answer(other, credential).json()["code"] == "passkey_not_valid"


def test_a_new_question_replaces_the_browsers_former_one(world, device):
    browser = world.client()
    ask(browser)
    former = browser.cookies["passapp-passkey"]
    ask(browser)
    with world.session() as session:
        assert len(session.scalars(select(Challenge)).all()) == 1
    assert browser.cookies["passapp-passkey"] != former


def test_a_question_to_sign_in_does_not_serve_to_add_a_passkey(world, me):
    options = ask_for_new(me)
    signing_in = ask(me)
    me.cookies.delete("passapp-new_passkey")
    me.cookies["passapp-new_passkey"] = me.cookies["passapp-passkey"]
    credential = Authenticator().make(options | {"challenge": signing_in["challenge"]})
    assert me.post("/api/v1/me/passkeys", json={"credential": credential}).json()["code"] == "challenge_over"


def test_a_question_put_to_one_person_is_not_answered_by_another(world, me):
    options = ask_for_new(me)
    other = world.signed_in(world.account(Role.COORDINATOR))
    other.cookies["passapp-new_passkey"] = me.cookies["passapp-new_passkey"]
    refused = other.post("/api/v1/me/passkeys", json={"credential": Authenticator().make(options)})
    assert (refused.status_code, refused.json()["code"]) == (410, "challenge_over")
    assert other.get("/api/v1/me/passkeys").json()["items"] == []


ELSEWHERE = {"another site's page": {"origin": "https://passapp.example.net"}, "another site": {"site": "example.net"}}


@pytest.mark.parametrize("wrong", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_passkey_of_another_site_is_not_added(me, wrong):
    refused = add(me, Authenticator(**wrong))
    assert (refused.status_code, refused.json()["code"]) == (403, "passkey_not_valid")
    assert "http://testserver" in refused.json()["detail"]


@pytest.mark.parametrize("wrong", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_passkey_used_on_another_site_signs_nobody_in(world, device, wrong):
    for name, value in wrong.items():
        setattr(device, name, value)
    browser = world.client()
    assert (sign_in(browser, device).json()["code"], is_nobody(browser)) == ("passkey_not_valid", True)


@pytest.mark.parametrize("flags", [PRESENT, VERIFIED], ids=["not verified", "not present"])
def test_a_device_that_did_not_check_who_holds_it_is_refused(world, me, device, flags):
    assert add(me, Authenticator(flags=flags)).json()["code"] == "passkey_not_valid"
    device.flags = flags
    assert sign_in(world.client(), device).json()["code"] == "passkey_not_valid"


@pytest.mark.parametrize("count", [-1, 0], ids=["fewer", "as many"])
def test_a_count_of_signatures_that_did_not_grow_says_that_the_passkey_was_copied(world, device, count):
    device.count = 40
    assert sign_in(world.client(), device).status_code == 200
    device.count += count - 1
    assert sign_in(world.client(), device).json()["code"] == "passkey_not_valid"


def test_a_device_that_does_not_count_signs_in_again_and_again(world, device):
    for _ in range(2):
        device.count = -1
        assert sign_in(world.client(), device).status_code == 200


def test_another_devices_signature_is_refused(world, device):
    thief = Authenticator(id=device.id, user=device.user)
    assert sign_in(world.client(), thief).json()["code"] == "passkey_not_valid"


def test_a_passkey_that_says_it_is_somebody_elses_is_refused(world, device):
    device.user = world.account(Role.COORDINATOR).id.bytes
    assert sign_in(world.client(), device).json()["code"] == "passkey_not_valid"


def test_a_passkey_that_nobody_added_is_told_so_in_one_sentence(world):
    refused = sign_in(world.client(), Authenticator(user=b"x" * 16))
    assert (refused.status_code, refused.json()["code"]) == (403, "passkey_not_known")


def test_a_passkey_is_added_once_whoever_asks(world, me, device):
    options = ask_for_new(me)
    mine = me.post("/api/v1/me/passkeys", json={"credential": device.make(options)})
    other = add(world.signed_in(world.account(Role.HOST, world.moulin)), device)
    assert [(each.status_code, each.json()["code"]) for each in (mine, other)] == [(409, "passkey_there")] * 2


def test_nobody_has_more_than_twenty_passkeys(world, account, me):
    with world.database.write() as session:
        for number in range(20):
            fields = {"public_key": "", "sign_count": 0, "name": "Clé", "created_at": world.now}
            session.add(Passkey(account_id=account.id, credential_id=f"id{number}", **fields))
    refused = me.post("/api/v1/me/passkeys/question")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_passkeys")


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 1},
        {"id": "\x00", "rawId": "\x00", "type": "public-key", "response": {}},
        {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", "signature": "AA"}},
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"clientDataJSON": "é", "attestationObject": "é"},
        },
    ],
)
def test_an_answer_that_is_none_is_refused(me, credential):
    ask_for_new(me)
    assert me.post("/api/v1/me/passkeys", json={"credential": credential}).json()["code"] == "passkey_not_valid"
    ask(me)
    assert answer(me, credential).json()["code"] == "passkey_not_valid"


def test_an_id_longer_than_webauthn_allows_is_refused(me):
    assert add(me, Authenticator(id=b"x" * 1023)).status_code == 201
    assert add(me, Authenticator(id=b"y" * 1024)).json()["code"] == "passkey_not_valid"


def test_whoever_tries_too_often_waits(world, device):
    browser = world.client()
    for _ in range(20):
        assert answer(browser, {}).status_code == 410
    refused = sign_in(browser, device)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
    world.later(minutes=15)
    assert sign_in(browser, device).status_code == 200


def test_where_the_address_is_a_number_there_are_no_passkeys_and_it_says_so(world, me):
    for url in ("http://192.0.2.7:8000", "https://[2001:db8::1]"):
        world.app.state.settings = world.settings.model_copy(update={"public_url": url})
        me.headers["Cookie"] = f"{'__Host-' if 'https' in url else ''}passapp={me.cookies['passapp']}"
        assert me.get("/api/v1/sign-in/ways").json()["passkeys"] is False
        for path in ("/api/v1/me/passkeys/question", "/api/v1/sign-in/passkey/question"):
            refused = me.post(path)
            assert (refused.status_code, refused.json()["code"]) == (409, "passkeys_not_here")


# Looking after one's passkeys


def test_a_passkey_is_called_by_the_browser_that_made_it(me):
    me.headers["User-Agent"] = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    assert add(me, Authenticator()).json()["name"] == "Firefox, Android"


def test_or_as_its_person_says(me):
    assert add(me, Authenticator(), name="Mon téléphone").json()["name"] == "Mon téléphone"


def test_where_nobody_says_it_is_called_what_it_is(me):
    me.headers |= {"User-Agent": "", "Accept-Language": "fr"}
    assert add(me, Authenticator()).json()["name"] == "Clé d'accès"


def test_my_passkeys_say_when_they_were_last_used(world, me, device):
    [before] = me.get("/api/v1/me/passkeys").json()["items"]
    world.later(days=1)
    sign_in(world.client(), device)
    [after] = me.get("/api/v1/me/passkeys").json()["items"]
    assert (before["last_used_at"], after["last_used_at"]) == (None, world.now.isoformat().replace("+00:00", "Z"))


def test_a_passkey_is_renamed(me, device):
    [passkey] = me.get("/api/v1/me/passkeys").json()["items"]
    me.patch(f"/api/v1/me/passkeys/{passkey['id']}", json={"name": "Le vieux téléphone"})
    assert [each["name"] for each in me.get("/api/v1/me/passkeys").json()["items"]] == ["Le vieux téléphone"]


def test_a_passkey_that_was_removed_signs_nobody_in(world, me, device):
    [passkey] = me.get("/api/v1/me/passkeys").json()["items"]
    assert me.delete(f"/api/v1/me/passkeys/{passkey['id']}").status_code == 204
    assert sign_in(world.client(), device).json()["code"] == "passkey_not_known"
    assert me.get("/api/v1/me/passkeys").json()["items"] == []


def test_somebody_elses_passkey_is_neither_renamed_nor_removed(world, me, device):
    [passkey] = me.get("/api/v1/me/passkeys").json()["items"]
    other = world.signed_in(world.account(Role.COORDINATOR))
    path = f"/api/v1/me/passkeys/{passkey['id']}"
    answers = [other.patch(path, json={"name": "À moi"}), other.delete(path)]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(404, "passkey_unknown")] * 2
    assert me.get("/api/v1/me/passkeys").json()["items"] == [passkey]


def test_adding_and_removing_a_passkey_is_told_by_mail(world, account, me, device):
    [passkey] = me.get("/api/v1/me/passkeys").json()["items"]
    me.delete(f"/api/v1/me/passkeys/{passkey['id']}")
    added, removed = mails(world)
    assert {mail["To"].addresses[0].addr_spec for mail in (added, removed)} == {account.email}
    assert (added["Subject"], removed["Subject"]) == (
        "Une clé d'accès a été ajoutée",
        "Une clé d'accès a été retirée",
    )
    assert "http://testserver/account" in text_of_mail(added)


def test_every_deed_with_a_passkey_is_in_the_audit_log_without_what_it_is_called(world, account, me):
    added = add(me, device := Authenticator(), name="iPhone de Camille").json()
    sign_in(world.client(), device)
    me.patch(f"/api/v1/me/passkeys/{added['id']}", json={"name": "iPhone de Camille, le vieux"})
    me.delete(f"/api/v1/me/passkeys/{added['id']}")
    with world.session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor_id == account.id).order_by(AuditEntry.id))
        deeds = [(entry.action, entry.detail) for entry in entries if entry.detail.get("how") != "link"]
    assert deeds == [
        ("passkey.add", {"passkey_id": added["id"]}),
        ("session.open", {"how": "passkey"}),
        ("passkey.rename", {"passkey_id": added["id"]}),
        ("passkey.remove", {"passkey_id": added["id"]}),
    ]


def test_signing_in_with_a_passkey_ends_the_browsers_former_session(world, me, device):
    former = me.cookies["passapp"]
    sign_in(me, device)
    thief = world.client()
    thief.cookies.set("passapp", former)
    assert (is_nobody(thief), is_nobody(me)) == (True, False)


def test_questions_about_a_new_passkey_are_not_put_without_end(me):
    answers = [me.post("/api/v1/me/passkeys/question").status_code for _ in range(201)]
    assert answers == [200] * 200 + [429]
