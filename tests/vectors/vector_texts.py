"""The texts and the form of the vectors' cases: signed by hand, with keys from fixed seeds."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
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
PHONE = key_of("device")
DEVICE = {"x": urlsafe_b64encode(raw(PHONE)).rstrip(b"=").decode()}
STEP = int(AT.timestamp()) // 15  # AT is the first instant of it
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


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
    return signed(".".join(parts), key)


def signed(text: str, key: Ed25519PrivateKey = CURRENT) -> str:
    """Sign a text as if it were a header and claims, however it is written."""
    return f"{text}.{part(key.sign(text.encode()))}"


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


def base45(data: bytes) -> str:
    """Write bytes as RFC 9285 says: two bytes in three characters, a last one in two."""
    text = ""
    for at in range(0, len(data), 2):
        group = data[at : at + 2]
        text += "".join(BASE45[int.from_bytes(group) // 45**place % 45] for place in range(len(group) + 1))
    return text


def proof(jwt: str, step: int, key: Ed25519PrivateKey = PHONE, domain: bytes = b"cp-proof-1\0") -> bytes:
    """Prove that a device has a pass at a step."""
    return key.sign(domain + step.to_bytes(4) + jwt.encode())


def packed(jwt: str, step: int, proved: bytes) -> bytes:
    """Give the bytes of a live pass."""
    header, payload, signature = (urlsafe_b64decode(each + "=" * (-len(each) % 4)) for each in jwt.split("."))
    lengths = len(header).to_bytes(1), len(payload).to_bytes(2)
    return lengths[0] + header + lengths[1] + payload + signature + step.to_bytes(4) + proved


def live(step: int = STEP, jwt: str | None = None, proved: bytes | None = None) -> str:
    """Write a live pass as its QR code holds it; its proof is the phone's, of that step, unless it is given."""
    jwt = jwt or ON_PHONE
    return "CP1:" + base45(packed(jwt, step, proved or proof(jwt, step)))


def hmac_signed(secret: bytes) -> str:
    text = f"{part(written(HEADER | {'alg': 'HS256'}))}.{part(written(CLAIMS))}"
    return f"{text}.{part(hmac.digest(secret, text.encode(), 'sha256'))}"


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
ON_PHONE = with_claims(cnf=DEVICE)


def instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def after(value: datetime) -> str:
    """Give the instant a second later."""
    return instant(value + timedelta(seconds=1))


def membership(
    name: str,
    home: str = "PORT",
    plan: str = "FULL",
    priority: int = 1,
    last_day: str | None = None,
    unpaid_at: datetime | None = None,
    paid_at: datetime | None = None,
) -> Json:
    return {
        "id": named_id(name),
        "home": home,
        "plan": plan,
        "priority": priority,
        "first_day": "2026-01-01",
        "last_day": last_day,
        "unpaid_at": unpaid_at and instant(unpaid_at),
        "paid_at": paid_at and instant(paid_at),
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
    at_door: str | None = None,
    **rest: object,
) -> Json:
    """Write one case. `pass_` is what the pass alone gives; `expect` and `at_door` add to what is expected."""
    return {
        "name": name,
        "text": text,
        "at": instant(at),
        **rest,
        "expect": {
            "pass": pass_,
            "verdict": verdict,
            **({"at_door": at_door} if at_door else {}),
            **(expect or {}),
        },
    }


def day(date: str, *openings: tuple[int, int], reason: str | None = None) -> Json:
    """Give a day's hours, in minutes from its local midnight; `reason` where they are not the week's usual ones."""
    return {"day": date, "openings": [list(each) for each in openings], "reason": reason}


def refused(name: str, text: str, verdict: str = "invalid", **rest: Any) -> Json:
    """Write one case that the pass alone decides."""
    return case(name, text, verdict, verdict, **rest)
