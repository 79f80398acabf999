"""The entrance poster, scanned with a member's own phone."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.accounts.models import Account
from passapp.accounts.service import make_sign_in_link
from passapp.door.models import CheckIn, Visit
from passapp.door.poster import renew_poster
from passapp.kernel.audit import SYSTEM
from passapp.places.models import Place
from tests.browser.conftest import PHONE, no_violation, open_context

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def today(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def page(browser):
    context = open_context(browser, keeps_app=True, locale="fr-FR", **PHONE)
    yield context.new_page()
    context.close()


def holder(world):
    """A member who has a pass."""
    member = world.member()
    world.card(member)
    world.later(seconds=1)
    return member


def hang_up(world):
    """The poster of the Moulin, or another; gives its code."""
    with world.database.write() as session:
        return renew_poster(session, session.get_one(Place, world.moulin.id), at=world.now, actor=SYSTEM)


def sign_in_link(world, member):
    with world.database.write() as session:
        account = session.get_one(Account, member.account_id)
        return make_sign_in_link(session, account, at=world.now, actor=SYSTEM, how="mail")


def sign_in(page, address, world, member):
    page.goto(f"{address}/sign-in#{sign_in_link(world, member)}")
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def visits(world):
    with world.session() as session:
        return list(session.scalars(select(Visit)))


def test_one_tap_and_the_member_is_noted_where_the_poster_hangs(world, serve, page):
    address, code = serve(world.app), hang_up(world)
    sign_in(page, address, world, holder(world))
    page.goto(f"{address}/arrive#{code}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes au Moulin\u202f?")
    assert code not in page.url
    no_violation(page)
    page.get_by_role("button", name="Je suis là").click()
    welcome = page.locator("[data-verdict=ok]")
    expect(welcome).to_contain_text("Bonjour Léa")
    expect(welcome).to_contain_text("au Moulin")
    no_violation(page)
    [visit] = visits(world)
    assert visit.host_id == world.moulin.id
    with world.session() as session:
        assert session.scalars(select(CheckIn.form)).all() == ["self"]


def test_who_is_not_signed_in_signs_in_and_comes_back_to_the_poster(world, serve, page):
    address, code = serve(world.app), hang_up(world)
    member = holder(world)
    page.goto(f"{address}/arrive#{code}")
    page.get_by_role("link", name="Se connecter pour s’inscrire").click()
    expect(page).to_have_url(f"{address}/sign-in?next=%2Farrive")
    mailed = page.context.new_page()
    mailed.goto(f"{address}/sign-in?next=%2Farrive#{sign_in_link(world, member)}")
    mailed.get_by_role("button", name="Me connecter").click()
    mailed.get_by_role("button", name="Je suis là").click()
    expect(mailed.locator("[data-verdict=ok]")).to_be_visible()
    assert len(visits(world)) == 1


def test_without_network_the_arrival_is_kept_and_sent_once_it_is_back(world, serve, page):
    address, code = serve(world.app), hang_up(world)
    sign_in(page, address, world, holder(world))
    page.goto(f"{address}/arrive#{code}")
    here = page.get_by_role("button", name="Je suis là")
    expect(here).to_be_visible()
    page.context.set_offline(True)
    here.click()
    expect(page.get_by_role("alert")).to_contain_text("C’est gardé sur ce téléphone")
    assert visits(world) == []
    page.context.set_offline(False)
    expect(page.locator("[data-verdict=ok]")).to_contain_text("Votre passage au Moulin est noté.")
    assert len(visits(world)) == 1
    page.goto(f"{address}/pass")
    page.wait_for_load_state("networkidle")
    with world.session() as session:
        assert len(session.scalars(select(CheckIn)).all()) == 1


def test_what_was_kept_is_sent_from_whichever_page_comes_next_and_said_there(world, serve, page):
    address, code = serve(world.app), hang_up(world)
    sign_in(page, address, world, holder(world))
    page.goto(f"{address}/arrive#{code}")
    page.route("**/api/v1/me/check-ins", lambda route: route.abort())
    page.get_by_role("button", name="Je suis là").click()
    expect(page.get_by_role("alert")).to_contain_text("C’est gardé sur ce téléphone")
    page.unroute("**/api/v1/me/check-ins")
    page.goto(f"{address}/pass", wait_until="commit")  # what is said goes again: a slow page must not hide it
    expect(page.locator(".toast")).to_contain_text("Votre passage au Moulin est noté.")
    assert len(visits(world)) == 1


def test_a_poster_that_was_taken_down_says_so_and_what_to_do(world, serve, page):
    address, old = serve(world.app), hang_up(world)
    hang_up(world)
    sign_in(page, address, world, holder(world))
    page.goto(f"{address}/arrive#{old}")
    expect(page.get_by_role("alert")).to_contain_text("Cette affiche n’est plus en service")
    no_violation(page)
    assert page.get_by_role("button", name="Je suis là").count() == 0
