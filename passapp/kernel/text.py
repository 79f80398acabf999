"""Text as people type it."""

import unicodedata


def folded(text: str) -> str:
    """The same text without accents and capitals: who looks for ``lea`` finds ``Léa``, on every database."""
    plain = text.casefold().replace("’", "'").replace("œ", "oe").replace("æ", "ae")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet_cell(text: str) -> str:
    """The same text for a CSV file: what a spreadsheet would run as a formula is made plain by an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text
