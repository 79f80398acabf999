"""Every amount of a month or a statement, one to a row, and the same as CSV. Pure.

In a statement the rows that count add up to the position, to the cent; what payments are made of it follows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, Literal

from passapp.kernel.text import CSV_BEGINS, csv_lines, spreadsheet_cell
from passapp.settlement.files.said import FUND_CODE, FUND_NAME, plain
from passapp.settlement.rules.advances import net_of
from passapp.settlement.rules.documents import Document
from passapp.settlement.rules.rating import FUND

What = Literal["visits", "credit", "vat", "bookings", "fund", "opening", "transfer", "carried"]
SAID: Final[Mapping[What, str]] = {
    "visits": "Passages",
    "credit": "Correction",
    "vat": "TVA",
    "bookings": "Salles réservées",
    "fund": FUND_NAME,
    "opening": "Dette d’avant",
    "transfer": "Paiement",
    "carried": "Reporté",
}
PAYMENTS: Final = frozenset({"transfer", "carried"})
"""They settle what is owed: they are no part of it."""
WAIVED: Final = {"offered": "offert", "stale_list": "liste ancienne", "too_late": "arrivé trop tard"}
TOOK_NO_PART: Final = "l’un des deux lieux n’était pas dans le réseau"
WHY_NOT: Final = {"took_no_part": TOOK_NO_PART, "in_euros": "à régler en euros entre les deux lieux"}
_COUNTED: Final = ("visits", "units", "free_units", "paid_units", "over_cap_units")
_HEADS: Final = (
    *("Mois", "Quoi", "De (code)", "De", "À (code)", "À", "Mois d’origine", "Version des règles", "Règle", "Nombre"),
    *("Unités", "Gratuites", "Payées", "Au-delà du plafond", "Tarif", "TVA %", "Montant", "Remarque"),
)


@dataclass(frozen=True)
class Amount:
    """What one place owes another, in cents; below 0: the other way. ``of``: what the document says of it."""

    what: What
    debtor: str
    creditor: str
    cents: int
    of: Document
    remark: str = ""

    def to(self, here: str) -> int:
        """The same as a place sees it: above 0 it receives it."""
        return self.cents if self.creditor == here else -self.cents


def amounts_of(document: Document) -> Iterator[Amount]:
    """What is owed, pair by pair; then the common fund, what former months left open, and the payments."""
    yield from _of_pairs(document)
    yield from _beside_pairs(document)
    for each in document["transfers"]:
        yield Amount("transfer", each["debtor"], each["creditor"], each["amount_cents"], {})
    for each in document.get("carried", ()):
        yield Amount("carried", each["debtor"], each["creditor"], each["amount_cents"], {})


def _of_pairs(document: Document) -> Iterator[Amount]:
    pairs = pairs_of(document)
    for home, host, line in lines_of(document):
        yield Amount("visits", home, host, line["amount_cents"], line, WAIVED.get(line.get("waived", ""), ""))
    for each in document["not_settled"]:
        yield Amount("visits", each["home"], each["host"], 0, each, TOOK_NO_PART)
    for home, host, row in _credits(document, pairs):
        yield Amount("credit", home, host, -row["amount_cents"], row)
    for home, host, pair in pairs:
        if pair["vat_cents"]:
            yield Amount("vat", home, host, pair["vat_cents"], {})


def _beside_pairs(document: Document) -> Iterator[Amount]:
    for home, host, row in bookings_of(document):
        cancelled = f"dont annulées : {row['cancelled']}" if row["cancelled"] else ""
        remark = WHY_NOT.get(row.get("not_settled", ""), cancelled)
        booked, corrections = booked_and_corrected(row)
        if row["bookings"]:
            yield Amount("bookings", home, host, booked, row, remark)
        for credit, cents in corrections:
            yield Amount("credit", home, host, -cents, credit, "salles")
        if row["vat_cents"]:
            yield Amount("vat", home, host, row["vat_cents"], {}, "salles")
    here = document.get("place")
    given = [{"host": here, "amount_cents": document["fund_cents"]}] if here else document["fund"]
    for each in given:
        if each["amount_cents"]:
            yield Amount("fund", each["host"], FUND, each["amount_cents"], {})
    for each in document.get("openings", ()):
        yield Amount("opening", each["debtor"], each["creditor"], each["amount_cents"], {"origin": each["month"]})


def pairs_of(document: Document) -> list[tuple[str, str, Document]]:
    """Who went where: home, host, and the row of the two."""
    if "pairs" in document:
        return [(pair["home"], pair["host"], pair) for pair in document["pairs"]]
    here = document["place"]
    received = [(pair["partner"], here, pair) for pair in document["received"]]
    return received + [(here, pair["partner"], pair) for pair in document["made"]]


def lines_of(document: Document) -> list[tuple[str, str, Document]]:
    """The lines of all pairs: home, host, line."""
    if "lines" in document:
        return [(line["home"], line["host"], line) for line in document["lines"]]
    return [(home, host, line) for home, host, pair in pairs_of(document) for line in pair["lines"]]


def rules_named(document: Document) -> dict[tuple[int, int], str]:
    """What the rules of the tariff are called, by version and place in it (from 0); empty where one has no name."""
    return {
        (version["number"], number): rule.get("label") or ""
        for version in document["conventions"]
        for number, rule in enumerate(version["document"]["tariff"])
    }


def _credits(document: Document, pairs: Iterable[tuple[str, str, Document]]) -> Iterable[tuple[str, str, Document]]:
    if "place" not in document:
        return [(row["home"], row["host"], row) for row in document.get("credits", ())]
    return [(home, host, row) for home, host, pair in pairs for row in pair.get("credits", ())]


def bookings_of(document: Document) -> list[tuple[str, str, Document]]:
    """The rows of bookings that homes advance: home, host, row."""
    if "place" not in document:
        return [(row["home"], row["host"], row) for row in document.get("bookings", ())]
    here = document["place"]
    received = [(row["partner"], here, row) for row in document.get("bookings_received", ())]
    return received + [(here, row["partner"], row) for row in document.get("bookings_made", ())]


def booked_and_corrected(row: Document) -> tuple[int, list[tuple[Document, int]]]:
    """What a row's bookings come to without tax, and what each correction takes away of it: together, the row's net.

    Their amounts include tax, which is rounded once on the row: what rounding leaves over falls on a correction. Those
    of one month follow one another: they come to the same as in the network's month, where they are one.
    """
    rate, credits_ = row["vat_basis_points"], sorted(row.get("credits", ()), key=itemgetter("origin"))
    left = row["total_cents"] + sum(each["amount_cents"] for each in credits_)
    booked, corrections = net_of(left, rate), []
    for each in credits_:
        before, left = net_of(left, rate), left - each["amount_cents"]
        corrections.append((each, before - net_of(left, rate)))
    return booked, corrections


def lines_csv(document: Document, names: Mapping[str, str]) -> bytes:
    """A month or a statement as a French spreadsheet reads it: ``;``, decimal comma, UTF-8 with BOM.

    ``names`` are the places' names by code; a cell that a spreadsheet would run as a formula is neutralised. A
    statement says of each amount what it is for the place, and ends with what they add up to: its position. The last
    column names the local currency, where there is one.
    """
    here, named, rules = document.get("place", ""), {**names, FUND: FUND_NAME}, rules_named(document)

    def ruled(of: Document) -> str:
        return spreadsheet_cell(rules[of["convention"], of["rule"]]) or str(of["rule"] + 1) if "rule" in of else ""

    def called(code: str) -> list[str]:
        return [FUND_CODE if code == FUND else spreadsheet_cell(code), spreadsheet_cell(named[code])]

    currency = [document["currency"]] if "currency" in document else []
    rows = [[*_HEADS, *(["Pour le lieu"] if here else []), *(["Monnaie"] if currency else [])]]
    for each in amounts_of(document):
        of = each.of
        cells = [document["month"], SAID[each.what], *called(each.debtor), *called(each.creditor)]
        cells += [of.get("origin", ""), str(of.get("convention", "")), ruled(of)]
        cells += [str(of.get(name, "")) for name in _COUNTED] if each.what != "bookings" else [str(of["bookings"])]
        cells += [""] * (_HEADS.index("Tarif") - len(cells))
        cells += [plain(of[name], ",") if name in of else "" for name in ("rate_cents", "vat_basis_points")]
        cells += [plain(each.cents, ","), each.remark]
        if here:
            cells.append("" if each.what in PAYMENTS else plain(each.to(here), ","))
        rows.append([*cells, *currency])
    positions = document["positions"] if not here else [{"place": here, "position_cents": document["position_cents"]}]
    for row in positions:
        said = plain(row["position_cents"], ",")
        blank = [""] * (_HEADS.index("Montant") - 4)
        last = [said, "", *([said] if here else []), *currency]
        rows.append([document["month"], "Solde", *called(row["place"]), *blank, *last])
    return CSV_BEGINS + csv_lines(rows)
