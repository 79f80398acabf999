"""What is periodic: chores, done by ``passapp tick`` and, once a minute, by ``passapp serve``.

A chore is idempotent and says first how much there is to do, in a reading transaction: most of the time nothing, and
then nobody is kept waiting. On PostgreSQL an advisory lock, on SQLite its one writer, lets one process at a time do a
chore, however many servers and timers there are.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Final
from zlib import crc32

from sqlalchemy import ColumnElement, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from passapp.kernel.database import Base, Database

EVERY = 60.0
"""Seconds from the end of one round to the beginning of the next."""

_log = logging.getLogger("passapp.tick")

PARTLY_FAILED: Final = object()
"""What ``Chore.do`` gives where some of it failed and was logged: what else it did stays, and the chore has failed."""


class FailedChore(Base):
    """A chore that failed whenever it was done ``since`` then; no row: it went well. For whoever runs the server."""

    __tablename__ = "failed_chore"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[datetime]


class _AtItElsewhere(Exception):
    """Another process does this chore now: whether it goes well, that one says."""


@dataclass(frozen=True)
class Chore:
    """One thing to do: ``waiting`` counts what there is to do at an instant, ``do`` does it, in one transaction.

    ``do`` raises, and nothing is done, or gives :data:`PARTLY_FAILED`.
    """

    waiting: Callable[[Session, datetime], int]
    do: Callable[[Session, datetime], object]


@dataclass(frozen=True)
class Errand:
    """A chore that speaks with another machine, which no transaction may wait for.

    ``run`` opens its own, sees to it that two who run it at once do no harm, and gives how much it did.
    """

    waiting: Callable[[Session, datetime], int]
    run: Callable[[Database, datetime], int]


def forgetting(model: type[Base], is_over: Callable[[datetime], ColumnElement[bool]]) -> Chore:
    """A chore that deletes the rows of ``model`` whose time is over at an instant."""

    def waiting(session: Session, now: datetime) -> int:
        return session.scalar(select(func.count()).select_from(model).where(is_over(now))) or 0

    return Chore(waiting, lambda session, now: session.execute(delete(model).where(is_over(now))))


def tick(
    database: Database, chores: Mapping[str, Chore | Errand], *, now: datetime, dry_run: bool = False
) -> dict[str, int | None]:
    """Do each chore that has something to do. Gives how much each did (would do, with ``dry_run``).

    None for a chore that failed: that is logged and written down, and keeps none of the others from being done.
    """
    done: dict[str, int | None] = {}
    elsewhere = set()
    for name, chore in chores.items():
        try:
            done[name] = _attempt(database, name, chore, now, dry_run=dry_run)
        except _AtItElsewhere:
            done[name] = 0
            elsewhere.add(name)
    if not dry_run:
        _write_down(database, {name: done[name] for name in done.keys() - elsewhere}, now)
    return done


def failed_chores(session: Session) -> dict[str, datetime]:
    """The chores that failed when they were done last, and since when they do."""
    return {row.name: row.since for row in session.scalars(select(FailedChore))}


def _write_down(database: Database, done: Mapping[str, int | None], now: datetime) -> None:
    failed = {name for name, count in done.items() if count is None}
    try:
        with database.read() as session:
            known = failed_chores(session).keys() & done.keys()
        if failed == known:
            return
        with database.write() as session:
            session.execute(delete(FailedChore).where(FailedChore.name.in_(known - failed)))
            for name in sorted(failed - known):
                session.merge(FailedChore(name=name, since=now))
    except Exception:  # noqa: BLE001  (where the database does not answer, that is what is wrong)
        _log.exception("failed chores not written down")


def _attempt(database: Database, name: str, chore: Chore | Errand, now: datetime, *, dry_run: bool) -> int | None:
    try:
        with database.read() as session:
            found = chore.waiting(session, now)
        if dry_run or not found:
            return found
        done = _do(database, name, chore, now) if isinstance(chore, Chore) else chore.run(database, now)
        if done is None:
            _log.error("chore failed", extra={"chore": name})
    except _AtItElsewhere:
        raise
    except Exception:  # noqa: BLE001  (whatever it is: the server goes on, and so do the other chores)
        _log.exception("chore failed", extra={"chore": name})
        return None
    if done:
        _log.info("chore done", extra={"chore": name, "count": done})
    return done


def _do(database: Database, name: str, chore: Chore, now: datetime) -> int | None:
    with database.write() as session:
        if not database.is_sqlite and not session.scalar(select(func.pg_try_advisory_xact_lock(*_lock_of(name)))):
            raise _AtItElsewhere
        # Counted again: another process may have done it since.
        found = chore.waiting(session, now)
        if found and chore.do(session, now) is PARTLY_FAILED:
            return None
    return found


def hold_off(session: Session, names: Iterable[str]) -> None:
    """Have these chores wait until the transaction ends, which deletes what they may delete too."""
    if session.get_bind().dialect.name != "sqlite":
        for name in sorted(names):
            session.execute(select(func.pg_advisory_xact_lock(*_lock_of(name))))


def _lock_of(name: str) -> tuple[int, int]:
    return crc32(b"passapp"), crc32(name.encode()) - 2**31


@contextmanager
def ticking(
    database: Database, chores: Mapping[str, Chore | Errand], clock: Callable[[], datetime], *, every: float = EVERY
) -> Iterator[None]:
    """Do the chores in a thread of its own, now and then every so many seconds, until the block ends."""
    stop = Event()

    def go_on() -> None:
        while True:
            tick(database, chores, now=clock())
            if stop.wait(every):
                return

    thread = Thread(target=go_on, name="tick", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=EVERY)
