"""The benchmark of rooms still runs; nothing is timed here."""

import asyncio
import urllib.request

import pytest

from benchmarks import bookings
from benchmarks.check_in import free_port, serving
from passapp.bookings.guards import check_guard
from passapp.bookings.models import Booking, Claim
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings

TINY = bookings.Plan(places=3, claims_a_room=12, questions=3, seconds=0.3, clients=(1, 3))


@pytest.fixture
def settings(empty_database_url, tmp_path):
    url = empty_database_url.replace("postgresql+psycopg://", "postgresql://")
    return Settings(data_dir=tmp_path, database_url=url, port=free_port())


def test_a_calendar_of_many_bookings_is_followed(settings):
    network = bookings.make_network(settings, TINY)
    with serving(settings, workers=1):
        made = bookings.make_feeds_of_many(settings, network)
        counts = []
        for path, etag in made.values():
            file = urllib.request.urlopen(f"http://{settings.host}:{settings.port}{path}", timeout=60)
            counts.append(file.read().count(b"BEGIN:VEVENT"))
            assert file.headers["ETag"] == etag
            for known in (None, etag):
                times = asyncio.run(bookings.follow(settings, network.tokens[0], path, 2, known))
                assert len(times) == 2
    assert (counts[0], counts[1] > bookings.EVENTS / 2) == (bookings.EVENTS, True), "a year back; a month back"


def test_rooms_are_found_and_booked_and_the_guard_is_there(settings):
    network = bookings.make_network(settings, TINY)
    with serving(settings, workers=1):
        found = {name: asyncio.run(bookings.ask(settings, network, 3, q)) for name, q in bookings.QUESTIONS.items()}
        booked = asyncio.run(bookings.book(settings, network, 3, TINY.seconds))
        bare = bookings.insert_bare(settings, network, 3, TINY.seconds)
    assert all(len(times) == 3 for _, times in found.values())
    assert found["anything, anywhere"][0] > 0
    assert len(booked) > 0 < bare
    database = Database(settings.sqlalchemy_url)
    check_guard(database)
    with database.read() as session:
        made, claims = session.query(Booking).count(), session.query(Claim).count()
    database.dispose()
    assert made == len(booked)
    assert claims == 30 * 12 + made + round(bare * TINY.seconds)
