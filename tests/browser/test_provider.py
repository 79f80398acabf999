"""Signing in at a real OpenID Connect provider, in Chromium."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from passapp.accounts.service import ensure_account
from tests.browser.conftest import PHONE, no_violation, open_context
from tests.provider.running import running_provider

pytestmark = pytest.mark.browser

HERE = ("localhost", "127.0.0.1")


@pytest.fixture
def page(browser):
    context = open_context(browser, locale="fr-FR", **PHONE)
    page = context.new_page()
    # The provider's own pages ask for a font of another site.
    page.route(lambda url: urlsplit(url).hostname not in HERE, lambda route: route.abort())
    yield page
    context.close()


@pytest.fixture
def address(world, serve):
    """Of a network with a provider, in which Léa has an account."""
    world.now = datetime.now(UTC)
    address = serve(world.app).replace("127.0.0.1", "localhost")
    with world.database.write() as session:
        ensure_account(session, "lea@example.org", "Léa", locale="fr", at=world.now)
    with running_provider(f"{address}/sign-in/provider") as provider:
        world.app.state.provider = None
        world.app.state.settings = provider.settings(world.settings, public_url=address)
        yield address


def leave(page, address, query=""):
    page.goto(f"{address}/sign-in{query}")
    page.get_by_role("button", name="Continuer avec Moncompte").click()
    expect(page.get_by_role("heading", name="Sign-in")).to_be_visible()


def sign_in_there(page, login):
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_who_signs_in_there_comes_back_to_where_they_were_going(page, address):
    page.goto(f"{address}/sign-in")
    expect(page.get_by_role("button", name="Continuer avec Moncompte")).to_be_visible()
    no_violation(page)
    leave(page, address, "?next=/account")
    sign_in_there(page, "lea")
    page.wait_for_url(f"{address}/account")
    expect(page.get_by_text("lea@example.org")).to_be_visible()
    page.go_back()
    assert "code=" not in page.url


def test_who_gives_up_there_is_told_in_words_and_may_start_again(page, address):
    leave(page, address)
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("Vous n’avez pas terminé")
    assert page.url == f"{address}/sign-in/provider"
    no_violation(page)
    page.get_by_role("link", name="Revenir à la connexion").click()
    expect(page.get_by_role("button", name="Continuer avec Moncompte")).to_be_visible()


def test_whom_nobody_here_knows_is_told_so(page, address):
    leave(page, address)
    sign_in_there(page, "stranger")
    expect(page.get_by_role("alert")).to_contain_text("personne ici n’a votre adresse")
    no_violation(page)


def test_the_page_of_return_shows_no_words_of_whoever_made_its_address(page, address):
    page.goto(f"{address}/sign-in/provider?error=server_error&error_description=Appelez+le+0123")
    expect(page.get_by_role("alert")).to_be_visible()
    assert "0123" not in page.locator("body").inner_text()
