"""Routes of guests of a day, for phones at the door and for those who receive."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door import guests
from passapp.door.calling import Calling, allow_doors, at_the_door, lock_place
from passapp.door.guests import Guest
from passapp.door.models import DayGuest
from passapp.door.service import acting
from passapp.kernel.api import Body, DeviceInstant, Line, NowDep, Optional, Shown
from passapp.kernel.audit import record
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])

RECEIVES = (Role.DOOR, Role.HOST, Role.MANAGER)
REFUSALS = (guests.GUEST_ID_REUSED, guests.GUESTS_NOT_RECEIVED, guests.MINORS_NOT_RECEIVED, guests.GUEST_TOO_OLD)


class GuestWanted(Body):
    """A guest of a day. `id` is made by the device, and never used again for another guest.

    `device_now` is the device's clock as it sends. No more is asked of a guest than a first name, and not even that.
    """

    id: UUID
    given_name: Annotated[Line | None, Optional] = Field(
        default=None, examples=["Inès"], description="For an evacuation; forgotten after a week."
    )
    minor: bool = False
    guardian_consents: bool = Field(default=False, description="A minor is received with their guardian's consent.")
    at: DeviceInstant = Field(description="When they came, by the device's clock, right or wrong.")
    device_now: DeviceInstant

    @model_validator(mode="after")
    def _a_minor_has_a_guardian(self) -> Self:
        if self.minor and not self.guardian_consents:
            msg = "a minor is received with the consent of their guardian"
            raise ValueError(msg)
        return self

    @property
    def guest(self) -> Guest:
        """The same as the service takes it."""
        return Guest(**self.model_dump())


class GuestShown(Shown):
    """A guest of a day. `at` is corrected by the device's clock error; `left_at`: when it was said that they left."""

    id: UUID
    given_name: str | None
    minor: bool
    at: datetime
    local_date: date
    left_at: datetime | None
    undone_at: datetime | None


@router.post(
    "/door/guests",
    operation_id="receive_guest_at_door",
    dependencies=allow_doors(),
    response_model=GuestShown,
    responses=may_answer(*REFUSALS),
)
async def receive_guest_at_door(body: GuestWanted, request: Request, now: NowDep) -> Response:
    """Receive a guest for the day. Sent again with the same id, it is answered the same."""

    def deed(session: Session, calling: Calling) -> GuestShown:
        door = calling.door
        return GuestShown.model_validate(guests.receive(session, door.place, door, body.guest, now=now))

    return await at_the_door(request, now, deed)


@router.post(
    "/places/{place_id}/guests",
    operation_id="receive_guest",
    dependencies=allow(Role.HOST, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN, *REFUSALS),
)
def receive_guest(place_id: UUID, body: GuestWanted, session: SessionDep, now: NowDep) -> GuestShown:
    """Receive a guest for the day, without a phone at the door."""
    place = lock_place(session, get_place(session, place_id).id)
    return GuestShown.model_validate(guests.receive(session, place, None, body.guest, now=now))


@router.post(
    "/places/{place_id}/guests/{guest_id}/left",
    operation_id="guest_left",
    dependencies=allow(*RECEIVES),
    responses=may_answer(PLACE_UNKNOWN, guests.GUEST_UNKNOWN),
)
def guest_left(place_id: UUID, guest_id: UUID, session: SessionDep, now: NowDep) -> GuestShown:
    """Say that a guest left."""
    row = _guest(session, place_id, guest_id)
    guests.guest_left(session, row, at=now)
    return GuestShown.model_validate(row)


@router.post(
    "/places/{place_id}/guests/{guest_id}/undo",
    operation_id="undo_guest",
    dependencies=allow(*RECEIVES),
    responses=may_answer(PLACE_UNKNOWN, guests.GUEST_UNKNOWN),
)
def undo_guest(place_id: UUID, guest_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> GuestShown:
    """Take a guest back who was written down by mistake: they count no more, and their name is forgotten."""
    row = _guest(session, place_id, guest_id)
    if row.undone_at is None:
        guests.take_guest_back(session, row, at=now)
        record(session, acting(session, caller, now), now, "guest.undo", ("guest", row.id), place_id=place_id)
    return GuestShown.model_validate(row)


def _guest(session: Session, place_id: UUID, guest_id: UUID) -> DayGuest:
    place = lock_place(session, get_place(session, place_id).id)
    return guests.guest_at(session, place, guest_id)
