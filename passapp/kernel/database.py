"""The database: SQLite and PostgreSQL, one session and one transaction per request.

A reading request gets a read-only transaction. A writing request gets ``BEGIN IMMEDIATE`` on SQLite (a deferred one
ends in "database is locked") and first passes a gate that admits fewer writers than there are threads: the rest
queue without holding the threads that the admitted ones need to finish.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import anyio
from fastapi import Depends, Request
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Pool,
    QueuePool,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITERS_ADMITTED = 4
CONNECTIONS = 30


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses values without a zone; always gives UTC back, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC. Raises ``ValueError`` for a naive value."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a stored instant needs a time zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Read UTC."""
        _ = coltype
        # In one step each: a page reads thousands of instants.
        if dialect.name == "sqlite":
            return lambda text: None if text is None else datetime.fromisoformat(text + "Z")
        return lambda value: None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table. Names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[Any]: JSON()}  # noqa: RUF012


class Database:
    """The engine of one deployment, and its sessions."""

    def __init__(self, url: str, *, poolclass: type[Pool] | None = None) -> None:
        """Connect lazily to ``url``; nothing is opened before the first session."""
        # Parameters are people's names and addresses: an error in the log must not show them.
        options: dict[str, Any] = {"poolclass": poolclass or QueuePool, "hide_parameters": True}
        if options["poolclass"] is QueuePool:
            options |= {"pool_size": CONNECTIONS, "max_overflow": 10, "pool_timeout": 30}
        self.engine: Engine = create_engine(url, **options)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            _let_sqlite_behave(self.engine)
        else:
            _have_utc_told(self.engine)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(
            self.engine.execution_options(passapp_read_only=True, postgresql_readonly=True),
            expire_on_commit=False,
        )
        # One writer at a time on SQLite: its own busy handler is unfair and lets some wait for seconds.
        self.writers = anyio.CapacityLimiter(1 if self.is_sqlite else WRITERS_ADMITTED)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One writing transaction: committed at the end, rolled back by an exception."""
        with self._write.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One read-only transaction."""
        with self._read() as session:
            yield session

    @property
    def connections_in_use(self) -> int:
        """How many of the pool's connections a transaction holds now."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def _have_utc_told(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401  (a driver's own type)
        # Whatever the server's zone, values are the same; of this one they are read in a fifth of the time.
        connection.execute("SET TIME ZONE 'UTC'")
        connection.commit()


def _let_sqlite_behave(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401  (a driver's own type)
        connection.isolation_level = None  # we say BEGIN ourselves
        # synchronous=FULL: a door forgets a scan once we have answered, so what we answered must survive a power cut.
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=20000", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("passapp_read_only", False)
        if connection.info.get("query_only", False) != read_only:  # it stays so for the life of the connection
            connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
            connection.info["query_only"] = read_only
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


async def _admit(request: Request) -> AsyncIterator[None]:
    """Hold a writing request back until there is room for one more writer."""
    if request.method in READ_METHODS:
        yield
        return
    async with request.app.state.database.writers:
        yield


def _session(request: Request, _admitted: Annotated[None, Depends(_admit, scope="function")]) -> Iterator[Session]:
    """One transaction for the request, committed before the answer leaves."""
    database: Database = request.app.state.database
    with database.read() if request.method in READ_METHODS else database.write() as session:
        yield session


# scope="function": with FastAPI's default the commit would come after the response, and a failed one follow a 200.
SessionDep = Annotated[Session, Depends(_session, scope="function")]


def insert_unless_there(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Insert rows; leave out those that a unique constraint refuses because somebody else was faster.

    Gives the primary keys of those that were inserted: tuples where they have several columns. Rows wait for others' in
    the order given.
    """
    if not rows:
        return set()
    insert = _insert_unless_there(model, session.get_bind().dialect.name)
    inserted = session.connection().execute(insert, list(rows))
    return {key[0] if len(key) == 1 else tuple(key) for key in inserted}


@lru_cache
def _insert_unless_there(model: type[Base], dialect: str) -> Any:  # noqa: ANN401  (an insert of either dialect)
    """Made once: a door waits. The table, not the class: rows may be hundreds, and no object has to know of them."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(model.__table__)
    return insert.on_conflict_do_nothing().returning(*model.__table__.primary_key)
