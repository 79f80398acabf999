"""Invoices as Factur-X, judged by the schema, the rules of EN 16931 and those of the French reform."""

import dataclasses
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from passapp.settlement.files.facturx import invoice_pdf, invoice_xml
from passapp.settlement.files.invoicing import InvoiceSheet, bill_of, in_force, legal
from tests.settlement.files.judges import facts_of, flaws_of_invoice, words_of
from tests.settlement.files.months import HANGAR, MOULIN, statement

ISSUED, DUE = date(2026, 11, 23), date(2026, 12, 3)


def sheet(seller=HANGAR, buyer=MOULIN, kind="invoice", corrects=(), of=None, home=None, **fields):
    """What one place bills another for October."""
    bill = bill_of(of or statement(seller.code, **fields), home or buyer.code, seller)
    return InvoiceSheet("2026-0001", kind, ISSUED, DUE, seller, buyer, bill, corrects)


def without_vat_number(place):
    return dataclasses.replace(place, vat_number=None)


def with_booking(seller, **fields):
    """A bill of visits and of an advanced booking."""
    document = statement("hangar", allowance=0, **fields)
    [booked] = document["bookings_received"]
    if seller.vat_number is None:
        booked |= {"vat_basis_points": 0, "net_cents": booked["total_cents"], "vat_cents": 0}
    seller, buyer = dataclasses.replace(seller, code="hangar"), dataclasses.replace(MOULIN, code="phare")
    return sheet(seller, buyer, of=document)


def begun_to_charge():
    """The moulin's October, in which its second line is taxed."""
    document = statement("moulin", allowance=0)
    [row] = [each for each in document["received"] if each["partner"] == "hangar"]
    [line] = row["lines"]
    row["lines"].append(line | {"vat_basis_points": 2000})
    return document


def rules_changed():
    """The moulin's October, whose second line is of rules under which visits are outside the tax."""
    document = statement("moulin", allowance=0)
    [row] = [each for each in document["received"] if each["partner"] == "hangar"]
    [version] = document["conventions"]
    document["conventions"].append(version | {"number": 2, "document": version["document"] | {"vat": "none"}})
    row["lines"].append(row["lines"][0] | {"convention": 2})
    return document


def credit_note(kind="credit_note"):
    document = statement("phare")
    [row] = [each for each in document["received"] if each["partner"] == "moulin"]
    row["lines"] = []
    bill = bill_of(document, "moulin", dataclasses.replace(HANGAR, code="phare"))
    return InvoiceSheet("2026-0002", kind, ISSUED, DUE, HANGAR, MOULIN, bill, (("2026-0001", ISSUED),))


def given_back_whole(kind="invoice", rate=0):
    """The moulin's October, in which as much is given back as it received; ``rate``: the VAT of what is given back."""
    document = statement("moulin", allowance=0)
    [row] = [each for each in document["received"] if each["partner"] == "hangar"]
    [line] = row["lines"]
    amount = line["amount_cents"] if not rate else line["amount_cents"] * 5 // 6
    tax = {"vat_basis_points": rate, "convention": line["convention"]}
    row["credits"] = [{"id": "c", "origin": "2026-09", "amount_cents": amount} | tax]
    corrected = (("2026-0000", date(2026, 10, 23)),)
    return sheet(dataclasses.replace(HANGAR, code="moulin"), MOULIN, kind, corrected, document, home="hangar")


CASES = {
    "a host that charges VAT": sheet,
    "a small business that charges none": lambda: sheet(without_vat_number(MOULIN), HANGAR),
    "an association that charges none": lambda: sheet(
        dataclasses.replace(without_vat_number(MOULIN), vat_exemption="association"), HANGAR
    ),
    "a VAT number, and no VAT": lambda: sheet(MOULIN, HANGAR),
    "what places share is outside the tax": lambda: sheet(vat="none"),
    "what places share is outside the tax, and a booking is taxed": lambda: with_booking(HANGAR, vat="none"),
    "the same, and the booking is not taxed either": lambda: with_booking(without_vat_number(MOULIN), vat="none"),
    "a host outside the tax that charges it from a day on": lambda: sheet(
        dataclasses.replace(without_vat_number(MOULIN), vat_exemption="outside"), HANGAR, of=begun_to_charge()
    ),
    "rules that change from one way of taxing to the other": lambda: sheet(
        without_vat_number(MOULIN), HANGAR, of=rules_changed()
    ),
    "written by the home in the host's name": lambda: sheet(kind="self_billed"),
    "for a public body": lambda: sheet(
        buyer=dataclasses.replace(MOULIN, chorus_service="SRV-42", chorus_engagement="EJ 2026/17")
    ),
    "a correction of an earlier invoice": lambda: sheet(
        dataclasses.replace(MOULIN, code="phare"), MOULIN, corrects=(("2026-0000", date(2026, 10, 23)),)
    ),
    "a credit note": credit_note,
    "a credit note written by the home in the host's name": lambda: credit_note("self_billed_credit"),
    "as much is given back as was received": given_back_whole,
    "the same, written by the home in the host's name": lambda: given_back_whole("self_billed"),
    "the same, and what is given back was taxed": lambda: given_back_whole(rate=2000),
    "a host without a street": lambda: sheet(dataclasses.replace(HANGAR, street=None)),
}


