"""A member's page of what is known about them: choose, take it along, be forgotten."""

import json
import zipfile
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.members.models import Consent, Member
from tests.browser.conftest import no_violation
from tests.scenes import check_in, rows

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def member(world):
    """Somebody who came in by saying their name."""
    member = world.member(given_name="Zoé", family_name="Quintard", email="zoe@example.org")
    world.card(member)
    name = {"name": "Zoé Quintard", "second": "zoe@example.org"}
    assert check_in(world.as_door(world.moulin), world.scan(by_name=name))["verdict"] == "ok"
    return member


def test_a_member_reads_who_looked_them_up_and_chooses_not_to_be_found_again(world, member, open_page):
    page = open_page(member.account_id, "/my-data")
    looked = page.get_by_role("region", name="Qui m’a cherché")
    expect(looked.get_by_role("listitem")).to_contain_text("Votre nom a été dit au Moulin")
    choice = page.get_by_role("checkbox", name="On peut me trouver par mon nom")
    expect(choice).to_be_checked()
    choice.uncheck()
    expect(page.get_by_role("status").first).to_contain_text("C’est noté")
    expect(page.get_by_text("Mes choix, dans le temps")).to_be_visible()
    assert [(row.kind, row.given) for row in rows(world, Consent)] == [("found_by_name", False)]
    for summary in page.locator("details.card > summary").all():
        summary.click()
    no_violation(page)


def test_a_member_takes_their_data_along(member, open_page, tmp_path):
    page = open_page(member.account_id, "/my-data")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger mes données").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        data = json.loads(archive.read("data.json"))
        assert "visits.csv" in archive.namelist()
    assert data["member"]["family_name"] == "Quintard"


def test_a_member_types_their_address_and_is_forgotten(world, member, open_page):
    page = open_page(member.account_id, "/my-data")
    page.get_by_role("button", name="Effacer mes données").click()
    action = page.get_by_role("button", name="Effacer pour toujours")
    expect(action).to_be_disabled()
    page.get_by_label("Tapez votre adresse e-mail").fill("zoe@example.org")
    action.click()
    expect(page.get_by_role("status").first).to_contain_text("Vos données sont effacées")
    expect(page.get_by_role("link", name="Mon pass")).to_have_count(0)
    assert rows(world, Member) == []
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "zoe@example.org" not in kept


def test_a_place_erases_a_member_who_asks_for_it(world, open_page):
    member = world.member(given_name="Ana", family_name="Petit", email=None)
    manager = world.account(Role.MANAGER, world.hangar)
    page = open_page(manager, f"/members/{member.id}")
    page.get_by_role("button", name="Effacer cette personne").click()
    page.get_by_label("Tapez son prénom et son nom").fill("Ana Petit")
    page.get_by_role("button", name="Effacer pour toujours").click()
    expect(page.get_by_role("status").first).to_contain_text("Cette personne est effacée")
    assert rows(world, Member) == []
