"""What places say of what can be booked there: they add rooms, pools of desks, rooms made of others; change, retire."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller, Role
from passapp.bookings.claims import leaves_of, lock_in_order, takes_of
from passapp.bookings.closures.service import cover
from passapp.bookings.lapsing import made_of
from passapp.bookings.models import Booking, Claim, ExternalCalendar, Resource, ResourcePart, ResourceRate
from passapp.bookings.policies import set_policy
from passapp.bookings.quoting import TAKING
from passapp.bookings.rules import Policy, Rate
from passapp.bookings.service import RESOURCE_UNKNOWN
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.network.service import get_plan
from passapp.places.models import Place

HAS_BOOKINGS = ProblemType(
    "has_bookings",
    409,
    en="It is booked in the days to come: move or cancel these bookings first.",
    fr="Des réservations sont à venir : déplacez-les ou annulez-les d'abord.",
)
IS_A_PART = ProblemType(
    "is_a_part",
    409,
    en="It is a part of {whole}: take it out of there first.",
    fr="Elle fait partie de « {whole} » : retirez-l'en d'abord.",
)
PARTS_UNFIT = ProblemType(
    "parts_unfit",
    422,
    en="A room is made of other rooms of the same place, in use, no pools, and none of which it is a part itself.",
    fr="Une salle se compose d'autres salles du même lieu, en service, sans postes interchangeables, "
    "et qui ne la contiennent pas.",
)
POOL_STAYS = ProblemType(
    "pool_stays",
    422,
    en="A pool keeps at least one unit, and what is no pool has none: retire it, and add another.",
    fr="Un lot garde au moins un poste, et une salle n'en a pas : retirez-la, puis ajoutez-en une autre.",
)


@dataclass(frozen=True)
class Wanted:
    """What a place says of something to book. ``units``: the names of a pool's; ``parts``: ids, of a composite."""

    fields: Mapping[str, Any]
    rates: Sequence[Rate]
    policy: Policy
    units: Sequence[str] = ()
    parts: Sequence[int] = ()


def find_resource(session: Session, resource_id: int) -> Resource:
    """The resource, retired or not; not a unit, which is booked through its pool. Raises ``resource_unknown``."""
    resource = session.get(Resource, resource_id)
    if resource is None or resource.pool_id is not None:
        raise RESOURCE_UNKNOWN.error()
    return resource


def managed_resource(session: Session, resource_id: int, caller: Caller) -> Resource:
    """The same, where the caller manages its place. Raises ``resource_unknown``, ``forbidden``."""
    resource = find_resource(session, resource_id)
    caller.require_at(frozenset({resource.place_id}), Role.MANAGER)
    return resource


def units_of(session: Session, pools: Collection[int]) -> dict[int, list[Resource]]:
    """The units of each of these pools that are in use, in the order in which they were added."""
    query = select(Resource).where(Resource.pool_id.in_(pools), Resource.retired_at.is_(None)).order_by(Resource.id)
    found: dict[int, list[Resource]] = {pool: [] for pool in pools}
    for unit in session.scalars(query):
        found[unit.pool_id or 0].append(unit)
    return found


def parts_of(session: Session, composites: Collection[int]) -> dict[int, list[Resource]]:
    """The rooms of which each of these is made; none for a plain room."""
    query = (
        select(ResourcePart.composite_id, Resource)
        .join(Resource, Resource.id == ResourcePart.part_id)
        .where(ResourcePart.composite_id.in_(composites))
        .order_by(Resource.id)
    )
    found: dict[int, list[Resource]] = {composite: [] for composite in composites}
    for composite, part in session.execute(query):
        found[composite].append(part)
    return found


def add_resource(session: Session, place: Place, wanted: Wanted, *, at: datetime, actor: Actor) -> Resource:
    """Add something that can be booked from now on. Raises ``plan_unknown``, ``parts_unfit``."""
    resource = Resource(place_id=place.id, policy=1, made_at=at, is_pool=bool(wanted.units), **wanted.fields)
    resource.rates = _rates(session, wanted.rates)
    session.add(resource)
    session.flush()
    set_policy(session, resource, wanted.policy, at=at)
    _lock(session, resource, wanted.parts)
    _set_units(session, resource, wanted.units, at)
    _set_parts(session, resource, wanted.parts, at)
    session.flush()
    cover(session, takes_of(session, resource).concerned, at)
    record(session, actor, at, "resource.add", ("resource", resource.id), place_id=place.id)
    return resource


def change_resource(session: Session, resource: Resource, wanted: Wanted, *, at: datetime, actor: Actor) -> None:
    """Say all of it anew. Bookings keep the price and the policy that they were made at.

    Raises ``resource_unknown`` where it is retired, ``plan_unknown``, ``parts_unfit``, ``pool_stays``,
    ``has_bookings``, ``stale``.
    """
    if resource.retired_at is not None:
        raise RESOURCE_UNKNOWN.error()
    if resource.is_pool != bool(wanted.units):
        raise POOL_STAYS.error()
    _lock(session, resource, wanted.parts)
    changed = sorted(name for name, value in wanted.fields.items() if getattr(resource, name) != value)
    for name in changed:
        setattr(resource, name, wanted.fields[name])
    if _as_rates(resource.rates) != list(wanted.rates):
        resource.rates = _rates(session, wanted.rates)
        changed.append("rates")
    before = resource.policy
    set_policy(session, resource, wanted.policy, at=at)
    changed += ["policy"] if resource.policy != before else []
    changed += ["units"] if _set_units(session, resource, wanted.units, at) else []
    changed += ["parts"] if _set_parts(session, resource, wanted.parts, at) else []
    if not changed:
        return
    resource.version += 1  # rows of other tables may have changed alone
    session.flush()
    cover(session, takes_of(session, resource).concerned, at)
    record(session, actor, at, "resource.change", ("resource", resource.id), place_id=resource.place_id, fields=changed)


