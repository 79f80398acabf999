"""A statement (*relevé*) as a page to read, print and keep: PDF/A-3a and PDF/UA-1, in French. Pure.

The statement's own document is attached: who keeps the page can have it verified. The same document gives the same
bytes, and so does the same word of what became of it.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from passapp.kernel.french import at
from passapp.kernel.spoken import say_day
from passapp.kernel.typesetting import ARCHIVED, TypstError, printable, typeset
from passapp.network.rules import days_of
from passapp.settlement.files.listing import TOOK_NO_PART, WHY_NOT
from passapp.settlement.files.said import FUND_NAME, NBSP, amount, of_month, say_month
from passapp.settlement.rules.documents import Document, canonical, sha256_of
from passapp.settlement.rules.rating import FUND

Cells = list[list[str]]
_TEMPLATE: Final = "statement.typ"
_SIDES: Final = (("received", "Qui est venu chez vous"), ("made", "Où vos membres sont allés"))
_SUMS: Final = ("Hors taxes", "TVA", "Total")
_SAME_ACCOUNT: Final = f"même compte{NBSP}: rien à virer, notez-le comme payé"
_WAIVED: Final = {
    "offered": "offerts par le lieu visité",
    "stale_list": "laissés entrer par un téléphone resté longtemps sans réseau",
    "too_late": "connus trop tard",
}


@dataclass(frozen=True)
class Status:
    """What is known beside the document: the month's state, and by when its payments are to be made."""

    state: str = "open"
    due_on: date | None = None

    @property
    def said(self) -> str:
        """« Clos », « Provisoire »."""
        return "Clos" if self.state in {"closed", "netted", "paid"} else f"Provisoire{NBSP}: peut encore changer"


class _Words:
    """The names of places, and amounts; ``careful``: in letters that can be printed, else their codes."""

    def __init__(self, names: Mapping[str, str], currency: str | None, *, careful: bool) -> None:
        self._names, self._currency, self._careful = {**names, FUND: FUND_NAME}, currency, careful

    def amount(self, cents: int) -> str:
        """« 18,00 € », « 18,00 gonettes »."""
        return amount(cents, self._currency)

    def paid(self, code: str) -> str:
        """The same inside a sentence."""
        return "la caisse commune" if code == FUND else self[code]

    def to(self, code: str) -> str:
        """« à la caisse commune », « au Moulin »."""
        return "à la caisse commune" if code == FUND else at(self[code])

    def __getitem__(self, code: str) -> str:
        name = self._names.get(code, code)
        return printable(name, code) if self._careful else name


def statement_pdf(
    document: Document,
    names: Mapping[str, str],
    status: Status,
    ibans: Mapping[str, str] = MappingProxyType({}),
    borne: Mapping[str, int] = MappingProxyType({}),
    inside: Collection[str] = (),
) -> bytes:
    """The page of a place's statement. ``ibans``: where to pay, by the code of whoever is paid.

    ``inside``: the codes of those who have the place's own account: nothing to transfer between them. ``borne``: of a
    place that has left, its members' visits that the common fund pays, by the place visited; they stand in no document.
    """
    where = {code: " ".join(iban[n : n + 4] for n in range(0, len(iban), 4)) for code, iban in ibans.items()}
    where |= dict.fromkeys(inside, _SAME_ACCOUNT)
    try:
        return _set(document, _Words(names, document.get("currency"), careful=False), status, where, borne)
    except TypstError:
        # PDF/UA refuses a letter that no font has. Rare: only then is each name tried by itself.
        return _set(document, _Words(names, document.get("currency"), careful=True), status, where, borne)


def _set(
    document: Document, words: _Words, status: Status, where: Mapping[str, str], borne: Mapping[str, int]
) -> bytes:
    source = Path(__file__).with_name(_TEMPLATE).read_bytes()
    return typeset(
        source,
        standards=ARCHIVED,
        sheet=json.dumps(_sheet(document, words, status, where, borne), ensure_ascii=False),
        document=canonical(document).decode(),
    )


def has_money(document: Document) -> bool:
    """Whether the month settles money: a network that only counts shows no amount (R18)."""
    owed = (document.get(name) for name in ("bookings_received", "bookings_made", "openings", "transfers"))
    return any(version["document"]["money"] for version in document["conventions"]) or any(owed)


