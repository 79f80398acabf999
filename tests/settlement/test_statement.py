"""A place's month (*relevé*): what it owes and is owed, down to each visit, and who may see it."""

import json
from datetime import UTC, datetime

import pytest

from passapp.accounts.rules import Role
from tests.settlement.conventions import rule
from tests.settlement.months import MONTH, agree, make_visit, month_of, old_pass, statement_of, visits_behind


@pytest.fixture
def exchanged(world):
    """Two visits of the hangar's member at the moulin, one the other way, one at home."""
    agree(world, allowance=1, tariff=[rule(500) | {"label": "Tous les passages"}])
    shown = old_pass(world, world.hangar, given_name="Zoé", family_name="Quignard")
    for day in (3, 4):
        make_visit(world, world.hangar, world.moulin, datetime(2026, 11, day, 9, tzinfo=UTC), shown)
    make_visit(world, world.moulin, world.hangar)
    make_visit(world, world.hangar, world.hangar)
    return world


def test_a_statement_counts_what_was_received_and_what_was_made(exchanged):
    statement = statement_of(exchanged.as_manager(exchanged.hangar), exchanged.hangar)
    assert (statement["visits_received"], statement["visits_made"], statement["at_home_visits"]) == (1, 2, 1)
    assert [row["partner"]["code"] for row in statement["made"]] == ["moulin"]
    assert (statement["position_cents"], statement["money"]) == (-500, True)
    [payment] = statement["transfers"]
    assert (payment["debtor"]["code"], payment["creditor"]["code"]) == ("hangar", "moulin")
    assert payment["amount_cents"] == 500


def test_both_places_read_the_same_lines(exchanged):
    made = statement_of(exchanged.as_manager(exchanged.hangar), exchanged.hangar)["made"][0]
    received = statement_of(exchanged.as_manager(exchanged.moulin), exchanged.moulin)["received"][0]
    assert {k: v for k, v in made.items() if k != "partner"} == {k: v for k, v in received.items() if k != "partner"}
    assert [(d["local_date"], d["visits"], d["amount_cents"]) for d in made["days"]] == [
        ("2026-11-03", 1, 0),
        ("2026-11-04", 1, 500),
    ]


def test_the_home_sees_its_own_member_behind_a_line(exchanged):
    visits = visits_behind(exchanged.as_manager(exchanged.hangar), exchanged.hangar, "made", "moulin")
    assert [(v["local_date"], v["free_units"], v["paid_units"], v["amount_cents"]) for v in visits] == [
        ("2026-11-03", 1, 0, 0),
        ("2026-11-04", 0, 1, 500),
    ]
    assert {v["member"]["family_name"] for v in visits} == {"Quignard"}
    assert {(v["visitor"], v["rule_label"], v["evidence"]) for v in visits} == {(None, "Tous les passages", "card")}


def test_the_visited_place_sees_a_pseudonym_that_is_its_own(exchanged):
    manager = exchanged.as_manager(exchanged.moulin)
    path = f"/api/v1/places/{exchanged.moulin.id}/statements/{MONTH}/visits?direction=received&partner=hangar"
    answer = manager.get(path)
    assert "Quignard" not in answer.text
    assert "@" not in answer.text
    visits = answer.json()["items"]
    assert {v["member"] for v in visits} == {None}
    assert len({v["visitor"] for v in visits}) == 1


def test_a_pseudonym_differs_from_place_to_place(exchanged):
    phare = exchanged.place("phare")
    shown = old_pass(exchanged, exchanged.hangar)
    for host in (exchanged.moulin, phare):
        make_visit(exchanged, exchanged.hangar, host, datetime(2026, 11, 6, 9, tzinfo=UTC), shown)
    seen = [
        visits_behind(exchanged.as_manager(host), host, "received", "hangar", day="2026-11-06")[0]["visitor"]
        for host in (exchanged.moulin, phare)
    ]
    assert seen[0] != seen[1]


def test_the_networks_accountant_reads_amounts_but_no_names(exchanged):
    accountant = exchanged.signed_in(exchanged.account(Role.NETWORK_ACCOUNTANT))
    visits = visits_behind(accountant, exchanged.hangar, "made", "moulin")
    assert {(v["member"], v["visitor"] is None) for v in visits} == {(None, False)}


