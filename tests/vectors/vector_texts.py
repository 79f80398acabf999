"""The texts and the form of the vectors' cases: signed by hand, with keys from fixed seeds."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Json = dict[str, Any]

NETWORK = "DEMO"
AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday, 10:30 in Paris
BEGINS = datetime(2026, 10, 1, tzinfo=UTC)
ENDS = datetime(2027, 10, 1, tzinfo=UTC)
INDEX = "2Bz9"


def named_id(name: str) -> str:
    """Give a fixed UUID for a name."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def key_of(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"passapp vectors: {name}".encode()).digest())


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


CURRENT, NEXT, STRANGER = key_of("current"), key_of("next"), key_of("stranger")
HEADER = {"alg": "EdDSA", "kid": "d1", "typ": "cp+jwt"}
CLAIMS = {
    "iss": NETWORK,
    "jti": INDEX,
    "nbf": int(BEGINS.timestamp()),
    "exp": int(ENDS.timestamp()),
    "pl": "FULL",
}
DEVICE = {"x": urlsafe_b64encode(raw(key_of("device"))).rstrip(b"=").decode()}


def part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def written(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def token(
    header: Json | bytes | None = None, claims: Json | bytes | None = None, key: Ed25519PrivateKey = CURRENT
) -> str:
    """Sign a header and claims, each a dictionary or the very bytes."""
    header, claims = header or HEADER, claims or CLAIMS
    parts = [part(each if isinstance(each, bytes) else written(each)) for each in (header, claims)]
    signed = ".".join(parts)
    return f"{signed}.{part(key.sign(signed.encode()))}"


def with_claims(**changes: object) -> str:
    """Sign the usual claims with some changed; None takes one away."""
    return token(claims={name: value for name, value in (CLAIMS | changes).items() if value is not None})


def with_payload(old: bytes, new: bytes) -> str:
    """Sign the usual payload with some of its bytes changed."""
    payload = written(CLAIMS)
    assert payload.count(old) == 1
    return token(claims=payload.replace(old, new))


def with_header(**changes: object) -> str:
    return token(header={name: value for name, value in (HEADER | changes).items() if value is not None})


def hmac_signed(secret: bytes) -> str:
    signed = f"{part(written(HEADER | {'alg': 'HS256'}))}.{part(written(CLAIMS))}"
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}"


def flipped(text: str, position: tuple[int, int], bit: int = 0) -> str:
    """Flip one bit of the bytes that a part of the token stands for: (part, byte) is the position."""
    parts = text.split(".")
    which, byte = position
    padded = parts[which] + "=" * (-len(parts[which]) % 4)
    data = bytearray(urlsafe_b64decode(padded))
    data[byte] ^= 1 << bit
    parts[which] = part(bytes(data))
    return ".".join(parts)


GOOD = token()


def instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def membership(
    name: str,
    home: str = "PORT",
    plan: str = "FULL",
    priority: int = 1,
    first_day: str = "2026-01-01",
    last_day: str | None = None,
) -> Json:
    return {
        "id": named_id(name),
        "home": home,
        "plan": plan,
        "priority": priority,
        "first_day": first_day,
        "last_day": last_day,
    }


def check_in(name: str, at: datetime, home: str = "PORT") -> Json:
    return {"id": named_id(name), "at": instant(at), "home": home}


def case(
    name: str,
    text: str,
    verdict: str,
    pass_: str = "pass",
    *,
    at: datetime = AT,
    expect: Json | None = None,
    **rest: object,
) -> Json:
    """Write one case. `pass_` is what the pass alone gives; `expect` adds to what is expected."""
    return {
        "name": name,
        "text": text,
        "at": instant(at),
        **rest,
        "expect": {"pass": pass_, "verdict": verdict, **(expect or {})},
    }


def refused(name: str, text: str, verdict: str = "invalid", **rest: Any) -> Json:
    """Write one case that the pass alone decides."""
    return case(name, text, verdict, verdict, **rest)
