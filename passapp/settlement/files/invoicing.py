"""What a host bills a home for a month: lines, tax per rate (R11), and what the law wants said. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from passapp.network.rules import days_of
from passapp.settlement.details.rules import Details, VatExemption
from passapp.settlement.files.listing import booked_and_corrected, rules_named
from passapp.settlement.files.said import of_month, say_month
from passapp.settlement.rules.amounts import share
from passapp.settlement.rules.documents import Document

InvoiceKind = Literal["invoice", "credit_note", "self_billed", "self_billed_credit"]
SELF_BILLED: Final = frozenset({"self_billed", "self_billed_credit"})
TYPE_CODES: Final[Mapping[InvoiceKind, str]] = {
    "invoice": "380",
    "credit_note": "381",
    "self_billed": "389",
    "self_billed_credit": "261",
}
"""UNTDID 1001."""
TITLES: Final[Mapping[InvoiceKind, str]] = {
    "invoice": "Facture",
    "credit_note": "Avoir",
    "self_billed": "Facture (autofacturation)",
    "self_billed_credit": "Avoir (autofacturation)",
}


@dataclass(frozen=True)
class Billed:
    """A line: ``quantity`` at ``unit_cents``, excluding tax. A correction has a quantity below 0.

    ``exemption``: why there is no tax on it, where its rate is 0.
    """

    name: str
    quantity: int
    unit_cents: int
    vat_basis_points: int
    exemption: VatExemption

    @property
    def net_cents(self) -> int:
        """What the line comes to."""
        return self.quantity * self.unit_cents


@dataclass(frozen=True)
class VatGroup:
    """All lines of one rate, in cents; ``exemption``: why there is no tax at rate 0 (code if there is one, sentence).

    What is outside the tax (``O``) stands alone on an invoice (BR-O-11): beside another group, it is exempt (``E``).
    """

    basis_points: int
    net_cents: int
    vat_cents: int
    category: Literal["S", "E", "O"]
    exemption: tuple[str | None, str] | None = None


@dataclass(frozen=True)
class Bill:
    """What is billed, before it has a number. Amounts are above 0 also for a credit note, which its kind says."""

    month: str
    is_credit: bool
    lines: tuple[Billed, ...]
    groups: tuple[VatGroup, ...]
    origins: tuple[str, ...]

    @property
    def net_cents(self) -> int:
        """Excluding tax."""
        return sum(group.net_cents for group in self.groups)

    @property
    def vat_cents(self) -> int:
        """The tax."""
        return sum(group.vat_cents for group in self.groups)

    @property
    def total_cents(self) -> int:
        """Including tax."""
        return self.net_cents + self.vat_cents


@dataclass(frozen=True)
class InvoiceSheet:
    """An invoice whole: the bill, its number and dates, and the two places. ``corrects``: (number, date) of others."""

    number: str
    kind: InvoiceKind
    issued_on: date
    due_on: date
    seller: Details
    buyer: Details
    bill: Bill
    corrects: tuple[tuple[str, date], ...] = ()

    @property
    def name(self) -> str:
        """Of its file: two sellers may give the same number."""
        return f"{self.seller.code}-{self.number}"

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What the law wants said, by its subject code (UNTDID 4451)."""
        said = [(code, in_force(of, self.issued_on)["fr"]) for code, of in legal()["notes"].items()]
        said += [("", in_force(legal()["clearing"], self.issued_on)["fr"])]
        if self.kind in SELF_BILLED:
            said += [("", in_force(legal()["self_billed"], self.issued_on)["fr"])]
        return said


@cache
def legal() -> dict[str, Any]:
    """What the law wants written, with the dates from which on."""
    said: dict[str, Any] = json.loads(Path(__file__).with_name("legal.json").read_text(encoding="utf-8"))
    return said


