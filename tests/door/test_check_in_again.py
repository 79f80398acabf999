"""The same scan sent again, and what makes two scans the same."""

from datetime import timedelta
from uuid import uuid4

import pytest

from passapp.door.models import CheckIn
from tests.scenes import check_in, membership, pass_text, revoke, rows, scan_at, suspend, undo, visits
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def test_a_scan_sent_again_is_answered_the_same_and_said_to_be_a_replay(world, door):
    scan = world.scan(pass_text(world))
    first = check_in(door, scan)
    world.later(hours=9)
    assert check_in(door, scan) == first | {"replayed": True}
    assert len(rows(world, CheckIn)) == 1
    assert len(visits(world)) == 1


def test_a_refusal_sent_again_is_answered_the_same_although_it_would_be_let_in_now(world, door):
    member = world.member()
    shown = world.text(world.card(member))
    suspend(world, member)
    scan = world.scan(shown)
    first = check_in(door, scan)
    assert first["verdict"] == "suspended"
    world.later(hours=1)
    world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    assert check_in(door, scan) == first | {"replayed": True}
    assert check_in(door, world.scan(shown))["verdict"] == "ok"


def test_a_welcome_sent_again_is_answered_the_same_although_the_pass_was_revoked_since(world, door):
    card = world.card(world.member())
    scan = world.scan(world.text(card))
    first = check_in(door, scan)
    world.later(hours=1)
    revoke(world, card)
    assert check_in(door, scan) == first | {"replayed": True}


def test_a_welcome_back_sent_again_names_the_same_first_check_in_whatever_became_of_it(world, door):
    shown = pass_text(world)
    nine = check_in(door, world.scan(shown))
    world.later(hours=1)
    ten = world.scan(shown)
    answered = check_in(door, ten)
    assert answered["first_check_in_at"] == nine["scanned_at"]
    world.later(hours=1)
    undo(door, nine["check_in_id"])
    check_in(door, scan_at(world, shown, NOW - timedelta(hours=1)))
    assert check_in(door, ten) == answered | {"replayed": True}


def test_an_ambiguous_scan_sent_again_lists_the_same_choices(world, door):
    homes = [membership(world.hangar), membership(world.place("phare"))]
    scan = world.scan(pass_text(world, memberships=homes))
    first = check_in(door, scan)
    assert check_in(door, scan) == first | {"replayed": True}


def test_an_id_used_for_another_pass_is_a_conflict_and_changes_nothing(world, door):
    first = world.scan(pass_text(world))
    check_in(door, first)
    answer = door.post("/api/v1/check-ins", json=world.scan(pass_text(world), id=first["id"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "scan_id_reused")
    assert len(rows(world, CheckIn)) == 1
    assert check_in(door, first)["replayed"] is True


def test_an_id_used_for_another_instant_or_another_choice_is_a_conflict(world, door):
    scan = world.scan(pass_text(world))
    check_in(door, scan)
    earlier = (NOW - timedelta(seconds=1)).isoformat()
    for other in ({"scanned_at": earlier}, {"home_id": str(uuid4())}):
        assert door.post("/api/v1/check-ins", json=scan | other).status_code == 409


def test_the_devices_clock_and_list_may_have_moved_on_when_a_scan_is_sent_again(world, door):
    scan = world.scan(pass_text(world), list_iat=1_763_000_000)
    first = check_in(door, scan)
    later = world.later(hours=2)
    again = scan | {"device_now": later.isoformat(), "list_iat": 1_763_500_000}
    assert check_in(door, again) == first | {"replayed": True}


def test_an_instant_may_be_written_in_another_zone_when_a_scan_is_sent_again(world, door):
    scan = world.scan(pass_text(world), scanned_at="2026-11-18T09:59:00+00:00")
    check_in(door, scan)
    assert check_in(door, scan | {"scanned_at": "2026-11-18T10:59:00+01:00"})["replayed"] is True


def test_two_devices_may_make_the_same_id(world, door):
    scan = world.scan(pass_text(world))
    other = world.scan(pass_text(world), id=scan["id"])
    here, there = check_in(door, scan), check_in(world.as_door(world.moulin), other)
    assert here["check_in_id"] != there["check_in_id"]
    assert (here["replayed"], there["replayed"]) == (False, False)


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n", "\t", " "])
def test_what_a_usb_scanner_types_around_a_pass_is_no_part_of_it(world, door, ending):
    scan = world.scan(pass_text(world))
    typed = scan | {"pass": scan["pass"] + ending}
    assert check_in(door, typed)["verdict"] == "ok"
    assert check_in(door, scan)["replayed"] is True
    assert check_in(door, scan | {"pass": ending + scan["pass"]})["replayed"] is True


def test_a_space_inside_a_pass_makes_it_invalid(world, door):
    shown = pass_text(world)
    assert check_in(door, world.scan(f"{shown[:40]} {shown[40:]}"))["verdict"] == "invalid"


def test_a_space_at_the_end_of_a_live_pass_belongs_to_it(world, door):
    scan = world.scan("CP1:6BFOXN*TS0BI$ZD8UHRTH ")
    assert check_in(door, scan)["verdict"] == "invalid"
    assert check_in(door, scan | {"pass": scan["pass"] + "\r\n"})["replayed"] is True
    assert door.post("/api/v1/check-ins", json=scan | {"pass": scan["pass"].strip()}).status_code == 409
