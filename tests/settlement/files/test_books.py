"""A statement as entries of a place's books: the FEC layout, and a journal that hledger itself adds up."""

import csv
import io
import subprocess
from collections import defaultdict

import pytest

from passapp.settlement.files.entries import entries_of
from passapp.settlement.files.fec import COLUMNS, fec_import
from passapp.settlement.files.hledger import hledger_journal
from tests.settlement.files.months import DETAILS, NAMES, statement

MODES = ("gross", "bilateral", "existing_debts", "multilateral")


def balances(place, **fields):
    """What stands on each account and partner at the end, in cents."""
    found = defaultdict(int)
    for entry in entries_of(statement(place, **fields), DETAILS[place], NAMES):
        for each in entry.postings:
            found[each.account, each.partner] += each.cents
    return {key: cents for key, cents in found.items() if cents}


def read_fec(content):
    return list(csv.DictReader(io.StringIO(content.decode()), delimiter="\t"))


def run(journal, *words):
    return subprocess.run(  # hledger reads, it does not write
        ["hledger", "-f", "-", *words], input=journal, capture_output=True, check=True, timeout=60
    ).stdout.decode()


@pytest.mark.parametrize("place", DETAILS)
@pytest.mark.parametrize("netting", MODES)
def test_every_entry_balances(place, netting):
    entries = entries_of(statement(place, netting=netting), DETAILS[place], NAMES)
    assert entries
    assert all(sum(each.cents for each in entry.postings) == 0 for entry in entries)


@pytest.mark.parametrize("place", DETAILS)
@pytest.mark.parametrize("netting", MODES)
def test_what_stays_owed_is_what_is_paid(place, netting):
    document = statement(place, netting=netting)
    left = balances(place, netting=netting)
    expected = defaultdict(int)
    for paid in (*document["transfers"], *document.get("carried", ())):
        if paid["creditor"] == place:
            expected["411000", paid["debtor"]] += paid["amount_cents"]
        else:
            expected["401000", paid["creditor"]] -= paid["amount_cents"]
    for opening in document.get("openings", ()):  # stands in the books of the former month
        if opening["creditor"] == place:
            expected["411000", opening["debtor"]] -= opening["amount_cents"]
        else:
            expected["401000", opening["creditor"]] += opening["amount_cents"]
    third = {key: cents for key, cents in left.items() if key[0] in {"411000", "401000"}}
    named = {(account, "CAISSE" if code == "@fund" else code): cents for (account, code), cents in expected.items()}
    assert third == {key: cents for key, cents in named.items() if cents}


def test_earnings_costs_and_tax_stand_on_their_accounts():
    left = balances("hangar")
    document = statement("hangar")
    earned = sum(row["net_cents"] for row in document["received"] + document["bookings_received"])
    assert left["706000", ""] == -earned
    assert left["445710", ""] == -sum(row["vat_cents"] for row in document["received"] + document["bookings_received"])
    assert left["611000", ""] == sum(row["net_cents"] for row in document["made"])
    assert left["658000", ""] == document["fund_cents"]


def test_the_import_has_the_eighteen_columns_and_debits_equal_credits():
    content = fec_import(statement("hangar"), DETAILS["hangar"], NAMES)
    rows = read_fec(content)
    assert content.decode().splitlines()[0].split("\t") == list(COLUMNS)
    assert len(COLUMNS) == 18
    cents = {side: sum(int(row[side].replace(",", "")) for row in rows) for side in ("Debit", "Credit")}
    assert cents["Debit"] == cents["Credit"] > 0
    assert {row["EcritureDate"] for row in rows} == {"20261031"}
    assert {row["JournalCode"] for row in rows} == {"PASS"}
    assert [row["EcritureNum"] for row in rows] == sorted(row["EcritureNum"] for row in rows)


def test_a_name_neither_breaks_a_column_nor_adds_a_line():
    names = NAMES | {"moulin": "Le\tMoulin\nSCIC"}
    rows = read_fec(fec_import(statement("hangar"), DETAILS["hangar"], names))
    assert {row["CompAuxLib"] for row in rows if row["CompAuxNum"] == "moulin"} == {"Le Moulin SCIC"}


def test_a_name_that_a_spreadsheet_would_run_is_neutralised_in_the_import():
    cells = [
        cell for row in read_fec(fec_import(statement("hangar"), DETAILS["hangar"], NAMES)) for cell in row.values()
    ]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.hledger
@pytest.mark.parametrize("place", DETAILS)
@pytest.mark.parametrize("netting", MODES)
def test_hledger_reads_the_journal_and_finds_that_it_balances(place, netting):
    journal = hledger_journal(statement(place, netting=netting), DETAILS[place], NAMES)
    run(journal, "check", "parseable", "balancednoautoconversion")
    said = run(journal, "balance", "--flat", "--output-format=csv", "--no-total")
    rows = list(csv.reader(io.StringIO(said)))[1:]
    found = {account: round(float(amount.removesuffix(" EUR")) * 100) for account, amount in rows}
    own = {
        f"{account}:{partner}".rstrip(":"): cents
        for (account, partner), cents in balances(place, netting=netting).items()
    }
    assert found == own


@pytest.mark.hledger
@pytest.mark.parametrize("currency", ["gonettes", "sous l’Étoile", "stücks d'or"])
def test_hledger_reads_a_local_currency_as_a_commodity(currency):
    journal = hledger_journal(statement("hangar", currency=currency), DETAILS["hangar"], NAMES)
    run(journal, "check", "parseable", "balancednoautoconversion", "commodities")
    assert run(journal, "commodities").splitlines() == [currency]
    [_, [_, earned]] = csv.reader(io.StringIO(run(journal, "balance", "706000", "--output-format=csv", "--no-total")))
    assert earned.replace('"', "") == f"-15.00 {currency}"


def test_the_same_statement_gives_the_same_bytes():
    for render in (fec_import, hledger_journal):
        assert render(statement(), DETAILS["hangar"], NAMES) == render(statement(), DETAILS["hangar"], NAMES)
