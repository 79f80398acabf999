"""What a month is computed from, read by plain SQL from SQLite or PostgreSQL; and JSON as it is hashed (RFC 8785)."""

import hashlib
import json
import re
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True)
class Place:
    """A place counts on the dates from ``joined_on`` to the day before ``left_on``. ``vat``: (from, basis points)."""

    joined_on: date
    left_on: date | None = None
    vat: tuple = ()

    def takes_part_on(self, day):
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)

    def vat_on(self, day):
        """The basis points of the latest status that had begun; none before the first."""
        begun = [status for status in self.vat if status[0] <= day]
        return max(begun)[1] if begun else 0


@dataclass(frozen=True)
class Visit:
    """A standing visit. ``opened_at`` is UTC; ``local_date`` is the calendar date at the host (R2)."""

    id: str
    opened_at: datetime
    visitor: str
    home: str
    host: str
    convention: int
    local_date: date
    units: int = 1
    at_home: bool = False
    plan: str = "TOUT"
    host_class: str = "standard"
    zone: str = "Europe/Paris"
    waived: str | None = None  # counted, and worth nothing: "offered" by the host (R7), or "stale_list" (R19)


@dataclass(frozen=True)
class Booking:
    """A booking that its home pays; ``cents`` include tax. ``cancelled``: it is the fee that is owed."""

    id: str
    home: str
    host: str
    local_date: date
    cancelled: bool
    cents: int


@dataclass(frozen=True)
class Convention:
    """The rules in force from a date until the next version begins."""

    number: int
    starts_on: date
    document: dict
    sha256: str


@dataclass(frozen=True)
class Books:
    """Everything that a month is computed from."""

    network: str
    month: str
    places: dict[str, Place]
    conventions: dict[int, Convention]
    visits: list[Visit]
    bookings: list[Booking] = field(default_factory=list)

    def in_force_on(self, day):
        begun = [version for version in self.conventions.values() if version.starts_on <= day]
        return max(begun, key=lambda version: version.starts_on) if begun else None

    def days(self):
        first = date.fromisoformat(f"{self.month}-01")
        return [day for day in (first + timedelta(days=n) for n in range(31)) if f"{day:%Y-%m}" == self.month]


def read_books(database, month):
    """Read a month from a SQLite file, or from PostgreSQL by its ``postgresql://`` address."""
    if re.match(r"postgres(ql)?(\+psycopg)?://", database):
        import psycopg  # noqa: PLC0415  (who has a SQLite file needs no driver for PostgreSQL)

        connection, mark = psycopg.connect(re.sub(r"^postgres[^:]*", "postgresql", database)), "%s"
    else:
        file = Path(database.removeprefix("sqlite:///")).absolute()
        connection, mark = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True), "?"

    def rows(sql, *values):
        return connection.execute(sql.replace("?", mark), values).fetchall()

    try:
        vat = defaultdict(list)
        for code, starts_on, basis_points in rows(
            "SELECT code, starts_on, basis_points FROM vat_status JOIN place ON place.id = place_id"
        ):
            vat[code].append((_day(starts_on), basis_points))
        places = {
            code: Place(_day(joined_on), left_on and _day(left_on), tuple(vat[code]))
            for code, joined_on, left_on in rows("SELECT code, joined_on, left_on FROM place")
        }
        conventions = {
            number: Convention(number, _day(starts_on), from_json(document), sha256)
            for number, starts_on, document, sha256 in rows(
                "SELECT number, starts_on, CAST(document AS TEXT), sha256 FROM convention_version"
            )
        }
        visits = [
            Visit(
                str(UUID(str(number))),
                _instant(opened_at),
                str(UUID(str(visitor))),
                home,
                host,
                convention,
                _day(day),
                units,
                bool(at_home),
                *rest,
            )
            for number, opened_at, visitor, home, host, convention, day, units, at_home, *rest in rows(
                "SELECT visit.id, opened_at, visitor_key, home.code, host.code, convention_version, local_date, units,"
                " at_home, plan, visit.host_class, visit.zone, waived FROM visit"
                " JOIN place AS home ON home.id = home_id JOIN place AS host ON host.id = host_id"
                " WHERE posted_month = ? AND NOT EXISTS (SELECT 1 FROM visit_void"
                " WHERE visit_id = visit.id AND visit_void.revision = visit.revision)",
                month,
            )
        ]
        bookings = [
            Booking(str(UUID(str(number))), home, host, _instant(start).date(), state == "cancelled", cents)
            for number, home, host, start, state, price, fee in rows(
                "SELECT booking.id, home.code, host.code, local_start, state, price, fee FROM booking"
                " JOIN place AS home ON home.id = home_id JOIN place AS host ON host.id = booking.place_id"
                " WHERE payer = 'home' AND state IN ('booked', 'no_show', 'cancelled')"
            )
            if f"{_instant(start):%Y-%m}" == month and (cents := fee if state == "cancelled" else price)
        ]
        [(network,)] = rows("SELECT code FROM network")
    finally:
        connection.close()
    return Books(network, month, places, conventions, visits, bookings)


def _day(value):
    return date.fromisoformat(str(value))


def _instant(value):
    """An instant in UTC; SQLite keeps it as text, without a zone."""
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


# JSON: whole numbers only, and one way to write it

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def from_json(text):
    """Read JSON. Raises ``ValueError`` for a number that is not whole: money is never a float (R1)."""

    def refuse(number):
        raise ValueError(f"{number} is not a whole number.")

    return json.loads(text, parse_float=refuse, parse_constant=refuse)


def canonical(value):
    """JSON in the one form that RFC 8785 allows: no spaces, names ordered by their UTF-16 code units."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if abs(value) >= 2**53:
            raise ValueError(f"{value} is too big for JSON's numbers.")
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"


def sha256_of(value):
    """The SHA-256 of its canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
