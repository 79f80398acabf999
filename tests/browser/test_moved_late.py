"""Changing a booking: its page says before what it comes to at least, and that what was accepted is given up."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.bookings.models import Booking
from passapp.bookings.rules import Approval, Policy, Rate, Tier
from tests.bookings.desk import deed
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
    said = "L’annuler coûte déjà 18 € : une fois changée, elle ne reviendra pas à moins."
    expect(dialog.get_by_text(said)).to_be_visible()
    expect(dialog.get_by_text("18 € à régler sur place")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").tap()
    expect(dialog).to_have_count(0)
    assert [row.price for row in rows(world, Booking)] == [1800]


def test_that_an_accepted_booking_is_given_up_is_said_before_it_is_moved_or_for_more_people(world, open_page):
    world.now = datetime.now(UTC)
    asks = Policy(is_always_open=True, approval=Approval.ALWAYS, tiers=(Tier(24 * 30, 0),), late_fee_percent=75)
    lea = world.member()
    nine = next_week(world, 9)
    made = book_it(world, lea, room(world, policy=asks, rates=[Rate(hour=1200)]), nine)
    assert deed(world.as_manager(world.moulin), made, "answer", accept=True).status_code == 200
    page = open_page(lea, f"/bookings/{made['id']}")
    page.get_by_role("button", name="Changer").tap()
    dialog = page.get_by_role("dialog")
    given_up = dialog.get_by_role("alert").filter(has_text="Le lieu devra répondre de nouveau")
    page.get_by_label("Pour quoi faire").fill("Répétition")
    expect(given_up).to_have_count(0)
    dialog.get_by_label("Personnes").fill("3")
    expect(given_up).to_contain_text("vous la rendez tout de suite")
    expect(given_up).to_contain_text("vous devrez quand même 18 €")
    dialog.get_by_label("Personnes").fill("1")
    expect(given_up).to_have_count(0)
    page.get_by_label("à", exact=True).select_option(f"{nine:%Y-%m-%dT10:00}")
    expect(given_up).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").tap()
    expect(dialog).to_have_count(0)
    assert [row.state for row in rows(world, Booking)] == ["requested"]
