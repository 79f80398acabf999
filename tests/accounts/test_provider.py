"""Signing in at a real OpenID Connect provider, over HTTP, and everything that is refused on the way."""

import logging
import socket
import threading
from datetime import UTC, datetime
from functools import partial
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import select

from passapp.accounts.models import Account, Challenge, LinkedIdentity
from passapp.accounts.rules import Role
from passapp.accounts.service import ensure_account
from passapp.kernel.audit import AuditEntry
from tests.mails import mails
from tests.provider.running import CLIENT, running_provider, sign_in_there
from tests.served import served

CALLBACK = "http://testserver/sign-in/provider"
START, FINISH = "/api/v1/sign-in/provider/start", "/api/v1/sign-in/provider/finish"


@pytest.fixture(scope="module")
def provider():
    with running_provider(CALLBACK) as provider:
        yield provider


def use(world, provider, **changes):
    world.app.state.settings = world.settings = provider.settings(world.settings, **changes)
    world.app.state.provider = None


@pytest.fixture
def network(world, provider):
    """A network with this provider. Its clock is the real one, as the provider's is."""
    world.now = datetime.now(UTC)
    use(world, provider)
    return world


@pytest.fixture
def lea(network):
    with network.database.write() as session:
        return ensure_account(session, "lea@example.org", "Léa", locale="fr", at=network.now)


def start(browser, next_path=None):
    return browser.post(START, json={"next": next_path}).json()["url"]


def come_back(browser, carried, **changes):
    kept = {name: carried[name] for name in ("code", "state", "iss") if name in carried}
    return browser.post(FINISH, json=kept | changes)


def sign_in(browser, login="lea", next_path=None):
    return come_back(browser, sign_in_there(start(browser, next_path), login))


def is_nobody(browser):
    return browser.get("/api/v1/me").json()["account"] is None


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def test_who_signs_in_there_is_signed_in_here(network, lea):
    browser = network.client()
    assert sign_in(browser).json()["me"]["account"]["id"] == str(lea.id)
    assert browser.get("/api/v1/me").json()["account"]["email"] == "lea@example.org"


def test_and_goes_on_to_where_they_wanted_to_go(network, lea):
    assert sign_in(network.client(), next_path="/pass").json()["next"] == "/pass"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_but_never_to_another_site(network, lea, elsewhere):
    assert sign_in(network.client(), next_path=elsewhere).json()["next"] == "/"


def test_the_second_time_they_are_known_whatever_their_address_is_now(network, lea):
    sign_in(network.client())
    with network.database.write() as session:
        session.get_one(Account, lea.id).email = "lea@elsewhere.example"
    assert sign_in(network.client()).json()["me"]["account"]["id"] == str(lea.id)


def test_claims_in_the_id_token_and_a_client_without_secret_will_do(network, lea):
    with running_provider(CALLBACK, secret=None, claims_in_id_token=True) as public:
        use(network, public, oidc_client_secret=None)
        assert sign_in(network.client()).json()["me"]["account"]["id"] == str(lea.id)


def test_the_first_time_is_in_the_audit_log_and_so_is_each_session(network, lea):
    for _ in range(2):
        sign_in(network.client())
    with network.session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor_id == lea.id).order_by(AuditEntry.id))
        deeds = [(entry.action, entry.detail) for entry in entries]
    opened = ("session.open", {"how": "provider"})
    assert deeds == [("identity.link", {}), opened, opened]


def test_the_first_time_is_told_by_mail_once(network, lea):
    for _ in range(2):
        sign_in(network.client())
    [mail] = mails(network)
    assert mail["To"].addresses[0].addr_spec == lea.email
    assert mail["Subject"] == "Votre compte est relié à un service d'identité"


