"""Somebody at the door without a pass: a name and a second thing, over the network only, nothing kept."""

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.door.models import CheckIn
from tests.browser.conftest import PHONE, no_violation, open_context

pytestmark = pytest.mark.browser
MAIL = "lea.bernard@example.org"
# Every value of every store that this page can reach.
EVERYTHING_KEPT = """async () => {
  const found = [{ ...localStorage }];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => { indexedDB.open(name).onsuccess = (e) => done(e.target.result); });
    for (const store of database.objectStoreNames) {
      const asked = database.transaction(store).objectStore(store).getAll();
      found.push(await new Promise((done) => { asked.onsuccess = () => done(asked.result); }));
    }
    database.close();
  }
  return found;
}"""


@pytest.fixture
def page(world, serve, browser):
    """A phone paired with a place, at its scanner; the browser's clock is the real one."""
    world.now = datetime.now(UTC)
    world.card(world.member(given_name="Léa", family_name="Bernard", email=MAIL))
    address = serve(world.app)
    link = world.as_manager(world.moulin).post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
    context = open_context(browser, keeps_app=True, locale="fr-FR", **PHONE)
    page = context.new_page()
    page.goto(f"{address}/door#{link['url'].partition('#')[2]}")
    page.get_by_label("Votre prénom").fill("Camille")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Taper le code").click()
    page.get_by_role("button", name="Entrer par le nom").click()
    yield page
    context.close()


def say(page, name, second):
    page.get_by_label("Prénom et nom").fill(name)
    page.get_by_label("Son e-mail ou son numéro").fill(second)
    page.get_by_role("button", name="Vérifier et laisser entrer").click()


def test_a_name_and_the_right_second_thing_let_somebody_in(world, page):
    say(page, "Bernard Léa", "quelque.chose@example.org")
    expect(page.get_by_text("ne vont pas ensemble")).to_be_visible()
    no_violation(page)
    say(page, "Bernard Léa", MAIL)
    expect(page.locator("[data-verdict=ok]")).to_contain_text("Léa")
    with world.session() as session:
        assert sorted(session.scalars(select(CheckIn.verdict))) == ["invalid", "ok"]


def test_nothing_that_was_said_stays_on_the_phone(page):
    say(page, "Bernard Léa", MAIL)
    expect(page.locator("[data-verdict=ok]")).to_be_visible()
    kept = json.dumps(page.evaluate(EVERYTHING_KEPT))
    assert "Camille" in kept or "place_id" in kept
    assert MAIL not in kept
    assert "Bernard" not in kept


def test_without_the_network_nobody_is_let_in_by_name_and_the_page_says_why(world, page):
    page.context.set_offline(True)
    expect(page.get_by_text("Le nom se vérifie avec le réseau")).to_be_visible()
    page.get_by_label("Prénom et nom").fill("Léa Bernard")
    page.get_by_label("Son e-mail ou son numéro").fill(MAIL)
    expect(page.get_by_role("button", name="Vérifier et laisser entrer")).to_be_disabled()
    with world.session() as session:
        assert session.scalars(select(CheckIn)).all() == []
