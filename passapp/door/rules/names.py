"""How a name, and what somebody says to prove it is theirs, are compared. Pure."""

import re

from passapp.kernel.text import folded

_BETWEEN_WORDS = re.compile(r"[\s'ʼ,\-‐‑–]+")  # noqa: RUF001  (as phones type them)


def name_words(name: str) -> list[str]:
    """The words of a name, without accents and capitals, in no order: `Marie-Ève LE GOFF` is `Le Goff, marie eve`."""
    return sorted(word for word in _BETWEEN_WORDS.split(folded(name)) if word)


def said_alike(text: str) -> str:
    """What counts of an e-mail address or a reference as somebody says it: neither capitals nor spaces."""
    return "".join(folded(text).split())
