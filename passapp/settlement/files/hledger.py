"""A statement as a journal of hledger (plain text accounting). Pure."""

from collections.abc import Mapping

from passapp.settlement.details.rules import Details
from passapp.settlement.files.entries import Posting, entries_of
from passapp.settlement.files.said import plain
from passapp.settlement.rules.documents import Document


def hledger_journal(document: Document, own: Details, names: Mapping[str, str]) -> bytes:
    """The entries of a statement: accounts by number, the other place as a sub-account."""
    # A name of several words, or with accents, is quoted: every local currency's is.
    currency = f'"{document["currency"]}"' if "currency" in document else "EUR"
    lines = [f"; {_flat(own.name)}, {document['month']}", f"commodity 1000.00 {currency}", "decimal-mark .", ""]
    for entry in entries_of(document, own, names):
        lines.append(f"{entry.day.isoformat()} * ({entry.reference}) {_flat(entry.label)}")
        lines += [f"    {_account(each):<48}  {plain(each.cents):>12} {currency}" for each in entry.postings]
        lines.append("")
    return "\n".join(lines).encode()


def _account(posting: Posting) -> str:
    return f"{posting.account}:{posting.partner}" if posting.partner else posting.account


def _flat(text: str) -> str:
    """A name without what means something in a journal: ends of lines, comments, the bar of a payee."""
    return " ".join(text.replace(";", ",").replace("|", "/").split())
