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
    waived: str | None = (
        None  # counted, worth nothing: "offered" by the host (R7), "stale_list" (R19), "too_late" (R14)
    )


@dataclass(frozen=True)
class Booking:
    """A booking that its home pays; ``cents`` include tax. ``cancelled``: it is the fee that is owed."""

    id: str
    home: str
    host: str
    local_date: date
    cancelled: bool
    cents: int


@dataclass(frozen=True, order=True)
class Credit:
    """What is given back for a visit of a closed month, without VAT; ``origin`` is that month (R15)."""

    visit: str
    home: str
    host: str
    origin: str
    convention: int
    vat: int
    cents: int


@dataclass(frozen=True, order=True)
class BookingCredit:
    """What is given back for a booking of a closed month, VAT included as in its price (R15)."""

    booking: str
    home: str
    host: str
    origin: str
    vat: int
    cents: int


@dataclass(frozen=True, order=True)
class Opening:
    """A debt that a former month left (R17), or that the common fund took on."""

    debtor: str
    creditor: str
    cents: int
    month: str


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
    earlier: list[tuple[str, Visit]] = field(default_factory=list)  # (month posted in, visit) of late visits' members
    credits: list[Credit] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    booking_credits: list[BookingCredit] = field(default_factory=list)
    modes: dict[str, str] = field(default_factory=dict)  # how far a place lets itself be netted, where it said so

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
        frozen = _frozen(rows, month)
        codes, places, modes = _network_then(frozen) if frozen else _network_now(rows)
        conventions = {
            number: Convention(number, _day(starts_on), from_json(document), sha256)
            for number, starts_on, document, sha256 in rows(
                "SELECT number, starts_on, CAST(document AS TEXT), sha256 FROM convention_version"
            )
        }
        visits = [_visit(row, codes) for _, *row in rows(_VISITS.format("posted_month = ?"), month)]
        late = "posted_month < ? AND visitor_key IN (SELECT visitor_key FROM visit WHERE posted_month = ?)"
        earlier = [(posted, _visit(row, codes)) for posted, *row in rows(_VISITS.format(late), month, month)]
        credits_ = [
            Credit(_id(visit), codes[_id(home)], codes[_id(host)], *rest)
            for visit, home, host, *rest in rows(
                "SELECT visit_id, home_id, host_id, origin, convention, vat_basis_points, amount_cents FROM credit"
                " WHERE posted_month = ?",
                month,
            )
        ]
        booking_credits = [
            BookingCredit(_id(booking), codes[_id(home)], codes[_id(host)], *rest)
            for booking, home, host, *rest in rows(
                "SELECT booking_id, home_id, host_id, origin, vat_basis_points, amount_cents FROM booking_credit"
                " WHERE posted_month = ?",
                month,
            )
        ]
        openings = _openings(rows, month, codes)
        bookings = _bookings_then(frozen) if frozen else _bookings_now(rows, month, codes)
        [(network,)] = rows("SELECT code FROM network")
    finally:
        connection.close()
    return Books(
        network,
        month,
        places,
        conventions,
        visits,
        bookings,
        earlier,
        sorted(credits_),
        sorted(openings),
        sorted(booking_credits),
        modes,
    )


def _frozen(rows, month):
    """What the places, their VAT and the rooms were when the month was closed; nothing before that.

    What comes to light later, dated back or not, does not change a closed month. Its visits are read and priced again.
    """
    found = rows("SELECT CAST(frozen AS TEXT) FROM month_version WHERE month = ? AND reason = 'closed'", month)
    return from_json(found[0][0]) if found else None


def _network_then(frozen):
    """The code of each place by its id, what is known of each by its code, and how far it lets itself be netted."""
    codes = {row["id"]: row["code"] for row in frozen["partners"]}
    places = {
        row["code"]: Place(
            _day(row["joined_on"]),
            row["left_on"] and _day(row["left_on"]),
            tuple((_day(starts_on), basis_points) for starts_on, basis_points in row["vat"]),
        )
        for row in frozen["partners"]
    }
    return _FUND | codes, places, frozen["lowered"]