def test_what_is_given_back_of_bookings_is_billed_line_by_line_and_names_its_months():
    bill = with_booking(HANGAR).bill
    said = [(line.name, line.quantity, line.unit_cents) for line in bill.lines if "réservation" in line.name.lower()]
    assert said == [
        ("Réservations de salles", 1, 2000),
        ("Correction d’une réservation d’août 2026", -1, 166),
        ("Correction d’une réservation de septembre 2026", -1, 416),
    ]
    assert bill.origins == ("2026-08", "2026-09")


@pytest.mark.parametrize("case", CASES)
def test_every_judge_accepts(case):
    assert flaws_of_invoice(invoice_xml(CASES[case]())) == []


def test_the_judges_would_say_what_is_wrong():
    xml = invoice_xml(sheet()).replace(b"<ram:TypeCode>380</ram:TypeCode>", b"<ram:TypeCode>999</ram:TypeCode>")
    assert any("BR-FR-04" in flaw for flaw in flaws_of_invoice(xml))
    xml = invoice_xml(sheet()).replace(b"<ram:GrandTotalAmount>", b"<ram:GrandTotalAmount>9")
    assert any("BR-CO-15" in flaw for flaw in flaws_of_invoice(xml))


def test_what_is_outside_the_tax_says_why_also_beside_what_is_taxed():
    outside, taxed = with_booking(HANGAR, vat="none").bill.groups
    assert (outside.category, taxed.category) == ("E", "S")
    assert "Hors du champ" in outside.exemption[1]


def test_only_the_visits_of_rules_without_tax_are_said_to_be_outside_it():
    [group] = sheet(without_vat_number(MOULIN), HANGAR, of=rules_changed()).bill.groups
    assert "CIBS" in group.exemption[1]
    assert "Hors du champ" in group.exemption[1]


def test_an_invoice_comes_to_what_the_statement_says():
    document = statement("hangar")
    bill = bill_of(document, "moulin", HANGAR)
    [row] = [each for each in document["received"] if each["partner"] == "moulin"]
    assert (bill.net_cents, bill.vat_cents, bill.total_cents) == (
        row["net_cents"],
        row["vat_cents"],
        row["total_cents"],
    )
    assert sum(line.net_cents for line in bill.lines) == bill.net_cents


def test_advanced_bookings_are_billed_with_the_visits():
    document = statement("hangar")
    bill = bill_of(document, "phare", HANGAR)
    [visits] = [each for each in document["received"] if each["partner"] == "phare"]
    [booked] = document["bookings_received"]
    assert bill.total_cents == visits["total_cents"] + booked["total_cents"]


def test_visits_that_cost_nothing_are_not_billed():
    assert bill_of(statement("hangar", allowance=50), "moulin", HANGAR) is None
    assert bill_of(statement("hangar"), "nowhere", HANGAR) is None


def test_corrections_above_the_visits_make_a_credit_note_of_positive_amounts():
    bill = credit_note().bill
    assert bill.is_credit
    assert (bill.net_cents, bill.lines[0].quantity, bill.origins) == (500, 1, ("2026-09",))


def test_corrections_as_high_as_the_visits_make_an_invoice_of_nothing_that_names_them():
    bill = given_back_whole().bill
    assert (bill.is_credit, bill.net_cents, bill.vat_cents, bill.total_cents) == (False, 0, 0, 0)
    assert [line.net_cents for line in bill.lines] == [2500, -2500]
    assert bill.origins == ("2026-09",)


def test_an_invoice_of_nothing_says_the_tax_that_is_given_back_with_it():
    bill = given_back_whole(rate=2000).bill
    assert [(group.basis_points, group.net_cents, group.vat_cents) for group in bill.groups] == [
        (0, 2500, 0),
        (2000, -2083, -417),
    ]
    assert bill.total_cents == 0


def test_the_law_is_the_one_in_force_on_the_day():
    franchise = legal()["exemptions"]["franchise"]
    assert in_force(franchise, date(2026, 8, 31))["fr"] == "TVA non applicable, art. 293 B du CGI"
    assert "CIBS" in in_force(franchise, date(2026, 9, 1))["fr"]


@pytest.mark.poppler
def test_the_page_reads_like_the_invoice_and_is_tagged_and_archivable(tmp_path):
    pdf = invoice_pdf(sheet())
    words, facts = words_of(pdf, tmp_path), facts_of(pdf, tmp_path)
    for said in ("Facture 2026-0001", "Association Le Hangar", "SCIC Le Moulin", "23 novembre 2026", "SIRET", "20 %"):
        assert said in words
    assert "compensation" in words
    assert (facts["Title"], facts["Tagged"]) == ("Facture 2026-0001", "yes")


@pytest.mark.poppler
def test_a_letter_that_no_font_has_gives_way_on_the_page_alone(tmp_path):
    made = sheet(buyer=dataclasses.replace(MOULIN, account_name="磨坊"))
    words = words_of(invoice_pdf(made), tmp_path)
    assert "moulin" in words
    assert "磨坊".encode() in invoice_xml(made)


def test_the_xml_is_in_the_page_and_its_metadata_say_so():
    made = sheet()
    reader = PdfReader(BytesIO(invoice_pdf(made)))
    assert reader.attachments["factur-x.xml"] == [invoice_xml(made)]
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    for said in (
        "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>",
        "<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>",
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert said in metadata
    assert len(reader.trailer["/ID"]) == 2
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    [attached] = reader.trailer["/Root"]["/AF"]
    assert attached.get_object()["/AFRelationship"] == "/Alternative"


def test_the_same_invoice_gives_the_same_bytes():
    assert invoice_pdf(sheet()) == invoice_pdf(sheet())
