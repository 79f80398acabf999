"""The rules of the network: euros switched on, a case added, what last month would have cost, places that agree."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM
from passapp.network.models import ConventionDraft, ConventionVersion
from passapp.network.service import publish_convention
from tests.browser.conftest import DESKTOP, PHONE, no_violation
from tests.scenes import rows
from tests.settlement.conventions import document
from tests.settlement.months import make_visit

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def last_month(world):
    """Le Hangar's members went to Le Moulin last month. The browser's clock is the real one."""
    now = datetime.now(UTC)
    world.now = now
    before = (now.replace(day=1) - timedelta(days=10)).replace(hour=10)
    for _ in range(2):
        make_visit(world, world.hangar, world.moulin, before)
    world.now = now


def test_euros_are_drafted_proposed_agreed_to_and_published(world, open_page):
    page = open_page(Role.COORDINATOR, "/rules", size=DESKTOP)
    expect(page.get_by_text("On compte seulement : rien à payer.")).to_be_visible()
    page.get_by_role("button", name="Passer aux euros").click()
    example = page.get_by_role("table")
    expect(example.get_by_role("row", name="Le Hangar")).to_contain_text("\N{MINUS SIGN}10,00")
    page.get_by_role("button", name="Ajouter un cas").click()
    page.get_by_label("Condition", exact=True).select_option("host")
    page.get_by_label("Laquelle").select_option("moulin")
    price = page.get_by_label("Prix du passage (€)")
    price.fill("six")
    price.blur()
    expect(page.get_by_text("À corriger : pas encore enregistré")).to_be_visible()
    assert price.evaluate("(field) => field.validationMessage").startswith("Écrivez un nombre")
    price.fill("6.5")
    price.blur()
    expect(price).to_have_value("6,50")
    expect(example.get_by_role("row", name="Le Hangar")).to_contain_text("\N{MINUS SIGN}13,00")
    expect(page.get_by_text("Enregistré")).to_be_visible()
    price.fill("8")
    expect(page.get_by_text("Enregistrement…")).to_be_visible()
    page.get_by_label("Nom du cas").fill("Au bord de l'eau")
    expect(example.get_by_role("row", name="Le Hangar")).to_contain_text("\N{MINUS SIGN}16,00")
    expect(page.get_by_text("Enregistré")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Proposer aux lieux").click()
    expect(page.get_by_text("0 lieu d’accord, 0 pas d’accord, 2 sans réponse.")).to_be_visible()
    no_violation(page)
    [draft] = rows(world, ConventionDraft)
    for place in (world.hangar, world.moulin):
        phone = open_page(Role.MANAGER, f"/rules/{draft.id}", place=place)
        phone.get_by_role("button", name="D’accord", exact=True).click()
        expect(phone.get_by_role("button", name="D’accord", exact=True)).to_have_count(0)
    expect(phone.get_by_text("Adoptées : règles n° 2")).to_be_visible()
    with world.session() as session:
        version = session.scalars(select(ConventionVersion).where(ConventionVersion.number == 2)).one()
    assert version.document["tariff"] == [
        {"label": "Au bord de l'eau", "when": {"host": ["moulin"]}, "rate_cents": 800},
        {"when": {}, "rate_cents": 500},
    ]
    page.goto(page.url.rpartition("/")[0])
    page.get_by_text("n° 2").click()
    expect(page.get_by_text(version.sha256)).to_be_visible()


def test_a_place_says_why_it_does_not_agree_and_the_coordination_starts_again_from_there(world, open_page):
    page = open_page(Role.COORDINATOR, "/rules", size=DESKTOP)
    page.get_by_role("button", name="Passer aux euros").click()
    page.get_by_label("Prix du passage (€)").fill("4,50")
    page.get_by_role("button", name="Proposer aux lieux").click()
    expect(page.get_by_role("heading", name="Les réponses")).to_be_visible()
    [draft] = rows(world, ConventionDraft)
    phone = open_page(Role.MANAGER, f"/rules/{draft.id}", place=world.hangar)
    phone.get_by_role("button", name="Pas d’accord…").click()
    phone.get_by_label("Pourquoi ?").fill("5 € ne couvrent pas le chauffage.")
    no_violation(phone)
    phone.get_by_role("button", name="Envoyer").click()
    expect(phone.get_by_text("« 5 € ne couvrent pas le chauffage. »")).to_be_visible()
    home = page.url.partition("/rules")[0]
    page.goto(home)
    expect(page.get_by_role("link", name="1 lieu a répondu sur 2, dont 1 pas d’accord")).to_be_visible()
    path = f"/api/v1/places/{world.moulin.id}/convention-drafts/{draft.id}/answer"
    assert world.as_manager(world.moulin).put(path, json={"consents": True}).status_code == 200
    page.goto(home)
    page.get_by_role("link", name="Les nouvelles règles n’ont pas été adoptées").click()
    page.get_by_role("button", name="Repartir de ces règles").click()
    expect(page.get_by_role("button", name="Proposer aux lieux")).to_be_visible()
    expect(page.get_by_label("Prix du passage (€)")).to_have_value("4,50")


def test_what_contradicts_itself_is_said_beside_the_field_and_not_kept(world, open_page):
    page = open_page(Role.COORDINATOR, "/rules")
    page.get_by_role("button", name="Passer aux euros").click()
    page.get_by_label("Passages gratuits par membre et par mois").fill("4")
    page.get_by_label("Passages payés au plus, par membre et par mois").fill("2")
    page.get_by_label("Part pour la caisse commune").focus()
    expect(page.get_by_text("le plafond (2) est plus petit que les passages gratuits (4)")).to_be_visible()
    expect(page.get_by_text("À corriger : pas encore enregistré")).to_be_visible()
    assert rows(world, ConventionDraft)[0].document["cap"] is None


def test_a_first_day_before_the_places_can_have_answered_is_refused_beside_it(world, open_page):
    del world
    page = open_page(Role.COORDINATOR, "/rules")
    page.get_by_role("button", name="Passer aux euros").click()
    day = page.get_by_label("Valables à partir du")
    expect(page.get_by_text("Au plus tôt le")).to_be_visible()
    day.fill((datetime.now(UTC) + timedelta(days=5)).date().isoformat())
    expect(page.locator(".wrong").filter(has_text="les lieux ont 15 jours pour répondre")).to_be_visible()
    page.get_by_role("button", name="Proposer aux lieux").click()
    assert day.evaluate("(field) => field.validity.rangeUnderflow")
    no_violation(page)


def in_euros(world):
    """Rules with money, agreed to and in force long ago."""
    agreed_at = world.now - timedelta(days=400)
    with world.database.write() as session:
        starts_on = (agreed_at + timedelta(days=30)).date()
        publish_convention(session, document(), starts_on=starts_on, at=agreed_at, actor=SYSTEM)


def test_new_rules_that_are_only_looked_at_are_not_kept(world, open_page):
    in_euros(world)
    page = open_page(Role.COORDINATOR, "/rules")
    page.get_by_role("link", name="Changer les règles").click()
    expect(page.get_by_text("Rien n’est changé, rien n’est gardé")).to_be_visible()
    expect(page.get_by_role("button", name="Proposer aux lieux")).to_be_disabled()
    no_violation(page)
    page.get_by_label("Part pour la caisse commune").focus()
    page.get_by_role("link", name="Règles du réseau").click()
    expect(page.get_by_role("link", name="Changer les règles")).to_be_visible()
    assert rows(world, ConventionDraft) == []


def test_new_rules_are_kept_from_the_first_change_on_at_an_address_of_their_own(world, open_page):
    in_euros(world)
    page = open_page(Role.COORDINATOR, "/rules/new", size=DESKTOP)
    page.get_by_label("Part pour la caisse commune").fill("3")
    page.get_by_label("Passages gratuits par membre et par mois").focus()
    expect(page.get_by_role("table")).to_be_visible()
    expect(page.get_by_label("Passages gratuits par membre et par mois")).to_be_focused()
    [draft] = rows(world, ConventionDraft)
    assert draft.document["fund_basis_points"] == 300
    assert page.url.endswith(f"/rules/{draft.id}")
    page.get_by_label("Passages gratuits par membre et par mois").fill("2")
    page.get_by_role("button", name="Proposer aux lieux").click()
    expect(page.get_by_role("heading", name="Les réponses")).to_be_visible()
    [draft] = rows(world, ConventionDraft)
    assert (draft.state, draft.document["allowance"]) == ("proposed", 2)


def test_whoever_leaves_a_field_sees_that_it_is_kept_without_scrolling(world, open_page):
    in_euros(world)
    page = open_page(Role.COORDINATOR, "/rules/new")
    page.get_by_label("Prix du passage (€)").fill("4")
    page.get_by_label("Passages gratuits par membre et par mois").focus()
    expect(page.get_by_text("Enregistré", exact=True)).to_be_in_viewport()


def test_a_phone_shows_whole_what_the_example_compares(world, open_page):
    in_euros(world)
    world.place("centrifugeuz", "La Centrifugeuz Culturelle du Bessin")
    page = open_page(Role.COORDINATOR, "/rules/new", size=PHONE | {"viewport": {"width": 375, "height": 800}})
    price = page.get_by_label("Prix du passage (€)")
    price.fill("1234")
    price.blur()
    example = page.get_by_role("region", name="Exemple, tableau à faire défiler")
    expect(example.get_by_role("row", name="Le Hangar")).to_contain_text("468")
    assert example.evaluate("(each) => each.scrollWidth <= each.clientWidth")


def test_nonsense_in_an_amount_is_said_beside_its_field_as_it_is_left(world, open_page):
    in_euros(world)
    page = open_page(Role.COORDINATOR, "/rules/new")
    share = page.get_by_label("Part pour la caisse commune")
    share.fill("=cmd()")
    share.blur()
    expect(page.get_by_text("Écrivez un nombre, avec deux chiffres au plus après la virgule.")).to_be_visible()
    expect(share).to_have_attribute("aria-invalid", "true")
    share.fill("150")
    share.blur()
    expect(page.get_by_text("De 0 à 100.")).to_be_visible()
    share.fill("3")
    share.blur()
    expect(share).not_to_have_attribute("aria-invalid", "true")
    page.get_by_text("Délais").click()
    days = page.get_by_label("Pour relire un mois")
    days.fill("")
    days.blur()
    expect(page.get_by_text("Écrivez un nombre entier.")).to_be_visible()
    no_violation(page)
