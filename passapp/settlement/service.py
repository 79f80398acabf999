"""What people do with settlement: see what a month comes to, for the network or for a place, and check it."""

import hashlib
from base64 import b32encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from passapp.bookings.models import Booking, Resource
from passapp.door.models import STANDS, CheckIn, Visit, VisitIdentity, VisitVoid
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member
from passapp.network.models import ConventionVersion
from passapp.network.rules import CLOSED_STATES, Convention, Netting, days_of, month_after, month_of, parse_month
from passapp.network.service import (
    FURTHEST_AHEAD,
    conventions,
    get_network,
    in_force,
    in_force_between,
    period_states,
    read_conventions,
)
from passapp.places.models import Place
from passapp.places.service import place_named
from passapp.settlement.basis import Basis, Named, basis_of, frozen_of, months_advanced
from passapp.settlement.months.models import MonthVersion, Statement
from passapp.settlement.reading import (
    AtHome,
    counts_between,
    earlier_visits,
    first_months,
    has_visits,
    months_posted,
    values_only,
    visits_around,
    visits_at_home,
    visits_between,
)
from passapp.settlement.rules import rating
from passapp.settlement.rules.advances import AdvancedBooking
from passapp.settlement.rules.documents import Document, Documents, PublishedVersion, with_payments
from passapp.settlement.rules.month import Former, Settlement, Terms, settle
from passapp.settlement.rules.netting import NETTED_IN_PAIRS
from passapp.settlement.rules.rating import RatedVisit

MONTH_NOT_VALID = ProblemType(
    "month_not_valid", 422, en="Write a month as 2026-10.", fr="Écrivez un mois comme 2026-10."
)
MONTH_TO_COME = ProblemType(
    "month_to_come", 422, en="{name:Month} has not begun yet.", fr="{name:Month} n'a pas encore commencé."
)

MONTH_BEFORE = ProblemType(
    "month_before",
    422,
    en="No place was in the network yet in {name:month}.",
    fr="Aucun lieu n'était encore dans le réseau en {name:month}.",
)


@dataclass(frozen=True)
class Part:
    """A month of one place alone, and what else is known of it.

    ``month_sha256``, ``sha256``: of the version and of the statement that it is; empty where what it shows is not
    published. ``has_payments``: false while they wait for the whole network.
    """

    month_sha256: str
    sha256: str
    has_payments: bool


@dataclass(frozen=True)
class Month:
    """A month and its settlement; ``versions`` are those of the rules that it needs.

    ``basis``: the places as they are, or were when it was closed, and what the month took over. ``closing``: the number
    of the version in force on its last day. ``part``: where the settlement is of one place alone, what else is known of
    the month.
    """

    month: str
    state: str
    network: str
    settlement: Settlement
    conventions: dict[int, Convention]
    closing: int
    versions: list[PublishedVersion]
    basis: Basis
    part: "Part | None" = None

    @property
    def places(self) -> dict[str, Named]:
        """All of the network, by code."""
        return self.basis.places

    @property
    def convention(self) -> Convention:
        """The rules in force on the month's last day: they say how debts become payments."""
        return self.conventions[self.closing]

    @property
    def has_money(self) -> bool:
        """Whether any of its rules settles money, or something is owed all the same; else it only counts (R18)."""
        rules = (self.conventions[version.number] for version in self.versions)
        return any(version.money for version in rules) or bool(self.settlement.bookings or self.settlement.obligations)

    @property
    def moves_money(self) -> bool:
        """Whether anybody owes anything, or is given it back: then two people close it, else it closes by itself.

        Bookings that are told and not settled are owed by nobody.
        """
        basis, settled = self.basis, self.settlement
        booked = any(line.total_cents for line in settled.bookings)
        return bool(settled.obligations or booked or basis.openings or basis.credits or basis.booking_credits)

    @property
    def visits(self) -> int:
        """How many visits between places it has, also where one of the two took no part."""
        return len(self.settlement.rated) + sum(each.visits for each in self.settlement.not_settled)

    @cached_property
    def documents(self) -> Documents:
        """Its documents."""
        return Documents(self.network, self.settlement, self.versions, self.part.month_sha256 if self.part else None)

    @property
    def document(self) -> Document:
        """The month as a document."""
        return self.documents.month

    def code_of(self, place_id: UUID) -> str:
        """A place's code then. Raises ``place_unknown`` for one that came later."""
        return self.basis.code_of(place_id)

    def statement(self, code: str) -> Document:
        """A place's month as a document."""
        return self.documents.statement(code)


