"""A tablet at the entrance on its own: people show their passes to it, and nobody stands by."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.door.models import CheckIn, FollowUp, Visit
from passapp.passes.qr import draw_png
from tests.browser.conftest import no_violation, open_context
from tests.browser.test_door_camera import pair_a_phone
from tests.browser.test_offline_door import TYPE
from tests.browser.video import film, hold_up, nothing
from tests.scenes import membership, rows, visits

pytestmark = pytest.mark.browser

TABLET = {"viewport": {"width": 1024, "height": 768}, "has_touch": True}
PIN = "4071"
HOLD = 3300
"""Milliseconds: a little more than the three seconds that it takes."""


@pytest.fixture(autouse=True)
def today(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def leave_alone(world, serve, launch, tmp_path):
    """Leave a tablet on its own at the Moulin; what its camera sees is given."""
    browsers = []

    def leave(*scenes):
        browsers.append(launch(film(tmp_path / "door.mjpeg", *scenes)))
        page = open_context(browsers[0], keeps_app=True, locale="fr-FR", permissions=["camera"], **TABLET).new_page()
        pair_a_phone(page, serve(world.app), world, world.moulin)
        page.get_by_role("button", name="Tablette sans personne").click()
        begin = page.get_by_role("button", name="Laisser la tablette seule")
        expect(begin).to_be_disabled()
        page.get_by_label("Code de sortie").fill(PIN)
        no_violation(page)
        begin.click()
        expect(page.get_by_role("heading", name="Montrez votre pass")).to_be_visible()
        return page

    yield leave
    for browser in browsers:
        browser.close()


@pytest.fixture
def tablet(leave_alone):
    """A tablet left on its own, before which nobody comes."""
    return leave_alone(nothing(seconds=2))


def type_pin(page, pin):
    """On the way out of the mode."""
    page.get_by_label("Code de sortie").fill(pin)
    page.get_by_role("button", name="Sortir", exact=True).click()


def press(page, milliseconds):
    page.get_by_role("button", name=re.compile("Le Moulin")).hover()
    page.mouse.down()
    page.wait_for_timeout(milliseconds)
    page.mouse.up()


def test_who_shows_a_pass_to_it_is_greeted_by_first_name_and_noted_as_on_their_own(world, leave_alone):
    card = world.card(world.member(family_name="Bertrand"))
    world.later(minutes=1)
    tablet = leave_alone(nothing(seconds=5), hold_up(draw_png(world.text(card)), seconds=3))
    welcome = tablet.locator("[data-verdict=ok]")
    expect(welcome).to_contain_text("Bonjour Léa", timeout=30_000)
    said = tablet.locator("body").inner_text()
    assert "Bertrand" not in said
    assert "B." not in welcome.inner_text()
    expect(welcome).to_be_hidden(timeout=10_000)
    with world.session() as session:
        assert set(session.scalars(select(CheckIn.form))) == {"self"}
        assert len(session.scalars(select(Visit)).all()) == 1


def test_whoever_says_no_home_is_given_time_and_then_kept_for_the_manager(world, tablet):
    member = world.member(memberships=[membership(world.moulin), membership(world.place("phare"))])
    text = world.text(world.card(member))
    world.later(minutes=1)
    tablet.clock.install()
    tablet.evaluate(TYPE, text)
    asked = tablet.locator("[data-verdict=ambiguous]")
    expect(asked.get_by_role("button", name="Phare")).to_be_visible()
    tablet.clock.fast_forward(15_000)
    expect(asked.get_by_role("button", name="Phare")).to_be_visible()
    with tablet.expect_response("**/api/v1/check-ins"):
        tablet.clock.fast_forward(6_000)
    expect(asked).to_be_hidden()
    assert [followed.kind for followed in rows(world, FollowUp)] == ["conflict"]
    assert [row.verdict for row in rows(world, CheckIn)] == ["ambiguous"]
    assert visits(world) == []


def test_it_shows_no_host_button_and_no_list_and_stays_so_after_a_reload(tablet):
    for turn in range(2):
        if turn:
            tablet.reload()
        expect(tablet.get_by_role("heading", name="Montrez votre pass")).to_be_visible()
        expect(tablet.locator("[data-alone] video.on")).to_be_attached()
        tablet.wait_for_function("!document.querySelector('[data-verdict]')")
        alone = tablet.locator("[data-alone]")
        assert alone.get_by_role("button").count() == 1
        assert alone.get_by_role("link").count() == 0


def test_a_touch_leads_nowhere_and_three_seconds_lead_out_with_the_code(tablet):
    press(tablet, 500)
    leave = tablet.get_by_role("dialog")
    expect(leave).to_be_hidden()
    press(tablet, HOLD)
    expect(leave).to_contain_text("Sortir du mode")
    leave.get_by_role("button", name="Rester").click()
    expect(leave).to_be_hidden()
    expect(tablet.get_by_role("heading", name="Montrez votre pass")).to_be_visible()
    press(tablet, HOLD)
    type_pin(tablet, "1234")
    expect(leave).to_contain_text("pas le bon code")
    no_violation(tablet)
    type_pin(tablet, PIN)
    expect(tablet.get_by_role("button", name="Taper le code")).to_be_visible()
    tablet.reload()
    expect(tablet.get_by_role("button", name="Taper le code")).to_be_visible()


def test_it_is_usable_by_keyboard_and_axe_finds_nothing(tablet):
    no_violation(tablet)
    tablet.get_by_role("button", name=re.compile("Le Moulin")).focus()
    tablet.keyboard.down("Enter")
    tablet.wait_for_timeout(HOLD)
    tablet.keyboard.up("Enter")
    expect(tablet.get_by_role("dialog")).to_contain_text("Sortir du mode")
    no_violation(tablet)


def test_five_wrong_codes_make_everybody_wait_also_after_a_reload(tablet):
    press(tablet, HOLD)
    leave = tablet.get_by_role("dialog")
    for _ in range(5):
        type_pin(tablet, "1234")
        expect(tablet.get_by_label("Code de sortie")).to_have_value("")
    expect(leave).to_contain_text("attendez une minute")
    tablet.reload()
    expect(tablet.get_by_role("heading", name="Montrez votre pass")).to_be_visible()
    press(tablet, HOLD)
    type_pin(tablet, PIN)
    expect(leave).to_contain_text("attendez une minute")
    expect(leave).to_contain_text("lien d’équipe")


@pytest.mark.parametrize("way", ["opened", "held up before it"])
def test_a_forgotten_code_is_answered_by_the_team_link(world, tablet, way):
    link = world.as_manager(world.moulin).post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
    address = tablet.url.partition("#")[0] + "#" + link["url"].partition("#")[2]
    if way == "opened":
        tablet.goto(address)
    else:
        tablet.evaluate(TYPE, address)
        expect(tablet.get_by_role("heading", name="Montrez votre pass")).to_be_visible()
        press(tablet, HOLD)
        expect(tablet.get_by_role("dialog")).to_contain_text("montrez à la caméra le QR du lien d’équipe")
        tablet.evaluate(TYPE, address)
    tablet.get_by_label("Votre prénom").fill("Camille")
    tablet.keyboard.press("Enter")
    expect(tablet.get_by_role("button", name="Taper le code")).to_be_visible()
