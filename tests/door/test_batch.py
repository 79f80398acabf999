"""Scans that were kept while offline, sent together: one outcome each, in order."""

from datetime import timedelta
from uuid import uuid4

import pytest

from passapp.door.models import CheckIn
from tests.scenes import (
    check_in,
    check_in_batch,
    pass_text,
    post_json,
    revoke,
    rows,
    scan_at,
    visits,
    without_pseudonym,
)
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def answers(outcomes):
    return [outcome["answer"] for outcome in outcomes]


def test_a_batch_gives_one_outcome_per_scan_in_its_order(world, door):
    scans = [world.scan(pass_text(world)) for _ in range(3)]
    outcomes = check_in_batch(door, scans)
    assert [outcome["index"] for outcome in outcomes] == [0, 1, 2]
    assert [outcome["id"] for outcome in outcomes] == [scan["id"] for scan in scans]
    assert [answer["verdict"] for answer in answers(outcomes)] == ["ok", "ok", "ok"]
    assert [outcome["problem"] for outcome in outcomes] == [None] * 3


def test_a_batch_answers_what_single_scans_would_have_been_answered(world, door):
    shown = pass_text(world)
    single, batched = world.scan(shown), world.scan(pass_text(world))
    alone = check_in(door, single)
    [together] = answers(check_in_batch(door, [batched]))
    for answer in (alone, together):
        answer["member"] = without_pseudonym(answer["member"])
    told_apart = {"id", "check_in_id"}
    assert {k: v for k, v in alone.items() if k not in told_apart} == {
        k: v for k, v in together.items() if k not in told_apart
    }


def test_a_batch_holds_500_scans(world, door):
    members = [pass_text(world) for _ in range(30)]
    at = NOW + timedelta(minutes=1)
    scans = [scan_at(world, members[n % 30], at + timedelta(seconds=n)) for n in range(500)]
    world.later(hours=1)
    scans = [scan | {"device_now": world.now.isoformat()} for scan in scans]
    outcomes = answers(check_in_batch(door, scans))
    assert [answer["verdict"] for answer in outcomes] == ["ok"] * 30 + ["ok_again"] * 470
    assert len(rows(world, CheckIn)) == 500
    assert len(visits(world)) == 30


def test_a_batch_of_501_scans_is_refused_and_none_is_kept(world, door):
    shown = pass_text(world)
    answer = door.post("/api/v1/check-ins/batch", json={"items": [world.scan(shown) for _ in range(501)]})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert rows(world, CheckIn) == []


def test_an_empty_batch_is_refused(door):
    answer = door.post("/api/v1/check-ins/batch", json={"items": []})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_what_is_no_batch_is_refused(door):
    for body in (None, [], "x", 1, {}, {"items": None}, {"items": {}}, {"items": "x"}, {"items": [{}], "more": 1}):
        answer = door.post("/api/v1/check-ins/batch", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), body


def test_one_bad_scan_spoils_no_other(world, door):
    revoked = world.card(world.member())
    shown = world.text(revoked)
    revoke(world, revoked)
    scans = [
        world.scan(pass_text(world)),
        {"id": str(uuid4())},
        world.scan(shown),
        scan_at(world, shown, NOW - timedelta(days=500)),
        world.scan("bonjour"),
        world.scan("x", scanned_at="yesterday"),
        world.scan(pass_text(world)),
    ]
    outcomes = check_in_batch(door, scans)
    assert [(o["answer"] or {}).get("verdict") or o["problem"]["code"] for o in outcomes] == [
        "ok",
        "invalid_request",
        "revoked",
        "clock_skew",
        "invalid",
        "invalid_request",
        "ok",
    ]
    assert [outcome["id"] for outcome in outcomes] == [scan["id"] for scan in scans]
    assert len(rows(world, CheckIn)) == 5
    assert len(visits(world)) == 2


def test_a_problem_in_a_batch_points_at_the_field_of_its_own_item(world, door):
    [outcome] = check_in_batch(door, [world.scan("x", scanned_at="yesterday")])
    assert [error["pointer"] for error in outcome["problem"]["errors"]] == ["/scanned_at"]
    assert "yesterday" not in str(outcome)


def test_problems_in_a_batch_are_said_in_the_readers_language(door):
    body = {"items": [{}]}
    english = door.post("/api/v1/check-ins/batch", json=body).json()["outcomes"][0]["problem"]
    french = door.post("/api/v1/check-ins/batch", json=body, headers={"Accept-Language": "fr-FR"})
    assert english["detail"] == "Some of what was sent is not valid."
    assert french.json()["outcomes"][0]["problem"]["detail"].startswith("Une partie")


