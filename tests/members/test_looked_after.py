"""Which places look after a member: those where a membership runs or is to come, else the former ones."""

from datetime import date
from uuid import UUID

import pytest

from passapp.members.rules import looked_after_by
from tests.scenes import membership

MEMBERS = "/api/v1/members"
HERE, THERE = UUID(int=1), UUID(int=2)
TODAY, YESTERDAY = date(2026, 11, 18), date(2026, 11, 17)


@pytest.mark.parametrize(
    "memberships, places",
    [
        ([], set()),
        ([(HERE, None)], {HERE}),
        ([(HERE, TODAY)], {HERE}),
        ([(HERE, YESTERDAY)], {HERE}),
        ([(HERE, YESTERDAY), (THERE, None)], {THERE}),
        ([(HERE, YESTERDAY), (THERE, TODAY)], {THERE}),
        ([(HERE, None), (THERE, TODAY)], {HERE, THERE}),
        ([(HERE, YESTERDAY), (THERE, date(2026, 1, 31))], {HERE, THERE}),
    ],
)
def test_the_present_homes_look_after_a_member_and_former_ones_only_where_there_is_none(memberships, places):
    assert looked_after_by(memberships, TODAY) == places


@pytest.fixture
def homes(world):
    """Memberships at the hangar or the moulin, by when they run."""

    def at(place, when):
        first_day, last_day = {
            "past": (date(2026, 1, 1), YESTERDAY),
            "running": (date(2026, 1, 1), TODAY),
            "to come": (date(2026, 12, 1), None),
        }[when]
        return membership(place, first_day=first_day, last_day=last_day)

    return at


@pytest.mark.parametrize(
    "hangar, moulin, is_seen",
    [
        ("past", None, True),
        ("running", None, True),
        ("to come", None, True),
        ("past", "past", True),
        ("past", "running", False),
        ("past", "to come", False),
        ("running", "running", True),
        ("to come", "running", True),
    ],
)
def test_the_list_and_the_card_of_a_member_agree_on_who_looks_after_them(world, homes, hangar, moulin, is_seen):
    both = [(world.hangar, hangar), (world.moulin, moulin)]
    member = world.member(memberships=[homes(place, when) for place, when in both if when])
    manager = world.as_manager(world.hangar)
    assert bool(manager.get(MEMBERS).json()["items"]) is is_seen
    assert manager.get(f"{MEMBERS}/{member.id}").status_code == (200 if is_seen else 404)


def test_the_manager_of_a_former_home_is_told_that_there_is_no_such_member(world, homes):
    member = world.member(memberships=[homes(world.moulin, "running"), homes(world.hangar, "past")])
    card = world.card(member)
    [former] = [m for m in member.memberships if m.place_id == world.hangar.id]
    manager, address = world.as_manager(world.hangar), f"{MEMBERS}/{member.id}"
    version = {"If-Match": '"1"'}
    tried = [
        manager.patch(address, json={"email": "a@example.org"}, headers=version),
        manager.post(f"{address}/suspend", json={"reason": "x"}),
        manager.post(f"{address}/resume"),
        manager.post(f"{address}/memberships", json={"place_id": str(world.hangar.id), "plan": "TOUT"}),
        manager.patch(f"{address}/memberships/{former.id}", json={"last_day": None}, headers=version),
        manager.get(f"{address}/passes"),
        manager.post(f"{address}/passes", json={}),
        manager.post(f"/api/v1/passes/{card.id}/revoke", json={"reason": "x"}),
        manager.post(f"/api/v1/passes/{card.id}/reissue", json={"reason": "x"}),
        manager.get(f"/api/v1/passes/{card.id}/qr.svg"),
        manager.get(f"/api/v1/passes/{card.id}/qr.png"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in tried] == [(404, "member_unknown")] * len(tried)


def test_a_membership_that_lapsed_is_renewed_by_its_place(world, homes):
    member = world.member(memberships=[homes(world.hangar, "past")])
    body = {"place_id": str(world.hangar.id), "plan": "TOUT"}
    answer = world.as_manager(world.hangar).post(f"{MEMBERS}/{member.id}/memberships", json=body)
    assert (answer.status_code, answer.json()["home"]["code"]) == (201, "hangar")


def test_cards_that_are_missing_are_issued_by_a_present_home_only(world, homes):
    world.member(memberships=[homes(world.moulin, "running"), homes(world.hangar, "past")])
    issued = [
        world.as_manager(place).post("/api/v1/passes/missing").json()["issued"]
        for place in (world.hangar, world.moulin)
    ]
    assert issued == [0, 1]
