"""The side of the place that has the rooms: its week, its requests, closures, prices, calendars, who was trained."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.bookings.models import Booking, Claim, ClaimKind, ExternalCalendar, Resource, Training
from passapp.bookings.rules import Approval, Policy, Rate, Tier
from tests.bookings.rooms import room
from tests.browser.conftest import DESKTOP, PHONE, open_context
from tests.browser.rooms import PARIS, at, book_it, next_week, no_violation, results, title
from tests.mails import mails
from tests.scenes import rows
from tests.settlement.months import agree

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def lea(world):
    """A member of the hangar."""
    return world.member(given_name="Léa")


def drag(page, event, days):
    """Drag it so many columns on, as a hand does."""
    box = event.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + days * box["width"], y, steps=8)
    page.mouse.up()


def test_a_manager_drags_a_booking_to_another_day_of_the_week(world, lea, open_page):
    nine = next_week(world, 9)
    book_it(world, lea, room(world), nine)
    week = f"/places/{world.moulin.id}/bookings?from={nine:%Y-%m-%d}"
    page = open_page(world.account(Role.MANAGER, world.moulin), week, size=DESKTOP)
    event = page.locator(".ec-event").filter(has_text="Léa B., Salle Bleue")
    expect(event).to_be_visible()
    no_violation(page)
    drag(page, event, 1)
    expect(page.get_by_role("status").first).to_contain_text("Déplacée")
    [booking] = rows(world, Booking)
    assert booking.local_start == nine + timedelta(days=1)


def tab_to(page, locator):
    """Press Tab until it has the focus, as who has no mouse does."""
    for _ in range(60):
        if locator.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail("Tab never comes to it")


def test_a_manager_moves_a_booking_of_the_week_by_keyboard_alone(world, lea, open_page):
    nine = next_week(world, 9)
    book_it(world, lea, room(world), nine)
    week = f"/places/{world.moulin.id}/bookings?from={nine:%Y-%m-%d}"
    page = open_page(world.account(Role.MANAGER, world.moulin), week, size=DESKTOP)
    listed = page.get_by_role("link", name="Salle Bleue, Léa B.")
    expect(listed).to_be_visible()
    tab_to(page, listed)
    page.keyboard.press("Enter")
    change = page.get_by_role("button", name="Changer", exact=True)
    expect(change).to_be_visible()
    tab_to(page, change)
    page.keyboard.press("Enter")
    begins = page.get_by_role("dialog").get_by_label("De", exact=True)
    expect(begins).to_be_visible()
    tab_to(page, begins)
    for _ in range(4):  # quarters of an hour
        page.keyboard.press("ArrowDown")
    save = page.get_by_role("dialog").get_by_role("button", name="Enregistrer")
    tab_to(page, save)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("C’est changé")
    [booking] = rows(world, Booking)
    assert (booking.local_start, booking.local_end) == (nine + timedelta(hours=1), nine + timedelta(hours=3))


def test_the_week_shows_what_is_closed_and_what_another_tool_has_taken(world, lea, open_page):
    nine, blue, manager = next_week(world, 9), room(world), world.account(Role.MANAGER, world.moulin)
    closing = {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    client = world.signed_in(manager)
    made = client.post(f"/api/v1/places/{world.moulin.id}/closures", json=closing | {"reason": "Travaux"})
    assert made.status_code == 201, made.text
    starts_at = nine.replace(hour=14, tzinfo=PARIS).astimezone(UTC)
    with world.database.write() as session:
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
        session.add(Claim(resource_id=blue, kind=ClaimKind.EXTERNAL, **times))
    week = f"/places/{world.moulin.id}/bookings?from={nine:%Y-%m-%d}"
    page = open_page(manager, week, size=DESKTOP)
    listed = page.get_by_role("listitem")
    expect(listed.filter(has_text="Tout le lieu, fermé : Travaux")).to_contain_text("9 h–11 h")
    expect(listed.filter(has_text="Salle Bleue, pris dans l’autre agenda")).to_contain_text("14 h–16 h")
    expect(page.locator(".ec-bg-event")).to_have_text("Tout le lieu, fermé : Travaux")
    expect(page.locator(".ec-event")).to_contain_text("Salle Bleue, pris dans l’autre agenda")
    no_violation(page)


def test_a_manager_adds_a_room_with_its_price_and_it_can_be_found(world, lea, open_page):
    page = open_page(world.account(Role.MANAGER, world.moulin), f"/places/{world.moulin.id}/rooms")
    no_violation(page)
    page.get_by_role("link", name="Ajouter une salle").first.tap()
    page.get_by_label("Nom", exact=True).fill("Salle Rouge")
    page.get_by_label("Jour et nuit").check()
    page.get_by_role("button", name="Ajouter un tarif").tap()
    page.get_by_label("L’heure (€)").fill("7.5")
    page.get_by_text("Autres réglages").tap()
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").tap()
    expect(page.get_by_role("heading", name="Salle Rouge")).to_be_visible()
    [made] = rows(world, Resource)
    assert made.name == "Salle Rouge"
    found = open_page(lea.account_id, f"/rooms?{at(next_week(world, 9))}&where={world.moulin.id}")
    expect(results(found)).to_contain_text("15 € à régler sur place")


def test_changing_a_price_changes_nothing_else_of_a_room(world, open_page):
    policy = Policy(
        is_always_open=True, notice=90, visitor_advance_days=20, tiers=(Tier(48, 10), Tier(24, 50)), grace=None
    )
    made = room(
        world, policy=policy, rates=(Rate(600, 2000, tier="solidaire", is_home=True),), features=["screen", "four"]
    )
    client = world.as_manager(world.moulin)
    before = client.get(f"/api/v1/resources/{made}").json()
    page = open_page(world.account(Role.MANAGER, world.moulin), f"/places/{world.moulin.id}/rooms/{made}")
    page.get_by_label("L’heure (€)").fill("8")
    page.get_by_role("button", name="Enregistrer").tap()
    expect(page.get_by_role("link", name="Modifier Salle Bleue")).to_be_visible()
    after = client.get(f"/api/v1/resources/{made}").json()
    assert after["rates"] == [before["rates"][0] | {"hour": 800}]
    assert {name: after[name] for name in before if name not in {"rates", "version"}} == {
        name: before[name] for name in before if name not in {"rates", "version"}
    }


def test_closing_says_what_is_booked_then_and_cancels_it_when_told_to(world, lea, open_page):
    tomorrow = datetime.combine(world.now.astimezone(PARIS).date() + timedelta(days=1), time(10))
    book_it(world, lea, room(world), tomorrow)
    page = open_page(world.account(Role.MANAGER, world.moulin), f"/places/{world.moulin.id}/closures")
    expect(page.get_by_text("Aucune fermeture prévue")).to_be_visible()
    page.get_by_label("Raison").fill("Travaux")
    page.get_by_role("button", name="Fermer", exact=True).tap()
    expect(page.get_by_role("alert")).to_contain_text("1 réservation tombe pendant ce temps")
    expect(page.get_by_role("alert")).to_contain_text("Salle Bleue, Léa B.")
    no_violation(page)
    page.get_by_role("button", name="Fermer et les annuler").tap()
    expect(page.get_by_role("button", name="Rouvrir")).to_be_visible()
    assert [row.state for row in rows(world, Booking)] == ["cancelled"]
    page.get_by_role("button", name="Rouvrir").tap()
    expect(page.get_by_role("dialog")).to_contain_text("Les réservations annulées le restent")
    no_violation(page)
    page.get_by_role("dialog").get_by_role("button", name="Rouvrir").tap()
    expect(page.get_by_text("Aucune fermeture prévue")).to_be_visible()


def test_a_manager_answers_from_the_mail_without_signing_in_and_nothing_before_they_press(world, serve, browser, lea):
    asks = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS))
    world.account(Role.MANAGER, world.moulin)
    book_it(world, lea, asks, next_week(world, 9))
    [link] = {
        found for mail in mails(world) for found in re.findall(r"/answer#\S+", mail.get_body(("plain",)).get_content())
    }
    with_phone = open_context(browser, locale="fr-FR", timezone_id="Europe/Paris", **PHONE)
    page = with_phone.new_page()
    page.goto(serve(world.app) + link)
    expect(page.get_by_text("Léa B., membre du Hangar")).to_be_visible()
    no_violation(page)
    assert [row.state for row in rows(world, Booking)] == ["requested"]
    page.get_by_role("button", name="Accepter").tap()
    expect(page.get_by_role("alert")).to_contain_text("Accepté")
    assert [row.state for row in rows(world, Booking)] == ["booked"]
    page.reload()
    expect(page.get_by_text("Ce lien ne marche plus")).to_be_visible()
    no_violation(page)
    with_phone.close()


def test_a_request_is_accepted_by_the_place_and_the_member_reads_it(world, lea, open_page):
    asks = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS))
    page = open_page(lea.account_id, f"/rooms/{asks}?{at(next_week(world, 9))}")
    page.get_by_role("button", name="Envoyer la demande").tap()
    title(page, "Demande envoyée, réponse avant").to_be_visible()
    place = open_page(world.account(Role.MANAGER, world.moulin), f"/places/{world.moulin.id}/bookings")
    expect(place.get_by_role("heading", name="1 demande attend votre réponse")).to_be_visible()
    expect(place.get_by_text("Léa B., membre du Hangar")).to_be_visible()
    no_violation(place)
    place.get_by_role("button", name="Accepter la demande de Léa B.").tap()
    expect(place.get_by_role("heading", name="1 demande attend votre réponse")).to_have_count(0)
    page.reload()
    title(page, "C’est réservé").to_be_visible()


def test_a_machine_is_booked_by_those_whom_its_place_trained_and_others_read_whom_to_ask(world, lea, open_page):
    inside = world.member(world.moulin, given_name="Ana", family_name="Bertin")
    policy = Policy(is_always_open=True, needs_training=True)
    laser = room(world, policy=policy, name="Découpeuse", kind="equipment", contact="Bo, 01 02 03 04 05")
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/rooms/{laser}")
    page.get_by_label("Trouver un membre du lieu").fill("bert")
    page.get_by_role("button", name="Ajouter Ana Bertin").tap()
    expect(page.get_by_role("button", name="Retirer Ana B.")).to_be_visible()
    no_violation(page)
    visitor = open_page(lea, f"/rooms/{laser}?{at(next_week(world, 9))}")
    expect(visitor.get_by_text("À qui demander : Bo, 01 02 03 04 05, Le Moulin")).to_be_visible()
    page.get_by_label("Ou le code d’un pass").fill(world.card(lea).short_code)
    page.get_by_role("button", name="Ajouter par le code").tap()
    expect(page.get_by_role("button", name="Retirer Léa B.")).to_be_visible()
    page.get_by_role("button", name="Retirer Ana B.").tap()
    expect(page.get_by_role("button", name="Retirer Ana B.")).to_have_count(0)
    assert [row.member_id for row in rows(world, Training)] == [lea.id] != [inside.id]


def test_a_calendar_kept_elsewhere_is_read_and_what_cannot_be_read_is_said(world, lea, open_page):
    blue = room(world)
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/rooms/{blue}")
    page.get_by_label("Adresse de l’agenda").fill("http://192.0.2.1/bleue.ics")
    page.get_by_role("button", name="Lire cet agenda").tap()
    expect(page.get_by_label("Votre accord")).to_have_value("always")
    wanted = book_it(world, lea, room(world, name="Autre"), next_week(world, 9))["id"]
    with world.database.write() as session:
        calendar = session.get_one(ExternalCalendar, blue)
        calendar.read_at, calendar.tried_at, calendar.problem = world.now - timedelta(hours=1), world.now, "not_there"
        calendar.collisions = [wanted]
    page.reload()
    expect(page.get_by_text("Il n'y a pas d'agenda à cette adresse")).to_be_visible()
    expect(page.get_by_text("1 réservation tombe sur une heure prise là-bas")).to_be_visible()
    no_violation(page)
    page.get_by_role("link", name=re.compile("Chorale")).tap()
    title(page, "C’est réservé").to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Ne plus le lire").tap()
    expect(page.get_by_role("button", name="Lire cet agenda")).to_be_visible()
    assert rows(world, ExternalCalendar) == []


def test_a_rooms_address_for_calendars_is_shown_once_and_cut_off_again(world, lea, open_page):
    book_it(world, lea, blue := room(world), next_week(world, 9))
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/rooms/{blue}")
    page.get_by_text("Suivre cette salle dans un agenda").tap()
    page.get_by_role("button", name="Adresse « pris ou libre »").tap()
    address = page.get_by_label("Adresse à copier (Pris ou libre)").input_value()
    no_violation(page)
    assert "Chorale" not in (busy := world.client().get(address).text)
    assert "BEGIN:VEVENT" in busy
    page.get_by_role("button", name="Adresse complète").tap()
    full = page.get_by_label("Adresse à copier (Complète)").input_value()
    assert "Chorale" in world.client().get(full).text
    page.reload()
    page.get_by_text("Suivre cette salle dans un agenda").tap()
    cut = page.get_by_role("button", name=re.compile("Couper cette adresse, Pris ou libre"))
    expect(cut).to_have_count(1)
    expect(page.get_by_label("Adresse à copier")).to_have_count(0)
    cut.tap()
    expect(cut).to_have_count(0)
    assert tuple(world.client().get(each).status_code for each in (address, full)) == (404, 200)


def test_a_places_address_for_calendars_holds_all_its_bookings(world, lea, open_page):
    book_it(world, lea, room(world), next_week(world, 9))
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/rooms")
    page.get_by_text("Suivre le lieu dans un agenda").tap()
    page.get_by_role("button", name="Créer une adresse").tap()
    address = page.get_by_label("Adresse à copier (Tout le lieu)").input_value()
    assert "Chorale" in world.client().get(address).text
    no_violation(page)


@pytest.fixture
def weekly(world, lea):
    """Léa asks for three Tuesdays, of a room that the place answers for; gives the first."""
    asks, nine = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)), next_week(world, 9)
    body = {"resource_id": asks, "title": "Chorale", "people": 1, "repeat": {"every": "week", "count": 3}}
    body |= {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    answer = world.as_member(lea).post("/api/v1/series", json=body)
    assert answer.status_code == 201, answer.text
    return nine


def states(world):
    return [row.state for row in sorted(rows(world, Booking), key=lambda row: row.starts_at)]


def test_a_series_is_one_request_one_date_of_which_is_refused_and_the_rest_accepted_at_once(world, weekly, open_page):
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/bookings")
    expect(page.get_by_role("heading", name="1 demande attend votre réponse")).to_be_visible()
    expect(page.get_by_text("Chaque semaine, mardi · 3 dates")).to_be_visible()
    page.get_by_text("Répondre date par date").tap()
    no_violation(page)
    page.get_by_role("button", name=re.compile("^Refuser, mardi")).nth(1).tap()
    page.get_by_role("dialog").get_by_role("button", name="Refuser").tap()
    expect(page.get_by_text("Chaque semaine, mardi · 2 dates")).to_be_visible()
    assert states(world) == ["requested", "rejected", "requested"]
    page.get_by_role("button", name="Accepter les 2 dates").tap()
    expect(page.get_by_role("heading", name="demande attend")).to_have_count(0)
    assert states(world) == ["booked", "rejected", "booked"]


def test_an_answer_to_what_was_moved_meanwhile_is_not_given_and_the_page_shows_it_as_it_is(
    world, lea, weekly, open_page
):
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/bookings")
    accept = page.get_by_role("button", name="Accepter les 3 dates")
    expect(accept).to_be_visible()
    client = world.as_member(lea)
    first = client.get("/api/v1/me/bookings").json()["items"][0]
    wanted = {"start": f"{weekly:%Y-%m-%d}T14:00", "end": f"{weekly:%Y-%m-%d}T15:00", "people": 1, "title": "Chorale"}
    moved = client.put(f"/api/v1/bookings/{first['id']}", json=wanted, headers={"If-Match": f'"{first["version"]}"'})
    assert moved.status_code == 200, moved.text
    accept.tap()
    expect(page.get_by_role("alert")).to_contain_text("Quelqu’un a modifié cette fiche")
    expect(page.get_by_text("14 h–15 h").first).to_be_visible()
    assert states(world) == ["requested"] * 3


def test_from_the_mail_a_series_is_answered_for_all_the_dates_that_are_shown(world, serve, browser, lea):
    world.account(Role.MANAGER, world.moulin)
    nine, asks = next_week(world, 9), room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS))
    body = {"resource_id": asks, "title": "Chorale", "people": 1, "repeat": {"every": "week", "count": 2}}
    body |= {"start": f"{nine:%Y-%m-%dT%H:%M}", "end": f"{nine + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    assert world.as_member(lea).post("/api/v1/series", json=body).status_code == 201
    [link] = {
        found for mail in mails(world) for found in re.findall(r"/answer#\S+", mail.get_body(("plain",)).get_content())
    }
    with open_context(browser, locale="fr-FR", timezone_id="Europe/Paris", **PHONE) as context:
        page = context.new_page()
        page.goto(serve(world.app) + link)
        expect(page.get_by_text("Chaque semaine, mardi · 2 dates")).to_be_visible()
        page.get_by_text("Toutes les dates").tap()
        expect(page.get_by_role("listitem").filter(has_text="9 h–11 h")).to_have_count(2)
        no_violation(page)
        page.get_by_role("button", name="Accepter les 2 dates").tap()
        expect(page.get_by_role("alert")).to_contain_text("Accepté")
    assert states(world) == ["booked"] * 2


def test_a_home_pays_first_up_to_a_ceiling_and_reads_what_to_charge_back(world, lea, open_page):
    agree(world)
    page = open_page(Role.MANAGER, f"/places/{world.hangar.id}/rooms", place=world.hangar)
    page.get_by_label("Ce lieu avance les réservations de ses membres").check()
    page.get_by_label("Au plus, par membre et par mois (€)").fill("50")
    card = page.locator("section.card").filter(has_text="Avancer les réservations ailleurs")
    card.get_by_role("button", name="Enregistrer").tap()
    expect(card.get_by_text("Rien à refacturer ce mois-là.")).to_be_visible()
    nine = next_week(world, 9)
    book_it(world, lea, room(world, rates=(Rate(1200),)), nine)
    card.get_by_label("Mois", exact=True).fill(f"{nine:%Y-%m}")
    page.reload()
    card.get_by_label("Mois", exact=True).fill(f"{nine:%Y-%m}")
    expect(card.get_by_text("24,00 € à refacturer")).to_be_visible()
    expect(card.get_by_role("listitem")).to_contain_text("Salle Bleue, Le Moulin")
    no_violation(page)
    with page.expect_download() as download:
        card.get_by_role("link", name="Tableur (CSV)").tap()
    assert "Salle Bleue" in download.value.path().read_text(encoding="utf-8")


def test_what_cannot_be_dragged_there_says_why_and_when_it_is_free(world, lea, open_page):
    nine, blue = next_week(world, 9), room(world)
    book_it(world, lea, blue, nine)
    book_it(world, world.member(given_name="Bo"), blue, nine + timedelta(days=1))
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/bookings?from={nine:%Y-%m-%d}", size=DESKTOP)
    event = page.locator(".ec-event").filter(has_text="Léa B.")
    expect(event).to_be_visible()
    drag(page, event, 1)
    expect(page.get_by_role("alert")).to_contain_text("Pas déplacée")
    expect(page.get_by_role("alert")).to_contain_text("Libre ensuite : mercredi")
    no_violation(page)
    assert sorted(row.local_start for row in rows(world, Booking)) == [nine, nine + timedelta(days=1)]


def test_what_was_dragged_by_mistake_is_put_back(world, lea, open_page):
    nine = next_week(world, 9)
    book_it(world, lea, room(world), nine)
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/bookings?from={nine:%Y-%m-%d}", size=DESKTOP)
    event = page.locator(".ec-event").filter(has_text="Léa B.")
    expect(event).to_be_visible()
    drag(page, event, 1)
    expect(page.get_by_role("button", name="Remettre où c’était")).to_be_visible()  # the first change has its answer
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.get_by_role("button", name="Remettre où c’était").click()
    expect(page.get_by_role("heading", level=3, name=re.compile("mardi"))).to_be_visible()
    expect(page.get_by_role("button", name="Remettre où c’était")).to_have_count(0)
    [booking] = rows(world, Booking)
    assert (booking.local_start, booking.sequence) == (nine, 2)
