"""Errors in bookings that a home advances: which are reported, taken out of a month, or given back (R15).

A booking is owed tax included (decision 0028), and the common fund has no share in it: what is given back of it
includes tax too, and tax is taken out once per home, host and rate on each month's total (R11).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.bookings.advances.service import OWED
from passapp.bookings.models import Booking, BookingCorrection, Resource
from passapp.network.rules import days_of, posted_month
from passapp.network.service import period_states
from passapp.places.models import Place
from passapp.settlement.contests.models import BookingCreditRow, Contest, ContestBooking
from passapp.settlement.contests.problems import ALREADY_REPORTED, AMOUNT_NOT_LESS, NOT_YOUR_BOOKINGS
from passapp.settlement.contests.reporting import Report
from passapp.settlement.rules.advances import AdvancedBooking
from passapp.settlement.service import Month, settle_place


def reported_bookings(found: Month, here: str, wanted: Report) -> tuple[UUID, UUID, list[AdvancedBooking]]:
    """The home, the host, and the bookings that something is owed for between them.

    Raises ``not_your_bookings``, ``amount_not_less``.
    """
    home, host = (here, wanted.partner) if wanted.direction == "made" else (wanted.partner, here)
    lines = [
        line for line in found.settlement.bookings if (line.home, line.host) == (home, host) and not line.not_settled
    ]
    named = set(wanted.ids)
    booked = [each for line in lines for each in line.bookings if not named or UUID(each.id) in named]
    if not booked or (named and len(booked) != len(named)):
        raise NOT_YOUR_BOOKINGS.error(name=wanted.month)
    if wanted.owed_cents is not None and any(wanted.owed_cents >= each.amount_cents for each in booked):
        raise AMOUNT_NOT_LESS.error()
    return found.places[home].id, found.places[host].id, booked


def keep_bookings(session: Session, contest: Contest, booked: Collection[AdvancedBooking]) -> int:
    """Write down which bookings a report is about, as they are now. Gives how many; raises ``already_reported``."""
    reported = (
        select(ContestBooking.booking_id)
        .join(Contest, Contest.id == ContestBooking.contest_id)
        .where(ContestBooking.booking_id.in_([UUID(each.id) for each in booked]), Contest.state != "withdrawn")
    )
    if session.scalar(reported.limit(1)) is not None:
        raise ALREADY_REPORTED.error()
    session.add_all(
        ContestBooking(
            contest_id=contest.id,
            booking_id=UUID(each.id),
            local_date=each.local_date,
            is_cancelled=each.is_cancelled,
            amount_cents=each.amount_cents,
        )
        for each in booked
    )
    session.flush()
    return len(booked)


def bookings_in(session: Session, contest: Contest) -> Sequence[tuple[ContestBooking, str]]:
    """The bookings that a report is about, by date, each with what was booked."""
    query = (
        select(ContestBooking, Resource.name)
        .join(Booking, Booking.id == ContestBooking.booking_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(ContestBooking.contest_id == contest.id)
    )
    ordered = query.order_by(ContestBooking.local_date, Booking.id)
    return [(each, name) for each, name in session.execute(ordered)]


def take_out_bookings(session: Session, contest: Contest, *, at: datetime) -> None:
    """Have its bookings owed with what is right of them: nothing, unless another amount was said."""
    right = contest.owed_cents or 0
    wanted = select(ContestBooking.booking_id).where(ContestBooking.contest_id == contest.id)
    for key, owed in session.execute(select(Booking.id, OWED).where(Booking.id.in_(wanted)).order_by(Booking.id)).all():
        session.add(BookingCorrection(booking_id=key, month=contest.month, cents=min(right, owed), at=at))
    session.flush()


def give_back_bookings(session: Session, contest: Contest, *, at: datetime) -> None:
    """A credit for what each booking cost too much, in the oldest open month. Its own month stays as it was."""
    found = settle_place(session, contest.month, session.get_one(Place, contest.host_id), at=at)
    wanted = {each.booking_id for each, _ in bookings_in(session, contest)}
    month = posted_month(days_of(contest.month)[0], period_states(session))
    for line in found.settlement.bookings:
        for each in line.bookings:
            cents = each.amount_cents - (contest.owed_cents or 0)
            if UUID(each.id) not in wanted or cents <= 0 or line.not_settled:
                continue
            session.add(
                BookingCreditRow(
                    posted_month=month,
                    contest_id=contest.id,
                    booking_id=UUID(each.id),
                    home_id=found.places[line.home].id,
                    host_id=found.places[line.host].id,
                    origin=contest.month,
                    vat_basis_points=line.vat_basis_points,
                    amount_cents=cents,
                )
            )
    session.flush()
