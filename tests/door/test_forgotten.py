"""A visit that nobody scanned, added within a week: judged as it would have been then, and told of."""

from uuid import uuid4

import pytest

from passapp.accounts.rules import Role
from passapp.door.models import CheckIn, Door, FollowUpReason
from passapp.door.service import TYPED_CODES_ADMITTED
from passapp.kernel.audit import SYSTEM
from passapp.kernel.outbox import OutboxMessage
from passapp.passes.models import IssuedPass
from passapp.passes.service import revoke_pass
from tests.door.following import code_of, page
from tests.mails import mails, text_of_mail
from tests.scenes import check_in, rows, suspend, undo, visits
from tests.world import NOW

MAIL = "lea.bernard@example.org"


@pytest.fixture
def member(world):
    world.now = NOW.replace(day=1)
    made = world.member(given_name="Léa", family_name="Bernard", email=MAIL)
    world.card(made)
    world.now = NOW
    return made


@pytest.fixture
def host(world):
    return world.signed_in(world.account(Role.HOST, world.moulin))


def add(world, client, member=None, place=None, **fields):
    said = {"by_name": {"name": "Léa Bernard", "second": MAIL}} if member is None else {"short_code": member}
    when = {} if {"day", "at"} & fields.keys() else {"day": "2026-11-16"}
    body = {"id": str(uuid4()), "reason": "Téléphone déchargé"} | said | when | fields
    return client.post(f"/api/v1/places/{(place or world.moulin).id}/forgotten-visits", json=body)


@pytest.mark.usefixtures("member")
def test_a_forgotten_visit_is_counted_on_its_day(world, host):
    answer = add(world, host)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["verdict"], answer.json()["name"]["given_name"], answer.json()["home"]) == (
        "ok",
        "Léa",
        "Le Hangar",
    )
    [visit] = visits(world)
    assert (visit.local_date.isoformat(), visit.home_id, visit.host_id) == (
        "2026-11-16",
        world.hangar.id,
        world.moulin.id,
    )


@pytest.mark.usefixtures("member")
def test_it_is_marked_as_typed_and_keeps_the_reason(world, host):
    add(world, host, reason="Panne de courant")
    assert [row.form for row in rows(world, CheckIn)] == ["manual"]
    assert [(row.kind, row.reason) for row in rows(world, FollowUpReason)] == [("forgotten", "Panne de courant")]


def test_a_short_code_will_do_and_so_will_the_hour(world, host, member):
    card = world.card(member)
    world.later(hours=3)
    answer = add(world, host, card.short_code, at="2026-11-18T11:30:00Z")
    assert (answer.json()["verdict"], [visit.opened_at.hour for visit in visits(world)]) == ("ok", [11])


def test_the_short_code_of_a_pass_that_began_since_says_who_it_was(world, host, member):
    answer = add(world, host, world.card(member).short_code)
    assert (answer.json()["verdict"], [visit.local_date.day for visit in visits(world)]) == ("ok", [16])


def test_the_short_code_of_a_pass_that_was_revoked_before_does_not(world, host, member):
    card = world.card(member)
    with world.database.write() as session:
        revoke_pass(session, session.get_one(IssuedPass, card.id), "Carte perdue", at=NOW, actor=SYSTEM)
    world.later(hours=3)
    assert add(world, host, card.short_code, at="2026-11-18T12:00:00Z").json()["verdict"] == "revoked"


@pytest.mark.usefixtures("member")
def test_a_try_that_failed_is_not_a_refusal_of_that_day(world, host):
    add(world, host, by_name={"name": "Léa Bernard", "second": "autre@example.org"})
    today = host.get(f"/api/v1/places/{world.moulin.id}/today", params={"day": "2026-11-16"})
    assert today.json()["refused"] == []


@pytest.mark.usefixtures("member")
def test_it_is_made_by_a_door_that_nobody_carries(world, host):
    add(world, host)
    add(world, host, day="2026-11-17")
    [door] = rows(world, Door)
    assert (door.kind, page(world.as_manager(world.moulin), world.moulin, "doors")["items"]) == ("office", [])


@pytest.mark.usefixtures("member")
def test_the_member_is_told_by_one_mail_which_day_and_why(world, host):
    add(world, host, reason="Panne de courant")
    told = [mail for mail in mails(world) if "Le Moulin" in text_of_mail(mail)]
    [(to, text)] = [(mail["To"], " ".join(text_of_mail(mail).split())) for mail in told]
    assert MAIL in to
    assert "16 novembre 2026" in text
    assert "« Panne de courant »" in text


