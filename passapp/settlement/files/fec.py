"""A statement as a file that accounting tools import: the 18 columns of the FEC (art. A47 A-1 LPF). Pure.

It is an import, and named so: the legal FEC is what the accounting tool itself exports, with its own numbers.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from passapp.kernel.text import spreadsheet_cell
from passapp.settlement.details.rules import Details
from passapp.settlement.files.entries import Entry, entries_of
from passapp.settlement.files.said import plain
from passapp.settlement.rules.documents import Document

COLUMNS: Final = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
JOURNAL_NAME: Final = "Passages entre lieux"


def fec_import(document: Document, own: Details, names: Mapping[str, str]) -> bytes:
    """The entries of a statement: tabs between columns, a comma in amounts, UTF-8."""
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(row) for row in _rows(entries_of(document, own, names), own.journal, document["month"])]
    return ("\r\n".join(lines) + "\r\n").encode()


def _rows(entries: Iterable[Entry], journal: str, month: str) -> Iterable[list[str]]:
    for entry in entries:
        day = f"{entry.day:%Y%m%d}"
        for each in entry.postings:
            yield [
                journal,
                JOURNAL_NAME,
                entry.reference,
                day,
                each.account,
                each.account_name,
                _flat(each.partner),
                _flat(each.partner_name),
                f"RELEVE-{month}",
                day,
                _flat(entry.label),
                plain(max(each.cents, 0), ","),
                plain(max(-each.cents, 0), ","),
                *("", "", day, "", ""),
            ]


def _flat(text: str) -> str:
    """A name without what would end a column or a line, or what a spreadsheet would run: many open it in one."""
    return spreadsheet_cell(" ".join(text.split()))
