"""Write passes.json: what every engine that judges a pass must answer, case by case.

Run it from anywhere: `python tests/vectors/make_pass_vectors.py`. Its keys come from fixed seeds and Ed25519
is deterministic, so that it always writes the same file. It imports nothing of Passapp: what is expected is
written down here, not computed by the engine that is held to it.
"""

import json
from datetime import timedelta
from pathlib import Path

from day_cases import capacity_cases, hours_cases, old_list_cases, quota_cases
from hostile_cases import unreadable_cases, untrusted_cases
from live_cases import form_cases, proof_cases, transport_cases
from precedence_cases import other_precedence_cases, pair_cases
from standing_cases import membership_cases, plan_cases, standing_cases, unpaid_cases
from vector_texts import (
    AT,
    BEGINS,
    CURRENT,
    ENDS,
    GOOD,
    HEADER,
    NETWORK,
    NEXT,
    Json,
    case,
    check_in,
    membership,
    named_id,
    part,
    raw,
    token,
    with_claims,
)

ABOUT = """\
Test vectors for passes and verdicts (door.md). Written by make_pass_vectors.py: do not edit.

A case is `defaults` with the members of the case laid over it, whole member by whole member.
`text` is what the scanner read, to the letter; `at` is the instant of the scan.
`place` is the host, a code of `context.places`; `cards`, `keeps_hours` and `capacity` are its ways of receiving.
`days` are the host's hours: `openings` in minutes from that day's local midnight, which they may pass; `reason`
says why they are not the week's usual ones (a holiday, a closure). Days that are not there are not known.
`standing` is what is known of the pass and its person: instants, absent where it never happened.
A `standing` of null means that the pass is in no register.
`standing.named` is the membership that the pass was issued for; `chosen` the home (a code) that the host picked.
`memberships` are the person's: `last_day` is included, places are in the network on [joined_on, left_on).
`unpaid_at` and `paid_at`: since when one is unpaid, and until when the last such time lasted.
`same_day` are check-ins of that person at that place and date; `home` is the place that pays for each.
`used` are the person's visits elsewhere than at home that month; `present` is how many people are in.
`replayed_elsewhere`: the same proof let somebody in at another door.
`list_expired`: the one that judges is a door, and its status list is past its `exp`.
`expect.pass` is what the pass alone gives: `pass`, or why it is refused. `expect.verdict` is the answer.
Where given, `expect` also holds `membership` (who pays, or would), `choices`, `first` (check-in), `local_date`, and
`form`, which of the three ways the pass is.

What a door knows by itself. Every engine must give `expect.verdict` from all that stands in the case. A door
without an answer from the server has less: the text, the instant, the place with its `cards`, `keeps_hours`,
`capacity`, `days`, `present` and dates, the keys, the plans, its own scans (`same_day`), and
- `status`, what the status list holds at the pass's index as of the scan, in place of `standing`
  (0 good, 1 revoked, 2 suspended, 3 superseded);
- where `on_roster`, the person's memberships but those `left_out` (unpaid, while another one is paid for), with the
  dates of their homes; `used`; and the home of the membership that the pass was issued for, unless that is left out;
  else one membership with the pass's own plan, of a home that is not known.
From that it must give `expect.at_door` where that is given, else `expect.verdict`. `at_door` is given where
- the list says no more than that a pass is inactive: `unpaid` is `suspended` to a door (to a host, one sentence);
- somebody is not on the roster: whether a plan for the home alone opens here is not known (`error`), nor are the
  plan that prevails over the pass's own, and the visits of the month.
`server_only` says why a door by itself cannot be held to a case:
- `register`: that a pass with our signature was never issued is known to the register alone;
- `elsewhere`: what other doors have read is known to the server alone.
"""

