"""Which rooms of the network are free, asked once for all of them (booking.md 12 and 13).

First the claims that overlap, by an index on their start: nearly all last less than a day, so that only those that begin
within a day before need be looked at; the few long ones have an index of their own. Then the rooms that none of them is
of.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from passapp.bookings.models import LONG_CLAIM, Claim, Resource, ResourceKind, ResourcePart
from passapp.bookings.rules import Span
from passapp.places.models import Place


@dataclass(frozen=True)
class Sought:
    """What somebody looks for. ``spans``: when it would be, for each zone of the network."""

    spans: dict[str, Span]
    people: int = 1
    kind: ResourceKind | None = None
    features: frozenset[str] = frozenset()
    places: Collection[UUID] = field(default=())


def free_resources(session: Session, sought: Sought, *, now: datetime) -> list[Resource]:
    """The resources that nobody has taken then, those of each zone at its own instants: pools with a free unit too.

    Policies, opening hours and prices are another question: they are asked about what is found.
    """
    zones = [_free_in(zone, span, now) for zone, span in sorted(sought.spans.items())]
    if not zones:
        return []
    wanted = [Resource.retired_at.is_(None), Resource.pool_id.is_(None), Resource.capacity >= sought.people]
    wanted += [Resource.kind == sought.kind] if sought.kind else []
    wanted += [Resource.place_id.in_(sought.places)] if sought.places else []
    query = (
        select(Resource)
        .join(Place, Place.id == Resource.place_id)
        .where(*wanted, or_(*zones))
        .options(selectinload(Resource.rates))
        .order_by(Resource.id)
    )
    found: Iterable[Resource] = session.scalars(query)
    return [each for each in found if sought.features <= set(each.features)]


def _free_in(zone: str, span: Span, now: datetime) -> ColumnElement[bool]:
    taken = _taken(span, now)
    unit, part = aliased(Resource), aliased(ResourcePart)
    of_pool = exists().where(unit.pool_id == Resource.id, unit.retired_at.is_(None), unit.id.not_in(taken))
    of_part = exists().where(part.composite_id == Resource.id, part.part_id.in_(taken))
    is_free = or_(and_(Resource.is_pool, of_pool), and_(~Resource.is_pool, Resource.id.not_in(taken), ~of_part))
    return and_(Place.zone == zone, is_free)


def _taken(span: Span, now: datetime) -> object:
    """The ids of what is taken at some instant of a span."""
    these = (
        Claim.released_at.is_(None),
        or_(Claim.expires_at.is_(None), Claim.expires_at > now),
        Claim.starts_at < span.ends_at,
        Claim.ends_at > span.starts_at,
    )
    short = select(Claim.resource_id).where(Claim.starts_at > span.starts_at - LONG_CLAIM, ~Claim.is_long, *these)
    return short.union_all(select(Claim.resource_id).where(Claim.is_long, *these))
