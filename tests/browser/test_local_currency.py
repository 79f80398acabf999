"""A network that settles in a local currency, in a browser: its rules, a statement, payments marked by hand."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.network.models import ConventionDraft
from passapp.settlement.payments.models import Payment
from tests.browser.conftest import DESKTOP, no_violation, wait_until
from tests.browser.test_settlement_month import (
    ACCOUNTANT,
    COORDINATOR,
    MANAGER,
    published,
    statement,
)
from tests.scenes import rows
from tests.settlement.details.places import IBAN, OTHER_IBAN, say
from tests.settlement.living import ask, validate
from tests.settlement.months import make_visit

pytestmark = pytest.mark.browser


def test_it_is_named_behind_a_switch_and_every_price_is_in_it(world, open_page):
    world.now = datetime.now(UTC)
    make_visit(world, world.hangar, world.moulin, world.now.replace(day=1, hour=1))
    page = open_page(COORDINATOR, "/rules", size=DESKTOP)
    page.get_by_role("button", name="Passer aux euros").click()
    expect(page.get_by_label("Prix du passage (€)")).to_be_visible()
    page.get_by_label("Dans une monnaie locale").check()
    page.get_by_label("Nom de la monnaie").fill("euros locaux")
    expect(page.get_by_text("ce sont des euros : n’indiquez pas de monnaie locale")).to_be_visible()
    page.get_by_label("Nom de la monnaie").fill("gonettes")
    expect(page.get_by_label("Prix du passage (gonettes)")).to_be_visible()
    expect(page.get_by_text("Enregistré")).to_be_visible()
    no_violation(page)
    wait_until(page, lambda: rows(world, ConventionDraft)[0].document.get("currency") == "gonettes")
    page.get_by_role("button", name="Proposer aux lieux").click()
    expect(page.get_by_text("Tous les montants sont en gonettes.").first).to_be_visible()
    expect(page.get_by_text("5,00 gonettes").first).to_be_visible()


@pytest.fixture
def closed(world):
    """A closed month: Le Hangar owes Le Moulin 10 gonettes. Both gave an IBAN for something else."""
    month = published(world, days=40, review_days=0, answer_days=0, currency="gonettes")
    say(world.as_manager(world.hangar), world.hangar, iban=IBAN)
    say(world.as_manager(world.moulin), world.moulin, iban=OTHER_IBAN)
    assert ask(world.as_coordinator(), month).status_code == 200
    assert validate(world.signed_in(world.account(ACCOUNTANT)), month).status_code == 200
    return month


def test_a_place_reads_what_it_owes_and_says_that_it_paid_by_hand(world, open_page, closed):
    page = open_page(MANAGER, statement(world.hangar, closed), place=world.hangar)
    expect(page.get_by_text("Vous devez 10 gonettes.")).to_be_visible()
    expect(page.get_by_text("En gonettes, taxes comprises.")).to_be_visible()
    expect(page.get_by_role("link", name="Journal hledger")).to_be_visible()
    for name in ("Virements pour la banque", "Écritures à importer"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert "€" not in page.inner_text("main")
    assert "IBAN" not in page.inner_text("main")
    no_violation(page)
    page.get_by_role("button", name="C’est payé").click()
    expect(page.get_by_text(re.compile(r"^Payé le \d"))).to_be_visible()
    assert [each.state for each in rows(world, Payment)] == ["paid"]


def test_no_page_asks_for_a_bank(world, open_page, closed):
    del closed
    page = open_page(MANAGER, f"/places/{world.hangar.id}/payments", place=world.hangar)
    expect(page.get_by_text("Chaque lieu paie lui-même, en gonettes")).to_be_visible()
    expect(page.get_by_text("10,00 gonettes")).to_be_visible()
    expect(page.get_by_text("camt.053")).to_have_count(0)
    page = open_page(MANAGER, f"/places/{world.hangar.id}/settlement", place=world.hangar)
    expect(page.get_by_text("Le réseau règle en gonettes : ni IBAN ni facture à donner ici.")).to_be_visible()
    expect(page.get_by_label("Mail de votre comptable")).to_be_visible()
    expect(page.get_by_label("IBAN")).to_have_count(0)
    expect(page.get_by_label("SIRET")).to_have_count(0)
    no_violation(page)


def test_the_networks_month_is_in_it(world, open_page, closed):
    page = open_page(COORDINATOR, f"/months/{closed}", size=DESKTOP)
    expect(page.get_by_text("10,00 gonettes").first).to_be_visible()
    expect(page.get_by_text("montants en gonettes")).to_be_visible()
    assert "€" not in page.inner_text("main")
