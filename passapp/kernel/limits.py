"""How often something may be tried: counted in the database, so that all workers count together.

A window begins with the first try and ends after so many minutes; the count then begins again. Keys hold a hash of what
is counted: enough to keep e-mail and network addresses out of sight, not to hide them from somebody who has the table
and tries them all. Rows outlive their window until the next chore, a minute at most while the server runs.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from sqlalchemy import String, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from passapp.kernel.api import NowDep
from passapp.kernel.database import Base, Database
from passapp.kernel.problems import Problem, ProblemType

TOO_MANY_TRIES = ProblemType(
    "too_many_tries",
    429,
    en="Too many tries. Wait {minutes} min, then try again.",
    fr="Trop d'essais. Patientez {minutes} min, puis réessayez.",
)


class RateCount(Base):
    """So many tries under one key, until a window ends."""

    __tablename__ = "rate_count"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime]


def network_address(request: Request) -> str | None:
    """Where the request comes from, if that is an address at all: a proxy passes on what it was told."""
    try:
        return str(ip_address(request.client.host)) if request.client else None
    except ValueError:
        return None


def counted_network(address: str | None) -> str:
    """Whom a network address counts for: itself, or the /64 of an IPv6 address, which one household has to itself.

    Where there is no address, everybody counts together: nobody gets round a limit by hiding where they are.
    """
    if address is None:
        return "unknown"
    ip = ip_address(address)
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))


def count_try(session: Session, purpose: str, subject: str, *, times: int, minutes: int, now: datetime) -> bool:
    """Count one more try of ``subject``; whether it is still one of the ``times`` allowed within ``minutes``.

    Part of the caller's transaction: a try that is rolled back is not counted.
    """
    return _count(session, _key(purpose, subject), timedelta(minutes=minutes), now).count <= times


def limited(
    purpose: str,
    *,
    times: int,
    minutes: int,
    failures_only: bool = False,
    by: Callable[[Request], str | None] | None = None,
) -> Any:  # noqa: ANN401  (as FastAPI)
    """First among a route's ``dependencies``: at most ``times`` within ``minutes`` from one network address.

    ``failures_only``: only what is answered with a problem counts. ``by``: what to count by instead, where the request
    says it; then a failure of who turns out to be unknown does not count: they could say another each time, and
    each would be a row. Raises ``too_many_tries``.
    """
    limit = _Limit(purpose, times, timedelta(minutes=minutes), failures_only=failures_only, by=by)
    return Depends(limit, scope="function")


def has_limit(dependencies: list[Dependency]) -> bool:
    """Whether a limit stands among a route's dependencies."""
    return any(isinstance(dependency.dependency, _Limit) for dependency in dependencies)


class _Limit:
    """Counts in transactions of its own, before and after the request's: a refused try is rolled back, but counts."""

    def __init__(
        self,
        purpose: str,
        times: int,
        window: timedelta,
        *,
        failures_only: bool,
        by: Callable[[Request], str | None] | None,
    ) -> None:
        self.purpose = purpose
        self.times = times
        self.window = window
        self.failures_only = failures_only
        self.by = by

    async def __call__(self, request: Request, now: NowDep) -> AsyncIterator[None]:
        database: Database = request.app.state.database
        subject = self.by(request) if self.by else None
        key = _key(self.purpose, subject or counted_network(network_address(request)))
        # A reader's work: who goes on asking after a refusal keeps no writer waiting.
        self._check(await run_sync(_counted, database, key), self.times - 1, now)
        if not self.failures_only:
            self._check(await self._count(database, key, now), self.times, now)
            yield
            return
        try:
            yield
        except Problem as problem:
            if self.by and problem.kind.status == HTTPStatus.UNAUTHORIZED:
                raise
            await self._count(database, key, now)
            raise

    async def _count(self, database: Database, key: str, now: datetime) -> RateCount:
        def count() -> RateCount:
            with database.write() as session:
                return _count(session, key, self.window, now)

        async with database.writers:
            return await run_sync(count)

    @staticmethod
    def _check(counted: RateCount | None, allowed: int, now: datetime) -> None:
        if counted is None or counted.count <= allowed or counted.until <= now:
            return
        seconds = ceil((counted.until - now).total_seconds())
        raise TOO_MANY_TRIES.error(minutes=ceil(seconds / 60), headers={"Retry-After": str(seconds)})


def _key(purpose: str, subject: str) -> str:
    return f"{purpose}:{hashlib.sha256(f'{purpose}:{subject}'.encode()).hexdigest()}"


def _counted(database: Database, key: str) -> RateCount | None:
    with database.read() as session:
        return session.get(RateCount, key)


def _count(session: Session, key: str, window: timedelta, now: datetime) -> RateCount:
    """One more try, in one statement: of two at the same moment, neither is forgotten."""
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(RateCount)
    is_over = RateCount.until <= now
    counted = insert.values(key=key, count=1, until=now + window).on_conflict_do_update(
        index_elements=[RateCount.key],
        set_={
            "count": case((is_over, 1), else_=RateCount.count + 1),
            "until": case((is_over, now + window), else_=RateCount.until),
        },
    )
    count, until = session.execute(counted.returning(RateCount.count, RateCount.until)).one()
    return RateCount(key=key, count=count, until=until)
