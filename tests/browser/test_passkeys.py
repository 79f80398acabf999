"""Passkeys in Chromium, with its virtual authenticator: add one, sign in with it, remove it."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.kernel.audit import SYSTEM
from tests.browser.conftest import PHONE, no_violation, open_context

pytestmark = pytest.mark.browser

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


# The virtual authenticator picks a passkey as soon as a field offers one; a person would press the button first.
NO_OFFER = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


@pytest.fixture
def page(browser):
    context = open_context(browser, locale="fr-FR", **PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture
def device(page):
    """The device of that page, and the session of the debugger that drives it."""
    debugger = page.context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    made = debugger.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return debugger, made["authenticatorId"]


@pytest.fixture
def address(world, serve):
    """Of the network, by a name: a passkey belongs to no number. Its clock is the browser's."""
    world.now = datetime.now(UTC)
    address = serve(world.app).replace("127.0.0.1", "localhost")
    world.settings = world.app.state.settings = world.settings.model_copy(update={"public_url": address})
    return address


@pytest.fixture
def account(world):
    return world.account(Role.MANAGER, world.hangar)


@pytest.fixture
def at_home(world, address, account, page, device):
    """That page, signed in by link, on one's account."""
    with world.database.write() as session:
        secret = make_sign_in_link(session, account, at=world.now, actor=SYSTEM, how="mail")
    page.goto(f"{address}/sign-in?next=/account#{secret}")
    page.get_by_role("button", name="Me connecter", exact=True).click()
    expect(page.get_by_role("heading", name="Clés d’accès")).to_be_visible()
    return page


def add(page):
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_text("Ajoutée le")).to_be_visible()


def test_a_passkey_is_added_signs_in_and_is_removed(at_home, address, device):
    page = at_home
    debugger, authenticator = device
    add(page)
    [kept] = debugger.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert (kept["isResidentCredential"], kept["rpId"]) == (True, "localhost")
    no_violation(page)

    page.get_by_role("button", name="Renommer").click()
    page.get_by_label("Son nom").fill("Mon téléphone")
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.get_by_text("Mon téléphone", exact=True)).to_be_visible()

    page.context.clear_cookies()
    page.add_init_script(NO_OFFER)
    page.goto(f"{address}/sign-in?next=/account")
    no_violation(page)
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    expect(page.get_by_text("Servie le")).to_be_visible()
    assert page.url == f"{address}/account"

    page.get_by_role("button", name="Retirer").click()
    no_violation(page)
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(page.get_by_text("Mon téléphone", exact=True)).to_have_count(0)


def test_a_passkey_that_was_removed_signs_nobody_in_and_the_page_says_why(at_home, address):
    page = at_home
    add(page)
    page.get_by_role("button", name="Retirer").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(page.get_by_text("Ajoutée le")).to_have_count(0)
    page.context.clear_cookies()
    page.add_init_script(NO_OFFER)
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas connue ici")


def test_a_passkey_that_the_field_of_the_address_offers_signs_in_too(at_home, address):
    page = at_home
    add(page)
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in?next=/account")
    expect(page.get_by_text("Servie le")).to_be_visible()


def test_a_device_that_has_a_passkey_makes_no_second_one(at_home):
    page = at_home
    add(page)
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_role("alert")).to_contain_text("déjà une clé")


def test_who_does_not_unlock_the_device_is_not_signed_in(at_home, address, device):
    page = at_home
    debugger, authenticator = device
    add(page)
    page.context.clear_cookies()
    debugger.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.add_init_script(NO_OFFER)
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    expect(page.get_by_role("alert")).to_contain_text("Rien n’a été fait")


def test_at_an_address_that_is_a_number_the_page_says_why_there_are_no_passkeys(at_home, world):
    world.app.state.settings = world.settings.model_copy(update={"public_url": "http://192.0.2.7"})
    at_home.reload()
    expect(at_home.get_by_text("n’a pas d’adresse qui porte un nom")).to_be_visible()
    expect(at_home.get_by_role("button", name="Ajouter une clé d’accès")).to_have_count(0)
