"""Any order and any batching of the same scans give the same visits."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scenes import check_in, check_in_batch, membership, move_home, scan_at, undo, visits
from tests.world import LONG_AGO

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
MOVED_ON = date(2026, 10, 26)
# Midnight at each host, the night of the clock change, the last night of a month: and a minute around each.
TURNS = [
    datetime.fromisoformat(f"{turn}:00+00:00")
    for turn in (
        "2026-10-24T20:00",
        "2026-10-24T22:00",
        "2026-10-25T00:30",
        "2026-10-25T01:00",
        "2026-10-25T20:00",
        "2026-10-25T23:00",
        "2026-10-26T12:00",
        "2026-10-31T20:00",
        "2026-10-31T23:00",
    )
]
instants = st.builds(
    lambda turn, seconds: turn + timedelta(seconds=seconds), st.sampled_from(TURNS), st.integers(-60, 60)
)


@dataclass(frozen=True)
class Happened:
    """One scan: which door, whose pass, when, and whether it is taken back at some time after it arrived."""

    door: int
    member: int
    at: datetime
    undone: bool


happenings = st.lists(
    st.builds(Happened, st.integers(0, 2), st.integers(0, 2), instants, st.booleans()), min_size=1, max_size=14
)


@pytest.fixture
def doors(world):
    """Two doors of one place, and one of a place four hours ahead, each with its id and its place."""
    reunion = world.place("la-salle", zone="Indian/Reunion")
    clients = [(world.as_door(place), place) for place in (world.moulin, world.moulin, reunion)]
    return [(client, UUID(client.get("/api/v1/door").json()["id"]), place) for client, place in clients]


def people(world, third):
    """Somebody with one home, somebody who moves, and somebody at home at the host; each with their homes by date."""
    world.now = datetime(2026, 10, 1, tzinfo=UTC)
    stays, moves = world.member(world.hangar), world.member(world.hangar)
    at_home = world.member(memberships=[membership(world.moulin), membership(third, priority=2)])
    cards = [world.text(world.card(member)) for member in (stays, moves, at_home)]
    move_home(world, moves, third, MOVED_ON)
    world.now = NOW
    homes = [
        [(LONG_AGO, world.hangar.id)],
        [(LONG_AGO, world.hangar.id), (MOVED_ON, third.id)],
        [(LONG_AGO, world.moulin.id)],
    ]
    return cards, homes


def expected(happened, scans, doors, homes):
    """What the rules say, worked out by hand: the earliest scan that was not undone opens the day's visit."""
    opening: dict[tuple[int, UUID, date], tuple[datetime, UUID]] = {}
    for each, scan in zip(happened, scans, strict=True):
        _, door_id, place = doors[each.door]
        day = each.at.astimezone(ZoneInfo(place.zone)).date()
        mine = (each.at, uuid5(door_id, scan["id"]))
        key = (each.member, place.id, day)
        if not each.undone and (key not in opening or mine < opening[key]):
            opening[key] = mine
    return {
        (check_in_id, host, day, at, [home for since, home in homes[member] if since <= day][-1])
        for (member, host, day), (at, check_in_id) in opening.items()
    }


def send(doors, happened, scans, data):
    """Send the scans in some order, alone or in batches, some twice; take some back, each once it has arrived."""
    order = data.draw(st.permutations(range(len(scans))), label="order of arrival")
    to_undo: list[tuple[Any, str]] = []
    while order:
        door = happened[order[0]].door
        size = data.draw(st.integers(1, 5), label="batch")
        batch = [index for index in order if happened[index].door == door][:size]
        order = [index for index in order if index not in batch]
        client = doors[door][0]
        if len(batch) == 1:
            answers = [check_in(client, scans[batch[0]])]
        else:
            outcomes = check_in_batch(client, [scans[index] for index in batch])
            answers = [outcome["answer"] for outcome in outcomes]
        if data.draw(st.booleans(), label="sent twice"):
            check_in_batch(client, [scans[index] for index in reversed(batch)])
        to_undo += [
            (client, answer["check_in_id"])
            for index, answer in zip(batch, answers, strict=True)
            if happened[index].undone
        ]
        while to_undo and data.draw(st.booleans(), label="undo one now"):
            undo(*to_undo.pop(data.draw(st.integers(0, len(to_undo) - 1), label="which")))
    for client, check_in_id in to_undo:
        undo(client, check_in_id)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=happenings, data=st.data())
def test_the_same_scans_give_the_same_visits_in_any_order_and_any_batching(world, doors, happened, data):
    third = doors[2][2]
    before = {visit.id for visit in visits(world)}
    cards, homes = people(world, third)
    scans = [scan_at(world, cards[each.member], each.at) for each in happened]
    send(doors, happened, scans, data)
    standing = [visit for visit in visits(world) if visit.id not in before]
    found = {(v.id, v.host_id, v.local_date, v.opened_at, v.home_id) for v in standing}
    assert found == expected(happened, scans, doors, homes)
    assert len(standing) == len(found)
    assert len({(v.visitor_key, v.host_id, v.local_date) for v in standing}) == len(standing)
