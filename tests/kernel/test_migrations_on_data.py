"""Every migration is applied to a database of the first schema that holds rows: none is lost, every guard is there."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import MetaData, NullPool, Uuid, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError

from passapp.bookings.guards import check_guard
from passapp.bookings.models import ExternalCalendar
from passapp.kernel.audit import AuditEntry, AuditOrigin
from passapp.kernel.database import Database
from passapp.kernel.migrations import downgrade, migrate
from passapp.kernel.outbox import OutboxMessage
from passapp.places.models import Place
from passapp.settlement.months.models import MonthVersion
from passapp.settlement.payments.models import BankImport
from tests.kernel.test_migrations import APPEND_ONLY

AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
ONE = UUID(int=1)
PARTICULAR = {
    "network": {"id": 1},
    "place": {"host_class": "standard", "left_on": None, "search_key": "le cœur"},
    "plan": {"opens": "everywhere", "from_minute": 0, "to_minute": 1440},
    "role_grant": {"role": "coordinator", "place_id": None},
    "access_token": {"place_id": None},
    "membership": {"last_day": None, "plan": "1"},
    "visit": {"revision": 0, "convention_version": 1},
    "visit_void": {"revision": 0},
    "audit_entry": {"address": "192.0.2.7"},
    "outbox_message": {"sent_at": None},
    "hours_exception": {"opens": None, "closes": None},
    "opening_hours": {"weekday": 0, "opens": 540, "closes": 600},
    "convention_version": {"number": 1},
    "period": {"state": "open"},
}
"""What the first schema's constraints, or what is looked at below, ask of a row; the rest is any value of its type."""


VALUES = {UUID: ONE, datetime: AT, date: date(2026, 9, 1), bool: False, int: 1, float: 1.0, str: "1", object: {}}
"""By type. Ids are all the same, so that every foreign key finds its row."""


@pytest.fixture
def filled(empty_database_url):
    """A database of the first schema, with one row in every table; and those rows."""
    database = Database(empty_database_url, poolclass=NullPool)
    migrate(database.engine, "0001")
    schema = MetaData()
    with database.engine.begin() as connection:
        schema.reflect(connection)
        if database.is_sqlite:  # it does not say of a column that it holds ids
            _name_ids(schema)
        rows = {
            table: {column.name: VALUES[column.type.python_type] for column in table.columns}
            | PARTICULAR.get(table.name, {})
            for table in schema.sorted_tables
            if table.name != "alembic_version"
        }
        for table, row in rows.items():
            connection.execute(insert(table).values(row))
    yield database, rows
    database.dispose()


def _name_ids(schema):
    for table in schema.tables.values():
        for column in table.columns:
            if str(column.type) == "CHAR(32)":
                column.type = Uuid()


def test_no_row_of_the_first_schema_is_lost_or_changed(filled):
    database, rows = filled
    migrate(database.engine)
    changed = {("place", "search_key"): "le coeur", ("outbox_message", "failed_at"): AT}
    with database.engine.connect() as connection:
        looked = inspect(connection)
        for table, row in rows.items():
            still = [column["name"] for column in looked.get_columns(table.name) if column["name"] in row]
            found = connection.execute(select(*(table.c[name] for name in still))).mappings().all()
            expected = {name: changed.get((table.name, name), row[name]) for name in still}
            assert [_comparable(each) for each in found] == [_comparable(expected)], table.name


def _comparable(row):
    return {name: str(value).removesuffix("+00:00") for name, value in row.items()}


def test_every_guard_is_there_after_the_last_migration(filled):
    database, rows = filled
    migrate(database.engine)
    there = {table.name for table in rows}
    for model in (model for model in APPEND_ONLY if model.__tablename__ in there):
        column = model.__table__.primary_key.columns[0].name
        for deed in (f"UPDATE {model.__tablename__} SET {column} = {column}", f"DELETE FROM {model.__tablename__}"):
            with pytest.raises(DatabaseError, match="is append-only"), database.write() as session:
                session.execute(text(deed))
    check_guard(database)


