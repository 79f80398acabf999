"""A member of one place is scanned at another: the statements of both change by that visit."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.kernel.audit import SYSTEM
from passapp.kernel.wall_time import local_date
from passapp.network.service import publish_convention
from tests.browser.conftest import PHONE, no_violation, open_context
from tests.scenes import check_in, pass_text
from tests.settlement.conventions import document

pytestmark = pytest.mark.browser


@pytest.fixture
def caen(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)
    return world.place("le-dome", "Le Dôme", town="Caen")


@pytest.fixture
def rouen(world, caen):
    return world.place("tiers-lieu-rive-droite", "Tiers-Lieu Rive Droite", town="Rouen", postcode="76000")


@pytest.fixture
def month(world, caen):
    return f"{local_date(world.now, ZoneInfo(caen.zone)):%Y-%m}"


@pytest.fixture
def read(browser, world, serve):
    """Open a place's statement of a month from the home page of somebody there."""
    address, contexts = serve(world.app), []

    def open_statement(place, month, *, locale="fr-FR", role=Role.MANAGER):
        context = open_context(browser, locale=locale, timezone_id="Europe/Paris", **PHONE)
        contexts.append(context)
        page = context.new_page()
        account = world.account(role, place)
        with world.database.write() as session:
            secret = make_sign_in_link(session, account, at=world.now, actor=SYSTEM, how="mail")
        page.goto(f"{address}/sign-in#{secret}")
        page.get_by_role("button", name=re.compile("Me connecter|Sign me in|Sign in")).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.get_by_role("link", name=re.compile("Voir le relevé|See the statement")).click()
        page.wait_for_url(f"{address}/places/{place.id}/statements/{month}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(place.name.removeprefix("Le "))
        return page

    yield open_statement
    for context in contexts:
        context.close()


def five_euros_a_visit(world, **fields):
    """Rules with money, agreed to and in force long ago."""
    agreed_at = world.now - timedelta(days=400)
    starts_on = (agreed_at + timedelta(days=30)).date()
    with world.database.write() as session:
        publish_convention(session, document(**fields), starts_on=starts_on, at=agreed_at, actor=SYSTEM)


def scanned(world, home, host):
    """A new member of ``home`` shows the pass at the door of ``host``."""
    assert check_in(world.as_door(host), world.scan(pass_text(world, home)))["verdict"] == "ok"


def test_a_scan_in_rouen_of_a_member_of_caen_changes_both_statements_by_that_visit(world, caen, rouen, month, read):
    five_euros_a_visit(world)
    scanned(world, caen, rouen)
    at_caen, at_rouen = read(caen, month), read(rouen, month, role=Role.PLACE_ACCOUNTANT)
    expect(at_caen.get_by_text("0 passage reçu, 1 fait ailleurs.")).to_be_visible()
    expect(at_caen.get_by_text("Vous devez 5 €.")).to_be_visible()
    expect(at_rouen.get_by_text("1 passage reçu, 0 fait ailleurs.")).to_be_visible()
    expect(at_rouen.get_by_text("On vous doit 5 €.")).to_be_visible()

    scanned(world, caen, rouen)
    for page in (at_caen, at_rouen):
        page.get_by_role("button", name="Actualiser").click()
    expect(at_caen.get_by_text("0 passage reçu, 2 faits ailleurs.")).to_be_visible()
    expect(at_caen.get_by_text("Vous devez 10 €.")).to_be_visible()
    expect(at_rouen.get_by_text("2 passages reçus, 0 fait ailleurs.")).to_be_visible()
    expect(at_rouen.get_by_text("On vous doit 10 €.")).to_be_visible()


def test_an_open_day_shows_a_visit_that_came_meanwhile(world, caen, rouen, month, read):
    five_euros_a_visit(world)
    scanned(world, caen, rouen)
    page = read(rouen, month)
    page.get_by_role("strong").filter(has_text="Le Dôme").click()
    page.locator(".days summary").click()
    expect(page.get_by_text(re.compile(r"Visiteur [A-Z2-7]{6}"))).to_have_count(1)
    scanned(world, caen, rouen)
    page.get_by_role("button", name="Actualiser").click()
    expect(page.get_by_text(re.compile(r"Visiteur [A-Z2-7]{6}"))).to_have_count(2)
    no_violation(page)


def test_the_home_reads_its_members_names_and_how_each_visit_is_settled(world, caen, rouen, month, read):
    five_euros_a_visit(world, allowance=1)
    scanned(world, caen, rouen)
    page = read(caen, month)
    expect(page.get_by_text("Rien à payer, rien à recevoir.", exact=True).first).to_be_visible()
    page.get_by_text("Tiers-Lieu Rive Droite", exact=True).click()
    page.locator(".days summary").click()
    expect(page.get_by_role("link", name="Léa Bertin")).to_be_visible()
    expect(page.get_by_text("carte · Tous · gratuit")).to_be_visible()
    no_violation(page)


def test_a_payment_says_why(world, caen, rouen, month, read):
    five_euros_a_visit(world)
    for home, host in ((caen, rouen), (caen, rouen), (rouen, caen)):
        scanned(world, home, host)
    page = read(caen, month)
    page.get_by_text("5 € au Tiers-Lieu Rive Droite", exact=True).click()
    expect(page.get_by_role("row", name="Le Dôme Tiers-Lieu Rive Droite")).to_be_visible()
    expect(page.get_by_role("img", name="Schéma")).to_be_visible()
    expect(page.get_by_text("sur 10,00 €")).to_be_visible()
    expect(page.get_by_text("une fois retirés les 5 € que Tiers-Lieu Rive Droite doit")).to_be_visible()
    no_violation(page)


def test_a_network_that_only_counts_shows_no_euro(world, caen, rouen, month, read):
    scanned(world, caen, rouen)
    page = read(rouen, month, locale="en-GB")
    expect(page.get_by_text("1 visit received, 0 made elsewhere.")).to_be_visible()
    expect(page.get_by_text("Nothing to pay, we only count.")).to_be_visible()
    page.get_by_text("Le Dôme", exact=True).click()
    page.locator(".days summary").click()
    expect(page.get_by_text(re.compile(r"Visitor [A-Z2-7]{6}"))).to_be_visible()
    assert "€" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Visits of the network").click()
    expect(page.get_by_role("heading", name="Who goes where")).to_be_visible()
    assert "€" not in page.locator("main").inner_text()
