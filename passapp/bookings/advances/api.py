"""Routes of bookings that a home pays first: whether it does, and what it charges back."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints, model_validator

from passapp.accounts.access import CallerDep, Role, allow
from passapp.bookings.advances import service as advances
from passapp.bookings.advances.service import Advanced
from passapp.bookings.models import BookingAdvance
from passapp.bookings.shown import NamedPlace
from passapp.kernel.api import Body, NowDep, Shown, VersionDep, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["rooms"])

MOST_CENTS = 10_000_000
READS = (Role.COORDINATOR, Role.MANAGER, Role.PLACE_ACCOUNTANT)
Month = Annotated[
    str,
    Query(description="By the date of the booking, at the host.", examples=["2026-10"]),
    StringConstraints(pattern=r"^20[0-9][0-9]-(0[1-9]|1[0-2])$"),
]


class BookingAdvanceWanted(Body):
    """Whether a home pays its members' bookings elsewhere first. `ceiling`: cents a month and member; null: none."""

    advances: bool
    ceiling: int | None = Field(default=None, ge=0, le=MOST_CENTS, examples=[5000])

    @model_validator(mode="after")
    def _nothing_is_limited_that_is_not_advanced(self) -> Self:
        if not self.advances:
            self.ceiling = None
        return self


class BookingAdvanceShown(Shown):
    """Whether it does. `version` 0: it does not, and members pay the host themselves."""

    advances: bool
    ceiling: int | None
    version: int


class ChargedMember(Shown):
    """One's own member."""

    id: UUID
    given_name: str
    family_name: str
    reference: str | None


class AdvancedShown(Shown):
    """A booking to charge back; `amount` in cents. The member is null once their data were erased."""

    booking_id: UUID
    member: ChargedMember | None
    host: NamedPlace
    resource: str
    local_start: str = Field(examples=["2026-10-23T09:00"])
    state: str = Field(description="`booked`, `no_show`, or `cancelled`: then it is the fee.")
    amount: int


class AdvancedBookings(Shown):
    """What a home charges back for a month."""

    month: str
    items: list[AdvancedShown]
    total: int = Field(description="Cents.")


def _show(row: BookingAdvance | None, response: Response) -> BookingAdvanceShown:
    shown = BookingAdvanceShown(
        advances=row is not None, ceiling=row.ceiling if row else None, version=row.version if row else 0
    )
    show_version(response, shown.version)
    return shown


@router.get(
    "/places/{place_id}/booking-advance",
    operation_id="get_booking_advance",
    dependencies=allow(*READS),
    responses=may_answer(PLACE_UNKNOWN),
)
def get_booking_advance(place_id: UUID, response: Response, session: SessionDep) -> BookingAdvanceShown:
    """Whether the place pays its members' bookings elsewhere first, and charges them back."""
    return _show(advances.advance_of(session, get_place(session, place_id)), response)


@router.put(
    "/places/{place_id}/booking-advance",
    operation_id="set_booking_advance",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(
        PLACE_UNKNOWN, advances.NETWORK_COUNTS_ONLY, advances.NETWORK_NOT_IN_EUROS, STALE, VERSION_REQUIRED
    ),
)
def set_booking_advance(
    place_id: UUID,
    body: BookingAdvanceWanted,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> BookingAdvanceShown:
    """Say whether it does, from the next booking on. `If-Match: "0"` where it does not yet.

    Only where the network settles in euros; where it only counts, or in a local currency, members pay the host.
    """
    place = get_place(session, place_id)
    row = advances.set_advance(session, place, version, **body.model_dump(), at=now, actor=caller.actor)
    return _show(row, response)


@router.get(
    "/places/{place_id}/advanced-bookings",
    operation_id="list_advanced_bookings",
    dependencies=allow(*READS),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_advanced_bookings(place_id: UUID, month: Month, session: SessionDep) -> AdvancedBookings:
    """What to charge back to whom for a month: bookings elsewhere that the place pays for its members."""
    found = advances.advanced_bookings(session, get_place(session, place_id), month)
    items = [_show_advanced(each) for each in found]
    return AdvancedBookings(month=month, items=items, total=sum(item.amount for item in items))


@router.get(
    "/places/{place_id}/advanced-bookings.csv",
    operation_id="get_advanced_bookings_csv",
    dependencies=allow(*READS),
    response_class=Response,
    responses=may_answer(PLACE_UNKNOWN) | {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_advanced_bookings_csv(place_id: UUID, month: Month, session: SessionDep) -> Response:
    """The same for a spreadsheet."""
    place = get_place(session, place_id)
    content = advances.advanced_csv(month, advances.advanced_bookings(session, place, month))
    name = f'attachment; filename="{place.code}-{month}-reservations.csv"'
    return Response(content, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _show_advanced(each: Advanced) -> AdvancedShown:
    return AdvancedShown(
        booking_id=each.booking_id,
        member=ChargedMember.model_validate(each.member) if each.member else None,
        host=NamedPlace.model_validate(each.host),
        resource=each.resource,
        local_start=f"{each.local_start:%Y-%m-%dT%H:%M}",
        state=each.state,
        amount=each.amount,
    )
