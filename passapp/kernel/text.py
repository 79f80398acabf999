"""Text as people type it."""

import unicodedata


def folded(text: str) -> str:
    """The same text without accents and capitals: who looks for ``lea`` finds ``Léa``, on every database."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
