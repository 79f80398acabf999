"""How a name, and what somebody says to prove it is theirs, are compared; and what a place calls a person. Pure."""

import hashlib
import hmac
import re
from uuid import UUID

from passapp.kernel.text import folded
from passapp.passes.rules import CROCKFORD

_BETWEEN_WORDS = re.compile(r"[\s'ʼ,\-‐‑–]+")  # noqa: RUF001  (as phones type them)


def name_words(name: str) -> list[str]:
    """The words of a name, without accents and capitals, in no order: `Marie-Ève LE GOFF` is `Le Goff, marie eve`."""
    return sorted(word for word in _BETWEEN_WORDS.split(folded(name)) if word)


def said_alike(text: str) -> str:
    """What counts of an e-mail address or a reference as somebody says it: neither capitals nor spaces."""
    return "".join(folded(text).split())


def pseudonym(key: bytes, place_id: UUID, member_id: UUID) -> str:
    """What a place calls a person beside their first name: `K7M-2QX`, always the same there, another one elsewhere.

    An HMAC: two places cannot tell that they speak of one person, and nobody finds the person without the `key`. Its
    30 bits tell two people of one name apart; they are no promise that nobody else has the same.
    """
    digest = hmac.digest(key, place_id.bytes + member_id.bytes, hashlib.sha256)
    symbols = [CROCKFORD[byte % len(CROCKFORD)] for byte in digest[:6]]
    return f"{''.join(symbols[:3])}-{''.join(symbols[3:])}"
