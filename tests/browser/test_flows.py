"""The main job, as people do it: sign in by link, add a member, give a pass, import a file, type a short code."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.door.models import CheckIn
from passapp.kernel.audit import SYSTEM
from passapp.members.models import Member
from passapp.passes.models import IssuedPass
from passapp.passes.rules import print_short_code
from passapp.passes.service import revoke_pass
from tests.browser.conftest import PHONE, no_violation, open_context

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def today(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def page(browser):
    context = open_context(browser, locale="fr-FR", **PHONE)
    yield context.new_page()
    context.close()


def sign_in(page, address, world, account):
    with world.database.write() as session:
        secret = make_sign_in_link(session, account, at=world.now, actor=SYSTEM, how="mail")
    page.goto(f"{address}/sign-in#{secret}")
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_a_sign_in_link_shows_a_button_and_works_once(world, serve, page):
    address = serve(world.app)
    account = world.account(Role.COORDINATOR)
    sign_in(page, address, world, account)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Camille")

    used = page.context.browser.new_context(locale="fr-FR").new_page()
    used.goto(f"{address}/sign-in#used-or-invented")
    used.get_by_role("button", name="Me connecter").click()
    expect(used.get_by_role("alert")).to_be_visible()
    used.context.close()


def test_a_manager_adds_a_member_and_gives_a_pass_that_opens_another_place(world, serve, page):
    address = serve(world.app)
    sign_in(page, address, world, world.account(Role.MANAGER, world.hangar))
    page.goto(f"{address}/members/new")
    page.get_by_label("Prénom").fill("Inès")
    page.get_by_label("Nom", exact=True).fill("Garnier")
    page.get_by_role("button", name="Ajouter").last.click()
    page.wait_for_url(lambda url: "/members/0" in url)
    page.get_by_role("button", name="pass").first.click()
    expect(page.locator("img[src^=blob], img[src*=qr]").first).to_be_visible()
    page.get_by_role("button", name="Mettre en pause").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    no_violation(page)

    with world.session() as session:
        member = session.scalars(select(Member).where(Member.given_name == "Inès")).one()
        issued = session.scalars(select(IssuedPass).where(IssuedPass.member_id == member.id)).one()
    answer = world.as_door(world.moulin).post("/api/v1/check-ins", json=world.scan(world.text(issued))).json()
    assert (answer["verdict"], answer["member"]["given_name"]) == ("ok", "Inès")


def test_a_dropped_file_is_shown_first_and_imported_when_confirmed(world, serve, page):
    address = serve(world.app)
    sign_in(page, address, world, world.account(Role.COORDINATOR))
    page.goto(f"{address}/members/import")
    lines = "prénom;nom;lieu;formule\nLéa;Bertin;Le Hangar;TOUT\nAli;Said;Le Moulin;TOUT\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "members.csv", "mimeType": "text/csv", "buffer": lines.encode("cp1252")}
    )
    expect(page.get_by_text("Ali Said")).to_be_visible()
    with world.session() as session:
        assert session.scalars(select(Member)).all() == []
    page.get_by_role("button", name="Enregistrer ces changements").click()
    page.get_by_role("button", name="Faire les pass qui manquent").click()
    expect(page.get_by_text("2 pass faits")).to_be_visible()
    with world.session() as session:
        assert {m.given_name for m in session.scalars(select(Member))} == {"Léa", "Ali"}
        assert len(session.scalars(select(IssuedPass)).all()) == 2


def test_a_typed_short_code_asks_for_the_name_before_it_lets_in(world, serve, page):
    card, revoked = world.card(world.member()), world.card(world.member())
    text_of_the_revoked = world.text(revoked)
    with world.database.write() as session:
        attached = session.get_one(IssuedPass, revoked.id)
        revoke_pass(session, attached, "Carte perdue", at=world.now, actor=SYSTEM)
    world.later(seconds=1)
    address = serve(world.app)
    link = world.as_manager(world.moulin).post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
    page.goto(f"{address}/door#{link['url'].partition('#')[2]}")
    page.get_by_label("Votre prénom").fill("Camille")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Taper le code").click()
    page.get_by_role("textbox").fill(print_short_code(card.short_code).lower())
    no_violation(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Léa B.")).to_be_visible()
    with world.session() as session:
        assert session.scalars(select(CheckIn)).all() == []
    page.get_by_role("button", name="Oui, c’est bien cette personne").click()
    expect(page.locator("[data-verdict=ok]")).to_contain_text("Léa")
    page.get_by_role("button", name="Garder à l’écran").click()
    with world.session() as session:
        assert session.scalars(select(CheckIn.form)).one() == "manual"
    no_violation(page)
    page.get_by_role("button", name="Suivant").click()

    # A scanner plugged into the device types what it reads, fast.
    keys = "text => [...text, 'Enter'].forEach(key => dispatchEvent(new KeyboardEvent('keydown', { key })))"
    page.evaluate(keys, text_of_the_revoked)
    expect(page.locator("[data-verdict=revoked]")).to_be_visible()
    page.get_by_role("button", name="Garder à l’écran").click()
    no_violation(page)
