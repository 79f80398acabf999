"""In the demo, a mail is read on a page, and its button is a link of the app."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.app import create_app
from passapp.demo.seed import seed_demo
from passapp.kernel.clock import system_clock
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate
from passapp.kernel.settings import Settings
from tests.browser.conftest import PATIENCE, PHONE, open_context, serving

pytestmark = pytest.mark.browser


def test_a_sign_in_link_that_was_asked_for_is_found_among_the_mails_and_signs_in(browser, tmp_path):
    settings = Settings(data_dir=tmp_path, demo=True)
    database = Database(settings.sqlalchemy_url)
    migrate(database.engine)
    seed_demo(database, settings, now=datetime.now(UTC), say=lambda _: None, people=20, days=5)
    context = open_context(browser, locale="fr-FR", **PHONE)
    page = context.new_page()
    with serving(create_app(settings, database=database, clock=system_clock)) as address:
        asked = page.request.post(f"{address}/api/v1/sign-in-links", data={"email": "lea@demo.example"})
        assert asked.status == 202
        page.goto(f"{address}/demo/mails")
        page.get_by_role("link", name="Votre lien de connexion").click(timeout=PATIENCE)
        expect(page.get_by_text("À lea@demo.example").first).to_be_visible()
        link = page.locator(".letter a")
        expect(link).to_have_text("Me connecter")
        link.click()
        page.get_by_role("button", name="Me connecter").click(timeout=PATIENCE)
        page.wait_for_url(lambda url: "/sign-in" not in url)
        assert page.request.get(f"{address}/api/v1/me").json()["account"]["email"] == "lea@demo.example"
    context.close()
