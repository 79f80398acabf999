"""Dated memberships: who pays, what stays at home, and moving."""

import pytest

from passapp.accounts.rules import Role
from passapp.members.service import NewMembership
from tests.world import LONG_AGO

MEMBERS = "/api/v1/members"


def at(place, priority=1, **fields):
    return NewMembership(place.id, "TOUT", LONG_AGO, priority=priority, **fields)


def move(client, member, place, first_day="2026-12-01", **fields):
    body = {"place_id": str(place.id), "first_day": first_day} | fields
    return client.post(f"{MEMBERS}/{member.id}/move-home", json=body)


def change(client, member, membership, *, version=None, **fields):
    address = f"{MEMBERS}/{member.id}/memberships/{membership.id}"
    version = (
        version
        or {m["id"]: m["version"] for m in client.get(f"{MEMBERS}/{member.id}").json()["memberships"]}[
            str(membership.id)
        ]
    )
    return client.patch(address, json=fields, headers={"If-Match": f'"{version}"'})


def spans(shown):
    return [(m["place"]["code"], m["first_day"], m["last_day"], m["tier"]) for m in shown["memberships"]]


def test_the_home_is_the_first_by_priority_of_the_memberships_that_run(world):
    member = world.member(memberships=[at(world.hangar, 2), at(world.moulin, 1)])
    assert world.as_coordinator().get(f"{MEMBERS}/{member.id}").json()["home"]["code"] == "moulin"


def test_the_tier_is_hidden_from_the_manager_of_another_home(world):
    member = world.member(memberships=[at(world.hangar, 1, tier="solidaire"), at(world.moulin, 2, tier="plein")])
    address = f"{MEMBERS}/{member.id}"
    shown = {
        name: {m["place"]["code"]: m["tier"] for m in client.get(address).json()["memberships"]}
        for name, client in {
            "hangar": world.as_manager(world.hangar),
            "moulin": world.as_manager(world.moulin),
            "coordinator": world.as_coordinator(),
        }.items()
    }
    assert shown == {
        "hangar": {"hangar": "solidaire", "moulin": None},
        "moulin": {"hangar": None, "moulin": "plein"},
        "coordinator": {"hangar": "solidaire", "moulin": "plein"},
    }


def test_no_answer_to_a_manager_of_another_home_holds_the_tier(world):
    member = world.member(memberships=[at(world.hangar, 1, tier="secrettier"), at(world.moulin, 2)])
    manager = world.as_manager(world.moulin)
    answers = [
        manager.get(MEMBERS),
        manager.get(f"{MEMBERS}?q=secrettier"),
        change(manager, member, member.memberships[1], priority=3),
        manager.get(f"{MEMBERS}/{member.id}/passes"),
        world.as_member(member).get("/api/v1/me/member"),
        world.as_member(member).get("/api/v1/me/passes"),
    ]
    assert all(answer.status_code == 200 for answer in answers)
    assert not [answer.text for answer in answers if "secrettier" in answer.text]


def test_a_manager_gives_memberships_at_their_own_place_only(world):
    member = world.member()
    manager = world.as_manager(world.hangar)
    own = manager.post(f"{MEMBERS}/{member.id}/memberships", json={"place_id": str(world.hangar.id), "plan": "TOUT"})
    other = manager.post(f"{MEMBERS}/{member.id}/memberships", json={"place_id": str(world.moulin.id), "plan": "TOUT"})
    assert (own.status_code, other.status_code) == (201, 403)


def test_a_manager_changes_memberships_at_their_own_place_only(world):
    member = world.member(memberships=[at(world.hangar, 1), at(world.moulin, 2)])
    manager = world.as_manager(world.hangar)
    statuses = {m.place.code: change(manager, member, m, priority=3).status_code for m in member.memberships}
    assert statuses == {"hangar": 200, "moulin": 403}


def test_a_membership_of_somebody_else_is_unknown(world):
    one, other = world.member(), world.member()
    answer = change(world.as_manager(), one, other.memberships[0], version=1)
    assert answer.json()["code"] == "membership_unknown"


def test_a_last_day_is_included_and_may_be_taken_away(world):
    member = world.member()
    [membership], manager = member.memberships, world.as_manager()
    assert change(manager, member, membership, last_day="2026-11-18").json()["home"] is not None
    world.later(days=1)
    assert manager.get(f"{MEMBERS}/{member.id}").json()["home"] is None
    assert change(manager, member, membership, last_day=None).json()["home"] is not None


def test_a_last_day_before_the_first_is_refused(world):
    member = world.member()
    answer = change(world.as_manager(), member, member.memberships[0], last_day="2025-12-31")
    assert (answer.status_code, answer.json()["code"]) == (422, "membership_dates_reversed")


