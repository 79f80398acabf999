"""Rooms on the pages: found and booked in three taps, taken, across clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from passapp.bookings.models import Booking
from passapp.bookings.rules import Policy, Rate, Tier
from passapp.kernel.wall_time import instants_of
from tests.bookings.rooms import room
from tests.browser.rooms import PARIS, at, book_it, next_week, no_violation, results, title
from tests.scenes import rows

pytestmark = pytest.mark.browser

ISLAND = ZoneInfo("Indian/Reunion")


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def lea(world):
    """A member of the hangar."""
    return world.member(given_name="Léa")


def test_a_room_elsewhere_is_found_and_booked_in_three_taps_and_cancelled_at_no_cost(world, lea, open_page):
    policy = Policy(is_always_open=True, tiers=(Tier(2, 0),), late_fee_percent=100)
    room(world, policy=policy, rates=(Rate(600),), access="Code 1234, au fond de la cour", contact="Bo, 01 02 03 04 05")
    page = open_page(lea.account_id, "/rooms")
    no_violation(page)
    page.get_by_role("button", name="Chercher").tap()
    found = results(page).filter(has_text="Le Moulin")
    expect(found).to_contain_text("12 € à régler sur place")
    assert "start=" in page.url, "the search can be shared"
    no_violation(page)
    found.get_by_role("link", name="Réserver Salle Bleue, Le Moulin").tap()
    expect(page.get_by_text("Annulation : sans frais jusqu’à")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Réserver", exact=True).tap()
    title(page, "C’est réservé").to_be_visible()
    expect(page.get_by_text("Code 1234, au fond de la cour")).to_be_visible()
    expect(page.get_by_text("Bo, 01 02 03 04 05")).to_be_visible()
    no_violation(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Ajouter à mon agenda").tap()
    assert download.value.suggested_filename.endswith(".ics")
    page.get_by_role("button", name="Annuler sans frais").tap()
    expect(page.get_by_text("Vous ne payez rien.")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Oui, annuler").tap()
    title(page, "Réservation annulée").to_be_visible()
    [booking] = rows(world, Booking)
    assert (booking.state, booking.fee) == ("cancelled", 0)


def test_going_back_from_a_room_shows_the_same_results_again(world, lea, open_page):
    room(world)
    page = open_page(lea.account_id, f"/rooms?{at(next_week(world, 9))}&where=all")
    page.get_by_role("link", name="Réserver Salle Bleue, Le Moulin").tap()
    title(page, "Salle Bleue").to_be_visible()
    page.get_by_role("link", name="Trouver une salle").tap()
    expect(page.get_by_text("Dans tout le réseau")).to_be_visible()
    expect(page.get_by_text("1 salle libre")).to_be_visible()


def test_nothing_free_offers_other_ways_and_one_of_them_finds_a_room(world, lea, open_page):
    nine = next_week(world, 9)
    book_it(world, world.member(), room(world), nine)
    page = open_page(lea.account_id, f"/rooms?{at(nine)}")
    expect(page.get_by_text("Aucune salle libre à cette heure")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="À 2 h près").tap()
    expect(results(page)).to_contain_text("Autre heure")
    expect(results(page)).to_contain_text("11 h–13 h")


def test_who_comes_second_is_offered_the_next_free_time_and_other_rooms(world, lea, open_page):
    nine = next_week(world, 9)
    taken = room(world)
    room(world, name="Salle Verte")
    page = open_page(lea.account_id, f"/rooms/{taken}?{at(nine)}")
    button = page.get_by_role("button", name="Réserver", exact=True)
    expect(button).to_be_visible()
    book_it(world, world.member(), taken, nine)
    button.tap()
    expect(page.get_by_text("C’est déjà pris à cette heure")).to_be_visible()
    expect(page.get_by_role("link", name="Salle Verte, Le Moulin")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Libre :").tap()
    expect(page.get_by_text("11 h–13 h")).to_be_visible()
    button.tap()
    title(page, "C’est réservé").to_be_visible()
    assert [row.local_start.hour for row in rows(world, Booking) if row.member_id == lea.id] == [11]


def test_a_lost_answer_books_nothing_twice(world, lea, open_page):
    page = open_page(lea.account_id, f"/rooms/{room(world)}?{at(next_week(world, 9))}")
    button = page.get_by_role("button", name="Réserver", exact=True)
    expect(button).to_be_visible()

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/api/v1/bookings", lose, times=1)
    button.tap()
    expect(page.get_by_role("alert")).to_contain_text("Pas de réseau")
    button.tap()
    title(page, "C’est réservé").to_be_visible()
    assert len(rows(world, Booking)) == 1


def test_all_that_speaks_against_it_is_said_at_once_before_anything_is_sent(world, lea, open_page):
    only = room(world, policy=Policy(is_always_open=True, longest=60), capacity=1)
    page = open_page(lea.account_id, f"/rooms/{only}?{at(next_week(world, 9))}")
    expect(page.get_by_text("On réserve ici pour 1 h au plus")).to_be_visible()
    expect(page.get_by_text("Il y a de la place pour 1 personne")).to_be_visible()
    expect(page.get_by_role("button", name="Réserver", exact=True)).to_have_count(0)
    no_violation(page)


def test_a_morning_in_reunion_is_booked_from_paris_by_the_clocks_of_reunion(world, lea, open_page):
    varangue = world.place("varangue", "La Varangue", zone="Indian/Reunion", town="Saint-Denis")
    room(world, varangue, name="Varangue haute")
    nine = next_week(world, 9)
    there = nine.replace(tzinfo=ISLAND)
    page = open_page(lea.account_id, f"/rooms?{at(nine)}&where=all")
    here = f"heure de Saint-Denis, {there.astimezone(PARIS).hour} h chez vous"
    expect(results(page)).to_contain_text(here)
    page.get_by_role("link", name="Réserver Varangue haute, La Varangue").tap()
    page.get_by_role("button", name="Réserver", exact=True).tap()
    title(page, "C’est réservé").to_be_visible()
    expect(page.get_by_text("9 h–11 h")).to_be_visible()
    expect(page.get_by_text(here)).to_be_visible()
    [booking] = rows(world, Booking)
    assert (booking.starts_at, booking.local_start) == (there.astimezone(UTC), nine)


def half_past_two(world, times):
    """The next half past two that Paris's clocks show so many times."""
    day = world.now.astimezone(PARIS).date()
    days = (day + timedelta(days=n) for n in range(2, 366))
    walls = (datetime.combine(day, time(2, 30)) for day in days)
    return next(wall for wall in walls if len(instants_of(wall, PARIS)) == times)


