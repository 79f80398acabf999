"""Engines for one database after the other, of which each goes on with the statements that the last one compiled.

SQLAlchemy compiles a statement once an engine; a test has an engine of its own, and would spend half of its time on
statements that the test before it compiled. Nothing else is shared. Nor does a test wait for the disk: what SQLite has
written need not survive a power cut.
"""

from typing import Any, Final

import sqlalchemy
from sqlalchemy import Engine, event

KEPT: Final = 3000
"""Statements, more than Passapp has: an engine of one deployment keeps 500, of those that are used most."""
_first: dict[str, Engine] = {}


def create_engine(url: str, **options: Any) -> Engine:
    """An engine like any other, made by ``sqlalchemy.create_engine``."""
    engine = sqlalchemy.create_engine(url, query_cache_size=KEPT, **options)
    name = engine.dialect.name
    if name == "sqlite":
        event.listen(engine, "checkout", _does_not_wait_for_the_disk)
    if name in _first:
        # Compiled statements are found by their dialect, too: it has to be the same one.
        engine.dialect = engine.pool._dialect = _first[name].dialect
        engine._compiled_cache = _first[name]._compiled_cache
    else:

        @event.listens_for(engine, "connect", once=True)
        def _knows_its_server(*_: object) -> None:
            _first.setdefault(name, engine)

    return engine


def _does_not_wait_for_the_disk(connection: Any, record: Any, _proxy: object) -> None:
    """After what Passapp asks of a new connection: `synchronous=FULL`."""
    if "unsynchronised" not in record.info:
        connection.execute("PRAGMA synchronous=OFF")
        record.info["unsynchronised"] = True