def _sheet(
    document: Document, words: _Words, status: Status, where: Mapping[str, str], borne: Mapping[str, int]
) -> dict[str, Any]:
    here, money = document["place"], has_money(document)
    received, made = (sum(row["visits"] for row in document[side]) for side in ("received", "made"))
    last, own = days_of(document["month"])[1], document["at_home_visits"]
    return {
        "date": [last.year, last.month, last.day],
        "title": f"Relevé {of_month(document['month'])}",
        "place": words[here],
        "state": status.said,
        "lead": f"{_visits(received)} {_plural(received, 'reçu')}, {made} {_plural(made, 'fait')} ailleurs."
        + (f" {_visits(own)} de vos membres chez vous (rien à régler)." if own else ""),
        "sum": _balance(document["position_cents"], words) if money else "",
        "file": f"{here}-{document['month']}.json",
        "sha256": sha256_of(document),
        "parts": [part for part in _parts(document, words, status, where, borne, money=money) if part["rows"]],
    }


def _parts(
    document: Document,
    words: _Words,
    status: Status,
    where: Mapping[str, str],
    borne: Mapping[str, int],
    *,
    money: bool,
) -> Iterable[dict[str, Any]]:
    here = document["place"]
    for side, title in _SIDES:
        yield _by_partner(title, document[side], words, money=money)
    yield _part(
        "Passages de vos membres que la caisse commune paie",
        ("Lieu", "Passages"),
        [[words[host], str(visits)] for host, visits in sorted(borne.items())],
    )
    for side, title in (
        ("bookings_received", "Salles réservées chez vous, que le lieu du membre avance"),
        ("bookings_made", "Salles réservées ailleurs, que votre lieu avance"),
    ):
        rows = document.get(side, ())
        yield _part(
            title,
            ("Lieu", "Réservations", *_SUMS),
            [[words[row["partner"]] + _why_not(row), str(row["bookings"]), *_amounts(row, words)] for row in rows],
        )
    corrections = [
        (row["partner"], each)
        for side in ("received", "made")
        for row in document[side]
        for each in row.get("credits", ())
    ]
    yield _part(
        "Corrections de mois déjà clos (comptées plus haut)",
        ("Lieu", "Mois", "Hors taxes"),
        [
            [words[partner], say_month(each["origin"]), words.amount(-each["amount_cents"])]
            for partner, each in corrections
        ],
    )
    yield _part(
        "Corrections de réservations de mois déjà clos (comptées plus haut)",
        ("Lieu", "Mois", "TVA comprise"),
        [
            [words[row["partner"]], say_month(each["origin"]), amount(-each["amount_cents"])]
            for side in ("bookings_received", "bookings_made")
            for row in document.get(side, ())
            for each in row.get("credits", ())
        ],
    )
    late = [(row["partner"], line) for side in ("received", "made") for row in document[side] for line in row["lines"]]
    yield _part(
        "Passages de mois déjà clos, connus depuis (comptés plus haut)",
        ("Lieu", "Mois", "Passages", *(("Hors taxes",) if money else ())),
        [
            [
                words[partner],
                say_month(line["origin"]),
                str(line["visits"]),
                *([words.amount(line["amount_cents"])] if money else []),
            ]
            for partner, line in late
            if line.get("origin")
        ],
    )
    if fund := document["fund_cents"]:
        side = "Vous donnez" if fund > 0 else "Elle vous rend"
        yield _part(FUND_NAME, ("Sens", "Montant"), [[side, words.amount(abs(fund))]])
    yield _part(
        "Dettes de mois d’avant",
        ("De", "À", "Mois", "Montant"),
        [
            [
                words[each["debtor"]],
                words[each["creditor"]],
                say_month(each["month"]),
                words.amount(each["amount_cents"]),
            ]
            for each in document.get("openings", ())
        ],
    )
    yield _transfers(document, words, status, where)
    yield _part(
        "Pourquoi ces paiements",
        ("Paiement", "Règle la dette", "Montant"),
        [
            [
                f"{words[each['debtor']]} → {words[each['creditor']]}",
                _debt(piece, words),
                words.amount(piece["amount_cents"]),
            ]
            for each in document["transfers"]
            for piece in each["discharges"]
        ],
    )
    yield _part(
        f"Trop petit pour être payé{NBSP}: reporté au mois suivant",
        ("De", "À", "Montant"),
        [
            [words[each["debtor"]], words[each["creditor"]], words.amount(each["amount_cents"])]
            for each in document.get("carried", ())
        ],
    )
    yield _part(
        "Passages comptés, qui ne se règlent pas",
        ("Lieu", "Passages", "Pourquoi"),
        [
            [words[row["partner"]], str(line["visits"]), _WAIVED.get(line["waived"], line["waived"])]
            for side in ("received", "made")
            for row in document[side]
            for line in row["lines"]
            if line.get("waived")
        ]
        + [
            [
                words[each["home"] if each["host"] == here else each["host"]],
                str(each["visits"]),
                TOOK_NO_PART,
            ]
            for each in document["not_settled"]
        ],
    )
    for side, title in _SIDES:
        yield _by_day(f"{title}, jour par jour", document, side, words, money=money)


