"""A door without network, or with a poor one: it decides by itself, loses nothing, counts nobody twice, and says so."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from sqlalchemy import select

from passapp.door.models import CheckIn, CheckInUndo, DayGuest, FollowUp, FollowUpReason
from passapp.kernel.audit import SYSTEM
from passapp.passes.models import IssuedPass
from passapp.passes.service import revoke_pass
from passapp.passes.trial import trial_pass
from tests.browser.conftest import PATIENCE, PHONE, no_violation, open_context, wait_until
from tests.scenes import rows, visits
from tests.world import World

pytestmark = pytest.mark.browser

# A scanner plugged into the device types what it reads, fast; a page that is slow to hear does not make it slower.
TYPE = """text => [...text, 'Enter'].forEach((key, at) => {
  const pressed = new KeyboardEvent('keydown', { key });
  Object.defineProperty(pressed, 'timeStamp', { value: window.typed = (window.typed ?? 1e6) + (at ? 1 : 1000) });
  dispatchEvent(pressed);
})"""
NO_ROOM = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); };
  window.makeRoom = () => { IDBObjectStore.prototype.put = put; };
}"""
CLOCK = """
  const Right = Date;
  const off = () => Number(localStorage.getItem('clock') ?? 0);
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + off()); }
    static now() { return Right.now() + off(); }
  };
"""
KEPT = """async (name) => {
  const database = await new Promise((resolve) => {
    const asked = indexedDB.open('passapp');
    asked.onsuccess = () => resolve(asked.result);
  });
  const asked = database.transaction(name).objectStore(name).getAll();
  const found = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  database.close();
  return found;
}"""


class Between:
    """What lies between a door and its server: check-ins take as long as they are told, or their answers get lost."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.answers = threading.Event()
        self.answers.set()
        self.loses_answers = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not scope.get("path", "").startswith("/api/v1/check-ins"):
            return await self.app(scope, receive, send)
        await asyncio.to_thread(self.answers.wait, PATIENCE / 1000)
        if not self.loses_answers:
            return await self.app(scope, receive, send)

        async def into_the_void(_message: Any) -> None:
            """The server has done its work; nobody hears of it."""

        await self.app(scope, receive, into_the_void)
        await send({"type": "http.response.start", "status": 502, "headers": []})
        return await send({"type": "http.response.body", "body": b""})


class Phone:
    """A volunteer's phone at the Moulin, ready to work with no network."""

    def __init__(self, world: World, page: Page, address: str) -> None:
        self.world, self.page, self.address = world, page, address
        link = world.as_manager(world.moulin).post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
        page.goto(f"{address}/door#{link['url'].partition('#')[2]}")
        page.get_by_label("Votre prénom").fill("Camille")
        page.keyboard.press("Enter")
        expect(page.locator("[data-ready=true]")).to_be_visible(timeout=30_000)

    def scan(self, text: str) -> Any:
        """Read a pass; give the screen of its verdict."""
        self.page.evaluate(TYPE, text)
        return self.page.locator("[data-verdict]")

    def kept(self, shelf: str) -> list[dict[str, Any]]:
        """What stands in a store of the phone."""
        return self.page.evaluate(KEPT, shelf)

    def loses_the_network(self) -> None:
        """From now on, until `sends_all`."""
        self.page.context.set_offline(offline=True)

    def sends_all(self) -> None:
        """Back on the network, until nothing waits."""
        self.page.context.set_offline(offline=False)
        expect(self.page.locator("[data-waiting='0'][data-online=true]")).to_be_visible()

    def sets_its_clock(self, ahead: timedelta) -> None:
        """So far ahead of the right time from now on (`CLOCK` must run on its pages)."""
        self.page.evaluate("ahead => localStorage.setItem('clock', ahead)", ahead.total_seconds() * 1000)

    def opened_again(self) -> None:
        """The tab is killed, and another one opened."""
        before, self.page = self.page, self.page.context.new_page()
        before.close()
        self.page.goto(f"{self.address}/door")
        expect(self.page.locator("[data-list]")).to_be_visible()


