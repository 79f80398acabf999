"""The statement as a PDF: what other programs read in it."""

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from passapp.settlement.files import pdf
from passapp.settlement.files.pdf import Status, statement_pdf
from passapp.settlement.rules.documents import canonical, sha256_of
from tests.settlement.details.places import IBAN, OTHER_IBAN
from tests.settlement.files.judges import facts_of, words_of
from tests.settlement.files.months import NAMES, statement

COUNTS_ONLY = {"money": False, "tariff": [{"when": {}, "rate_cents": 0}], "fund_basis_points": 0}


def page(place="hangar", status=None, ibans=None, names=NAMES, borne=None, **fields):
    return statement_pdf(statement(place, **fields), names, status or Status(), ibans or {}, borne or {})


@pytest.mark.poppler
def test_it_says_who_came_where_members_went_what_is_owed_and_why(tmp_path):
    status = Status("closed", date(2026, 12, 3))
    words = words_of(page("moulin", status, {"phare": OTHER_IBAN}), tmp_path)
    for said in (
        "Relevé d’octobre 2026",
        "Clos",
        "5 passages reçus, 9 faits ailleurs.",
        "Vous devez",
        "Qui est venu chez vous",
        "Où vos membres sont allés",
        "samedi 3 octobre 2026",
        "Corrections de mois déjà clos",
        "Caisse commune",
        "Paiements",
        "au plus tard le 3 décembre 2026",
        "Pourquoi ces paiements",
        "doit au",
        sha256_of(statement("moulin")),
    ):
        assert said in words, said


@pytest.mark.poppler
def test_a_visit_of_a_month_that_was_closed_says_so(tmp_path):
    document = statement("hangar")
    [row, *_] = document["received"]
    row["visits_detail"][0]["local_date"] = "2026-09-30"
    row["lines"].append(row["lines"][0] | {"origin": "2026-09", "visits": 7})
    words = words_of(statement_pdf(document, NAMES, Status()), tmp_path)
    assert "mercredi 30 septembre 2026 (mois déjà clos)" in words
    assert "Passages de mois déjà clos, connus depuis" in words
    part = words.split("connus depuis")[1].split("Caisse commune")[0]
    assert [each for each in part.split() if each in {"septembre", "2026", "7"}] == ["septembre", "2026", "7"]


@pytest.mark.parametrize("file", ["pdf.py", "xlsx.py", "listing.py", "invoicing.py", "legal.json", "statement.typ"])
def test_what_is_printed_has_the_apostrophes_of_print(file):
    source = Path(pdf.__file__).with_name(file).read_text("utf-8")
    words = re.findall(r'"([^"\n]*)"', re.sub(r'""".*?"""', "", source, flags=re.DOTALL))
    assert not [each for each in words if re.search(r"[^\W\d_]'[^\W\d_]", each)]


def test_no_sign_of_the_page_begins_a_line_alone():
    code, template = (Path(pdf.__file__).with_name(file).read_text("utf-8") for file in ("pdf.py", "statement.typ"))
    said = re.findall(r'"([^"\n]*)"', re.sub(r'""".*?"""', "", code, flags=re.DOTALL))
    said.append(template.partition("#v(8mm)")[2])
    assert not [each for each in said if re.search(r"\w [:;!?»]|« ", each)]


@pytest.mark.poppler
def test_names_are_words_and_never_run(tmp_path):
    words = words_of(page(), tmp_path)
    assert "=HYPERLINK(1)" in words
    assert "Le Phare; « Été »" in words


@pytest.mark.poppler
def test_a_letter_that_no_font_has_gives_way_to_the_places_code(tmp_path):
    words = words_of(page(names=NAMES | {"moulin": "磨坊"}), tmp_path)
    assert "moulin" in words


@pytest.mark.poppler
def test_a_network_that_only_counts_shows_no_amount(tmp_path):
    nothing_owed = {"bookings_made": [], "openings": [], "transfers": []}
    made = statement_pdf(statement("phare", **COUNTS_ONLY) | nothing_owed, NAMES, Status())
    words = words_of(made, tmp_path)
    assert "5 passages reçus" in words
    assert "Hors taxes" not in words.split("Corrections")[0]


@pytest.mark.poppler
def test_a_page_in_a_local_currency_says_no_euro_and_no_iban(tmp_path):
    words = words_of(page("moulin", ibans={"phare": OTHER_IBAN}, currency="sous libres"), tmp_path)
    assert "Vous devez 18,75 sous libres." in words
    assert [sign for sign in ("€", "IBAN", OTHER_IBAN[:4]) if sign in words] == []
    booked = words_of(page("phare", currency="sous libres"), tmp_path).partition("Salles réservées ailleurs")[2]
    assert "(à régler en euros" in booked


@pytest.mark.poppler
def test_a_place_that_only_receives_is_shown_no_column_of_accounts(tmp_path):
    ibans = {"hangar": IBAN, "moulin": OTHER_IBAN, "phare": OTHER_IBAN}
    assert "IBAN" in words_of(page("moulin", ibans=ibans), tmp_path)
    received = words_of(page("hangar", ibans=ibans), tmp_path)
    assert "vous paie" in received
    assert "IBAN" not in received


@pytest.mark.poppler
def test_a_place_that_left_reads_what_the_common_fund_pays_for_its_members(tmp_path):
    words = words_of(page("phare", borne={"moulin": 12}), tmp_path)
    part = words.split("Passages de vos membres que la caisse commune paie")[1]
    assert part.split()[:4] == ["Lieu", "Passages", "=HYPERLINK(1)", "12"]
    assert "caisse commune paie" not in words_of(page("phare"), tmp_path)


@pytest.mark.poppler
def test_it_is_tagged_titled_and_good_for_archives(tmp_path):
    made = page()
    facts = facts_of(made, tmp_path)
    assert (facts["Title"], facts["Tagged"], facts["Encrypted"]) == ("Relevé d’octobre 2026 · Le Hangar", "yes", "no")
    metadata = PdfReader(BytesIO(made)).trailer["/Root"]["/Metadata"].get_data().decode()
    for said in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert said in metadata
    assert PdfReader(BytesIO(made)).trailer["/Root"]["/Lang"] == "fr"


def test_the_statement_itself_is_attached(tmp_path):
    [attached] = PdfReader(BytesIO(page())).attachments["hangar-2026-10.json"]
    assert attached == canonical(statement("hangar"))


@pytest.mark.parametrize("place", NAMES)
def test_another_program_draws_it_and_the_page_is_not_empty(place):
    picture = pypdfium2.PdfDocument(page(place))[0].render(scale=1).to_pil().convert("L")
    dark = sum(picture.histogram()[:128])
    assert dark > 2000


def test_the_same_statement_gives_the_same_bytes():
    assert page() == page()
