"""How a place is settled: who says it, who sees the account, and what is refused."""

import pytest

from passapp.accounts.rules import Role
from passapp.kernel.audit import AuditEntry
from tests.mails import link_of_mail, mails, text_of_mail
from tests.scenes import rows
from tests.settlement.details.places import ASSOCIATION, IBAN, OTHER_IBAN, say


@pytest.fixture
def manager(world):
    return world.as_manager(world.hangar)


def path(world):
    return f"/api/v1/places/{world.hangar.id}/settlement-details"


def test_a_place_that_has_said_nothing_goes_by_what_is_usual_and_nothing_is_asked(world, manager):
    answer = manager.get(path(world))
    said = answer.json()
    assert (answer.headers["ETag"], said["version"], said["iban"], said["siret"]) == ('"0"', 0, None, None)
    assert (said["account_name"], said["postcode"], said["town"], said["country"]) == (
        "Le Hangar",
        "14000",
        "Caen",
        "FR",
    )
    assert (said["journal"], said["accounts"]["income"], said["mails_accountant"]) == ("PASS", "706000", False)


def test_what_was_said_is_kept_without_the_spaces_it_was_typed_with(world, manager):
    said = say(manager, world.hangar, iban="FR14 2004 1010 0505 0001 3M02 606", siret="732 829 320 00074")
    assert (said["iban"], said["siret"], said["version"]) == ("FR1420041010050500013M02606", "73282932000074", 1)
    assert manager.get(path(world)).json() == said


@pytest.mark.parametrize(
    "field, value, words",
    [
        ("iban", "FR1420041010050500013M02607", "This is no IBAN: check its digits."),
        ("iban", "XX00", "This is no IBAN: check its digits."),
        ("bic", "BNP", "This is no BIC: it has 8 or 11 signs."),
        ("siret", "73282932000075", "This is no SIRET: check its 14 digits."),
        ("vat_number", "FR00303265045", "This is no VAT number"),
        ("account_name", "x" * 71, "Give 70 at most."),
        ("account_name", "é" * 3000, "characters"),
        ("account_name", "Le\u202eHangar", "characters that cannot be seen"),
        ("town", "", "Do not leave this empty."),
        ("country", "France", "not written as it should be"),
        ("accountant_email", "comptable", "address"),
        ("journal", "=1+1", "not written as it should be"),
        ("netting", "multilateral", "Choose one of these"),
        ("self_billing_since", "demain", "Write a date"),
        ("accounts", {"income": "-706"}, "not written as it should be"),
        ("accounts", {"savings": "512000"}, "not known here"),
    ],
)
def test_what_is_not_valid_is_refused_at_its_field_and_nothing_is_stored(world, manager, field, value, words):
    answer = manager.put(path(world), json=ASSOCIATION | {field: value}, headers={"If-Match": '"0"'})
    assert answer.status_code == 422
    [flaw] = answer.json()["errors"]
    assert flaw["pointer"].startswith(f"/{field}")
    assert words in flaw["detail"]
    assert manager.get(path(world)).json()["version"] == 0


def test_an_empty_field_of_the_form_takes_back_what_was_said(world, manager):
    say(manager, world.hangar, iban=IBAN)
    said = say(manager, world.hangar, version=1, iban="", bic=" ")
    assert (said["iban"], said["bic"], said["version"]) == (None, None, 2)


def test_a_change_made_from_an_older_version_is_refused(world, manager):
    say(manager, world.hangar, iban=IBAN)
    answer = manager.put(path(world), json=ASSOCIATION, headers={"If-Match": '"0"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert manager.get(path(world)).json()["iban"] == IBAN


def test_the_log_names_the_fields_and_never_the_account(world, manager):
    say(manager, world.hangar, iban=IBAN, accountant_email="comptable@example.org")
    [entry] = rows(world, AuditEntry, AuditEntry.action == "settlement_details.change")
    assert entry.place_id == world.hangar.id
    assert entry.detail["fields"] == ["account_name", "accountant_email", "iban", "street"]
    assert IBAN not in str(entry.detail)


def test_the_networks_accountant_sees_the_end_of_the_account_alone(world, manager):
    say(manager, world.hangar, iban=IBAN, accountant_email="comptable@example.org")
    seen = world.signed_in(world.account(Role.NETWORK_ACCOUNTANT)).get(path(world)).json()
    assert (seen["iban"], seen["accountant_email"]) == ("FR•• •••• 2606", None)


def test_the_places_accountant_and_the_coordination_say_it_too(world):
    accountant = world.signed_in(world.account(Role.PLACE_ACCOUNTANT, world.hangar))
    assert say(accountant, world.hangar, iban=IBAN)["iban"] == IBAN
    assert say(world.as_coordinator(), world.hangar, version=1, iban=None)["iban"] is None


def test_another_places_manager_neither_sees_nor_changes_it(world):
    stranger = world.as_manager(world.moulin)
    assert stranger.get(path(world)).status_code == 403
    assert stranger.put(path(world), json=ASSOCIATION, headers={"If-Match": '"0"'}).status_code == 403


def told(world, who):
    return [each for each in mails(world) if each["To"] == who.email]


def test_the_managers_hear_that_somebody_else_changed_the_iban_and_read_its_end_alone(world):
    one, other = (world.account(Role.MANAGER, world.hangar) for _ in range(2))
    say(world.signed_in(one), world.hangar, iban=OTHER_IBAN)
    assert len(told(world, other)) == 1
    say(world.as_coordinator(), world.hangar, version=1, iban=IBAN)
    _, mail = told(world, one)
    assert mail["Subject"] == "L’IBAN du Hangar a été changé"
    words = text_of_mail(mail)
    assert "Il se termine maintenant par 2606." in " ".join(words.split())
    assert IBAN[:-4] not in words.replace(" ", "")
    assert link_of_mail(world, mail) == f"/places/{world.hangar.id}/settlement"


def test_who_changed_the_iban_hears_of_it_too_in_case_it_was_not_them(world):
    manager = world.account(Role.MANAGER, world.hangar)
    client = world.signed_in(manager)
    say(client, world.hangar, iban=IBAN, self_billing_since="2027-01-01")
    say(client, world.hangar, version=1, iban=IBAN)
    [mail] = told(world, manager)
    words = " ".join(text_of_mail(mail).split())
    assert "Vous avez changé l’IBAN du Hangar. Il se termine maintenant par 2606." in words
    assert "Ce n’était pas vous ?" in words.replace("\xa0", " ").replace("\u202f", " ")
    assert "factures" not in words, "who writes the invoices they know"


def test_they_hear_of_the_mandate_and_of_an_iban_that_is_taken_away(world):
    manager = world.account(Role.MANAGER, world.hangar)
    coordinator = world.as_coordinator()
    say(coordinator, world.hangar, self_billing_since="2027-01-01")
    say(coordinator, world.hangar, version=1, iban=IBAN, self_billing_since="2027-01-01")
    say(coordinator, world.hangar, version=2)
    first, _, last = told(world, manager)
    assert first["Subject"] == "Les factures du Hangar : qui les écrit a changé"
    assert "à partir du 1er janvier 2027" in " ".join(text_of_mail(first).split())
    words = " ".join(text_of_mail(last).split())
    assert "a retiré l’IBAN du Hangar" in words
    assert "n’écrivent plus ses factures" in words


def test_nobody_is_told_of_other_details(world):
    manager = world.account(Role.MANAGER, world.hangar)
    say(world.as_coordinator(), world.hangar, journal="VT")
    assert told(world, manager) == []
