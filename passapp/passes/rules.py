"""What a pass is, and whether it is good at a given instant (door.md, The pass).

Pure: texts, keys and instants come in, values come out. Nothing here reads a clock, a database or a
source of randomness. PyJWT verifies the signature only; everything else is checked here, because a door
and the server must agree to the letter.

How a pass is read. Header and payload are JSON objects written in one way only: printable ASCII without
escapes, no spaces, no key twice, no fraction. What was read, written again, must give the same text. Two
readers, in two languages, can then never see two different passes in one text.
"""

import json
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeGuard

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt import PyJWS

from passapp.passes.encoding import decode_base64url, decode_index, encode_index
from passapp.passes.live import NEWEST_STEP, OLDEST_STEP, LiveText, is_proven, read_live, step_at

JWT_TYPE: Final = "cp+jwt"
ALGORITHM: Final = "EdDSA"
LONGEST_TEXT: Final = 1024
TRIAL_INDEX: Final = 0
"""The index of every trial pass: given to nobody, so that no door can take one for a member's."""
LEEWAY: Final = timedelta(seconds=60)
LONGEST_CARD_MONTHS: Final = 13
SHORT_LIFE: Final = timedelta(seconds=90)

_LAST_SECOND: Final = 253_402_214_400  # 9999-12-31T00:00:00Z: a day of room for leeway and zones
_LARGEST_INTEGER: Final = 2**53 - 1  # the largest that JavaScript reads exactly
_LONGEST_JTI: Final = 4
CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CROCKFORD_VALUES: Final = {symbol: value for value, symbol in enumerate(CROCKFORD)}
_SHORT_CODE_BITS: Final = 35
_SHORT_CODE_LENGTH: Final = 8
_LONGEST_TYPED_CODE: Final = 64
# Hyphens as phones type them (hyphen-minus, dashes, minus sign) are no part of a short code.
_AS_TYPED: Final = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys("-‐‑‒–—−", ""))  # noqa: RUF001


class Reason(StrEnum):
    """Why a pass is refused for what it is. The values are those of door.md, Verdicts."""

    INVALID = "invalid"
    WRONG_NETWORK = "wrong_network"
    UNKNOWN_KEY = "unknown_key"
    WRONG_PLACE = "wrong_place"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    PROOF_MISSING = "proof_missing"
    PROOF_STALE = "proof_stale"
    CLOCK_SKEW = "clock_skew"


class Form(StrEnum):
    """The three ways to show a pass, told apart by their claims; kept as the check-in's evidence level."""

    LIVE = "live"
    SHORT_LIVED = "short_lived"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass as its claims say. `place` is the code of the only place it opens (a guest pass), or None.

    `device_key` is the public key of the device that a live pass is on; `step`, when that device proved to be here.
    """

    network: str
    index: int
    plan: str
    kid: str
    not_before: datetime | None
    expires_at: datetime
    place: str | None = None
    device_key: bytes | None = None
    step: int | None = None

    def form_at(self, at: datetime) -> Form:
        """Tell which of the three ways this pass is, when shown at `at`."""
        if self.device_key is not None:
            return Form.LIVE
        if self.not_before is None and self.expires_at - at <= SHORT_LIFE + LEEWAY:
            return Form.SHORT_LIVED
        return Form.CARD


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pass is refused. `of` is the pass itself, present only when its signature was verified."""

    reason: Reason
    of: Pass | None = None


def verify_pass(
    text: str,
    *,
    network: str,
    keys: Mapping[str, Ed25519PublicKey],
    place: str,
    at: datetime,
    cards: bool = True,
) -> Pass | Refusal:
    """Read a scanned text strictly and say whether it is a good pass at that place and instant.

    `network` is the network's code, `keys` its public keys by `kid`, `place` the code of the place whose door
    scans, `at` the instant of the scan; `cards`: whether that place takes cards. The first failure wins, in the
    order of door.md, Verdicts. What is wrong with a proof is a refusal that carries the pass: status comes before
    proof in that order, so whoever knows the status checks it first (`passapp.door.rules.judge`).
    """
    live = read_live(text)
    token = _read(live.jwt if live else text)
    if token is None or (live and token.shown.device_key is None):
        return Refusal(Reason.INVALID)
    if reason := _distrust(token, network, keys):
        return Refusal(reason)
    shown = token.shown
    return check_place_and_dates(shown, place=place, at=at) or _check_proof(shown, live, at=at, cards=cards)


