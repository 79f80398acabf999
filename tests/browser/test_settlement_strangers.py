"""Addresses of the settlement opened by hand: one plain sentence, and a way on."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from tests.browser.conftest import PHONE, no_violation
from tests.settlement.months import make_visit

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


@pytest.mark.parametrize(
    "page_of", ["/months", "/places/{}/statements/{}", "/places/{}/payments", "/places/{}/settlement"]
)
def test_a_name_of_one_long_word_does_not_push_the_page_aside(world, open_page, page_of):
    world.now = datetime.now(UTC)
    hostile = world.place("hostile", "=cmd()" + "Anticonstitutionnellement" * 4)
    make_visit(world, hostile, world.moulin, world.now)
    path = page_of.format(hostile.id, f"{world.now:%Y-%m}")
    page = open_page(Role.MANAGER, path, place=hostile, size=PHONE | {"viewport": {"width": 375, "height": 800}})
    expect(page.get_by_role("main").get_by_text("Anticonstitutionnellement").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_keeps_the_fund_from_giving_is_said_where_the_amount_is(world, open_page):
    world.as_coordinator().put("/api/v1/fund/holder", json={"place_id": str(world.moulin.id)})
    page = open_page(Role.COORDINATOR, "/fund")
    amount = page.get_by_label("Montant à donner")
    amount.fill("=cmd()")
    page.get_by_role("button", name="Distribuer").click()
    expect(page.get_by_text("Écrivez un nombre")).to_be_visible()
    # The words of the former try must not keep the button from this one.
    amount.fill("99999")
    page.get_by_role("button", name="Distribuer").click()
    expect(page.get_by_text("La caisse commune contient 0,00 €")).to_be_in_viewport()
    no_violation(page)