def months(session: Session, *, at: datetime) -> list[tuple[str, str, int]]:
    """Each month with visits, at home or not, or with bookings that homes advance, the newest first.

    Gives the month, its state, its visits between places. A month to come is not among them for its bookings alone.
    """
    states = period_states(session)
    # A closed month never changes: of a large network, counting one takes seconds.
    counted = select(MonthVersion.month, MonthVersion.visits).where(MonthVersion.reason == "closed")
    found = {month: visits for month, visits in session.execute(counted) if visits is not None}
    found |= counts_between(session, months_posted(session) - found.keys())
    begun = month_of(at.astimezone(FURTHEST_AHEAD).date())
    advanced = {month for month in months_advanced(session) if month <= begun}
    names = sorted(found.keys() | states | advanced, reverse=True)
    return [(month, states.get(month, "open"), found.get(month, 0)) for month in names]


def year_until(month: str) -> str:
    """The first of the twelve months that end with this one. Raises ``month_not_valid``."""
    try:
        year, name = divmod(parse_month(month).year * 12 + parse_month(month).month - 12, 12)
        return month_of(date(year, name + 1, 1))
    except ValueError:
        raise MONTH_NOT_VALID.error() from None


def exchanges(session: Session, *, since: str, until: str) -> list[tuple[str, UUID, UUID, int]]:
    """How often members of a home went to a host, from one month to another: (month, home, host, visits)."""
    query = (
        select(Visit.posted_month, Visit.home_id, Visit.host_id, func.count())
        .outerjoin(VisitVoid, STANDS)
        .where(VisitVoid.visit_id.is_(None), Visit.at_home.is_(False), Visit.posted_month.between(since, until))
        .group_by(Visit.posted_month, Visit.home_id, Visit.host_id)
    )
    return sorted((month, home, host, count) for month, home, host, count in session.execute(query))


def settle_month(session: Session, month: str, *, at: datetime) -> Month:
    """What the visits posted in a month come to, so far or for good.

    Raises ``month_not_valid``, ``month_before`` (no place had joined), ``month_to_come`` (a month has begun when it has
    in the zone that is furthest ahead), ``no_network``, ``no_convention``, ``convention_gap``.
    """
    with values_only():
        return _settle(session, month, at=at)


def settle_place(session: Session, month: str, place: Place, *, at: datetime) -> Month:
    """What a month comes to for one place: read and rated for it alone, whatever the size of the network.

    As its statement was published last, where nothing has changed since; else as far as the place's own debts say.
    Raises what :func:`settle_month` raises, ``place_unknown``.
    """
    with values_only():
        return _settle(session, month, at=at, of=place)


