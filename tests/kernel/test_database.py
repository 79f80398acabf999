"""One session and one transaction per request, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.exc import DBAPIError, StatementError

from passapp.kernel.audit import SYSTEM, AuditEntry, record
from passapp.kernel.database import _let_sqlite_behave, insert_unless_there
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.network.models import Plan
from tests.at_once import at_once

AT = datetime(2026, 11, 18, 10, tzinfo=UTC)
REQUESTS = 100
FULL = 2


def test_a_reading_session_cannot_write(world):
    with world.database.read() as session:
        record(session, SYSTEM, AT, "x", ("x", None))
        with pytest.raises(DBAPIError):
            session.flush()


def test_a_connection_that_was_read_only_can_write_again(world):
    for _ in range(3):
        with world.session() as session:
            session.execute(select(1))
        with world.database.write() as session:
            record(session, SYSTEM, AT, "x", ("x", None))


def test_a_get_request_cannot_write(world, monkeypatch):
    monkeypatch.setattr("passapp.network.service.plans", write_and_list)
    client = world.as_coordinator()
    client._transport.raise_server_exceptions = False
    assert client.get("/api/v1/plans").status_code == 500


def write_and_list(session):
    record(session, SYSTEM, AT, "written by a GET", ("x", None))
    session.flush()
    return []


def test_what_sqlite_has_committed_survives_a_power_cut(tmp_path):
    # No engine of the tests: theirs do not wait for the disk.
    engine = create_engine(f"sqlite:///{tmp_path / 'passapp.sqlite'}")
    _let_sqlite_behave(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == FULL
    engine.dispose()


def test_an_error_rolls_everything_back(world):
    def write_then_fail():
        with world.database.write() as session:
            record(session, SYSTEM, AT, "x", ("x", None))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_then_fail()
    with world.session() as session:
        assert session.scalar(select(func.count()).where(AuditEntry.action == "x")) == 0


def test_a_commit_that_fails_is_never_answered_with_a_success(world):
    coordinator = world.as_coordinator()

    @event.listens_for(world.database.engine, "commit")
    def fail(_connection):
        msg = "the disk is full"
        raise OSError(msg)

    coordinator._transport.raise_server_exceptions = False
    answer = coordinator.post("/api/v1/plans", json={"code": "SEM", "name": "Semaine"})
    event.remove(world.database.engine, "commit", fail)
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    with world.session() as session:
        assert session.get(Plan, "SEM") is None


def test_a_hundred_writing_requests_at_the_same_moment_all_succeed(world):
    coordinator = world.as_coordinator()
    calls = [
        (coordinator, "POST", "/api/v1/plans", {"json": {"code": f"P{number}", "name": "Semaine"}})
        for number in range(REQUESTS)
    ]
    assert [answer.status_code for answer in at_once(world, calls)] == [201] * REQUESTS
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Plan)) == REQUESTS + 1


def test_readers_are_served_while_many_write(world):
    coordinator, door = world.as_coordinator(), world.as_door()
    calls = []
    for number in range(30):
        calls.append((coordinator, "POST", "/api/v1/plans", {"json": {"code": f"P{number}", "name": "Semaine"}}))
        calls.append((door, "GET", "/api/v1/places", {}))
    assert {answer.status_code for answer in at_once(world, calls)} == {200, 201}


def test_a_slow_upload_holds_nobody_else_back(world):
    """A phone that sends its file byte by byte does not keep the database's one writer waiting."""
    manager = world.as_manager()
    cookie = f"passapp={manager.cookies['passapp']}".encode()
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/api/v1/members/import",
        "raw_path": b"/api/v1/members/import",
        "query_string": b"dry_run=true",
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"testserver"), (b"cookie", cookie), (b"content-type", b"text/csv")],
    }
    sent = []

    async def upload():
        done = anyio.Event()

        async def receive():
            await done.wait()  # the rest of the file is still on its way
            return {"type": "http.request", "body": b"nom;prenom;lieu;formule\n", "more_body": False}

        async def send(message):
            sent.append(message)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.app, scope, receive, send)
            await anyio.sleep(0.3)
            with anyio.fail_after(5):
                await anyio.to_thread.run_sync(write_something)
            done.set()

    def write_something():
        with world.database.engine.connect() as connection:
            if world.database.is_sqlite:
                connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.execute(Plan.__table__.update().values(name="Autre"))
            connection.commit()

    anyio.run(upload)
    assert sent[0]["status"] == 200


def test_an_instant_without_a_zone_is_not_stored(world):
    with pytest.raises(StatementError, match="needs a time zone"), world.database.write() as session:
        record(session, SYSTEM, AT.replace(tzinfo=None), "x", ("x", None))


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_given_in(world):
    given = datetime(2026, 11, 18, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=4)))
    with world.database.write() as session:
        record(session, SYSTEM, given, "x", ("x", None))
    with world.session() as session:
        stored = session.scalars(select(AuditEntry.at).where(AuditEntry.action == "x")).one()
    assert (stored, stored.tzinfo) == (given, UTC)


def test_a_message_of_the_outbox_is_written_once_for_its_key(world):
    for _ in range(2):
        with world.database.write() as session:
            enqueue(session, AT, "pass_ready", "pass_ready:1", uuid4())
    with world.session() as session:
        assert session.scalar(select(func.count()).where(OutboxMessage.key == "pass_ready:1")) == 1


def test_a_row_that_is_there_already_is_left_as_it_is(world):
    row = {
        "code": "TOUT",
        "name": "Autre",
        "opens": "home",
        "weekdays": [],
        "from_minute": 0,
        "to_minute": 1,
        "version": 9,
    }
    with world.database.write() as session:
        insert_unless_there(session, Plan, [row, row | {"code": "SEM"}])
        insert_unless_there(session, Plan, [])
    with world.session() as session:
        assert {plan.code: plan.opens for plan in session.scalars(select(Plan))} == {
            "TOUT": "everywhere",
            "SEM": "home",
        }
