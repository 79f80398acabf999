"""How bytes and numbers are written in a pass, each in one way only: what was read, written again, gives the same.

Pure. Two readers, in two languages, can then never see two different things in one text.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from base45 import b45decode, b45encode

INDICES: Final = 2**20
"""How many passes the status list has room for; a pass's index is in 0 … INDICES - 1."""

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE62_VALUES: Final = {symbol: value for value, symbol in enumerate(_BASE62)}
_LONGEST_INDEX: Final = 4


def encode_base64url(data: bytes) -> str:
    """Write bytes in base64url without padding (RFC 7515)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(part: str) -> bytes | None:
    """Read base64url in its one canonical form: no padding, foreign character or stray bit; else None."""
    try:
        data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return None
    # Python's decoder skips what it does not know; writing again is what makes the reading strict.
    return data if encode_base64url(data) == part else None


def encode_base45(data: bytes) -> str:
    """Write bytes in base45 (RFC 9285): what a QR code holds in its dense alphanumeric mode, spaces included."""
    return str(b45encode(data), "ascii")


def decode_base45(text: str) -> bytes | None:
    """Read base45 as it is written: no small letter, nothing trimmed, nothing that stands for no bytes; else None."""
    try:
        data = bytes(b45decode(text))
    except ValueError:
        return None
    # The one other text that the decoder reads so: it lets line feeds at the end pass.
    return None if text.endswith("\n") else data


def encode_index(index: int) -> str:
    """Write a status-list index in base62 (0-9, A-Z, a-z), without leading zeros. Raises ValueError past the list."""
    if not 0 <= index < INDICES:
        message = "this index is not in the status list"
        raise ValueError(message)
    symbols = _BASE62[index % 62]
    while index := index // 62:
        symbols = _BASE62[index % 62] + symbols
    return symbols


def decode_index(symbols: str) -> int | None:
    """Read an index as `encode_index` writes it; None for anything else."""
    if not 1 <= len(symbols) <= _LONGEST_INDEX or (symbols[0] == "0" and symbols != "0"):
        return None
    index = 0
    for symbol in symbols:
        value = _BASE62_VALUES.get(symbol)
        if value is None:
            return None
        index = index * 62 + value
    return index if index < INDICES else None
