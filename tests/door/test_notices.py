"""What a home place is told of its members elsewhere."""

from datetime import timedelta

import pytest

from tests.door.following import conflict, override, page, refused, review
from tests.scenes import check_in, membership, pass_text, suspend, undo


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def manager(world):
    return world.as_manager(world.hangar)


def told(world, client, **query):
    return page(client, world.hangar, "notices", **query)["items"]


def typed(world, door, **fields):
    member = world.member(given_name="Léa", family_name="Bernard", email="lea.bernard@example.org", **fields)
    world.card(member)
    return check_in(door, world.scan(by_name={"name": "Léa Bernard", "second": "lea.bernard@example.org"}))


def test_the_home_is_told_whom_a_host_let_in_all_the_same_and_why(world, door, manager):
    answer = refused(world, door, given_name="Bo", family_name="Petit")
    override(door, answer["check_in_id"], "Son abonnement est renouvelé")
    [notice] = told(world, manager)
    assert (notice["kind"], notice["verdict"], notice["reason"]) == ("override", "plan", "Son abonnement est renouvelé")
    assert (notice["member"]["given_name"], notice["member"]["family_name"]) == ("Bo", "Petit")
    assert (notice["host"]["name"], notice["at"], notice["undone"]) == ("Le Moulin", "2026-11-18T10:00:00Z", False)


def test_also_where_nobody_knows_who_pays(world, door, manager):
    member = world.member(given_name="Bo")
    shown = world.text(world.card(member))
    suspend(world, member)
    world.later(minutes=1)
    override(door, check_in(door, world.scan(shown))["check_in_id"])
    [notice] = told(world, manager)
    assert (notice["kind"], notice["verdict"]) == ("override", "suspended")


def test_the_home_is_told_who_was_let_in_by_typing(world, door, manager):
    typed(world, door)
    assert [(notice["kind"], notice["reason"]) for notice in told(world, manager)] == [("manual", None)]


def test_the_home_is_told_of_a_forgotten_visit_and_not_twice(world, manager):
    card = world.card(world.member())
    world.later(hours=3)
    body = {"id": "0198c5a4-0000-7000-8000-000000000001", "day": "2026-11-18", "short_code": card.short_code}
    path = f"/api/v1/places/{world.moulin.id}/forgotten-visits"
    answer = world.as_manager(world.moulin).post(path, json=body | {"reason": "Téléphone déchargé"})
    assert answer.json()["verdict"] == "ok"
    assert [(notice["kind"], notice["reason"]) for notice in told(world, manager)] == [
        ("forgotten", "Téléphone déchargé")
    ]


def test_the_home_is_told_whom_a_phone_without_network_let_in_with_an_inactive_pass(world, door, manager):
    member = world.member(given_name="Bo")
    shown = world.text(world.card(member))
    suspend(world, member)
    world.later(minutes=1)
    check_in(door, world.scan(shown, shown="ok"))
    assert [(notice["kind"], notice["verdict"]) for notice in told(world, manager)] == [("rejected_late", "suspended")]


def test_a_conflict_is_told_once_the_place_says_that_they_came(world, door, manager):
    answer = conflict(world, door)
    assert told(world, manager) == []
    review(world.as_manager(world.moulin), answer["check_in_id"], accept=True)
    assert [(notice["kind"], notice["verdict"]) for notice in told(world, manager)] == [("conflict", "plan")]


def test_where_the_manager_said_who_pays_that_home_is_told_and_no_other(world, door, manager):
    phare = world.place("phare")
    shown = pass_text(world, memberships=[membership(world.hangar), membership(phare)])
    answer = check_in(door, world.scan(shown, shown="ambiguous"))
    review(world.as_manager(world.moulin), answer["check_in_id"], accept=True, home_id=str(phare.id))
    assert told(world, manager) == []
    [notice] = page(world.as_manager(phare), phare, "notices")["items"]
    assert (notice["kind"], notice["verdict"]) == ("conflict", "ambiguous")


def test_nothing_is_told_of_a_scan_of_a_refusal_or_of_what_happens_at_home(world, door, manager):
    check_in(door, world.scan(pass_text(world)))
    refused(world, door)
    typed(world, world.as_door(world.hangar))
    assert told(world, manager) == []


def test_the_place_visited_is_told_nothing_of_members_of_others(world, door):
    override(door, refused(world, door)["check_in_id"])
    assert page(world.as_manager(world.moulin), world.moulin, "notices")["items"] == []


def test_what_was_undone_is_said_to_be(world, door, manager):
    answer = refused(world, door)
    override(door, answer["check_in_id"])
    undo(door, answer["check_in_id"])
    assert [notice["undone"] for notice in told(world, manager)] == [True]


def test_the_newest_comes_first_and_pages_follow_one_another(world, door, manager):
    for name in ("Ana", "Bo", "Cléo"):
        override(door, refused(world, door, given_name=name)["check_in_id"])
        world.later(minutes=1)
    first = page(manager, world.hangar, "notices", limit=2)
    second = page(manager, world.hangar, "notices", limit=2, cursor=first["next"])
    assert [n["member"]["given_name"] for n in first["items"] + second["items"]] == ["Cléo", "Bo", "Ana"]


def test_after_sixty_days_it_is_told_no_more(world, door, manager):
    override(door, refused(world, door)["check_in_id"])
    world.now += timedelta(days=60)
    assert len(told(world, world.as_manager(world.hangar))) == 1
    world.later(minutes=1)
    assert told(world, world.as_manager(world.hangar)) == []
