"""Who keeps a member's record: of several homes, the one that pays first. The others see, and keep their own part."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from passapp.accounts.rules import Role
from passapp.members.models import Member
from passapp.members.rules import Held, Within, main_home, takes_over
from tests.members.csv_files import TITLES, errors, everybody, send
from tests.scenes import membership

MEMBERS = "/api/v1/members"
HERE, THERE = UUID(int=1), UUID(int=2)
TODAY, YESTERDAY, TOMORROW = date(2026, 11, 18), date(2026, 11, 17), date(2026, 11, 19)
LONG_AGO, LATER = date(2026, 1, 1), date(2027, 1, 1)


def held(place, priority=1, first_day=LONG_AGO, last_day=None):
    return Held(UUID(int=place.int * 100 + priority), place, priority, first_day, last_day)


@pytest.mark.parametrize(
    "memberships, keeper",
    [
        ([], None),
        ([held(HERE, 2), held(THERE, 1)], THERE),
        ([held(HERE, 1), held(THERE, 1, first_day=YESTERDAY)], HERE),
        ([held(HERE, 9, last_day=TODAY), held(THERE, 1, first_day=TOMORROW)], HERE),
        ([held(HERE, 1, last_day=YESTERDAY), held(THERE, 9, first_day=LATER)], THERE),
        ([held(HERE, 2, first_day=TOMORROW), held(THERE, 1, first_day=LATER)], THERE),
        ([held(HERE, 1, last_day=date(2026, 3, 31)), held(THERE, 9, last_day=YESTERDAY)], THERE),
        ([held(HERE, 2, last_day=YESTERDAY), held(THERE, 1, last_day=YESTERDAY)], THERE),
    ],
)
def test_the_main_home_is_the_one_that_pays_then_the_next_to_come_then_the_last_to_have_ended(memberships, keeper):
    assert main_home(memberships, TODAY) == keeper


FIRST, SECOND = held(HERE, 2), held(THERE, 5)
OURS = Within(frozenset({THERE}), TODAY)


@pytest.mark.parametrize(
    "before, after, is_taken",
    [
        ([FIRST, SECOND], [FIRST, replace(SECOND, priority=3)], False),
        ([FIRST, SECOND], [FIRST, replace(SECOND, priority=1)], True),
        ([FIRST, SECOND], [FIRST, SECOND, held(THERE, 1, first_day=TOMORROW)], True),
        ([FIRST, SECOND], [FIRST, SECOND, held(THERE, 2, first_day=date(2000, 1, 1))], True),
        (
            [replace(FIRST, last_day=TODAY), SECOND],
            [replace(FIRST, last_day=TODAY), SECOND, held(THERE, 1, first_day=TOMORROW)],
            False,
        ),
        (
            [replace(FIRST, last_day=TODAY), held(HERE, 2, first_day=LATER), SECOND],
            [
                replace(FIRST, last_day=TODAY),
                held(HERE, 2, first_day=LATER),
                SECOND,
                held(THERE, 2, first_day=TOMORROW),
            ],
            True,
        ),
        (
            [held(HERE, 2, first_day=LATER), held(THERE, 5, first_day=LATER)],
            [held(HERE, 2, first_day=LATER), held(THERE, 5, first_day=LATER), held(THERE, 9, last_day=TODAY)],
            True,
        ),
        ([replace(FIRST, last_day=YESTERDAY), SECOND], [replace(FIRST, last_day=YESTERDAY), held(THERE, 1)], False),
    ],
    ids=[
        "still second",
        "first today",
        "first tomorrow",
        "a tie, dated back",
        "after the first has ended",
        "before the first begins again",
        "before the first begins at all",
        "the home already",
    ],
)
def test_a_second_home_does_not_come_to_pay_first(before, after, is_taken):
    assert takes_over(OURS, before, after) is is_taken


@pytest.fixture
def member(world):
    """At home at the hangar, which pays first, and at the moulin too."""
    return world.member(
        given_name="Léa",
        family_name="Bertin",
        email="lea@example.org",
        reference="H-1",
        memberships=[membership(world.hangar, priority=2), membership(world.moulin, priority=5)],
    )


def writes(client, member):
    """Everything that belongs to the main home, tried in an order in which each can be done."""
    address, name = f"{MEMBERS}/{member.id}", f"{member.given_name} {member.family_name}"
    version = client.get(address).headers["etag"]
    return [
        client.patch(address, json={"email": "other@example.org"}, headers={"If-Match": version}),
        client.post(f"{address}/suspend", json={"reason": "impayé"}),
        client.post(f"{address}/resume"),
        client.post(f"{address}/erasure", json={"confirm": name}),
    ]


def test_another_home_does_not_change_suspend_or_erase_a_member_and_is_told_who_does(world, member):
    tried = writes(world.as_manager(world.moulin), member)
    assert [(answer.status_code, answer.json()["code"]) for answer in tried] == [(403, "not_their_home")] * 4
    assert "Le Hangar" in tried[0].json()["detail"]
    with world.session() as session:
        kept = session.get_one(Member, member.id)
        assert (kept.email, kept.suspended_at, kept.version) == ("lea@example.org", None, member.version)


@pytest.mark.parametrize("who", ["the main home", "the coordination", "who manages both"])
def test_the_main_home_and_the_coordination_do(world, member, who):
    account = (
        world.account(Role.COORDINATOR) if who == "the coordination" else world.account(Role.MANAGER, world.hangar)
    )
    if who == "who manages both":
        world.give(account, Role.MANAGER, world.moulin)
    assert [answer.status_code for answer in writes(world.signed_in(account), member)] == [200, 200, 200, 204]


def test_another_home_still_sees_the_member_and_keeps_its_own_membership_and_passes(world, member):
    manager, address = world.as_manager(world.moulin), f"{MEMBERS}/{member.id}"
    shown = manager.get(address).json()
    assert (shown["email"], shown["main_home"]["code"]) == ("lea@example.org", "hangar")
    own = next(each for each in shown["memberships"] if each["place"]["code"] == "moulin")
    version = {"If-Match": f'"{own["version"]}"'}
    done = [
        manager.patch(f"{address}/memberships/{own['id']}", json={"priority": 3, "tier": "x"}, headers=version),
        manager.post(f"{address}/memberships", json={"place_id": str(world.moulin.id), "plan": "TOUT", "priority": 4}),
        manager.post(f"{address}/passes", json={}),
    ]
    assert [answer.status_code for answer in done] == [200, 201, 201]


def test_another_home_does_not_make_itself_the_main_one(world, member):
    manager, address = world.as_manager(world.moulin), f"{MEMBERS}/{member.id}"
    own = next(each for each in manager.get(address).json()["memberships"] if each["place"]["code"] == "moulin")
    version = {"If-Match": f'"{own["version"]}"'}
    dated_back = {"place_id": str(world.moulin.id), "plan": "TOUT", "priority": 2, "first_day": "2000-01-01"}
    tried = [
        manager.patch(f"{address}/memberships/{own['id']}", json={"priority": 1}, headers=version),
        manager.post(f"{address}/memberships", json=dated_back),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in tried] == [(403, "not_their_home")] * 2
    assert manager.get(address).json()["main_home"]["code"] == "hangar"


def test_a_home_that_was_left_leaves_the_record_to_the_next(world, member):
    coordinator, address = world.as_coordinator(), f"{MEMBERS}/{member.id}"
    first = next(each for each in coordinator.get(address).json()["memberships"] if each["place"]["code"] == "hangar")
    version = {"If-Match": f'"{first["version"]}"'}
    ended = coordinator.patch(f"{address}/memberships/{first['id']}", json={"last_day": "2026-11-17"}, headers=version)
    assert ended.json()["main_home"]["code"] == "moulin"
    assert [answer.status_code for answer in writes(world.as_manager(world.moulin), member)] == [200, 200, 200, 204]


@pytest.mark.parametrize(
    "line, column",
    [
        ("Léa;Bertin;Le Moulin;TOUT;other@example.org;H-1;;;;\n", "email"),
        ("Léo;Bertin;Le Moulin;TOUT;lea@example.org;;;;;\n", "given_name"),
        ("Léa;Bertin;Le Moulin;TOUT;lea@example.org;M-7;;;;\n", "reference"),
        ("Léa;Bertin;Le Moulin;TOUT;lea@example.org;;;1;;\n", "priority"),
    ],
)
def test_a_file_of_another_home_changes_no_more(world, member, line, column):
    report = send(world.as_manager(world.moulin), TITLES + line)
    assert (errors(report), report["imported"]) == ([(2, column, "not_their_home")], False)
    assert everybody(world)["Léa"].version == member.version


def test_a_file_of_another_home_changes_its_own_membership(world, member):
    report = send(world.as_manager(world.moulin), TITLES + "Léa;Bertin;Le Moulin;TOUT;lea@example.org;;solidaire;4;;\n")
    assert report["imported"]
    own = next(each for each in everybody(world)["Léa"].memberships if each.place_id == world.moulin.id)
    assert (own.tier, own.priority) == ("solidaire", 4)
