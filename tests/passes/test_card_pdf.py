"""Printed cards: what is on the paper, read back by programs that are not ours."""

import time
from datetime import UTC, date, datetime

import pypdfium2
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from passapp.kernel.audit import AuditEntry
from passapp.passes import cards
from tests.pictures import read
from tests.scenes import membership, revoke, rows, suspend

OFFICE_PRINTER = 150
"""Dots an inch: a poor printer, a tired scanner."""


def opened(answer) -> pypdfium2.PdfDocument:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return pypdfium2.PdfDocument(answer.content)


def pictures(document: pypdfium2.PdfDocument) -> list[Image.Image]:
    return [page.render(scale=OFFICE_PRINTER / 72).to_pil() for page in document]


def codes(document: pypdfium2.PdfDocument) -> list[str]:
    return [text for picture in pictures(document) for text in read(picture)]


def words(document: pypdfium2.PdfDocument) -> str:
    """What is written, the breaks of lines and of long words taken out."""
    written = "".join(page.get_textpage().get_text_range() for page in document)
    # pdfium says U+FFFE for a hyphen at the end of a line.
    return " ".join(written.replace("\u200b", "").replace("\ufffe", "-").split())


def card_pdf(client: TestClient, card, language: str = "en") -> pypdfium2.PdfDocument:
    return opened(client.get(f"/api/v1/passes/{card.id}/card.pdf", headers={"Accept-Language": language}))


def sheet(client: TestClient, place, **query):
    return client.post(f"/api/v1/places/{place.id}/cards.pdf", params=query)


def test_a_member_prints_a_card_whose_code_is_exactly_their_pass(world):
    member = world.member()
    card = world.card(member)
    assert codes(card_pdf(world.as_member(member), card)) == [world.text(card)]


def test_a_card_is_one_a4_page(world):
    [page] = card_pdf(world.as_manager(), world.card(world.member()))
    assert [round(points / 72 * 25.4) for points in page.get_size()] == [210, 297]


def test_the_code_is_printed_at_least_30_mm_wide(world):
    [picture] = pictures(card_pdf(world.as_manager(), world.card(world.member())))
    dark = picture.convert("L").point(lambda value: 255 if value < 90 else 0)
    left, top = (round((19.4 + 1.5) / 25.4 * OFFICE_PRINTER), round((13.5 + 1.5) / 25.4 * OFFICE_PRINTER))
    side = round(42 / 25.4 * OFFICE_PRINTER)
    x0, _, x1, _ = dark.crop((left, top, left + side, top + side)).getbbox()
    assert (x1 - x0) / OFFICE_PRINTER * 25.4 > 36


def test_a_card_holds_a_name_and_a_short_code_and_nothing_more_personal(world):
    home = membership(world.hangar, tier="SOLIDAIRE")
    member = world.member(given_name="Zoé", family_name="Martin", reference="HGR-0042", memberships=[home])
    card = world.card(member)
    said = words(card_pdf(world.as_manager(), card))
    for there in ("Zoé", "Martin", f"{card.short_code[:4]}-{card.short_code[4:]}", "Le Réseau", "18 décembre 2027"):
        assert there in said
    for absent in (member.email, "@", "HGR-0042", "SOLIDAIRE", "TOUT", "Hangar"):
        assert absent not in said


def test_the_last_day_is_the_one_at_the_members_home(world):
    world.now = datetime(2026, 11, 19, 1, 30, tzinfo=UTC)
    there = world.place("ajoupa", "L'Ajoupa", zone="America/Martinique")
    assert "19 décembre 2027" in words(card_pdf(world.as_manager(), world.card(world.member())))
    assert "18 décembre 2027" in words(card_pdf(world.as_manager(there), world.card(world.member(there))))


def test_a_card_speaks_its_members_language_and_the_margin_its_readers(world):
    manager = world.as_manager()
    french, english = (world.card(world.member(locale=locale)) for locale in ("fr", "en"))
    assert "Valable jusqu’au 18 décembre 2027" in words(card_pdf(manager, french, "en"))
    assert "Print at 100%" in words(card_pdf(manager, french, "en"))
    assert "Valid until 18 December 2027" in words(card_pdf(manager, english, "fr"))
    assert "À imprimer à 100 %" in words(card_pdf(manager, english, "fr"))


