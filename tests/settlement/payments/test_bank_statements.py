"""Bank statements (camt.053): what they mark, and what is refused with nothing changed."""

from datetime import UTC, datetime

import pytest

from passapp.kernel.audit import AuditEntry
from passapp.settlement.payments.camt053 import read_camt053
from passapp.settlement.payments.models import BankImport
from tests.scenes import rows
from tests.settlement.details.places import IBAN, OTHER_IBAN, say
from tests.settlement.payments.closed import back, camt, close, entry, openings, read, send, state_of, with_accounts


@pytest.fixture
def payment(world):
    with_accounts(world)
    [made] = close(world)
    return made


def test_the_payers_bank_says_what_was_paid(world, payment):
    news = read(world.as_manager(world.hangar), world.hangar, camt(entry(payment.end_to_end_id), entry("NOTPROVIDED")))
    assert news["entries"] == 2
    assert [(each["state"], each["paid_on"]) for each in news["paid"]] == [("paid", "2026-11-16")]
    assert state_of(world) == "paid"


def test_the_payees_bank_says_so_too(world, payment):
    content = camt(entry(payment.end_to_end_id, side="CRDT"), iban=OTHER_IBAN)
    assert len(read(world.as_manager(world.moulin), world.moulin, content)["paid"]) == 1


@pytest.mark.parametrize("version", ["02", "04", "06", "08", "10"])
def test_every_version_that_banks_send_is_read(version):
    line = entry("X").replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>") if version < "04" else entry("X")
    [statement] = read_camt053(camt(line, version=version).encode())
    assert [(each.end_to_end_id, each.cents, each.is_credit) for each in statement.lines] == [("X", 1000, False)]


def test_payments_booked_together_are_found_one_by_one():
    together = entry("A", "30.00").replace(
        "</TxDtls>",
        '<Amt Ccy="EUR">10.00</Amt></TxDtls><TxDtls><Refs><EndToEndId>B</EndToEndId></Refs>'
        '<AmtDtls><TxAmt><Amt Ccy="EUR">20.00</Amt></TxAmt></AmtDtls></TxDtls>',
    )
    [statement] = read_camt053(camt(together).encode())
    assert [(each.end_to_end_id, each.cents) for each in statement.lines] == [("A", 1000), ("B", 2000)]


def test_a_payment_that_came_back_has_failed_and_is_owed_again(world, payment):
    manager = world.as_manager(world.hangar)
    read(manager, world.hangar, camt(entry(payment.end_to_end_id)))
    back = entry(payment.end_to_end_id, side="CRDT", returned="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")
    news = read(manager, world.hangar, camt(back))
    assert [each["state"] for each in news["failed"]] == ["failed"]
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]


@pytest.mark.parametrize("payers", [True, False], ids=["into the payer's account", "out of the payee's"])
def test_what_came_back_without_a_word_of_the_bank_has_failed_too(world, payment, payers):
    place, iban, side = (world.hangar, IBAN, "CRDT") if payers else (world.moulin, OTHER_IBAN, "DBIT")
    read(world.as_manager(world.hangar), world.hangar, camt(entry(payment.end_to_end_id)))
    line = entry(payment.end_to_end_id, side=side, day="2026-11-17")
    news = read(world.as_manager(place), place, camt(line, iban=iban))
    assert [each["state"] for each in news["failed"]] == ["failed"]
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]


def test_what_is_said_to_have_come_back_and_goes_the_other_way_is_pointed_out_and_marks_nothing(world, payment):
    news = read(world.as_manager(world.hangar), world.hangar, camt(entry(payment.end_to_end_id, undone="true")))
    assert [(each["payment"]["state"], each["reason"]) for each in news["doubtful"]] == [("due", "unclear")]


def test_between_two_places_of_one_account_what_comes_in_did_not_come_back(world):
    for place in (world.hangar, world.moulin):
        say(world.as_manager(place), place, iban=IBAN)
    [payment] = close(world)
    both = camt(entry(payment.end_to_end_id), entry(payment.end_to_end_id, side="CRDT"))
    news = read(world.as_manager(world.hangar), world.hangar, both)
    assert ([each["state"] for each in news["paid"]], news["failed"]) == (["paid"], [])


