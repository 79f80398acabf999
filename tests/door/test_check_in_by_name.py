"""A name said at the door, with a second thing that only that person knows."""

from datetime import timedelta

import pytest

from passapp.door.models import CheckIn, LookUp
from passapp.kernel.outbox import OutboxMessage
from tests.scenes import (
    check_in,
    check_in_batch,
    everything_stored,
    membership,
    revoke,
    rows,
    suspend,
    visits,
    without_pseudonym,
)

MAIL = "lea.bernard@example.org"


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def member(world):
    return world.member(given_name="Léa", family_name="Bernard-Roux", email=MAIL, reference="C-0042")


@pytest.fixture
def card(world, member):
    return world.card(member)


def said(world, name="Léa Bernard-Roux", second=MAIL, **fields):
    return world.scan(by_name={"name": name, "second": second}, **fields)


def looked_up(world):
    return [(row.member_id, row.by_name) for row in rows(world, LookUp)]


@pytest.mark.usefixtures("card")
def test_a_name_and_the_right_second_thing_let_somebody_in(world, door, member):
    answer = check_in(door, said(world))
    assert (answer["verdict"], answer["check_name"]) == ("ok", True)
    assert without_pseudonym(answer["member"]) == {"given_name": "Léa", "initial": "B", "home": "Le Hangar"}
    assert [row.form for row in rows(world, CheckIn)] == ["manual"]
    assert looked_up(world) == [(member.id, True)]
    assert len(visits(world)) == 1


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    "name, second",
    [
        ("lea bernard roux", "C-0042"),
        ("BERNARD-ROUX, Léa", " c-0042 "),
        ("  Bernard‑Roux   LÉA ", "Lea.Bernard@Example.org"),  # noqa: RUF001  (a hyphen as phones type it)
    ],
)
def test_a_name_is_heard_as_people_say_it(world, door, name, second):
    assert check_in(door, said(world, name, second))["verdict"] == "ok"


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    "name, second",
    [
        ("Léa Bernard-Roux", "C-0043"),
        ("Léa Bernard-Roux", "lea.bernard@example.com"),
        ("Léa Bernard", MAIL),
        ("Léa", MAIL),
        ("Bernard-Roux", MAIL),
        ("Léo Bernard-Roux", MAIL),
        ("Personne Inconnue", "C-0042"),
        ("Léa Bernard-Roux Roux", MAIL),
        ("%", "%"),
        ("Léa Bernard-Roux", "nobody@invalid"),
        ("'", "'"),
    ],
)
def test_a_wrong_name_and_a_wrong_second_thing_are_answered_and_recorded_alike(world, door, name, second):
    answer = check_in(door, said(world, name, second))
    shown = {k: v for k, v in answer.items() if k not in {"id", "check_in_id", "scanned_at"}}
    assert shown == {
        "verdict": "invalid",
        "colour": "red",
        "replayed": False,
        "local_date": "2026-11-18",
        "member": None,
        "first_check_in_at": None,
        "check_name": False,
        "choices": [],
        "outcome": None,
        "may_override": False,
        "may_check_out": False,
        "attention": None,
        "house_rules": None,
        "message": None,
    }
    assert looked_up(world) == [(None, True)]
    [row] = rows(world, CheckIn)
    assert (row.form, row.visitor_key) == ("manual", None)
    assert rows(world, OutboxMessage, OutboxMessage.kind == "manual_check_in") == []


def test_a_member_who_gave_neither_address_nor_reference_cannot_come_in_by_name(world, door):
    world.card(world.member(given_name="Zoé", family_name="Petit", email=None, reference=None))
    for second in ("None", "nobody@invalid", "-"):
        assert check_in(door, said(world, "Zoé Petit", second))["verdict"] == "invalid"


def test_two_people_of_one_name_are_told_apart_by_the_second_thing(world, door):
    homes = {"a@example.org": world.hangar, "b@example.org": world.place("quai", "Le Quai")}
    for email, home in homes.items():
        world.card(world.member(home, given_name="Jean", family_name="Martin", email=email))
    for email, home in homes.items():
        answer = check_in(door, said(world, "Jean Martin", email))
        assert (answer["verdict"], answer["member"]["home"]) == ("ok", home.name)
    assert len(visits(world)) == 2


def test_a_member_without_a_pass_is_let_in_by_their_name(world, door, member):
    answer = check_in(door, said(world))
    assert (answer["verdict"], answer["member"]["home"]) == ("ok", "Le Hangar")
    assert looked_up(world) == [(member.id, True)]
    world.later(minutes=1)
    assert check_in(door, said(world))["verdict"] == "ok_again"
    assert len(visits(world)) == 1


def test_who_has_no_membership_any_more_is_not_let_in_by_their_name(world, door):
    ended = membership(world.hangar, last_day=world.now.date() - timedelta(days=1))
    world.member(given_name="Ana", family_name="Petit", email="ana@example.org", memberships=[ended])
    assert check_in(door, said(world, "Ana Petit", "ana@example.org"))["verdict"] == "suspended"


