"""The live pass (door.md): a pass that names a device's key, and that device's proof that it is here now.

A new proof every 15 s is what makes a photograph of a live pass worthless. What stands in the QR code is ``CP1:`` and,
in base45: the length of the header in one byte, the header, the length of the payload in two, the payload, the
signature (64 bytes), the step in four, the proof (64 bytes). Lengths and step are big-endian. Pure: nothing here reads
a clock.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passapp.passes.encoding import (
    decode_base45,
    decode_base64url,
    encode_base45,
    encode_base64url,
    encode_index,
)

PREFIX: Final = "CP1:"
STEP_SECONDS: Final = 15
OLDEST_STEP: Final = 2
"""How many steps a proof may be behind the door: a photograph dies within 45 s."""
NEWEST_STEP: Final = 1
"""How many it may be ahead, for a phone whose clock is a little fast."""

_SIGNATURE: Final = 64
_DOMAIN: Final = b"cp-proof-1\0"


@dataclass(frozen=True, slots=True)
class LiveText:
    """A live pass as a QR code holds it: the pass itself (a JWT), and a device's proof at a step."""

    jwt: str
    step: int
    proof: bytes


def step_at(at: datetime) -> int:
    """Give the step of an instant: which 15 seconds since 1970 it is in."""
    return int(at.timestamp() // STEP_SECONDS)


def proof_message(jwt: str, step: int) -> bytes:
    """Give what the device signs with Ed25519 to prove, at that step, that the pass is on it."""
    return _DOMAIN + struct.pack(">I", step) + jwt.encode("ascii")


def is_proven(live: LiveText, device_key: bytes) -> bool:
    """Whether the device with that public key made the proof, for this pass and this step."""
    try:
        Ed25519PublicKey.from_public_bytes(device_key).verify(live.proof, proof_message(live.jwt, live.step))
    except (InvalidSignature, ValueError):
        return False
    return True


def write_live(live: LiveText) -> str:
    """Write a live pass as its QR code holds it. Raises ValueError for one that could not be read again."""
    parts = [decode_base64url(part) for part in live.jwt.split(".")]
    try:
        header, payload, signature = (part or b"" for part in parts)
        packed = struct.pack(">B", len(header)) + header + struct.pack(">H", len(payload)) + payload + signature
        text = PREFIX + encode_base45(packed + struct.pack(">I", live.step) + live.proof)
    except (struct.error, ValueError):
        text = ""
    if read_live(text) != live:
        message = "this is no live pass that a door could read"
        raise ValueError(message)
    return text


def read_live(text: str) -> LiveText | None:
    """Read what `write_live` writes, to the letter; None for anything else. Nothing in it is verified yet."""
    if not text.startswith(PREFIX):
        return None
    data = decode_base45(text.removeprefix(PREFIX))
    if not data:
        return None
    header, rest = data[1 : 1 + data[0]], data[1 + data[0] :]
    length = int.from_bytes(rest[:2])
    payload, rest = rest[2 : 2 + length], rest[2 + length :]
    # One length for all that follows: where a part is cut short, so is the rest.
    if len(rest) != _SIGNATURE + 4 + _SIGNATURE:
        return None
    signature, step, proof = rest[:_SIGNATURE], rest[_SIGNATURE : _SIGNATURE + 4], rest[_SIGNATURE + 4 :]
    return LiveText(".".join(map(encode_base64url, (header, payload, signature))), int.from_bytes(step), proof)


def live_claims(
    *, network: str, index: int, plan: str, not_before: datetime, expires_at: datetime, device_key: str
) -> dict[str, object]:
    """Give the claims of a live pass; `device_key` is the device's public key in base64url."""
    claims = short_lived_claims(network=network, index=index, plan=plan, expires_at=expires_at)
    return claims | {"nbf": int(not_before.timestamp()), "cnf": {"x": device_key}}


def short_lived_claims(*, network: str, index: int, plan: str, expires_at: datetime) -> dict[str, object]:
    """Give the claims of a short-lived pass: no beginning, an end within 90 s of whoever asks."""
    return {"iss": network, "jti": encode_index(index), "exp": int(expires_at.timestamp()), "pl": plan}
