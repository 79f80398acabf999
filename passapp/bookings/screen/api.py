"""Routes of the tablet outside a room."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.bookings import service
from passapp.bookings.calendars.external_api import READ_ELSEWHERE_FIRST
from passapp.bookings.fields import ResourceIdPath
from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Resource
from passapp.bookings.policies import COMES_EARLY
from passapp.bookings.said import NOT_BOOKABLE
from passapp.bookings.screen import service as screen
from passapp.bookings.service import (
    BOOKING_NOT_NOW,
    BOOKING_OVER,
    BOOKING_UNKNOWN,
    RESOURCE_UNKNOWN,
    SLOT_TAKEN,
)
from passapp.door.pairing import door_of_token
from passapp.door.rules import corrected_time
from passapp.kernel.api import Body, DeviceInstant, NowDep, Shown, local_time
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.members.rules import initial_of

router = APIRouter(tags=["bookings"])


class ScreenRoom(Shown):
    """What a tablet may stand outside of."""

    id: int
    name: str
    kind: str
    capacity: int


class ScreenRooms(Shown):
    """The rooms of the tablet's place."""

    place: str
    items: list[ScreenRoom]


class ScreenBooking(Shown):
    """A booking, as whoever passes by sees it. `who` is null for one made on the spot, and once it is forgotten."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    who: str | None = Field(examples=["Léa M."])
    state: BookingState
    came: bool
    check_in_from: datetime | None = Field(description="From when on they may say that they are here; null: they have.")


class ScreenTaken(Shown):
    """Why the room is taken for a time, set-up and tear-down included."""

    kind: ClaimKind
    starts_at: datetime
    ends_at: datetime
    booking: ScreenBooking | None


class ScreenChoice(Shown):
    """A booking that could be made now; its price, in cents, is paid on the spot."""

    minutes: int
    ends_at: datetime
    price: int


class ScreenOpening(Shown):
    """The place is open from `starts_at` until just before `ends_at`."""

    starts_at: datetime
    ends_at: datetime


class RoomScreen(Shown):
    """What the tablet shows: what is taken today and tomorrow, when its place is open. It keeps the last one."""

    server_now: datetime
    place: str
    zone: str
    today: date
    room: ScreenRoom
    taken: list[ScreenTaken]
    open: list[ScreenOpening] | None = Field(
        description="From now on for two weeks; null: at any hour, or its place says no hours."
    )
    book_now: list[ScreenChoice]


class BookNow(Body):
    """A booking from this minute on. `id` is made by the tablet: sent again, it is the same booking."""

    id: UUID
    minutes: Literal[15, 30, 60, 120]


class SaidHere(Body):
    """When somebody said that they are there, by the tablet's clock; `device_now` is that clock as it sends."""

    at: DeviceInstant
    device_now: DeviceInstant


def _booking(booking: Booking, zone: str) -> ScreenBooking:
    member = booking.member
    asks = booking.state == BookingState.BOOKED and booking.came_at is None
    return ScreenBooking(
        id=booking.id,
        starts_at=local_time(booking.starts_at, zone),
        ends_at=local_time(booking.ends_at, zone),
        who=f"{member.given_name} {initial_of(member.family_name)}." if member else None,
        state=BookingState(booking.state),
        came=booking.came_at is not None,
        check_in_from=local_time(booking.starts_at - COMES_EARLY, zone) if asks else None,
    )


def _taken(claim: Claim, zone: str) -> ScreenTaken:
    return ScreenTaken(
        kind=ClaimKind(claim.kind),
        starts_at=local_time(claim.starts_at, zone),
        ends_at=local_time(claim.ends_at, zone),
        booking=_booking(claim.booking, zone) if claim.booking else None,
    )


def _open(session: Session, room: Resource, now: datetime) -> list[ScreenOpening] | None:
    found, zone = screen.open_times(session, room, now), room.place.zone
    if found is None:
        return None
    return [ScreenOpening(starts_at=local_time(first, zone), ends_at=local_time(last, zone)) for first, last in found]


