"""The status list: which passes are revoked, suspended or superseded, in about 5 kB (IETF Token Status List).

Two bits a pass, at the pass's index, lowest bits first, in a list of fixed length 2^20: its size tells nobody
how many passes there are. Pure: the door reads what the server writes.
"""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import PyJWS

from passapp.passes.encoding import INDICES, decode_base64url, encode_base64url
from passapp.passes.rules import ALGORITHM

STATUS_LIST_TYPE: Final = "statuslist+jwt"
BITS: Final = 2
LIFE: Final = timedelta(days=7)
"""The longest that a door may work offline on one list."""
TIME_TO_LIVE: Final = timedelta(minutes=5)
"""After how long a door should ask for a newer list."""

_PER_BYTE: Final = 8 // BITS
_BYTES: Final = INDICES // _PER_BYTE
_JWS: Final = PyJWS([ALGORITHM])


class Status(IntEnum):
    """The statuses of the specification, by its values (it calls the second one INVALID, and leaves us the last)."""

    VALID = 0
    REVOKED = 1
    SUSPENDED = 2
    SUPERSEDED = 3


def pack_statuses(statuses: Mapping[int, Status]) -> bytes:
    """Pack statuses by index into the whole list; an index that is not named is valid."""
    packed = bytearray(_BYTES)
    for index, status in statuses.items():
        if not 0 <= index < INDICES:
            message = "this index is not in the status list"
            raise ValueError(message)
        packed[index // _PER_BYTE] |= Status(status) << index % _PER_BYTE * BITS
    return bytes(packed)


def compress_statuses(packed: bytes) -> str:
    """Write a packed list as the `lst` member: zlib at its highest level, then base64url."""
    return encode_base64url(zlib.compress(packed, 9))


def unpack_statuses(lst: str) -> bytes:
    """Read an `lst` member back to the packed list. Raises ValueError unless it is one whole list."""
    compressed = decode_base64url(lst)
    reader = zlib.decompressobj()
    try:
        # Bounded, so that a small text cannot fill the memory.
        packed = b"" if compressed is None else reader.decompress(compressed, _BYTES + 1)
    except zlib.error:
        packed = b""
    if len(packed) != _BYTES or not reader.eof or reader.unused_data:
        message = "this is not a status list of 2^20 passes"
        raise ValueError(message)
    return packed


def status_in(packed: bytes, index: int) -> int:
    """Give the status (0 to 3) that a packed list holds at an index."""
    if not 0 <= index < len(packed) * _PER_BYTE:
        message = "this index is not in the status list"
        raise ValueError(message)
    return packed[index // _PER_BYTE] >> index % _PER_BYTE * BITS & 2**BITS - 1


def status_at(lst: str, index: int) -> int:
    """Give the status (0 to 3) that an `lst` member holds at an index."""
    return status_in(unpack_statuses(lst), index)


def status_list_claims(statuses: Mapping[int, Status], *, uri: str, issued_at: datetime) -> dict[str, object]:
    """Give the claims of a status list token: `uri` is where the list is served, `exp` comes 7 days later."""
    issued = int(issued_at.timestamp())
    return {
        "sub": uri,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "ttl": int(TIME_TO_LIVE.total_seconds()),
        "status_list": {"bits": BITS, "lst": compress_statuses(pack_statuses(statuses))},
    }


def sign_status_list(
    statuses: Mapping[int, Status], *, uri: str, issued_at: datetime, private_key: Ed25519PrivateKey, kid: str
) -> str:
    """Sign the status list, to be served as `application/statuslist+jwt`."""
    claims = status_list_claims(statuses, uri=uri, issued_at=issued_at)
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return _JWS.encode(payload, private_key, ALGORITHM, {"kid": kid, "typ": STATUS_LIST_TYPE})
