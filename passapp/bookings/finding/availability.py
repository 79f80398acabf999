"""Which rooms of the network are free, asked once for all of them (booking.md 12 and 13).

``find_rooms(session, member, Sought(window, …), now=now) -> list[Found]``: what this member could book then, the
nearest first, then the cheapest, then by name. A `Window` is one time for the whole network: two instants, or one wall
time in each place's own clock.

First what is taken then, by an index on the start: nearly all claims last less than a day, so that only those that
begin within a day before need be looked at; the few long ones have an index of their own. Then the rooms of which
nothing is taken, and whose policies, hours and quotas allow it. However many rooms there are, the number of statements
is the same.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Text, TextClause, bindparam, cast, or_, select
from sqlalchemy.orm import Session

from passapp.bookings.models import (
    IS_LONG,
    LONG_CLAIM,
    Claim,
    Resource,
    ResourceKind,
    ResourcePart,
    ResourcePolicy,
    ResourceRate,
)
from passapp.bookings.policies import policy_in
from passapp.bookings.quoting import Booker, Offer, Quote, booker_of, quote_of
from passapp.bookings.rules import Policy, Rate, Span, claimed, read_time, span_between
from passapp.kernel.clock import zone_named
from passapp.kernel.database import UtcDateTime
from passapp.members.models import Member
from passapp.places.models import Place
from passapp.places.service import kept_weeks

NEVER: Final = frozenset({"not_active", "not_for_you", "not_trained", "place_not_there"})
"""What speaks against a room whatever the time."""
STEP: Final = 30
"""Minutes between the times that are tried where somebody is flexible."""


@dataclass(frozen=True)
class Window:
    """From ``start`` to ``end``: aware, the same instants everywhere; naive, on each place's own wall."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Point:
    """Where distances are counted from, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Sought:
    """What somebody looks for. ``flexible``: by how many minutes it may be earlier or later, in steps of 30.

    ``besides``: rooms that are not wanted. ``places``, ``kind``: none, any.
    """

    window: Window
    people: int = 1
    kind: ResourceKind | None = None
    features: frozenset[str] = frozenset()
    places: Collection[UUID] = ()
    near: Point | None = None
    within_km: float | None = None
    flexible: int = 0
    besides: Collection[int] = ()


class PlaceFound(NamedTuple):
    """A place, as far as a search goes."""

    id: UUID
    code: str
    name: str
    town: str
    zone: str
    latitude: float | None
    longitude: float | None
    joined_on: date
    left_on: date | None
    country: str
    subdivision: str | None
    closed_on_holidays: bool
    version: int


class RoomFound(NamedTuple):
    """A room, as a list shows it."""

    id: int
    name: str
    kind: str
    capacity: int
    features: Sequence[str]
    place: PlaceFound


class Found(NamedTuple):
    """A room that this member could book. ``shifted``: minutes from when it was sought; ``distance_km`` where known."""

    resource: RoomFound
    span: Span
    shifted: int
    quote: Quote
    distance_km: float | None


class Candidate(NamedTuple):
    """A room that would do, and what is asked of it most."""

    room: RoomFound
    policy: Policy
    is_pool: bool


def find_rooms(session: Session, member: Member | None, sought: Sought, *, now: datetime) -> list[Found]:
    """What this member could book, the nearest first, then the cheapest, then by name; nothing for None."""
    if member is None:
        return []
    distances = places_sought(session, sought)
    candidates = candidates_for(session, sought, distances)
    spans = _spans(sought, {candidate.room.place.zone for candidate in candidates})
    ever = [span for each in spans.values() for _, span in each]
    if not candidates or not ever:
        return []
    is_free = _freedom(session, candidates, ever, now)
    free = [
        (candidate, times)
        for candidate in candidates
        if (times := [each for each in spans[candidate.room.place.zone] if is_free(candidate, each[1])])
    ]
    offers = offers_of(session, [candidate for candidate, _ in free])
    booker = booker_of(session, member, ever, now=now)
    found = [
        Found(candidate.room, span, shifted, quote, distances[candidate.room.place])
        for candidate, times in free
        for shifted, span, quote in _bookable(booker, offers[candidate.room.id], times, sought.people, now)
    ]
    return sorted(found, key=_order)


def largest_sought(session: Session, member: Member | None, sought: Sought, *, now: datetime) -> int | None:
    """How many the largest of what is sought holds, of what this member may book at other times or for fewer people."""
    if member is None:
        return None
    anybody = replace(sought, people=1)
    candidates = candidates_for(session, anybody, places_sought(session, anybody))
    spans = _spans(anybody, {each.room.place.zone for each in candidates})
    times = {zone: of[0][1] for zone, of in spans.items() if of}
    if not times:
        return None
    offers, booker = offers_of(session, candidates), booker_of(session, member, list(times.values()), now=now)

    def is_theirs(candidate: Candidate) -> bool:
        span = times.get(candidate.room.place.zone)
        if span is None:
            return False
        flaws = quote_of(booker, offers[candidate.room.id], span, people=1, now=now).flaws
        return NEVER.isdisjoint(flaw.code for flaw in flaws)

    return max((each.room.capacity for each in candidates if is_theirs(each)), default=None)


def zones_of(session: Session) -> list[str]:
    """The zones of the network's places."""
    return list(session.scalars(select(Place.zone).distinct().order_by(Place.zone)))


