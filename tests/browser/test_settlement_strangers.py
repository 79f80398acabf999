"""Addresses of the settlement opened by hand: one plain sentence, and a way on."""

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from tests.browser.conftest import no_violation

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/rules/nonsense", "/months/2026-10/errors/nonsense"])
def test_an_address_with_an_id_that_is_none_leads_to_no_page(open_page, path):
    page = open_page(Role.MANAGER, path)
    expect(page.get_by_text("Cette page n’existe pas : l’adresse a peut-être changé.")).to_be_visible()
    expect(page.get_by_text("_id")).to_have_count(0)
    no_violation(page)


@pytest.mark.parametrize("path", ["/months/2191-01", "/months/1999-01"])
def test_a_month_that_is_none_is_refused_once(open_page, path):
    page = open_page(Role.MANAGER, path)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("heading", name="Accueillir, être accueilli")).to_have_count(0)


def test_the_months_are_not_open_to_a_member_and_say_so_once(open_page, world):
    page = open_page(world.member(world.hangar), "/months")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_text("Cette page n’est pas ouverte à votre compte")).to_be_visible()
