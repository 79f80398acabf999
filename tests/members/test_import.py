"""Importing a members.csv as people have it: all of it or nothing, every problem told with its line."""

import io
from datetime import date

import pytest

from passapp.kernel.audit import AuditEntry
from passapp.members.models import Member, Membership
from tests.members.csv_files import LEA, MAX, TITLES, count, errors, everybody, send


def test_a_file_as_a_french_spreadsheet_writes_it_is_imported(world, coordinator):
    report = send(coordinator, TITLES + LEA + MAX)
    assert (report["imported"], report["rows"], report["errors"]) == (True, 2, [])
    assert [(c["line"], c["name"]) for c in report["created"]] == [(2, "Léa Bertin"), (3, "Max Noir")]
    lea, max_ = everybody(world)["Léa"], everybody(world)["Max"]
    assert (lea.email, lea.reference, lea.account_id is not None) == ("lea@example.org", "H-1", True)
    [at] = lea.memberships
    assert (at.place_id, at.plan, at.tier, at.priority, at.first_day, at.last_day) == (
        world.hangar.id,
        "TOUT",
        "solidaire",
        1,
        date(2026, 9, 1),
        None,
    )
    assert (max_.memberships[0].place_id, max_.memberships[0].last_day) == (world.moulin.id, date(2026, 12, 31))