def _order(found: Found) -> tuple[float, int, str, int]:
    distance = float("inf") if found.distance_km is None else found.distance_km
    return distance, found.quote.price, found.resource.name, found.resource.id


def _bookable(
    booker: Booker, offer: Offer, times: Sequence[tuple[int, Span]], people: int, now: datetime
) -> Iterator[tuple[int, Span, Quote]]:
    """The nearest of these times at which nothing speaks against it; none where something always does."""
    for shifted, span in times:
        quote = quote_of(booker, offer, span, people=people, now=now)
        if not quote.flaws:
            yield shifted, span, quote
            return


def places_sought(session: Session, sought: Sought) -> dict[PlaceFound, float | None]:
    """The places where it may be, and how far each is."""
    query = select(*(getattr(Place, name) for name in PlaceFound._fields))
    if sought.places:
        query = query.where(Place.id.in_(sought.places))
    found = {place: _distance(sought.near, place) for place in map(PlaceFound._make, session.execute(query))}
    if sought.within_km is None:
        return found
    return {place: km for place, km in found.items() if km is not None and km <= sought.within_km}


def _distance(near: Point | None, place: PlaceFound) -> float | None:
    """As the crow flies, in kilometres (haversine); None where somebody did not say where they are."""
    if near is None or place.latitude is None or place.longitude is None:
        return None
    north, south = radians(near.latitude), radians(place.latitude)
    around = sin(radians(place.longitude - near.longitude) / 2) ** 2
    return round(2 * 6371.0 * asin(sqrt(sin((south - north) / 2) ** 2 + cos(north) * cos(south) * around)), 1)


def _spans(sought: Sought, zones: Collection[str]) -> dict[str, list[tuple[int, Span]]]:
    """For each zone, when it would be: as sought, then the nearest first; without what its clocks leave unclear."""
    steps = range(STEP, sought.flexible + 1, STEP)
    shifts = [0, *(shift for step in steps for shift in (step, -step))]
    found: dict[str, list[tuple[int, Span]]] = {}
    for name in zones:
        zone, found[name] = zone_named(name), []
        for shift in shifts:
            by = timedelta(minutes=shift)
            starts_at, ends_at = (read_time(said + by, zone) for said in (sought.window.start, sought.window.end))
            if isinstance(starts_at, datetime) and isinstance(ends_at, datetime) and starts_at < ends_at:
                found[name].append((shift, span_between(starts_at, ends_at, zone)))
    return found


def candidates_for(session: Session, sought: Sought, places: Mapping[PlaceFound, object]) -> list[Candidate]:
    """What is large enough, of that kind and equipped so, whether it is free or not."""
    by_id = {place.id: place for place in places}
    query = (
        select(
            Resource.id,
            Resource.name,
            Resource.kind,
            Resource.capacity,
            cast(Resource.features, Text),
            Resource.place_id,
            Resource.is_pool,
            cast(ResourcePolicy.document, Text),
        )
        .join(
            ResourcePolicy,
            (ResourcePolicy.resource_id == Resource.id) & (ResourcePolicy.number == Resource.policy),
        )
        .where(Resource.retired_at.is_(None), Resource.pool_id.is_(None), Resource.capacity >= sought.people)
    )
    if sought.kind:
        query = query.where(Resource.kind == sought.kind)
    for feature in sought.features:  # a JSON list of texts
        query = query.where(cast(Resource.features, Text).contains(json.dumps(feature), autoescape=True))
    if sought.places or sought.within_km is not None:
        query = query.where(Resource.place_id.in_(by_id))
    return [
        Candidate(RoomFound(key, name, kind, capacity, _words(features), by_id[place_id]), policy_in(document), is_pool)
        for key, name, kind, capacity, features, place_id, is_pool, document in session.execute(query)
        if key not in sought.besides
    ]


@lru_cache(maxsize=1024)
def _words(features: str) -> tuple[str, ...]:
    return tuple(json.loads(features))


