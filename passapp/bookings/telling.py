"""Who is told what of a booking: the messages that ``letters`` writes."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import RoleGrant
from passapp.accounts.rules import Role
from passapp.bookings.models import Booking
from passapp.kernel.outbox import enqueue

News = Literal[
    "booked",
    "requested",
    "accepted",
    "rejected",
    "moved",
    "cancelled",
    "cancelled_by_place",
    "no_show",
    "kept",
    "offered",
    "rehoused",
    "unanswered",
    "ended_early",
]
SeriesNews = Literal["booked", "requested", "moved", "cancelled", "cancelled_by_place"]


def tell(session: Session, booking: Booking, news: News, at: datetime, **payload: object) -> None:
    """Tell whoever a booking is for, by mail; nobody where they have no account, or were erased.

    ``payload``: what else the letter needs to know.
    """
    account_id = booking.member.account_id if booking.member else None
    if account_id is not None:
        _enqueue(session, booking, f"booking_{news}", account_id, at, **payload)


def tell_of_series(session: Session, booking: Booking, news: SeriesNews, at: datetime) -> None:
    """Tell whoever a series is for, once for all dates that changed then, of which ``booking`` is one."""
    account_id = booking.member.account_id if booking.member else None
    if account_id is not None:
        _enqueue(session, booking, f"series_{news}", account_id, at)


def ask_managers(session: Session, booking: Booking, at: datetime) -> None:
    """Have the place's managers asked for their answer."""
    managers = select(RoleGrant.account_id).where(
        RoleGrant.role == Role.MANAGER, RoleGrant.place_id == booking.place_id
    )
    for account_id in session.scalars(managers.order_by(RoleGrant.account_id)):
        _enqueue(session, booking, "booking_asked", account_id, at)


def _enqueue(session: Session, booking: Booking, kind: str, account_id: UUID, at: datetime, **payload: object) -> None:
    """Once for each state that it came through."""
    key = f"{kind}:{booking.id}:{booking.sequence}:{account_id}"
    enqueue(session, at, kind, key, account_id, booking_id=str(booking.id), sequence=booking.sequence, **payload)
