import inspect
import json
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from passapp.passes.encoding import decode_base64url, encode_base64url
from passapp.passes.rules import (
    Form,
    Pass,
    Reason,
    Refusal,
    card_claims,
    card_expiry,
    sign_pass,
    verify_pass,
)

Show = Callable[..., Pass | Refusal]
BEGINS = datetime(2026, 10, 1, tzinfo=UTC)
ENDS = datetime(2027, 10, 1, tzinfo=UTC)
CLAIMS = {"iss": "DEMO", "jti": "1", "exp": int(ENDS.timestamp()), "pl": "FULL"}
DEVICE = encode_base64url(bytes(range(32)))


def test_a_good_card_is_read_with_all_it_says(card: str, show: Show) -> None:
    assert show(card) == Pass(network="DEMO", index=421_337, plan="FULL", kid="k1", not_before=BEGINS, expires_at=ENDS)


def test_a_card_is_what_any_jwt_library_reads(card: str, private_key: Ed25519PrivateKey) -> None:
    claims = jwt.decode(card, private_key.public_key(), ["EdDSA"], options={"verify_exp": False})
    assert claims["iss"] == "DEMO"
    assert jwt.get_unverified_header(card) == {"alg": "EdDSA", "kid": "k1", "typ": "cp+jwt"}


def test_the_longest_card_stays_within_the_planned_size(private_key: Ed25519PrivateKey) -> None:
    longest = card_claims(network="LONGNAME", index=2**20 - 1, plan="FULL", not_before=BEGINS, expires_at=ENDS)
    assert len(sign_pass(longest, private_key, "2026")) <= 251  # QR version 11 at level M


def test_a_pass_names_nobody(card: str) -> None:
    claims = json.loads(urlsafe_b64decode(card.split(".")[1] + "=="))
    assert set(claims) == {"iss", "jti", "nbf", "exp", "pl"}


def test_no_flipped_bit_of_the_text_goes_unnoticed(card: str, show: Show) -> None:
    for position in range(len(card)):
        for bit in range(8):
            flipped = card[:position] + chr(ord(card[position]) ^ 1 << bit) + card[position + 1 :]
            assert isinstance(show(flipped), Refusal), (position, bit)


@given(data=st.data())
def test_no_flipped_bit_of_what_the_text_stands_for_goes_unnoticed(data: st.DataObject, card: str, show: Show) -> None:
    parts = card.split(".")
    which = data.draw(st.integers(0, 2))
    changed = bytearray(urlsafe_b64decode(parts[which] + "=="))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    parts[which] = encode_base64url(bytes(changed))
    assert isinstance(show(".".join(parts)), Refusal)


@given(text=st.text(max_size=1100))
def test_any_other_text_is_refused_without_an_error(text: str, show: Show) -> None:
    assert show(text) == Refusal(Reason.INVALID)


@given(
    header=st.one_of(st.binary(max_size=80), st.just(b'{"alg":"EdDSA","kid":"k1","typ":"cp+jwt"}')),
    payload=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ).map(lambda value: json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass")),
    ),
)
def test_any_signed_rubbish_is_refused_without_an_error(
    header: bytes, payload: bytes, show: Show, private_key: Ed25519PrivateKey
) -> None:
    signed = f"{encode_base64url(header)}.{encode_base64url(payload)}"
    text = f"{signed}.{encode_base64url(private_key.sign(signed.encode()))}"
    assert show(text) == Refusal(Reason.INVALID)


@given(
    changes=st.dictionaries(
        st.sampled_from(["iss", "jti", "nbf", "exp", "pl", "aud", "cnf"]),
        st.none() | st.booleans() | st.floats() | st.lists(st.text()) | st.dictionaries(st.text(), st.none()),
        min_size=1,
    )
)
def test_no_claim_of_another_type_is_read(
    changes: dict[str, object], show: Show, private_key: Ed25519PrivateKey
) -> None:
    payload = json.dumps(CLAIMS | changes, separators=(",", ":")).encode()
    headers = {"kid": "k1", "typ": "cp+jwt"}
    assert show(jwt.PyJWS().encode(payload, private_key, "EdDSA", headers)) == Refusal(Reason.INVALID)


def test_a_payload_nested_deeper_than_the_stack_is_refused_without_an_error(
    show: Show, private_key: Ed25519PrivateKey
) -> None:
    headers = {"kid": "k1", "typ": "cp+jwt"}
    text = jwt.PyJWS().encode(b"[" * 600, private_key, "EdDSA", headers)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 200)
    try:
        shown = show(text)
    finally:
        sys.setrecursionlimit(limit)
    assert shown == Refusal(Reason.INVALID)