def test_what_was_marked_before_stays_as_it_is(world, payment):
    manager = world.as_manager(world.hangar)
    read(manager, world.hangar, camt(entry(payment.end_to_end_id)))
    news = read(manager, world.hangar, camt(entry(payment.end_to_end_id), entry("other")))
    assert (len(news["known"]), news["paid"]) == (1, [])


@pytest.mark.parametrize("left_on", ["2026-11-16", "2026-11-18"])
def test_a_former_file_that_is_read_afterwards_does_not_undo_a_return(world, payment, left_on):
    manager = world.as_manager(world.hangar)
    read(manager, world.hangar, camt(back(payment, day="2026-11-18")))
    news = read(manager, world.hangar, camt(entry(payment.end_to_end_id, day=left_on)))
    assert ([each["state"] for each in news["known"]], news["paid"]) == (["failed"], [])
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]


def test_what_was_sent_again_after_it_came_back_is_paid(world, payment):
    manager = world.as_manager(world.hangar)
    read(manager, world.hangar, camt(entry(payment.end_to_end_id), back(payment, day="2026-11-17")))
    news = read(manager, world.hangar, camt(entry(payment.end_to_end_id, day="2026-11-18")))
    assert [each["state"] for each in news["paid"]] == ["paid"]
    assert openings(world, "2026-11") == []


def test_lines_of_a_file_that_begins_with_the_last_one_are_taken_in_their_order(world, payment):
    lines = camt(back(payment, day="2026-11-18"), entry(payment.end_to_end_id, day="2026-11-16"))
    read(world.as_manager(world.hangar), world.hangar, lines)
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]


def test_a_line_older_than_what_a_person_said_since_is_pointed_out_and_marks_nothing(world, payment):
    path, manager = f"/api/v1/payments/{payment.id}/state", world.as_manager(world.hangar)
    body = {"state": "paid", "paid_on": "2026-11-18"}
    assert manager.put(path, json=body, headers={"If-Match": '"1"'}).status_code == 200
    news = read(manager, world.hangar, camt(back(payment, day="2026-11-17")))
    assert [(each["payment"]["state"], each["reason"]) for each in news["doubtful"]] == [("paid", "older")]


def test_a_line_older_than_the_debt_is_pointed_out_and_marks_nothing(world, payment):
    lines = camt(entry(payment.end_to_end_id, day="2026-09-30"))
    news = read(world.as_manager(world.hangar), world.hangar, lines)
    assert [(each["payment"]["state"], each["reason"]) for each in news["doubtful"]] == [("due", "older")]


def test_what_was_too_small_to_be_paid_is_paid_where_the_bank_says_so(world):
    with_accounts(world)
    [carried] = close(world, threshold_cents=2000)
    news = read(world.as_manager(world.hangar), world.hangar, camt(entry(carried.end_to_end_id)))
    assert [each["state"] for each in news["paid"]] == ["paid"]
    assert openings(world, "2026-11") == []


def test_the_same_file_twice_is_refused(world, payment):
    content, manager = camt(entry(payment.end_to_end_id)), world.as_manager(world.hangar)
    read(manager, world.hangar, content)
    answer = send(manager, world.hangar, content)
    assert (answer.status_code, answer.json()["code"]) == (409, "bank_statement_twice")
    assert len(rows(world, BankImport)) == 1


def test_each_place_of_a_shared_account_has_its_statement_read(world):
    for place in (world.hangar, world.moulin):
        say(world.as_manager(place), place, iban=IBAN)
    [payment] = close(world)
    content = camt(entry(payment.end_to_end_id))
    for place in (world.hangar, world.moulin):
        assert read(world.as_manager(place), place, content)["entries"] == 1
    assert len(rows(world, BankImport)) == 2


