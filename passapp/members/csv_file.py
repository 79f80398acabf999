"""Reading a members.csv as people have it: from Excel, in French, with a BOM, semicolons or old accents. Pure."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from passapp.accounts.fields import Email
from passapp.kernel.api import Body, Day, Line
from passapp.kernel.text import folded
from passapp.members.fields import PlanCode, Priority, Reference, Tier

MOST_ROWS = 5000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "given_name": ("prenom", "given name", "first name"),
    "family_name": ("nom", "nom de famille", "family name", "last name", "surname"),
    "home": ("lieu", "mon lieu", "lieu d'attache", "home", "place"),
    "plan": ("formule", "abonnement", "plan"),
    "email": ("e-mail", "mail", "courriel", "adresse e-mail", "email"),
    "reference": ("reference", "numero", "ref", "number"),
    "tier": ("tarif", "palier", "tier"),
    "priority": ("priorite", "priority"),
    "first_day": ("debut", "premier jour", "first day", "start"),
    "last_day": ("fin", "dernier jour", "last day", "end"),
}
NEEDED = ("given_name", "family_name", "home", "plan")


@dataclass(frozen=True)
class LineError:
    """What is wrong, where: ``line`` as a spreadsheet numbers it, ``column`` by our name (None: the whole line)."""

    line: int
    column: str | None
    code: str
    en: str
    fr: str


class MemberRow(Body):
    """One line of the file, checked."""

    model_config = ConfigDict(frozen=True)

    given_name: Line
    family_name: Line
    home: Line
    plan: PlanCode
    email: Email | None = None
    reference: Reference | None = None
    tier: Tier | None = None
    priority: Priority | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    line: int = Field(exclude=True)

    @property
    def name(self) -> str:
        """The person, for the report."""
        return f"{self.given_name} {self.family_name}"


@dataclass
class ReadFile:
    """The lines that could be read, and what was wrong with the others."""

    rows: list[MemberRow] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    total: int = 0
    is_old_encoding: bool = False


def read_csv(data: bytes) -> ReadFile:
    """Read a CSV file of members.

    UTF-8 with or without BOM, else Windows-1252 (Latin-1); comma, semicolon or tab; titles in French or English, in any
    order and case, with or without accents; dates as 2026-11-30 or 30/11/2026.
    """
    found = ReadFile()
    text = _decode(data, found)
    if text is None:
        return found
    lines = _lines(text, found)
    columns = [] if found.errors else _columns(lines[0], found)
    if found.errors:
        return found
    for number, cells in enumerate(lines[1:], start=2):
        values = [cell.strip() for cell in cells]
        if not any(values):
            continue
        found.total += 1
        if found.total > MOST_ROWS:
            message = f"More than {MOST_ROWS} lines: cut the file in two."
            found.errors.append(
                LineError(
                    number,
                    None,
                    "too_many_lines",
                    message,
                    f"Plus de {MOST_ROWS} lignes : coupez le fichier en deux.",
                )
            )
            break
        _read_line(number, dict(zip(columns, values, strict=False)), len(values) > len(columns), found)
    return found


def _columns(titles: list[str], found: ReadFile) -> list[str | None]:
    """Which of our columns each title names; None: none of them."""
    wanted = [folded(title).strip() for title in titles]
    columns = [next((name for name, also in COLUMNS.items() if t == name or t in also), None) for t in wanted]
    for name, also in COLUMNS.items():
        if columns.count(name) > 1:
            said = " + ".join(title.strip() for title, column in zip(titles, columns, strict=True) if column == name)
            found.errors.append(
                LineError(
                    1,
                    name,
                    "column_twice",
                    f"Several columns mean “{also[-1]}” ({said}): keep one.",
                    f"Plusieurs colonnes veulent dire « {also[0]} » ({said}) : gardez-en une.",
                )
            )
        elif name in NEEDED and name not in columns:
            found.errors.append(
                LineError(
                    1,
                    name,
                    "column_missing",
                    f"There is no column “{also[-1]}” in the first line.",
                    f"Il manque la colonne « {also[0]} » dans la première ligne.",
                )
            )
    return columns


_NOT_A_CSV = LineError(
    1,
    None,
    "not_a_csv",
    "This is no CSV file, or an empty one: export the sheet as CSV (UTF-8).",
    "Ce n'est pas un fichier CSV, ou il est vide : exportez la feuille en CSV (UTF-8).",
)


def _decode(data: bytes, found: ReadFile) -> str | None:
    # Office documents are ZIP archives: PK.
    if b"\0" in data or data.startswith(b"PK\x03\x04"):
        found.errors.append(_NOT_A_CSV)
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        found.is_old_encoding = True
        return data.decode("cp1252", errors="replace")


def _lines(text: str, found: ReadFile) -> list[list[str]]:
    lines: list[list[str]] = []
    try:
        lines.extend(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False))
    except csv.Error:  # a cell of more than 128 kB
        found.errors.append(
            LineError(
                len(lines) + 1,
                None,
                "not_a_csv",
                "This line cannot be read: is a quotation mark left open?",
                "Cette ligne est illisible : un guillemet resté ouvert ?",
            )
        )
    if not found.errors and not any(cell.strip("\ufeff \t") for line in lines for cell in line):
        found.errors.append(_NOT_A_CSV)
    return lines


def _delimiter(text: str) -> str:
    titles = text.partition("\n")[0]
    return max(";,\t", key=titles.count)


def _read_line(number: int, cells: Mapping[str | None, str], too_long: bool, found: ReadFile) -> None:
    if too_long:
        found.errors.append(
            LineError(
                number,
                None,
                "too_many_cells",
                "More cells than titles: is there a separator inside a name?",
                "Plus de cellules que de titres : un séparateur dans un nom ?",
            )
        )
        return
    values: dict[str, Any] = {name: text for name, text in cells.items() if name is not None and text}
    for name in ("first_day", "last_day"):
        if name in values:
            values[name] = _date(values[name])
    if "plan" in values:
        values["plan"] = values["plan"].upper()
    if "tier" in values:
        values["tier"] = values["tier"].lower()
    try:
        found.rows.append(MemberRow(**values, line=number))
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            column = str(problem["loc"][0])
            code = "empty" if problem["type"] == "missing" else "not_valid"
            found.errors.append(LineError(number, column, code, *_what_is_wrong(column, values.get(column))))


def _what_is_wrong(column: str, value: object) -> tuple[str, str]:
    """What to tell of a cell that is not valid, in English and French; our words, not those of the validator."""
    if value is None:
        return "This cell is empty.", "Cette cellule est vide."
    if isinstance(value, str) and len(value.splitlines()) > 1:
        return (
            "There is a line break inside this cell: write it on one line.",
            "Un saut de ligne dans cette cellule : écrivez-la sur une seule ligne.",
        )
    wanted, attendu = _HINTS[column]
    return f"Not valid: write {wanted}.", f"Valeur non valable : écrivez {attendu}."


_NAME = (
    "at most 120 characters, without invisible ones",
    "120 caractères au plus, sans caractère invisible",
)
_DAY = ("a date such as 30/11/2026", "une date comme 30/11/2026")
_HINTS = {
    "given_name": _NAME,
    "family_name": _NAME,
    "home": _NAME,
    "plan": ("the code of a plan, such as TOUT", "le code d'une formule, comme TOUT"),
    "email": ("an e-mail address such as lea@example.org", "une adresse e-mail comme lea@example.org"),
    "reference": (
        "at most 64 letters, digits, spaces, or . / - _",
        "64 caractères au plus : lettres, chiffres, espaces, ou . / - _",
    ),
    "tier": ("one word, such as solidaire", "un mot sans espace, comme solidaire"),
    "priority": ("a number from 1 to 99", "un nombre de 1 à 99"),
    "first_day": _DAY,
    "last_day": _DAY,
}


def _date(text: str) -> date | str:
    """A date written either way; the text itself where it is neither, for the validator to refuse."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  (a calendar date)
        except ValueError:
            continue
    return text
