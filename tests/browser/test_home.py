"""What the home page says of the months and of the rules."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.network.models import Period
from passapp.network.rules import month_of
from tests.browser.conftest import no_violation

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
