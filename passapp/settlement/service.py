"""What people do with settlement: see what a month comes to, for the network or for a place, and check it."""

import gc
import hashlib
from base64 import b32encode
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import String, and_, cast, extract, func, select
from sqlalchemy.orm import Session, aliased

from passapp.bookings.advances.service import DUE, OWED
from passapp.bookings.models import Booking, BookingState, Resource
from passapp.bookings.rules import Payer
from passapp.door.models import STANDS, CheckIn, Visit, VisitIdentity, VisitVoid
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member
from passapp.network.rules import Convention, days_of, month_of, parse_month
from passapp.network.service import (
    FURTHEST_AHEAD,
    conventions,
    get_network,
    in_force,
    in_force_between,
    period_states,
    read_conventions,
)
from passapp.places.models import Place, VatStatus
from passapp.places.service import place_named
from passapp.settlement.rules import rating
from passapp.settlement.rules.advances import AdvancedBooking
from passapp.settlement.rules.documents import Document, PublishedVersion, month_document, statement_document
from passapp.settlement.rules.month import Settlement, settle
from passapp.settlement.rules.rating import Partner, RatedVisit

MONTH_NOT_VALID = ProblemType(
    "month_not_valid", 422, en="Write a month as 2026-10.", fr="Écrivez un mois comme 2026-10."
)
MONTH_TO_COME = ProblemType("month_to_come", 422, en="{name} has not begun yet.", fr="{name} n'a pas encore commencé.")

MONTH_BEFORE = ProblemType(
    "month_before",
    422,
    en="No place was in the network yet in {name}.",
    fr="Aucun lieu n'était encore dans le réseau en {name}.",
)


@dataclass(frozen=True)
class Month:
    """A month and its settlement; ``places`` are all of the network, by code, ``versions`` those that it needs.

    ``closing``: the number of the version in force on its last day.
    """

    month: str
    state: str
    network: str
    settlement: Settlement
    conventions: dict[int, Convention]
    closing: int
    versions: list[PublishedVersion]
    places: dict[str, Place]

    @property
    def convention(self) -> Convention:
        """The rules in force on the month's last day: they say how debts become payments."""
        return self.conventions[self.closing]

    @property
    def has_money(self) -> bool:
        """Whether any of its rules settles money, or a home advances a booking; else it only counts (R18)."""
        rules = (self.conventions[version.number] for version in self.versions)
        return any(version.money for version in rules) or bool(self.settlement.bookings)

    @cached_property
    def document(self) -> Document:
        """The month as a document."""
        return month_document(self.network, self.settlement, self.versions)

    def statement(self, place: Place) -> Document:
        """A place's month as a document."""
        return statement_document(self.network, self.settlement, self.versions, place.code)


def months(session: Session, *, at: datetime) -> list[tuple[str, str, int]]:
    """Each month with visits, at home or not, or with bookings that homes advance, the newest first.

    Gives the month, its state, its visits between places. A month to come is not among them for its bookings alone.
    """
    states = period_states(session)
    query = (
        select(Visit.posted_month, func.count().filter(Visit.at_home.is_(False)).label("visits"))
        .outerjoin(VisitVoid, STANDS)
        .where(VisitVoid.visit_id.is_(None))
        .group_by(Visit.posted_month)
    )
    found = {row.posted_month: row.visits for row in session.execute(query)}
    begun = month_of(at.astimezone(FURTHEST_AHEAD).date())
    advanced = {month for month in _months_advanced(session) if month <= begun}
    names = sorted(found.keys() | states | advanced, reverse=True)
    return [(month, states.get(month, "open"), found.get(month, 0)) for month in names]


def settle_month(session: Session, month: str, *, at: datetime) -> Month:
    """What the visits posted in a month come to, so far or for good.

    Raises ``month_not_valid``, ``month_before`` (no place had joined), ``month_to_come`` (a month has begun when it has
    in the zone that is furthest ahead), ``no_network``, ``no_convention``, ``convention_gap``.
    """
    try:
        parse_month(month)
    except ValueError:
        raise MONTH_NOT_VALID.error() from None
    if month > month_of(at.astimezone(FURTHEST_AHEAD).date()) and not _has_visits(session, month):
        raise MONTH_TO_COME.error(name=month)
    network = get_network(session).code
    published = conventions(session)
    rules = read_conventions(published)
    with _values_only():
        visits = _visits(session, month)
    advanced = _advanced(session, month)
    places = {place.id: place for place in session.scalars(select(Place))}
    first, last = days_of(month)
    if not (visits or advanced) and all(place.joined_on > last for place in places.values()):
        raise MONTH_BEFORE.error(name=month)
    closing = in_force(published, last)
    needed = {visit.convention for visit in visits} | {
        version.number for version in in_force_between(published, first, last)
    }
    with _values_only():
        partners = _partners(session, places)
        settlement = settle(month, visits, rules, partners, rules[closing.number].netting, advanced)
    return Month(
        month=month,
        state=period_states(session).get(month, "open"),
        network=network,
        settlement=settlement,
        conventions=rules,
        closing=closing.number,
        versions=[
            PublishedVersion(v.number, v.starts_on, v.sha256, v.document) for v in published if v.number in needed
        ],
        places={place.code: place for place in places.values()},
    )


@contextmanager
def _values_only() -> Iterator[None]:
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


def _has_visits(session: Session, month: str) -> bool:
    return session.scalar(select(Visit.id).where(Visit.posted_month == month).limit(1)) is not None


