"""Bookings as answers show them: to whom they are for, and to those who receive at their place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.bookings.changing import is_lapsed
from passapp.bookings.finding.availability import Found
from passapp.bookings.models import Booking, BookingState
from passapp.bookings.policies import COMES_EARLY, cancellation_cost, read_policies
from passapp.bookings.rules import Span
from passapp.kernel.api import Shown, local_time
from passapp.kernel.problems import ProblemDetails
from passapp.members.rules import initial_of
from passapp.places.models import Place


class BookingPlace(Shown):
    """A place where something can be booked."""

    id: UUID
    code: str
    name: str
    zone: str
    town: str
    latitude: float | None
    longitude: float | None


class BookedResource(Shown):
    """What is booked. `contact`: whom to call."""

    id: int
    name: str
    kind: str
    place: BookingPlace
    access: str | None = Field(description="How to get in; to whom it is for, only while it is booked.")
    contact: str | None


class NamedPlace(Shown):
    """A place by its name."""

    id: UUID
    name: str


class Times(Shown):
    """When it is: as instants, with the place's offset, and on the place's wall."""

    starts_at: datetime
    ends_at: datetime
    local_start: str = Field(examples=["2026-11-23T09:00"], description="What the clocks of the place show.")
    local_end: str = Field(examples=["2026-11-23T10:00"])
    zone: str = Field(examples=["Europe/Paris"])


def times_of(
    starts_at: datetime, ends_at: datetime, local_start: datetime, local_end: datetime, zone: str
) -> dict[str, Any]:
    """The fields of `Times`."""
    return {
        "starts_at": local_time(starts_at, zone),
        "ends_at": local_time(ends_at, zone),
        "local_start": f"{local_start:%Y-%m-%dT%H:%M}",
        "local_end": f"{local_end:%Y-%m-%dT%H:%M}",
        "zone": zone,
    }


class FreeResourceShown(Shown):
    """A resource in a list of what is free."""

    id: int
    name: str
    kind: str
    capacity: int
    features: list[str]
    place: BookingPlace


class FreeShown(Times):
    """Something that whoever asks could book. Money in cents."""

    resource: FreeResourceShown
    shifted: int = Field(description="Minutes from the time that was asked for.")
    price: int
    payer: Literal["member", "home"]
    home: NamedPlace | None
    needs_approval: bool
    distance_km: float | None


class FreeTime(Shown):
    """When it is free, with the place's offset."""

    start: datetime
    end: datetime


def free_time(span: Span, zone: str) -> FreeTime:
    """That time, as it is sent."""
    return FreeTime(start=local_time(span.starts_at, zone), end=local_time(span.ends_at, zone))


class SlotTakenDetails(ProblemDetails):
    """`slot_taken`: what to take instead."""

    next_free: FreeTime | None = Field(default=None, description="When the same is free next, within two weeks.")
    alternatives: list[FreeShown] = Field(default=[], description="What is free then, here first, then nearby.")


def show_found(session: Session, found: Found) -> FreeShown:
    """Something found, as a list shows it."""
    home = session.get(Place, found.quote.home_id) if found.quote.home_id else None
    span = found.span
    return FreeShown(
        **times_of(span.starts_at, span.ends_at, span.local_start, span.local_end, found.resource.place.zone),
        resource=FreeResourceShown.model_validate(found.resource),
        shifted=found.shifted,
        price=found.quote.price,
        payer=found.quote.payer.value,
        home=NamedPlace.model_validate(home) if home else None,
        needs_approval=found.quote.needs_approval,
        distance_km=found.distance_km,
    )


