"""A month and a statement as CSV, read as a French spreadsheet reads it: whether they add up."""

import csv
import io
from io import BytesIO

import pytest
from openpyxl import load_workbook

from passapp.settlement.files.listing import lines_csv
from passapp.settlement.files.xlsx import workbook
from tests.settlement.files.months import NAMES, month, statement


def read(document):
    return list(csv.DictReader(io.StringIO(lines_csv(document, NAMES).decode("utf-8-sig")), delimiter=";"))


def cents(text):
    return int(text.replace(",", ""))


@pytest.mark.parametrize("netting", ["gross", "bilateral", "existing_debts", "multilateral"])
@pytest.mark.parametrize("place", NAMES)
def test_the_rows_of_a_statement_add_up_to_its_position(place, netting):
    *rows, last = read(statement(place, netting=netting))
    counted = sum(cents(row["Pour le lieu"]) for row in rows if row["Pour le lieu"])
    assert last["Quoi"] == "Solde"
    assert counted == cents(last["Montant"]) == statement(place, netting=netting)["position_cents"]


def test_the_rows_of_a_month_add_up_to_every_position():
    found = dict.fromkeys([*NAMES, "CAISSE"], 0)
    positions = {}
    for row in read(month()):
        debtor, creditor = (row[name].lstrip("'") for name in ("De (code)", "À (code)"))
        if row["Quoi"] == "Solde":
            positions[debtor] = cents(row["Montant"])
        elif row["Quoi"] not in {"Paiement", "Reporté"}:
            found[debtor] -= cents(row["Montant"])
            found[creditor] += cents(row["Montant"])
    assert found == positions


def test_what_is_not_a_visit_of_the_month_says_what_it_is_and_where_it_comes_from():
    rows = {row["Quoi"]: row for row in read(statement("phare")) if row["Remarque"] != "salles"}
    assert rows["Correction"]["Mois d’origine"] == "2026-09"
    assert rows["Correction"]["Montant"] == "-5,00"
    assert rows["Dette d’avant"]["Mois d’origine"] == "2026-09"
    assert rows["Caisse commune"]["À"] == "Caisse commune"
    assert {"Passages", "Paiement"} <= rows.keys()


def test_every_head_is_said_in_the_language_of_the_page():
    heads = lines_csv(statement(), NAMES).decode("utf-8-sig").splitlines()[0].split(";")
    assert {"Au-delà du plafond", "TVA %", "Montant", "Remarque"} <= set(heads)
    assert not any("_" in head for head in heads)


@pytest.mark.parametrize("document", [statement("phare", currency="gonettes"), month(currency="gonettes")])
def test_a_local_currency_is_named_in_a_column_of_its_own(document):
    rows = read(document)
    assert {row["Monnaie"] for row in rows} == {"gonettes"}
    assert [row["Remarque"] for row in rows if row["Quoi"] == "Salles réservées"] == [
        "à régler en euros entre les deux lieux"
    ]
    assert "Monnaie" not in read(month())[0]


@pytest.mark.parametrize(
    "label, said", [("Tous", "Tous"), (None, "1"), ("=HYPERLINK(1)", "'=HYPERLINK(1)")], ids=["named", "none", "trap"]
)
def test_a_rule_is_called_by_its_name_and_by_its_number_where_it_has_none(label, said):
    tariff = [{"when": {}, "rate_cents": 500} | ({"label": label} if label else {})]
    document = statement("moulin", tariff=tariff)
    assert {row["Règle"] for row in read(document) if row["Quoi"] == "Passages"} == {said}
    heads, *lines = load_workbook(BytesIO(workbook(document, NAMES)))["Détail"].iter_rows(values_only=True)
    assert {str(line[heads.index("Règle")]) for line in lines} == {said}


def test_a_code_or_a_name_that_a_spreadsheet_would_run_is_neutralised():
    assert {row["À"] for row in read(statement("moulin"))} >= {"'=HYPERLINK(1)"}