@pytest.fixture(autouse=True)
def today(world):
    """The browser's clock is the real one; the network's must agree, and a pass is good from when it was made."""
    world.now = datetime.now(UTC) - timedelta(minutes=1)


@pytest.fixture
def between(world):
    return Between(world.app)


@pytest.fixture
def phone(world, between, serve, browser) -> Callable[[], Phone]:
    context = open_context(browser, keeps_app=True, locale="fr-FR", **PHONE)

    context.add_init_script(CLOCK)

    def make() -> Phone:
        world.app.state.clock = lambda: datetime.now(UTC)
        world.now = datetime.now(UTC)
        return Phone(world, context.new_page(), serve(between))

    yield make
    context.close()


def card_of(world, given_name="Léa", home=None):
    """A card of a new member, and what its QR says."""
    card = world.card(world.member(home or world.moulin, given_name=given_name))
    return card, world.text(card)


def revoke(world, card):
    """From this instant on."""
    with world.database.write() as session:
        revoke_pass(session, session.get_one(IssuedPass, card.id), "Perdue", at=datetime.now(UTC), actor=SYSTEM)


def verdicts(world):
    with world.session() as session:
        return sorted(session.scalars(select(CheckIn.verdict)))


def test_a_page_opened_with_no_network_decides_by_itself_and_sends_later(world, phone):
    (_, mine), (lost, revoked) = card_of(world), card_of(world, "Zoé")
    _, stranger = card_of(world, "Ali", world.hangar)
    revoke(world, lost)
    phone = phone()
    phone.loses_the_network()
    phone.page.reload()
    state = phone.page.locator("[data-online=false]")
    expect(state).to_contain_text("Hors connexion")

    shown = phone.scan(mine)
    expect(shown).to_have_attribute("data-verdict", "ok")
    expect(shown).to_have_attribute("data-said-by", "door")
    expect(shown).to_contain_text("Bonjour Léa")
    expect(shown).to_contain_text("Hors connexion")
    phone.page.get_by_role("button", name="Garder à l’écran").click()
    no_violation(phone.page)
    phone.page.get_by_role("button", name="Suivant").click()
    expect(phone.scan(stranger)).to_contain_text("Bienvenue")
    phone.page.get_by_role("button", name="Suivant").click()
    expect(phone.scan(revoked)).to_have_attribute("data-verdict", "revoked")
    phone.page.get_by_role("button", name="Suivant").click()
    expect(state).to_contain_text("3 passages gardés, envoyés plus tard")
    no_violation(phone.page)
    assert verdicts(world) == []

    phone.sends_all()
    assert verdicts(world) == ["ok", "ok", "revoked"]
    assert len(visits(world)) == 2
    expect(phone.page.get_by_text("le serveur a répondu autrement")).to_have_count(0)


def test_an_answer_that_gets_lost_is_asked_for_again_and_counts_once(world, between, phone):
    _, text = card_of(world)
    phone = phone()
    between.loses_answers = True
    shown = phone.scan(text)
    expect(shown).to_have_attribute("data-said-by", "door")
    expect(shown).to_contain_text("Bonjour Léa")
    assert verdicts(world) == ["ok"]
    [kept] = phone.kept("scans")
    assert kept["shown"] == "ok"
    between.loses_answers = False
    phone.loses_the_network()
    phone.sends_all()
    assert verdicts(world) == ["ok"]
    assert len(visits(world)) == 1


def test_a_slow_server_is_not_waited_for_and_its_answer_settles_all(world, between, phone):
    _, text = card_of(world)
    phone = phone()
    between.answers.clear()
    shown = phone.scan(text)
    expect(shown).to_have_attribute("data-said-by", "door")
    between.answers.set()
    expect(shown).to_have_attribute("data-said-by", "server")
    expect(shown).to_have_attribute("data-corrected", "false")
    expect(phone.page.locator("[data-waiting='0']")).to_be_attached()
    assert verdicts(world) == ["ok"]


