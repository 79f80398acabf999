"""What is known of a person as a file: a ZIP with ``data.json``, and a table (CSV) for each list in it. Pure."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from passapp.kernel.text import spreadsheet_cell

DATA = "data.json"


def archive_of(data: Mapping[str, Any]) -> bytes:
    """The ZIP of ``data``, as JSON holds it. Lists of objects become tables too; an empty list has none."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr(DATA, json.dumps(data, ensure_ascii=False, indent=2))
        for name, value in data.items():
            rows = [value] if isinstance(value, Mapping) else value
            if isinstance(rows, list) and rows:
                archive.writestr(f"{name}.csv", table_of(rows))
    return out.getvalue()


def table_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A table as a French spreadsheet reads it: ``;``, UTF-8 with BOM, no cell that would be run as a formula."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write(rows[0])
    for row in rows:
        write(_cell(value) for value in row.values())
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> str:  # noqa: ANN401  (whatever JSON holds)
    if value is None:
        return ""
    return spreadsheet_cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
