"""Dates of a series that cannot be had: which ones, why, and the others all the same."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.bookings.models import Booking
from passapp.bookings.rules import Rate
from tests.bookings.rooms import room
from tests.browser.conftest import no_violation
from tests.browser.rooms import book_it, next_week
from tests.scenes import rows

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def lea(world):
    """A member of the hangar."""
    return world.member(given_name="Léa")


def mine(world, lea):
    """When Léa's bookings begin."""
    return sorted(row.local_start for row in rows(world, Booking) if row.member_id == lea.id)


def test_moving_a_series_names_the_date_that_is_taken_and_moves_the_others_when_told_to(world, lea, open_page):
    nine, here = next_week(world, 9), room(world, rates=(Rate(600),))
    body = {"resource_id": here, "title": "Chorale", "people": 1, "repeat": {"every": "week", "count": 3}}
    body |= {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    made = world.as_member(lea).post("/api/v1/series", json=body).json()
    book_it(world, world.member(), here, nine + timedelta(days=7, hours=6))
    page = open_page(lea, f"/bookings/{made['occurrences'][0]['booking_id']}")
    page.get_by_role("button", name="Changer").tap()
    dialog = page.get_by_role("dialog")
    page.get_by_label("De", exact=True).select_option(label="15 h")
    page.get_by_label("Toute la série").check()
    expect(
        dialog.get_by_text("2 dates changent sur 3, 24 € en tout ; les autres ne sont pas possibles.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Enregistrer")).to_be_in_viewport()
    page.get_by_role("button", name="Enregistrer").tap()
    expect(dialog.get_by_text("Dates impossibles : 1 sur 3")).to_be_visible()
    expect(dialog.get_by_role("listitem").filter(has_text="15 h–17 h")).to_have_count(1)
    expect(dialog.get_by_role("listitem").filter(has_text="15 h–17 h")).to_contain_text("Déjà pris")
    assert mine(world, lea) == [nine + timedelta(days=days) for days in (0, 7, 14)]
    no_violation(page)
    page.get_by_role("button", name="Déplacer les 2 autres dates").tap()
    expect(dialog).to_have_count(0)
    assert mine(world, lea) == [nine + timedelta(days=d, hours=h) for d, h in ((0, 6), (7, 0), (14, 6))]


def test_where_the_date_that_is_open_is_taken_the_others_can_be_moved_all_the_same(world, lea, open_page):
    nine, here = next_week(world, 9), room(world)
    body = {"resource_id": here, "title": "Chorale", "people": 1, "repeat": {"every": "week", "count": 3}}
    body |= {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    made = world.as_member(lea).post("/api/v1/series", json=body).json()
    book_it(world, world.member(), here, nine + timedelta(hours=6))
    page = open_page(lea, f"/bookings/{made['occurrences'][0]['booking_id']}")
    page.get_by_role("button", name="Changer").tap()
    page.get_by_label("Toute la série").check()
    page.get_by_label("De", exact=True).select_option(label="15 h")
    expect(page.get_by_text("2 dates changent sur 3 ; les autres ne sont pas possibles.")).to_be_visible()
    page.get_by_role("button", name="Enregistrer").tap()
    page.get_by_role("button", name="Déplacer les 2 autres dates").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert mine(world, lea) == [nine + timedelta(days=d, hours=h) for d, h in ((0, 0), (7, 6), (14, 6))]


def test_a_series_that_is_moved_onto_its_own_dates_is_not_said_to_be_taken(world, lea, open_page):
    nine, here = next_week(world, 9), room(world)
    body = {"resource_id": here, "title": "Chorale", "people": 1, "repeat": {"every": "week", "count": 3}}
    body |= {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    made = world.as_member(lea).post("/api/v1/series", json=body).json()
    page = open_page(lea, f"/bookings/{made['occurrences'][0]['booking_id']}")
    page.get_by_role("button", name="Changer").tap()
    page.get_by_label("Toute la série").check()
    page.get_by_label("Jour").fill(f"{nine + timedelta(days=7):%Y-%m-%d}")
    expect(page.get_by_text("3 dates changent.")).to_be_visible()
    expect(page.get_by_text("C’est déjà pris")).to_have_count(0)
    page.get_by_role("button", name="Enregistrer").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert mine(world, lea) == [nine + timedelta(days=days) for days in (7, 14, 21)]


def test_a_date_that_is_lost_after_the_dates_were_shown_is_named_before_anything_is_booked(world, lea, open_page):
    nine, here = next_week(world, 9), room(world, rates=(Rate(600),))
    booking = book_it(world, lea, here, nine)
    page = open_page(lea, f"/bookings/{booking['id']}")
    page.get_by_role("button", name="Répéter").tap()
    page.get_by_label("Combien de fois de plus ?").fill("2")
    page.get_by_role("button", name="Voir les dates").tap()
    button = page.get_by_role("button", name="Réserver 2 dates, 24 € en tout")
    expect(button).to_be_visible()
    book_it(world, world.member(), here, nine + timedelta(days=14))
    button.tap()
    expect(page.get_by_role("dialog").get_by_text("Dates impossibles : 1 sur 2")).to_be_visible()
    assert mine(world, lea) == [nine]
    page.get_by_role("button", name="Réserver 1 date, 12 € en tout").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert mine(world, lea) == [nine, nine + timedelta(days=7)]
