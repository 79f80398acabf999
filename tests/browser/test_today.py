"""A place's day on a phone: the list on screen and on paper, a check-in taken back, and the cards of its members."""

from datetime import UTC, datetime

import pypdfium2
import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from tests.browser.conftest import no_violation
from tests.pictures import read
from tests.scenes import check_in, pass_text

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def arrive(world):
    """Somebody comes in at the moulin."""
    door = world.as_door(world.moulin)

    def come(given_name):
        shown = pass_text(world, given_name=given_name, family_name="Bertin")
        assert check_in(door, world.scan(shown))["verdict"] == "ok"

    return come


def came(page):
    return page.get_by_role("region", name="Qui est passé").get_by_role("listitem")


def test_what_is_printed_is_the_list_of_who_is_here_alone_on_one_page(world, open_page, arrive):
    for number in range(30):
        arrive(f"Léa{number}")
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/today")
    expect(came(page)).to_have_count(30)
    [paper] = pypdfium2.PdfDocument(page.pdf(format="A4"))
    written = paper.get_textpage().get_text_range()
    assert "Qui est là, au Moulin" in written
    assert all(f"Léa{number} B." in written for number in range(30))
    assert not any(word in written for word in ("Accueil", "Imprimer", "Annuler", "Bertin", "jusqu’ici"))


def test_people_are_ticked_off_on_the_phone_and_stay_ticked_while_others_come_in(world, open_page, arrive):
    arrive("Léa")
    arrive("Bo")
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Liste d’évacuation").click()
    expect(page.get_by_role("heading", level=1, name="Qui est là, au Moulin")).to_be_focused()
    page.get_by_role("checkbox", name="Léa B.").check()
    expect(page.get_by_text("1 sur 2 personnes vues dehors")).to_be_visible()
    no_violation(page)
    arrive("Ana")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("checkbox", name="Ana B.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Léa B.")).to_be_checked()
    page.get_by_role("button", name="Revenir à la journée").click()
    expect(page.get_by_role("heading", level=1, name="Aujourd’hui")).to_be_focused()


def test_the_list_is_still_shown_when_the_network_is_gone(world, open_page, arrive):
    arrive("Léa")
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    expect(came(page)).to_have_count(1)
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("Pas de réseau : liste de")).to_be_visible()
    expect(came(page)).to_have_count(1)


def test_a_manager_takes_a_check_in_back_and_a_host_is_not_asked(world, open_page, arrive):
    arrive("Léa")
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Annuler le passage de Léa B.").click()
    page.get_by_label("Raison").fill("Scanné deux fois")
    no_violation(page)
    page.get_by_role("button", name="Annuler le passage", exact=True).click()
    expect(came(page)).to_contain_text("Annulé")
    expect(page.get_by_text("Personne n’est là pour le moment")).to_be_visible()
    arrive("Bo")
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    expect(came(page)).to_have_count(2)
    expect(page.get_by_role("button", name="Annuler")).to_have_count(0)


def test_an_empty_day_says_so_and_leads_to_the_scanner(world, open_page):
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    expect(page.get_by_text("Personne n’est encore passé aujourd’hui")).to_be_visible()
    expect(page.get_by_role("link", name="Scanner avec ce téléphone")).to_have_attribute("href", "/door")


def test_a_manager_downloads_the_cards_of_a_place(world, open_page, tmp_path):
    made = {world.text(world.card(world.member(world.moulin))) for _ in range(3)}
    page = open_page(Role.MANAGER, "/members")
    page.get_by_role("button", name="Imprimer les cartes").click()
    page.get_by_label("Seulement les nouvelles").check()
    page.get_by_label("Faites depuis le").fill("2100-01-01")
    page.get_by_role("button", name="Télécharger").click()
    expect(page.get_by_role("alert")).to_contain_text("Aucune carte à imprimer")
    no_violation(page)
    page.get_by_label("Toutes").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    assert download.value.suggested_filename == "cartes-moulin.pdf"
    download.value.save_as(tmp_path / "cards.pdf")
    [sheet] = pypdfium2.PdfDocument(tmp_path / "cards.pdf")
    assert set(read(sheet.render(scale=150 / 72).to_pil())) == made
