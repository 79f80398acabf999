"""Proof 7: a pass is revoked while the door is offline for a week: what its host, the server and the manager see."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from passapp.accounts.access import session_cookie
from passapp.accounts.rules import Role
from passapp.door.models import CheckIn, FollowUp
from tests.browser.conftest import DESKTOP, open_context
from tests.proofs.volunteer import held_by, next_person, revoke, volunteer
from tests.scenes import rows, visits

pytestmark = pytest.mark.browser


def in_the_history(world, browser, address, *names):
    """The place's manager reads of each of them that they came in, by an old list, for nothing."""
    with open_context(browser, locale="fr-FR", **DESKTOP) as office:
        account = world.account(Role.MANAGER, world.moulin)
        secret = world.signed_in(account).cookies[session_cookie(world.settings)]
        office.add_cookies([{"name": session_cookie(world.settings), "value": secret, "url": address}])
        office.clock.install(time=world.now)
        page = office.new_page()
        page.goto(f"{address}/places/{world.moulin.id}/history")
        for name in names:
            line = page.get_by_role("listitem").filter(has_text=name).filter(has_text="entré sans réseau, pass inactif")
            line.get_by_text(name).click()
            expect(line).to_contain_text("compté, rien à régler : liste de pass trop ancienne")


def test_who_was_let_in_by_an_old_list_is_rejected_late_for_nothing_and_all_are_told(world, serve, browser, profile):
    lost, shown_first = held_by(world, "Léa", world.hangar)
    stolen, shown_later = held_by(world, "Zoé", world.hangar)
    begins = world.now
    profile.clock.install(time=begins)
    address = serve(world.app)
    phone = volunteer(world, profile.new_page(), address)
    phone.loses_the_network()
    world.later(hours=1)
    for card in (lost, stolen):
        revoke(world, card)

    def is_opened_at(at):
        profile.clock.set_system_time(at)
        phone.page.reload()
        expect(phone.page.locator("[data-online=false]")).to_be_visible()

    # Six days: let in, and the list's age is said.
    is_opened_at(begins + timedelta(days=6, hours=1))
    expect(phone.page.locator("[data-list=old]")).to_contain_text("liste de 6 jours")
    expect(phone.page.get_by_role("alert").filter(has_text="Liste de 6 jours")).to_contain_text("reconnectez")
    shown = phone.scan(shown_first)
    expect(shown).to_have_attribute("data-verdict", "ok")
    expect(shown).to_contain_text("Hors connexion")
    next_person(phone)
    # Past the list's end: amber, and what to do.
    is_opened_at(begins + timedelta(days=7, hours=1))
    expect(phone.page.locator("[data-list=expired]")).to_be_visible()
    expect(phone.page.get_by_role("alert").filter(has_text="Liste trop ancienne")).to_contain_text("Reconnectez-le")
    shown = phone.scan(shown_later)
    expect(shown).to_have_attribute("data-verdict", "list_stale")
    expect(shown).to_have_attribute("data-colour", "amber")
    expect(shown).to_contain_text("Laissez entrer")
    next_person(phone)

    # The network is back: the server knows better, and loses nobody.
    world.now = begins + timedelta(days=7, hours=2)
    profile.clock.set_system_time(world.now)
    phone.sends_all()
    expect(phone.page.locator("[data-list=fresh]")).to_be_visible()
    late = phone.page.get_by_role("alert").filter(has_text="le serveur a répondu autrement")
    expect(late).to_contain_text("Pass inactif")
    check_ins = sorted(rows(world, CheckIn), key=lambda row: row.scanned_at)
    assert [row.verdict for row in check_ins] == ["revoked"] * 2
    assert [(row.scanned_at - begins).days for row in check_ins] == [6, 7]
    assert [row.kind for row in rows(world, FollowUp)] == ["rejected_late"] * 2
    assert [(v.home_id, v.host_id, v.waived) for v in visits(world)] == [
        (world.hangar.id, world.moulin.id, "stale_list")
    ] * 2
    expect(phone.scan(shown_first)).to_have_attribute("data-verdict", "revoked")

    in_the_history(world, browser, address, "Léa B.", "Zoé B.")
