"""The second of two quick taps: it falls on what has just appeared under the finger, and does nothing there."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.door.models import CheckIn
from passapp.passes.rules import print_short_code
from tests.browser.conftest import PHONE, open_context

pytestmark = pytest.mark.browser


@pytest.fixture
def page(world, serve, browser):
    """A phone at its scanner in a place that receives day guests; its clock stands when it is told to."""
    # The browser's clock is the real one, and a pass is good from when it was made.
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    manager = world.as_manager(world.moulin)
    card = world.card(world.member(given_name="Léa", family_name="Bernard"))
    world.now = datetime.now(UTC)
    link = manager.post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
    context = open_context(browser, locale="fr-FR", **PHONE)
    page = context.new_page()
    page.clock.install(time=datetime.now(UTC))
    page.goto(f"{serve(world.app)}/door#{link['url'].partition('#')[2]}")
    page.get_by_label("Votre prénom").fill("Camille")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Taper le code").click()
    page.get_by_role("textbox").fill(print_short_code(card.short_code))
    yield page
    context.close()


def stand_still(page):
    """No time passes on the page from now on, but for what `page.clock.run_for` lets pass."""
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=2))


def tap_where_stands(page, name):
    """Touch the screen where that button is, whether it takes it or not."""
    box = page.get_by_role("button", name=name).bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def let_in(world):
    with world.session() as session:
        return len(session.scalars(select(CheckIn)).all())


def test_nobody_is_let_in_by_the_second_tap_on_look_up(world, page):
    stand_still(page)
    page.get_by_role("button", name="Chercher").click()
    yes = page.get_by_role("button", name="Oui, c’est bien cette personne")
    expect(yes).to_be_visible()
    tap_where_stands(page, "Oui, c’est bien cette personne")
    expect(yes).to_be_visible()
    page.clock.run_for(700)
    assert let_in(world) == 0
    yes.click()
    expect(page.locator("[data-verdict=ok]")).to_contain_text("Léa")
    assert let_in(world) == 1


def test_what_stands_under_next_is_not_opened_by_its_second_tap(page):
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("button", name="Oui, c’est bien cette personne").click()
    page.get_by_role("button", name="Garder à l’écran").click()
    page.wait_for_function("!document.querySelector('[data-settling]')")
    stand_still(page)
    page.get_by_role("button", name="Suivant").click()
    tap_where_stands(page, "Invité·e du jour")
    page.clock.run_for(700)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Invité·e du jour").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_key_that_stays_down_presses_no_button(world, page):
    page.get_by_role("textbox").focus()
    page.keyboard.down("Enter")
    yes = page.get_by_role("button", name="Oui, c’est bien cette personne")
    yes.focus()
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert let_in(world) == 0
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict=ok]")).to_be_visible()
