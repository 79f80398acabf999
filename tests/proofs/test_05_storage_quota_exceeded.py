"""Proof 5: the device has no room left: the host is told in words, and the scan is not lost silently."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.proofs.volunteer import held_by, ids, next_person, run_clocks, volunteer, written_down
from tests.scenes import visits

pytestmark = pytest.mark.browser

QUOTA = 6 * 2**20
# Something else of this origin takes what room there is, down to the last bytes; nothing that could be compressed.
FILL = """async () => {
  const asked = indexedDB.open('ballast', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore('weights', { autoIncrement: true });
  const ballast = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  const put = (size) => new Promise((done) => {
    const writing = ballast.transaction('weights', 'readwrite');
    writing.objectStore('weights').put(crypto.getRandomValues(new Uint8Array(size)));
    writing.oncomplete = () => done(true);
    writing.onabort = () => done(false);
  });
  for (const size of [65536, 16384, 4096, 1024, 256, 64, 1]) {
    for (let times = 0; times < 400 && (await put(size)); times += 1);
  }
  ballast.close();
}"""
MAKE_ROOM = """() => new Promise((done, failed) => {
  const asked = indexedDB.deleteDatabase('ballast');
  asked.onsuccess = () => done();
  asked.onerror = failed;
})"""


def test_a_device_without_room_tells_its_host_and_sends_the_scan_all_the_same(world, serve, profile):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    run_clocks(world)
    (_, before), (_, after) = held_by(world, "Léa"), held_by(world, "Zoé")
    address, page = serve(world.app), profile.new_page()
    limit = {"origin": address, "quotaSize": QUOTA}
    profile.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", limit)
    phone = volunteer(world, page, address)
    phone.loses_the_network()
    expect(phone.scan(before)).to_contain_text("Bonjour Léa")
    next_person(phone)

    phone.page.evaluate(FILL)
    shown = phone.scan(after)
    expect(shown).to_contain_text("Bonjour Zoé")
    expect(shown.locator("[data-trouble=full]")).to_contain_text("Ce téléphone n’a plus de place")
    expect(shown.locator("[data-trouble=full]")).to_contain_text("Notez le prénom sur papier")
    next_person(phone)
    expect(phone.page.locator("header [data-trouble=full]")).to_contain_text("elle seule connaît 1 scan")
    expect(phone.page.locator("[data-waiting='2']")).to_be_visible()
    [kept] = ids(phone.kept("scans"))

    phone.page.evaluate(MAKE_ROOM)
    phone.sends_all()
    expect(phone.page.locator("[data-trouble]")).to_have_count(0)
    assert len(written_down(world)) == 2
    assert kept in written_down(world)
    assert len(visits(world)) == 2