def check_place_and_dates(shown: Pass, *, place: str, at: datetime) -> Refusal | None:
    """Refuse a pass that opens another place only, or is out of date at `at` (60 s of leeway); else None."""
    if shown.place is not None and shown.place != place:
        return Refusal(Reason.WRONG_PLACE, shown)
    if at >= shown.expires_at + LEEWAY:
        return Refusal(Reason.EXPIRED, shown)
    begins = shown.not_before
    if begins is None and shown.device_key is None:
        # A short-lived pass says when it ends alone: nobody may show it as of a time before it was made.
        begins = shown.expires_at - SHORT_LIFE
    return Refusal(Reason.NOT_YET_VALID, shown) if begins is not None and at < begins - LEEWAY else None


def _check_proof(shown: Pass, live: LiveText | None, *, at: datetime, cards: bool) -> Pass | Refusal:
    """Refuse a live pass whose device does not prove to be here now, and a card where live passes are asked for."""
    if shown.device_key is None:
        is_refused = not cards and shown.form_at(at) is Form.CARD
        return Refusal(Reason.PROOF_MISSING, shown) if is_refused else shown
    if live is None or not is_proven(live, shown.device_key):
        return Refusal(Reason.PROOF_MISSING, shown)
    proven, now = replace(shown, step=live.step), step_at(at)
    if live.step < now - OLDEST_STEP:
        return Refusal(Reason.PROOF_STALE, proven)
    # A copy cannot come from the future: one of the two clocks is wrong.
    return Refusal(Reason.CLOCK_SKEW, proven) if live.step > now + NEWEST_STEP else proven


def sign_pass(claims: Mapping[str, object], private_key: Ed25519PrivateKey, kid: str) -> str:
    """Sign claims as a pass. Raises ValueError where no door would read the result."""
    text = _JWS.encode(_WRITER.encode(dict(claims)).encode(), private_key, ALGORITHM, {"kid": kid, "typ": JWT_TYPE})
    if _read(text) is None:
        message = "these claims do not make a pass that a door can read"
        raise ValueError(message)
    return text


def card_claims(
    *,
    network: str,
    index: int,
    plan: str,
    not_before: datetime,
    expires_at: datetime,
    place: str | None = None,
) -> dict[str, object]:
    """Give the claims of a card; `place`, a code, makes it a guest pass. Raises ValueError past 13 months."""
    if not not_before < expires_at <= card_expiry(not_before, LONGEST_CARD_MONTHS):
        message = f"a card is good for at most {LONGEST_CARD_MONTHS} months, and for some time"
        raise ValueError(message)
    claims: dict[str, object] = {
        "iss": network,
        "jti": encode_index(index),
        "nbf": int(not_before.timestamp()),
        "exp": int(expires_at.timestamp()),
        "pl": plan,
    }
    return claims if place is None else {**claims, "aud": place}


def card_expiry(not_before: datetime, months: int = LONGEST_CARD_MONTHS) -> datetime:
    """Give the end of a card that begins at `not_before`: same day and time `months` later (1 to 13)."""
    if not 1 <= months <= LONGEST_CARD_MONTHS:
        message = f"a card is good for 1 to {LONGEST_CARD_MONTHS} months"
        raise ValueError(message)
    years, month = divmod(not_before.month - 1 + months, 12)
    year = not_before.year + years
    last_day = monthrange(year, month + 1)[1]
    return not_before.replace(year=year, month=month + 1, day=min(not_before.day, last_day))


def draw_short_code(random_bits: Callable[[int], int]) -> str:
    """Draw a short code of 7 Crockford base32 characters and their check character.

    `random_bits(n)` gives an integer of n random bits (`secrets.randbits`). Draws whose check symbol is none
    of the 32 characters (5 in 37) are thrown away, so that a code never holds `*~$=U`.
    """
    while True:
        number = random_bits(_SHORT_CODE_BITS)
        if number % 37 < len(CROCKFORD):
            data = "".join(CROCKFORD[number >> shift & 31] for shift in range(30, -1, -5))
            return data + CROCKFORD[number % 37]


def read_short_code(typed: str) -> str | None:
    """Read a short code as a person types it: any case, O for 0, I or L for 1, hyphens and spaces anywhere.

    Gives the 8 characters, or None where it is no short code or its check character does not agree.
    """
    if len(typed) > _LONGEST_TYPED_CODE:
        return None
    code = "".join(typed.split()).upper().translate(_AS_TYPED)
    if len(code) != _SHORT_CODE_LENGTH or not all(symbol in _CROCKFORD_VALUES for symbol in code):
        return None
    number = 0
    for symbol in code[:-1]:
        number = number << 5 | _CROCKFORD_VALUES[symbol]
    return code if number % 37 == _CROCKFORD_VALUES[code[-1]] else None


