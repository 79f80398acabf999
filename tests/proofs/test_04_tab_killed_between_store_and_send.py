"""Proof 4: the tab dies between two steps of a scan; the next tab sends what was kept, once."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Error, expect

from tests.proofs.volunteer import held_by, run_clocks, until, volunteer, written_down
from tests.scenes import visits

pytestmark = pytest.mark.browser

# The scan is on the disk by now (the door asks no server before), and the tab goes no further.
BEFORE_IT_IS_SENT = """() => {
  const ask = window.fetch;
  window.fetch = (what, ...how) =>
    String(what.url ?? what).includes('/check-ins') ? new Promise(() => { window.here = true; }) : ask(what, ...how);
}"""
# The server has answered; the tab dies before it has forgotten the scan.
BEFORE_IT_IS_FORGOTTEN = """() => {
  const ask = window.fetch;
  window.fetch = async (what, ...how) => {
    const answer = await ask(what, ...how);
    if (!String(what.url ?? what).includes('/check-ins')) return answer;
    window.here = true;
    return new Promise(() => {});
  };
}"""


@pytest.mark.parametrize("step", [BEFORE_IT_IS_SENT, BEFORE_IT_IS_FORGOTTEN], ids=["store-send", "answer-forget"])
def test_a_tab_that_crashes_between_two_steps_neither_loses_nor_doubles_a_visit(world, serve, profile, step):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    run_clocks(world)
    _, text = held_by(world, "Léa")
    phone = volunteer(world, profile.new_page(), serve(world.app))
    phone.page.evaluate(step)
    phone.scan(text)
    phone.page.wait_for_function("() => window.here")
    [kept] = phone.kept("scans")
    assert written_down(world) == ({} if step is BEFORE_IT_IS_SENT else {kept["id"]: "ok"})

    died = phone.page
    with died.expect_event("crash"), suppress(Error):
        died.goto("chrome://crash", timeout=2000)
    phone.page = profile.new_page()
    phone.page.goto(f"{phone.address}/door")
    until(phone.page, lambda: phone.kept("scans") == [])
    assert written_down(world) == {kept["id"]: "ok"}
    assert len(visits(world)) == 1
    expect(phone.page.locator("[data-waiting='0'][data-online=true]")).to_be_visible()
