"""Bookings elsewhere that a home pays first, and charges back to its members (booking.md 20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from passapp.bookings.models import Booking, BookingAdvance, BookingCorrection, BookingState, Resource
from passapp.bookings.rules import Payer
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import STALE, ProblemType
from passapp.kernel.text import CSV_BEGINS, csv_lines, spreadsheet_cell
from passapp.members.models import Member
from passapp.members.service import today_at
from passapp.network.rules import days_of
from passapp.network.service import currency_of, settles_money_from
from passapp.places.models import Place

_CORRECTED = select(BookingCorrection.cents).where(BookingCorrection.booking_id == Booking.id).scalar_subquery()
OWED = func.coalesce(_CORRECTED, case((Booking.state == BookingState.CANCELLED, Booking.fee), else_=Booking.price))
"""What a booking came to, in cents: its price, also where nobody came; where it was cancelled, what that cost.

Where an error in it was accepted before its month was closed, what is left of that.
"""
DUE = (BookingState.BOOKED, BookingState.NO_SHOW, BookingState.CANCELLED)


NETWORK_COUNTS_ONLY = ProblemType(
    "network_counts_only",
    409,
    en="This network only counts, no money goes between places: your members pay the place where they book. "
    "The coordination can agree on rules with money.",
    fr="Ce réseau ne fait que compter, sans argent entre les lieux : vos membres paient le lieu où ils réservent. "
    "La coordination peut adopter des règles avec argent.",
)


NETWORK_NOT_IN_EUROS = ProblemType(
    "network_not_in_euros",
    409,
    en="This network settles in {currency}, and rooms are paid in euros: your members pay the place where they book.",
    fr="Ce réseau règle en {currency}, et les salles se paient en euros : vos membres paient le lieu où ils réservent.",
)


@dataclass(frozen=True)
class Advanced:
    """A booking to charge back. ``member`` is None once their data were erased; ``amount`` in cents."""

    booking_id: UUID
    member: Member | None
    host: Place
    resource: str
    local_start: datetime
    state: str
    amount: int


def advance_of(session: Session, place: Place) -> BookingAdvance | None:
    """What the place said; None: its members pay the host themselves."""
    return session.get(BookingAdvance, place.id)


def set_advance(
    session: Session,
    place: Place,
    version: int,
    *,
    advances: bool,
    ceiling: int | None,
    at: datetime,
    actor: Actor,
) -> BookingAdvance | None:
    """Say whether the place pays its members' bookings elsewhere first, up to ``ceiling`` cents a month and member.

    What was booked before stays as it was agreed. Raises ``network_counts_only``, ``network_not_in_euros``, ``stale``.
    """
    if advances and (currency := currency_of(session)):
        raise NETWORK_NOT_IN_EUROS.error(currency=currency)
    if advances and not settles_money_from(session, today_at(place, at)):
        raise NETWORK_COUNTS_ONLY.error()
    row = session.get(BookingAdvance, place.id, with_for_update=True)
    if (row.version if row else 0) != version:
        raise STALE.error()
    if row is not None and not advances:
        session.delete(row)
        row = None
    elif row is not None:
        row.ceiling = ceiling
    elif advances:
        row = BookingAdvance(place_id=place.id, ceiling=ceiling)
        session.add(row)
    session.flush()
    if (row.version if row else 0) != version:
        record(session, actor, at, "booking_advance.change", ("place", place.id), place_id=place.id, advances=advances)
    return row


def advanced_bookings(session: Session, home: Place, month: str) -> Sequence[Advanced]:
    """What a home charges back for a month (by the wall of the host): each booking that came to something.

    By the member's name, then by date. A booking still ahead is in it: its price is what it comes to as things stand.
    """
    first, last = days_of(month)
    query = (
        select(Booking.id, Member, Place, Resource.name, Booking.local_start, Booking.state, OWED)
        .join(Place, Place.id == Booking.place_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .outerjoin(Member, Member.id == Booking.member_id)
        .where(
            Booking.home_id == home.id,
            Booking.payer == Payer.HOME,
            Booking.state.in_(DUE),
            OWED > 0,
            Booking.local_start >= datetime.combine(first, time()),
            Booking.local_start < datetime.combine(last + timedelta(days=1), time()),
        )
        .order_by(Member.family_name, Member.given_name, Member.id, Booking.local_start, Booking.id)
    )
    return [Advanced(*row) for row in session.execute(query)]


def advanced_csv(month: str, found: Sequence[Advanced]) -> bytes:
    """The same as a French spreadsheet reads it: ``;``, decimal comma, UTF-8 with a byte order mark."""
    rows = [["month", "member", "reference", "host", "resource", "date", "start", "state", "amount"]]
    for each in found:
        name = f"{each.member.given_name} {each.member.family_name}" if each.member else ""
        reference = (each.member.reference or "") if each.member else ""
        said = [spreadsheet_cell(text) for text in (name, reference, each.host.name, each.resource)]
        when = [f"{each.local_start:%Y-%m-%d}", f"{each.local_start:%H:%M}"]
        rows.append([month, *said, *when, each.state, f"{each.amount // 100},{each.amount % 100:02}"])
    return CSV_BEGINS + csv_lines(rows)
