"""No double booking, ever: the database refuses two claims of one resource that overlap (booking.md 7 to 9).

Alembic's ``batch_alter_table`` drops triggers silently: every migration that touches ``claim`` calls
:func:`guard_claims` as its last step. The application asks :func:`check_guard` when it starts.
"""

from datetime import UTC, datetime
from typing import Final

from alembic.operations import Operations
from sqlalchemy import Connection, UpdateBase, insert, update
from sqlalchemy.exc import DBAPIError

from passapp.bookings.models import Claim, ClaimKind
from passapp.kernel.database import Base, Database
from passapp.kernel.ids import new_id

OVERLAP: Final = "claim_overlaps"
"""The name of the guard on PostgreSQL, and what SQLite's trigger says."""

_OVERLAPPING: Final = """
    SELECT 1 FROM claim
    WHERE resource_id = NEW.resource_id AND released_at IS NULL AND id <> NEW.id
      AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
"""


class Unguarded(Exception):
    """The database let two claims of one resource overlap: nothing may be booked in it."""


def guard_claims(op: Operations) -> None:
    """Have the database refuse an overlapping claim; repeatable."""
    drop_guard(op)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {OVERLAP}_{verb.lower()} BEFORE {verb} ON claim "
                f"WHEN NEW.released_at IS NULL AND EXISTS ({_OVERLAPPING}) "
                f"BEGIN SELECT RAISE(ABORT, '{OVERLAP}'); END"
            )
        return
    # The id as a range of one: servers shipped as wheels have no btree_gist.
    op.execute(
        f"ALTER TABLE claim ADD CONSTRAINT {OVERLAP} EXCLUDE USING gist ("
        "int8range(resource_id, resource_id, '[]') WITH &&, tstzrange(starts_at, ends_at, '[)') WITH &&"
        ") WHERE (released_at IS NULL)"
    )


def drop_guard(op: Operations) -> None:
    """Remove the guard, where there is one."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER IF EXISTS {OVERLAP}_{verb}")
        return
    op.execute(f"ALTER TABLE claim DROP CONSTRAINT IF EXISTS {OVERLAP}")


def is_overlap(error: DBAPIError) -> bool:
    """Whether the guard refused it."""
    return OVERLAP in str(error.orig)


def check_guard(database: Database) -> None:
    """Try to book one resource twice, and roll it back. Raises ``Unguarded`` where that works."""
    with database.engine.connect() as connection:
        try:
            if _lets_overlap(connection):
                raise Unguarded("the database does not refuse to book a room twice")
        finally:
            connection.rollback()


def _lets_overlap(connection: Connection) -> bool:
    """Whether one of two claims side by side can be moved over the other, or a third made there."""
    # Of a resource that there is not: nobody's claim can stand in its way.
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON" if is_sqlite else "SET CONSTRAINTS ALL DEFERRED")
    claim = Base.metadata.tables[Claim.__tablename__]
    first, between, last = (datetime(2000, 1, 1, hour, tzinfo=UTC) for hour in (0, 1, 2))
    rows = [
        {"id": new_id(), "resource_id": -1, "kind": ClaimKind.CLOSURE, "starts_at": starts_at, "ends_at": ends_at}
        for starts_at, ends_at in ((first, between), (between, last), (first, last))
    ]
    connection.execute(insert(claim), rows[:2])
    moved = update(claim).where(claim.c.id == rows[1]["id"]).values(starts_at=first)
    return any(_lets(connection, each) for each in (insert(claim).values(rows[2]), moved))


def _lets(connection: Connection, overlapping: UpdateBase) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(overlapping)
    except DBAPIError as error:
        return not is_overlap(error)
    return True
