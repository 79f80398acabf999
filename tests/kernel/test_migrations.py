"""The schema is what the migrations make of an empty database, on both engines."""

from datetime import date
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, inspect, select, text
from sqlalchemy.exc import DatabaseError

from passapp.accounts.rules import Role
from passapp.bookings.models import BookingCorrection
from passapp.door.models import CheckIn, CheckInUndo, Visit, VisitVoid
from passapp.kernel.audit import AuditEntry
from passapp.kernel.database import Base, Database
from passapp.kernel.migrations import _config, downgrade, is_up_to_date, migrate
from passapp.network.models import ConventionVersion
from passapp.settlement.contests.models import BookingCreditRow, Contest, ContestBooking, ContestVisit, CreditRow
from passapp.settlement.details.models import ClosedDetails
from passapp.settlement.files.models import Invoice
from passapp.settlement.months.models import MonthVersion, Statement
from passapp.settlement.months.versions import publish
from passapp.settlement.payments.models import FundDistribution, FundShare
from tests.bookings.rooms import book, room

APPEND_ONLY = (
    AuditEntry,
    BookingCorrection,
    BookingCreditRow,
    CheckIn,
    CheckInUndo,
    ClosedDetails,
    ContestBooking,
    ContestVisit,
    ConventionVersion,
    CreditRow,
    FundDistribution,
    FundShare,
    Invoice,
    MonthVersion,
    Statement,
    Visit,
    VisitVoid,
)


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
    booked = book(world, room(world), world.member())
    undo = door.post(f"/api/v1/check-ins/{answer['check_in_id']}/undo", json={"reason": "erreur"})
    assert undo.status_code == 200
    with world.database.write() as session:
        session.add(ClosedDetails(month="2026-10", place_id=world.hangar.id, said={}))
        session.add(_invoice(world.hangar, world.moulin))
        given = FundDistribution(posted_month="2026-11", amount_cents=1, weights="equal", at=world.now)
        session.add(given)
        session.flush()
        session.add(FundShare(distribution_id=given.id, place_id=world.hangar.id, weight=1, amount_cents=1))
        publish(session, world.settings.keys_dir, "2026-11", at=world.now)
        _report(session, world, booked)
    return world


def _report(session, world, booked):
    """An error in the visit and in a booking, which were given back."""
    contest = Contest(
        month="2026-11",
        home_id=world.hangar.id,
        host_id=world.moulin.id,
        place_id=world.hangar.id,
        made_by=uuid4(),
        made_at=world.now,
        reason="other",
        state="open",
        answer_by=date(2026, 12, 8),
        decide_by=date(2026, 12, 22),
    )
    session.add(contest)
    session.flush()
    visit = session.scalars(select(Visit)).one()
    session.add(ContestVisit(contest_id=contest.id, visit_id=visit.id, revision=visit.revision))
    session.add(
        CreditRow(
            posted_month="2026-11",
            contest_id=contest.id,
            visit_id=visit.id,
            home_id=world.hangar.id,
            host_id=world.moulin.id,
            origin="2026-10",
            convention=1,
            vat_basis_points=0,
            amount_cents=1,
        )
    )
    when = world.now.date()
    session.add(
        ContestBooking(contest_id=contest.id, booking_id=booked, local_date=when, is_cancelled=False, amount_cents=1)
    )
    session.add(BookingCorrection(booking_id=booked, month="2026-11", cents=0, at=world.now))
    session.add(
        BookingCreditRow(
            posted_month="2026-11",
            contest_id=contest.id,
            booking_id=booked,
            home_id=world.hangar.id,
            host_id=world.moulin.id,
            origin="2026-10",
            vat_basis_points=0,
            amount_cents=1,
        )
    )


def _invoice(host, home):
    return Invoice(
        issuer_place_id=host.id,
        seller_siren="552081317",
        number="PASS-2026-0001",
        month="2026-10",
        host_id=host.id,
        home_id=home.id,
        kind="invoice",
        issued_on=date(2026, 11, 18),
        due_on=date(2026, 12, 18),
        parties={},
        net_cents=1,
        vat_cents=0,
        total_cents=1,
    )


@pytest.mark.parametrize("deed", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_database_refuses_to_change_or_delete_an_append_only_row(filled, deed):
    for table in (model.__table__ for model in APPEND_ONLY):
        with filled.session() as session:
            before = session.execute(select(table)).all()
        assert before, table.name
        with (
            pytest.raises(DatabaseError, match=f"{table.name} is append-only"),
            filled.database.write() as session,
        ):
            session.execute(text(deed.format(table.name, table.primary_key.columns[0].name)))
        with filled.session() as session:
            assert session.execute(select(table)).all() == before, table.name


def test_postgresql_refuses_to_empty_an_append_only_table_too(filled):
    if filled.database.is_sqlite:  # has no TRUNCATE: a DELETE without WHERE, above, is the same
        return
    for model in APPEND_ONLY:
        with pytest.raises(DatabaseError, match="is append-only"), filled.database.write() as session:
            session.execute(text(f"TRUNCATE {model.__tablename__} CASCADE"))
