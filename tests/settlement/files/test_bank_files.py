"""A place's payments as pain.001, judged by the schema that ``sepaxml`` ships."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from passapp.settlement.files.pain001 import NAMESPACE, BankTransfer, bank_file, sepa_text
from tests.settlement.details.places import OTHER_IBAN
from tests.settlement.files.judges import flaws_of_payment
from tests.settlement.files.months import HANGAR, MOULIN, PHARE

MADE_ON, DUE = date(2026, 11, 1), date(2026, 12, 3)
TRANSFERS = [
    BankTransfer("RESEAU-202610-B", MOULIN, 1875, DUE),
    BankTransfer("RESEAU-202610-A", dataclasses.replace(PHARE, iban=OTHER_IBAN, street="x" * 70), 100_000_00, DUE),
]


def made(debtor=HANGAR, transfers=TRANSFERS):
    return bank_file(debtor, transfers, month="2026-10", made_on=MADE_ON)


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