def _network_now(rows):
    """The same, as it is now."""
    vat = defaultdict(list)
    for place, starts_on, basis_points in rows("SELECT place_id, starts_on, basis_points FROM vat_status"):
        vat[_id(place)].append((_day(starts_on), basis_points))
    found = rows("SELECT id, code, joined_on, left_on FROM place")
    codes = {_id(place): code for place, code, *_ in found}
    places = {
        code: Place(_day(joined_on), left_on and _day(left_on), tuple(vat[_id(place)]))
        for place, code, joined_on, left_on in found
    }
    modes = rows("SELECT place_id, netting FROM settlement_details WHERE netting IS NOT NULL")
    return _FUND | codes, places, {codes[_id(place)]: mode for place, mode in modes}


def _bookings_then(frozen):
    return [
        Booking(row["id"], row["home"], row["host"], _day(row["local_date"]), row["is_cancelled"], row["amount_cents"])
        for row in frozen["bookings"]
    ]


def _bookings_now(rows, month, codes):
    """The bookings of a month that homes pay."""
    return [
        Booking(_id(number), codes[_id(home)], codes[_id(host)], _instant(start).date(), state == "cancelled", cents)
        for number, home, host, start, state, price, fee, right in rows(
            "SELECT booking.id, home_id, place_id, local_start, state, price, fee, cents FROM booking"
            " LEFT JOIN booking_correction ON booking_id = booking.id"
            " WHERE payer = 'home' AND state IN ('booked', 'no_show', 'cancelled')"
        )
        if f"{_instant(start):%Y-%m}" == month and (cents := _owed(state, price, fee, right))
    ]


def _owed(state, price, fee, right):
    """The price, or the fee of what was cancelled; where an error was accepted in it, what is right."""
    if right is not None:
        return right
    return fee if state == "cancelled" else price


_VISITS = (
    "SELECT posted_month, id, opened_at, visitor_key, home_id, host_id, convention_version, local_date,"
    " units, at_home, plan, host_class, zone, waived FROM visit"
    " WHERE {} AND NOT EXISTS (SELECT 1 FROM visit_void"
    " WHERE visit_id = visit.id AND visit_void.revision = visit.revision)"
)


def _visit(row, codes):
    number, opened_at, visitor, home, host, convention, day, units, at_home, *rest = row
    both = codes[_id(home)], codes[_id(host)]
    return Visit(
        _id(number), _instant(opened_at), _id(visitor), *both, convention, _day(day), units, bool(at_home), *rest
    )


def _openings(rows, month, codes):
    """Payments of former months that were too small (R17) or failed, and what the common fund gives away.

    They open the first month after their own that was open when they were looked at.
    """
    closed = {name for name, state in rows("SELECT month, state FROM period") if state in ("closed", "netted", "paid")}
    found = [
        Opening(codes[_id(debtor)], codes[_id(creditor)], cents, origin)
        for debtor, creditor, cents, origin, opened_in in rows(
            "SELECT debtor_id, creditor_id, amount_cents, month, opened_in FROM payment"
            " WHERE state IN ('carried', 'failed') AND month < ?",
            month,
        )
        if (opened_in or first_open(next_month(origin), closed)) == month
    ]
    return found + [
        Opening("@fund", codes[_id(place)], cents, month)
        for place, cents in rows(
            "SELECT place_id, fund_share.amount_cents FROM fund_share"
            " JOIN fund_distribution ON fund_distribution.id = distribution_id"
            " WHERE posted_month = ? AND fund_share.amount_cents > 0",
            month,
        )
    ]


def next_month(month):
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"


def first_open(month, closed):
    """The month itself, or the first one after it that is not closed."""
    while month in closed:
        month = next_month(month)
    return month


_FUND = {None: "@fund"}  # what belongs to no place


def _id(value):
    """An id as documents write it; SQLite keeps it without dashes."""
    return None if value is None else str(UUID(str(value)))


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
