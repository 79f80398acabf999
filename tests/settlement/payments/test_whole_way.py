"""From a closing by two people to a month that is paid: payments, files, invoices, mails and the bank's word for it."""

import pytest

from tests.mails import mails
from tests.settlement.details.places import IBAN, OTHER_IBAN, SIRETS, say
from tests.settlement.files.judges import flaws_of_invoice, flaws_of_payment, words_of
from tests.settlement.living import MONTH, close, life, november
from tests.settlement.months import agree
from tests.settlement.payments.closed import camt, entry


@pytest.fixture
def closed(world):
    """Three visits of the hangar's members at the moulin, in euros; both places have said all that files need."""
    agree(world)
    own = {"iban": IBAN, "siret": SIRETS[0], "accountant_email": "comptable@example.org", "mails_accountant": True}
    say(world.as_manager(world.hangar), world.hangar, **own)
    moulin = {"iban": OTHER_IBAN, "siret": SIRETS[1], "account_name": "SCIC Le Moulin"}
    say(world.as_manager(world.moulin), world.moulin, **moulin)
    november(world, visits=3)
    close(world)
    return world


def due(world):
    path = f"/api/v1/places/{world.hangar.id}/payments?month={MONTH}"
    [payment] = world.as_manager(world.hangar).get(path).json()["items"]
    return payment


def test_what_is_closed_is_due_to_the_account_of_the_place_that_was_visited(closed):
    payment = due(closed)
    assert (payment["amount_cents"], payment["state"], payment["due_on"]) == (1500, "due", "2027-01-02")
    assert (payment["iban"], payment["account_name"]) == (OTHER_IBAN, "SCIC Le Moulin")
    assert life(closed)["state"] == "netted"


def test_the_places_bank_file_leads_to_the_banks_word_and_the_month_is_paid(closed):
    manager = closed.as_manager(closed.hangar)
    file = manager.get(f"/api/v1/places/{closed.hangar.id}/statements/{MONTH}/payments.xml").content
    assert flaws_of_payment(file) == []
    name = due(closed)["end_to_end_id"]
    assert name.encode() in file
    said = camt(entry(name, "15.00", day="2026-12-23"))
    answer = manager.post(f"/api/v1/places/{closed.hangar.id}/bank-statements", content=said)
    assert [each["state"] for each in answer.json()["paid"]] == ["paid"], answer.text
    assert life(closed)["state"] == "paid"


def test_a_payment_that_comes_back_is_owed_again_in_the_month_that_is_open(closed):
    manager, payment = closed.as_manager(closed.hangar), due(closed)
    path = f"/api/v1/payments/{payment['id']}/state"
    for version, state in ((1, "paid"), (2, "failed")):
        answer = manager.put(path, json={"state": state}, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
    document = manager.get(f"/api/v1/places/{closed.hangar.id}/statements/2026-12/document.json").json()
    assert document["openings"] == [
        {"debtor": "hangar", "creditor": "moulin", "amount_cents": 1500, "month": MONTH},
    ]
    assert document["position_cents"] == -1500


def test_a_mark_taken_back_leaves_the_month_to_be_paid(closed):
    manager, payment = closed.as_manager(closed.hangar), due(closed)
    path = f"/api/v1/payments/{payment['id']}/state"
    for version, state, then in ((1, "paid", "paid"), (2, "due", "netted")):
        manager.put(path, json={"state": state}, headers={"If-Match": f'"{version}"'})
        assert life(closed)["state"] == then


@pytest.mark.poppler
def test_the_accountant_has_the_month_by_mail_and_the_invoice_is_good(closed, tmp_path):
    [mail] = [each for each in mails(closed) if each["To"] == "comptable@example.org"]
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    words = words_of(files[f"hangar-{MONTH}.pdf"], tmp_path)
    assert "Vous devez 15,00" in words
    assert "DE89 3704 0044 0532 0130 00" in words
    assert "au plus tard le 2 janvier 2027" in words
    moulin = closed.as_manager(closed.moulin)
    [invoice] = moulin.post(f"/api/v1/places/{closed.moulin.id}/statements/{MONTH}/invoices").json()["items"]
    assert invoice["total_cents"] == 1500
    xml = moulin.get(f"/api/v1/invoices/{invoice['id']}/factur-x.xml").content
    assert flaws_of_invoice(xml) == []
