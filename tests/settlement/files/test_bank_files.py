"""A place's payments as pain.001, judged by the schema that ``sepaxml`` ships."""

import dataclasses
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from passapp.settlement.files.pain001 import NAMESPACE, BankTransfer, bank_file, sepa_text
from tests.settlement.details.places import OTHER_IBAN
from tests.settlement.files.judges import flaws_of_payment
from tests.settlement.files.months import HANGAR, MOULIN, PHARE

MADE_ON, DUE = date(2026, 11, 24), date(2026, 12, 3)
TRANSFERS = [
    BankTransfer("RESEAU-202610-B", MOULIN, 1875, DUE),
    BankTransfer("RESEAU-202610-A", dataclasses.replace(PHARE, iban=OTHER_IBAN, street="x" * 70), 100_000_00, DUE),
]


def made(debtor=HANGAR, transfers=TRANSFERS, made_on=MADE_ON):
    return bank_file(debtor, transfers, month="2026-10", made_on=made_on)


def values(xml, path):
    return etree.fromstring(xml).xpath(f"//p:{path}/text()", namespaces={"p": NAMESPACE})


def test_the_schema_accepts_it():
    assert flaws_of_payment(made()) == []


def test_the_schema_would_say_what_is_wrong():
    assert flaws_of_payment(made().replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>XXX</PmtMtd>"))


def test_a_place_that_gave_no_bic_is_accepted_too():
    assert flaws_of_payment(made(dataclasses.replace(HANGAR, bic="BNPAFRPP"))) == []
    assert b"NOTPROVIDED" in made()


def test_each_payment_carries_its_end_to_end_id_amount_account_and_name():
    xml = made()
    assert values(xml, "EndToEndId") == ["RESEAU-202610-A", "RESEAU-202610-B"]
    assert values(xml, "InstdAmt") == ["100000.00", "18.75"]
    assert values(xml, "CtrlSum") == ["100018.75"] * 2
    assert values(xml, "NbOfTxs") == ["2", "2"]
    assert values(xml, "IBAN") == [HANGAR.iban, OTHER_IBAN, MOULIN.iban]
    assert values(xml, "ReqdExctnDt/p:Dt") == ["2026-12-03"]
    assert values(xml, "Cdtr/p:Nm") == ["Le Phare", "SCIC Le Moulin - OEuvre + fils"]


def test_no_address_is_unstructured():
    xml = made()
    assert values(xml, "AdrLine") == []
    assert values(xml, "TwnNm") == ["Caen", "Cherbourg", "Bayeux"]
    assert values(xml, "Ctry") == ["FR"] * 3


def test_the_same_payments_in_any_order_give_the_same_bytes():
    assert made() == made(transfers=TRANSFERS[::-1])


def test_what_is_late_is_asked_for_today():
    xml = made(made_on=DUE + timedelta(days=4))
    assert values(xml, "ReqdExctnDt/p:Dt") == ["2026-12-07"]
    assert values(xml, "CreDtTm") == ["2026-12-07T00:00:00"]
    assert flaws_of_payment(xml) == []


def test_payments_due_on_several_days_are_each_asked_for_on_theirs_unless_it_is_over():
    other = dataclasses.replace(TRANSFERS[0], end_to_end_id="RESEAU-202610-C", due_on=date(2026, 12, 20))
    transfers = [*TRANSFERS, other]
    assert values(made(transfers=transfers), "ReqdExctnDt/p:Dt") == ["2026-12-03", "2026-12-20"]
    late = made(transfers=transfers, made_on=date(2026, 12, 7))
    assert values(late, "ReqdExctnDt/p:Dt") == ["2026-12-07", "2026-12-20"]


def test_the_same_order_has_the_same_message_id_on_any_day_so_that_a_bank_refuses_it_twice():
    first, again = made(), made(made_on=DUE)
    for name in ("MsgId", "PmtInfId", "EndToEndId"):
        assert values(first, name) == values(again, name)


def test_an_order_for_another_day_is_another_message_of_the_same_payments():
    first, late = made(), made(made_on=DUE + timedelta(days=1))
    assert values(first, "EndToEndId") == values(late, "EndToEndId")
    for name in ("MsgId", "PmtInfId"):
        assert not set(values(first, name)) & set(values(late, name))


def test_an_order_into_another_account_is_another_message():
    moved = [dataclasses.replace(TRANSFERS[0], creditor=dataclasses.replace(MOULIN, iban=HANGAR.iban)), TRANSFERS[1]]
    assert values(made(), "MsgId") != values(made(transfers=moved), "MsgId")


def test_other_payments_have_another_message_id():
    assert values(made(), "MsgId") != values(made(transfers=TRANSFERS[:1]), "MsgId")


@pytest.mark.parametrize(
    "typed, written",
    [
        ("Œuvre à l’Été", "OEuvre a l'Ete"),
        ("Café <Lune> & Cie", "Cafe Lune + Cie"),
        ("//Tout // Va//", "Tout / Va"),
        ("a///b", "a/b"),
        ("a/磨/b", "a/b"),
        ("x" * 69 + "/y", "x" * 69),
        ("Łódź Ørsted", "Lodz Orsted"),
        ("磨坊", "-"),
        ("x" * 80, "x" * 70),
    ],
)
def test_names_are_written_in_letters_that_every_bank_takes(typed, written):
    assert sepa_text(typed) == written


@given(st.text(max_size=70), st.text(max_size=70), st.text(max_size=16))
def test_whatever_was_typed_the_schema_accepts_it(name, street, postcode):
    debtor = dataclasses.replace(HANGAR, account_name=name, street=street or None, postcode=postcode)
    assert flaws_of_payment(made(debtor)) == []
