"""The schema is what the migrations make of an empty database, on both engines."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, inspect, select, text
from sqlalchemy.exc import DatabaseError

from passapp.accounts.rules import Role
from passapp.door.models import CheckIn, CheckInUndo, Visit, VisitVoid
from passapp.kernel.audit import AuditEntry
from passapp.kernel.database import Base, Database
from passapp.kernel.migrations import _config, downgrade, is_up_to_date, migrate
from passapp.network.models import ConventionVersion

APPEND_ONLY = (AuditEntry, CheckIn, CheckInUndo, ConventionVersion, Visit, VisitVoid)


@pytest.fixture
def empty(empty_database_url):
    database = Database(empty_database_url, poolclass=NullPool)
    yield database
    database.dispose()


def schema_of(database):
    """Tables, columns, constraints, indexes, triggers and functions, as the database tells them."""
    looked = inspect(database.engine)
    found = {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in looked.get_columns(table)),
            sorted(str(i["name"]) for i in looked.get_indexes(table)),
            sorted(str(c["name"]) for c in looked.get_check_constraints(table)),
            sorted(str(f["name"]) for f in looked.get_foreign_keys(table)),
        )
        for table in looked.get_table_names()
        if table != "alembic_version"
    }
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgname || proname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal"
    )
    with database.engine.connect() as connection:
        return found, sorted(connection.scalars(text(names)))


def test_the_models_and_the_migrations_say_the_same(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_alembic_check_finds_nothing_to_do(database):
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_an_empty_database_is_brought_to_the_present_schema_in_one_go(empty):
    assert not is_up_to_date(empty.engine)
    migrate(empty.engine)
    assert is_up_to_date(empty.engine)


def test_migrating_twice_changes_nothing(empty):
    migrate(empty.engine)
    before = schema_of(empty)
    migrate(empty.engine)
    assert schema_of(empty) == before


def test_a_downgrade_leaves_nothing_behind_and_an_upgrade_makes_the_same_again(empty):
    migrate(empty.engine)
    before = schema_of(empty)
    downgrade(empty.engine, "base")
    assert schema_of(empty) == ({}, [])
    migrate(empty.engine)
    assert schema_of(empty) == before


def test_a_migration_that_fails_leaves_no_half_schema(empty, monkeypatch):
    def fail(*_args):
        msg = "no more room"
        raise OSError(msg)

    monkeypatch.setattr("passapp.kernel.guards.make_append_only", fail)
    with pytest.raises(OSError, match="no more room"):
        migrate(empty.engine)
    assert schema_of(empty) == ({}, [])


@pytest.fixture
def filled(world):
    """A network in which every append-only table holds a row."""
    card = world.card(world.member())
    door = world.as_door(world.moulin)
    answer = door.post("/api/v1/check-ins", json=world.scan(world.text(card))).json()
    world.signed_in(world.account(Role.COORDINATOR))
    undo = door.post(f"/api/v1/check-ins/{answer['check_in_id']}/undo", json={"reason": "erreur"})
    assert undo.status_code == 200
    return world


@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model.__tablename__)
@pytest.mark.parametrize("deed", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_database_refuses_to_change_or_delete_an_append_only_row(filled, model, deed):
    column = model.__table__.primary_key.columns[0].name
    with filled.session() as session:
        before = session.execute(select(model.__table__)).all()
    assert before
    with (
        pytest.raises(DatabaseError, match=f"{model.__tablename__} is append-only"),
        filled.database.write() as session,
    ):
        session.execute(text(deed.format(model.__tablename__, column)))
    with filled.session() as session:
        assert session.execute(select(model.__table__)).all() == before


def test_postgresql_refuses_to_empty_an_append_only_table_too(filled):
    if filled.database.is_sqlite:  # has no TRUNCATE: a DELETE without WHERE, above, is the same
        return
    for model in APPEND_ONLY:
        with pytest.raises(DatabaseError, match="is append-only"), filled.database.write() as session:
            session.execute(text(f"TRUNCATE {model.__tablename__} CASCADE"))
