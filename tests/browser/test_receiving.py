"""How a place receives, on its manager's page; its day guests; house rules; plans; and what members are told."""

from datetime import UTC, date, datetime

import pypdfium2
import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.door.models import DayGuest
from passapp.door.policy import HouseRules, Policy, policy_of
from passapp.members.models import Member
from tests.browser.conftest import no_violation
from tests.scenes import check_in, day_guest, pass_text, receive_as, rows

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


def told(page, sentence):
    """The page has said so, also to screen readers."""
    expect(page.get_by_role("status").filter(has_text=sentence)).to_have_count(1)


def policy(world):
    with world.session() as session:
        return policy_of(session, world.moulin.id)


def test_a_manager_says_how_the_place_receives(world, open_page):
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/receiving")
    expect(page.get_by_label("Les cartes sont acceptées")).to_be_checked()
    page.get_by_label("Les cartes sont acceptées").uncheck()
    page.get_by_label("Refuser hors des horaires").check()
    page.get_by_label("Limiter le nombre de personnes présentes").check()
    page.get_by_label("Personnes en même temps").fill("40")
    page.get_by_label("Noter les départs").check()
    page.get_by_label("Recevoir des mineurs").check()
    page.get_by_label("Vos règles, avec vos mots").fill("Rangez.\nÉteignez.")
    page.get_by_label("Votre mot").fill("Concert ce soir")
    page.get_by_label("Jusqu’au (compris)").fill("2027-01-31")
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").click()
    told(page, "C’est enregistré.")
    assert policy(world) == Policy(
        cards=False,
        keeps_hours=True,
        capacity=40,
        check_out=True,
        minors=True,
        house_rules=HouseRules(1, "Rangez.\nÉteignez."),
        message="Concert ce soir",
        message_until=date(2027, 1, 31),
    )


def test_what_was_said_stands_in_the_form_and_a_limit_taken_off_is_none(world, open_page):
    receive_as(world, world.moulin, capacity=40)
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/receiving")
    expect(page.get_by_label("Personnes en même temps")).to_have_value("40")
    page.get_by_label("Limiter le nombre de personnes présentes").uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    told(page, "C’est enregistré.")
    assert policy(world).capacity is None


def test_who_was_slower_sees_what_somebody_else_said(world, open_page):
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/receiving")
    expect(page.get_by_label("Votre mot")).to_be_visible()
    receive_as(world, world.moulin, message="Autre mot")
    page.get_by_label("Votre mot").fill("Le mien")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("a modifié cette fiche")
    expect(page.get_by_label("Votre mot")).to_have_value("Autre mot")


def guests(page):
    return page.get_by_role("region", name="Invités du jour").get_by_role("listitem")


def test_a_host_writes_a_guest_down_who_is_here_and_leaves(world, open_page):
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Noter un invité").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Moins de 18 ans")).to_have_count(0)
    dialog.get_by_label("Prénom").fill("Inès")
    no_violation(page)
    dialog.get_by_role("button", name="Noter un invité").click()
    expect(guests(page)).to_contain_text("Inès")
    expect(page.get_by_text("dont 1 invité du jour")).to_be_visible()
    page.get_by_role("button", name="Inès est parti·e").click()
    expect(guests(page)).to_contain_text("parti·e à")
    expect(page.get_by_text("Personne n’est là pour le moment")).to_be_visible()


def test_a_minor_is_written_down_with_their_guardians_consent(world, open_page):
    receive_as(world, world.moulin, minors=True)
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Noter un invité").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Moins de 18 ans").check()
    dialog.get_by_role("button", name="Noter un invité").click()
    expect(dialog.get_by_label("Un parent ou tuteur est d’accord")).to_be_focused()
    dialog.get_by_label("Un parent ou tuteur est d’accord").check()
    dialog.get_by_role("button", name="Noter un invité").click()
    expect(guests(page)).to_contain_text("mineur·e")
    assert [(row.minor, row.guardian_consents) for row in rows(world, DayGuest)] == [(True, True)]


def test_a_guest_written_down_by_mistake_is_taken_back(world, open_page):
    world.as_door(world.moulin).post("/api/v1/door/guests", json=day_guest(world))
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Annuler l’arrivée de Inès").click()
    expect(page.get_by_text("Personne sans pass n’a été noté.")).to_be_visible()


