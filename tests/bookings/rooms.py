"""Factories: rooms, and bookings of them."""

from datetime import UTC, date, datetime, timedelta

from passapp.bookings import service
from passapp.bookings.models import Booking, BookingAdvance, Claim, Resource, ResourcePart, ResourceRate
from passapp.bookings.policies import set_policy
from passapp.bookings.rules import Policy, Rate, span_between
from passapp.bookings.service import Wanted
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import zone_named
from passapp.members.models import Member
from tests.settlement.months import agree

NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""A Monday, 9:00 in Paris."""
ALWAYS = Policy(is_always_open=True)


def room(world, place=None, policy=ALWAYS, rates=(), **fields):
    """A room, bookable at any hour unless its policy says otherwise; gives its id."""
    usual = {"kind": "room", "name": "Salle Bleue", "capacity": 8, "features": [], "made_at": world.now, "policy": 1}
    with world.database.write() as session:
        made = Resource(place_id=(place or world.moulin).id, **usual | fields)
        made.rates = [
            ResourceRate(position=n, **{name: getattr(rate, name) for name in Rate.__dataclass_fields__})
            for n, rate in enumerate(rates)
        ]
        session.add(made)
        session.flush()
        set_policy(session, made, policy, at=world.now)
        return made.id


def pool(world, units, **fields):
    """Desks that are alike: the pool's id."""
    made = room(world, kind="desk", name="Bureaux", is_pool=True, capacity=1, **fields)
    for number in range(units):
        room(world, fields.get("place"), kind="desk", name=f"Bureau {number + 1}", capacity=1, pool_id=made)
    return made


def composite(world, *parts, **fields):
    """A room made of others."""
    whole = room(world, name="Grande salle", capacity=20, **fields)
    with world.database.write() as session:
        session.add_all(ResourcePart(composite_id=whole, part_id=part) for part in parts)
    return whole


def home_pays(world, place, ceiling=None, *, from_day=date(2026, 11, 1)):
    """Rules with money, under which that home pays its members' bookings first."""
    agree(world, from_day)
    with world.database.write() as session:
        session.add(BookingAdvance(place_id=place.id, ceiling=ceiling))


def wanted(starts=0, minutes=60, *, zone="Europe/Paris", people=2, title="Réunion"):
    """So many minutes from nine on."""
    at = NINE + timedelta(minutes=starts)
    return Wanted(span_between(at, at + timedelta(minutes=minutes), zone_named(zone)), title, people)


def book(world, room_id, member, starts=0, minutes=60, **fields):
    """Book it, in a transaction of its own; gives the booking's id."""
    hold = fields.pop("hold", False)
    with world.database.write() as session:
        resource, who = service.get_resource(session, room_id), session.get_one(Member, member.id)
        what = wanted(starts, minutes, **fields)
        return service.book(session, resource, who, what, hold=hold, now=world.now, actor=SYSTEM).id


def do(world, deed, booking_id, *args, **fields):
    """Something that people do with a booking, in a transaction of its own; gives the booking as it is then."""
    with world.database.write() as session:
        return deed(session, session.get_one(Booking, booking_id), *args, now=world.now, actor=SYSTEM, **fields)


def taken(world):
    """What is taken now: (resource, from, to), in minutes from nine."""
    with world.session() as session:
        rows = session.query(Claim).filter(Claim.released_at.is_(None)).order_by(Claim.resource_id, Claim.starts_at)
        return [
            (row.resource_id, *((at - NINE) // timedelta(minutes=1) for at in (row.starts_at, row.ends_at)))
            for row in rows
        ]
