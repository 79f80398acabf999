"""A place's month as entries of its books, for any accounting tool. Pure.

A host's earnings and a home's costs stand per partner, tax apart (R11); then the entry of netting sets every debt off
against the payments that are made instead (R16). What former months opened with is in the books already, and so is
what is carried to the next: it stays owed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from passapp.network.rules import days_of
from passapp.settlement.details.rules import Details
from passapp.settlement.files.said import FUND_CODE, FUND_NAME, say_month
from passapp.settlement.rules.documents import Document
from passapp.settlement.rules.rating import FUND


@dataclass(frozen=True)
class Posting:
    """An amount on an account, in cents: above 0 debit, below 0 credit. ``partner``: the other place's code, if any."""

    account: str
    account_name: str
    cents: int
    partner: str = ""
    partner_name: str = ""


@dataclass(frozen=True)
class Entry:
    """Postings that add up to 0."""

    day: date
    reference: str
    label: str
    postings: tuple[Posting, ...]


ACCOUNT_NAMES = {
    "receivable": "Lieux du réseau, à recevoir",
    "payable": "Lieux du réseau, à payer",
    "income": "Passages reçus",
    "expense": "Passages faits ailleurs",
    "vat": "TVA collectée",
    "input_vat": "TVA déductible",
    "fund": "Caisse commune",
}


class _Books:
    """The accounts of one place, and the names of the others."""

    def __init__(self, own: Details, names: Mapping[str, str]) -> None:
        self._own, self._names = own, {**names, FUND: FUND_NAME}

    def name(self, code: str) -> str:
        return self._names.get(code, code)

    def post(self, what: str, cents: int, partner: str = "") -> Posting:
        shown = self._names.get(partner, partner) if partner else ""
        code = FUND_CODE if partner == FUND else partner
        return Posting(self._own.accounts[what], ACCOUNT_NAMES[what], cents, code, shown)


@dataclass
class _Owed:
    """What partners owe the place, and what it owes them, in cents by code."""

    to_it: dict[str, int]
    by_it: dict[str, int]

    @classmethod
    def of(cls, here: str, debts: Iterable[Document]) -> "_Owed":
        """The debts of a statement as the place ``here`` sees them."""
        owed = cls(defaultdict(int), defaultdict(int))
        for debt in debts:
            if debt["creditor"] == here:
                owed.to_it[debt["debtor"]] += debt["amount_cents"]
            else:
                owed.by_it[debt["creditor"]] += debt["amount_cents"]
        return owed


def entries_of(document: Document, own: Details, names: Mapping[str, str]) -> list[Entry]:
    """The entries of a statement, in a fixed order. ``own``: the place that it is of; ``names``: of places, by code."""
    books, month = _Books(own, names), document["month"]
    day, said = days_of(month)[1], say_month(month)
    owed = _Owed.of(document["place"], document.get("openings", ()))
    found: list[tuple[str, list[Posting]]] = []
    for code, net, vat in _sums(document, "received", "bookings_received"):
        owed.to_it[code] += net + vat
        postings = [books.post("receivable", net + vat, code), books.post("income", -net), books.post("vat", -vat)]
        found.append((f"Passages reçus : {books.name(code)}, {said}", postings))
    for code, net, vat in _sums(document, "made", "bookings_made"):
        owed.by_it[code] += net + vat
        postings = [books.post("expense", net), books.post("input_vat", vat), books.post("payable", -net - vat, code)]
        found.append((f"Passages faits ailleurs : {books.name(code)}, {said}", postings))
    if fund := document["fund_cents"]:
        owed.by_it[FUND] += fund
        found.append((f"{FUND_NAME}, {said}", [books.post("fund", fund), books.post("payable", -fund, FUND)]))
    paid = _Owed.of(document["place"], (*document["transfers"], *document.get("carried", ())))
    found.append((f"Paiements regroupés, {said}", _set_off(books, owed, paid)))
    kept = [(label, tuple(each for each in postings if each.cents)) for label, postings in found]
    return [
        Entry(day, f"{month}-{number}", label, postings)
        for number, (label, postings) in enumerate((each for each in kept if each[1]), start=1)
    ]


def _sums(document: Document, *sides: str) -> Iterator[tuple[str, int, int]]:
    """Each partner of these sides of a statement, with what it comes to: excluding tax, and the tax."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for side in sides:
        for row in document.get(side, ()):
            sums[row["partner"]][0] += row["net_cents"]
            sums[row["partner"]][1] += row["vat_cents"]
    for code, (net, vat) in sorted(sums.items()):
        yield code, net, vat


def _set_off(books: _Books, owed: _Owed, paid: _Owed) -> list[Posting]:
    """From what was owed to what is paid instead; nothing where that is the same."""
    postings = []
    for code in sorted(owed.to_it.keys() | owed.by_it.keys() | paid.to_it.keys() | paid.by_it.keys()):
        postings.append(books.post("receivable", paid.to_it.get(code, 0) - owed.to_it.get(code, 0), code))
        postings.append(books.post("payable", owed.by_it.get(code, 0) - paid.by_it.get(code, 0), code))
    return postings
