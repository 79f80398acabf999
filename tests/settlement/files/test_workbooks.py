"""A month and a statement as workbooks, read by another library."""

from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from passapp.settlement.files.xlsx import workbook
from tests.settlement.files.months import NAMES, month, statement


def opened(document):
    return load_workbook(BytesIO(workbook(document, NAMES)))


def rows(sheet):
    heads, *found = sheet.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in found]


def test_a_statement_has_its_sums_lines_payments_and_visits():
    book = opened(statement("hangar"))
    assert book.sheetnames == ["Par lieu", "Détail", "Réservations", "Ce qui est dû", "Paiements", "Passages"]
    first = rows(book["Par lieu"])[0]
    assert (first["Passages à"], first["Passages"], first["Hors taxes"], first["TVA"], first["Total"]) == (
        "Le Hangar",
        4,
        15,
        3,
        18,
    )
    visits = rows(book["Passages"])
    assert len(visits) == sum(row["visits"] for side in ("received", "made") for row in statement("hangar")[side])
    assert visits[0]["Jour"] == datetime(2026, 10, 1)  # noqa: DTZ001  (a date, as spreadsheets have it)


def test_a_month_has_its_positions_and_no_single_visit():
    book = opened(month())
    assert book.sheetnames == ["Par lieu", "Détail", "Réservations", "Soldes", "Ce qui est dû", "Paiements"]
    positions = {row["Lieu"]: row["Reçoit (ou paie)"] for row in rows(book["Soldes"])}
    assert sum(round(value * 100) for value in positions.values()) == 0
    assert "Caisse commune" in positions


@pytest.mark.parametrize("place", NAMES)
def test_what_is_owed_adds_up_to_the_position(place):
    *owed, last = rows(opened(statement(place))["Ce qui est dû"])
    assert round(sum(row["Pour le lieu"] for row in owed) * 100) == round(last["Pour le lieu"] * 100)
    assert round(last["Pour le lieu"] * 100) == statement(place)["position_cents"]
    assert {row["Mois d’origine"] for row in owed} <= {None, "2026-08", "2026-09"}


def test_amounts_stay_numbers_and_say_the_local_currency_and_percents_do_not():
    book = opened(statement("hangar", currency="gonettes"))
    heads, first, *_ = book["Détail"].iter_rows()
    cells = {head.value: cell for head, cell in zip(heads, first, strict=True)}
    assert (cells["Tarif"].value, cells["Tarif"].number_format) == (5, '# ##0.00 "gonettes"')
    assert cells["TVA %"].number_format == "# ##0.00"


def test_a_visit_of_a_month_before_says_so():
    document = statement("hangar")
    document["received"][0]["visits_detail"][0]["local_date"] = "2026-09-30"
    late, *others = rows(opened(document)["Passages"])
    assert late["Mois d’origine"] == "2026-09"
    assert {row["Mois d’origine"] for row in others} == {None}


@pytest.mark.parametrize("document", [statement("moulin"), month()], ids=["statement", "month"])
def test_amounts_are_numbers_and_names_are_text_whatever_they_begin_with(document):
    book = opened(document)
    cells = [cell for sheet in book for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}  # never "f", a formula
    named = [cell for cell in cells if "HYPERLINK" in str(cell.value)]
    assert named
    assert {cell.value for cell in named} == {"'=HYPERLINK(1)"}


def test_the_same_document_gives_the_same_bytes():
    assert workbook(month(), NAMES) == workbook(month(), NAMES)
