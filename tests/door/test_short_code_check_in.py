"""A code typed at the door: no camera, so a name to check and a member who is told."""

import pytest

from passapp.door.models import CheckIn, LookUp
from passapp.kernel.outbox import OutboxMessage
from passapp.passes.rules import print_short_code
from tests.scenes import check_in, check_in_batch, revoke, rows, suspend, visits, without_pseudonym

WRONG = "0000-0001"


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def member(world):
    return world.member()


@pytest.fixture
def card(world, member):
    return world.card(member)


def typed(world, code, **fields):
    return world.scan(short_code=code, **fields)


def look_up(door, code):
    return door.post("/api/v1/short-codes/look-up", json={"short_code": code})


def told(world):
    return rows(world, OutboxMessage, OutboxMessage.kind == "manual_check_in")


def test_a_typed_code_lets_its_member_in_and_asks_the_host_to_check_the_name(world, door, card):
    answer = check_in(door, typed(world, print_short_code(card.short_code)))
    assert (answer["verdict"], answer["check_name"]) == ("ok", True)
    assert without_pseudonym(answer["member"]) == {"given_name": "Léa", "initial": "B", "home": "Le Hangar"}
    assert len(visits(world)) == 1


def test_a_check_in_by_typed_code_is_kept_as_manual(world, door, card):
    check_in(door, typed(world, card.short_code))
    assert [row.form for row in rows(world, CheckIn)] == ["manual"]


def test_a_code_is_read_as_people_type_it(world, door, card):
    code = card.short_code
    first = check_in(door, typed(world, code))
    assert first["verdict"] == "ok"
    said = code.lower().replace("0", "o").replace("1", "l")
    for as_typed in (said, f" {said[:4]} - {said[4:]} ", "\u2011".join(said)):
        assert check_in(door, typed(world, as_typed))["verdict"] == "ok_again", as_typed


def test_a_code_that_nobody_has_is_invalid(world, door):
    for code in (WRONG, "K7M2", "12345678", "é", "*" * 64):
        answer = check_in(door, typed(world, code))
        assert (answer["verdict"], answer["member"]) == ("invalid", None), code


def test_the_code_of_a_revoked_pass_opens_nothing(world, door, card):
    revoke(world, card)
    assert check_in(door, typed(world, card.short_code))["verdict"] == "revoked"


def test_the_code_of_a_suspended_member_opens_nothing(world, door, card, member):
    suspend(world, member)
    assert check_in(door, typed(world, card.short_code))["verdict"] == "suspended"


def test_the_code_of_a_pass_that_ended_opens_nothing(world, door, member):
    card = world.card(member, months=1)
    world.later(days=40)
    assert check_in(door, typed(world, card.short_code))["verdict"] == "expired"


def test_a_typed_code_and_a_scan_on_one_day_are_one_visit(world, door, card):
    check_in(door, typed(world, card.short_code))
    assert check_in(door, world.scan(world.text(card)))["verdict"] == "ok_again"
    assert len(visits(world)) == 1


def test_a_pass_and_a_code_together_are_refused_and_so_is_neither(world, door, card):
    for shown in ({}, {"pass": "x", "short_code": card.short_code}, {"pass": None, "short_code": None}):
        answer = door.post("/api/v1/check-ins", json=world.scan() | shown)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_member_is_told_once_that_somebody_typed_their_code(world, door, card, member):
    scan = typed(world, card.short_code)
    answer = check_in(door, scan)
    check_in(door, scan)
    check_in_batch(door, [scan, scan])
    [message] = told(world)
    assert message.recipient_id == member.account_id
    assert message.payload == {"check_in_id": answer["check_in_id"]}


def test_nobody_is_told_of_a_code_that_was_refused(world, door, card):
    revoke(world, card)
    check_in(door, typed(world, card.short_code))
    assert told(world) == []


def test_nobody_is_told_of_a_scan(world, door, card):
    check_in(door, world.scan(world.text(card)))
    assert told(world) == []


def test_a_member_without_an_address_is_let_in_although_nobody_can_be_told(world, door):
    card = world.card(world.member(email=None))
    assert check_in(door, typed(world, card.short_code))["verdict"] == "ok"
    assert told(world) == []


def test_a_look_up_shows_the_name_to_ask_for_and_lets_nobody_in(world, door, card):
    answer = look_up(door, card.short_code)
    assert answer.json()["found"] is True
    assert without_pseudonym(answer.json()["member"]) == {"given_name": "Léa", "initial": "B", "home": "Le Hangar"}
    assert rows(world, CheckIn) == []


def test_a_look_up_of_a_wrong_code_finds_nobody(world, door):
    assert look_up(door, WRONG).json() == {"found": False, "member": None}


def test_each_look_up_is_written_down_found_or_not(world, door, card, member):
    look_up(door, card.short_code)
    look_up(door, WRONG)
    door_id = door.get("/api/v1/door").json()["id"]
    written = sorted(rows(world, LookUp), key=lambda row: row.id)
    assert [(str(row.door_id), row.at, row.member_id) for row in written] == [
        (door_id, world.now, member.id),
        (door_id, world.now, None),
    ]


def test_thirty_codes_may_be_typed_at_a_place_in_five_minutes_and_no_more(world, door, card):
    for number in range(30):
        if number % 2:
            assert look_up(door, WRONG).status_code == 200
        else:
            check_in(door, typed(world, WRONG))
    refused = look_up(door, card.short_code)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
    assert refused.headers["Retry-After"] == "300"
    refused = door.post("/api/v1/check-ins", json=typed(world, card.short_code))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
    assert refused.headers["Retry-After"] == "300"
    # Others are let in meanwhile, and so are passes.
    assert check_in(door, world.scan(world.text(card)))["verdict"] == "ok"
    assert look_up(world.as_door(world.hangar), card.short_code).json()["found"] is True
    assert look_up(world.as_door(world.moulin), card.short_code).status_code == 429
    world.later(minutes=5)
    assert look_up(door, card.short_code).json()["found"] is True


def test_a_scan_refused_for_too_many_codes_can_be_sent_again_later(world, door, card):
    check_in_batch(door, [typed(world, WRONG) for _ in range(30)])
    scan = typed(world, card.short_code)
    assert door.post("/api/v1/check-ins", json=scan).status_code == 429
    sent = world.later(minutes=6)
    assert check_in(door, scan | {"device_now": sent.isoformat()})["verdict"] == "ok"


def test_in_a_batch_one_code_too_many_spoils_nothing_else(world, door, card):
    wrong = [typed(world, WRONG) for _ in range(30)]
    outcomes = check_in_batch(door, [*wrong, typed(world, card.short_code), world.scan(world.text(card))])
    assert [outcome["answer"]["verdict"] for outcome in outcomes[:30]] == ["invalid"] * 30
    assert outcomes[30]["problem"]["code"] == "too_many_codes"
    assert outcomes[31]["answer"]["verdict"] == "ok"


def test_a_typed_code_sent_again_is_not_a_second_one(world, door, card):
    scan = typed(world, card.short_code)
    for _ in range(40):
        check_in(door, scan)
    assert look_up(door, card.short_code).status_code == 200