ENGLISH = "First name;Surname;Home;Plan;Email;Number;Tier;Priority;Start;End\n"
WRITTEN = {
    "BOM": b"\xef\xbb\xbf" + (TITLES + LEA).encode(),
    "commas": (TITLES + LEA).replace(";", ",").encode(),
    "tabs": (TITLES + LEA).replace(";", "\t").encode(),
    "CRLF": (TITLES + LEA).replace("\n", "\r\n").encode(),
    "CR": (TITLES + LEA).replace("\n", "\r").encode(),
    "no last line end": (TITLES + LEA).rstrip("\n").encode(),
    "Latin-1": (TITLES + LEA).encode("latin-1"),
    "Windows-1252": (TITLES + LEA).encode("cp1252"),
    "capital titles": (TITLES.upper() + LEA).encode(),
    "titles without accents": (TITLES.replace("é", "e") + LEA).encode(),
    "decomposed titles": (TITLES.replace("é", "e\u0301") + LEA).encode(),
    "English titles": (ENGLISH + LEA).encode(),
    "empty lines": (TITLES + "\n\n;;;;;;;;;\n" + LEA).encode(),
    "quoted cells": (TITLES + ";".join(f'"{cell}"' for cell in LEA.strip().split(";"))).encode(),
    "spaces around cells": (TITLES + LEA).replace(";", " ; ").encode(),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
def test_however_the_file_is_written_the_same_person_comes_out(world, coordinator, written):
    report = send(coordinator, written)
    assert (report["errors"], len(report["created"])) == ([], 1)
    lea = everybody(world)["Léa"]
    assert (lea.family_name, lea.email, lea.memberships[0].first_day) == ("Bertin", "lea@example.org", date(2026, 9, 1))


def test_a_file_in_an_old_encoding_says_to_check_the_accents(coordinator):
    assert send(coordinator, (TITLES + LEA).encode("latin-1"), dry_run=True)["is_old_encoding"]
    assert not send(coordinator, TITLES + LEA, dry_run=True)["is_old_encoding"]


def test_columns_come_in_any_order_and_unknown_ones_are_left_out(world, coordinator):
    send(coordinator, "téléphone;formule;nom;lieu;prénom\n06;TOUT;Bertin;hangar;Léa\n")
    assert everybody(world)["Léa"].family_name == "Bertin"


@pytest.mark.parametrize("missing", ["prénom", "nom", "lieu", "formule"])
def test_a_missing_column_is_named_once_and_on_the_first_line(world, coordinator, missing):
    titles = TITLES.split(";")
    titles[titles.index(missing)] = "autre"
    report = send(coordinator, ";".join(titles) + LEA)
    column = {"prénom": "given_name", "nom": "family_name", "lieu": "home", "formule": "plan"}[missing]
    assert errors(report) == [(1, column, "column_missing")]
    assert count(world, Member) == 0


def test_two_columns_of_the_same_meaning_are_told(world, coordinator):
    report = send(coordinator, "prénom;nom;lieu;formule;mail;Courriel\nLéa;Bertin;hangar;TOUT;a@example.org;\n")
    assert errors(report) == [(1, "email", "column_twice")]
    assert "mail + Courriel" in report["errors"][0]["detail"]
    assert count(world, Member) == 0


def test_columns_that_are_twice_or_missing_are_told_together(coordinator):
    report = send(coordinator, "prénom;prénom;nom;lieu\nLéa;Léa;Bertin;hangar\n")
    assert errors(report) == [(1, "given_name", "column_twice"), (1, "plan", "column_missing")]


@pytest.mark.parametrize("name", ["given_name", "family_name", "home"])
def test_a_line_break_inside_a_name_is_named_as_such(coordinator, name):
    cells = {"given_name": "Léa", "family_name": "Bertin", "home": "hangar"}
    cells[name] = '"a\nb"'
    report = send(coordinator, "prénom;nom;lieu;formule\n" + ";".join(cells.values()) + ";TOUT\n")
    assert errors(report) == [(2, name, "not_valid")]
    assert "line break" in report["errors"][0]["detail"]


def test_what_is_wrong_is_said_in_our_words_and_not_in_those_of_the_validator(coordinator):
    wrong = "L\x07éa;" + "B" * 121 + ";Le Hangar;trop long;pas une adresse;?;deux mots;cent;demain;hier\n"
    details = [error["detail"] for error in send(coordinator, TITLES + wrong)["errors"]]
    assert len(details) == 9
    assert all(detail.startswith("Not valid: write ") and detail.endswith(".") for detail in details)
    assert not [d for d in details for word in ("Value error", "String should", "Input should") if word in d]


@pytest.mark.parametrize(
    "line, column, code",
    [
        ("Léa;Bertin;Le Hangar;TOUT;pas une adresse;;;;;", "email", "not_valid"),
        ("Léa;Bertin;Le Hangar;TOUT;;;;;31/02/2026;", "first_day", "not_valid"),
        ("Léa;Bertin;Le Hangar;TOUT;;;;;demain;", "first_day", "not_valid"),
        ("Léa;Bertin;Le Hangar;TOUT;;;;;01/09/2026;31/08/2026", "last_day", "dates_reversed"),
        ("Léa;Bertin;Le Hangar;AUTR;;;;;;", "plan", "plan_unknown"),
        ("Léa;Bertin;Le Hangar;bien trop long;;;;;;", "plan", "not_valid"),
        ("Léa;Bertin;Ailleurs;TOUT;;;;;;", "home", "place_unknown"),
        ("Léa;;Le Hangar;TOUT;;;;;;", "family_name", "empty"),
        ("Léa;Bertin;Le Hangar;TOUT;;;;0;;", "priority", "not_valid"),
        ("Léa;Bertin;Le Hangar;TOUT;;;deux mots;;;", "tier", "not_valid"),
        ("Léa;Bertin;Le Hangar;TOUT;;;;;;;trop", None, "too_many_cells"),
        ("L\x07éa;Bertin;Le Hangar;TOUT;;;;;;", "given_name", "not_valid"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_with_its_line_and_column(world, coordinator, line, column, code):
    report = send(coordinator, TITLES + MAX + line + "\n")
    assert errors(report) == [(3, column, code)]
    assert (report["imported"], count(world, Member)) == (False, 0)


def test_every_wrong_line_is_told_at_once_in_the_readers_language(coordinator):
    bad = TITLES + "Léa;;Ailleurs;TOUT;x;;;;;\n" + MAX + "Zoé;Roux;Ailleurs;TOUT;;;;;;\n"
    report = send(coordinator, bad)
    assert [line for line, _, _ in errors(report)] == [2, 2, 4]
    coordinator.headers["Accept-Language"] = "fr"
    french = send(coordinator, bad)
    assert errors(french) == errors(report)
    assert all(a["detail"] != b["detail"] for a, b in zip(report["errors"], french["errors"], strict=True))


def test_a_line_break_inside_quotes_counts_as_a_spreadsheet_counts(coordinator):
    report = send(
        coordinator, 'prénom;nom;lieu;formule;note\nLéa;Bertin;hangar;TOUT;"a\nb\nc"\nMax;Noir;nulle part;TOUT;\n'
    )
    assert errors(report) == [(3, "home", "place_unknown")]


def test_the_same_line_twice_is_left_out_the_second_time(world, coordinator):
    report = send(coordinator, TITLES + LEA + MAX + LEA)
    assert report["duplicates"] == [{"line": 4, "first_line": 2, "name": "Léa Bertin"}]
    assert (report["imported"], count(world, Member)) == (True, 2)


@pytest.mark.parametrize(
    "other",
    [
        "Léa;Bertin;Le Moulin;TOUT;lea@example.org;H-1;solidaire;1;01/09/2026;\n",
        "Léo;Bertin;Le Hangar;TOUT;lea@example.org;;;;;\n",
        "Léo;Bertin;Le Hangar;TOUT;;H-1;;;;\n",
        "Léo;Bertin;Le Hangar;TOUT;LEA@Example.ORG;H-2;;;;\n",
    ],
)
def test_the_same_person_twice_with_other_values_is_an_error_and_nothing_is_imported(world, coordinator, other):
    report = send(coordinator, TITLES + LEA + other)
    assert errors(report) == [(3, None, "contradicts_line")]
    assert "2" in report["errors"][0]["detail"]
    assert count(world, Member) == 0


def test_two_lines_that_speak_of_the_same_member_in_two_ways_contradict_each_other(world, coordinator):
    send(coordinator, TITLES + LEA)
    by_reference = "Léa;Bertin;Le Hangar;TOUT;nouvelle@example.org;H-1;;;;\n"
    by_email = "Zoé;Roux;Le Hangar;TOUT;lea@example.org;;;;;\n"
    report = send(coordinator, TITLES + by_reference + by_email)
    assert errors(report) == [(3, None, "contradicts_line")]
    assert everybody(world).keys() == {"Léa"}


def test_with_one_bad_line_nothing_at_all_is_imported(world, coordinator):
    before = count(world, AuditEntry)
    report = send(coordinator, TITLES + LEA + MAX + "Zoé;Roux;Ailleurs;TOUT;;;;;;\n")
    assert not report["imported"]
    assert (count(world, Member), count(world, Membership), count(world, AuditEntry)) == (0, 0, before)


def test_a_dry_run_writes_nothing_and_says_what_the_real_run_does(world, coordinator):
    send(coordinator, TITLES + LEA)
    before = count(world, AuditEntry)
    text = TITLES + LEA.replace("Bertin", "Martin") + MAX + MAX
    dry = send(coordinator, text, dry_run=True)
    assert (count(world, Member), count(world, AuditEntry)) == (1, before)
    assert everybody(world)["Léa"].family_name == "Bertin"
    real = send(coordinator, text)
    assert (dry.pop("dry_run"), dry.pop("imported"), real.pop("dry_run"), real.pop("imported")) == (
        True,
        False,
        False,
        True,
    )
    assert dry == real


def test_an_import_is_a_dry_run_unless_it_says_otherwise(world, coordinator):
    answer = coordinator.post("/api/v1/members/import", content=(TITLES + LEA).encode())
    assert (answer.json()["dry_run"], count(world, Member)) == (True, 0)


def test_importing_the_same_file_again_changes_nothing(world, coordinator):
    send(coordinator, TITLES + LEA + MAX)
    versions = {name: member.version for name, member in everybody(world).items()}
    again = send(coordinator, TITLES + LEA + MAX)
    assert (again["unchanged"], again["created"], again["changed"]) == (2, [], [])
    assert {name: member.version for name, member in everybody(world).items()} == versions


def test_what_changes_is_shown_field_by_field(coordinator):
    send(coordinator, TITLES + LEA)
    report = send(coordinator, TITLES + "Léa;Martin;Le Hangar;TOUT;lea@example.org;H-1;plein;;;31/12/2026\n")
    assert report["changed"] == [
        {
            "line": 2,
            "name": "Léa Martin",
            "differences": [
                {"field": "family_name", "before": "Bertin", "after": "Martin"},
                {"field": "tier", "before": "solidaire", "after": "plein"},
                {"field": "last_day", "before": None, "after": "2026-12-31"},
            ],
        }
    ]


def test_an_empty_cell_changes_nothing(world, coordinator):
    send(coordinator, TITLES + LEA)
    report = send(coordinator, TITLES + "Léa;Bertin;Le Hangar;TOUT;;H-1;;;;\n")
    assert report["unchanged"] == 1
    assert everybody(world)["Léa"].email == "lea@example.org"


def test_another_home_moves_the_member(world, coordinator):
    send(coordinator, TITLES + LEA)
    report = send(coordinator, TITLES + "Léa;Bertin;Le Moulin;TOUT;lea@example.org;H-1;;;01/12/2026;\n")
    assert report["changed"][0]["differences"] == [{"field": "home", "before": "Le Hangar", "after": "Le Moulin"}]
    former, present = everybody(world)["Léa"].memberships
    assert (former.place_id, former.last_day) == (world.hangar.id, date(2026, 11, 30))
    assert (present.place_id, present.first_day, present.last_day, present.tier) == (
        world.moulin.id,
        date(2026, 12, 1),
        None,
        None,
    )


def test_two_people_of_the_same_name_with_references_of_their_own_are_two(world, coordinator):
    report = send(coordinator, TITLES + "Léa;Bertin;hangar;TOUT;;A;;;;\nLéa;Bertin;hangar;TOUT;;B;;;;\n")
    assert (len(report["created"]), count(world, Member)) == (2, 2)


def test_an_address_or_a_reference_of_somebody_else_is_told(world, coordinator):
    send(coordinator, TITLES + LEA + "Max;Noir;hangar;TOUT;max@example.org;H-2;;;;\n")
    report = send(coordinator, TITLES + "Léa;Bertin;hangar;TOUT;max@example.org;H-1;;;;\n")
    assert errors(report) == [(2, "email", "email_taken")]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04\x00\x00binary",
        b"PK\x03\x04 without any NUL",
        (TITLES + LEA).encode("utf-16"),
        b"\0" * 50,
        (TITLES + LEA).encode() + b"\0",
        b"",
        b"\xef\xbb\xbf",
        b" \r\n;;;\n\n",
    ],
    ids=["spreadsheet", "archive", "UTF-16", "zeros", "one NUL at the end", "empty", "a BOM only", "empty lines"],
)
def test_a_file_that_is_no_csv_is_told_how_to_become_one(world, coordinator, content):
    assert errors(send(coordinator, content)) == [(1, None, "not_a_csv")]
    assert count(world, Member) == 0


@pytest.mark.parametrize(
    "content",
    [
        "a" * 500_000,
        TITLES + "Léa;" + "B" * 200_000 + ";hangar;TOUT;;;;;;\n",
        TITLES + 'Léa;"' + "B" * 200_000,
        ";" * 300_000,
        '"',
        "\n" * 10_000,
        "\x85\u2028\u2029",
        "\ufeff\ufeff" + TITLES + LEA,
    ],
    ids=["one long word", "a long cell", "a quote never closed", "separators", "a quote", "lines", "odd", "two BOMs"],
)
def test_a_strange_file_is_never_a_server_error_and_imports_nothing(world, coordinator, content):
    report = send(coordinator, content)
    assert report["errors"]
    assert count(world, Member) == 0


def test_a_file_over_one_megabyte_is_refused(coordinator):
    answer = coordinator.post("/api/v1/members/import", content=io.BytesIO(b"a" * 1_000_001).read())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_file_with_too_many_lines_is_told_to_be_cut_in_two(world, coordinator):
    report = send(coordinator, "nom;prénom;lieu;formule\n" + "A;B;hangar;TOUT\n" * 5001)
    assert errors(report)[-1][1:] == (None, "too_many_lines")
    assert count(world, Member) == 0


@pytest.mark.parametrize("name", ["=1+1", "+33 6", "-Léa", "@SUM(A1)", "=cmd|'/c calc'!A1"])
def test_a_cell_that_looks_like_a_formula_is_kept_as_the_text_it_is(world, coordinator, name):
    assert send(coordinator, f"prénom;nom;lieu;formule\n{name};Bertin;hangar;TOUT\n")["imported"]
    assert everybody(world).keys() == {name}
