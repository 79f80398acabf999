import json
from base64 import urlsafe_b64decode
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passapp.door.rules import (
    CheckIn,
    Host,
    Judgement,
    Membership,
    Plan,
    Standing,
    judge,
)
from passapp.kernel.wall_time import local_date
from passapp.passes.rules import verify_pass

FILE = json.loads((Path(__file__).parents[1] / "vectors" / "passes.json").read_text(encoding="ascii"))
CONTEXT, DEFAULTS, CASES = FILE["context"], FILE["defaults"], FILE["cases"]
KEYS = {
    jwk["kid"]: Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "=")) for jwk in CONTEXT["jwks"]["keys"]
}
PLANS = {plan["code"]: Plan(**plan | {"weekdays": frozenset(plan["weekdays"])}) for plan in CONTEXT["plans"]}
PLACES = {place["code"]: place for place in CONTEXT["places"]}
GIVEN = """ok ok_again invalid wrong_network unknown_key wrong_place expired not_yet_valid revoked superseded
    suspended proof_missing place_left plan ambiguous error"""


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def membership(row: dict[str, Any]) -> Membership:
    home = PLACES[row["home"]]
    return Membership(
        id=UUID(row["id"]),
        home_id=UUID(home["id"]),
        plan=row["plan"],
        priority=row["priority"],
        first_day=date.fromisoformat(row["first_day"]),
        last_day=day(row["last_day"]),
        home_joined_on=date.fromisoformat(home["joined_on"]),
        home_left_on=day(home["left_on"]),
    )


def standing(case: dict[str, Any]) -> Standing | None:
    row = case["standing"]
    if row is None:
        return None
    instants = {name: datetime.fromisoformat(value) for name, value in row.items() if name != "named"}
    named = UUID(row["named"]) if "named" in row else None
    return Standing(tuple(map(membership, case["memberships"])), named, **instants)


def judge_case(case: dict[str, Any]) -> Judgement:
    place, at = PLACES[case["place"]], datetime.fromisoformat(case["at"])
    host = Host(UUID(place["id"]), place["zone"], date.fromisoformat(place["joined_on"]), day(place["left_on"]))
    return judge(
        verify_pass(case["text"], network=CONTEXT["network"], keys=KEYS, place=place["code"], at=at),
        at=at,
        host=host,
        standing=standing(case),
        plans=PLANS,
        same_day=[
            CheckIn(
                id=UUID(row["id"]),
                member_id=UUID(int=1),
                host_id=host.id,
                local_date=local_date(at, ZoneInfo(host.zone)),
                at=datetime.fromisoformat(row["at"]),
                home_id=UUID(PLACES[row["home"]]["id"]),
            )
            for row in case["same_day"]
        ],
        chosen=None if case["chosen"] is None else UUID(case["chosen"]),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_verdict_is_what_the_vectors_say(case: dict[str, Any]) -> None:
    judged = judge_case(DEFAULTS | case)
    found = {
        "verdict": judged.verdict,
        "membership": judged.membership_id and str(judged.membership_id),
        "choices": [str(choice.id) for choice in judged.choices],
        "first": judged.first and str(judged.first.id),
        "local_date": judged.local_date.isoformat(),
    }
    expected = {name: value for name, value in case["expect"].items() if name != "pass"}
    assert {name: found[name] for name in expected} == expected


def test_the_vectors_cover_every_verdict_that_can_be_given() -> None:
    covered = {case["expect"]["verdict"] for case in CASES}
    assert covered == set(GIVEN.split())
