"""Recomputes a month of settlement from the visits, and compares: a check that shares nothing with Passapp.

    passapp settle 2026-10 --json > month.json
    python recompute.py data/passapp.sqlite 2026-10 < month.json

or, with the statements of some places, and on PostgreSQL:

    passapp settle 2026-10 --place le-hangar --json > hangar.json
    python recompute.py postgresql://host/passapp 2026-10 month.json hangar.json

It says in words whatever differs, and ends with status 1 if anything does. It reads the database and changes nothing.
Nothing of Passapp is imported: only the standard library, and psycopg where the database is PostgreSQL. It is written
from the text of the rules (R1 to R19), for whoever keeps a place's accounts to read: ``books.py`` reads,
``month.py`` computes, ``transfers.py`` checks the payments, and this file compares.
"""

import argparse
import re
import sys
from pathlib import Path

from books import canonical, from_json, read_books, sha256_of
from month import recompute, statement
from transfers import check_moves

NAMES = {  # by what an entry of each list is known
    "conventions": ("number",),
    "at_home": ("place",),
    "lines": ("home", "host", "convention", "rule", "vat_basis_points", "waived", "origin"),
    "credits": ("home", "host", "visit", "booking", "origin", "convention", "vat_basis_points"),
    "openings": ("debtor", "creditor", "amount_cents", "month"),
    "lowered": ("place",),
    "carried": ("debtor", "creditor"),
    "not_settled": ("home", "host", "reason"),
    "pairs": ("home", "host"),
    "bookings": ("home", "host", "vat_basis_points", "not_settled"),
    "bookings_received": ("partner", "vat_basis_points", "not_settled"),
    "bookings_made": ("partner", "vat_basis_points", "not_settled"),
    "bookings_detail": ("id",),
    "fund": ("host",),
    "positions": ("place",),
    "received": ("partner",),
    "made": ("partner",),
    "visits_detail": ("id",),
    "transfers": ("debtor", "creditor"),
}


def compare(ours, theirs, where):
    """Say in words what differs between what must be and what a document says: a list of sentences."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{where}: {name} should not be there." for name in theirs if name not in ours]
        for name, value in ours.items():
            inside = f"{where}, {name}" if isinstance(value, dict | list) else f"{where}: {name}"
            found += compare(value, theirs[name], inside) if name in theirs else [f"{inside} is missing."]
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        names = NAMES.get(where.rsplit(", ", 1)[-1])
        if names and all(isinstance(entry, dict) for entry in theirs):
            return _compare_entries(ours, theirs, where, names)
    if canonical(ours) == canonical(theirs):
        return []
    return [f"{where} is {canonical(theirs)}, and should be {canonical(ours)}."]


def _compare_entries(ours, theirs, where, names):
    if where.endswith("lines") and ours and "home" not in ours[0]:  # in a statement, the places are known
        names = names[2:]

    def name_of(entry):
        return " ".join(str(entry.get(name, "")) for name in names).rstrip()

    mine, found = {name_of(entry): entry for entry in ours}, []
    seen = [name_of(entry) for entry in theirs]
    for name, entry in zip(seen, theirs, strict=True):
        found += compare(mine[name], entry, f"{where} {name}") if name in mine else []
    found += [f"{where} {name} is missing." for name in mine if name not in seen]
    found += [f"{where} {name} should not be there." for name in seen if name not in mine]
    if not found and seen != list(mine):
        found = [f"{where}: not in order, or twice: {', '.join(seen)}."]
    return found


def check_month(books, result, document):
    """Compare the month's document with what was recomputed, and check its transfers."""
    given = {"transfers": document.get("transfers")} | {
        name: document[name] for name in ("carried",) if name in document
    }
    found = compare(result.month | given, document, "Month")
    if not isinstance(document.get("transfers"), list):
        return [*found, "Month: transfers are missing."]
    return found + check_moves(books, result, document["transfers"], document.get("carried", []))


def check_statement(result, document, month_document):
    """Compare the statement of a place with what was recomputed; its transfers with those of the month's document."""
    place = document.get("place")
    return compare(statement(result, place, month_document), document, f"Statement of {place}")


def check_books(books):
    """What the database itself contradicts: hashes, and the versions and units that the visits are frozen with."""
    found = [
        f"Convention {version.number} does not have the SHA-256 that the database says."
        for version in books.conventions.values()
        if sha256_of(version.document) != version.sha256
    ]
    money = [version.document for version in books.conventions.values() if version.document["money"]]
    if len({document.get("currency") for document in money}) > 1:
        found.append("The rules settle in two currencies (R16).")
    for visit in books.visits:
        if books.in_force_on(visit.local_date) is not books.conventions[visit.convention]:
            found.append(f"Visit {visit.id} of {visit.local_date} names a convention that was not in force (R7).")
        if visit.units not in ({1} if books.conventions[visit.convention].document["unit"] == "visit" else {1, 2}):
            found.append(f"Visit {visit.id} has {visit.units} units (R4).")
        if visit.waived not in {None, "offered", "stale_list", "too_late"}:
            found.append(f"Visit {visit.id} is worth nothing for a reason that no rule knows: {visit.waived}.")
        if f"{visit.local_date:%Y-%m}" > books.month:
            found.append(f"Visit {visit.id} of {visit.local_date} is posted in {books.month}.")
    found += [
        f"Booking {booking.id} is at its own home, which advances nothing to itself."
        for booking in books.bookings
        if booking.home == booking.host
    ]
    return found


def check_all(books, texts):
    """Check documents as printed, by name: one month, and any statements. Gives what differs, and the month's hash."""
    found = check_books(books)
    documents = {name: from_json(text) for name, text in texts.items()}
    for name, text in texts.items():
        if canonical(documents[name]) != text.rstrip("\r\n"):
            found.append(f"{name} is not canonical JSON (RFC 8785).")
    months = [document for document in documents.values() if document.get("schema") == "passapp/month/1"]
    if len(months) != 1:
        raise ValueError("Give one document of the month (and any statements).")
    result = recompute(books)
    for name, document in documents.items():
        if document is months[0]:
            differences = check_month(books, result, document)
        else:
            differences = check_statement(result, document, months[0])
        found += [f"{name}: {difference}" for difference in differences]
    return found, sha256_of(months[0])


def main(arguments=None):
    """The command. Gives its exit status: 0 where nothing differs, 1 where something does."""
    parser = argparse.ArgumentParser(description="Recompute a month, and compare it with what Passapp printed.")
    parser.add_argument("database", help="a SQLite file, or postgresql://…")
    parser.add_argument("month", help="for example 2026-10")
    parser.add_argument("documents", nargs="*", default=["-"], help="files; none, or -: the standard input")
    given = parser.parse_args(arguments)
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", given.month):
        parser.error(f"{given.month} is not a month such as 2026-10")
    texts = {
        name: sys.stdin.buffer.read().decode() if name == "-" else Path(name).read_text(encoding="utf-8")
        for name in given.documents
    }
    books = read_books(given.database, given.month)
    found, sha256 = check_all(books, texts)
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    sys.stdout.write(f"{given.month}: {len(books.visits)} visits, {len(found)} differences. SHA-256 {sha256}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