def test_items_of_every_wrong_kind_have_an_outcome_and_spoil_no_other(world, door):
    good = world.scan(pass_text(world))
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    wrong = [
        None,
        True,
        17,
        "scan",
        [],
        {},
        [good],
        good | {"id": None},
        good | {"id": 12},
        good | {"id": "not-an-id"},
        good | {"id": ["x"]},
        good | {"id": {"a": {"b": [None]}}},
        good | {"pass": None},
        good | {"pass": 5},
        good | {"pass": "x" * 5000},
        good | {"pass": deep},
        good | {"pass": "\ud800"},
        good | {"short_code": "y" * 500, "pass": None},
        good | {"home_id": "phare"},
        good | {"list_iat": -1},
        good | {"list_iat": 2**70},
        good | {"list_iat": 1e308},
        good | {"scanned_at": None},
        good | {"scanned_at": {"$date": 1}},
        good | {"device_now": "2026-11-18T10:00:00"},
        good | {"unknown": 1},
        good | {"\ud800": 1},
        good | {"x" * 10_000: 1},
    ]
    outcomes = check_in_batch(door, [*wrong, good])
    assert [outcome["index"] for outcome in outcomes] == list(range(len(wrong) + 1))
    for item, outcome in zip(wrong, outcomes, strict=False):
        assert outcome["answer"] is None, item
        assert (outcome["problem"]["code"], outcome["problem"]["status"]) == ("invalid_request", 422), item
    assert outcomes[-1]["answer"]["verdict"] == "ok"
    assert len(rows(world, CheckIn)) == 1


def test_a_single_scan_of_every_wrong_kind_is_refused_too(world, door):
    good = world.scan(pass_text(world))
    for wrong in ({"\ud800": 1}, {"pass": "\ud800"}, {"id": None}, {"list_iat": 2**70}, {"home_id": []}):
        answer = post_json(door, "/api/v1/check-ins", good | wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), wrong
    assert rows(world, CheckIn) == []


def test_bodies_that_are_no_json_are_refused(door):
    for body in (b"", b"{", b"\xff\xfe", b'{"items": [NaN', b"[" * 100_000, b'{"items": [' + b"9" * 5000 + b"]}"):
        for where in ("/api/v1/check-ins/batch", "/api/v1/check-ins"):
            answer = door.post(where, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in {200, 422}, (where, body[:20], answer.text)


def test_the_same_batch_sent_twice_gives_the_same_answers_as_replays(world, door):
    scans = [world.scan(pass_text(world)) for _ in range(2)] + [world.scan("bonjour")]
    first = answers(check_in_batch(door, scans))
    world.later(hours=1)
    second = answers(check_in_batch(door, scans))
    assert second == [answer | {"replayed": True} for answer in first]
    assert len(rows(world, CheckIn)) == 3


def test_the_same_scan_twice_in_a_batch_is_a_scan_and_its_replay(world, door):
    scan = world.scan(pass_text(world))
    first, second = answers(check_in_batch(door, [scan, scan]))
    assert (first["replayed"], second) == (False, first | {"replayed": True})
    assert len(rows(world, CheckIn)) == 1


def test_an_id_used_twice_in_a_batch_for_two_passes_is_the_seconds_problem(world, door):
    scan = world.scan(pass_text(world))
    other = world.scan(pass_text(world), id=scan["id"])
    first, second, third = check_in_batch(door, [scan, other, scan])
    assert first["answer"]["verdict"] == "ok"
    assert second["problem"]["code"] == "scan_id_reused"
    assert third["answer"] == first["answer"] | {"replayed": True}


def test_an_id_seen_before_with_another_payload_is_that_items_outcome_only(world, door):
    scan = world.scan(pass_text(world))
    check_in(door, scan)
    conflict, good = check_in_batch(door, [world.scan("bonjour", id=scan["id"]), world.scan(pass_text(world))])
    assert conflict["problem"]["code"] == "scan_id_reused"
    assert good["answer"]["verdict"] == "ok"


def test_scans_sent_alone_and_again_in_a_batch_count_once(world, door):
    scans = [world.scan(pass_text(world)) for _ in range(4)]
    check_in(door, scans[1])
    replayed = [answer["replayed"] for answer in answers(check_in_batch(door, scans))]
    assert replayed == [False, True, False, False]
    assert check_in(door, scans[3])["replayed"] is True
    assert len(visits(world)) == 4


def test_a_batch_is_judged_in_the_order_of_its_scans_instants_whatever_order_it_was_sent_in(world, door):
    shown = pass_text(world)
    world.later(hours=3)
    early, late = (scan_at(world, shown, NOW + timedelta(hours=hours)) for hours in (1, 2))
    after, before = answers(check_in_batch(door, [late, early]))
    assert (before["verdict"], after["verdict"]) == ("ok", "ok_again")
    assert after["first_check_in_at"] == before["scanned_at"]