def test_my_account_names_the_provider_that_signs_me_in_until_i_unlink_it(network, lea, provider):
    browser = network.client()
    sign_in(browser)
    [linked] = browser.get("/api/v1/me/identities").json()["items"]
    assert linked["issuer"] == network.settings.oidc_issuer
    assert browser.delete("/api/v1/me/identities").status_code == 204
    assert browser.get("/api/v1/me/identities").json()["items"] == []
    assert [mail["Subject"] for mail in mails(network)][1:] == ["Votre compte n'est plus relié au service d'identité"]
    with network.session() as session:
        deeds = session.scalars(select(AuditEntry.action).where(AuditEntry.actor_id == lea.id).order_by(AuditEntry.id))
        assert list(deeds) == ["identity.link", "session.open", "identity.unlink"]


def test_an_account_unlinked_is_not_known_by_a_former_identity_but_by_its_address_again(network, lea):
    browser = network.client()
    sign_in(browser)
    with network.database.write() as session:
        session.get_one(Account, lea.id).email = "lea.autre@example.org"
    browser.delete("/api/v1/me/identities")
    assert refusal(sign_in(network.client())) == (403, "not_one_of_us")


def test_nobody_unlinks_somebody_else(network, lea):
    sign_in(network.client())
    other = network.signed_in(network.account(Role.COORDINATOR))
    assert other.delete("/api/v1/me/identities").status_code == 204
    assert [mail["To"].addresses[0].addr_spec for mail in mails(network)] == [lea.email]
    with network.session() as session:
        assert session.scalar(select(LinkedIdentity.account_id)) == lea.id


def test_the_browsers_former_session_ends(network, lea):
    browser = network.signed_in(network.account(Role.COORDINATOR))
    former = browser.cookies["passapp"]
    sign_in(browser)
    thief = network.client()
    thief.cookies.set("passapp", former)
    assert (is_nobody(thief), is_nobody(browser)) == (True, False)


def test_the_provider_is_asked_with_a_code_challenge_a_state_and_a_nonce(network):
    url = urlsplit(start(network.client()))
    asked = {name: value for name, [value] in parse_qs(url.query).items()}
    assert asked.keys() >= {"state", "nonce", "code_challenge"}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["client_id"], asked["redirect_uri"], asked["scope"]) == (CLIENT, CALLBACK, "openid email")


def test_what_it_must_prove_stays_out_of_the_browsers_cookie(network):
    browser = network.client()
    [cookie] = SimpleCookie(browser.post(START, json={}).headers["set-cookie"]).values()
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "strict", "300")
    with network.session() as session:
        kept = session.scalars(select(Challenge)).one()
    assert cookie.value not in {kept.secret_hash, *kept.data.values()}


# What is refused


def test_a_state_that_this_browser_was_not_given_is_refused(network, lea):
    browser = network.client()
    carried = sign_in_there(start(browser), "lea")
    assert refusal(come_back(browser, carried, state="another")) == (410, "challenge_over")
    assert is_nobody(browser)


def test_a_state_tried_in_vain_cannot_be_tried_again(network, lea):
    browser = network.client()
    carried = sign_in_there(start(browser), "lea")
    come_back(browser, carried, state="another")
    assert refusal(come_back(browser, carried)) == (410, "challenge_over")


def test_what_another_browser_began_is_not_finished_by_this_one(network, lea):
    thief, victim = network.client(), network.client()
    carried = sign_in_there(start(thief), "lea")
    assert refusal(come_back(victim, carried)) == (410, "challenge_over")
    start(victim)
    assert refusal(come_back(victim, carried)) == (410, "challenge_over")
    assert is_nobody(victim)


def test_what_is_asked_of_the_provider_is_no_question_to_a_passkey(network):
    browser = network.client()
    start(browser)
    browser.cookies["passapp-passkey"] = browser.cookies["passapp-provider"]
    refused = browser.post("/api/v1/sign-in/passkey", json={"credential": {}})
    assert refusal(refused) == (410, "challenge_over")


def test_who_takes_longer_than_five_minutes_starts_again(network, lea):
    browser = network.client()
    carried = sign_in_there(start(browser), "lea")
    network.later(minutes=5)
    assert refusal(come_back(browser, carried)) == (410, "challenge_over")


