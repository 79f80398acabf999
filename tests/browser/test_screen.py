"""The tablet outside a room: free or busy, booked on the spot, somebody comes, and the network goes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.bookings.models import Booking
from passapp.bookings.rules import Policy, Rate, span_between
from passapp.bookings.service import Wanted
from passapp.kernel.clock import zone_named
from passapp.members.models import Member
from tests.bookings import rooms
from tests.browser.conftest import no_violation, open_context, wait_until
from tests.browser.test_door_camera import pair_a_phone
from tests.places.test_places import set_hours

pytestmark = pytest.mark.browser

TABLET = {"viewport": {"width": 1024, "height": 768}, "has_touch": True}


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC).replace(second=7, microsecond=0)


@pytest.fixture
def blue(world):
    """The Salle Bleue of the Moulin, 12 euros an hour."""
    return rooms.room(world, policy=Policy(is_always_open=True, grid=1), rates=[Rate(hour=1200)])


@pytest.fixture
def tablet(world, serve, browser):
    """A paired tablet that stands outside of no room yet."""
    context = open_context(browser, keeps_app=True, locale="fr-FR", timezone_id="Europe/Paris", **TABLET)
    page = context.new_page()
    pair_a_phone(page, serve(world.app), world, world.moulin)
    expect(page.get_by_role("status", name="État de ce téléphone")).to_be_visible()
    yield page
    context.close()


def stand_outside(page, name="Salle Bleue"):
    page.goto(re.sub(r"/door.*", "/screen", page.url))
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def book_from(world, room_id, minutes, lasts=60):
    """Léa has it, so many minutes from now."""
    lea = world.member(given_name="Léa", family_name="Marchand")
    with world.database.write() as session:
        resource = rooms.service.get_resource(session, room_id)
        at = world.now.replace(second=0) + timedelta(minutes=minutes)
        span = span_between(at, at + timedelta(minutes=lasts), zone_named("Europe/Paris"))
        member, wanted = session.get_one(Member, lea.id), Wanted(span, "Entretien annuel", 2)
        return rooms.service.book(session, resource, member, wanted, now=world.now, actor=rooms.SYSTEM).id


def said(at):
    """A time of today as a person says it in French."""
    local = at.astimezone(zone_named("Europe/Paris"))
    return f"{local.hour} h {local:%M}" if local.minute else f"{local.hour} h"


def stored(world, booking_id):
    with world.session() as session:
        return session.get_one(Booking, booking_id)


def test_a_free_room_is_taken_in_two_taps_at_a_price_that_is_said_before(world, blue, tablet):
    soon = said(world.now + timedelta(minutes=1))
    stand_outside(tablet)
    expect(tablet.get_by_text("Libre", exact=True)).to_be_visible()
    no_violation(tablet)
    tablet.get_by_role("button", name=re.compile("^Jusqu.à ")).nth(1).click()
    expect(tablet.get_by_text(re.compile(r"€ à régler à l.accueil"))).to_be_visible()
    no_violation(tablet)
    tablet.get_by_role("button", name="Réserver", exact=True).click()
    expect(tablet.get_by_text(re.compile("Occupée jusqu.à"))).to_be_visible()
    expect(tablet.get_by_text("Réservée sur place")).to_be_visible()
    no_violation(tablet)
    tablet.get_by_role("button", name="Nous partons").click()
    tablet.get_by_role("dialog").get_by_role("button", name="Nous partons").click()
    expect(tablet.get_by_text(re.compile("Occupée jusqu.à"))).to_have_text(f"Occupée jusqu’à {soon}")


def test_whoever_passes_by_reads_who_comes_and_not_what_for(world, blue, tablet):
    book_from(world, blue, 25)
    stand_outside(tablet)
    expect(tablet.get_by_text("Léa M.")).to_be_visible()
    expect(tablet.get_by_text(re.compile("Libre jusqu.à"))).to_be_visible()
    assert "Entretien" not in tablet.content()


def test_whoever_comes_says_so(world, blue, tablet):
    made = book_from(world, blue, 5)
    stand_outside(tablet)
    come = tablet.get_by_role("button", name=re.compile("Léa M., nous sommes là"))
    come.click()
    expect(come).to_have_count(0)
    wait_until(tablet, lambda: stored(world, made).came_at is not None)


def test_a_room_of_a_closed_place_says_when_it_opens_and_books_nothing(world, tablet):
    tomorrow = world.now.astimezone(zone_named("Europe/Paris")) + timedelta(days=1)
    hours = [{"weekday": tomorrow.weekday(), "opens": "08:30", "closes": "18:00"}]
    set_hours(world.as_manager(world.moulin), world.moulin, hours, public_holidays="open")
    rooms.room(world, policy=Policy())
    stand_outside(tablet)
    expect(tablet.get_by_text("Fermé jusqu’à demain 8 h 30")).to_be_visible()
    expect(tablet.get_by_text("demandez à l’accueil")).to_have_count(0)
    no_violation(tablet)


def test_without_network_it_goes_on_with_the_last_day_and_says_so(world, blue, tablet):
    made = book_from(world, blue, 5)
    stand_outside(tablet)
    expect(tablet.get_by_text(re.compile("nous sommes là"))).to_be_visible()
    tablet.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tablet.context.set_offline(True)
    tablet.reload()
    expect(tablet.get_by_text(re.compile("Hors connexion"))).to_be_visible()
    expect(tablet.get_by_role("button", name=re.compile("^Jusqu.à "))).to_have_count(0)
    tablet.get_by_role("button", name=re.compile("nous sommes là")).click()
    no_violation(tablet)
    assert stored(world, made).came_at is None
    tablet.context.set_offline(False)
    expect(tablet.get_by_text(re.compile("Hors connexion"))).to_have_count(0)
    wait_until(tablet, lambda: stored(world, made).came_at is not None)


def test_a_room_that_was_taken_away_asks_for_another(world, blue, tablet):
    stand_outside(tablet)
    with world.database.write() as session:
        rooms.service.get_resource(session, blue).retired_at = world.now
    tablet.reload()
    expect(tablet.get_by_text("Devant quelle salle êtes-vous ?")).to_be_visible()


def test_a_tablet_that_was_cut_off_forgets_the_names(world, blue, tablet):
    book_from(world, blue, 25)
    stand_outside(tablet)
    expect(tablet.get_by_text("Léa M.")).to_be_visible()
    manager = world.as_manager(world.moulin)
    doors = f"/api/v1/places/{world.moulin.id}/doors"
    for door in manager.get(doors).json()["items"]:
        manager.delete(f"{doors}/{door['id']}")
    tablet.reload()
    expect(tablet.get_by_text(re.compile("reliée à aucun lieu"))).to_be_visible()
    assert tablet.evaluate("localStorage.getItem('passapp.screen')") is None
