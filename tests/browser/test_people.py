"""The team of a place: inviting by a real mail, accepting, leaving; and a key for another tool."""

from datetime import UTC, datetime
from time import monotonic, sleep

import httpx2
import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.kernel.audit import SYSTEM
from tests.browser.conftest import PATIENCE, PHONE, no_violation, open_context
from tests.mail_server import Inbox, mail_server, use_mail_server
from tests.mails import link_of_mail

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

    def open_one():
        contexts.append(open_context(browser, locale="fr-FR", **PHONE))
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def manager(world, address, opened):
    """The phone of the only manager of the hangar."""
    page = opened()
    account = world.account(Role.MANAGER, world.hangar)
    with world.database.write() as session:
        secret = make_sign_in_link(session, account, at=world.now, actor=SYSTEM, how="mail")
    page.goto(f"{address}/sign-in#{secret}")
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def next_mail(inbox):
    """A mail leaves once the answer has left."""
    deadline = monotonic() + PATIENCE / 1000
    while not inbox.taken and monotonic() < deadline:
        sleep(0.02)
    return inbox.taken.pop(0)


def test_a_manager_invites_another_one_and_may_leave_once_they_have_accepted(world, address, inbox, opened, manager):
    manager.goto(f"{address}/places/{world.hangar.id}/people")
    manager.get_by_role("button", name="Quitter").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_role("button", name="Quitter").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Invitez d’abord une autre personne")
    no_violation(manager)
    dialog.get_by_role("button", name="Annuler").click()

    manager.get_by_role("button", name="Inviter quelqu").click()
    dialog.get_by_role("radio", name="Responsable").check()
    dialog.get_by_label("Prénom et nom").fill("Sacha Roche")
    dialog.get_by_label("Adresse mail").fill("sacha@example.org")
    no_violation(manager)
    dialog.get_by_role("button", name="Envoyer l’invitation").click()
    expect(manager.get_by_role("heading", name="Invitations en attente")).to_be_visible()
    no_violation(manager)

    sacha = opened()
    link = address + link_of_mail(world, next_mail(inbox))
    sacha.goto(link)
    expect(sacha.get_by_role("heading", name="Responsable, Le Hangar")).to_be_visible()
    no_violation(sacha)
    sacha.get_by_role("button", name="Accepter").click()
    expect(sacha.get_by_text("C’est fait : Responsable, Le Hangar.")).to_be_visible()
    assert "#" not in sacha.url
    no_violation(sacha)
    sacha.get_by_role("link", name="Continuer").click()
    expect(sacha.get_by_role("heading", level=1)).to_contain_text("Bonjour Sacha")

    elsewhere = opened()
    elsewhere.goto(link)
    expect(elsewhere.get_by_role("link", name="Me connecter")).to_be_visible()
    expect(elsewhere.get_by_role("button", name="Accepter")).not_to_be_visible()
    no_violation(elsewhere)

    manager.reload()
    expect(manager.get_by_text("sacha@example.org")).to_be_visible()
    expect(manager.get_by_role("heading", name="Invitations en attente")).not_to_be_visible()
    manager.get_by_role("button", name="Quitter").click()
    dialog.get_by_role("button", name="Quitter").click()
    expect(manager.get_by_text("Votre compte n’a pas de rôle")).to_be_visible()


def test_a_key_is_shown_once_works_until_it_is_revoked_and_says_when_it_was_used(world, address, manager):
    world.member(world.hangar)
    manager.goto(f"{address}/places/{world.hangar.id}/people")
    manager.get_by_role("link", name="Clés API").click()
    manager.get_by_role("button", name="Faire une clé").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_label("Nom de l’outil").fill("Caisse")
    dialog.get_by_role("button", name="Faire une clé").click()
    expect(dialog.get_by_text("Cochez au moins une chose.")).to_be_visible()
    dialog.get_by_label("Lire les membres").check()
    no_violation(manager)
    dialog.get_by_role("button", name="Faire une clé").click()
    secret = dialog.get_by_label("La clé").input_value()
    no_violation(manager)
    dialog.get_by_role("button", name="C’est copié").click()
    expect(manager.get_by_text("pas encore utilisée")).to_be_visible()
    assert secret not in manager.content()

    call = {"url": f"{address}/api/v1/members", "headers": {"Authorization": f"Bearer {secret}"}, "timeout": 10}
    assert len(httpx2.get(**call).json()["items"]) == 1
    manager.reload()
    expect(manager.get_by_text("dernier usage")).to_be_visible()
    manager.get_by_role("button", name="Retirer").click()
    dialog.get_by_role("button", name="Retirer").click()
    expect(manager.get_by_text("Aucune clé pour le moment")).to_be_visible()
    assert httpx2.get(**call).status_code == 401