def test_a_code_counts_once(network, lea):
    browser = network.client()
    carried = sign_in_there(start(browser), "lea")
    assert come_back(browser, carried).status_code == 200
    assert refusal(come_back(browser, carried)) == (410, "challenge_over")


def test_a_code_of_another_sign_in_is_refused_by_its_verifier(network, lea):
    first, second = network.client(), network.client()
    stolen = sign_in_there(start(first), "lea")["code"]
    carried = sign_in_there(start(second), "stranger")
    assert refusal(come_back(second, carried, code=stolen)) == (403, "provider_answer_not_valid")
    assert is_nobody(second)


@pytest.mark.parametrize("issuer", ["https://another.example", None])
def test_an_answer_that_names_another_provider_or_none_is_refused(network, lea, issuer):
    browser = network.client()
    carried = sign_in_there(start(browser), "lea")
    assert refusal(come_back(browser, carried, iss=issuer)) == (403, "provider_answer_not_valid")


def test_an_address_that_nobody_verified_is_refused_and_not_linked(network, lea):
    refused = sign_in(network.client(), "unverified")
    assert refusal(refused) == (403, "email_not_verified")
    assert "Moncompte" in refused.json()["detail"]
    with network.session() as session:
        assert session.scalars(select(LinkedIdentity)).all() == []


@pytest.mark.parametrize("login", ["stranger", "nameless"])
def test_whom_nobody_here_knows_is_refused_and_nobody_is_made(network, lea, login):
    browser = network.client()
    assert refusal(sign_in(browser, login)) == (403, "not_one_of_us")
    with network.session() as session:
        assert session.scalars(select(Account.email)).all() == ["lea@example.org"]
    assert is_nobody(browser)


@pytest.mark.parametrize("wrong", [r'"code": "\ud800"', '"state": "é"', '"code": ""', r'"iss": "\n"'])
def test_what_no_provider_sends_is_refused(network, wrong):
    body = f'{{"code": "code", "state": "state", {wrong}}}'
    refused = network.client().post(FINISH, content=body.encode(), headers={"Content-Type": "application/json"})
    assert refusal(refused) == (422, "invalid_request")


def test_whoever_fails_too_often_waits(network):
    browser = network.client()
    for _ in range(30):
        assert browser.post(FINISH, json={"code": "code", "state": "state"}).status_code == 410
    assert refusal(browser.post(FINISH, json={"code": "code", "state": "state"})) == (429, "too_many_tries")


# When the provider is not there, or not as it should be


def test_a_provider_that_died_in_between_is_said_to_be_down_and_its_people_sign_in_once_it_is_back(network, lea):
    with running_provider(CALLBACK) as mortal:
        use(network, mortal)
        browser = network.client()
        carried = sign_in_there(start(browser), "lea")
        mortal.kill()
        down = come_back(browser, carried)
        assert refusal(down) == (502, "provider_unavailable")
        assert down.json()["detail"].startswith("Moncompte")
        port = urlsplit(mortal.issuer).port
    with running_provider(CALLBACK, port=port):  # with new keys, and what we know of it is still of this hour
        assert sign_in(browser).status_code == 200


def test_a_provider_that_is_not_there_is_an_answer_too(network, provider):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        gone = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    use(network, provider, oidc_issuer=gone)
    assert refusal(network.client().post(START, json={})) == (502, "provider_unavailable")


def test_what_the_provider_says_of_itself_is_believed_for_an_hour(network, provider):
    browser = network.client()
    start(browser)
    known = network.app.state.provider
    network.later(minutes=59)
    start(browser)
    assert network.app.state.provider is known
    network.later(minutes=1)
    start(browser)
    assert network.app.state.provider is not known


def test_a_wrong_secret_is_our_misconfiguration_not_the_persons(network, lea, provider, caplog):
    use(network, provider, oidc_client_secret=None)
    with caplog.at_level(logging.ERROR):
        assert refusal(sign_in(network.client())) == (502, "provider_unavailable")
    assert "invalid_client" in caplog.text