class BookingMay(Shown):
    """What may be done with it now."""

    confirm: bool
    move: bool
    end_early: bool
    cancel: bool
    check_in: bool

    @classmethod
    def of(cls, booking: Booking, now: datetime, *, by_place: bool) -> Self:
        """As the services have it."""
        stands = BookingState(booking.state).takes_room and booking.ends_at > now
        is_booked = stands and booking.state == BookingState.BOOKED
        return cls(
            confirm=not by_place
            and booking.state == BookingState.HELD
            and booking.expires_at is not None
            and booking.expires_at > now,
            move=stands and booking.state != BookingState.HELD and not is_lapsed(booking, now),
            end_early=is_booked and booking.starts_at < now,
            cancel=stands and (by_place or booking.starts_at > now),
            check_in=is_booked and booking.came_at is None and now >= booking.starts_at - COMES_EARLY,
        )


class BookedFor(Shown):
    """Whom it is for, as far as the place where it is learns it."""

    given_name: str
    initial: str
    home: str | None


class BookingShown(Times):
    """A booking. Money in cents; `for` is shown to those who receive at its place only."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    resource: BookedResource
    state: Literal["held", "requested", "booked", "cancelled", "rejected", "no_show"]
    title: str
    people: int
    is_adjusted: bool = Field(description="The clock change moved its start.")
    price: int
    fee: int = Field(description="What its cancellation cost.")
    payer: Literal["member", "home"]
    home: NamedPlace | None = Field(description="Whose member it is for.")
    series_id: UUID | None
    answer_by: datetime | None = Field(description="Until when the place answers.")
    expires_at: datetime | None = Field(description="Until when it is kept, while it is held.")
    came_at: datetime | None
    ended_at: datetime | None
    reason: str | None = Field(description="Why it was cancelled or refused, as whoever did it wrote.")
    made_at: datetime
    changed_at: datetime
    cancel_costs: int = Field(description="What it would cost to cancel it now.")
    may: BookingMay
    for_: BookedFor | None = Field(alias="for")
    version: int


_SAME = (
    *("id", "state", "title", "people", "is_adjusted", "price", "fee", "payer", "series_id", "answer_by", "expires_at"),
    *("came_at", "ended_at", "reason", "made_at", "changed_at", "version"),
)


def show_booking(session: Session, booking: Booking, now: datetime, *, by_place: bool) -> BookingShown:
    """A booking, to whom it is for, or (``by_place``) to those who receive at its place."""
    home = session.get(Place, booking.home_id) if booking.home_id else None
    resource = BookedResource.model_validate(booking.resource)
    if not by_place and booking.state != BookingState.BOOKED:  # a code for the door is for whoever has it
        resource.access = None
    return BookingShown.model_validate(
        {name: getattr(booking, name) for name in _SAME}
        | times_of(booking.starts_at, booking.ends_at, booking.local_start, booking.local_end, booking.zone)
        | {
            "resource": resource,
            "home": home,
            "cancel_costs": 0 if by_place or not _may_cost(booking, now) else cancellation_cost(session, booking, now),
            "may": BookingMay.of(booking, now, by_place=by_place),
            "for": booked_for(session, booking) if by_place else None,
        }
    )


def show_bookings(
    session: Session, bookings: Sequence[Booking], now: datetime, *, by_place: bool
) -> list[BookingShown]:
    """A list of them; what many have in common is read once, and kept meanwhile."""
    homes = {booking.home_id for booking in bookings if booking.home_id}
    _homes = session.scalars(select(Place).where(Place.id.in_(homes))).all()
    _policies = () if by_place else read_policies(session, bookings)
    return [show_booking(session, booking, now, by_place=by_place) for booking in bookings]


def booked_for(session: Session, booking: Booking) -> BookedFor | None:
    """Whom it is for; None once they were erased."""
    if booking.member is None:
        return None
    home = session.get(Place, booking.home_id) if booking.home_id else None
    initial = initial_of(booking.member.family_name)
    return BookedFor(given_name=booking.member.given_name, initial=initial, home=home.name if home else None)


def _may_cost(booking: Booking, now: datetime) -> bool:
    return BookingState(booking.state).takes_room and booking.starts_at > now
