"""PostgreSQL databases for one test after the other: emptied, which takes a tenth of what making one takes.

Only rows are taken out. A database whose tables, guards, functions or statistics are no longer those of the template is
thrown away, and so is each one now and then, before what was deleted in it slows it down.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import URL

MOST_TESTS: Final = 100

# Every change of a row has a number of its own; nothing of PostgreSQL itself is below 16384.
LAID_OUT: Final = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalogue} WHERE {number} >= 16384"
    for catalogue, number in (
        ("pg_class", "oid"),
        ("pg_attribute", "attrelid"),
        ("pg_attrdef", "oid"),
        ("pg_constraint", "oid"),
        ("pg_index", "indexrelid"),
        ("pg_proc", "oid"),
        ("pg_trigger", "oid"),
    )
)
# What ANALYZE remembers of rows that are gone would choose other plans.
REMEMBERED: Final = "SELECT count(*), sum(relpages + reltuples)::bigint FROM pg_class WHERE oid >= 16384"
AS_IT_WAS: Final = f"{LAID_OUT} UNION ALL {REMEMBERED}"
OTHERS_END: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# Rows that were ever written, those taken back included, as counted by whoever wrote them: all told once they ended.
WRITTEN: Final = "SELECT relname, pg_stat_get_tuples_inserted(oid) FROM pg_class WHERE oid >= 16384 AND relkind = 'r'"
AS_COUNTED: Final = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"


def plain(url: URL) -> str:
    """The address as psycopg reads it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


class _Database(NamedTuple):
    name: str
    laid_out: list[Any]
    written: dict[str, int]
    tests: int = 0


class Databases:
    """The databases of one worker, copied from a migrated template."""

    def __init__(self, url: URL, template: str) -> None:
        self._url, self._template = url, template
        self._open = ExitStack()
        self._server = self._open.enter_context(psycopg.connect(plain(url), autocommit=True))
        self._free: list[_Database] = []
        with self._connected(template) as connection:
            if connection.execute("SHOW track_counts").fetchall() != [("on",)]:
                message = "the tests' PostgreSQL has to count what is written: track_counts = on"
                raise RuntimeError(message)
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            self._filled = [name for (name,) in tables if _rows(connection, [name])]
            self._tables = [name for (name,) in tables if name not in self._filled]
            self._content = self._filled_with(connection)

    def close(self) -> None:
        """Throw all away."""
        for database in self._free:
            self._drop(database.name)
        self._open.close()

    @contextmanager
    def lent(self) -> Iterator[str]:
        """A database with no row but those of the template, for one test: the address for SQLAlchemy."""
        name = f"test_{uuid4().hex}"
        if self._free:
            # Under another name, so that nobody who knew it before finds it.
            database = self._free.pop()
            self._do("ALTER DATABASE {} RENAME TO {}", database.name, name)
            database = database._replace(name=name)
        else:
            self._do("CREATE DATABASE {} TEMPLATE {}", name, self._template)
            with self._connected(name) as connection:
                database = _Database(name, connection.execute(AS_IT_WAS).fetchall(), _written(connection))
        yield self._url.set(database=name).render_as_string(hide_password=False)
        if database.tests + 1 < MOST_TESTS and (emptied := self._emptied(database)):
            self._free.append(emptied)
        else:
            self._drop(name)

    def _emptied(self, database: _Database) -> _Database | None:
        """The database, if it is as the template was now that its rows are gone."""
        with self._connected(database.name) as connection:
            connection.execute(OTHERS_END)
            if connection.execute(AS_IT_WAS).fetchall() != database.laid_out:
                return None
            written = _written(connection)
            connection.execute("SET session_replication_role = replica")  # guards would refuse
            for table in self._tables:
                if written[table] != database.written[table]:
                    connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
            connection.execute(AS_COUNTED)
            if self._filled_with(connection) != self._content:
                return None
            return database._replace(written=written, tests=database.tests + 1)

    def _filled_with(self, connection: psycopg.Connection[Any]) -> list[Any]:
        every = SQL("SELECT * FROM {}")
        return [connection.execute(every.format(Identifier(name))).fetchall() for name in self._filled]

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(plain(self._url.set(database=name)), autocommit=True)

    def _do(self, statement: Any, *names: str) -> None:
        self._server.execute(SQL(statement).format(*map(Identifier, names)))

    def _drop(self, name: str) -> None:
        self._do("DROP DATABASE {} WITH (FORCE)", name)


def _written(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows were ever written, by table."""
    return dict(connection.execute(WRITTEN).fetchall())


def _rows(connection: psycopg.Connection[Any], tables: list[str]) -> list[str]:
    """Those of the tables that have any."""
    one = SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    asked = SQL(" UNION ALL ").join(one.format(Literal(each), Identifier(each)) for each in tables)
    return [name for (name,) in connection.execute(asked).fetchall()]