@given(data=st.binary(max_size=100))
def test_base64url_is_read_in_one_form_only(data: bytes) -> None:
    written = encode_base64url(data)
    assert decode_base64url(written) == data
    for other in (written + "=", written + "\n", written + "A", " " + written):
        assert decode_base64url(other) != data


def test_a_refusal_carries_the_pass_only_once_it_is_trusted(card: str, show: Show) -> None:
    expired = show(card, at=ENDS + timedelta(days=1))
    assert isinstance(expired, Refusal)
    assert expired.of is not None
    assert show(card, keys={}) == Refusal(Reason.UNKNOWN_KEY)


def test_a_live_pass_shown_bare_is_never_a_card(show: Show, private_key: Ed25519PrivateKey) -> None:
    shown = show(sign_pass({**CLAIMS, "cnf": {"x": DEVICE}}, private_key, "k1"))
    assert isinstance(shown, Refusal)
    assert shown.reason is Reason.PROOF_MISSING
    assert shown.of is not None
    assert shown.of.form_at(BEGINS) is Form.LIVE


@pytest.mark.parametrize(
    "begins,ends,form",
    [
        (BEGINS, ENDS, Form.CARD),
        (None, ENDS, Form.CARD),
        (BEGINS, BEGINS + timedelta(seconds=90), Form.CARD),
        (None, BEGINS + timedelta(seconds=90), Form.SHORT_LIVED),
    ],
)
def test_the_ways_to_show_a_pass_are_told_apart(begins: datetime | None, ends: datetime, form: Form) -> None:
    shown = Pass(network="DEMO", index=1, plan="FULL", kid="k1", not_before=begins, expires_at=ends)
    assert shown.form_at(BEGINS) is form


def test_only_what_a_door_can_read_is_signed(private_key: Ed25519PrivateKey) -> None:
    for claims in ({**CLAIMS, "iss": "MUCHTOOLONG"}, {**CLAIMS, "pl": "ÉTÉ"}, {**CLAIMS, "exp": 1.5}, {}):
        with pytest.raises(ValueError, match="door can read"):
            sign_pass(claims, private_key, "k1")
    with pytest.raises(ValueError, match="door can read"):
        sign_pass(CLAIMS, private_key, "too long")


def test_a_card_lasts_thirteen_months_at_most() -> None:
    latest = card_expiry(BEGINS)
    assert latest == datetime(2027, 11, 1, tzinfo=UTC)
    good = {"network": "DEMO", "index": 1, "plan": "FULL", "not_before": BEGINS}
    assert card_claims(**good, expires_at=latest)["exp"] == int(latest.timestamp())
    for ends in (latest + timedelta(seconds=1), BEGINS):
        with pytest.raises(ValueError, match="13 months"):
            card_claims(**good, expires_at=ends)
    for months in (0, 14):
        with pytest.raises(ValueError, match="13 months"):
            card_expiry(BEGINS, months)


def test_a_card_of_the_last_of_january_ends_on_the_last_of_february() -> None:
    assert card_expiry(datetime(2027, 1, 31, 12, tzinfo=UTC)) == datetime(2028, 2, 29, 12, tzinfo=UTC)


def test_a_guest_pass_names_its_place(show: Show, private_key: Ed25519PrivateKey) -> None:
    claims = card_claims(network="DEMO", index=1, plan="FULL", not_before=BEGINS, expires_at=ENDS, place="GARE")
    text = sign_pass(claims, private_key, "k1")
    shown = show(text)
    assert isinstance(shown, Pass)
    assert shown.place == "GARE"
    elsewhere = show(text, place="PORT")
    assert isinstance(elsewhere, Refusal)
    assert elsewhere.reason is Reason.WRONG_PLACE


@given(seconds=st.integers(-(10**8), 10**8))
def test_a_pass_is_good_from_its_beginning_to_its_end_with_a_minute_of_leeway(
    seconds: int, card: str, show: Show
) -> None:
    shown = show(card, at=BEGINS + timedelta(seconds=seconds))
    life = int((ENDS - BEGINS).total_seconds())
    assert isinstance(shown, Pass) == (-60 <= seconds < life + 60)


def test_an_instant_without_a_zone_is_a_mistake_of_ours(card: str, show: Show) -> None:
    with pytest.raises(TypeError):
        show(card, at=datetime(2026, 11, 18))  # noqa: DTZ001


def test_the_keys_are_looked_up_by_their_kid_alone(card: str, private_key: Ed25519PrivateKey) -> None:
    keys = {"k2": private_key.public_key()}
    shown = verify_pass(card, network="DEMO", keys=keys, place="GARE", at=BEGINS)
    assert shown == Refusal(Reason.UNKNOWN_KEY)
