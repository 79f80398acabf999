"""Cases of live passes: how they are packed, the device's proof, and the forms a pass is told apart by."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from vector_texts import (
    AT,
    CURRENT,
    GOOD,
    HEADER,
    ON_PHONE,
    PHONE,
    STEP,
    STRANGER,
    Json,
    base45,
    case,
    instant,
    key_of,
    live,
    named_id,
    packed,
    part,
    proof,
    raw,
    refused,
    token,
    with_claims,
)

LIVE = live()
DATA = packed(ON_PHONE, STEP, proof(ON_PHONE, STEP))
HEADER_LENGTH = DATA[0]


def transport_cases() -> list[Json]:
    half = len(LIVE) // 2
    space = LIVE.index(" ")
    later = next(steps for steps in range(1000) if "  " in live(STEP + steps))
    two_spaces, then = live(STEP + later), AT + timedelta(seconds=15 * later)
    after_header = 1 + HEADER_LENGTH
    return [
        case("a live pass", LIVE, "ok", expect={"membership": named_id("main"), "form": "live"}),
        case("a live text with two spaces side by side", two_spaces, "ok", at=then),
        refused("the same, as a web page shows it", two_spaces.replace("  ", " "), at=then),
        refused("the prefix alone", "CP1:"),
        refused("a prefix in small letters", "cp1:" + LIVE[4:]),
        refused("the prefix of a later form", "CP2:" + LIVE[4:]),
        refused("no prefix", LIVE[4:]),
        refused("the prefix twice", "CP1:" + LIVE),
        refused("the prefix before the pass itself", "CP1:" + ON_PHONE),
        refused("the prefix before a pass in base45", "CP1:" + base45(ON_PHONE.encode())),
        refused("a live text in small letters", "CP1:" + LIVE[4:].lower()),
        refused("a live text with a space before", " " + LIVE),
        refused("a live text with a space after", LIVE + " "),
        refused("a live text with two spaces after", LIVE + "  "),
        refused("a live text with a line feed after", LIVE + "\n"),
        refused("a live text with a space after its prefix", "CP1: " + LIVE[4:]),
        refused("a live text without one of its spaces", LIVE[:space] + LIVE[space + 1 :]),
        refused("a live text with its spaces as in a web address", LIVE.replace(" ", "%20")),
        refused("a live text with its spaces as pluses", LIVE.replace(" ", "+")),
        refused("a live text with a character that base45 has not", LIVE[:half] + "_" + LIVE[half + 1 :]),
        refused("a live text with a letter that is not ASCII", LIVE[:half] + "É" + LIVE[half + 1 :]),
        refused("a live text short of a character", LIVE[:-1]),
        refused("a live text short of three characters", LIVE[:-3]),
        refused("a live text cut in half", LIVE[:half]),
        refused("three characters past two bytes", "CP1:" + "GGW" + LIVE[7:]),
        refused("three characters far past two bytes", LIVE[: 4 + 3 * 60] + ":::" + LIVE[4 + 3 * 61 :]),
        refused("two characters past one byte", "CP1:" + base45(DATA[: len(DATA) // 2 * 2]) + "V5"),
        refused("a live pass short of a byte", "CP1:" + base45(DATA[:-1])),
        refused("a live pass with a byte after", "CP1:" + base45(DATA + b"\0")),
        refused("a live pass with two bytes after", "CP1:" + base45(DATA + b"\0\0")),
        refused("one byte", "CP1:" + base45(b"\0")),
        refused("zeros", "CP1:" + base45(bytes(len(DATA)))),
        refused("a header length of nothing", "CP1:" + base45(b"\0" + DATA[1:])),
        refused("a header length one short", "CP1:" + base45(bytes([HEADER_LENGTH - 1]) + DATA[1:])),
        refused("a header length one long", "CP1:" + base45(bytes([HEADER_LENGTH + 1]) + DATA[1:])),
        refused("a header length past the end", "CP1:" + base45(b"\xff" + DATA[1:])),
        refused(
            "a payload length past the end",
            "CP1:" + base45(DATA[:after_header] + b"\xff\xff" + DATA[after_header + 2 :]),
        ),
        refused(
            "a payload length of nothing",
            "CP1:" + base45(DATA[:after_header] + b"\0\0" + DATA[after_header + 2 :]),
        ),
        refused("a header taken away", "CP1:" + base45(b"\0" + DATA[after_header:])),
        refused("a header with a space", live(jwt=token(header=b'{"alg": "EdDSA","kid":"d1","typ":"cp+jwt"}'))),
        refused("a card packed as a live pass", live(jwt=GOOD)),
        refused("a live pass signed by a stranger", live(jwt=token(claims=claims_on_phone(), key=STRANGER))),
        refused("a bit flipped in a live pass's signature", "CP1:" + base45(bit_flip(DATA, len(DATA) - 130))),
        refused("a bit flipped in a live pass's payload", "CP1:" + base45(bit_flip(DATA, DATA.index(b"FULL")))),
        refused("a live pass of another network", live(jwt=with_claims(iss="X", cnf=cnf(PHONE))), "wrong_network"),
        refused(
            "a live pass whose key is not published",
            live(jwt=token(HEADER | {"kid": "zz"}, claims_on_phone())),
            "unknown_key",
        ),
    ]


def proof_cases() -> list[Json]:
    nobody = part(b"\x02" + bytes(31))  # no point of the curve
    another = with_claims(cnf=cnf(PHONE), jti="1")
    other_phone = key_of("another device")
    wrong = {
        "a bit flipped in a proof": bit_flip(proof(ON_PHONE, STEP)),
        "a proof of zeros": bytes(64),
        "a proof of another pass": proof(another, STEP),
        "a proof of another step": proof(ON_PHONE, STEP - 1),
        "a proof by another device": proof(ON_PHONE, STEP, other_phone),
        "a proof by the network's own key": proof(ON_PHONE, STEP, CURRENT),
        "a proof for another purpose": proof(ON_PHONE, STEP, domain=b"cp-proof-2\0"),
        "a proof without its purpose": proof(ON_PHONE, STEP, domain=b""),
        "the pass's signature as its proof": DATA[-132:-68],
    }
    steps = [
        ("three steps old", -3, "proof_stale"),
        ("two steps old", -2, "ok"),
        ("a step old", -1, "ok"),
        ("a step ahead", 1, "ok"),
        ("two steps ahead", 2, "clock_skew"),
    ]
    instants = [
        ("at the end of its last step", 44_999, "ok"),
        ("45 s after its step began", 45_000, "proof_stale"),
        ("a step early, at its first instant", -15_000, "ok"),
        ("a step early and a moment", -15_001, "clock_skew"),
    ]
    return [
        case("a live pass without its proof", ON_PHONE, "proof_missing", "proof_missing", cards=False),
        case("a live pass without its proof, as a card", ON_PHONE, "proof_missing", "proof_missing"),
        *[case(name, live(proved=each), "proof_missing", "proof_missing") for name, each in wrong.items()],
        case(
            "a device key that is none",
            live(jwt=with_claims(cnf={"x": nobody})),
            "proof_missing",
            "proof_missing",
        ),
        *[
            case(f"a proof {name}", live(STEP + off), verdict, as_pass(verdict), expect={"form": "live"})
            for name, off, verdict in steps
        ],
        *[
            case(f"a proof {name}", LIVE, verdict, as_pass(verdict), at=AT + timedelta(milliseconds=off))
            for name, off, verdict in instants
        ],
        case("the first step of all", live(0), "proof_stale", "proof_stale"),
        case("the last step of all", live(2**32 - 1), "clock_skew", "clock_skew"),
        case("a screenshot after 60 s", LIVE, "proof_stale", "proof_stale", at=AT + timedelta(seconds=60)),
        case("a live pass where cards are refused", LIVE, "ok", cards=False),
        case("a proof used elsewhere", LIVE, "replayed", replayed_elsewhere=True, server_only="elsewhere"),
        case("a proof used here", LIVE, "ok_again", same_day=[before(AT, 20)]),
    ]


def form_cases() -> list[Json]:
    now = int(AT.timestamp())
    edge = with_claims(nbf=None, exp=now + 150)  # 90 s, and 60 s of leeway
    past = with_claims(nbf=None, exp=now + 151)
    early = timedelta(milliseconds=-1)
    card = {"cards": False, "expect": {"form": "card", "membership": named_id("main")}}
    return [
        case("a card where cards are refused", GOOD, "proof_missing", "proof_missing", **card),
        case("a guest's card, cards refused", with_claims(aud="GARE"), "proof_missing", "proof_missing", **card),
        case("a short-lived pass at its longest", edge, "ok", cards=False, expect={"form": "short_lived"}),
        refused("a moment before a short-lived pass was made", edge, "not_yet_valid", at=AT + early),
        refused("a short-lived pass too long", past, "not_yet_valid"),
        refused("a short-lived pass too long, cards refused", past, "not_yet_valid", cards=False),
        refused("a short-lived pass of tomorrow", with_claims(nbf=None, exp=now + 86_400), "not_yet_valid"),
        refused("a short-lived guest pass too long", with_claims(nbf=None, exp=now + 151, aud="GARE"), "not_yet_valid"),
        refused(
            "a short-lived pass too long, elsewhere", with_claims(nbf=None, exp=now + 151, aud="PORT"), "wrong_place"
        ),
        refused(
            "a short-lived pass too long, revoked",
            past,
            "not_yet_valid",
            standing={"revoked_at": instant(AT)},
            status=1,
        ),
        case("a live pass without a beginning", live(jwt=with_claims(nbf=None, cnf=cnf(PHONE))), "ok"),
        case("a short-lived pass with a beginning", with_claims(exp=now + 60), "ok", expect={"form": "card"}),
        case("a short-lived pass in its leeway", with_claims(nbf=None, exp=now - 59), "ok", cards=False),
        case("a short-lived pass at its end", with_claims(nbf=None, exp=now - 60), "expired", "expired"),
    ]


def before(at: datetime, seconds: int) -> Json:
    return {"id": named_id("first"), "at": instant(at - timedelta(seconds=seconds)), "home": "PORT"}


def as_pass(verdict: str) -> str:
    return "pass" if verdict == "ok" else verdict


def cnf(key: Ed25519PrivateKey) -> Json:
    return {"x": part(raw(key))}


def claims_on_phone() -> bytes:
    return DATA[1 + HEADER_LENGTH + 2 : -132]


def bit_flip(data: bytes, at: int = 40) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