def test_a_time_that_the_clocks_leave_out_is_replaced_by_the_one_after_it(world, lea, open_page):
    page = open_page(lea.account_id, f"/rooms/{room(world)}?{at(half_past_two(world, 0), hours=1)}")
    expect(page.get_by_role("alert")).to_contain_text("Cette heure n’existe pas ce jour-là")
    no_violation(page)
    page.get_by_role("button", name="3 h 30").tap()
    expect(page.get_by_text("3 h 30–4 h 30")).to_be_visible()


def test_a_time_that_the_clocks_show_twice_is_asked_about_and_nothing_is_guessed(world, lea, open_page):
    twice = half_past_two(world, 2)
    page = open_page(lea.account_id, f"/rooms/{room(world)}?{at(twice, hours=1)}")
    expect(page.get_by_role("alert")).to_contain_text("Cette heure existe deux fois")
    page.get_by_role("button", name="2 h 30, la seconde fois").tap()
    page.get_by_role("button", name="Réserver", exact=True).tap()
    title(page, "C’est réservé").to_be_visible()
    [booking] = rows(world, Booking)
    assert booking.starts_at == instants_of(twice, PARIS)[1]


def test_a_booking_is_moved_and_its_page_says_when_it_is_now(world, lea, open_page):
    booking = book_it(world, lea, room(world), next_week(world, 9))
    page = open_page(lea.account_id, "/bookings")
    no_violation(page)
    page.get_by_role("link", name="Salle Bleue, Le Moulin").tap()
    page.get_by_role("button", name="Changer").tap()
    page.get_by_label("De", exact=True).select_option(label="15 h")
    expect(page.get_by_role("dialog").get_by_text("15 h–17 h")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("15 h–17 h")).to_be_visible()
    [row] = rows(world, Booking)
    assert (str(row.id), row.local_start.hour, row.sequence) == (booking["id"], 15, 1)