def test_of_two_homes_that_could_pay_the_person_says_which(world, door):
    both = [membership(world.hangar), membership(world.place("phare", "Le Phare"))]
    world.member(given_name="Ana", family_name="Petit", email="ana@example.org", memberships=both)
    asked = check_in(door, said(world, "Ana Petit", "ana@example.org"))
    assert (asked["verdict"], {each["home"] for each in asked["choices"]}) == ("ambiguous", {"Le Hangar", "Le Phare"})
    chosen = said(world, "Ana Petit", "ana@example.org", home_id=asked["choices"][0]["home_id"])
    assert check_in(door, chosen)["verdict"] == "ok"


@pytest.mark.usefixtures("card")
def test_a_suspended_member_is_not_let_in(world, door, member):
    suspend(world, member)
    assert check_in(door, said(world))["verdict"] == "suspended"


def test_a_lost_card_shuts_nobody_out_who_says_their_name_but_its_code_opens_nothing(world, door, card):
    revoke(world, card)
    assert check_in(door, world.scan(short_code=card.short_code))["verdict"] == "revoked"
    assert check_in(door, said(world))["verdict"] == "ok"


@pytest.mark.usefixtures("card")
def test_the_member_is_told_once(world, door, member):
    scan = said(world)
    answer = check_in(door, scan)
    assert check_in(door, scan)["replayed"] is True
    [message] = rows(world, OutboxMessage, OutboxMessage.kind == "manual_check_in")
    assert message.recipient_id == member.account_id
    assert message.payload == {"check_in_id": answer["check_in_id"]}
    assert len(looked_up(world)) == 1


@pytest.mark.usefixtures("card")
def test_names_and_codes_are_counted_together_thirty_at_a_place_in_five_minutes(world, door):
    for number in range(30):
        check_in(door, said(world, second=f"wrong {number}") if number % 2 else world.scan(short_code="0000-0001"))
    refused = door.post("/api/v1/check-ins", json=said(world))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
    assert refused.headers["Retry-After"] == "300"
    assert world.as_door(world.moulin).post("/api/v1/check-ins", json=said(world)).status_code == 429
    assert check_in(world.as_door(world.hangar), said(world))["verdict"] == "ok"
    world.later(minutes=5)
    assert check_in(door, said(world))["verdict"] == "ok"


def test_exactly_one_thing_is_shown(world, door, card):
    name = {"by_name": {"name": "Léa Bernard-Roux", "second": MAIL}}
    for shown in ({}, name | {"pass": "x"}, name | {"short_code": card.short_code}, {"by_name": {"name": "Léa"}}):
        answer = door.post("/api/v1/check-ins", json=world.scan() | shown)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert rows(world, LookUp) == []


@pytest.mark.parametrize(
    "given, family, name",
    [
        ("Anne", "Bernard‐Roux", "Anne Bernard-Roux"),  # noqa: RUF001  (a hyphen as word processors type it)
        ("Anne", "Bernard–Roux", "anne bernard roux"),
        ("Jeanne", "D'Arc, Jr", "Jeanne d’Arc jr"),
        ("Ana", "OʼBrien", "Ana O'Brien"),  # noqa: RUF001
        ("Zoé", "Œuvrard", "Zoe Oeuvrard"),
    ],
)
def test_a_name_is_found_however_it_was_written_down(world, door, given, family, name):
    world.card(world.member(given_name=given, family_name=family, email="anne@example.org"))
    assert check_in(door, said(world, name, "anne@example.org"))["verdict"] == "ok"


@pytest.mark.parametrize("said_so", ["a\u0000b c", "Léa \u202eBernard", ""])
def test_what_no_name_can_hold_is_refused(world, door, said_so):
    for by_name in ({"name": said_so, "second": MAIL}, {"name": "Léa Bernard", "second": said_so}):
        answer = door.post("/api/v1/check-ins", json=world.scan(by_name=by_name))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.usefixtures("card")
def test_a_name_has_no_place_among_the_scans_that_a_device_kept(world, door):
    [outcome] = check_in_batch(door, [said(world)])
    assert outcome["problem"]["code"] == "invalid_request"
    assert outcome["problem"]["errors"][0]["pointer"] == "/by_name"
    assert rows(world, LookUp) == []


@pytest.mark.usefixtures("member")
def test_nothing_that_was_said_is_kept(world, door):
    check_in(door, said(world, "Quelqu'un Dautre", "un-secret-42"))
    stored = everything_stored(world).casefold()
    assert "dautre" not in stored
    assert "un-secret-42" not in stored


@pytest.mark.usefixtures("card")
def test_a_scan_that_comes_again_with_another_name_is_refused(world, door):
    scan = said(world, "Personne Inconnue")
    check_in(door, scan)
    scan["by_name"]["name"] = "Léa Bernard-Roux"
    answer = door.post("/api/v1/check-ins", json=scan)
    assert (answer.status_code, answer.json()["code"]) == (409, "scan_id_reused")
