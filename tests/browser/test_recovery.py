"""A phone is cut off with a scan that it could not send; a manager recovers it from the phone's file."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.accounts.access import session_cookie
from passapp.door.models import Door
from tests.browser.conftest import DESKTOP, PHONE, no_violation, open_context
from tests.scenes import pass_text, rows, visits

pytestmark = pytest.mark.browser

KEEP = """async (scan) => {
  const database = await new Promise((resolve) => {
    const asked = indexedDB.open('passapp');
    asked.onsuccess = () => resolve(asked.result);
  });
  const transaction = database.transaction('scans', 'readwrite');
  transaction.objectStore('scans').put(scan);
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
  database.close();
}"""


@pytest.fixture(autouse=True)
def today(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


def pair_a_phone(world, address, page):
    """A volunteer's phone at the Moulin."""
    link = world.as_manager(world.moulin).post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
    page.goto(f"{address}/door#{link['url'].partition('#')[2]}")
    page.get_by_label("Votre prénom").fill("Camille")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vous accueillez")


def managers_page(world, browser, address):
    """The Doors page of the Moulin, as its manager sees it."""
    secret = world.as_manager(world.moulin).cookies[session_cookie(world.settings)]
    context = open_context(browser, locale="fr-FR", **DESKTOP)
    context.add_cookies([{"name": session_cookie(world.settings), "value": secret, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/places/{world.moulin.id}/doors")
    return page


def test_scans_of_a_phone_that_was_cut_off_are_recovered_from_its_file(world, serve, browser, tmp_path):
    shown = pass_text(world)
    world.now = datetime.now(UTC) + timedelta(seconds=2)  # a pass is good from when it was made
    address = serve(world.app)
    phone = open_context(browser, keeps_app=True, locale="fr-FR", accept_downloads=True, **PHONE)
    page = phone.new_page()
    pair_a_phone(world, address, page)
    [door] = rows(world, Door)
    scan = {"id": "01920000-0000-7000-8000-000000000001", "place_id": str(world.moulin.id), "pass": shown}
    page.goto(f"{address}/places")  # the door's page would send what it finds
    page.evaluate(KEEP, scan | {"scanned_at": world.now.isoformat().replace("+00:00", "Z")})
    world.later(seconds=1)
    manager = managers_page(world, browser, address)
    manager.get_by_role("button", name=re.compile("Couper.*Camille")).click()
    manager.get_by_role("dialog").get_by_role("button", name="Couper").click()
    expect(manager.get_by_text("Coupé le")).to_be_visible()

    page.goto(f"{address}/door")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce téléphone n’est plus relié")
    expect(page.get_by_text("1 passage gardé ici, en sécurité.")).to_be_visible()
    no_violation(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Enregistrer dans un fichier").click()
    file = tmp_path / "passages.json"
    download.value.save_as(file)
    assert json.loads(file.read_text())["door_id"] == str(door.id)
    assert visits(world) == []

    chooser = manager.locator("input[type=file]")
    chooser.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": b"bonjour"})
    expect(manager.get_by_role("alert")).to_contain_text("pas été enregistré par un téléphone d’accueil")
    chooser.set_input_files(file)
    expect(manager.get_by_text("1 passage ajouté")).to_be_visible()
    no_violation(manager)
    assert len(visits(world)) == 1
    chooser.set_input_files(file)
    expect(manager.get_by_text("1 déjà reçu")).to_be_visible()
    assert len(visits(world)) == 1
    phone.close()
    manager.context.close()
