"""Proof 1: a door that is opened with no network scans, gives the right verdicts, and sends each scan once."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.passes.qr import draw_png
from tests.browser.video import hold_up, nothing
from tests.proofs.volunteer import NO_CAMERA_YET, held_by, ids, revoke, run_clocks, volunteer, written_down
from tests.scenes import visits

pytestmark = pytest.mark.browser


def test_a_phone_opened_with_no_network_scans_by_itself_and_sends_each_scan_once(world, serve, filmed):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    run_clocks(world)
    (_, good), (lost, revoked) = held_by(world, "Léa"), held_by(world, "Zoé")
    revoke(world, lost)
    context = filmed(
        hold_up(draw_png(good), seconds=1),
        nothing(seconds=1),
        hold_up(draw_png(revoked), seconds=1, seed=2),
        nothing(seconds=1),
    )
    page = context.new_page()
    page.add_init_script(NO_CAMERA_YET)
    phone = volunteer(world, page, serve(world.app))
    manifest = context.new_cdp_session(page).send("Page.getAppManifest")
    assert (manifest["errors"], bool(manifest["data"])) == ([], True)

    phone.loses_the_network()
    phone.opened_again()
    expect(phone.page.locator("[data-online=false]")).to_contain_text("Hors connexion")
    welcome = phone.page.locator("[data-verdict=ok][data-said-by=door]")
    expect(welcome).to_contain_text("Bonjour Léa", timeout=30_000)
    refusal = phone.page.locator("[data-verdict=revoked][data-said-by=door]")
    expect(refusal).to_contain_text("Pass inactif", timeout=30_000)
    assert written_down(world) == {}
    kept = {scan["id"]: scan["shown"] for scan in phone.kept("scans") if "shown" in scan}
    assert {"ok", "revoked"} <= set(kept.values()) <= {"ok", "ok_again", "revoked"}

    phone.sends_all()
    sent = written_down(world)
    assert {scan: sent[scan] for scan in kept} == kept
    assert len(visits(world)) == 1

    # The film goes on: look again once nobody scans any more.
    phone.page.goto(f"{phone.address}/")
    assert ids(phone.kept("recent")) - ids(phone.kept("scans")) == set(written_down(world)) - ids(phone.kept("scans"))
    assert len(visits(world)) == 1
