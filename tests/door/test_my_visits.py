"""A member sees all their visits, and nobody else's."""

from datetime import timedelta

import pytest

from tests.door.following import offer, override
from tests.scenes import add_plan, check_in, membership, move_home, scan_at, undo
from tests.world import NOW


@pytest.fixture
def member(world):
    return world.member(world.hangar)


@pytest.fixture
def shown(world, member):
    return world.text(world.card(member))


def seen(client, **query):
    answer = client.get("/api/v1/me/visits", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_member_sees_where_they_were_and_which_home_stood_for_them(world, member, shown):
    answer = check_in(world.as_door(world.moulin), world.scan(shown))
    [visit] = seen(world.as_member(member))["items"]
    assert (visit["id"], visit["local_date"]) == (answer["check_in_id"], "2026-11-18")
    assert (visit["host"]["name"], visit["home"]["name"], visit["at_home"]) == ("Le Moulin", "Le Hangar", False)
    assert visit["host"]["zone"] == "Europe/Paris"


def test_a_member_sees_their_visits_at_home_too(world, member, shown):
    check_in(world.as_door(world.hangar), world.scan(shown))
    assert [visit["at_home"] for visit in seen(world.as_member(member))["items"]] == [True]


def test_the_newest_visit_comes_first_and_pages_follow_one_another(world, member, shown):
    door = world.as_door(world.moulin)
    world.later(days=40)
    for day in range(5):
        check_in(door, scan_at(world, shown, NOW + timedelta(days=8 * day)))
    phone, pages, cursor = world.as_member(member), [], {}
    while cursor is not None:
        page = seen(phone, limit=2, **cursor)
        pages.append([visit["local_date"] for visit in page["items"]])
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert pages == [["2026-12-20", "2026-12-12"], ["2026-12-04", "2026-11-26"], ["2026-11-18"]]


def test_a_visit_that_was_undone_is_no_visit(world, member, shown):
    door = world.as_door(world.moulin)
    undo(door, check_in(door, world.scan(shown))["check_in_id"])
    assert seen(world.as_member(member)) == {"items": [], "next": None}


def test_a_visit_keeps_the_home_of_its_day_when_its_member_moves(world, member, shown):
    check_in(world.as_door(world.moulin), world.scan(shown))
    move_home(world, member, world.place("phare"), (NOW + timedelta(days=1)).date())
    assert [visit["home"]["name"] for visit in seen(world.as_member(member))["items"]] == ["Le Hangar"]


def test_nobody_sees_the_visits_of_another_member(world, shown):
    check_in(world.as_door(world.moulin), world.scan(shown))
    assert seen(world.as_member(world.member()))["items"] == []


def test_only_a_member_has_visits_of_their_own(world):
    assert world.as_manager().get("/api/v1/me/visits").status_code == 403
    assert world.as_door().get("/api/v1/me/visits").status_code == 403
    assert world.client().get("/api/v1/me/visits").status_code == 401


def test_what_is_no_cursor_is_refused(world, member):
    phone = world.as_member(member)
    for query in ({"cursor": "x"}, {"cursor": "0001-01-01T00:00:00Z"}, {"limit": 0}, {"limit": 201}):
        assert phone.get("/api/v1/me/visits", params=query).status_code == 422, query


def test_a_member_sees_how_a_visit_came_about_and_when_the_server_heard_of_it(world, member, shown):
    world.later(hours=4)
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    [visit] = seen(world.as_member(member))["items"]
    assert (visit["opened_at"], visit["received_at"]) == ("2026-11-18T10:00:00Z", "2026-11-18T14:00:00Z")
    assert (visit["evidence"], visit["overridden"], visit["waived"]) == ("card", False, None)


def test_a_member_sees_what_was_offered_and_where_they_were_let_in_all_the_same(world):
    door = world.as_door(world.moulin)
    add_plan(world, "DIM", weekdays=[6])
    kept_out = world.member(memberships=[membership(world.hangar, plan="DIM")])
    answer = check_in(door, world.scan(world.text(world.card(kept_out))))
    override(door, answer["check_in_id"])
    offer(door, answer["check_in_id"])
    [visit] = seen(world.as_member(kept_out))["items"]
    assert (visit["overridden"], visit["waived"]) == (True, "offered")
