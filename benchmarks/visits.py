"""A year of visits of a large network, to settle a month of."""

import io
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import insert

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.accounts.sessions import open_session
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate
from passapp.network.models import Period
from passapp.network.service import found_network, publish_convention
from passapp.places.models import Place

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
        for table in ("visit_void", "contest_visit"):
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT fk_{table}_visit_id_revision_visit")
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


def fill(url: str, size: Size) -> str:
    """Found the network, and give it a year of visits. All months but the one are paid. Gives a coordinator's token."""
    database = Database(url)
    migrate(database.engine)
    places = found(database, size)
    database.dispose()  # SQLite's journal can only be left out by whoever is alone
    if database.is_sqlite:
        fill_sqlite(Path(url.removeprefix("sqlite:///")), visits(size, places))
    else:
        fill_postgresql(url, visits(size, places))
    with database.write() as session:
        closed = [f"2025-{n:02}" for n in range(1, 13)] + [f"2026-{n:02}" for n in range(1, 6)]
        session.add_all(Period(month=month, state="paid") for month in closed)
        account = Account(email="coordination@example.org", name="Coordination", created_at=NOW)
        session.add(account)
        session.flush()
        session.add(RoleGrant(account_id=account.id, role=Role.COORDINATOR, granted_at=NOW))
        token = open_session(session, account, at=datetime.now(UTC), address=None)
    database.dispose()
    return token
