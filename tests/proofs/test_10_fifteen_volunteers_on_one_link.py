"""Proof 10: fifteen volunteers open one team link, and each scans; the link is cut off, then one of the phones."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import expect

from passapp.door.models import CheckIn, Door
from tests.browser.conftest import PHONE, open_context
from tests.browser.test_offline_door import TYPE
from tests.proofs.volunteer import held_by, run_clocks
from tests.scenes import bearer, pair_link, rows, visits

pytestmark = pytest.mark.browser

TEAM = 15
BROWSERS = ("Camille", "Malik")
"""Two of them with the door page; the others send what that page sends."""


@pytest.fixture
def address(world, serve):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    run_clocks(world)
    return serve(world.app)


@pytest.fixture
def volunteer(address):
    """A volunteer of that first name; each has a line of their own to the server."""
    with ExitStack() as stack:
        yield lambda name: Volunteer(stack.enter_context(httpx2.Client(base_url=address, timeout=30)), name)


@pytest.fixture
def phones(browser):
    """The phones of the two who have the page."""
    contexts = {name: open_context(browser, keeps_app=True, locale="fr-FR", **PHONE) for name in BROWSERS}
    yield {name: context.new_page() for name, context in contexts.items()}
    for context in contexts.values():
        context.close()


def scan_of(text):
    now = datetime.now(UTC).isoformat()
    return {"id": str(uuid4()), "pass": text, "scanned_at": now, "device_now": now}


class Volunteer:
    """Pairs a phone with what the link holds, and scans, over HTTP."""

    def __init__(self, client, name):
        self.client, self.name = client, name

    def pair(self, secret):
        body = {"token": secret, "device_id": str(uuid4()), "name": self.name}
        answer = self.client.post("/api/v1/doors/pair", json=body)
        if answer.status_code == 201:
            self.client.headers |= bearer(answer.json()["token"])
        return answer.status_code

    def scan(self, text):
        return self.client.post("/api/v1/check-ins", json=scan_of(text))


def open_link(page, link, address, name):
    """A volunteer follows the link, and says their first name."""
    page.goto(f"{address}/door#{link['url'].partition('#')[2]}")
    page.get_by_label("Votre prénom").fill(name)
    page.keyboard.press("Enter")


def lets_in(page, text, name):
    page.evaluate(TYPE, text)
    shown = page.locator("[data-verdict=ok]")
    expect(shown).to_contain_text(f"Bonjour {name}")
    expect(shown).to_have_attribute("data-said-by", "server")
    page.get_by_role("button", name="Suivant").click()


def test_a_link_serves_a_team_until_it_is_cut_off_and_a_phone_until_it_is(world, address, phones, volunteer):
    manager = world.as_manager(world.moulin)
    link = pair_link(manager, world.moulin)
    where = f"/api/v1/places/{world.moulin.id}"
    others = [volunteer(f"Bénévole {number:02}") for number in range(TEAM - len(BROWSERS))]
    people = [f"Prénom{chr(ord('a') + number)}" for number in range(TEAM)]
    cards = [held_by(world, name)[1] for name in people]
    secret = link["url"].partition("#pair=")[2]

    # All at once, on one link.
    with ThreadPoolExecutor(len(others)) as at_once:
        paired = [at_once.submit(each.pair, secret) for each in others]
        for name, page in phones.items():
            open_link(page, link, address, name)
        assert [each.result() for each in paired] == [201] * len(others)
    for page in phones.values():
        expect(page.locator("[data-online=true][data-list=fresh]")).to_be_visible()
    known = {row.name for row in rows(world, Door, Door.cut_off_at.is_(None))}
    assert known == {*BROWSERS, *(each.name for each in others)}

    # Each scans somebody, all at once.
    with ThreadPoolExecutor(len(others)) as at_once:
        came = at_once.map(Volunteer.scan, others, cards)
        for page, text, person in zip(phones.values(), cards[len(others) :], people[len(others) :], strict=True):
            lets_in(page, text, person)
        assert [answer.json()["verdict"] for answer in came] == ["ok"] * len(others)
    assert len(visits(world)) == TEAM
    assert len({row.door_id for row in rows(world, CheckIn)}) == TEAM

    # The link is cut off: it pairs nobody any more, and the team goes on.
    assert manager.delete(f"{where}/pairing-links/{link['id']}").status_code == 204
    assert volunteer("Trop tard").pair(secret) == 410
    assert {each.scan(cards[0]).json()["verdict"] for each in others} == {"ok_again"}

    # One phone is cut off: its page says so, its names are gone; the others go on.
    [lost] = [row for row in rows(world, Door) if row.name == BROWSERS[0]]
    assert manager.delete(f"{where}/doors/{lost.id}").status_code == 204
    cut_off, goes_on = phones.values()
    cut_off.evaluate(TYPE, cards[1])
    expect(cut_off.get_by_role("heading", level=1)).to_have_text("Ce téléphone n’est plus relié")
    assert {each.scan(cards[0]).status_code for each in others} == {200}
    _, newcomer = held_by(world, "Zoé")
    lets_in(goes_on, newcomer, "Zoé")
    assert len(visits(world)) == TEAM + 1
    assert len(rows(world, Door, Door.cut_off_at.is_(None))) == TEAM - 1
