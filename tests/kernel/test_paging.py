"""Keyset paging: rows that come or go between two pages neither shift nor repeat the others."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete

from passapp.members.models import Member

NAMES = ["Alpha", "Bravo", "Bravo", "Charlie", "Delta", "Echo", "Élan"]


@pytest.fixture
def manager(world):
    for name in NAMES:
        world.member(family_name=name)
    return world.as_manager(world.hangar)


def pages(client, address, limit):
    """Every page, from the first to the last."""
    found, cursor = [], None
    while True:
        page = client.get(address, params={"limit": limit} | ({"cursor": cursor} if cursor else {})).json()
        found.append(page["items"])
        cursor = page["next"]
        if cursor is None:
            return found


def ids(items):
    return [item["id"] for item in items]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 200])
def test_the_pages_put_together_are_the_list(manager, limit):
    whole = manager.get("/api/v1/members?limit=200").json()
    cut = pages(manager, "/api/v1/members", limit)
    assert [row for page in cut for row in page] == whole["items"]
    assert len(whole["items"]) == len(NAMES)
    assert [len(page) for page in cut[:-1]] == [limit] * (len(cut) - 1)


def test_the_order_is_by_name_and_the_same_name_twice_is_no_trouble(manager):
    items = manager.get("/api/v1/members").json()["items"]
    assert [item["family_name"] for item in items if item["family_name"].isascii()] == NAMES[:-1]
    bravos = [item["id"] for item in items if item["family_name"] == "Bravo"]
    assert bravos == sorted(bravos)


def test_a_last_page_that_is_full_has_no_next(manager):
    assert manager.get(f"/api/v1/members?limit={len(NAMES)}").json()["next"] is None


def test_somebody_added_in_between_neither_shifts_nor_repeats_the_others(world, manager):
    first = manager.get("/api/v1/members?limit=3").json()
    world.member(family_name="Aardvark")
    second = manager.get("/api/v1/members", params={"limit": 200, "cursor": first["next"]}).json()
    assert len(set(ids(first["items"]) + ids(second["items"]))) == len(NAMES)


def test_somebody_removed_in_between_leaves_no_hole(world, manager):
    first = manager.get("/api/v1/members?limit=3").json()
    with world.database.write() as session:
        session.execute(delete(Member).where(Member.id == UUID(first["items"][0]["id"])))
    second = manager.get("/api/v1/members", params={"limit": 200, "cursor": first["next"]}).json()
    assert len(second["items"]) == len(NAMES) - 3


def test_a_mark_that_leads_nowhere_says_to_start_again(manager):
    answer = manager.get(f"/api/v1/members?cursor={uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=201", "limit=x", "limit=-1"])
def test_a_mark_or_a_length_that_is_none_is_refused(manager, query):
    assert manager.get(f"/api/v1/members?{query}").json()["code"] == "invalid_request"


def test_an_empty_list_is_a_page_too(world):
    assert world.as_manager(world.moulin).get("/api/v1/members").json() == {"items": [], "next": None}


def test_the_directory_of_places_is_paged_too(world):
    for number in range(5):
        world.place(f"lieu-{number}")
    cut = pages(world.as_coordinator(), "/api/v1/places", 2)
    assert [len(page) for page in cut] == [2, 2, 2, 1]
    assert len({row["id"] for page in cut for row in page}) == 7