def _freedom(
    session: Session, candidates: Sequence[Candidate], spans: Sequence[Span], now: datetime
) -> Callable[[Candidate, Span], bool]:
    """Says of a room and a time whether nothing takes it then, set-up and tear-down included."""
    units, parts = units_of(session, candidates), parts_of(session)
    taken = taken_around(session, candidates, spans, now)

    def of(resource_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        return all(begins >= ends_at or ends <= starts_at for begins, ends in taken.get(resource_id, ()))

    def whole(resource_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        of_it = parts.get(resource_id)
        return all(whole(part, starts_at, ends_at) for part in of_it) if of_it else of(resource_id, starts_at, ends_at)

    def is_free(candidate: Candidate, span: Span) -> bool:
        between = claimed(span, candidate.policy)
        if candidate.is_pool:
            return any(of(unit, *between) for unit in units[candidate.room.id])
        return whole(candidate.room.id, *between)

    return is_free


def taken_around(
    session: Session, candidates: Sequence[Candidate], spans: Sequence[Span], now: datetime
) -> dict[int, list[tuple[datetime, datetime]]]:
    """When each resource is taken around these times: as far around as any of the candidates is set up for."""
    before, after = (max(getattr(each.policy, name) for each in candidates) for name in ("set_up", "tear_down"))
    between = {
        "first": min(span.starts_at for span in spans) - timedelta(minutes=before),
        "last": max(span.ends_at for span in spans) + timedelta(minutes=after),
    }
    short = {"short": between["first"] - LONG_CLAIM, "now": now}
    taken = defaultdict(list)
    for resource_id, starts_at, ends_at in session.execute(_CLAIMS[session.get_bind().dialect.name], between | short):
        taken[resource_id].append((starts_at, ends_at))
    return taken


def _claims(is_long: TextClause) -> CompoundSelect[int, datetime, datetime]:
    first, last, short, now = (bindparam(name, type_=UtcDateTime()) for name in ("first", "last", "short", "now"))
    overlapping = select(Claim.resource_id, Claim.starts_at, Claim.ends_at).where(
        Claim.released_at.is_(None),
        or_(Claim.expires_at.is_(None), Claim.expires_at > now),
        Claim.starts_at < last,
        Claim.ends_at > first,
    )
    return overlapping.where(Claim.starts_at > short).union_all(overlapping.where(is_long))


_CLAIMS: Final = {name: _claims(is_long) for name, is_long in IS_LONG.items()}
"""What is taken at some time, by database: the claims that began within the day before, and the long ones."""


def units_of(session: Session, candidates: Sequence[Candidate]) -> dict[int, list[int]]:
    """The units of those that are pools, by pool."""
    pools = [candidate.room.id for candidate in candidates if candidate.is_pool]
    units: dict[int, list[int]] = {pool: [] for pool in pools}
    query = select(Resource.pool_id, Resource.id).where(Resource.pool_id.in_(pools), Resource.retired_at.is_(None))
    for pool, unit in session.execute(query) if pools else ():
        units[pool or 0].append(unit)
    return units


def parts_of(session: Session) -> dict[int, list[int]]:
    """What the rooms that are made of others are made of, by room: parts may have parts."""
    parts: dict[int, list[int]] = defaultdict(list)
    for composite, part in session.execute(select(ResourcePart.composite_id, ResourcePart.part_id)):
        parts[composite].append(part)
    return parts


def offers_of(session: Session, candidates: Sequence[Candidate]) -> dict[int, Offer]:
    """What these rooms offer, by id."""
    weeks = kept_weeks(session, {candidate.room.place for candidate in candidates})
    columns = (getattr(ResourceRate, name) for name in Rate.__dataclass_fields__)
    rates: dict[int, tuple[Rate, ...]] = defaultdict(tuple)
    ids = [candidate.room.id for candidate in candidates]
    query = select(ResourceRate.resource_id, *columns).where(ResourceRate.resource_id.in_(ids))
    for resource_id, *rate in session.execute(query.order_by(ResourceRate.position)):
        rates[resource_id] += (_rate(*rate),)
    return {
        room.id: Offer(
            room.id,
            place.id,
            room.capacity,
            candidate.policy,
            rates[room.id],
            weeks[place.id],
            place.joined_on,
            place.left_on,
        )
        for candidate in candidates
        for room, place in [(candidate.room, candidate.room.place)]
    }


@lru_cache(maxsize=4096)
def _rate(
    hour: int, half_day: int | None, day: int | None, plan: str | None, tier: str | None, is_home: bool | None
) -> Rate:
    return Rate(hour, half_day, day, plan, tier, is_home)
