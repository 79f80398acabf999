"""Text as people type it, and as their spreadsheets read it."""

import csv
import io
import unicodedata
from collections.abc import Iterable


def folded(text: str) -> str:
    """The same text without accents and capitals: who looks for ``lea`` finds ``Léa``, on every database."""
    plain = text.casefold().replace("’", "'").replace("œ", "oe").replace("æ", "ae")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp"})


def spreadsheet_cell(text: str) -> str:
    """The same text for a CSV file: what a spreadsheet would run as a formula is made plain by an apostrophe."""
    # Some read a full-width sign as the sign, and pass over what is not seen.
    seen = unicodedata.normalize("NFKC", "".join(c for c in text[:20] if unicodedata.category(c) not in _UNSEEN))
    return f"'{text}" if text.startswith(_FORMULA) or seen.startswith(_FORMULA) else text


CSV_BEGINS = b"\xef\xbb\xbf"
"""A byte order mark: without it, spreadsheets do not take a file for UTF-8."""


def csv_lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Lines of a CSV file as a French spreadsheet reads it: ``;``, CRLF, UTF-8; ``CSV_BEGINS`` comes before the first.

    Cells are written as they are: what people typed goes through :func:`spreadsheet_cell` first.
    """
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
