"""A live pass at the door: its proof lets in once, at one door, as of the scan's own time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from passapp.door import judging
from passapp.door.models import CheckIn, Door, UsedProof
from passapp.door.proofs import claim_proofs
from passapp.kernel.limits import RateCount
from tests.at_once import at_once
from tests.phones import Phone
from tests.scenes import check_in, check_in_batch, receive_as, rows, scan_at, undo, visits


@pytest.fixture
def phone(world):
    """A member's phone with their live pass on it; ``show()`` gives what it shows now."""
    phone = Phone()
    mine = world.as_member(world.member())
    given = mine.post("/api/v1/me/live-pass", json={"public_key": phone.public_key}).json()
    return lambda at=None: phone.show(given["text"], at or world.now)


def verdict(door, scan):
    return check_in(door, scan)["verdict"]


def test_the_same_proof_again_at_the_same_door_is_a_welcome_back(world, phone):
    door, shown = world.as_door(world.moulin), phone()
    assert verdict(door, world.scan(shown)) == "ok"
    world.later(seconds=6)
    assert verdict(door, world.scan(shown)) == "ok_again"


def test_the_same_proof_at_another_door_was_used_elsewhere(world, phone):
    shown = phone()
    assert verdict(world.as_door(world.moulin), world.scan(shown)) == "ok"
    for place in (world.moulin, world.place("phare")):
        assert verdict(world.as_door(place), world.scan(shown)) == "replayed"
    assert len(visits(world)) == 1


def test_the_next_proof_opens_another_place(world, phone):
    assert verdict(world.as_door(world.moulin), world.scan(phone())) == "ok"
    world.later(seconds=15)
    assert verdict(world.as_door(world.place("phare")), world.scan(phone())) == "ok"
    assert len(visits(world)) == 2


def test_a_proof_that_let_nobody_in_is_not_used_up(world, phone):
    closed = world.place("usine", left_on=world.now.date())
    assert verdict(world.as_door(closed), world.scan(phone())) == "place_left"
    assert verdict(world.as_door(world.moulin), world.scan(phone())) == "ok"


def test_a_picture_of_a_live_pass_dies_within_45_seconds(world, phone):
    shown = phone()
    world.later(seconds=45)
    assert verdict(world.as_door(world.moulin), world.scan(shown)) == "proof_stale"


def test_a_proof_of_the_future_says_that_a_clock_is_wrong(world, phone):
    assert verdict(world.as_door(world.moulin), world.scan(phone(world.now + timedelta(minutes=3)))) == "clock_skew"


def test_a_phone_at_the_door_whose_clock_is_three_minutes_off_lets_in_all_the_same(world, phone):
    off = timedelta(minutes=3)
    scan = world.scan(phone(), scanned_at=(world.now + off).isoformat(), device_now=(world.now + off).isoformat())
    assert verdict(world.as_door(world.moulin), scan) == "ok"


def test_a_scan_of_a_week_ago_is_judged_by_the_proof_of_then(world, phone):
    then, shown = world.now, phone()
    door = world.as_door(world.moulin)
    world.later(days=7)
    assert verdict(door, scan_at(world, shown, then)) == "ok"
    assert verdict(door, scan_at(world, shown, then + timedelta(minutes=1))) == "proof_stale"


def test_of_two_doors_at_the_same_moment_one_lets_in(world, phone):
    shown = phone()
    doors = [world.as_door(place) for place in (world.moulin, world.hangar, world.place("phare"))]
    calls = [(door, "POST", "/api/v1/check-ins", {"json": world.scan(shown)}) for door in doors]
    assert sorted(answer.json()["verdict"] for answer in at_once(world, calls)) == ["ok", "replayed", "replayed"]
    assert len(rows(world, UsedProof)) == 1


def test_two_batches_that_hold_the_same_proofs_in_turn_let_each_in_once(world, phone):
    shown = [phone(world.now + timedelta(minutes=n)) for n in range(8)]
    at = [world.now + timedelta(minutes=n) for n in range(8)]
    world.later(hours=1)
    scans = [scan_at(world, text, when) for text, when in zip(shown, at, strict=True)]
    moulin, phare = world.as_door(world.moulin), world.as_door(world.place("phare"))
    path = "/api/v1/check-ins/batch"
    calls = [
        (moulin, "POST", path, {"json": {"items": scans}}),
        (phare, "POST", path, {"json": {"items": scans[::-1]}}),
    ]
    outcomes = [answer.json()["outcomes"] for answer in at_once(world, calls)]
    first, second = ([each["answer"]["verdict"] for each in items] for items in (outcomes[0], outcomes[1][::-1]))
    # The first of a day is let in by its proof, the others of that day are welcomes back: somebody came with each.
    welcomed, copied = (first, second) if first[0] == "ok" else (second, first)
    assert (welcomed, copied) == (["ok"] + ["ok_again"] * 7, ["replayed"] * 8)
    assert len(visits(world)) == 1


