"""Moving a booking when cancelling it would cost something: its page says what it comes to at least."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.bookings.models import Booking
from passapp.bookings.rules import Policy, Rate, Tier
from tests.bookings.rooms import room
from tests.browser.conftest import no_violation
from tests.browser.rooms import book_it, next_week
from tests.scenes import rows

pytestmark = pytest.mark.browser


def test_what_it_comes_to_at_least_is_said_before_it_is_made_shorter(world, open_page):
    world.now = datetime.now(UTC)  # the browser's clock is the real one
    late = Policy(is_always_open=True, tiers=(Tier(24 * 30, 0),), late_fee_percent=75)
    lea = world.member()
    nine = next_week(world, 9)
    made = book_it(world, lea, room(world, policy=late, rates=[Rate(hour=1200)]), nine)
    page = open_page(lea, f"/bookings/{made['id']}")
    page.get_by_role("button", name="Changer").tap()
    dialog = page.get_by_role("dialog")
    page.get_by_label("à", exact=True).select_option(f"{nine:%Y-%m-%dT10:00}")
    said = "L’annuler coûte déjà 18 € : déplacée ou raccourcie, elle ne reviendra pas à moins."
    expect(dialog.get_by_text(said)).to_be_visible()
    expect(dialog.get_by_text("18 € à régler sur place")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").tap()
    expect(dialog).to_have_count(0)
    assert [row.price for row in rows(world, Booking)] == [1800]