def test_a_file_is_said_to_be_read_already_by_the_day_at_the_place(world, payment):
    world.now = datetime(2026, 11, 22, 23, 22, tzinfo=UTC)  # the 23rd in Paris
    content, manager = camt(entry(payment.end_to_end_id)), world.as_manager(world.hangar)
    read(manager, world.hangar, content)
    assert "23 November 2026" in str(send(manager, world.hangar, content).json())


def test_a_statement_of_another_account_is_refused_and_nothing_is_changed(world, payment):
    answer = send(world.as_manager(world.hangar), world.hangar, camt(entry(payment.end_to_end_id), iban=OTHER_IBAN))
    assert (answer.status_code, answer.json()["code"]) == (409, "another_account")
    assert (state_of(world), rows(world, BankImport)) == ("netted", [])


def test_a_place_that_gave_no_account_gives_it_first(world):
    answer = send(world.as_manager(world.hangar), world.hangar, camt())
    assert (answer.status_code, answer.json()["code"]) == (409, "no_account")


def test_another_amount_is_pointed_out_and_marks_nothing(world, payment):
    news = read(world.as_manager(world.hangar), world.hangar, camt(entry(payment.end_to_end_id, "9.99")))
    assert [(each["payment"]["state"], each["reason"]) for each in news["doubtful"]] == [("due", "amount")]


def test_a_payment_of_others_is_none_of_this_places_business(world, payment):
    phare = world.place("phare")
    manager = world.as_manager(phare)
    path = f"/api/v1/places/{phare.id}/settlement-details"
    said = {"account_name": "Phare", "postcode": "1", "town": "B", "iban": "GB82WEST12345698765432"}
    manager.put(path, json=said, headers={"If-Match": '"0"'})
    news = read(manager, phare, camt(entry(payment.end_to_end_id), iban="GB82WEST12345698765432"))
    assert (news["entries"], news["paid"], news["doubtful"]) == (1, [], [])


@pytest.mark.parametrize(
    "line",
    [
        entry("X", state="PDNG"),
        entry("X", currency="CHF"),
        entry("", "10.00"),
    ],
    ids=["not booked yet", "of another currency", "without an end-to-end id"],
)
def test_what_says_nothing_of_a_payment_is_passed_over(line):
    assert read_camt053(camt(line).encode())[0].lines == ()


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
READS = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"not XML",
        b"<Document/>",
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>',
        (LAUGHS + camt().split("?>")[1].replace("<Id>1</Id>", "<Id>&b;</Id>")).encode(),
        (READS + camt().split("?>")[1].replace("<Id>1</Id>", "<Id>&a;</Id>")).encode(),
        camt(entry("X", "1.005")).encode(),
        camt(entry("X", "-1.00")).encode(),
        camt(entry("X", "NaN")).encode(),
        camt(entry("X", "1e99")).encode(),
        camt(entry("X", "1E+9999999")).encode(),
        camt(entry("X", "1" + "0" * 18)).encode(),
        camt(entry("X", "\u0661\u0660.00")).encode(),
        camt(entry("X", day="2026-13-45")).encode(),
        b'<?xml version="1.0" encoding="nonsense"?><Document/>',
        b"<a>" * 20000,
    ],
)
def test_what_is_no_bank_statement_or_would_do_harm_is_refused_and_nothing_is_changed(world, payment, content):
    answer = send(world.as_manager(world.hangar), world.hangar, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "bank_statement_not_valid")
    assert (state_of(world), rows(world, BankImport)) == ("netted", [])


def test_only_the_end_of_the_account_and_numbers_are_kept(world, payment):
    manager = world.as_manager(world.hangar)
    read(manager, world.hangar, camt(entry(payment.end_to_end_id)))
    [kept] = manager.get(f"/api/v1/places/{world.hangar.id}/bank-statements").json()["items"]
    assert (kept["iban_end"], kept["entries"], kept["matched"]) == (IBAN[-4:], 1, 1)
    [deed] = rows(world, AuditEntry, AuditEntry.action == "bank_statement.read")
    assert (deed.place_id, deed.detail) == (world.hangar.id, {"entries": 1, "matched": 1})
