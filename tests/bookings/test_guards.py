"""No double booking, ever: what the database itself refuses, whatever the code above it does."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from passapp.app import create_app
from passapp.bookings.guards import Unguarded, check_guard, is_overlap
from passapp.bookings.models import Claim, ClaimKind, Resource
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings

NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def rooms(world):
    """Two rooms of the Moulin."""
    with world.database.write() as session:
        made = [
            Resource(
                place_id=world.moulin.id, kind="room", name=name, capacity=8, features=[], made_at=world.now, policy=1
            )
            for name in ("Bleue", "Verte")
        ]
        session.add_all(made)
    return [each.id for each in made]


def claim(world, resource_id, starts=0, ends=60, **fields):
    """Take a room, in minutes from nine."""
    span = {"starts_at": NINE + timedelta(minutes=starts), "ends_at": NINE + timedelta(minutes=ends)}
    with world.database.write() as session:
        made = Claim(resource_id=resource_id, kind=ClaimKind.BOOKING, **span, **fields)
        session.add(made)
    return made.id


@pytest.mark.parametrize(
    "starts,ends", [(0, 60), (15, 45), (-30, 90), (-30, 1), (59, 120)], ids=["same", "in", "around", "into", "out of"]
)
def test_two_claims_of_a_room_never_overlap(world, rooms, starts, ends):
    claim(world, rooms[0])
    with pytest.raises(DBAPIError) as refused:
        claim(world, rooms[0], starts, ends)
    assert is_overlap(refused.value)


def test_claims_that_touch_are_fine_and_so_are_other_rooms(world, rooms):
    claim(world, rooms[0])
    claim(world, rooms[0], -60, 0)
    claim(world, rooms[0], 60, 120)
    claim(world, rooms[1])


def test_what_was_released_is_free_and_cannot_come_back_over_another(world, rooms):
    first = claim(world, rooms[0])
    with world.database.write() as session:
        session.get_one(Claim, first).released_at = NINE
    claim(world, rooms[0])
    with pytest.raises(DBAPIError) as refused, world.database.write() as session:
        session.get_one(Claim, first).released_at = None
    assert is_overlap(refused.value)


def test_a_claim_that_is_moved_onto_another_is_refused(world, rooms):
    claim(world, rooms[0])
    other = claim(world, rooms[0], 60, 120)
    with pytest.raises(DBAPIError) as refused, world.database.write() as session:
        session.get_one(Claim, other).starts_at = NINE
    assert is_overlap(refused.value)
    with pytest.raises(DBAPIError), world.database.write() as session:
        session.get_one(Claim, other).ends_at = NINE


def test_the_start_asks_the_database_and_leaves_nothing_behind(world):
    check_guard(world.database)
    with world.session() as session:
        assert session.query(Claim).count() == 0


def lose_the_guard(world, verb="insert"):
    with world.database.write() as session:
        if world.database.is_sqlite:
            session.execute(text(f"DROP TRIGGER claim_overlaps_{verb}"))
        else:
            session.execute(text("ALTER TABLE claim DROP CONSTRAINT claim_overlaps"))


@pytest.mark.parametrize("verb", ["insert", "update"])
def test_a_database_that_lost_its_guard_is_noticed(world, verb):
    lose_the_guard(world, verb)
    with pytest.raises(Unguarded):
        check_guard(world.database)


def test_the_application_starts_with_its_guard_and_refuses_to_start_without(world):
    with TestClient(create_app(world.settings, database=world.database)) as client:
        assert client.get("/health/ready").status_code == 200
    lose_the_guard(world)
    with pytest.raises(Unguarded), TestClient(create_app(world.settings, database=world.database)):
        pass


def test_an_application_whose_database_is_not_migrated_yet_starts_and_says_so(empty_database_url, tmp_path):
    app = create_app(Settings(data_dir=tmp_path), database=Database(empty_database_url))
    with TestClient(app) as client:
        assert client.get("/health/ready").status_code == 503
