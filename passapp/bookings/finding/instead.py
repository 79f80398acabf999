"""What somebody is told who wanted what is taken: when it is free next, and what else is (booking.md 13)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import Request
from sqlalchemy.orm import Session

from passapp.bookings.finding.availability import Point, Sought, Window, find_rooms
from passapp.bookings.finding.next_free import next_free
from passapp.bookings.models import Resource, ResourceKind
from passapp.bookings.service import SLOT_TAKEN, Wanted
from passapp.bookings.shown import free_time, show_found
from passapp.kernel.database import Database
from passapp.kernel.problems import Problem
from passapp.members.models import Member

ALTERNATIVES: Final = 5
NEARBY_KM: Final = 50.0


@contextmanager
def refusing_well(
    request: Request, session: Session, resource_id: int, member_id: UUID | None, wanted: Wanted, *, now: datetime
) -> Iterator[None]:
    """Let ``slot_taken`` name the next free time and alternatives; looked up once whoever waits may go on."""
    try:
        yield
    except Problem as problem:
        if problem.kind is not SLOT_TAKEN:
            raise
        session.rollback()
        database: Database = request.app.state.database
        with database.read() as reading:
            members = _instead(reading, resource_id, member_id, wanted, now)
        raise SLOT_TAKEN.error(members=members) from problem


def _instead(
    session: Session, resource_id: int, member_id: UUID | None, wanted: Wanted, now: datetime
) -> dict[str, object]:
    resource = session.get_one(Resource, resource_id)
    member = session.get(Member, member_id) if member_id else None
    if member is None:
        return {}
    place, span = resource.place, wanted.span
    here = None
    if place.latitude is not None and place.longitude is not None:
        here = Point(place.latitude, place.longitude)
    sought = Sought(
        Window(span.starts_at, span.ends_at),
        people=wanted.people,
        kind=ResourceKind(resource.kind),
        places=() if here else (place.id,),
        near=here,
        within_km=NEARBY_KM if here else None,
        besides=(resource.id,),
    )
    found = sorted(find_rooms(session, member, sought, now=now), key=lambda each: each.resource.place.id != place.id)
    free = next_free(session, resource, member, span, people=wanted.people, now=now)
    return {
        "next_free": free_time(free, place.zone) if free else None,
        "alternatives": [show_found(session, each) for each in found[:ALTERNATIVES]],
    }