@pytest.mark.usefixtures("member")
def test_nobody_is_told_of_one_that_was_taken_back_meanwhile(world, host):
    answer = add(world, host)
    undo(world.as_manager(world.moulin), answer.json()["check_in_id"])
    assert [row.kind for row in rows(world, OutboxMessage, OutboxMessage.kind == "forgotten_visit")]
    assert not [mail for mail in mails(world) if "Le Moulin" in text_of_mail(mail)]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize("day, is_taken", [("2026-11-18", True), ("2026-11-11", True), ("2026-11-10", False)])
def test_it_can_be_added_today_and_for_the_seven_days_before(world, host, day, is_taken):
    answer = add(world, host, day=day)
    assert answer.status_code == (200 if is_taken else 422)
    assert is_taken or answer.json()["code"] == "too_long_ago"


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    "when, problem",
    [
        ({"day": "2026-11-19"}, "still_to_come"),
        ({"at": "2026-11-18T10:05:00Z"}, "still_to_come"),
        ({"at": "2026-11-10T22:59:00Z"}, "too_long_ago"),
    ],
)
def test_not_before_it_comes_and_by_the_date_at_the_place(world, host, when, problem):
    assert code_of(add(world, host, **when)) == (422, problem)
    assert rows(world, CheckIn) == []


def test_it_is_judged_as_of_that_day(world, host, member):
    suspend(world, member)
    assert [add(world, host, day=f"2026-11-{day}").json()["verdict"] for day in (17, 18)] == ["ok", "suspended"]
    assert [visit.local_date.day for visit in visits(world)] == [17]


@pytest.mark.usefixtures("member")
def test_a_refusal_is_answered_and_nobody_is_told(world, host):
    answer = add(world, host, by_name={"name": "Léa Bernard", "second": "autre@example.org"})
    assert (answer.status_code, answer.json()["verdict"], answer.json()["name"]) == (200, "invalid", None)
    assert (visits(world), rows(world, FollowUpReason)) == ([], [])
    assert rows(world, OutboxMessage, OutboxMessage.kind == "forgotten_visit") == []


@pytest.mark.usefixtures("member")
def test_sent_again_it_is_answered_the_same_and_added_once(world, host):
    wanted = {"id": str(uuid4())}
    first, second = add(world, host, **wanted), add(world, host, **wanted)
    assert first.json() == second.json()
    assert (len(visits(world)), len(rows(world, OutboxMessage, OutboxMessage.kind == "forgotten_visit"))) == (1, 1)


@pytest.mark.usefixtures("member")
def test_wrong_tries_are_counted_with_the_codes_typed_at_the_place(world, host):
    for _ in range(TYPED_CODES_ADMITTED):
        assert add(world, host, "AAAA-AAAA").status_code == 200
    assert code_of(add(world, host)) == (429, "too_many_codes")
    door = world.as_door(world.moulin)
    typed = world.scan(by_name={"name": "Léa Bernard", "second": MAIL})
    assert code_of(door.post("/api/v1/check-ins", json=typed)) == (429, "too_many_codes")


@pytest.mark.usefixtures("member")
def test_one_thing_is_said_of_who_and_one_of_when(world, host):
    for fields in (
        {"short_code": "K7M2-9QX4"},
        {"by_name": None},
        {"day": "2026-11-16", "at": "2026-11-16T10:00:00Z"},
        {"day": None},
    ):
        assert code_of(add(world, host, **fields)) == (422, "invalid_request")


@pytest.mark.usefixtures("member")
def test_a_place_without_a_door_adds_none(world):
    office = world.place("mairie", has_door=False)
    assert code_of(add(world, world.as_manager(office), place=office)) == (409, "no_door_here")


@pytest.mark.usefixtures("member")
def test_whose_visit_was_scanned_that_day_gets_no_second_one(world, host):
    door = world.as_door(world.moulin)
    check_in(door, world.scan(by_name={"name": "Léa Bernard", "second": MAIL}))
    world.later(hours=3)
    assert add(world, host, at="2026-11-18T12:00:00Z").json()["verdict"] == "ok_again"
    assert len(visits(world)) == 1
