"""Write passes.json: what every engine that judges a pass must answer, case by case.

Run it from anywhere: `python tests/vectors/make_pass_vectors.py`. Its keys come from fixed seeds and Ed25519
is deterministic, so that it always writes the same file. It imports nothing of Passapp: what is expected is
written down here, not computed by the engine that is held to it.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hostile_cases import unreadable_cases, untrusted_cases
from standing_cases import membership_cases, standing_cases
from vector_texts import (
    AT,
    BEGINS,
    CLAIMS,
    CURRENT,
    DEVICE,
    ENDS,
    GOOD,
    HEADER,
    NETWORK,
    NEXT,
    STRANGER,
    Json,
    case,
    check_in,
    instant,
    membership,
    named_id,
    part,
    raw,
    refused,
    token,
    with_claims,
)

ABOUT = """\
Test vectors for passes and verdicts (door.md). Written by make_pass_vectors.py: do not edit.
A case is `defaults` with the members of the case laid over it, whole member by whole member.
`text` is what the scanner read, `at` the instant of the scan, `place` the host, a code of `context.places`.
`standing` is what is known of the pass and its person: instants, absent where it never happened.
A `standing` of null means that the pass is in no register.
`standing.named` is the membership that the pass was issued for; `chosen` the one that the host picked.
`memberships` are the person's: `last_day` is included, places are in the network on [joined_on, left_on).
`same_day` are check-ins of that person at that place and date; `home` is the place that pays for each.
`expect.pass` is what the pass alone gives: `pass`, or why it is refused. `expect.verdict` is the answer.
Where given, `expect` also holds `membership` (who pays), `choices`, `first` (check-in) and `local_date`.
`server_only` marks what a door alone cannot decide: it has the pass, the status list, the plan that `pl`
names, the place's dates and its own scans.
A door takes the status list for `standing`: revoked is revoked, suspended is suspended.
"""

PLACES = {
    "GARE": {"zone": "Europe/Paris", "joined_on": "2026-01-01", "left_on": None},
    "PORT": {"zone": "Europe/Paris", "joined_on": "2026-01-01", "left_on": None},
    "LAGON": {"zone": "Indian/Reunion", "joined_on": "2026-01-01", "left_on": None},
    "USINE": {"zone": "Europe/Paris", "joined_on": "2026-01-01", "left_on": "2026-11-18"},
    "SERRE": {"zone": "Europe/Paris", "joined_on": "2026-11-19", "left_on": None},
}
PLANS = {
    "FULL": {
        "opens": "everywhere",
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
        "from_time": "00:00",
        "to_time": "24:00",
    },
    "WEEK": {"opens": "everywhere", "weekdays": [0, 1, 2, 3, 4], "from_time": "08:00", "to_time": "20:00"},
    "HOME": {"opens": "home", "weekdays": [0, 1, 2, 3, 4, 5, 6], "from_time": "00:00", "to_time": "24:00"},
    "LATE": {"opens": "everywhere", "weekdays": [4], "from_time": "18:00", "to_time": "26:00"},
}


def good_cases() -> list[Json]:
    saturday = datetime(2026, 11, 21, 0, 59, tzinfo=UTC)  # 01:59 in Paris
    late = {"text": with_claims(pl="LATE"), "memberships": [membership("main", plan="LATE")]}
    week = {"text": with_claims(pl="WEEK"), "memberships": [membership("main", plan="WEEK")]}
    earlier = [check_in("second", AT - timedelta(hours=1)), check_in("first", AT - timedelta(hours=2))]
    return [
        case("a good card", GOOD, "ok", expect={"membership": named_id("main"), "local_date": "2026-11-18"}),
        case("signed by the next key", token(header=HEADER | {"kid": "d2"}, key=NEXT), "ok"),
        case("a guest pass at its place", with_claims(aud="GARE"), "ok"),
        case("a short-lived pass", with_claims(nbf=None, exp=int(AT.timestamp()) + 90), "ok"),
        case("a claim that we do not know", with_claims(zz="later"), "ok"),
        case("the first index", with_claims(jti="0"), "ok"),
        case("the last index", with_claims(jti="4OmV"), "ok"),
        case("the longest claims", with_claims(pl="FULL", zz="x" * 579), "ok"),
        case("59 s after its end", GOOD, "ok", at=ENDS + timedelta(seconds=59)),
        case("60 s before its beginning", GOOD, "ok", at=BEGINS - timedelta(seconds=60)),
        case("already in today", GOOD, "ok_again", same_day=earlier, expect={"first": named_id("first")}),
        case(
            "an earlier scan that arrives late",
            GOOD,
            "ok",
            same_day=[check_in("later", AT + timedelta(hours=1))],
        ),
        case(
            "revoked just after the scan",
            GOOD,
            "ok",
            standing={"revoked_at": instant(AT + timedelta(seconds=1))},
        ),
        case("a plan in its hours", at=AT, verdict="ok", **week),
        case("after midnight, of the day before", at=saturday, verdict="ok", **late),
        case(
            "after midnight in Paris, the next day on Réunion",
            GOOD,
            "ok",
            at=datetime(2026, 11, 18, 20, 30, tzinfo=UTC),
            place="LAGON",
            expect={"local_date": "2026-11-19"},
        ),
    ]


def precedence_cases() -> list[Json]:
    at = instant(AT)
    past, future = int(AT.timestamp()) - 3600, int(AT.timestamp()) + 3600
    strange = {"header": HEADER | {"kid": "zz"}, "key": STRANGER}
    live = with_claims(cnf=DEVICE)
    both = {"revoked_at": at, "suspended_at": at}
    week = {"text": with_claims(pl="WEEK"), "memberships": [membership("main", plan="WEEK")]}
    sunday = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    return [
        refused("unreadable before wrong network", with_claims(iss="AUTRE", exp="1")),
        refused(
            "wrong network before unknown key",
            token(claims=CLAIMS | {"iss": "AUTRE"}, **strange),
            "wrong_network",
        ),
        refused(
            "wrong network before wrong typ",
            token(HEADER | {"typ": "JWT"}, CLAIMS | {"iss": "X"}),
            "wrong_network",
        ),
        refused("unknown key before wrong typ", token(HEADER | {"kid": "zz", "typ": "JWT"}), "unknown_key"),
        refused("unknown key before alg none", token(HEADER | {"kid": "zz", "alg": "none"}), "unknown_key"),
        refused("signature before wrong place", token(claims=CLAIMS | {"aud": "PORT"}, key=STRANGER)),
        refused("signature before expired", token(claims=CLAIMS | {"exp": past}, key=STRANGER)),
        refused("wrong typ before expired", token(HEADER | {"typ": "JWT"}, CLAIMS | {"exp": past})),
        refused("wrong place before expired", with_claims(aud="PORT", exp=past), "wrong_place"),
        refused("expired before not yet valid", with_claims(nbf=future, exp=past), "expired"),
        refused("expired before revoked", with_claims(exp=past), "expired", standing=both),
        refused("not yet valid before suspended", with_claims(nbf=future), "not_yet_valid", standing=both),
        refused("expired before proof missing", with_claims(cnf=DEVICE, exp=past), "expired"),
        refused("wrong network before place left", with_claims(iss="AUTRE"), "wrong_network", place="USINE"),
        case("revoked before suspended", GOOD, "revoked", standing=both),
        case(
            "revoked before superseded",
            GOOD,
            "revoked",
            standing={"revoked_at": at, "superseded_at": at},
            server_only=True,
        ),
        case(
            "superseded before suspended",
            GOOD,
            "superseded",
            standing={"superseded_at": at, "suspended_at": at},
            server_only=True,
        ),
        case(
            "suspended before proof missing",
            live,
            "suspended",
            "proof_missing",
            standing={"suspended_at": at},
        ),
        case("proof missing before place left", live, "proof_missing", "proof_missing", place="USINE"),
        case("suspended before place left", GOOD, "suspended", standing={"suspended_at": at}, place="USINE"),
        case("place left before plan", verdict="place_left", at=sunday, place="USINE", **week),
        case(
            "plan before already in today",
            verdict="plan",
            at=sunday,
            same_day=[check_in("first", sunday - timedelta(hours=1))],
            **week,
        ),
    ]


def vectors() -> Json:
    """Give the whole file as a value."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA"}
    keys = [jwk | {"kid": kid, "x": part(raw(key))} for kid, key in (("d1", CURRENT), ("d2", NEXT))]
    return {
        "about": ABOUT.splitlines(),
        "context": {
            "network": NETWORK,
            "jwks": {"keys": keys},
            "places": [{"id": named_id(code), "code": code, **place} for code, place in PLACES.items()],
            "plans": [{"code": code, **plan} for code, plan in PLANS.items()],
        },
        "defaults": {
            "place": "GARE",
            "standing": {},
            "memberships": [membership("main")],
            "same_day": [],
            "chosen": None,
            "server_only": False,
        },
        "cases": [
            *good_cases(),
            *unreadable_cases(),
            *untrusted_cases(),
            *standing_cases(),
            *membership_cases(),
            *precedence_cases(),
        ],
    }


def as_text() -> str:
    """Give the file's text."""
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("passes.json").write_text(as_text(), encoding="ascii")
