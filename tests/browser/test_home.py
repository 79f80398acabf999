"""What the home page says of the months and of the rules."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.network.models import Period
from passapp.network.rules import month_of
from tests.browser.conftest import no_violation
from tests.browser.test_settlement_month import published
from tests.settlement.living import ask, validate

pytestmark = pytest.mark.browser


def test_the_bars_of_the_last_months_stay_inside_a_phone(world, open_page):
    now = datetime.now(UTC)
    world.now = now
    with world.database.write() as session:
        for days in range(0, 180, 30):
            session.add(Period(month=month_of((now - timedelta(days=days)).date()), state="open"))
    page = open_page(Role.NETWORK_ACCOUNTANT, "/")
    page.set_viewport_size({"width": 320, "height": 700})
    page.get_by_role("button", name="EN").click()
    expect(page.locator(".bars li")).to_have_count(5)
    no_violation(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert page.locator(".bars li").last.evaluate("(bar) => bar.getBoundingClientRect().right") < 300


def test_a_place_that_is_owed_money_is_asked_for_its_iban_and_whoever_asked_for_the_closing_reads_that_it_waits(
    world, open_page
):
    month = published(world, days=40, review_days=0, answer_days=0)
    asker = world.account(Role.COORDINATOR)
    assert ask(world.signed_in(asker), month).status_code == 200
    waits = open_page(asker, "/")
    expect(waits.get_by_role("heading", name="En attente")).to_be_visible()
    expect(waits.get_by_role("link", name="clôture demandée, une autre personne doit la valider")).to_be_visible()
    assert validate(world.as_coordinator(), month).status_code == 200
    page = open_page(Role.MANAGER, "/")
    owed = page.get_by_role("link", name="10 € à recevoir : donnez l’IBAN du Moulin")
    expect(owed).to_be_visible()
    no_violation(page)
    owed.click()
    expect(page.get_by_label("IBAN")).to_be_visible()
