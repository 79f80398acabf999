"""Somebody whose several homes could pay says which: their live pass was proven when it was read, not said."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.door.models import CheckIn, FollowUp
from tests.browser.test_offline_door import CLOCK
from tests.phones import Phone as MembersPhone
from tests.proofs.conftest import profile, serve
from tests.proofs.volunteer import run_clocks, volunteer
from tests.scenes import membership, rows, visits

__all__ = ["profile", "serve"]  # fixtures
pytestmark = pytest.mark.browser

TALK = timedelta(minutes=2)
"""How long the two talk before the person says which home; a proof is good for 45 seconds at most."""


@pytest.mark.parametrize("network", ["with the network", "without"])
def test_a_choice_said_long_after_the_pass_was_shown_makes_one_visit_and_no_review(world, serve, profile, network):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    phare = world.place("phare")
    member = world.member(memberships=[membership(world.moulin), membership(phare)])
    run_clocks(world)
    theirs = MembersPhone()
    given = world.as_member(member).post("/api/v1/me/live-pass", json={"public_key": theirs.public_key}).json()
    profile.add_init_script(CLOCK)
    phone = volunteer(world, profile.new_page(), serve(world.app))
    if network == "without":
        phone.loses_the_network()

    read_at = datetime.now(UTC)
    shown = phone.scan(theirs.show(given["text"], read_at))
    expect(shown).to_have_attribute("data-verdict", "ambiguous")
    run_clocks(world, TALK)
    phone.sets_its_clock(TALK)
    phone.page.get_by_role("button", name="Phare").click()
    expect(shown).to_have_attribute("data-verdict", "ok")
    expect(shown).to_have_attribute("data-said-by", "door" if network == "without" else "server")
    if network == "without":
        phone.sends_all()

    [visit] = visits(world)
    assert visit.home_id == phare.id
    assert visit.opened_at - read_at < timedelta(seconds=20)
    assert [row.verdict for row in sorted(rows(world, CheckIn), key=lambda row: row.scan_id)] == ["ambiguous", "ok"]
    assert rows(world, FollowUp) == []