ALL_WEEK = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "from_time": "00:00", "to_time": "24:00"}
WEEKDAYS = {"weekdays": [0, 1, 2, 3, 4], "from_time": "08:00", "to_time": "20:00"}
JOINED = {"zone": "Europe/Paris", "joined_on": "2026-01-01", "left_on": None}
PLACES = {
    "GARE": JOINED,
    "PORT": JOINED,
    "LAGON": JOINED | {"zone": "Indian/Reunion"},
    "USINE": JOINED | {"left_on": "2026-11-18"},
    "SERRE": JOINED | {"joined_on": "2026-11-19"},
}
PLANS = {
    "FULL": {"opens": "everywhere", **ALL_WEEK, "monthly_visits": None},
    "WEEK": {"opens": "everywhere", **WEEKDAYS, "monthly_visits": None},
    "HOME": {"opens": "home", **ALL_WEEK, "monthly_visits": None},
    "LATE": {
        "opens": "everywhere",
        "weekdays": [4],
        "from_time": "18:00",
        "to_time": "26:00",
        "monthly_visits": None,
    },
    "FEW": {"opens": "everywhere", **WEEKDAYS, "monthly_visits": 4},
    "NONE": {"opens": "everywhere", **ALL_WEEK, "monthly_visits": 0},
}
DEFAULTS = {
    "place": "GARE",
    "cards": True,
    "keeps_hours": False,
    "capacity": None,
    "days": [],
    "standing": {},
    "status": 0,
    "memberships": [membership("main")],
    "on_roster": True,
    "left_out": [],
    "same_day": [],
    "chosen": None,
    "used": 0,
    "present": 0,
    "replayed_elsewhere": False,
    "list_expired": False,
    "server_only": None,
}


def good_cases() -> list[Json]:
    earlier = [check_in("second", AT - timedelta(hours=1)), check_in("first", AT - timedelta(hours=2))]
    main = named_id("main")
    return [
        case("a good card", GOOD, "ok", expect={"membership": main, "local_date": "2026-11-18", "form": "card"}),
        case("a good card of somebody new", GOOD, "ok", on_roster=False),
        case("signed by the next key", token(header=HEADER | {"kid": "d2"}, key=NEXT), "ok"),
        case("a guest pass at its place", with_claims(aud="GARE"), "ok"),
        case("a short-lived pass", with_claims(nbf=None, exp=int(AT.timestamp()) + 90), "ok"),
        case("a claim that we do not know", with_claims(zz="later"), "ok"),
        case("a claim named by a number", with_claims(zz="later", **{"7": 7}), "ok"),
        case("a claim named by nothing", with_claims(**{"": "", "~!#[]{}": -1}), "ok"),
        case("a claim that an object has by itself", with_claims(__proto__="x", constructor=0), "ok"),
        case("the largest number that a browser reads exactly", with_claims(zz=2**53 - 1), "ok"),
        case("the first index", with_claims(jti="0"), "ok"),
        case("the last index", with_claims(jti="4OmV"), "ok"),
        case("the longest claims", with_claims(pl="FULL", zz="x" * 579), "ok"),
        case("59 s after its end", GOOD, "ok", at=ENDS + timedelta(seconds=59)),
        case("a moment before 60 s after its end", GOOD, "ok", at=ENDS + timedelta(milliseconds=59_999)),
        case("60 s before its beginning", GOOD, "ok", at=BEGINS - timedelta(seconds=60)),
        case("already in today", GOOD, "ok_again", same_day=earlier, expect={"first": named_id("first")}),
        case("an earlier scan that arrives late", GOOD, "ok", same_day=[check_in("later", AT + timedelta(hours=1))]),
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
        "defaults": DEFAULTS,
        "cases": [
            *good_cases(),
            *unreadable_cases(),
            *untrusted_cases(),
            *transport_cases(),
            *form_cases(),
            *proof_cases(),
            *standing_cases(),
            *unpaid_cases(),
            *plan_cases(),
            *membership_cases(),
            *hours_cases(),
            *quota_cases(),
            *capacity_cases(),
            *old_list_cases(),
            *pair_cases(),
            *other_precedence_cases(),
        ],
    }


def as_text() -> str:
    """Give the file's text: a line for each case."""
    whole = vectors()
    lines = ",\n".join(json.dumps(each) for each in whole.pop("cases"))
    return json.dumps(whole, indent=1).removesuffix("\n}") + f',\n "cases": [\n{lines}\n ]\n}}\n'


if __name__ == "__main__":
    Path(__file__).with_name("passes.json").write_text(as_text(), encoding="ascii")
