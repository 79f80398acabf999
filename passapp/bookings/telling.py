"""Who is told what of a booking: the messages that ``letters`` writes."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import RoleGrant
from passapp.accounts.rules import Role
from passapp.bookings.models import Booking
from passapp.kernel.outbox import WAITS, OutboxMessage, enqueue

PUT_BACK_WITHIN: Final = timedelta(minutes=1)
"""So long is nobody told that their place moved their booking: what slipped is put back meanwhile."""

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


def told_of(booking: Booking) -> list[Any]:
    """What a mail about a booking says of it, as far as it can be moved."""
    times = [at.astimezone(UTC).isoformat() for at in (booking.starts_at, booking.ends_at)]
    return [*times, booking.title, booking.people, booking.price, booking.state]


def tell_moved(session: Session, booking: Booking, was: list[Any], at: datetime, *, by_place: bool) -> None:
    """Tell whoever a booking is for that it was moved, unless it comes to be as they last heard by the time it leaves.

    ``was``: what was told of it before (``told_of``).
    """
    account_id = booking.member.account_id if booking.member else None
    if account_id is None:
        return
    theirs = (OutboxMessage.recipient_id == account_id, OutboxMessage.key.like(f"booking_%:{booking.id}:%"))
    left = session.scalars(select(OutboxMessage.key).where(OutboxMessage.sent_at.is_not(None), *theirs))
    last = max(map(_sequence_of, left), default=-1)
    # What waits from before the last mail that left says nothing any more.
    since = session.scalars(select(OutboxMessage).where(WAITS, *theirs).order_by(OutboxMessage.id))
    waiting = [each for each in since if _sequence_of(each.key) > last]
    heard: list[Any] | None = was
    if any(each.kind != "booking_moved" or each.attempts for each in waiting):
        heard = None  # it says nothing any more, or may be leaving: this one has to
    elif waiting:
        heard = waiting[0].payload.get("was")
    not_before = at + PUT_BACK_WITHIN if by_place else None
    _enqueue(session, booking, "booking_moved", account_id, at, not_before, was=heard)


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


def _enqueue(
    session: Session,
    booking: Booking,
    kind: str,
    account_id: UUID,
    at: datetime,
    not_before: datetime | None = None,
    /,
    **payload: object,
) -> None:
    """Once for each state that it came through."""
    key = f"{kind}:{booking.id}:{booking.sequence}:{account_id}"
    about = {"booking_id": str(booking.id), "sequence": booking.sequence} | payload
    enqueue(session, at, kind, key, account_id, not_before, **about)


def _sequence_of(key: str) -> int:
    """Which state of its booking a message tells: of one that left, nothing but its key is kept."""
    return int(key.split(":")[2])