def test_where_a_deed_came_from_moves_out_of_the_log(filled):
    database, _ = filled
    migrate(database.engine)
    with database.read() as session:
        [origin] = session.scalars(select(AuditOrigin))
        assert (origin.entry_id, origin.address) == (ONE, "192.0.2.7")
        assert "address" not in AuditEntry.__table__.columns


def test_what_waited_while_there_was_no_mail_is_never_sent_months_later(filled):
    database, _ = filled
    migrate(database.engine)
    with database.read() as session:
        [message] = session.scalars(select(OutboxMessage))
        assert (message.error, message.sent_at, message.attempts) == ("too_old", None, 0)


def test_a_calendar_that_was_connected_before_can_be_disconnected(filled):
    database, _ = filled
    migrate(database.engine, "0009")
    schema = MetaData()
    with database.engine.begin() as connection:
        schema.reflect(connection)
        if database.is_sqlite:
            _name_ids(schema)
        own = {"resource": {"kind": "room", "pool_id": None}, "external_calendar": {"approvals": {"1": "never"}}}
        for name, values in own.items():
            table = schema.tables[name]
            row = {column.name: VALUES[column.type.python_type] for column in table.columns}
            connection.execute(insert(table).values(row | values))
    migrate(database.engine)
    with database.read() as session:
        assert session.scalars(select(ExternalCalendar.approvals)).all() == [{}]


def test_the_visits_between_places_of_a_month_that_is_closed_already_are_counted(filled):
    database, rows = filled
    migrate(database.engine, "0010")
    schema = MetaData()
    with database.engine.begin() as connection:
        schema.reflect(connection, only=["visit", "month_version"])
        if database.is_sqlite:
            _name_ids(schema)
        [visit] = [row for table, row in rows.items() if table.name == "visit"]  # whose first revision is void
        for revision, at_home in ((1, False), (2, False), (3, True)):
            posted = {"revision": revision, "at_home": at_home, "posted_month": "2026-09"}
            connection.execute(insert(schema.tables["visit"]).values(visit | posted))
        version = {"month": "2026-09", "published_at": AT, "sha256": "", "moves_money": False, "frozen": {}}
        for number, reason in ((1, "first"), (2, "closed")):
            connection.execute(
                insert(schema.tables["month_version"]).values(version | {"number": number, "reason": reason})
            )
    migrate(database.engine)
    with database.read() as session:
        found = session.scalars(select(MonthVersion.visits).order_by(MonthVersion.number)).all()
    assert found == [None, 2]
    with pytest.raises(DatabaseError, match="is append-only"), database.write() as session:
        session.execute(text("UPDATE month_version SET visits = 3"))


def test_a_downgrade_goes_well_where_two_places_had_one_bank_statement_read(filled):
    database, rows = filled
    migrate(database.engine)
    [place] = [row for table, row in rows.items() if table.name == "place"]
    with database.write() as session:
        session.add(Place(**place | {"id": UUID(int=2), "code": "2"}))
        session.flush()
        for number in (1, 2):
            key = UUID(int=number)
            said = {"iban_end": "1", "imported_at": AT, "entries": 1, "matched": 1}
            session.add(BankImport(id=key, place_id=key, sha256="1", **said))
    downgrade(database.engine, "0010")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM bank_import")) == 1


def test_a_downgrade_keeps_why_a_check_in_was_undone(filled):
    database, _ = filled
    migrate(database.engine)
    downgrade(database.engine, "0004")
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT reason FROM check_in_undo")).all() == ["1"]
    with pytest.raises(DatabaseError, match="is append-only"), database.write() as session:
        session.execute(text("UPDATE check_in_undo SET reason = ''"))


def test_a_downgrade_to_the_first_schema_keeps_the_rows_too(filled):
    database, rows = filled
    migrate(database.engine)
    downgrade(database.engine, "0001")
    with database.engine.connect() as connection:
        for table in rows:
            assert len(connection.execute(select(table.primary_key.columns)).all()) == 1, table.name