def test_the_same_card_has_the_same_bytes_whenever_it_is_printed(world):
    card, manager = world.card(world.member()), world.as_manager()
    first = manager.get(f"/api/v1/passes/{card.id}/card.pdf").content
    world.later(days=3)
    time.sleep(1.1)  # the second in which it is made must not show either
    assert manager.get(f"/api/v1/passes/{card.id}/card.pdf").content == first


def test_a_card_is_a_tagged_pdf_that_says_its_language_and_title(world):
    card = world.card(world.member())
    document = card_pdf(world.as_manager(), card, "fr")
    assert document.is_tagged()
    assert document.get_metadata_value("Title") == "Cartes"
    assert b"pdfuaid" in world.as_manager().get(f"/api/v1/passes/{card.id}/card.pdf").content


@pytest.mark.parametrize(
    "given_name, family_name",
    [
        ("Œuvre-Łucja", "Ŵałęsa Þórðardóttir"),
        ("Жанна", "Щербакова"),
        ("Γιώργος", "Παπαδόπουλος"),
        ('#image("/etc/passwd")', "*gras* _x_ $y$ <label> @ref"),
        ("]#panic()[", r"\u{41} // /* `raw` ~ -- --- ... 'a' \"b\""),
        ("{{ x }}", "%s </svg> &amp;"),
        ("Marie-Antoinette Josèphe Jeanne", "de La Rochefoucauld-Liancourt d'Estissac"),
        ("Pneumonoultramicroscopicsilicovolcanoconiosis", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"),
    ],
)
def test_a_name_is_printed_as_it_is_written_whatever_it_holds(world, given_name, family_name):
    card = world.card(world.member(given_name=given_name, family_name=family_name))
    document = card_pdf(world.as_manager(), card)
    said = words(document)
    assert given_name.replace(" ", "") in said.replace(" ", "")
    assert family_name.replace(" ", "") in said.replace(" ", "")
    assert codes(document) == [world.text(card)]


@pytest.mark.parametrize("name", ["W" * 120, "WM " * 40, "x" * 120, "É" * 120, "ﷺ" * 40, "e\u0301\u0323" * 40])
def test_a_name_stays_in_its_own_part_of_the_card(world, name):
    manager = world.as_manager()
    card = world.card(world.member(given_name="A", family_name="B"))
    [plain] = pictures(card_pdf(manager, card))
    long = world.card(world.member(given_name=name, family_name=name))
    [full] = pictures(card_pdf(manager, long))
    assert read(full) == [world.text(long)]
    scale = OFFICE_PRINTER / 25.4
    right, bottom = (round((19.4 + 85.2) * scale), round((13.5 + 53.6) * scale))
    for beyond in ((right, 0, full.width, full.height), (0, bottom, full.width, full.height)):
        assert full.crop(beyond).tobytes() == plain.crop(beyond).tobytes()
    below = (round((19.4 + 46) * scale), round((13.5 + 36) * scale), right, bottom)
    assert full.crop(below).tobytes() == plain.crop(below).tobytes()


def test_a_right_to_left_name_is_printed(world):
    card = world.card(world.member(given_name="فاطمة", family_name="כהן"))
    document = card_pdf(world.as_manager(), card)
    said = words(document)
    assert set("כהן") <= set(said)
    assert codes(document) == [world.text(card)]


@pytest.mark.parametrize("name", ["王小明", "สมชาย", "Léa 😀"])
def test_a_name_that_no_font_has_is_left_to_write_by_hand(world, name):
    card = world.card(world.member(given_name=name, family_name="Martin"))
    document = card_pdf(world.as_manager(), card)
    assert "........" in words(document)
    assert "Martin" in words(document)
    assert codes(document) == [world.text(card)]


def test_a_pass_that_opens_nothing_is_not_printed(world):
    manager = world.as_manager()
    people = [world.member() for _ in range(3)]
    people.append(world.member(memberships=[membership(world.hangar, last_day=date(2026, 11, 18))]))
    revoked, paused, over, left = (world.card(member, months=12) for member in people)
    revoke(world, revoked)
    suspend(world, people[1])
    world.later(days=1)
    refused = [manager.get(f"/api/v1/passes/{card.id}/card.pdf") for card in (revoked, paused, left)]
    world.later(days=365)
    refused.append(world.as_manager().get(f"/api/v1/passes/{over.id}/card.pdf"))
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "pass_not_active")] * 4


def test_another_places_manager_and_another_member_print_no_card(world):
    card = world.card(world.member(world.hangar))
    for stranger in (world.as_manager(world.moulin), world.as_member(world.member())):
        assert stranger.get(f"/api/v1/passes/{card.id}/card.pdf").status_code == 404