def _visits(session: Session, month: str) -> list[rating.Visit]:
    """The visits that stand in a month, as the rules see them. Ids stay text: a large network has a million."""
    query = (
        select(
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
        .outerjoin(VisitVoid, STANDS)
        .where(Visit.posted_month == month, VisitVoid.visit_id.is_(None))
    )
    found = session.execute(query).all()
    # Afterwards: the place of every visit found is there by now.
    codes = {row.id: row.code for row in session.execute(select(cast(Place.id, String).label("id"), Place.code))}
    return [rating.Visit(key, visitor, codes[home], codes[host], *rest) for key, visitor, home, host, *rest in found]


_IS_ADVANCED = and_(Booking.payer == Payer.HOME, Booking.state.in_(DUE), OWED > 0)


def _months_advanced(session: Session) -> set[str]:
    year, month = extract("year", Booking.local_start), extract("month", Booking.local_start)
    query = select(year, month).where(_IS_ADVANCED).distinct()
    return {f"{int(a_year)}-{int(a_month):02}" for a_year, a_month in session.execute(query)}


def _advanced(session: Session, month: str) -> list[AdvancedBooking]:
    """The bookings that homes advance and that begin in a month, by the wall of the host (R2)."""
    home, host = aliased(Place), aliased(Place)
    first, last = days_of(month)
    query = (
        select(Booking.id, home.code, host.code, Booking.local_start, Booking.state, OWED)
        .join(home, home.id == Booking.home_id)
        .join(host, host.id == Booking.place_id)
        .where(
            _IS_ADVANCED,
            Booking.local_start >= datetime.combine(first, time()),
            Booking.local_start < datetime.combine(last + timedelta(days=1), time()),
        )
    )
    return [
        AdvancedBooking(str(key), home, host, start.date(), state == BookingState.CANCELLED, cents)
        for key, home, host, start, state, cents in session.execute(query)
    ]


def _partners(session: Session, places: Mapping[UUID, Place]) -> dict[str, Partner]:
    vat: dict[UUID, list[tuple[date, int]]] = {}
    for status in session.scalars(select(VatStatus).order_by(VatStatus.starts_on)):
        vat.setdefault(status.place_id, []).append((status.starts_on, status.basis_points))
    return {
        place.code: Partner(place.code, place.joined_on, place.left_on, tuple(vat.get(place.id, ())))
        for place in places.values()
    }


@dataclass(frozen=True)
class VisitShown:
    """A visit of a statement line. ``member`` only for the home's own; the host sees a ``visitor`` of its own."""

    rated: RatedVisit
    label: str | None
    form: str | None
    visitor: str | None
    member: Member | None


def visits_behind(
    session: Session, month: Month, *, home: str, host: str, for_home: bool, day: date | None = None
) -> list[VisitShown]:
    """The visits of one home at one host in a month, by instant: what a line counts.

    ``for_home``: as the home may see them, with its own members; else as the host may, with pseudonyms.
    """
    rated = [
        each
        for each in month.settlement.rated
        if (each.visit.home, each.visit.host) == (home, host) and day in {None, each.visit.local_date}
    ]
    forms = _forms(session, [UUID(each.visit.id) for each in rated])
    members = _members(session, {UUID(each.visit.visitor) for each in rated}) if for_home else {}
    return [
        VisitShown(
            rated=each,
            label=month.conventions[each.visit.convention].tariff[each.rule].label,
            form=forms.get(UUID(each.visit.id)),
            visitor=None if for_home else pseudonym(UUID(each.visit.visitor), host),
            member=members.get(UUID(each.visit.visitor)),
        )
        for each in rated
    ]


@dataclass(frozen=True)
class BookingShown:
    """An advanced booking of a line. ``member`` only for the home's own, while their data are kept."""

    booking: AdvancedBooking
    resource: str
    member: Member | None


def bookings_behind(session: Session, month: Month, *, home: str, host: str, for_home: bool) -> list[BookingShown]:
    """The bookings that one home advances at one host in a month, by date."""
    lines = [line for line in month.settlement.bookings if (line.home, line.host) == (home, host)]
    booked = {UUID(booking.id): booking for line in lines for booking in line.bookings}
    query = (
        select(Booking.id, Resource.name, Member)
        .join(Resource, Resource.id == Booking.resource_id)
        .outerjoin(Member, Member.id == Booking.member_id)
        .where(Booking.id.in_(booked))
    )
    found = {key: (name, member) for key, name, member in session.execute(query)}
    return [
        BookingShown(booking, found[key][0], found[key][1] if for_home else None)
        for key, booking in sorted(booked.items(), key=lambda each: (each[1].local_date, each[1].id))
    ]


def pseudonym(visitor: UUID, host: str) -> str:
    """What a host calls a visitor in a month's lines: it differs from place to place (door.md, Privacy)."""
    return b32encode(hashlib.sha256(f"{visitor} {host}".encode()).digest())[:6].decode()


def _forms(session: Session, ids: Collection[UUID]) -> dict[UUID, str | None]:
    query = select(CheckIn.id, CheckIn.form).where(CheckIn.id.in_(ids))
    return {row.id: row.form for row in session.execute(query)}


def _members(session: Session, visitors: Collection[UUID]) -> dict[UUID, Member]:
    query = select(VisitIdentity.visitor_key, Member).join(Member).where(VisitIdentity.visitor_key.in_(visitors))
    return {row.visitor_key: row.Member for row in session.execute(query)}


def recompute(session: Session, document: Document, *, at: datetime) -> Document:
    """What the month or the statement that ``document`` claims to be comes to, from the visits and the rules.

    Raises ``place_unknown`` and what :func:`settle_month` raises.
    """
    month = settle_month(session, document["month"], at=at)
    if "place" not in document:
        return month.document
    return month.statement(place_named(session, document["place"]))
