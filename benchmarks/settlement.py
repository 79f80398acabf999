"""How long it takes to rate a month of a large network, beside the bare SQL aggregate of the same rows.

    .venv/bin/python -m benchmarks.settlement            # 1,000 places, 200,000 members, 10 million visits
    .venv/bin/python -m benchmarks.settlement --quick    # a fiftieth of that

Fills an empty database of its own (SQLite, then a PostgreSQL server that it starts) with a year of visits, and settles
one month of it, several times in turn with the aggregate. The figures of one run may be compared with one another, not
with those of another machine.
"""

import argparse
import io
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import insert, text

from benchmarks.servers import postgresql
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate
from passapp.network.service import found_network, publish_convention
from passapp.places.models import Place
from passapp.settlement.service import settle_month

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MONTH = "2026-06"
AT_HOME = 0.28  # of all visits: about 600,000 of 833,000 a month are made elsewhere
RULES: dict[str, Any] = {
    "schema": 1,
    "unit": "visit",
    "money": True,
    "tariff": [
        {"when": {"host_class": ["subsidised"]}, "rate_cents": 300},
        {"when": {"plan": ["JOUR"], "zone": ["Europe/Paris"]}, "rate_cents": 400},
        {"when": {}, "rate_cents": 500},
    ],
    "allowance": 2,
    "cap": 8,
    "fund_basis_points": 500,
    "netting": "multilateral",
    "review_days": 15,
}
AGGREGATE = text(
    "SELECT home_id, host_id, plan, host_class, zone, convention_version, at_home, count(*), sum(units) FROM visit "
    "LEFT JOIN visit_void ON visit_void.visit_id = visit.id AND visit_void.revision = visit.revision "
    "WHERE posted_month = :month AND visit_void.visit_id IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"
)
COLUMNS = (
    "id, revision, visitor_key, home_id, host_id, plan, host_class, zone, convention_version, at_home, units, "
    "local_date, opened_at, received_at, posted_month"
)


@dataclass(frozen=True)
class Size:
    """How large the network is."""

    places: int = 1_000
    members: int = 200_000
    visits: int = 10_000_000


def found(database: Database, size: Size) -> list[UUID]:
    """The network, its rules with money and its places."""
    rng = Random(1)
    with database.write() as session:
        found_network(session, "BANC", "Banc d'essai", locale="fr", at=NOW, actor=SYSTEM)
        before = datetime(2025, 1, 1, tzinfo=UTC)
        document = RULES | {"tariff": [RULES["tariff"][0], RULES["tariff"][2]]}
        publish_convention(session, document, starts_on=date(2025, 6, 1), at=before, actor=SYSTEM)
        ids = [UUID(int=rng.getrandbits(128)) for _ in range(size.places)]
        rows = [
            {
                "id": key,
                "code": f"lieu-{n:04}",
                "name": f"Lieu {n}",
                "kind": "coworking",
                "town": "Caen",
                "postcode": "14000",
                "zone": "Europe/Paris",
                "country": "FR",
                "closed_on_holidays": True,
                "has_door": True,
                "host_class": "subsidised" if n % 5 == 0 else "standard",
                "services": [],
                "joined_on": date(2020, 1, 1),
                "search_key": f"lieu {n}",
                "version": 1,
            }
            for n, key in enumerate(ids)
        ]
        session.execute(insert(Place), rows)
    return ids


def visits(size: Size, places: list[UUID]) -> Iterator[tuple[Any, ...]]:
    """The month's visits. Everybody has three places that they go to; nobody is twice at one place on one day."""
    rng = Random(2)
    homes = [rng.randrange(size.places) for _ in range(size.members)]
    usual = [[rng.randrange(size.places) for _ in range(3)] for _ in range(size.members)]
    first = datetime.strptime(MONTH, "%Y-%m").replace(tzinfo=UTC)
    seen: set[tuple[int, int, int]] = set()
    while len(seen) < size.visits // 12:
        member, day = rng.randrange(size.members), rng.randrange(28)
        host = homes[member] if rng.random() < AT_HOME else usual[member][rng.randrange(3)]
        if (member, host, day) in seen:
            continue
        seen.add((member, host, day))
        at = first + timedelta(days=day, minutes=rng.randrange(7 * 60, 20 * 60))
        yield (
            UUID(int=rng.getrandbits(128)),
            0,
            UUID(int=member + 1),
            places[homes[member]],
            places[host],
            "JOUR" if member % 3 == 0 else "TOUT",
            "subsidised" if host % 5 == 0 else "standard",
            "Europe/Paris",
            2,
            host == homes[member],
            1,
            at.date(),
            at,
            at,
            MONTH,
        )


def other_months(random_id: str, other_visitor: str) -> list[str]:
    """SQL that copies the month eleven times into other months, under other ids: they only have to be there."""
    same = COLUMNS.removeprefix("id, revision, visitor_key, ").removesuffix(", posted_month")
    return [
        f"INSERT INTO visit ({COLUMNS}) SELECT {random_id}, 0, {other_visitor.format(n)}, {same}, '2025-{n + 1:02}' "  # noqa: S608
        f"FROM visit WHERE posted_month = '{MONTH}'"
        for n in range(11)
    ]