def retire(session: Session, resource: Resource, *, at: datetime, actor: Actor) -> None:
    """Have nobody book it any more; what was booked stays written down. Again: nothing changes.

    Raises ``has_bookings``, ``is_a_part``.
    """
    if resource.retired_at is not None:
        return
    _lock(session, resource)
    whole = session.scalar(
        select(Resource.name)
        .join(ResourcePart, ResourcePart.composite_id == Resource.id)
        .where(ResourcePart.part_id == resource.id, Resource.retired_at.is_(None))
        .limit(1)
    )
    if whole is not None:
        raise IS_A_PART.error(whole=whole)
    _check_not_booked(session, resource, at)
    resource.retired_at = at
    for unit in units_of(session, [resource.id])[resource.id]:
        unit.retired_at = at
    session.flush()
    record(session, actor, at, "resource.retire", ("resource", resource.id), place_id=resource.place_id)


def _lock(session: Session, resource: Resource, parts: Collection[int] = ()) -> None:
    """Hold back whoever books it, a part of it or what it is part of; and whoever changes what these are made of."""

    def concerned() -> set[int]:
        known = session.scalars(select(Resource.id).where(Resource.id.in_(parts)))  # of whatever was sent
        whole = made_of(session, [resource.id]) | set(known)
        return whole.union(*leaves_of(session, whole).values())

    lock_in_order(session, concerned)


def rate_of(row: ResourceRate) -> Rate:
    """A row of a price list as the rules take it."""
    return Rate(row.hour, row.half_day, row.day, plan=row.plan, tier=row.tier, is_home=row.is_home)


def _as_rates(rows: Sequence[ResourceRate]) -> list[Rate]:
    return [rate_of(row) for row in rows]


def _rates(session: Session, rates: Sequence[Rate]) -> list[ResourceRate]:
    for plan in {rate.plan for rate in rates if rate.plan is not None}:
        get_plan(session, plan)
    return [
        ResourceRate(position=n, **{name: getattr(rate, name) for name in Rate.__dataclass_fields__})
        for n, rate in enumerate(rates)
    ]


def _set_units(session: Session, pool: Resource, names: Sequence[str], at: datetime) -> bool:
    """Have exactly these units, known by their names; gives whether any came or went."""
    present = {unit.name: unit for unit in units_of(session, [pool.id])[pool.id]}
    gone, new = [present[name] for name in present if name not in names], [n for n in names if n not in present]
    claims = select(Claim.id).where(Claim.released_at.is_(None), Claim.ends_at > at)
    if gone and session.scalar(claims.where(Claim.resource_id.in_([unit.id for unit in gone])).limit(1)) is not None:
        raise HAS_BOOKINGS.error()
    for unit in gone:
        unit.retired_at = at
    fields = {"place_id": pool.place_id, "kind": pool.kind, "capacity": pool.capacity, "policy": 1, "made_at": at}
    session.add_all(Resource(name=name, features=[], pool_id=pool.id, **fields) for name in new)
    return bool(gone or new)


def _set_parts(session: Session, composite: Resource, wanted: Collection[int], at: datetime) -> bool:
    """Have it made of exactly these rooms; gives whether anything changed."""
    rows = session.scalars(select(ResourcePart).where(ResourcePart.composite_id == composite.id)).all()
    present = {row.part_id for row in rows}
    if present == set(wanted):
        return False
    _check_parts(session, composite, wanted)
    # What is booked took other rooms than it would from now on.
    _check_not_booked(session, composite, at)
    if wanted and session.get(ExternalCalendar, composite.id) is not None:  # what is read there is of one room
        raise PARTS_UNFIT.error()
    for row in rows:
        if row.part_id not in wanted:
            session.delete(row)
    session.add_all(ResourcePart(composite_id=composite.id, part_id=part) for part in set(wanted) - present)
    return True


def _check_parts(session: Session, composite: Resource, wanted: Collection[int]) -> None:
    here = (Resource.place_id == composite.place_id, Resource.retired_at.is_(None), Resource.pool_id.is_(None))
    fitting = select(Resource.id).where(Resource.id.in_(wanted), *here, Resource.is_pool.is_(False))
    within, asked = set(wanted), set[int]()
    while unasked := within - asked:
        asked |= unasked
        inner = select(ResourcePart.part_id).where(ResourcePart.composite_id.in_(unasked))
        within |= set(session.scalars(inner))
    if composite.is_pool or composite.id in within or set(session.scalars(fitting)) != set(wanted):
        raise PARTS_UNFIT.error()


def _check_not_booked(session: Session, resource: Resource, at: datetime) -> None:
    """Raises ``has_bookings``."""
    whole = made_of(session, [resource.id])  # a booking of a room that it is part of takes it too
    ahead = select(Booking.id).where(Booking.resource_id.in_(whole), Booking.state.in_(TAKING), Booking.ends_at > at)
    if session.scalar(ahead.limit(1)) is not None:
        raise HAS_BOOKINGS.error()
