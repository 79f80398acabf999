"""Signing in by mail as people do it, with a real mail server; where one is signed in, and out again from afar."""

from datetime import UTC, datetime
from email.message import EmailMessage
from time import monotonic, sleep

import pytest
from playwright.sync_api import Page, expect

from passapp.accounts.rules import Role
from tests.browser.conftest import DESKTOP, PATIENCE, PHONE, no_violation, open_context
from tests.mail_server import Inbox, mail_server, use_mail_server
from tests.mails import link_of_mail, text_of_mail

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def today(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def address(world, serve, inbox):
    """Where the network is served; its mails go to a real server."""
    with mail_server(inbox) as port:
        address = serve(world.app)
        use_mail_server(world, f"smtp://127.0.0.1:{port}", public_url=address)
        yield address


@pytest.fixture
def opened(browser):
    """Opens browsers that know nothing yet."""
    contexts = []

    def open_one(**options):
        contexts.append(open_context(browser, locale="fr-FR", **options))
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()


def ask(page: Page, email: str) -> None:
    page.get_by_label("Votre adresse e-mail").fill(email)
    page.get_by_role("button", name="Recevoir un lien").click()
    expect(page.get_by_text("Si cette adresse est connue, un lien vient de partir.")).to_be_visible()


def next_mail(inbox: Inbox) -> EmailMessage:
    """A mail leaves once the answer has left."""
    deadline = monotonic() + PATIENCE / 1000
    while not inbox.taken and monotonic() < deadline:
        sleep(0.02)
    return inbox.taken.pop(0)


def sign_in_by_mail(world, page, address, inbox, account, start="/sign-in"):
    page.goto(address + start)
    ask(page, account.email)
    page.goto(address + link_of_mail(world, next_mail(inbox)))
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_a_link_that_came_by_mail_leads_back_to_where_one_was_going(world, address, inbox, opened):
    account = world.account(Role.MANAGER, world.hangar)
    page = opened(**PHONE)
    page.goto(f"{address}/members?place={world.hangar.id}")
    page.get_by_role("main").get_by_role("link", name="Se connecter").click()
    no_violation(page)
    ask(page, account.email.upper())
    expect(page.get_by_role("heading", name="Regardez vos mails")).to_be_focused()
    no_violation(page)
    link = address + link_of_mail(world, next_mail(inbox))
    assert inbox.for_whom == [account.email]

    scanner = opened()
    scanner.goto(link)  # a mail program that looks behind links uses none of them up
    expect(scanner.get_by_role("button", name="Me connecter")).to_be_visible()

    page.goto(link)
    no_violation(page)
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(f"{address}/members?place={world.hangar.id}")
    expect(page.get_by_role("heading", level=1, name="Membres")).to_be_visible()

    scanner.get_by_role("button", name="Me connecter").click()
    expect(scanner.get_by_role("alert")).to_contain_text("Ce lien a déjà servi ou a expiré")
    expect(scanner.get_by_label("Votre adresse e-mail")).to_be_visible()


def test_an_address_that_nobody_has_is_answered_alike_and_gets_no_mail(world, address, inbox, opened):
    page = opened(**PHONE)
    page.goto(f"{address}/sign-in")
    ask(page, "personne@example.org")
    page.get_by_role("button", name="Essayer une autre adresse").click()
    known = world.account(Role.MEMBER).email
    ask(page, known)
    next_mail(inbox)
    assert inbox.for_whom == [known]


def test_an_address_with_an_accent_is_refused_in_words(address, opened):
    page = opened(**PHONE)
    page.goto(f"{address}/sign-in")
    page.get_by_label("Votre adresse e-mail").fill("l\u0435a@example.org")  # a Cyrillic letter
    page.get_by_role("button", name="Recevoir un lien").click()
    field = page.get_by_label("Votre adresse e-mail")
    wrong = field.evaluate("field => field.validationMessage || document.querySelector('.wrong')?.textContent")
    assert wrong == "Une adresse comme lea@example.org, sans accent."


def test_a_link_that_leads_to_another_site_leads_home(world, address, inbox, opened):
    page = opened(**PHONE)
    sign_in_by_mail(world, page, address, inbox, world.account(Role.COORDINATOR), "/sign-in?next=//evil.example/x")
    page.wait_for_url(f"{address}/")
    page = opened(**PHONE)
    page.goto(f"{address}/sign-in?next=https:%2F%2Fevil.example")
    ask(page, world.account(Role.COORDINATOR).email)
    secret = link_of_mail(world, next_mail(inbox)).partition("#")[2]
    page.goto(f"{address}/sign-in?next=/%5Cevil.example#{secret}")
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(f"{address}/")


def test_a_lost_phone_is_signed_out_from_another_device(world, address, inbox, opened):
    account = world.account(Role.MANAGER, world.hangar)
    phone, laptop = opened(**PHONE), opened(**DESKTOP)
    sign_in_by_mail(world, phone, address, inbox, account, "/sign-in?next=/members")
    sign_in_by_mail(world, laptop, address, inbox, account)
    laptop.get_by_label("Mon compte").click()
    laptop.get_by_role("link", name="Mon compte").click()
    expect(laptop.get_by_role("heading", name="Connecté sur 2 appareils")).to_be_visible()
    expect(laptop.get_by_text("Chrome, Linux", exact=True)).to_have_count(2)
    no_violation(laptop)
    laptop.get_by_role("main").get_by_role("button", name="Déconnecter").click()
    expect(laptop.get_by_role("heading", name="Connecté sur cet appareil")).to_be_visible()

    phone.goto(f"{address}/account")
    phone.wait_for_url(f"{address}/sign-in?next=%2Faccount")
    expect(phone.get_by_role("heading", level=1, name="Se connecter")).to_be_visible()


def test_one_changes_the_language_that_one_is_written_to_in(world, address, inbox, opened):
    page = opened(**PHONE)
    account = world.account(Role.MANAGER, world.hangar)
    sign_in_by_mail(world, page, address, inbox, account, "/sign-in?next=/account")
    page.get_by_label("Votre nom").fill("Camille Martin")
    page.get_by_label("Langue").select_option("en")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1, name="My account")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    world.client().post("/api/v1/sign-in-links", json={"email": account.email})
    mail = next_mail(inbox)
    assert mail["subject"] == "Your sign-in link"
    assert "Hello Camille," in text_of_mail(mail)
