"""What a member chooses holds at once, is dated, and has its effect."""

import pytest

from passapp.door.models import CheckIn, LookUp
from passapp.kernel.audit import AuditEntry
from passapp.members.models import Consent
from tests.privacy.lives import choose, my_data
from tests.scenes import check_in, rows
from tests.statements import statements

NAME = {"name": "Léa Bernard", "second": "C-0042"}


@pytest.fixture
def member(world):
    member = world.member(given_name="Léa", family_name="Bernard", reference="C-0042")
    world.card(member)
    return member


def test_unless_they_choose_otherwise_a_member_is_found_by_name_and_counted(world, member):
    known = my_data(world.as_member(member))
    assert known["choices"] == [
        {"kind": "found_by_name", "given": True},
        {"kind": "yearly_count", "given": True},
    ]
    assert known["consents"] == []


def test_a_choice_is_dated_and_the_former_ones_stay(world, member):
    client = world.as_member(member)
    choose(client, "found_by_name", given=False)
    world.later(hours=2)
    choose(client, "found_by_name", given=True)
    known = my_data(client)
    assert known["choices"][0] == {"kind": "found_by_name", "given": True}
    assert [(consent["given"], consent["at"]) for consent in known["consents"]] == [
        (True, "2026-11-18T12:00:00Z"),
        (False, "2026-11-18T10:00:00Z"),
    ]


def test_a_choice_made_twice_is_made_once(world, member):
    client = world.as_member(member)
    for _ in range(2):
        choose(client, "yearly_count", given=False)
    assert len(rows(world, Consent)) == 1
    [deed] = rows(world, AuditEntry, AuditEntry.action == "choice.make")
    assert (deed.subject_id, deed.detail) == (str(member.id), {"kind": "yearly_count", "given": False})


def test_who_would_not_be_found_by_name_is_answered_and_written_down_as_nobody(world, member):
    door = world.as_door(world.moulin)
    choose(world.as_member(member), "found_by_name", given=False)
    check_in(door, world.scan("illisible"))  # what a process reads once has been read
    with statements(world.database) as of_the_member:
        refused = check_in(door, world.scan(by_name=NAME))
    with statements(world.database) as of_nobody:
        unknown = check_in(door, world.scan(by_name={"name": "Personne Inconnue", "second": "C-0042"}))
    own = {"id", "check_in_id"}
    assert {k: v for k, v in refused.items() if k not in own} == {k: v for k, v in unknown.items() if k not in own}
    assert refused["verdict"] == "invalid"
    assert of_the_member == of_nobody
    assert [(row.member_id, row.by_name) for row in rows(world, LookUp)] == [(None, True)] * 2
    typed = rows(world, CheckIn, CheckIn.form == "manual")
    assert [row.visitor_key for row in typed] == [None, None]


def test_who_changes_their_mind_is_found_again(world, member):
    client, door = world.as_member(member), world.as_door(world.moulin)
    for given, verdict in ((False, "invalid"), (True, "ok")):
        world.later(minutes=1)
        choose(client, "found_by_name", given=given)
        assert check_in(door, world.scan(by_name=NAME))["verdict"] == verdict


def test_a_pass_shown_is_good_whatever_was_chosen(world, member):
    choose(world.as_member(member), "found_by_name", given=False)
    shown = world.text(world.card(member))
    assert check_in(world.as_door(world.moulin), world.scan(shown))["verdict"] == "ok"


def test_there_is_no_other_choice(world, member):
    answer = world.as_member(member).post("/api/v1/my-data/choices", json={"kind": "photo", "given": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
