"""Reading the visits that settlement counts, as the rules see them."""

import gc
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, String, Uuid, any_, cast, func, literal, select, type_coerce
from sqlalchemy.engine.interfaces import CoreExecuteOptionsParameter
from sqlalchemy.orm import Session

from passapp.door.models import STANDS, Visit, VisitVoid
from passapp.network.rules import month_after
from passapp.settlement.basis import Named, months_advanced
from passapp.settlement.rules import rating
from passapp.settlement.rules.writing import dashed

_AT_ONCE = 10_000
_VISIT = (
    cast(Visit.id, String),
    cast(Visit.visitor_key, String),
    cast(Visit.home_id, String),
    cast(Visit.host_id, String),
    Visit.plan,
    Visit.host_class,
    Visit.zone,
    Visit.convention_version,
    Visit.at_home,
    Visit.units,
    Visit.local_date,
    Visit.opened_at,
    Visit.waived,
)
"""The fields of :class:`~passapp.settlement.rules.rating.Visit`. Ids stay text."""


class _Kept(dict[Any, Any]):
    """Gives what is equal to a value and came first: what many rows say alike is kept once."""

    def __missing__(self, value: object) -> object:
        self[value] = value
        return value


class AtHome(NamedTuple):
    """Visits at one's own place, by its code: counted, not settled (R5). ``conventions``: what they name."""

    visits: dict[str, int]
    conventions: set[int]


@contextmanager
def values_only() -> Iterator[None]:
    """Without the collector of circles: a large month makes millions of values, and it would go over them for nothing.

    Measured: it took half of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def visits_between(session: Session, month: str, places: Mapping[str, Named]) -> list[rating.Visit]:
    """The visits between places that stand in a month."""
    reader = _Reader(session, places)
    return reader.read(Visit.posted_month == month, Visit.at_home.is_(False), streams=True)


def visits_around(session: Session, month: str, places: Mapping[str, Named], place: UUID) -> list[rating.Visit]:
    """The visits of a month that a place needs to know of: received, also at home, and made by its members elsewhere.

    And those of the same people between other places: what theirs are worth here depends on them (R9).
    """
    read = _Reader(session, places).read
    received = read(Visit.posted_month == month, Visit.host_id == place)
    away = Visit.host_id != place, Visit.at_home.is_(False)
    made = read(Visit.posted_month == month, Visit.home_id == place, *away)
    visitors = {visit.visitor for visit in (*received, *made) if not visit.at_home}
    # Asked for by name: of how many visitors there are PostgreSQL has no idea, and reads the whole month to find them.
    return received + made + read(_of(session, visitors), _posted_in(month), Visit.home_id != place, *away)


def earlier_visits(
    session: Session, month: str, visitors: Collection[str], places: Mapping[str, Named]
) -> list[tuple[str, rating.Visit]]:
    """What visitors did elsewhere that was posted before a month, with the month of each."""
    theirs = _of(session, visitors), Visit.at_home.is_(False)
    months = session.scalars(select(Visit.posted_month).where(*theirs, Visit.posted_month < month).distinct()).all()
    read = _Reader(session, places).read
    return [(each, visit) for each in months for visit in read(*theirs, _posted_in(each))]


def _of(session: Session, visitors: Collection[str]) -> ColumnElement[bool]:
    """Visits of these visitors, as one value: each of hundreds would have to be written, read and planned otherwise."""
    if session.get_bind().dialect.name == "sqlite":
        keys = func.json_each(json.dumps(list(visitors))).table_valued("value")
        return Visit.visitor_key.in_(select(type_coerce(keys.c.value, Uuid)))
    return Visit.visitor_key == any_(cast(literal(f"{{{','.join(visitors)}}}"), ARRAY(Uuid)))


def _posted_in(month: str) -> ColumnElement[bool]:
    """The same without the month's index: a visitor's key finds few rows, of hardly any other month."""
    return Visit.posted_month.concat("") == month


def visits_at_home(session: Session, month: str, places: Mapping[str, Named]) -> AtHome:
    """The visits of a month at one's own place."""
    query = _standing(Visit.host_id, Visit.convention_version, func.count()).where(
        Visit.posted_month == month, Visit.at_home.is_(True)
    )
    codes = {place.key: place.code for place in places.values()}
    visits: dict[str, int] = defaultdict(int)
    named = set()
    for host, version, count in session.execute(query.group_by(Visit.host_id, Visit.convention_version)):
        visits[codes[host.hex]] += count
        named.add(version)
    return AtHome(dict(visits), named)


def has_visits(session: Session, month: str) -> bool:
    """Whether any visit was posted in a month, whatever became of it."""
    return session.scalar(select(Visit.id).where(Visit.posted_month == month).limit(1)) is not None


def months_posted(session: Session) -> set[str]:
    """The months from the first to the last in which any visit was posted."""
    first, last = (session.scalar(select(end(Visit.posted_month))) for end in (func.min, func.max))
    found = set()
    while first and last and first <= last:
        found.add(first)
        first = month_after(first)
    return found


def counts_between(session: Session, months: Collection[str]) -> dict[str, int]:
    """How many visits between places stand in each of these months; of any at all, at home or not, there is one."""
    query = _standing(Visit.posted_month, func.count().filter(Visit.at_home.is_(False)))
    rows = session.execute(query.where(Visit.posted_month.in_(months)).group_by(Visit.posted_month))
    return {month: count for month, count in rows}  # noqa: C416


def first_months(session: Session) -> set[str]:
    """The months with which settling may begin: of the first visit that counts, of bookings that homes advance."""
    # Not the least of all: to find that, PostgreSQL reads every visit there is, and a chore asks every minute.
    first = session.scalar(_standing(Visit.posted_month).order_by(Visit.posted_month).limit(1))
    return set(filter(None, [first, *months_advanced(session)]))


def _standing(*columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401  (columns, whatever they hold)
    return select(*columns).outerjoin(VisitVoid, STANDS).where(VisitVoid.visit_id.is_(None))


class _Reader:
    """Reads visits as the rules see them; what many rows say alike is kept once."""

    def __init__(self, session: Session, places: Mapping[str, Named]) -> None:
        """``places``: all of the network, by code."""
        session.flush()
        # Of the connection: the session would look at each row for objects, of which there are none.
        self._connection = session.connection()
        # Ids as text: with dashes as PostgreSQL gives them, and without as SQLite does.
        written = str if self._connection.dialect.name == "sqlite" else dashed
        self._codes = {written(place.key): place.code for place in places.values()}
        self._kept = _Kept()

    def read(self, *where: ColumnElement[bool], streams: bool = False) -> list[rating.Visit]:
        """``streams``: a few thousand rows at a time, which takes less memory, and more questions on PostgreSQL."""
        codes, kept, visit = self._codes, self._kept, rating.Visit
        plain = tuple.__new__  # what a named tuple's own constructor calls: a third of its time, of a million
        options: CoreExecuteOptionsParameter = {"yield_per": _AT_ONCE} if streams else {}
        rows = self._connection.execute(_standing(*_VISIT).where(*where), execution_options=options)
        return [
            plain(
                visit,
                (
                    key,
                    kept[visitor],
                    codes[home],
                    codes[host],
                    kept[plan],
                    kept[form],
                    kept[zone],
                    version,
                    at_home,
                    units,
                    kept[day],
                    opened_at,
                    waived,
                ),
            )
            for several in rows.partitions(_AT_ONCE)
            for key, visitor, home, host, plan, form, zone, version, at_home, units, day, opened_at, waived in several
        ]
