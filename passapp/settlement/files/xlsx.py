"""A month or a statement as a workbook for a spreadsheet. Pure: the same document gives the same bytes.

Numbers are numbers, amounts are in euros or say their local currency; what people typed is text, whatever it begins
with.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any, Final

from xlsxwriter import Workbook

from passapp.kernel.text import spreadsheet_cell
from passapp.network.rules import days_of
from passapp.settlement.files.listing import (
    PAYMENTS,
    SAID,
    WAIVED,
    amounts_of,
    bookings_of,
    lines_of,
    pairs_of,
    rules_named,
)
from passapp.settlement.files.said import FUND_NAME
from passapp.settlement.rules.documents import Document
from passapp.settlement.rules.rating import FUND

Cell = str | int | date | None
_UNITS: Final = ("visits", "units", "free_units", "paid_units", "over_cap_units")
_UNITS_SAID: Final = ("Passages", "Unités", "Gratuites", "Payées", "Au-delà du plafond")
_SUMS: Final = ("net_cents", "vat_cents", "total_cents")
_SUMS_SAID: Final = ("Hors taxes", "TVA", "Total")


_BOOKED_SAID: Final = ("Corrections (TTC)", *_SUMS_SAID)


class Money(int):
    """Cents, shown as euros (or hundredths of the local currency, as units of it)."""


class Percent(int):
    """Basis points, shown as percents."""


def workbook(document: Document, names: Mapping[str, str]) -> bytes:
    """A sheet each for the sums, the lines, the payments, and in a statement the visits. ``names``: by place code."""
    named = {**names, FUND: FUND_NAME}
    out = BytesIO()
    with Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        # Not the hour at which it is made: a second file is the first.
        book.set_properties({"created": datetime.combine(days_of(document["month"])[1], time(), UTC)})
        for title, heads, rows in _sheets(document, named):
            _write(book, title, heads, rows, document.get("currency"))
    return out.getvalue()


def _sheets(document: Document, names: Mapping[str, str]) -> Iterable[tuple[str, Sequence[str], list[list[Cell]]]]:
    pairs = pairs_of(document)
    heads = ("Membres de", "Passages à", "Passages", "Unités", *_SUMS_SAID)
    rows: list[list[Cell]] = [
        [names[home], names[host], pair["visits"], pair["units"], *_money(pair, _SUMS)] for home, host, pair in pairs
    ]
    yield "Par lieu", heads, rows
    rules = rules_named(document)
    yield "Détail", _LINE_HEADS, [_line(names, rules, home, host, line) for home, host, line in lines_of(document)]
    if booked := [
        [names[home], names[host], row["bookings"], row["cancelled"], _corrected(row), *_money(row, _SUMS)]
        for home, host, row in bookings_of(document)
    ]:
        yield "Réservations", ("Abonnés de", "Réservées à", "Réservations", "Annulées", *_BOOKED_SAID), booked
    if "positions" in document:
        solde: list[list[Cell]] = [[names[p["place"]], Money(p["position_cents"])] for p in document["positions"]]
        yield "Soldes", ("Lieu", "Reçoit (ou paie)"), solde
    yield "Ce qui est dû", *_owed(document, names)
    paid = [*document["transfers"], *(each | {"carried": True} for each in document.get("carried", ()))]
    yield (
        "Paiements",
        ("De", "À", "Montant", "Remarque"),
        [
            [
                names[each["debtor"]],
                names[each["creditor"]],
                Money(each["amount_cents"]),
                "reporté au mois suivant" if each.get("carried") else "",
            ]
            for each in paid
        ],
    )
    if "place" in document:
        yield "Passages", _VISIT_HEADS, [_visit(names, document["month"], *each) for each in _visits(document)]


_LINE_HEADS: Final = (
    *("Membres de", "Passages à", "Version des règles", "Règle"),
    *_UNITS_SAID,
    *("Tarif", "TVA %", "Hors taxes", "Remarque", "Mois d’origine"),
)
_VISIT_HEADS: Final = (
    *("Membres de", "Passages à", "Jour", *_UNITS_SAID[1:]),
    *("Tarif", "Hors taxes", "Remarque", "Mois d’origine", "N°"),
)


def _owed(document: Document, names: Mapping[str, str]) -> tuple[Sequence[str], list[list[Cell]]]:
    """What is owed, with what is given back and taken over: in a statement it adds up to the position."""
    here = document.get("place")
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for each in amounts_of(document):
        if each.what not in PAYMENTS and each.cents:
            sums[SAID[each.what], each.debtor, each.creditor, each.of.get("origin", "")] += each.cents
    rows: list[list[Cell]] = [
        [
            names[debtor],
            names[creditor],
            what,
            origin,
            Money(cents),
            *([Money(cents if creditor == here else -cents)] if here else []),
        ]
        for (what, debtor, creditor, origin), cents in sums.items()
    ]
    if here:
        rows.append([names[here], "", "Solde", "", "", Money(document["position_cents"])])
    return ("De", "À", "Quoi", "Mois d’origine", "Montant", *(["Pour le lieu"] if here else [])), rows


def _line(
    names: Mapping[str, str], rules: Mapping[tuple[int, int], str], home: str, host: str, line: Document
) -> list[Cell]:
    rule = rules[line["convention"], line["rule"]] or line["rule"] + 1
    counted = [line[name] for name in _UNITS]
    amounts = [Money(line["rate_cents"]), Percent(line["vat_basis_points"]), Money(line["amount_cents"])]
    said = [WAIVED.get(line.get("waived", ""), ""), line.get("origin", "")]
    return [names[home], names[host], line["convention"], rule, *counted, *amounts, *said]


def _visit(names: Mapping[str, str], month: str, home: str, host: str, visit: Document) -> list[Cell]:
    counted = [visit[name] for name in _UNITS[1:]]
    day = date.fromisoformat(visit["local_date"])
    said = WAIVED.get(visit.get("waived", ""), "")
    origin = visit["local_date"][:7] if visit["local_date"][:7] < month else ""
    amounts = _money(visit, ("rate_cents", "amount_cents"))
    return [names[home], names[host], day, *counted, *amounts, said, origin, visit["id"]]


def _corrected(row: Document) -> Money:
    return Money(-sum(each["amount_cents"] for each in row.get("credits", ())))


def _money(row: Document, columns: Iterable[str]) -> list[Cell]:
    return [Money(row[name]) for name in columns]


def _visits(document: Document) -> Iterable[tuple[str, str, Document]]:
    return [(home, host, visit) for home, host, pair in pairs_of(document) for visit in pair["visits_detail"]]


def _write(
    book: Any,  # noqa: ANN401
    title: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    currency: str | None,
) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bottom": 1})
    percent = book.add_format({"num_format": "# ##0.00"})
    money = book.add_format({"num_format": f'# ##0.00 "{currency}"'}) if currency else percent
    width = 12 + (len(currency) + 1 if currency else 0)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    # Text for good: not even who edits the cell makes a formula of it.
    text = book.add_format({"quote_prefix": True})
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
        sheet.set_column(column, column, max(width, len(head) + 2))
    sheet.set_column(0, 1, 26)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, Money):
                sheet.write_number(number, column, cell / 100, money)
            elif isinstance(cell, Percent):
                sheet.write_number(number, column, cell / 100, percent)
            elif isinstance(cell, int):
                sheet.write_number(number, column, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, datetime.combine(cell, time()), day)
            elif cell:
                sheet.write_string(number, column, spreadsheet_cell(cell), text)
