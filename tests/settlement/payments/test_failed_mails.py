"""The mail when a payment failed: to both places, once, with what happens next."""

import pytest

from passapp.accounts.models import Account
from passapp.accounts.rules import Role
from tests.mails import link_of_mail, mails, text_of_mail
from tests.settlement.conventions import visit
from tests.settlement.details.places import OTHER_IBAN, say
from tests.settlement.months import agree
from tests.settlement.payments.closed import back, camt, close, entry, put, read, with_accounts


@pytest.fixture
def managers(world):
    """The hangar's, who pays, in French; the moulin's, who is paid, in English."""
    pays, gets = (world.account(Role.MANAGER, place) for place in (world.hangar, world.moulin))
    with world.database.write() as session:
        session.get_one(Account, gets.id).locale = "en"
    return pays, gets


@pytest.fixture
def failed(world, managers):
    """A payment that the coordination marks failed."""
    [payment] = close(world)
    assert put(world.as_coordinator(), payment, state="failed").status_code == 200
    return payment


def told(world, account):
    """What somebody was told of payments that failed."""
    words = ("n’a pas abouti", "failed")
    return [each for each in mails(world) if each["To"] == account.email and each["Subject"].endswith(words)]


def test_both_places_hear_what_failed_and_that_it_is_owed_again(world, managers, failed):
    [pays], [gets] = (told(world, account) for account in managers)
    assert pays["Subject"] == "Octobre 2026 : le virement du Hangar au Moulin n’a pas abouti"
    said = " ".join(text_of_mail(pays).split())
    assert "Le virement de 10 € du Hangar au Moulin, pour octobre 2026, n’a pas abouti." in said
    assert "Elle s’ajoute au relevé de novembre 2026, sauf si elle est payée avant la clôture de ce mois." in said
    assert link_of_mail(world, pays) == f"/places/{world.hangar.id}/payments"
    assert gets["Subject"] == "October 2026: the payment from Le Hangar to Le Moulin failed"
    said = " ".join(text_of_mail(gets).split())
    assert "It is added to the statement of November 2026, unless it is paid before that month is closed." in said
    assert link_of_mail(world, gets) == f"/places/{world.moulin.id}/payments"


def test_an_amount_in_a_local_currency_is_told_in_it(world, managers):
    agree(world, currency="gonettes")
    [payment] = close(world)
    assert put(world.as_coordinator(), payment, state="failed").status_code == 200
    said = [text_of_mail(told(world, account)[0]) for account in managers]
    assert ["10 gonettes" in each for each in said] == [True, True]
    assert not [each for each in said if "€" in each]


def test_a_bank_statement_that_says_so_tells_them_too(world, managers):
    with_accounts(world)
    [payment] = close(world)
    reader = world.as_manager(world.hangar)
    read(reader, world.hangar, camt(entry(payment.end_to_end_id)))
    assert [told(world, account) for account in managers] == [[], []]
    read(reader, world.hangar, camt(back(payment, day="2026-11-18")))
    assert [len(told(world, account)) for account in managers] == [1, 1]


def test_said_twice_it_is_told_once_and_told_again_where_it_fails_again(world, managers, failed):
    coordinator = world.as_coordinator()
    put(coordinator, failed, version=2, state="failed")
    assert [len(told(world, account)) for account in managers] == [1, 1]
    put(coordinator, failed, version=3, state="paid")
    put(coordinator, failed, version=4, state="failed")
    assert [len(told(world, account)) for account in managers] == [2, 2]


def test_who_wrote_it_down_is_not_told_of_it(world, managers):
    [payment] = close(world)
    put(world.signed_in(managers[1]), payment, state="failed")
    assert [len(told(world, account)) for account in managers] == [1, 0]


def test_what_was_marked_by_mistake_is_told_to_nobody(world, managers, failed):
    put(world.as_coordinator(), failed, version=2, state="due")
    assert [told(world, account) for account in managers] == [[], []]


def test_what_is_part_of_a_later_month_by_then_is_paid_with_that(world, managers, failed):
    close(world, "2026-11", [])
    said = " ".join(text_of_mail(told(world, managers[0])[0]).split())
    assert "elle fait maintenant partie du relevé de novembre 2026, et se paie avec lui." in said


def test_a_place_without_a_manager_hears_of_it_through_its_accountant(world):
    accountant = world.account(Role.PLACE_ACCOUNTANT, world.moulin)
    [payment] = close(world)
    put(world.as_coordinator(), payment, state="failed")
    assert len(told(world, accountant)) == 1


def test_for_the_common_fund_whoever_holds_its_money_hears_of_it(world, managers):
    phare = world.place("phare")
    holder = world.account(Role.MANAGER, phare)
    say(world.as_manager(phare), phare, iban=OTHER_IBAN)
    coordinator = world.as_coordinator()
    assert coordinator.put("/api/v1/fund/holder", json={"place_id": str(phare.id)}).status_code == 200
    made = close(world, visits=[visit("hangar", "moulin", visitor=n) for n in range(4)], fund_basis_points=5000)
    [to_fund] = [each for each in made if each.creditor_id is None]
    put(coordinator, to_fund, state="failed")
    [mail] = told(world, holder)
    assert mail["Subject"] == "Octobre 2026 : le virement du Moulin à la caisse commune n’a pas abouti"
