"""From nothing to a network with places and people who sign in, from the terminal."""

import re
import stat

import pytest
from fastapi.testclient import TestClient

from passapp.app import create_app
from passapp.kernel.settings import Settings


def test_before_migrate_every_command_says_to_run_it_first(bare):
    for words in (("places", "list"), ("link", "a@example.org"), ("settle", "2026-10"), ("serve",)):
        assert "database" in bare.fails(*words)


def test_migrate_says_so_and_may_run_again(bare):
    assert bare.ok("migrate") == bare.ok("migrate") == "The database is up to date.\n"


def test_a_network_is_created_once_with_keys_that_only_we_can_read(bare):
    bare.ok("migrate")
    assert "passapp grant" in bare.ok("network", "reseau", "Le Réseau")
    keys = list(Settings().keys_dir.iterdir())
    assert sorted(key.suffix for key in keys) == [".key", ".pem", ".pem"]
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert "exists already" in bare.fails("network", "AUTRE", "Autre")


@pytest.mark.parametrize(
    "words", [("TROPLONGUE", "x"), ("É", "x"), ("A B", "x"), ("", "x"), ("R", "x", "--locale", "de")]
)
def test_a_network_with_a_code_that_fits_no_pass_is_refused(bare, words):
    bare.ok("migrate")
    assert "at most 8 letters" in bare.fails("network", *words)


def test_places_are_listed_by_code(terminal):
    listed = terminal.ok("places", "list").splitlines()
    assert [line.split()[0] for line in listed] == ["hangar", "moulin"]


@pytest.mark.parametrize(
    "words, told",
    [
        (("hangar", "Autre", "Caen", "14000"), "already has this code"),
        (("ici", "Ici", "Caen", "14000", "--zone", "Europe/Nowhere"), "zone"),
        (("ici", "Ici", "Caen", "14000", "--country", "XX"), "unknown country"),
        (("Ici Là", "Ici", "Caen", "14000"), "code"),
        (("ici", "Ici", "Caen", "14000", "--kind", "autre"), "kind"),
    ],
)
def test_a_place_that_cannot_be_added_is_told_why(terminal, words, told):
    assert told in terminal.fails("places", "add", *words)
    assert len(terminal.ok("places", "list").splitlines()) == 2


def test_a_place_leaves_on_a_date(terminal):
    assert terminal.ok("places", "leave", "Le Moulin", "2027-01-01") == "Le Moulin leaves on 2027-01-01.\n"
    assert "left on 2027-01-01" in terminal.ok("places", "list")


def test_a_place_cannot_leave_before_it_joined_nor_one_that_does_not_exist(terminal):
    assert "leave before it joined" in terminal.fails("places", "leave", "moulin", "2025-01-01")
    assert "no such place" in terminal.fails("places", "leave", "ailleurs", "2027-01-01")


@pytest.mark.parametrize(
    "words",
    [
        ("camille@example.org", "coordinator"),
        ("Camille@Example.org", "manager", "--place", "hangar"),
        ("camille@example.org", "host", "--place", "le hangar"),
        ("camille@example.org", "network_accountant"),
    ],
)
def test_a_role_is_given(terminal, words):
    assert terminal.ok("grant", *words).startswith("camille@example.org is ")


@pytest.mark.parametrize(
    "words, told",
    [
        (("camille@example.org", "boss"), "no role boss"),
        (("camille@example.org", "member"), "no role member"),
        (("camille@example.org", "door"), "no role door"),
        (("camille", "coordinator"), "@"),
        (("camille@example.org", "manager"), "at which place"),
        (("camille@example.org", "coordinator", "--place", "hangar"), "at which place"),
        (("camille@example.org", "manager", "--place", "ailleurs"), "no such place"),
    ],
)
def test_a_role_that_cannot_be_given_is_told_why(terminal, words, told):
    assert told in terminal.fails("grant", *words)
    assert "Nobody here" in terminal.fails("link", "camille@example.org")


def test_a_link_signs_its_person_in_once(terminal):
    terminal.ok("grant", "camille@example.org", "coordinator")
    printed = terminal.ok("link", "CAMILLE@example.org").strip()
    secret = re.fullmatch(r"https://pass\.example/sign-in#(\S{43})", printed)[1]
    with TestClient(create_app(Settings()), base_url="https://pass.example") as client:
        first, second = (client.post("/api/v1/sign-in", json={"token": secret}) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 410)
        assert client.get("/api/v1/role-grants").status_code == 200
        [made] = client.get("/api/v1/audit-entries", params={"action": "sign_in_link.make"}).json()["items"]
        assert made["detail"] == {"how": "command"}


def test_a_link_for_somebody_unknown_is_refused(terminal):
    for email in ("inconnue@example.org", "rien"):
        assert "Nobody here has this e-mail address" in terminal.fails("link", email)


def test_serve_never_opens_the_demo(terminal, monkeypatch):
    monkeypatch.setenv("PASSAPP_DEMO", "true")
    assert "never to a real network" in terminal.fails("serve")


def test_the_openapi_document_is_printed_the_demos_routes_included(bare):
    assert '"demo_sign_in"' in bare.ok("openapi")


def test_a_database_that_does_not_answer_is_told_in_a_sentence(bare, monkeypatch):
    monkeypatch.setenv("PASSAPP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    assert "The database does not answer" in bare.fails("places", "list")