def print_short_code(code: str) -> str:
    """Write a short code as it stands under the QR: `K7M2-9QX4`."""
    return f"{code[:4]}-{code[4:]}"


@dataclass(slots=True)
class _Token:
    """A text that reads as a pass; nothing in it is verified yet."""

    shown: Pass
    type: str
    algorithm: str
    signed: bytes
    signature: bytes


def _distrust(token: _Token, network: str, keys: Mapping[str, Ed25519PublicKey]) -> Reason | None:
    """Say why a token is not one that this network signed as a pass; None where it is."""
    if token.shown.network != network:
        return Reason.WRONG_NETWORK
    key = keys.get(token.shown.kid)
    if key is None:
        return Reason.UNKNOWN_KEY
    if token.type != JWT_TYPE or token.algorithm != ALGORITHM:
        return Reason.INVALID
    return None if _EDDSA.verify(token.signed, key, token.signature) else Reason.INVALID


def _read(text: str) -> _Token | None:
    if len(text) > LONGEST_TEXT or not text.isascii():
        return None
    parts = text.split(".", 3)
    if len(parts) != 3:  # noqa: PLR2004 (header, payload, signature)
        return None
    header, claims, signature = _read_object(parts[0]), _read_object(parts[1]), decode_base64url(parts[2])
    if header is None or claims is None or signature is None or len(header) != 3:  # noqa: PLR2004
        return None
    kid, algorithm, type_ = header.get("kid"), header.get("alg"), header.get("typ")
    if not (_is_text(kid, 2, 4) and isinstance(algorithm, str) and isinstance(type_, str)):
        return None
    shown = _read_claims(claims, kid)
    if shown is None:
        return None
    return _Token(shown, type_, algorithm, text.rpartition(".")[0].encode("ascii"), signature)


def _read_claims(claims: dict[str, object], kid: str) -> Pass | None:
    """Read the claims; those we do not know are let be (RFC 7519), as long as they are plain."""
    network, jti, plan, place = claims.get("iss"), claims.get("jti"), claims.get("pl"), claims.get("aud", "*")
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not (
        _is_text(network, 1, 8)
        and _is_text(jti, 1, _LONGEST_JTI)
        and _is_text(plan, 1, 4)
        and _is_text(place, 1, LONGEST_TEXT)
        and _is_time(expires)
        and _is_time(begins)
    ):
        return None
    index = decode_index(jti)
    device_key = None
    # A live pass must never be taken for a card, however odd its `cnf`: present is present.
    if "cnf" in claims:
        device_key = _read_device_key(claims["cnf"])
        if device_key is None:
            return None
    if index is None or not all(_is_plain(value) for name, value in claims.items() if name != "cnf"):
        return None
    return Pass(
        network=network,
        index=index,
        plan=plan,
        kid=kid,
        not_before=datetime.fromtimestamp(begins, UTC) if "nbf" in claims else None,
        expires_at=datetime.fromtimestamp(expires, UTC),
        place=place if "aud" in claims else None,
        device_key=device_key,
    )


def _read_object(part: str) -> dict[str, object] | None:
    """Read one part of the text as a JSON object in the one way of writing it (see the top of this file)."""
    data = decode_base64url(part)
    if data is None or not data.isascii() or b"\\" in data:
        return None
    text = data.decode("ascii")
    try:
        value = _READER.decode(text)
        return value if type(value) is dict and _WRITER.encode(value) == text else None
    except (ValueError, RecursionError):
        return None


def _read_device_key(cnf: object) -> bytes | None:
    if not isinstance(cnf, dict) or len(cnf) != 1 or not isinstance(cnf.get("x"), str):
        return None
    key = decode_base64url(cnf["x"])
    return key if key is not None and len(key) == 32 else None  # noqa: PLR2004 (an Ed25519 public key)


def _is_plain(value: object) -> bool:
    return type(value) is str or (type(value) is int and abs(value) <= _LARGEST_INTEGER)


def _is_text(value: object, shortest: int, longest: int) -> TypeGuard[str]:
    return type(value) is str and shortest <= len(value) <= longest


def _is_time(value: object) -> TypeGuard[int]:
    # `type`, not `isinstance`: true and false are integers to Python.
    return type(value) is int and 0 <= value <= _LAST_SECOND


_READER: Final = json.JSONDecoder()
_WRITER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_JWS: Final = PyJWS([ALGORITHM])
# The signature check alone: PyJWT's own reading of the token would be a second, laxer one.
_EDDSA: Final = _JWS.get_algorithm_by_name(ALGORITHM)
