"""What an operator does from a terminal. Every failure is a sentence and status 1."""

import re

import pytest
from fastapi.testclient import TestClient

from passapp.app import create_app


def refused(done, *words):
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    for word in words:
        assert word in done.output


def test_a_command_before_the_first_migration_says_what_to_run(passapp):
    refused(passapp("settle", "2026-10"), "passapp migrate")


def test_migrating_twice_changes_nothing(passapp):
    assert passapp("migrate").exit_code == 0
    assert passapp("migrate").exit_code == 0


def test_a_network_is_created_once(deployment):
    refused(deployment("network", "SUD", "Réseau du Sud"), "exists already")


@pytest.mark.parametrize("code", ["TOOLONGCODE", "É", "A B", ""])
def test_a_code_that_no_pass_can_carry_is_refused(passapp, code):
    passapp("migrate")
    refused(passapp("network", code, "Réseau"), "8 letters")


def test_private_keys_are_readable_by_their_owner_only(deployment, settings):
    files = list(settings.keys_dir.iterdir())
    assert len(files) == 2
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}


def test_a_link_signs_its_person_in_once(deployment, settings):
    link = deployment("link", "COLINE@Example.org").output.strip()
    secret = link.partition("/sign-in#")[2]
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        signed_in = client.post("/api/v1/sign-in", json={"token": secret})
        assert signed_in.json()["grants"] == [{"role": "coordinator", "place": None}]
        assert client.post("/api/v1/sign-in", json={"token": secret}).json()["code"] == "link_not_valid"


def test_a_link_for_a_stranger_is_refused(deployment):
    refused(deployment("link", "nobody@example.org"), "Nobody here")


def test_a_role_at_a_place_needs_its_place(deployment):
    refused(deployment("grant", "malik@example.org", "manager"), "which place")
    assert deployment("grant", "malik@example.org", "manager", "--place", "Le Hangar").exit_code == 0


@pytest.mark.parametrize(
    "words,said",
    [
        (("grant", "malik@example.org", "king"), "no role king"),
        (("grant", "not an address", "coordinator"), "@"),
        (("grant", "malik@example.org", "host", "--place", "atlantis"), "no such place"),
    ],
)
def test_a_role_that_cannot_be_given_is_refused(deployment, words, said):
    refused(deployment(*words), said)


def test_a_member_is_added_edited_suspended_resumed_and_moved(deployment):
    assert deployment("members", "add", "Léa", "Bertin", "le-hangar", "--email", "lea@example.org").exit_code == 0
    assert deployment("members", "edit", "lea@example.org", "--reference", "HGR-1").exit_code == 0
    assert deployment("members", "suspend", "HGR-1", "Impayé").exit_code == 0
    assert "suspended" in deployment("members", "list", "bertin").output
    assert deployment("members", "resume", "HGR-1").exit_code == 0
    assert deployment("members", "move-home", "HGR-1", "le-moulin", "--first-day", "2099-01-01").exit_code == 0
    assert "Le Hangar" in deployment("members", "list").output


def test_a_place_is_edited_and_leaves(deployment):
    assert deployment("places", "edit", "le-moulin", "--town", "Tourcoing").exit_code == 0
    assert deployment("places", "leave", "le-moulin", "2099-01-01").exit_code == 0
    listed = deployment("places", "list").output
    assert "Tourcoing" in listed
    assert "left on 2099-01-01" in listed


@pytest.mark.parametrize(
    "words,said",
    [
        (("places", "add", "le-hangar", "Autre", "Lille", "59000"), "already has this code"),
        (("places", "add", "x y", "Autre", "Lille", "59000"), "code"),
        (("places", "add", "mars", "Mars", "Lille", "59000", "--zone", "Mars/Base"), "zone"),
        (("places", "edit", "atlantis", "--town", "Lille"), "no such place"),
        (("members", "add", "Léa", "Bertin", "le-hangar", "--plan", "XXXX"), "no plan XXXX"),
        (("members", "add", "Léa", "Bertin", "le-hangar", "--email", "lea"), "email"),
        (("members", "suspend", "nobody@example.org", "x"), "no such member"),
        (("settle", "2026-13"), "2026-10"),
        (("settle", "2199-01"), "2026-10"),
        (("settle", "2098-01"), "has not begun"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(deployment, words, said):
    refused(deployment(*words), said)


def test_a_dry_run_of_an_import_writes_nothing_and_the_import_does(deployment, tmp_path):
    file = tmp_path / "members.csv"
    file.write_text(
        "prénom;nom;lieu;formule\nLéa;Bertin;Le Hangar;TOUT\nAli;Said;Le Moulin;TOUT\n", encoding="utf-8-sig"
    )
    dry = deployment("import", str(file), "--dry-run")
    assert "2 new" in dry.output
    assert deployment("members", "list").output == ""
    assert "Imported." in deployment("import", str(file)).output
    assert len(deployment("members", "list").output.splitlines()) == 2


def test_an_import_with_one_bad_line_imports_nothing_and_names_the_line(deployment, tmp_path):
    file = tmp_path / "members.csv"
    file.write_text("prénom;nom;lieu;formule\nLéa;Bertin;Le Hangar;TOUT\nAli;Said;Atlantis;TOUT\n", encoding="utf-8")
    refused(deployment("import", str(file)), "line 3", "Nothing was imported")
    assert deployment("members", "list").output == ""


def test_keys_do_not_rotate_before_every_door_can_know_the_next_one(deployment, settings):
    refused(deployment("keys", "rotate"), "7 days")
    done = deployment("keys", "rotate", "--compromised")
    assert re.search(r"signed with the key \w{2,4}\.", done.output)
    assert len(list(settings.keys_dir.iterdir())) == 3


def test_serving_with_one_click_sign_in_is_refused(deployment, monkeypatch):
    monkeypatch.setenv("PASSAPP_DEMO", "1")
    refused(deployment("serve"), "PASSAPP_DEMO")


def test_the_demo_does_not_touch_a_real_network(deployment):
    refused(deployment("demo"), "real network")


def test_settle_prints_a_table(deployment):
    printed = deployment("settle", "2026-10").output
    assert printed.startswith("2026-10  open")
    assert "between places" in printed
