"""Many at once: threads against one application, on both databases."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from passapp.door.models import CheckIn, Door, VisitIdentity, VisitVoid
from tests.at_once import at_once
from tests.scenes import bearer, check_in, pair_link, pass_text, rows, scan_at, visits
from tests.world import NOW


@pytest.fixture
def doors(world):
    """Several phones at the door of one place."""
    return [world.as_door(world.moulin) for _ in range(4)]


def scans(door, scan):
    """A call that checks somebody in."""
    return door, "POST", "/api/v1/check-ins", {"json": scan}


def sends(door, batch):
    """A call that sends scans together."""
    return door, "POST", "/api/v1/check-ins/batch", {"json": {"items": batch}}


def undoes(door, answer):
    """A call that takes a check-in back."""
    return door, "POST", f"/api/v1/check-ins/{answer['check_in_id']}/undo", {"json": {"reason": "Erreur"}}


def test_a_scan_sent_eight_times_at_once_is_one_check_in(world, doors):
    scan = world.scan(pass_text(world))
    answers = at_once(world, [scans(doors[0], scan)] * 8)
    assert [answer.status_code for answer in answers] == [200] * 8
    said = [answer.json() for answer in answers]
    assert sorted(answer.pop("replayed") for answer in said) == [False] + [True] * 7
    assert all(answer == said[0] for answer in said)
    assert len(rows(world, CheckIn)) == 1
    assert len(visits(world)) == 1


def test_two_doors_that_receive_one_person_at_the_same_moment_make_one_visit(world, doors):
    for _ in range(5):
        shown = pass_text(world)
        answers = at_once(world, [scans(door, world.scan(shown)) for door in doors[:2]])
        assert sorted(answer.json()["verdict"] for answer in answers) == ["ok", "ok_again"]
    assert len(visits(world)) == 5
    assert len(rows(world, VisitIdentity)) == 5


def test_the_earlier_of_two_scans_sent_at_the_same_moment_opens_the_visit(world, doors):
    shown = pass_text(world)
    world.later(hours=1)
    minutes = [NOW + timedelta(minutes=minute) for minute in range(4)]
    at_once(world, [scans(door, scan_at(world, shown, at)) for door, at in zip(doors, minutes, strict=True)])
    [visit] = visits(world)
    assert visit.opened_at == NOW


def test_batches_of_the_same_people_in_opposite_orders_do_not_wait_for_one_another(world, doors):
    doors = [doors[0], world.as_door(world.hangar), doors[1]]
    people = [pass_text(world) for _ in range(12)]
    world.later(hours=1)
    for day in range(2):
        calls = []
        for number, door in enumerate(doors):
            ordered = people[::-1] if number % 2 else people
            at = NOW + timedelta(days=day, minutes=number)
            batch = [scan_at(world, shown, at + timedelta(seconds=n)) for n, shown in enumerate(ordered)]
            calls.append(sends(door, batch))
        answers = at_once(world, calls)
        assert [answer.status_code for answer in answers] == [200] * 3
        world.later(days=1)
    assert len(visits(world)) == 2 * 2 * 12
    assert len(rows(world, CheckIn)) == 2 * 3 * 12


def test_batches_that_overlap_without_being_the_same_do_not_wait_for_one_another(world, doors):
    people = [pass_text(world) for _ in range(8)]
    for shown in people[::2]:
        check_in(doors[0], world.scan(shown))
    calls = [
        sends(door, [world.scan(shown) for shown in people[n:] + people[: n // 2]]) for n, door in enumerate(doors)
    ]
    assert [answer.status_code for answer in at_once(world, calls)] == [200] * 4
    assert len(visits(world)) == 8


def test_a_check_in_undone_by_several_at_once_is_undone_once(world, doors):
    shown = pass_text(world)
    first = check_in(doors[0], world.scan(shown))
    world.later(minutes=1)
    second = check_in(doors[0], world.scan(shown))
    answers = at_once(world, [undoes(door, first) for door in doors])
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [str(visit.id) for visit in visits(world)] == [second["check_in_id"]]
    assert len(rows(world, VisitVoid)) == 1


def test_a_check_in_undone_while_another_arrives_leaves_the_one_that_stands(world, doors):
    shown = pass_text(world)
    first = check_in(doors[0], world.scan(shown))
    world.later(minutes=1)
    undone, second = at_once(world, [undoes(doors[0], first), scans(doors[1], world.scan(shown))])
    assert (undone.status_code, second.status_code) == (200, 200)
    assert [str(visit.id) for visit in visits(world)] == [second.json()["check_in_id"]]
    assert len(rows(world, VisitVoid)) == 1


def test_the_last_use_of_a_team_link_pairs_one_device_of_eight(world):
    link = pair_link(world.as_manager(world.moulin), world.moulin, max_uses=1)
    secret = link["url"].partition("#pair=")[2]
    bodies = [{"token": secret, "device_id": str(uuid4()), "name": f"Téléphone {n}"} for n in range(8)]
    phone = world.client()
    answers = at_once(world, [(phone, "POST", "/api/v1/doors/pair", {"json": body}) for body in bodies])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 410: 7}
    assert len(rows(world, Door)) == 1


def test_a_device_that_asks_to_be_paired_several_times_at_once_is_one_door(world):
    body = {"device_id": str(uuid4()), "name": "Tablette"}
    asks = (world.as_manager(world.moulin), "POST", f"/api/v1/places/{world.moulin.id}/doors", {"json": body})
    answers = at_once(world, [asks] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len(rows(world, Door)) == 1
    phone = world.client()
    alive = [phone.get("/api/v1/door", headers=bearer(answer.json()["token"])).status_code for answer in answers]
    assert sorted(alive) == [200, 401, 401, 401]
