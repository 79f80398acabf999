"""Counting SQL statements: what is silly comes back quietly."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from passapp.kernel.database import Database

_NOT_COUNTED = ("BEGIN", "PRAGMA")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements sent within, in order; those that only open a transaction apart (psycopg says no BEGIN either)."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(_NOT_COUNTED):
            sent.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