def _show(session: Session, room: Resource, now: datetime) -> RoomScreen:
    zone = room.place.zone
    return RoomScreen(
        server_now=local_time(now, zone),
        place=room.place.name,
        zone=zone,
        today=local_time(now, zone).date(),
        room=ScreenRoom.model_validate(room),
        open=_open(session, room, now),
        taken=[_taken(claim, zone) for claim in screen.taken_today(session, room, now)],
        book_now=[
            ScreenChoice(minutes=each.minutes, ends_at=local_time(each.ends_at, zone), price=each.price)
            for each in screen.bookable_now(session, room, now)
        ],
    )


@router.get("/door/rooms", operation_id="list_door_rooms", dependencies=allow(Role.DOOR))
def list_door_rooms(session: SessionDep, caller: CallerDep) -> ScreenRooms:
    """The rooms that this tablet may stand outside of."""
    place = door_of_token(session, caller.token_id).place
    return ScreenRooms(
        place=place.name, items=[ScreenRoom.model_validate(room) for room in screen.rooms_of(session, place)]
    )


@router.get(
    "/door/rooms/{resource_id}",
    operation_id="get_room_screen",
    dependencies=allow(Role.DOOR),
    responses=may_answer(RESOURCE_UNKNOWN),
)
def get_room_screen(resource_id: ResourceIdPath, session: SessionDep, now: NowDep, caller: CallerDep) -> RoomScreen:
    """Free or busy now, who comes next, and what could be booked now."""
    place = door_of_token(session, caller.token_id).place
    return _show(session, screen.room_of(session, place, resource_id), now)


@router.post(
    "/door/rooms/{resource_id}/bookings",
    operation_id="book_room_now",
    dependencies=[READ_ELSEWHERE_FIRST, *allow(Role.DOOR)],
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(RESOURCE_UNKNOWN, SLOT_TAKEN, NOT_BOOKABLE, screen.ROOM_ON_REQUEST),
)
def book_room_now(
    resource_id: ResourceIdPath, body: BookNow, session: SessionDep, now: NowDep, caller: CallerDep
) -> RoomScreen:
    """Take the room from this minute on, for whoever stands there."""
    place = door_of_token(session, caller.token_id).place
    room = screen.room_of(session, place, resource_id)
    screen.book_now(session, room, body.minutes, booking_id=body.id, now=now, actor=caller.actor)
    return _show(session, room, now)


@router.post(
    "/door/bookings/{booking_id}/check-in",
    operation_id="check_in_to_room",
    dependencies=allow(Role.DOOR),
    responses=may_answer(BOOKING_UNKNOWN, BOOKING_OVER, BOOKING_NOT_NOW),
)
def check_in_to_room(
    booking_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep, body: SaidHere | None = None
) -> RoomScreen:
    """Somebody of this booking is there, or was as they said so: it counts from then on, however late it is sent.

    Released for nobody having come meanwhile, it is theirs again unless somebody else has the room.
    """
    booking = _booking_here(session, caller.token_id, booking_id)
    at = corrected_time(body.at, body.device_now, now) if body else now
    screen.come(session, booking, at=at, now=now, actor=caller.actor)
    return _show(session, booking.resource, now)


@router.post(
    "/door/bookings/{booking_id}/end",
    operation_id="leave_room",
    dependencies=allow(Role.DOOR),
    responses=may_answer(BOOKING_UNKNOWN, BOOKING_OVER, BOOKING_NOT_NOW),
)
def leave_room(booking_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> RoomScreen:
    """They leave before its end: the room is free for others."""
    booking = _booking_here(session, caller.token_id, booking_id)
    service.end_early(session, booking, now=now, actor=caller.actor)
    return _show(session, booking.resource, now)


def _booking_here(session: Session, token_id: UUID | None, booking_id: UUID) -> Booking:
    place = door_of_token(session, token_id).place
    booking = session.get(Booking, booking_id)
    if booking is None or booking.place_id != place.id:
        raise BOOKING_UNKNOWN.error()
    return booking
