"""The door page with a camera: a pass is held up, a verdict stands on the screen, a visit stands in the database."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.door.models import CheckIn, Visit
from passapp.kernel.audit import SYSTEM
from passapp.passes.models import IssuedPass
from passapp.passes.qr import draw_png
from passapp.passes.service import revoke_pass
from tests.browser.conftest import PHONE, open_context
from tests.browser.video import film, hold_up, nothing

pytestmark = pytest.mark.browser


def pair_a_phone(page, address, world, place):
    link = world.as_manager(place).post(f"/api/v1/places/{place.id}/pairing-links", json={}).json()["url"]
    page.goto(f"{address}/door#{link.partition('#')[2]}")
    page.get_by_label("Votre prénom").fill("Camille")
    page.keyboard.press("Enter")


def test_a_pass_held_before_the_camera_is_let_in_and_a_revoked_one_is_not(world, serve, launch, tmp_path):
    good, revoked = world.card(world.member()), world.card(world.member())
    passes = [draw_png(world.text(card)) for card in (good, revoked)]
    with world.database.write() as session:
        attached = session.get_one(IssuedPass, revoked.id)
        revoke_pass(session, attached, "Carte perdue", at=world.now, actor=SYSTEM)
    world.later(minutes=1)
    reel = film(
        tmp_path / "door.mjpeg",
        hold_up(passes[0], seconds=3),
        nothing(seconds=2),
        hold_up(passes[1], seconds=3, seed=2),
        nothing(seconds=2),
    )
    browser = launch(reel)
    try:
        context = open_context(browser, keeps_app=True, locale="fr-FR", permissions=["camera"], **PHONE)
        page = context.new_page()
        pair_a_phone(page, serve(world.app), world, world.moulin)

        welcome = page.locator("[data-verdict=ok]")
        expect(welcome).to_contain_text("Léa", timeout=30_000)
        expect(welcome).to_contain_text("Membre du Hangar")
        refusal = page.locator("[data-verdict=revoked]")
        expect(refusal).to_contain_text("Pass inactif", timeout=30_000)
    finally:
        browser.close()

    with world.session() as session:
        [visit] = session.scalars(select(Visit))
        assert (visit.home_id, visit.host_id) == (world.hangar.id, world.moulin.id)
        verdicts = set(session.scalars(select(CheckIn.verdict)))
        assert {"ok", "revoked"} <= verdicts <= {"ok", "ok_again", "revoked"}