def fill_sqlite(file: Path, rows: Iterator[tuple[Any, ...]]) -> None:
    """Insert without the check-ins that visits come from: settlement does not read them."""
    marks = ", ".join("?" * len(COLUMNS.split(", ")))
    with sqlite3.connect(file) as connection:
        for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-1000000"):
            connection.execute(f"PRAGMA {pragma}")
        stored = (tuple(map(_stored, row)) for row in rows)
        connection.executemany(f"INSERT INTO visit ({COLUMNS}) VALUES ({marks})", stored)  # noqa: S608
        for statement in other_months("lower(hex(randomblob(16)))", "printf('%02x', {} + 1) || substr(visitor_key, 3)"):
            connection.execute(statement)
    connection.close()


def _stored(value: object) -> object:
    """As SQLAlchemy stores it in SQLite."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def fill_postgresql(url: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """The same. The two unique indexes are made afterwards, as a restored backup's would be."""
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("ALTER TABLE visit_void DROP CONSTRAINT fk_visit_void_visit_id_revision_visit")
        connection.execute("ALTER TABLE visit DROP CONSTRAINT pk_visit, DROP CONSTRAINT uq_visit_day")
        with connection.cursor().copy(f"COPY visit ({COLUMNS}) FROM STDIN") as copy:
            lines = io.StringIO()
            for n, row in enumerate(rows):
                lines.write("\t".join(map(str, row)) + "\n")
                if n % 10_000 == 0:
                    copy.write(lines.getvalue())
                    lines = io.StringIO()
            copy.write(lines.getvalue())
        for statement in other_months("gen_random_uuid()", "md5(visitor_key::text || '{}')::uuid"):
            connection.execute(statement)
        connection.execute("ALTER TABLE visit ADD CONSTRAINT pk_visit PRIMARY KEY (id, revision)")
        unique = "UNIQUE (visitor_key, host_id, local_date, revision)"
        connection.execute(f"ALTER TABLE visit ADD CONSTRAINT uq_visit_day {unique}")
        connection.execute("VACUUM ANALYZE visit")


def seconds(deed: Callable[[], object]) -> float:
    """How long a deed takes."""
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def measure(name: str, database: Database, times: int) -> None:
    """Print the aggregate, the settling and their ratio."""

    def aggregate() -> None:
        with database.read() as session:
            session.execute(AGGREGATE, {"month": MONTH}).all()

    settled = []

    def settle() -> None:
        with database.read() as session:
            month = settle_month(session, MONTH, at=NOW)
            settled[:] = [month.settlement.visits, len(month.settlement.lines), len(month.settlement.transfers)]

    aggregate()
    bare, ours = [], []
    for _ in range(times):
        bare.append(seconds(aggregate))
        ours.append(seconds(settle))
    ratio = median(one / other for one, other in zip(ours, bare, strict=True))
    count, lines, transfers = settled
    print(
        f"{name:<11} {count:>9,} visits between places  {lines:>8,} lines  {transfers:>5,} payments   "
        f"aggregate {median(bare):6.2f} s   settled {median(ours):6.2f} s   ratio {ratio:5.1f}   "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB"
    )


@contextmanager
def filled(url: str, size: Size) -> Iterator[Database]:
    """An empty database, filled with a year of visits."""
    # In a process of its own, so that its memory is not taken for settlement's.
    filling = get_context("spawn").Process(target=fill, args=(url, size))
    filling.start()
    filling.join()
    if filling.exitcode:
        raise SystemExit("The database could not be filled.")
    database = Database(url)
    yield database
    database.dispose()


def fill(url: str, size: Size) -> None:
    """Found the network, and give it a year of visits."""
    database = Database(url)
    migrate(database.engine)
    rows = visits(size, found(database, size))
    database.dispose()
    if database.is_sqlite:
        fill_sqlite(Path(url.removeprefix("sqlite:///")), rows)
    else:
        fill_postgresql(url, rows)


@contextmanager
def server(engine: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of that engine."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'benchmark.sqlite'}"
    else:
        with postgresql(folder) as url:
            yield url


def main() -> None:
    """Run on both engines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the visits and members")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one engine")
    parser.add_argument("--times", type=int, default=3, help="how often each is measured")
    given = parser.parse_args()
    size = Size(100, 4_000, 200_000) if given.quick else Size()
    print(f"{size.places:,} places, {size.members:,} members, {size.visits:,} visits over a year; the month {MONTH}")
    for engine in [given.only] if given.only else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="passapp-benchmark-") as folder:
            begun = time.perf_counter()
            with server(engine, Path(folder)) as url, filled(url, size) as database:
                print(f"{engine} filled in {time.perf_counter() - begun:.0f} s", flush=True)
                measure(engine, database, given.times)


if __name__ == "__main__":
    main()
