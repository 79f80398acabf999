"""An empty deployment is claimed by whoever has the address from the operator's terminal, once, and by nobody else."""

import stat

import pytest

from passapp.accounts.models import Account, RoleGrant
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.network.models import ConventionVersion, Network, Plan
from passapp.network.service import found_network
from passapp.passes.models import SigningKey
from tests.at_once import at_once
from tests.first_start.claiming import WANTED, claim, draw
from tests.kernel.log_lines import LogLines
from tests.scenes import everything_stored, post_json, rows


def is_empty(empty):
    return [rows(empty, model) for model in (Network, Account, RoleGrant, SigningKey)] == [[], [], [], []]


def test_the_right_secret_founds_the_network_and_signs_its_coordination_in(empty):
    client = empty.client()
    answer = claim(client, draw(empty))
    assert answer.status_code == 201, answer.text
    me = client.get("/api/v1/me").json()
    assert me == answer.json()
    assert (me["account"]["name"], me["account"]["email"]) == ("Camille Martin", "camille@example.org")
    assert [grant["role"] for grant in me["grants"]] == ["coordinator"]
    network = client.get("/api/v1/network").json()
    assert (network["code"], network["name"], network["locale"]) == ("BOCAGE", "Les lieux du bocage", "fr")


def test_a_new_network_counts_visits_only_and_asks_for_nothing_else(empty):
    client = empty.client()
    claim(client, draw(empty))
    [plan], [convention] = rows(empty, Plan), rows(empty, ConventionVersion)
    assert (plan.code, plan.opens) == ("TOUT", "everywhere")
    said = convention.document
    assert (said["unit"], said["money"], said["review_days"]) == ("visit", False, 15)
    assert said["tariff"] == [{"when": {}, "rate_cents": 0}]
    assert client.get("/api/v1/network").json()["card_allowed"]


def test_a_new_network_has_its_keys_in_files_that_only_we_can_read(empty):
    claim(empty.client(), draw(empty))
    files = sorted(empty.settings.keys_dir.iterdir())
    assert [file.stem for file in files] == sorted(["pseudonyms", *(key.kid for key in rows(empty, SigningKey))])
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("secret", ["x", "a" * 43, "é", "0" * 64, " ", "\u0000", "\ud800", "a" * 201])
def test_a_stranger_with_a_wrong_secret_founds_nothing(empty, secret):
    draw(empty)
    answer = post_json(empty.client(), "/api/v1/set-up", WANTED | {"secret": secret})
    assert answer.status_code in {403, 422}
    assert not answer.cookies
    assert is_empty(empty)


def test_a_wrong_secret_is_answered_the_same_whether_or_not_one_was_ever_drawn(empty):
    before = claim(empty.client(), "inconnu")
    draw(empty)
    after = claim(empty.client(), "inconnu")
    assert (before.status_code, before.json()) == (after.status_code, after.json())
    assert before.json()["code"] == "set_up_link_not_valid"


def test_guessing_the_secret_ends_after_a_while(empty):
    secret, stranger = draw(empty), empty.client()
    statuses = [claim(stranger, "guess").status_code for _ in range(21)]
    assert (set(statuses[:20]), statuses[20]) == ({statuses[0]}, 429)
    assert claim(stranger, secret).json()["code"] == "too_many_tries"
    assert claim(empty.client(), secret).status_code == 201, "whoever has the address is not held up elsewhere"


def test_no_secret_at_all_founds_nothing(empty):
    draw(empty)
    assert empty.client().post("/api/v1/set-up", json=WANTED).status_code == 422
    assert is_empty(empty)


def test_the_secret_before_the_last_one_is_worth_nothing(empty):
    first, last = draw(empty), draw(empty)
    assert claim(empty.client(), first).json()["code"] == "set_up_link_not_valid"
    assert claim(empty.client(), last).status_code == 201


def test_a_secret_works_once(empty):
    secret = draw(empty)
    claim(empty.client(), secret)
    again = claim(empty.client(), secret, email="intruse@example.org")
    assert (again.status_code, again.json()["code"]) == (409, "network_exists")
    assert not again.cookies
    assert len(rows(empty, Account)) == 1


def test_with_a_network_there_is_no_secret_any_more(empty):
    secret = draw(empty)
    with empty.database.write() as session:
        found_network(session, "AUTRE", "Autre", locale="fr", at=empty.now, actor=SYSTEM)
    assert claim(empty.client(), secret).json()["code"] == "network_exists"
    assert draw(empty) is None
    assert list(empty.settings.data_dir.glob("set-up*")) == []


def test_two_who_use_the_address_at_once_found_one_network(empty):
    secret = draw(empty)
    people = [WANTED | {"secret": secret, "code": f"N{n}", "email": f"n{n}@example.org"} for n in range(6)]
    answers = at_once(empty, [(empty.client(), "POST", "/api/v1/set-up", {"json": each}) for each in people])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    [network], [account], [grant] = rows(empty, Network), rows(empty, Account), rows(empty, RoleGrant)
    assert account.email == f"{network.code.lower()}@example.org"
    assert grant.account_id == account.id
    assert len(rows(empty, SigningKey)) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "Réseau\u202edu bocage"},
        {"name": "a\u0000b"},
        {"code": ""},
        {"code": "TROPLONGUE"},
        {"code": "bocage"},
        {"code": "BO CAGE"},
        {"code": "ÉTÉ"},
        {"locale": "de"},
        {"person": "x" * 100_000},
        {"person": " "},
        {"email": "camille"},
        {"email": "a@b"},
        {"email": "camille@example.org\r\nBcc: x@example.org"},
        {"card_allowed": True},
    ],
)
def test_fields_that_make_no_network_are_refused_and_the_secret_stays_good(empty, fields):
    secret = draw(empty)
    refused = claim(empty.client(), secret, **fields)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert is_empty(empty)
    assert claim(empty.client(), secret).status_code == 201


def test_a_name_that_is_a_script_is_a_name(empty):
    client = empty.client()
    name = "<script>alert(1)</script>"
    assert claim(client, draw(empty), name=name).status_code == 201
    answer = client.get("/api/v1/network")
    assert answer.json()["name"] == name
    assert answer.headers["content-type"] == "application/json"


def test_another_site_cannot_make_a_browser_found_the_network(empty):
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    body = WANTED | {"secret": draw(empty)}
    assert empty.client().post("/api/v1/set-up", json=body, headers=headers).json()["code"] == "cross_origin"
    assert is_empty(empty)


def test_the_secret_stands_in_no_log_no_table_and_no_file(empty):
    secret = draw(empty)
    with LogLines() as lines:
        claim(empty.client(), "inconnu-marque")
        claim(empty.client(), secret)
        claim(empty.client(), secret)
    assert lines.text
    assert secret not in lines.text
    assert "marque" not in lines.text
    assert secret not in everything_stored(empty)
    kept = list(empty.settings.data_dir.glob("set-up*"))
    assert kept
    assert all(secret not in file.read_text() for file in kept)
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}


def test_founding_is_in_the_audit_log_as_the_deed_of_whoever_founded(empty):
    claim(empty.client(), draw(empty))
    deeds = {entry.action: (entry.actor_kind, entry.actor_id) for entry in rows(empty, AuditEntry)}
    [account] = rows(empty, Account)
    assert {deeds[action] for action in ("network.found", "role.grant", "session.open")} == {("account", account.id)}
