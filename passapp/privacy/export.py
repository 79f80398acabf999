"""What is known of a person as a file: a ZIP with ``data.json``, a table (CSV) for each list, and a guide. Pure."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from passapp.kernel.problems import Language
from passapp.kernel.text import CSV_BEGINS, csv_lines, spreadsheet_cell

DATA = "data.json"
GUIDES: Final[dict[Language, tuple[str, str]]] = {
    "fr": (
        "LISEZ-MOI.txt",
        """Vos données, telles que ce réseau les connaît.

- Les fichiers .csv s'ouvrent dans un tableur : un par liste (memberships : abonnements, visits : passages,
  scans : scans de votre pass, bookings : réservations, trainings : formations, waits : salles
  attendues, feeds : adresses d'agenda, look_ups : qui vous a cherché, consents : vos choix, house_rules :
  règles acceptées, sessions : connexions, messages : mails, deeds : ce qui a été fait par vous ou à votre sujet…).
  Une liste vide n'a pas de fichier.
- data.json contient tout, pour un logiciel.
- Les instants sont en temps universel (UTC) : à Paris, une heure de plus en hiver, deux en été.

Une question, une erreur ? Demandez à votre lieu ou à la coordination du réseau.
""",
    ),
    "en": (
        "README.txt",
        """Your data, as this network knows them.

- The .csv files open in a spreadsheet: one a list (memberships, visits, scans of your pass, bookings, trainings, waits:
  rooms you wait for, feeds: addresses of your calendar, look_ups: who looked you up, consents: your choices,
  house_rules: those you accepted, sessions: where you signed in, messages: mails, deeds: what was done by you or
  about you…). An empty list has no file.
- data.json holds everything, for a program.
- Instants are in universal time (UTC): in Paris, one hour more in winter, two in summer.

A question, a mistake? Ask your place or the coordination of the network.
""",
    ),
}
"""The name of the guide to the files, and its words."""


def archive_of(data: Mapping[str, Any], language: Language) -> bytes:
    """The ZIP of ``data``, as JSON holds it. Lists of objects become tables too; an empty list has none.

    Begins with a guide in that language.
    """
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr(*GUIDES[language])
        archive.writestr(DATA, json.dumps(data, ensure_ascii=False, indent=2))
        for name, value in data.items():
            rows = [value] if isinstance(value, Mapping) else value
            if isinstance(rows, list) and rows:
                archive.writestr(f"{name}.csv", table_of(rows))
    return out.getvalue()


def table_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A table as a spreadsheet reads it, without a cell that would be run as a formula."""
    return CSV_BEGINS + csv_lines([rows[0].keys(), *([_cell(value) for value in row.values()] for row in rows)])


def _cell(value: Any) -> str:  # noqa: ANN401  (whatever JSON holds)
    if value is None:
        return ""
    return spreadsheet_cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