def test_the_visits_of_one_day_can_be_asked_for(exchanged):
    manager = exchanged.as_manager(exchanged.hangar)
    visits = visits_behind(manager, exchanged.hangar, "made", "moulin", day="2026-11-04")
    assert [v["local_date"] for v in visits] == ["2026-11-04"]
    assert visits_behind(manager, exchanged.hangar, "made", "moulin", day="2026-11-05") == []


def test_the_detail_is_for_the_place_itself_and_the_network(exchanged):
    stranger = exchanged.as_manager(exchanged.place("phare"))
    for path in ("", "/visits?direction=made&partner=moulin", "/document.json", "/statement.csv"):
        assert stranger.get(f"/api/v1/places/{exchanged.hangar.id}/statements/{MONTH}{path}").status_code == 403


def test_a_partner_that_does_not_exist_is_told(exchanged):
    path = f"/api/v1/places/{exchanged.hangar.id}/statements/{MONTH}/visits?direction=made&partner=nowhere"
    answer = exchanged.as_manager(exchanged.hangar).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "place_unknown")


def test_a_place_without_visits_has_an_empty_statement(exchanged):
    phare = exchanged.place("phare")
    statement = statement_of(exchanged.as_manager(phare), phare)
    assert (statement["received"], statement["made"], statement["position_cents"]) == ([], [], 0)


def test_a_statement_names_the_month_that_it_is_part_of(exchanged):
    manager = exchanged.as_manager(exchanged.hangar)
    document = manager.get(f"/api/v1/places/{exchanged.hangar.id}/statements/{MONTH}/document.json").json()
    assert document["month_sha256"] == month_of(exchanged.as_coordinator())["sha256"]
    assert (document["schema"], document["place"], document["month"]) == ("passapp/statement/1", "hangar", MONTH)


def test_a_document_holds_no_name_no_address_and_no_instant(exchanged):
    manager = exchanged.as_manager(exchanged.hangar)
    text = manager.get(f"/api/v1/places/{exchanged.hangar.id}/statements/{MONTH}/document.json").text
    for private in ("Quignard", "Zoé", "example.org", "T09:", "opened_at"):
        assert private not in text


def test_the_csv_is_one_that_a_french_spreadsheet_opens(exchanged):
    manager = exchanged.as_manager(exchanged.hangar)
    csv = manager.get(f"/api/v1/places/{exchanged.hangar.id}/statements/{MONTH}/statement.csv").content
    lines = csv.decode("utf-8-sig").splitlines()
    assert csv.startswith(b"\xef\xbb\xbf")
    assert lines[0].startswith("Mois;Quoi;De (code);De;À (code);À;Mois d’origine;Version des règles;Règle;Nombre;")
    rule = "2;Tous les passages"
    assert lines[1] == f"2026-11;Passages;moulin;Le Moulin;hangar;Le Hangar;;{rule};1;1;1;0;0;5,00;0,00;0,00;;0,00"
    assert lines[2] == f"2026-11;Passages;hangar;Le Hangar;moulin;Le Moulin;;{rule};2;2;1;1;0;5,00;0,00;5,00;;-5,00"
    assert lines[-1] == "2026-11;Solde;hangar;Le Hangar;;;;;;;;;;;;;-5,00;;-5,00"


def test_a_name_that_a_spreadsheet_would_run_is_neutralised(exchanged):
    phare = exchanged.place("phare", "=HYPERLINK(1)")
    make_visit(exchanged, phare, exchanged.moulin)
    manager = exchanged.as_manager(phare)
    csv = manager.get(f"/api/v1/places/{phare.id}/statements/{MONTH}/statement.csv").content.decode()
    assert ";'=HYPERLINK(1);" in csv


def test_the_document_is_canonical(exchanged):
    manager = exchanged.as_manager(exchanged.hangar)
    content = manager.get(f"/api/v1/places/{exchanged.hangar.id}/statements/{MONTH}/document.json").content
    again = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content.decode() == again
