import json
from base64 import urlsafe_b64decode
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passapp.door.rules import CheckIn, Host, Judgement, Membership, Plan, Standing, Verdict, judge
from passapp.kernel.wall_time import local_date
from passapp.passes.rules import Pass, Refusal, verify_pass
from passapp.places.rules import Day, Opening

FILE = json.loads((Path(__file__).parents[1] / "vectors" / "passes.json").read_text(encoding="ascii"))
CONTEXT, DEFAULTS, CASES = FILE["context"], FILE["defaults"], FILE["cases"]
KEYS = {
    jwk["kid"]: Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "=")) for jwk in CONTEXT["jwks"]["keys"]
}
PLANS = {plan["code"]: Plan(**plan | {"weekdays": frozenset(plan["weekdays"])}) for plan in CONTEXT["plans"]}
PLACES = {place["code"]: place for place in CONTEXT["places"]}
ABOUT = "\n".join(FILE["about"])


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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
        unpaid_at=instant(row["unpaid_at"]),
        paid_at=instant(row["paid_at"]),
    )


def standing(case: dict[str, Any]) -> Standing | None:
    row = case["standing"]
    if row is None:
        return None
    instants = {name: datetime.fromisoformat(value) for name, value in row.items() if name != "named"}
    named = UUID(row["named"]) if "named" in row else None
    return Standing(tuple(map(membership, case["memberships"])), named, **instants)


def host_of(case: dict[str, Any]) -> Host:
    place = PLACES[case["place"]]
    days = [
        Day(date.fromisoformat(row["day"]), tuple(Opening(*hours) for hours in row["openings"]), row["reason"])
        for row in case["days"]
    ]
    return Host(
        UUID(place["id"]),
        place["zone"],
        date.fromisoformat(place["joined_on"]),
        day(place["left_on"]),
        tuple(days),
        case["keeps_hours"],
        case["capacity"],
    )


def read_case(case: dict[str, Any]) -> Pass | Refusal:
    at = datetime.fromisoformat(case["at"])
    return verify_pass(
        case["text"], network=CONTEXT["network"], keys=KEYS, place=case["place"], at=at, cards=case["cards"]
    )


def judge_case(case: dict[str, Any]) -> Judgement:
    at, host = datetime.fromisoformat(case["at"]), host_of(case)
    return judge(
        read_case(case),
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
        chosen=None if case["chosen"] is None else UUID(PLACES[case["chosen"]]["id"]),
        used=case["used"],
        present=case["present"],
        replayed_elsewhere=case["replayed_elsewhere"],
        list_expired=case["list_expired"],
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
    expected = {name: value for name, value in case["expect"].items() if name in found}
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("case", [case for case in CASES if "form" in case["expect"]], ids=lambda case: case["name"])
def test_the_three_ways_to_show_a_pass_are_told_apart(case: dict[str, Any]) -> None:
    read = read_case(DEFAULTS | case)
    shown = read.of if isinstance(read, Refusal) else read
    assert shown is not None
    assert shown.form_at(datetime.fromisoformat(case["at"])) == case["expect"]["form"]


def test_the_vectors_cover_every_verdict() -> None:
    assert {case["expect"]["verdict"] for case in CASES} == {verdict.value for verdict in Verdict}


def test_the_vectors_say_why_a_door_is_not_held_to_a_case() -> None:
    reasons = {case["server_only"] for case in CASES if case.get("server_only")}
    assert {reason for reason in reasons if f"- `{reason}`: " in ABOUT} == reasons


def test_the_vectors_say_what_each_member_of_a_case_is() -> None:
    members = {*DEFAULTS, *(name for case in CASES for name in (*case, *case["expect"]))}
    assert {member for member in members if f"`{member}`" not in ABOUT and f".{member}`" not in ABOUT} == {"name"}
