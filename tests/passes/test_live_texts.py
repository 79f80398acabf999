"""What a live pass's QR code says, and what a door makes of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from passapp.passes.encoding import decode_base45, decode_base64url, encode_base45, encode_base64url
from passapp.passes.live import LiveText, live_claims, proof_message, read_live, short_lived_claims, step_at, write_live
from passapp.passes.points import is_public_key
from passapp.passes.qr import version_of
from passapp.passes.rules import Form, Pass, Reason, Refusal, sign_pass, verify_pass
from tests.phones import Phone

Show = Callable[..., Pass | Refusal]
AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
STEP = step_at(AT)
PHONE = Phone(Ed25519PrivateKey.from_private_bytes(b"a member's phone: thirty-two byt"))
OTHER = Phone(Ed25519PrivateKey.from_private_bytes(b"another phone: also thirty-two b"))
CLAIMS = {
    "network": "DEMO",
    "index": 421_337,
    "plan": "FULL",
    "not_before": AT - timedelta(days=3),
    "expires_at": AT + timedelta(days=27),
}


@pytest.fixture(scope="module")
def jwt(private_key: Ed25519PrivateKey) -> str:
    return sign_pass(live_claims(**CLAIMS, device_key=PHONE.public_key), private_key, "k1")


@pytest.fixture(scope="module")
def text(jwt: str) -> str:
    return PHONE.show(jwt, AT)


def reason(shown: Pass | Refusal) -> Reason:
    assert isinstance(shown, Refusal)
    return shown.reason


def test_a_live_pass_is_read_with_its_device_and_the_step_of_its_proof(text: str, show: Show) -> None:
    assert show(text) == Pass(
        network="DEMO",
        index=421_337,
        plan="FULL",
        kid="k1",
        not_before=CLAIMS["not_before"],
        expires_at=CLAIMS["expires_at"],
        device_key=decode_base64url(PHONE.public_key),
        step=STEP,
    )


def test_a_live_pass_of_the_longest_network_is_a_code_of_version_13(private_key: Ed25519PrivateKey) -> None:
    longest = live_claims(**CLAIMS | {"network": "LONGNAME"}, device_key=PHONE.public_key)
    assert version_of(PHONE.show(sign_pass(longest, private_key, "2026"), AT)) <= 13


def test_every_flipped_bit_of_the_text_is_refused(text: str, show: Show) -> None:
    for position in range(len(text)):
        for bit in range(8):
            flipped = text[:position] + chr(ord(text[position]) ^ 1 << bit) + text[position + 1 :]
            assert isinstance(show(flipped), Refusal), (position, bit)


def test_every_flipped_bit_of_what_the_text_stands_for_is_refused(text: str, show: Show) -> None:
    data = decode_base45(text.removeprefix("CP1:"))
    assert data is not None
    for position in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            assert isinstance(show("CP1:" + encode_base45(bytes(flipped))), Refusal), (position, bit)


@pytest.mark.parametrize(
    "late,expected",
    [
        (-2, "clock_skew"),
        (-1, "pass"),
        (0, "pass"),
        (1, "pass"),
        (2, "pass"),
        (3, "proof_stale"),
        (10**6, "proof_stale"),
    ],
)
def test_a_proof_is_good_from_one_step_ahead_to_two_behind(jwt: str, show: Show, late: int, expected: str) -> None:
    shown = show(PHONE.show(jwt, STEP - late))
    assert (shown.reason if isinstance(shown, Refusal) else "pass") == expected
    known = shown.of if isinstance(shown, Refusal) else shown
    assert known is not None
    assert known.step == STEP - late


def test_a_screenshot_dies_within_45_seconds_whenever_it_was_taken(jwt: str, show: Show) -> None:
    for second in range(15):
        taken = AT + timedelta(seconds=second)
        shown = show(PHONE.show(jwt, taken), at=taken + timedelta(seconds=45))
        assert reason(shown) is Reason.PROOF_STALE


@pytest.mark.parametrize("step", [0, 2**32 - 1])
def test_steps_at_the_ends_of_their_four_bytes_are_read(jwt: str, show: Show, step: int) -> None:
    assert reason(show(PHONE.show(jwt, step))) in {Reason.PROOF_STALE, Reason.CLOCK_SKEW}


def test_a_proof_by_another_device_is_no_proof(jwt: str, show: Show) -> None:
    shown = show(OTHER.show(jwt, AT))
    assert reason(shown) is Reason.PROOF_MISSING
    assert isinstance(shown, Refusal)
    assert shown.of is not None
    assert (shown.of.index, shown.of.step) == (421_337, None)


def test_the_proof_of_another_pass_of_the_same_device_is_no_proof(
    text: str, private_key: Ed25519PrivateKey, show: Show
) -> None:
    other = sign_pass(live_claims(**CLAIMS | {"index": 7}, device_key=PHONE.public_key), private_key, "k1")
    live = read_live(text)
    assert live is not None
    assert reason(show(write_live(LiveText(other, live.step, live.proof)))) is Reason.PROOF_MISSING


def test_the_proof_of_one_step_is_none_for_the_next(text: str, show: Show) -> None:
    live = read_live(text)
    assert live is not None
    assert reason(show(write_live(LiveText(live.jwt, live.step + 1, live.proof)))) is Reason.PROOF_MISSING


def test_a_signature_of_the_same_bytes_for_another_purpose_is_no_proof(jwt: str, show: Show) -> None:
    message = proof_message(jwt, STEP).replace(b"cp-proof-1\0", b"cp-proof-2\0")
    assert reason(show(write_live(LiveText(jwt, STEP, PHONE.private_key.sign(message))))) is Reason.PROOF_MISSING


def test_a_wrong_proof_is_missing_before_it_is_old(jwt: str, show: Show) -> None:
    assert reason(show(OTHER.show(jwt, STEP - 100))) is Reason.PROOF_MISSING


def test_dates_come_before_the_proof(jwt: str, show: Show) -> None:
    later = CLAIMS["expires_at"] + timedelta(days=1)
    assert reason(show(PHONE.show(jwt, STEP), at=later)) is Reason.EXPIRED
    assert reason(show(PHONE.show(jwt, STEP), at=AT - timedelta(days=4))) is Reason.NOT_YET_VALID


def test_the_pass_of_a_live_text_alone_is_refused(jwt: str, show: Show) -> None:
    assert reason(show(jwt)) is Reason.PROOF_MISSING


def test_a_card_written_like_a_live_pass_is_unreadable(card: str, show: Show) -> None:
    assert show(PHONE.show(card, AT)) == Refusal(Reason.INVALID)


def test_a_place_without_cards_refuses_a_card_and_takes_what_changes(
    card: str, text: str, private_key: Ed25519PrivateKey, show: Show
) -> None:
    shown = show(card, cards=False)
    assert reason(shown) is Reason.PROOF_MISSING
    assert isinstance(shown, Refusal)
    assert shown.of is not None
    assert isinstance(show(text, cards=False), Pass)
    claims = short_lived_claims(network="DEMO", index=1, plan="FULL", expires_at=AT + timedelta(seconds=90))
    short_lived = show(sign_pass(claims, private_key, "k1"), cards=False)
    assert isinstance(short_lived, Pass)
    assert short_lived.form_at(AT) is Form.SHORT_LIVED


def test_a_live_text_is_read_to_the_letter(text: str, show: Show) -> None:
    others = [text + " ", " " + text, text + "\n", text.lower(), text[:-1], text + "00", text.removeprefix("CP1:")]
    others += ["CP1:", "CP1", "CP2:" + text.removeprefix("CP1:"), "CP1:" + text, "CP1:0", "CP1:00", "CP1:GGW"]
    for other in others:
        assert show(other) == Refusal(Reason.INVALID), other


def test_a_live_text_whose_spaces_were_lost_on_the_way_is_refused(jwt: str, show: Show) -> None:
    spaced = next(text for step in range(STEP - 200, STEP) if "  " in (text := PHONE.show(jwt, step)))
    for other in (spaced.replace("  ", " "), spaced.replace(" ", ""), spaced.replace(" ", "+")):
        assert show(other) == Refusal(Reason.INVALID)


@given(data=st.binary(min_size=1, max_size=80))
def test_no_base45_ends_with_a_space_that_somebody_could_trim(data: bytes) -> None:
    assert not encode_base45(data).endswith(" ")


@pytest.mark.parametrize("at,value", [(0, 0), (0, 255), (0, 42), (44, 255), (45, 0), (45, 255)])
def test_a_length_that_lies_is_refused(text: str, show: Show, at: int, value: int) -> None:
    data = bytearray(decode_base45(text.removeprefix("CP1:")) or b"")
    data[at] = value
    assert show("CP1:" + encode_base45(bytes(data))) == Refusal(Reason.INVALID)


@given(cut=st.integers(0, 400), more=st.binary(max_size=4))
def test_a_text_cut_short_or_drawn_out_is_refused(text: str, show: Show, cut: int, more: bytes) -> None:
    data = decode_base45(text.removeprefix("CP1:")) or b""
    other = data[:cut] + more
    # Of the same length it may be a text with another proof, which is refused for that.
    if len(other) != len(data):
        assert show("CP1:" + encode_base45(other)) == Refusal(Reason.INVALID)


@given(text=st.text(max_size=700))
def test_any_other_text_behind_the_prefix_is_refused_without_an_error(text: str, show: Show) -> None:
    assert show("CP1:" + text) == Refusal(Reason.INVALID)


@pytest.mark.parametrize(
    "data,written",
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)
def test_base45_is_written_as_the_standards_examples(data: bytes, written: str) -> None:
    assert encode_base45(data) == written
    assert decode_base45(written) == data


@given(data=st.binary(max_size=80))
def test_base45_is_read_in_one_form_only(data: bytes) -> None:
    written = encode_base45(data)
    assert decode_base45(written) == data
    for other in (written + "\n", written + " ", " " + written, written + "0"):
        assert decode_base45(other) != data


@pytest.mark.parametrize("text", ["GGW", ":::", "::", "A", "ABCD", "bb8", "B B", "BB8\n", "BBé", "٣٣"])
def test_what_stands_for_no_bytes_is_no_base45(text: str) -> None:
    read = decode_base45(text)
    assert read is None or encode_base45(read) == text
    assert text == "B B" or read is None


def test_what_no_door_could_read_is_not_written(jwt: str) -> None:
    for live in (
        LiveText(jwt, 2**32, bytes(64)),
        LiveText(jwt, -1, bytes(64)),
        LiveText(jwt, STEP, bytes(63)),
        LiveText("a.b", STEP, bytes(64)),
        LiveText(jwt + "A", STEP, bytes(64)),
    ):
        with pytest.raises(ValueError, match="no live pass"):
            write_live(live)


@given(seed=st.binary(min_size=32, max_size=32))
def test_every_real_key_is_taken_for_one(seed: bytes) -> None:
    assert is_public_key(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


@pytest.mark.parametrize(
    "key",
    [
        "",
        "00" * 31,
        "01" + "00" * 31,  # the neutral point
        "01" + "00" * 30 + "80",  # the same, written another way
        "00" * 32,  # of order 4
        "00" * 31 + "80",
        "ec" + "ff" * 30 + "7f",  # of order 2
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # of order 8
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ed" + "ff" * 30 + "7f",  # the prime itself
        "ff" * 32,
        "02" + "00" * 31,  # no point has this y
    ],
)
def test_a_key_that_one_proof_would_be_good_for_at_every_step_is_none(key: str) -> None:
    assert not is_public_key(bytes.fromhex(key))


def test_a_key_with_a_part_of_small_order_is_none() -> None:
    from passapp.passes import points  # noqa: PLC0415

    real = points._decompress(PHONE.private_key.public_key().public_bytes_raw())
    small = points._decompress(bytes.fromhex("00" * 32))
    assert real is not None
    assert small is not None
    x, y, z = points._add(real, small)
    inverse = pow(z, -1, points._P)
    mixed = (y * inverse % points._P | (x * inverse % points._P & 1) << 255).to_bytes(32, "little")
    assert points._decompress(mixed) is not None
    assert not is_public_key(mixed)


def test_why_keys_are_looked_at_a_neutral_one_is_proven_by_anybody_for_ever(
    private_key: Ed25519PrivateKey,
) -> None:
    neutral = b"\1" + bytes(31)
    pass_ = sign_pass(live_claims(**CLAIMS, device_key=encode_base64url(neutral)), private_key, "k1")
    text = write_live(LiveText(pass_, STEP, neutral + bytes(32)))
    keys = {"k1": private_key.public_key()}
    assert isinstance(verify_pass(text, network="DEMO", keys=keys, place="GARE", at=AT), Pass)
