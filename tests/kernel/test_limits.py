"""How often something may be tried, from where, and by how many workers at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from passapp.accounts.models import Challenge
from passapp.app import create_app
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import RateCount, count_try, counted_network, limited
from passapp.kernel.problems import CONFLICT, HANDLERS
from passapp.kernel.ticking import tick
from passapp.places.models import Place
from passapp.running import chores
from tests.scenes import rows


@pytest.fixture
def limited_app(world):
    """Two routes with limits, one of which writes."""
    app = FastAPI(exception_handlers=dict(HANDLERS))
    app.state.database, app.state.clock, app.state.settings = world.database, lambda: world.now, world.settings

    @app.post("/three-in-ten-minutes", dependencies=[limited("three", times=3, minutes=10)])
    def three() -> None:
        pass

    @app.post("/two-failures", dependencies=[limited("two", times=2, minutes=10, failures_only=True)])
    def two(session: SessionDep, fails: bool) -> None:
        session.get_one(Place, world.hangar.id).town = "Ailleurs"
        if fails:
            raise CONFLICT.error()

    return app


@pytest.fixture
def at(limited_app):
    """A browser at a network address."""

    def made(address):
        return TestClient(limited_app, client=(address, 50000), headers={"Accept-Language": "en"})

    return made


def purged(world):
    done = tick(world.database, chores(world.settings), now=world.now)
    return [done[name] for name in ("rate_counts", "challenges")]


def three(client, times=1):
    return [client.post("/three-in-ten-minutes").status_code for _ in range(times)]


def two(client, *, fails):
    return client.post("/two-failures", params={"fails": fails}).status_code


def test_one_try_too_many_is_refused_and_says_how_long_to_wait(world, at):
    client = at("203.0.113.7")
    assert three(client, 3) == [200, 200, 200]
    world.later(minutes=4)
    answer = client.post("/three-in-ten-minutes")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    assert answer.json()["detail"] == "Too many tries. Wait 6 min, then try again."
    assert answer.headers["retry-after"] == "360"


def test_after_the_window_one_may_try_again(world, at):
    client = at("203.0.113.7")
    assert three(client, 4) == [200, 200, 200, 429]
    world.later(minutes=10)
    assert three(client, 4) == [200, 200, 200, 429]


def test_each_network_address_counts_for_itself(at):
    assert three(at("203.0.113.7"), 4)[-1] == 429
    assert three(at("203.0.113.8")) == [200]


def test_addresses_of_one_ipv6_network_count_together_and_those_of_the_next_do_not(at):
    assert [three(at(f"2001:db8:1:2::{n:x}"))[0] for n in range(1, 5)] == [200, 200, 200, 429]
    assert three(at("2001:db8:1:3::1")) == [200]


def test_an_ipv4_address_written_as_ipv6_is_the_same_one(at):
    assert three(at("203.0.113.7"), 3) == [200, 200, 200]
    assert three(at("::ffff:203.0.113.7")) == [429]
    assert counted_network("::ffff:203.0.113.8") == "203.0.113.8"


def test_whoever_has_no_address_does_not_get_round_a_limit(at):
    assert three(at("somewhere"), 2) + three(at("elsewhere"), 2) == [200, 200, 200, 429]


def test_where_failures_count_what_succeeds_does_not(at):
    client = at("203.0.113.7")
    assert {two(client, fails=False) for _ in range(5)} == {200}
    assert [two(client, fails=True) for _ in range(3)] == [409, 409, 429]
    assert two(client, fails=False) == 429


def test_a_failure_is_rolled_back_and_counts_all_the_same(world, at):
    two(at("203.0.113.7"), fails=True)
    assert {place.town for place in rows(world, Place)} == {"Caen"}
    assert [counted.count for counted in rows(world, RateCount)] == [1]


def test_after_the_window_failures_are_forgotten(world, at):
    client = at("203.0.113.7")
    assert [two(client, fails=True) for _ in range(3)] == [409, 409, 429]
    world.later(minutes=10)
    assert two(client, fails=False) == 200


def test_tries_at_the_same_moment_are_all_counted(world, at):
    with at("203.0.113.7") as client, ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda _: three(client)[0], range(8)))
    assert sorted(statuses) == [200] * 3 + [429] * 5
    # Who is refused at once is not written down again; who was let in is.
    [counted] = rows(world, RateCount)
    assert 3 <= counted.count <= 8


def test_a_subject_of_ones_own_is_counted_in_the_transaction_that_counts_it(world):
    limit = {"times": 2, "minutes": 5, "now": world.now}
    with world.database.write() as session:
        assert [count_try(session, "x", "lea@example.org", **limit) for _ in range(3)] == [True, True, False]
        assert count_try(session, "x", "max@example.org", **limit)
        assert count_try(session, "y", "lea@example.org", **limit)
        session.rollback()
    assert rows(world, RateCount) == []


def test_what_is_kept_of_a_try_names_neither_the_address_nor_the_network(world, at):
    three(at("203.0.113.7"))
    with world.database.write() as session:
        count_try(session, "mail", "lea@example.org", times=1, minutes=1, now=world.now)
    with world.session() as session:
        keys = " ".join(session.scalars(select(RateCount.key)))
    assert "203.0" not in keys
    assert "lea" not in keys


def test_counts_and_challenges_go_once_they_are_over(world, at):
    three(at("203.0.113.7"))
    with world.database.write() as session:
        session.add(Challenge(secret_hash="x", kind="passkey", data={}, expires_at=world.now + timedelta(minutes=10)))
    assert purged(world) == [0, 0]
    world.later(minutes=11)
    assert purged(world) == [1, 1]
    assert rows(world, RateCount) + rows(world, Challenge) == []


def test_a_route_with_a_limit_says_so_in_the_openapi_document():
    document = create_app().openapi()
    spec = document["paths"]["/api/v1/sign-in-links"]["post"]
    assert "too_many_tries" in str(spec["responses"]["429"])
    assert "429" not in document["paths"]["/api/v1/me"]["get"]["responses"]