def test_a_sheet_of_23_cards_has_23_readable_codes_on_three_pages(world):
    made = {world.text(world.card(world.member(given_name=f"Léa{n}"))) for n in range(23)}
    document = opened(sheet(world.as_manager(), world.hangar))
    assert len(document) == 3
    assert [len(read(picture)) for picture in pictures(document)] == [10, 10, 3]
    assert set(codes(document)) == made


def test_a_sheet_has_the_same_bytes_twice(world):
    for _ in range(3):
        world.card(world.member())
    manager = world.as_manager()
    assert sheet(manager, world.hangar).content == sheet(manager, world.hangar).content


def test_a_sheet_leaves_out_what_opens_nothing_and_whoever_is_not_here(world):
    here = world.card(world.member())
    revoke(world, world.card(world.member()))
    paused = world.member()
    world.card(paused)
    suspend(world, paused)
    world.card(world.member(world.moulin))
    world.card(
        world.member(
            memberships=[
                membership(world.hangar, last_day=date(2026, 11, 17)),
                membership(world.moulin, first_day=date(2026, 11, 18)),
            ]
        )
    )
    assert codes(opened(sheet(world.as_manager(), world.hangar))) == [world.text(here)]


def test_a_card_for_the_membership_of_another_place_is_printed_there(world):
    both = world.member(memberships=[membership(world.hangar), membership(world.moulin, priority=2)])
    card = world.card(both, membership_id=both.memberships[1].id)
    assert sheet(world.as_manager(world.hangar), world.hangar).json()["code"] == "no_cards"
    assert codes(opened(sheet(world.as_manager(world.moulin), world.moulin))) == [world.text(card)]


def test_a_sheet_can_be_only_the_cards_issued_since_a_day_of_the_place(world):
    island = world.place("ile", zone="Indian/Reunion")
    world.card(world.member(island))
    world.later(hours=9, minutes=59)  # 23:59 there
    world.card(world.member(island))
    world.later(minutes=1)
    new = world.card(world.member(island))
    document = opened(sheet(world.as_manager(island), island, since="2026-11-19"))
    assert codes(document) == [world.text(new)]


def test_a_sheet_can_be_only_the_cards_of_some_members(world):
    made = [world.card(world.member()) for _ in range(3)]
    wanted = [str(card.member_id) for card in made[:2]]
    document = opened(sheet(world.as_manager(), world.hangar, member_id=wanted))
    assert sorted(codes(document)) == sorted(world.text(card) for card in made[:2])


def test_a_member_of_another_place_cannot_be_asked_for(world):
    other = world.card(world.member(world.moulin))
    answer = sheet(world.as_manager(), world.hangar, member_id=[str(other.member_id)])
    assert (answer.status_code, answer.json()["code"]) == (404, "member_unknown")


def test_a_sheet_without_a_card_says_so(world):
    world.member()
    answer = sheet(world.as_manager(), world.hangar)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_cards")


def test_a_sheet_of_too_many_cards_is_refused_with_their_number(world, monkeypatch):
    monkeypatch.setattr(cards, "SHEET_LIMIT", 2)
    for _ in range(3):
        world.card(world.member())
    answer = sheet(world.as_manager(), world.hangar)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_cards")
    assert "3 cards are too many for one file (2 at most)" in answer.json()["detail"]


def test_cards_are_downloaded_under_a_name_that_says_nothing_of_the_person_and_are_kept_nowhere(world):
    card = world.card(world.member())
    manager = world.as_manager()
    one, many = manager.get(f"/api/v1/passes/{card.id}/card.pdf"), sheet(manager, world.hangar)
    code = f"{card.short_code[:4]}-{card.short_code[4:]}"
    assert one.headers["content-disposition"] == f'attachment; filename="carte-{code}.pdf"'
    assert many.headers["content-disposition"] == 'attachment; filename="cartes-hangar.pdf"'
    assert one.headers["cache-control"] == many.headers["cache-control"] == "private, no-store"


def test_printing_a_places_cards_is_in_the_audit_log(world):
    for _ in range(2):
        world.card(world.member())
    assert sheet(world.as_manager(), world.hangar).status_code == 200
    [entry] = rows(world, AuditEntry, AuditEntry.action == "pass.print")
    assert (entry.actor_kind, entry.place_id, entry.detail) == ("account", world.hangar.id, {"count": 2})