def test_a_server_that_says_otherwise_corrects_the_screen_and_knows_what_was_shown(world, between, phone):
    card, text = card_of(world)
    phone = phone()
    revoke(world, card)
    between.answers.clear()
    shown = phone.scan(text)
    expect(shown).to_have_attribute("data-verdict", "ok")
    between.answers.set()
    expect(shown).to_have_attribute("data-corrected", "true")
    expect(shown).to_contain_text("Pass inactif")
    expect(phone.page.locator("[data-waiting='0']")).to_be_attached()
    assert verdicts(world) == ["revoked"]
    [followed] = rows(world, FollowUp)
    assert followed.kind == "rejected_late"


def test_a_correction_after_the_verdict_has_gone_is_a_line_for_the_host(world, between, phone):
    card, text = card_of(world)
    phone = phone()
    revoke(world, card)
    between.answers.clear()
    phone.scan(text)
    phone.page.get_by_role("button", name="Suivant").click()
    between.answers.set()
    late = phone.page.get_by_role("alert").filter(has_text="le serveur a répondu autrement")
    expect(late).to_contain_text("Léa B. · Pass inactif")
    no_violation(phone.page)
    late.get_by_role("button", name="C’est lu").click()
    expect(late).to_have_count(0)


def test_a_tab_killed_with_a_scan_on_the_phone_sends_it_when_it_is_opened_again(world, phone):
    _, text = card_of(world)
    phone = phone()
    phone.loses_the_network()
    expect(phone.scan(text)).to_be_visible()
    phone.opened_again()
    assert len(phone.kept("scans")) == 1
    phone.sends_all()
    assert len(visits(world)) == 1


def test_a_full_device_says_so_keeps_the_verdict_and_loses_nothing(world, phone):
    _, text = card_of(world)
    phone = phone()
    phone.loses_the_network()
    phone.page.evaluate(NO_ROOM)
    shown = phone.scan(text)
    expect(shown).to_contain_text("Bonjour Léa")
    expect(shown.locator("[data-trouble=full]")).to_contain_text("Notez le prénom")
    phone.page.get_by_role("button", name="Suivant").click()
    expect(phone.page.locator("header [data-trouble=full]")).to_contain_text("elle seule connaît 1 scan")
    no_violation(phone.page)
    phone.page.evaluate("() => window.makeRoom()")
    phone.sends_all()
    expect(phone.page.locator("[data-trouble]")).to_have_count(0)
    assert len(visits(world)) == 1


def test_a_welcome_taken_back_with_no_network_counts_nobody(world, phone):
    _, text = card_of(world)
    phone = phone()
    phone.loses_the_network()
    phone.scan(text).get_by_role("button", name="Annuler").click()
    expect(phone.page.get_by_text("Passage annulé").first).to_be_visible()
    phone.sends_all()
    assert visits(world) == []
    assert len(rows(world, CheckInUndo)) == 1


def test_somebody_let_in_all_the_same_with_no_network_leaves_the_reason(world, phone):
    card, text = card_of(world)
    revoke(world, card)
    phone = phone()
    phone.loses_the_network()
    shown = phone.scan(text)
    shown.get_by_role("button", name="Laisser entrer quand même").click()
    no_violation(phone.page)
    phone.page.get_by_role("button", name="Je connais cette personne").click()
    expect(phone.page.get_by_text("Entrée notée")).to_be_visible()
    phone.sends_all()
    [followed] = rows(world, FollowUp)
    assert followed.kind == "override"
    assert rows(world, FollowUpReason)[0].reason == "Je connais cette personne"
    assert len(visits(world)) == 1


def test_somebody_let_in_all_the_same_with_the_network_leaves_the_reason_too(world, phone):
    card, text = card_of(world)
    phone = phone()
    revoke(world, card)
    shown = phone.scan(text)
    expect(shown).to_have_attribute("data-said-by", "server")
    shown.get_by_role("button", name="Laisser entrer quand même").click()
    dialog = phone.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Une autre raison").click()
    dialog.get_by_role("textbox").fill("Carte retrouvée ce matin")
    dialog.get_by_role("button", name="Laisser entrer").click()
    expect(phone.page.get_by_text("Entrée notée")).to_be_visible()
    assert rows(world, FollowUpReason)[0].reason == "Carte retrouvée ce matin"