def in_force(versions: Iterable[Mapping[str, str]], on: date) -> Mapping[str, str]:
    """The last version that has begun by a date."""
    return max((each for each in versions if each["from"] <= on.isoformat()), key=lambda each: each["from"])


def bill_of(document: Document, home: str, seller: Details) -> Bill | None:
    """What the place of a statement bills ``home`` for its month; None where nothing is billed nor given back.

    It comes to what the statement says, to the cent. Where corrections take back all that the month's visits come to,
    it is an invoice of 0.00: they are invoiced, and whatever is corrected is.
    """
    rules = rules_named(document)
    outside = {each["number"] for each in document["conventions"] if each["document"].get("vat") == "none"}

    def why(row: Document) -> VatExemption:
        return "outside" if row["convention"] in outside else seller.vat_exemption

    row = next((each for each in document["received"] if each["partner"] == home), None) or {"lines": ()}
    booked = [each for each in document.get("bookings_received", ()) if each["partner"] == home]
    lines = [
        Billed(
            _line_name(line, rules, document["month"]),
            line["paid_units"],
            line["rate_cents"],
            line["vat_basis_points"],
            why(line),
        )
        for line in row["lines"]
        if line["amount_cents"]
    ]
    credits_ = row.get("credits", ())
    lines += [
        Billed(
            f"Correction d’un passage {of_month(each['origin'])}",
            -1,
            each["amount_cents"],
            each["vat_basis_points"],
            why(each),
        )
        for each in credits_
    ]
    vat: dict[int, int] = defaultdict(int)
    for line in lines:
        vat[line.vat_basis_points] += line.net_cents
    vat = defaultdict(int, {rate: share(net, rate) for rate, net in vat.items()})
    for each in booked:
        rate, (own, corrections) = each["vat_basis_points"], booked_and_corrected(each)
        if own:
            lines.append(Billed("Réservations de salles", 1, own, rate, seller.vat_exemption))
        lines += [
            Billed(f"Correction d’une réservation {of_month(credit['origin'])}", -1, cents, rate, seller.vat_exemption)
            for credit, cents in corrections
        ]
        if own or corrections:
            vat[rate] += each["vat_cents"]
    if not lines:
        return None
    total = sum(line.net_cents for line in lines) + sum(vat.values())
    sign = -1 if total < 0 else 1
    billed = tuple(replace(each, quantity=sign * each.quantity) for each in lines)
    return Bill(
        month=document["month"],
        is_credit=total < 0,
        lines=billed,
        groups=_groups(billed, {rate: sign * cents for rate, cents in vat.items()}, days_of(document["month"])[1]),
        origins=tuple(sorted({each["origin"] for of in (row, *booked) for each in of.get("credits", ())})),
    )


def _line_name(line: Document, rules: Mapping[tuple[int, int], str], month: str) -> str:
    rule = rules[line["convention"], line["rule"]] or f"règle {line['rule'] + 1}"
    return f"Passages de membres, {rule}, {say_month(line.get('origin') or month)}"


def _groups(lines: Sequence[Billed], vat: Mapping[int, int], on: date) -> tuple[VatGroup, ...]:
    """The lines by rate, lowest first. ``vat``: what each rate comes to."""
    found = []
    for rate, cents in sorted(vat.items()):
        several = [line for line in lines if line.vat_basis_points == rate]
        net = sum(line.net_cents for line in several)
        if rate:
            found.append(VatGroup(rate, net, cents, "S"))
            continue
        reasons = [in_force(legal()["exemptions"][each], on) for each in sorted({line.exemption for line in several})]
        is_outside = len(vat) == 1 and {line.exemption for line in several} == {"outside"}
        # The code of what is outside says "O"; two reasons have no code.
        code = reasons[0]["code"] if len(reasons) == 1 and (is_outside or several[0].exemption != "outside") else None
        said = " ; ".join(each["fr"] for each in reasons)
        found.append(VatGroup(0, net, cents, "O" if is_outside else "E", (code, said)))
    return tuple(found)