def test_where_no_guests_are_received_nobody_is_asked(world, open_page):
    receive_as(world, world.moulin, guests=False)
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    expect(page.get_by_role("heading", name="Qui est passé")).to_be_visible()
    expect(page.get_by_role("region", name="Invités du jour")).to_have_count(0)


def test_guests_who_are_here_are_on_the_printed_list(world, open_page):
    door = world.as_door(world.moulin)
    door.post("/api/v1/door/guests", json=day_guest(world))
    check_in(door, world.scan(pass_text(world, given_name="Zoé")))
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/today")
    expect(guests(page)).to_have_count(1)
    written = pypdfium2.PdfDocument(page.pdf(format="A4"))[0].get_textpage().get_text_range()
    assert all(word in written for word in ("Inès", "invité·e", "Zoé B.", "2 personnes présentes"))


def test_who_leaves_is_checked_out_from_the_days_list(world, open_page):
    receive_as(world, world.moulin, check_out=True)
    check_in(world.as_door(world.moulin), world.scan(pass_text(world)))
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Léa B. est parti·e").click()
    expect(page.get_by_text("Personne n’est là pour le moment")).to_be_visible()


def test_a_member_reads_and_accepts_the_rules_of_their_place(world, open_page):
    receive_as(world, world.hangar, house_rules="Rangez.\nÉteignez.")
    page = open_page(world.member(), "/my-data")
    rules = page.get_by_role("region", name="Règles des lieux")
    expect(rules).to_contain_text("à accepter")
    rules.get_by_role("button", name="Lire").click()
    expect(page.get_by_role("dialog")).to_contain_text("Éteignez.")
    no_violation(page)
    page.get_by_role("button", name="J’accepte").click()
    expect(rules).to_contain_text("acceptées le")


def test_a_member_says_something_to_the_doors_and_erases_it(world, open_page):
    member = world.member()
    page = open_page(member, "/my-data")
    words = page.get_by_role("region", name="À dire à l’accueil")
    words.get_by_role("textbox").fill("Je suis sourde")
    words.get_by_role("button", name="Enregistrer").click()
    told(page, "C’est noté : les accueils le verront.")
    assert rows(world, Member)[0].attention == "Je suis sourde"
    words.get_by_role("textbox").fill("")
    words.get_by_role("button", name="Enregistrer").click()
    told(page, "C’est effacé.")
    assert rows(world, Member)[0].attention is None


def test_a_manager_marks_a_membership_unpaid_and_the_member_reads_why(world, open_page):
    member = world.member(world.moulin)
    world.card(member)
    page = open_page(Role.MANAGER, f"/members/{member.id}")
    page.get_by_role("button", name="Marquer impayé l’abonnement au Moulin").click()
    expect(page.get_by_text("Impayé", exact=True)).to_be_visible()
    no_violation(page)
    mine = open_page(member, "/pass")
    expect(mine.get_by_text("Votre abonnement est impayé")).to_be_visible()
    expect(mine.get_by_text("Voyez avec Le Moulin.")).to_be_visible()
    page.get_by_role("button", name="Marquer payé l’abonnement au Moulin").click()
    expect(page.get_by_text("Impayé", exact=True)).to_have_count(0)


def test_the_coordination_adds_a_plan_and_limits_its_visits_elsewhere(world, open_page):
    page = open_page(Role.COORDINATOR, "/plans")
    page.get_by_role("button", name="Ajouter une formule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nom").fill("Semaine")
    dialog.get_by_label("Code").fill("SEM")
    dialog.get_by_label("samedi").uncheck()
    dialog.get_by_label("dimanche").uncheck()
    dialog.get_by_label("De", exact=True).fill("08:00")
    dialog.get_by_label("À", exact=True).fill("07:00")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(dialog.get_by_text("L’heure de fin vient après celle du début")).to_be_visible()
    dialog.get_by_label("À", exact=True).fill("19:00")
    dialog.get_by_label("Passages ailleurs par mois").fill("4")
    no_violation(page)
    dialog.get_by_role("button", name="Enregistrer").click()
    plan = page.get_by_role("listitem").filter(has_text="SEM")
    expect(plan).to_contain_text("lundi, mardi, mercredi, jeudi, vendredi · de 08:00 à 19:00")
    expect(plan).to_contain_text("4 passages ailleurs par mois")
    plan.get_by_role("button", name="Modifier Semaine").click()
    dialog.get_by_label("Passages ailleurs par mois").fill("")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(plan).not_to_contain_text("ailleurs par mois")