def test_a_booking_is_repeated_each_date_shown_first_and_one_that_is_taken_left_out(world, lea, open_page):
    nine, here = next_week(world, 9), room(world, rates=(Rate(600),))
    book_it(world, lea, here, nine)
    book_it(world, world.member(), here, nine + timedelta(days=14))
    page = open_page(lea.account_id, "/bookings")
    page.get_by_role("link", name="Salle Bleue, Le Moulin").tap()
    page.get_by_role("button", name="Répéter").tap()
    page.get_by_label("Combien de fois de plus ?").fill("3")
    page.get_by_role("button", name="Voir les dates").tap()
    dates = page.get_by_role("dialog").get_by_role("listitem").filter(has_text="9 h–11 h")
    expect(dates).to_have_count(3)
    expect(dates.nth(0)).to_contain_text("Libre")
    expect(dates.nth(1)).to_contain_text("Déjà pris")
    no_violation(page)
    page.get_by_role("button", name="Réserver 2 dates, 24 € en tout").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    mine = sorted(row.local_start for row in rows(world, Booking) if row.member_id == lea.id)
    assert mine == [nine + timedelta(days=days) for days in (0, 7, 21)]


def test_the_rest_of_a_series_is_cancelled_at_a_price_that_is_said_before(world, lea, open_page):
    nine, here = (
        next_week(world, 9),
        room(world, policy=Policy(is_always_open=True, late_fee_percent=50), rates=(Rate(600),)),
    )
    body = {"resource_id": here, "title": "Chorale", "people": 1, "repeat": {"every": "week", "count": 3}}
    body |= {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    answer = world.as_member(lea).post("/api/v1/series", json=body)
    assert answer.status_code == 201, answer.text
    page = open_page(lea.account_id, f"/bookings/{answer.json()['occurrences'][1]['booking_id']}")
    page.get_by_role("button", name="Annuler (6 €)").tap()
    page.get_by_label("Celle-ci et les suivantes").check()
    expect(page.get_by_text("2 dates à annuler, 12 € en tout.")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Oui, annuler").tap()
    title(page, "Réservation annulée").to_be_visible()
    states = [row.state for row in sorted(rows(world, Booking), key=lambda row: row.starts_at)]
    assert states == ["booked", "cancelled", "cancelled"]


def test_who_waits_for_a_room_is_offered_it_once_it_is_free_and_confirms(world, lea, open_page):
    nine, here, other = next_week(world, 9), room(world), world.member()
    booking = book_it(world, other, here, nine)
    page = open_page(lea.account_id, f"/rooms/{here}?{at(nine)}")
    page.get_by_role("button", name="Me prévenir si ça se libère").tap()
    expect(page.get_by_role("heading", name="En attente d’une place")).to_be_visible()
    no_violation(page)
    gone = world.as_member(other).post(
        f"/api/v1/bookings/{booking['id']}/cancel", json={}, headers={"If-Match": f'"{booking["version"]}"'}
    )
    assert gone.status_code == 200, gone.text
    page.reload()
    expect(page.get_by_role("heading", name="C’est libre pour vous")).to_be_visible()
    page.get_by_role("link", name="À confirmer avant").tap()
    title(page, "Gardée pour vous jusqu’à").to_be_visible()
    page.get_by_role("button", name="Confirmer").tap()
    title(page, "C’est réservé").to_be_visible()


def test_who_leaves_early_is_asked_before_the_room_is_free(world, lea, open_page):
    here, now = room(world), world.now
    begun = (now - timedelta(minutes=45)).astimezone(PARIS).replace(tzinfo=None, second=0, microsecond=0)
    world.now = now - timedelta(minutes=61)
    booking = book_it(world, lea, here, begun - timedelta(minutes=begun.minute % 15))
    world.now = now
    page = open_page(lea.account_id, f"/bookings/{booking['id']}")
    page.get_by_role("button", name="Je pars : libérer la salle").tap()
    expect(page.get_by_role("dialog")).to_contain_text("Elle est libre tout de suite pour les suivants")
    no_violation(page)
    assert [row.ended_at for row in rows(world, Booking)] == [None]
    page.get_by_role("button", name="Oui, libérer").tap()
    expect(page.get_by_role("status").first).to_contain_text("La salle est libérée")
    assert [row.ended_at for row in rows(world, Booking)] == [now]