def test_a_membership_is_changed_from_the_version_that_was_seen(world):
    member = world.member()
    [membership], manager = member.memberships, world.as_manager()
    first = change(manager, member, membership, priority=2)
    [shown] = first.json()["memberships"]
    assert (first.status_code, first.headers["etag"], shown["version"]) == (200, '"2"', 2)
    stale = change(manager, member, membership, version=1, priority=3)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert change(manager, member, membership, version=2, priority=3).json()["memberships"][0]["priority"] == 3


def test_a_membership_is_not_changed_by_who_does_not_say_what_they_saw(world):
    member = world.member()
    address = f"{MEMBERS}/{member.id}/memberships/{member.memberships[0].id}"
    answer = world.as_manager().patch(address, json={"priority": 2})
    assert (answer.status_code, answer.json()["code"]) == (428, "version_required")


def test_moving_home_ends_one_membership_on_the_eve_and_begins_the_other(world):
    member = world.member(memberships=[at(world.hangar, tier="solidaire")])
    answer = move(world.as_coordinator(), member, world.moulin)
    assert spans(answer.json()) == [
        ("hangar", "2026-01-01", "2026-11-30", "solidaire"),
        ("moulin", "2026-12-01", None, None),
    ]


def test_moving_home_leaves_the_passes_as_they_are(world):
    member = world.member()
    card = world.card(member)
    before = world.text(card)
    move(world.as_coordinator(), member, world.moulin, "2026-11-18")
    assert world.text(card) == before
    answer = world.as_door(world.moulin).post("/api/v1/check-ins", json=world.scan(before)).json()
    assert (answer["verdict"], answer["member"]["home"]) == ("ok", "Le Moulin")


def test_moving_home_keeps_the_day_the_membership_was_to_end(world):
    from datetime import date  # noqa: PLC0415

    member = world.member(memberships=[at(world.hangar, last_day=date(2027, 6, 30))])
    assert spans(move(world.as_coordinator(), member, world.moulin).json())[1][2] == "2027-06-30"


@pytest.mark.parametrize("first_day", ["2026-01-01", "2025-12-31"])
def test_nobody_moves_before_they_came(world, first_day):
    answer = move(world.as_coordinator(), world.member(), world.moulin, first_day)
    assert (answer.status_code, answer.json()["code"] in {"move_too_early", "no_home_to_leave"}) == (409, True)


def test_the_home_that_is_left_cannot_send_its_members_elsewhere_and_no_other_place_can_take_them(world):
    member = world.member(world.hangar)
    assert move(world.as_manager(world.hangar), member, world.moulin).status_code == 403
    assert move(world.as_manager(world.moulin), member, world.moulin).status_code == 404


@pytest.fixture
def manager_of_both(world):
    account = world.account(Role.MANAGER, world.hangar)
    world.give(account, Role.MANAGER, world.moulin)
    return world.signed_in(account)


def test_whoever_manages_both_homes_moves_a_member_from_today_on(world, manager_of_both):
    shown = move(manager_of_both, world.member(), world.moulin, "2026-11-18").json()
    assert shown["home"]["code"] == "moulin"


def test_a_move_is_dated_back_by_the_coordination_only(world, manager_of_both):
    member = world.member()
    answer = move(manager_of_both, member, world.moulin, "2026-11-17")
    assert (answer.status_code, answer.json()["code"]) == (422, "move_in_the_past")
    assert move(world.as_coordinator(), member, world.moulin, "2026-11-17").status_code == 200


def test_today_is_the_date_at_the_new_home(world):
    island = world.place("ilet", zone="Indian/Reunion", subdivision="974")
    account = world.account(Role.MANAGER, island)
    world.give(account, Role.MANAGER, world.hangar)
    world.later(hours=11)  # 22:00 in Paris, and tomorrow in Saint-Denis
    manager, member = world.signed_in(account), world.member()
    assert move(manager, member, island, "2026-11-18").json()["code"] == "move_in_the_past"
    assert move(manager, member, island, "2026-11-19").status_code == 200


def test_a_second_home_cannot_take_a_member_from_the_one_that_pays(world):
    member = world.member(memberships=[at(world.hangar, 1), at(world.moulin, 2)])
    answer = move(world.as_manager(world.moulin), member, world.moulin)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_move_that_fails_changes_nothing(world):
    member = world.member()
    answer = move(world.as_coordinator(), member, world.moulin, plan="AUTR")
    assert answer.json()["code"] == "plan_unknown"
    shown = world.as_coordinator().get(f"{MEMBERS}/{member.id}").json()
    assert spans(shown) == [("hangar", "2026-01-01", None, None)]


def test_a_home_without_a_door_pays_for_its_people(world):
    employer = world.place("employeur", kind="employer", has_door=False)
    card = world.card(world.member(employer))
    answer = world.as_door(world.moulin).post("/api/v1/check-ins", json=world.scan(world.text(card))).json()
    assert answer["verdict"] == "ok"
    counts = world.as_coordinator().get("/api/v1/months/2026-11").json()
    assert [(row["home"]["code"], row["visits"]) for row in counts["rows"]] == [("employeur", 1)]