def _settle(session: Session, month: str, *, at: datetime, of: Place | None = None) -> Month:
    try:
        parse_month(month)
    except ValueError:
        raise MONTH_NOT_VALID.error() from None
    if month > month_of(at.astimezone(FURTHEST_AHEAD).date()) and not has_visits(session, month):
        raise MONTH_TO_COME.error(name=month)
    network = get_network(session).code
    only = None if of is None else of.id
    states = period_states(session)
    version = frozen_of(session, month) if states.get(month) in CLOSED_STATES else None
    basis = Basis.of(version.frozen) if version else basis_of(session, month, of=only)
    published = conventions(session)
    rules = read_conventions(published)
    if only is None:
        visits, home = visits_between(session, month, basis.places), visits_at_home(session, month, basis.places)
    else:
        visits, home = visits_around(session, month, basis.places, only), AtHome({}, set())
    first, last = days_of(month)
    if all(p.joined_on > last for p in basis.partners.values()):
        # Once a month before it has begun, it is one of those that are published and closed in their order.
        begun = {month for month, state in states.items() if state != "open"}
        if month < min(begun | first_months(session), default=month_after(month)):
            raise MONTH_BEFORE.error(name=month)
    closing = in_force(published, last)
    needed = {visit.convention for visit in visits} | {credit.convention for credit in basis.credits}
    needed |= {version.number for version in in_force_between(published, first, last)} | home.conventions
    if version is None:
        basis = replace(basis, used=_used(session, month, visits, rules, basis))
    settlement = settle(
        month,
        visits,
        rules,
        basis.partners,
        terms_of(rules[closing.number], basis.lowered),
        basis.bookings,
        Former(basis.openings, basis.credits, basis.used, basis.booking_credits),
        at_home=home.visits,
        of=None if only is None else basis.code_of(only),
    )
    found = Month(
        month=month,
        state=states.get(month, "open"),
        network=network,
        settlement=settlement,
        conventions=rules,
        closing=closing.number,
        versions=_versions(published, needed),
        basis=basis,
    )
    return found if of is None else _as_published(session, found, of, published)


def _versions(published: Iterable[ConventionVersion], needed: Collection[int]) -> list[PublishedVersion]:
    return [PublishedVersion(v.number, v.starts_on, v.sha256, v.document) for v in published if v.number in needed]


def _as_published(session: Session, found: Month, place: Place, published: Iterable[ConventionVersion]) -> Month:
    """What was settled for one place, with what its last statement has from the whole network.

    That is taken only where all else comes out as it was signed: then the bytes are the statement's.
    """
    last = _last_statement(session, found.month, place) if found.state != "open" else None
    if last is not None:
        statement, month_sha256 = last
        signed = replace(
            found,
            settlement=with_payments(found.settlement, statement.from_the_network),
            versions=_versions(published, statement.from_the_network["conventions"]),
            part=Part(month_sha256, statement.sha256, has_payments=True),
        )
        if hashlib.sha256(signed.documents.statement_bytes(found.code_of(place.id))).hexdigest() == statement.sha256:
            return signed
    return replace(found, part=Part("", "", has_payments=found.settlement.netting in NETTED_IN_PAIRS))


def _last_statement(session: Session, month: str, place: Place) -> Row[Statement, str] | None:
    query = (
        select(Statement, MonthVersion.sha256)
        .join(MonthVersion, and_(MonthVersion.month == Statement.month, MonthVersion.number == Statement.number))
        .where(Statement.month == month, Statement.place_id == place.id)
        .order_by(Statement.number.desc())
        .limit(1)
    )
    return session.execute(query).first()


def terms_of(convention: Convention, lowered: Mapping[str, Netting]) -> Terms:
    """How debts become payments: a place lowers the network's mode, and never raises it (R16)."""
    mode = convention.netting
    less = {code: own for code, own in lowered.items() if mode.lowered_to(own) is not mode}
    return Terms(mode, convention.threshold_cents, less)


def _used(
    session: Session, month: str, visits: Iterable[rating.Visit], rules: Mapping[int, Convention], basis: Basis
) -> rating.Used:
    """What the members of a month's late visits had used up of those visits' own months (R14)."""
    first = parse_month(month)
    late = {visit.visitor for visit in visits if visit.local_date < first}
    if not late:
        return {}
    return rating.used_up(earlier_visits(session, month, late, basis.places), rules, basis.partners)


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

    ``for_home``: as the home may see them, with its own members; else as the host may, with pseudonyms. Of a home that
    has left, also those that the common fund pays.
    """
    settled = month.settlement
    found = [*settled.by_pair.get((home, host), []), *(each for each in settled.borne if each.visit.host == host)]
    found.sort(key=lambda each: (each.visit.opened_at, each.visit.id))
    rated = [each for each in found if day in {None, each.visit.local_date}]
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
    code = document["place"] if document["place"] in month.places else place_named(session, document["place"]).code
    return month.statement(code)