def test_the_proof_of_a_welcome_back_opens_no_other_door(world, phone):
    door = world.as_door(world.moulin)
    check_in(door, world.scan(phone()))
    world.later(minutes=10)
    shown = phone()
    assert verdict(door, world.scan(shown)) == "ok_again"
    assert verdict(world.as_door(world.place("phare")), world.scan(shown)) == "replayed"


@pytest.mark.parametrize("came", [{"shown": "ok"}, {"shown": "closed", "override": {"reason": "Je la connais"}}])
def test_nor_does_the_proof_of_who_was_let_in_all_the_same(world, phone, came):
    shown = phone()
    closed = world.place("usine", left_on=world.now.date())
    assert verdict(world.as_door(closed), world.scan(shown, **came)) == "place_left"
    assert verdict(world.as_door(world.moulin), world.scan(shown)) == "replayed"


def test_who_is_let_in_with_an_old_picture_does_not_use_up_the_proof_it_was_taken_of(world, phone):
    then, shown = world.now, phone()
    world.later(minutes=2)
    let_in = world.scan(shown, shown="proof_stale", override={"reason": "Je la connais"})
    assert verdict(world.as_door(world.place("phare")), let_in) == "proof_stale"
    assert verdict(world.as_door(world.moulin), scan_at(world, shown, then)) == "ok"


def test_nor_when_that_is_said_only_as_the_scan_comes_again(world, phone):
    scan = world.scan(phone())
    closed = world.as_door(world.place("usine", left_on=world.now.date()))
    assert verdict(closed, scan) == "place_left"
    assert check_in(closed, scan | {"shown": "ok"})["outcome"] == "conflict"
    assert verdict(world.as_door(world.moulin), world.scan(scan["pass"])) == "replayed"


def other_phone(world):
    """Another member's phone, as ``phone``."""
    theirs = Phone()
    mine = world.as_member(world.member())
    given = mine.post("/api/v1/me/live-pass", json={"public_key": theirs.public_key}).json()
    return lambda at: theirs.show(given["text"], at)


@pytest.mark.parametrize(
    "faster, said, used", [(1, ["replayed", "ok"], 2), (2, ["replayed", "replayed"], 2), (0, ["ok", "capacity"], 1)]
)
def test_who_takes_the_room_of_a_copy_claims_their_own_proof_in_turn(world, phone, monkeypatch, faster, said, used):
    receive_as(world, world.moulin, capacity=1)
    at = [world.now, world.now + timedelta(seconds=1)]
    shown = [phone(at[0]), other_phone(world)(at[1])]
    world.later(seconds=2)
    door = world.as_door(world.moulin)
    world.as_door(world.place("phare"))
    theirs = iter(range(faster))

    def while_another_door_is_faster(session, door_id, proofs, *, at):
        if next(theirs, None) is not None:
            [lent] = session.scalars(select(Door.id).where(Door.id != door_id))
            claim_proofs(session, lent, proofs, at=at)
        return claim_proofs(session, door_id, proofs, at=at)

    monkeypatch.setattr(judging, "claim_proofs", while_another_door_is_faster)
    outcomes = check_in_batch(door, [scan_at(world, text, when) for text, when in zip(shown, at, strict=True)])
    assert [each["answer"]["verdict"] for each in outcomes] == said
    assert len(rows(world, UsedProof)) == used


def test_what_is_judged_twice_was_shown_once(world, phone, monkeypatch):
    at, shown = world.now, phone()
    world.later(seconds=1)
    door = world.as_door(world.moulin)
    world.as_door(world.place("phare"))
    rounds = []

    def while_another_door_is_faster(session, door_id, proofs, *, at):
        rounds.append(at)
        [lent] = session.scalars(select(Door.id).where(Door.id != door_id))
        claim_proofs(session, lent, proofs, at=at)
        return claim_proofs(session, door_id, proofs, at=at)

    monkeypatch.setattr(judging, "claim_proofs", while_another_door_is_faster)
    check_in_batch(door, [scan_at(world, shown, at), scan_at(world, "https://example.org", at)])
    assert len(rounds) == 2
    assert [row.count for row in rows(world, RateCount, RateCount.key.startswith("refused:"))] == [1]


def test_a_scan_that_comes_again_is_not_taken_for_a_copy_of_itself(world, phone):
    door, scan = world.as_door(world.moulin), world.scan(phone())
    assert verdict(door, scan) == "ok"
    again = check_in(door, scan)
    assert (again["verdict"], again["replayed"]) == ("ok", True)


def test_who_was_undone_may_show_the_same_proof_again_at_that_door(world, phone):
    door, shown = world.as_door(world.moulin), phone()
    undo(door, check_in(door, world.scan(shown))["check_in_id"])
    assert verdict(door, world.scan(shown)) == "ok"


def test_a_check_in_keeps_neither_the_pass_nor_its_step(world, phone):
    check_in(world.as_door(world.moulin), world.scan(phone()))
    [row] = rows(world, CheckIn)
    assert row.form == "live"
    assert not {"status_index", "step", "pass_text"} & set(vars(row))