@pytest.mark.parametrize("issuer", ["http://example.org", "ftp://example.org", "no address", "https://["])
def test_a_provider_without_https_elsewhere_than_here_is_not_spoken_to(network, provider, issuer):
    use(network, provider, oidc_issuer=issuer)
    assert refusal(network.client().post(START, json={})) == (502, "provider_unavailable")


def test_a_provider_that_calls_itself_otherwise_is_refused(network, provider):
    use(network, provider, oidc_issuer=provider.issuer.replace("127.0.0.1", "localhost"))
    assert refusal(network.client().post(START, json={})) == (502, "provider_unavailable")


def test_a_final_slash_in_its_address_is_no_difference(network, lea, provider):
    use(network, provider, oidc_issuer=f"{provider.issuer}/")
    assert sign_in(network.client()).status_code == 200


@pytest.fixture
def patience(monkeypatch):
    """On a busy machine the first would give up before the last has asked."""
    monkeypatch.setattr("passapp.accounts.provider.PATIENCE", 25)


@pytest.mark.usefixtures("patience")
def test_nobody_waits_for_a_slow_provider_but_who_signs_in_there(network, provider):
    """Also on SQLite, where writers go one by one."""
    with socket.create_server(("127.0.0.1", 0)) as slow:
        slow.settimeout(20)
        use(network, provider, oidc_issuer=f"http://127.0.0.1:{slow.getsockname()[1]}")
        answers = []
        with served(network.app, network.settings) as address:
            waiting = threading.Thread(
                target=lambda: answers.append(requests.post(f"{address}{START}", json={}, timeout=30))
            )
            waiting.start()
            accepted, _ = slow.accept()
            written = requests.post(f"{address}/api/v1/sign-in/passkey/question", timeout=20)
            was_waiting = waiting.is_alive()
            accepted.close()
            waiting.join(30)
    assert (written.status_code, was_waiting) == (200, True)
    assert refusal(answers[0]) == (502, "provider_unavailable")


@pytest.mark.usefixtures("patience")
def test_a_provider_that_hangs_holds_eight_requests_and_the_others_are_told_at_once(network, provider):
    with socket.create_server(("127.0.0.1", 0), backlog=20) as slow:
        slow.settimeout(20)
        use(network, provider, oidc_issuer=f"http://127.0.0.1:{slow.getsockname()[1]}")
        with served(network.app, network.settings) as address:
            ask = partial(requests.post, f"{address}{START}", json={}, timeout=30)
            waiting = [threading.Thread(target=ask) for _ in range(8)]
            for one in waiting:
                one.start()
            accepted = [slow.accept()[0] for _ in waiting]
            ninth = ask()
            slow.settimeout(0)
            with pytest.raises(BlockingIOError):
                slow.accept()
            for connection in accepted:
                connection.close()
            for one in waiting:
                one.join(30)
    assert refusal(ninth) == (502, "provider_unavailable")


def test_a_network_without_a_provider_says_so(world):
    world.app.state.provider = None
    assert refusal(world.client().post(START, json={})) == (404, "no_provider")
    assert world.client().get("/api/v1/sign-in/ways").json()["provider"] is None


@pytest.mark.parametrize("name,shown", [("Moncompte", "Moncompte"), ("", "127.0.0.1")])
def test_the_ways_to_sign_in_name_the_provider(network, provider, name, shown):
    use(network, provider, oidc_name=name)
    assert network.client().get("/api/v1/sign-in/ways").json() == {"mail": False, "passkeys": True, "provider": shown}


@pytest.mark.parametrize("changes", [{"smtp_url": "smtp://localhost"}, {"demo": True}])
def test_the_ways_to_sign_in_say_whether_mails_leave(world, changes):
    world.app.state.settings = world.settings.model_copy(update=changes)
    assert world.client().get("/api/v1/sign-in/ways").json()["mail"] is True