def test_a_day_guest_received_with_no_network_is_sent_later_once(world, phone):
    phone = phone()
    phone.loses_the_network()
    phone.page.get_by_role("button", name="Invité·e du jour").click()
    phone.page.get_by_label("Prénom").fill("Nora")
    no_violation(phone.page)
    phone.page.get_by_role("button", name="Noter son entrée").click()
    expect(phone.page.get_by_text("Nora : gardé").first).to_be_attached()
    phone.sends_all()
    [guest] = rows(world, DayGuest)
    assert (guest.given_name, guest.minor) == ("Nora", False)
    assert phone.kept("deeds") == []


def test_a_trial_pass_works_with_no_network(world, phone):
    with world.database.write() as session:
        text = trial_pass(session, world.moulin, world.settings.keys_dir, at=world.now)
    phone = phone()
    phone.loses_the_network()
    phone.page.evaluate(TYPE, text)
    expect(phone.page.locator("[data-trial=works]")).to_contain_text("sans réseau")
    assert phone.kept("scans") == []


def test_leaving_with_scans_to_send_asks_first(world, phone):
    _, text = card_of(world)
    phone = phone()
    phone.loses_the_network()
    phone.scan(text).get_by_role("button", name="Suivant").click()
    phone.page.get_by_role("link", name="Quitter").click()
    dialog = phone.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 élément attend")
    no_violation(phone.page)
    dialog.get_by_role("button", name="Rester").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("Vous accueillez")


def test_names_leave_a_phone_that_is_cut_off(world, phone):
    card_of(world)
    phone = phone()
    assert "Léa" in str(phone.kept("known"))
    [door] = world.as_manager(world.moulin).get(f"/api/v1/places/{world.moulin.id}/doors").json()["items"]
    world.as_manager(world.moulin).delete(f"/api/v1/places/{world.moulin.id}/doors/{door['id']}")
    phone.page.reload()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Ce téléphone n’est plus relié")
    assert phone.kept("known") == []


def test_names_leave_a_phone_that_stays_without_network_until_its_list_has_ended(world, phone):
    card_of(world)
    phone = phone()
    phone.page.clock.install()
    phone.page.reload()
    expect(phone.page.locator("[data-ready=true]")).to_be_visible(timeout=30_000)
    phone.page.wait_for_load_state("networkidle")  # an answer that takes eight days has its clock doubted
    assert "Léa" in str(phone.kept("known"))
    phone.loses_the_network()
    phone.page.clock.fast_forward(timedelta(days=8).total_seconds() * 1000)
    expect(phone.page.locator("[data-list=expired]")).to_be_visible()
    wait_until(phone.page, lambda: "Léa" not in str([phone.kept("known"), phone.kept("recent")]))


def test_a_clock_that_may_be_wrong_takes_the_names_a_month_later_at_the_latest(world, phone):
    _, text = card_of(world)
    phone = phone()
    phone.loses_the_network()
    phone.scan(text).get_by_role("button", name="Suivant").click()
    phone.sets_its_clock(timedelta(days=8))
    phone.page.reload()
    expect(phone.page.locator("[data-list=expired]")).to_be_visible()
    assert "Léa" in str(phone.kept("known"))
    expect(phone.scan(text)).to_have_attribute("data-verdict", "list_stale")
    phone.page.get_by_role("button", name="Suivant").click()
    phone.sets_its_clock(timedelta(days=38))
    phone.page.reload()
    expect(phone.page.locator("[data-list=expired]")).to_be_visible()
    assert "Léa" not in str([phone.kept("known"), phone.kept("recent")])

    phone.sets_its_clock(timedelta())
    phone.sends_all()
    expect(phone.page.locator("[data-ready=true]")).to_be_visible()
    assert "Léa" in str(phone.kept("known"))
    assert len(visits(world)) == 1
