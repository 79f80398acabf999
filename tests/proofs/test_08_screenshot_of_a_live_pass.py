"""Proof 8: a screenshot of a live pass, shown a minute later, opens no door: neither offline nor online.

The picture is drawn by the member's own page, and the film holds it up for as long as it runs. The clocks, the
server's and the door's, are set to the moment of the picture at first, then to more than a minute after.
"""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.accounts.access import session_cookie
from passapp.door.models import CheckIn
from passapp.passes.live import STEP_SECONDS, read_live
from tests.browser.video import hold_up
from tests.pictures import opened, read
from tests.proofs.volunteer import NO_CAMERA_YET, a_clock_wrong_by, run_clocks, volunteer
from tests.scenes import visits

pytestmark = pytest.mark.browser


def screenshot(world, context, address, member):
    """The QR code that a member's phone draws now."""
    secret = world.signed_in(member.account_id).cookies[session_cookie(world.settings)]
    context.add_cookies([{"name": session_cookie(world.settings), "value": secret, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/pass")
    code = page.get_by_role("img", name="QR code")
    expect(code.locator("canvas.drawn")).to_be_visible()
    return code.screenshot()


def says(page, verdict, said_by, words):
    """What the door shows of the film, and by whose word."""
    shown = page.locator(f"[data-verdict={verdict}][data-said-by={said_by}]")
    expect(shown).to_contain_text(words, timeout=30_000)
    expect(shown).to_have_attribute("data-colour", "green" if verdict == "ok" else "red")


def test_a_screenshot_opens_the_door_at_its_moment_and_not_a_minute_later_with_or_without_network(
    world, serve, profile, filmed
):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    run_clocks(world)
    address = serve(world.app)
    taken = screenshot(world, profile, address, world.member(world.moulin, given_name="Léa"))
    [text] = read(opened(taken))
    proven = datetime.fromtimestamp(read_live(text).step * STEP_SECONDS, UTC)
    assert datetime.now(UTC) - proven < timedelta(seconds=2 * STEP_SECONDS), "the page shows a proof of now"

    context = filmed(hold_up(taken, seconds=2))

    def opens_at(at, script=""):
        """Every clock is set, and the door's page opened anew."""
        run_clocks(world, ahead=at - datetime.now(UTC))
        page = context.new_page()
        page.add_init_script(a_clock_wrong_by(at - datetime.now(UTC)) + script)
        return page

    # A little early, as a phone may be: there is time to open the door's page.
    moment = proven - timedelta(seconds=10)
    phone = volunteer(world, opens_at(moment, NO_CAMERA_YET), address)
    phone.loses_the_network()
    phone.page.close()
    phone.page = opens_at(moment)
    phone.page.goto(f"{address}/door")
    says(phone.page, "ok", "door", "Bonjour Léa")

    phone.page.close()
    context.set_offline(offline=False)
    phone.page = opens_at(proven + timedelta(seconds=75))
    phone.page.goto(f"{address}/door")
    says(phone.page, "proof_stale", "server", "Ce code a déjà changé")
    phone.loses_the_network()
    phone.page.close()
    phone.page = opens_at(proven + timedelta(minutes=10))
    phone.page.goto(f"{address}/door")
    says(phone.page, "proof_stale", "door", "Ce code a déjà changé")
    phone.page.close()

    with world.session() as session:
        sent = list(session.execute(select(CheckIn.verdict, CheckIn.form).order_by(CheckIn.scanned_at)))
    assert sent[0] == ("ok", "live"), "judged as of its scan, whenever it is sent"
    assert set(sent[1:]) == {("proof_stale", "live")}
    assert len(visits(world)) == 1