def _transfers(document: Document, words: _Words, status: Status, where: Mapping[str, str]) -> dict[str, Any]:
    here, until = document["place"], status.due_on
    before = f" au plus tard le {say_day(until, 'fr')}" if until else ""
    rows = []
    for each in document["transfers"]:
        if each["debtor"] == here:
            to = where.get(each["creditor"], "")
            rows.append([f"Vous payez {words.paid(each['creditor'])}{before}", words.amount(each["amount_cents"]), to])
        else:
            same = _SAME_ACCOUNT if where.get(each["debtor"]) == _SAME_ACCOUNT else ""
            rows.append([f"{words[each['debtor']]} vous paie{before}", words.amount(each["amount_cents"]), same])
    # No bank knows of a local currency, and where nothing is to be paid there is no account to pay into.
    if "currency" in document or not any(to for _, _, to in rows):
        return _part("Paiements", ("Qui paie", "Montant"), [row[:2] for row in rows])
    return _part("Paiements", ("Qui paie", "Montant", "IBAN"), rows)


def _by_partner(title: str, rows: Sequence[Document], words: _Words, *, money: bool) -> dict[str, Any]:
    units = any(row["units"] != row["visits"] for row in rows)
    heads = ["Lieu", "Passages", *(["Unités"] if units else []), *(["Gratuits", "Payés", *_SUMS] if money else [])]
    shown = []
    for row in rows:
        free, paid = (sum(line[name] for line in row["lines"]) for name in ("free_units", "paid_units"))
        cells = [words[row["partner"]], str(row["visits"]), *([str(row["units"])] if units else [])]
        shown.append([*cells, *([str(free), str(paid), *_amounts(row, words)] if money else [])])
    return _part(title, heads, shown)


def _by_day(title: str, document: Document, side: str, words: _Words, *, money: bool) -> dict[str, Any]:
    days: dict[tuple[str, str], list[int]] = {}
    for row in document[side]:
        for visit in row["visits_detail"]:
            counted = days.setdefault((visit["local_date"], row["partner"]), [0, 0])
            counted[0] += 1
            counted[1] += visit["amount_cents"]
    return _part(
        title,
        ("Jour", "Lieu", "Passages", *(("Hors taxes",) if money else ())),
        [
            [_day(day, document["month"]), words[partner], str(visits), *([words.amount(cents)] if money else [])]
            for (day, partner), (visits, cents) in sorted(days.items())
        ],
    )


def _part(title: str, heads: Sequence[str], rows: Cells) -> dict[str, Any]:
    # Words to the left, figures to the right: a column is of figures where each of its cells is.
    figures = [all(_is_figure(row[n]) for row in rows) for n in range(len(heads))]
    return {"title": title, "heads": list(heads), "rows": rows, "figures": figures}


def _is_figure(text: str) -> bool:
    number = text.partition("\u00a0")[0]  # what follows is what it counts: € or a local currency
    return number.replace("\u202f", "").replace(",", "").lstrip("\u2212").isdigit()


def _why_not(row: Document) -> str:
    return f" ({WHY_NOT[row['not_settled']]})" if row.get("not_settled") else ""


def _amounts(row: Document, words: _Words) -> list[str]:
    return [words.amount(row[name]) for name in ("net_cents", "vat_cents", "total_cents")]


def _debt(piece: Document, words: _Words) -> str:
    return f"{words[piece['debtor']]} doit {words.to(piece['creditor'])}"


def _balance(cents: int, words: _Words) -> str:
    if not cents:
        return "Vous ne devez rien, et on ne vous doit rien."
    return f"On vous doit {words.amount(cents)}." if cents > 0 else f"Vous devez {words.amount(-cents)}."


def _visits(count: int) -> str:
    return f"{count} {_plural(count, 'passage')}"


def _plural(count: int, word: str) -> str:
    return word if count < 2 else f"{word}s"  # noqa: PLR2004  (French: 0 and 1 are singular)


def _day(text: str, month: str) -> str:
    """The day; of a month that was closed when its visits came to light, it says so."""
    said = say_day(date.fromisoformat(text), "fr", weekday=True)
    return said if text[:7] == month else f"{said} (mois déjà clos)"
