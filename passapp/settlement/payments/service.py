"""What people do with payments: have them made of a closed month, mark what became of them, look them up."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.kernel.paging import INVALID_CURSOR
from passapp.kernel.problems import ProblemType
from passapp.network.models import Period
from passapp.network.rules import month_after, parse_month, posted_month
from passapp.network.service import FURTHEST_AHEAD, get_network, one_at_a_time, period_states
from passapp.places.models import Place
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.payments.models import FundDistribution, FundShare, Payment
from passapp.settlement.rules.month import Opening, Settlement
from passapp.settlement.rules.netting import Transfer
from passapp.settlement.rules.rating import FUND

PAYMENT_UNKNOWN = ProblemType("payment_unknown", 404, en="There is no such payment.", fr="Ce paiement n'existe pas.")
PAYMENT_MOVED_ON = ProblemType(
    "payment_moved_on",
    409,
    en="This debt is part of {month:month} now: mark the payment that is made for it there.",
    fr="Cette dette est reportée en {month:month} : notez là-bas le paiement qui la règle.",
)
PAID_IN_THE_FUTURE = ProblemType(
    "paid_in_the_future",
    422,
    en="The day of payment is to come: give the day on which the money left or arrived.",
    fr="Le jour du paiement est à venir : indiquez le jour où l'argent est parti ou arrivé.",
)
PAID_BEFORE_IT_WAS_OWED = ProblemType(
    "paid_before_it_was_owed",
    422,
    en="This payment is of {month:month}: give the day on which the money left or arrived, not one before that month.",
    fr="Ce paiement règle {month:month} : indiquez le jour où l'argent est parti ou arrivé, pas avant ce mois.",
)
MARKS: Final = ("due", "paid", "failed")
Mark = Literal["due", "paid", "failed"]


class Booking(NamedTuple):
    """What a bank says of a payment: when it booked it, and its own name for it."""

    booked_on: date
    reference: str | None


def make_payments(
    session: Session, month: str, settlement: Settlement, *, due_on: date, closed_on: date
) -> list[Payment]:
    """Write down the payments of a month that closes, due on a day, and those that are carried (R17).

    Between the common fund and the place that holds its money there is nothing to transfer: that is paid at once.

    What former months left open is part of these now (:func:`openings_of`). The caller has waited for its turn
    (:func:`~passapp.network.service.one_at_a_time`) before the month was settled: nothing was marked since.
    """
    for payment in _left_open(session, month):
        payment.opened_in = month
    places = {code: key for key, code in _codes(session).items()}
    network = get_network(session).code
    holder = session.scalar(select(SettlementDetails.place_id).where(SettlementDetails.holds_fund))
    made = [
        Payment(
            month=month,
            debtor_id=None if each.debtor == FUND else places[each.debtor],
            creditor_id=None if each.creditor == FUND else places[each.creditor],
            amount_cents=each.amount_cents,
            end_to_end_id=_end_to_end_id(network, month, each),
            state=state,
            too_small=state == "carried",
            due_on=due_on,
        )
        for state, several in (("due", settlement.transfers), ("carried", settlement.carried))
        for each in several
    ]
    for payment in made:
        if holder is not None and {payment.debtor_id, payment.creditor_id} == {None, holder}:
            payment.state, payment.paid_on = "paid", closed_on
    session.add_all(made)
    session.flush()
    return made


def _end_to_end_id(network: str, month: str, transfer: Transfer) -> str:
    """At most 35 letters that every bank takes; the same of the same payment, on any machine."""
    of = f"{month}|{transfer.debtor}|{transfer.creditor}"
    return f"{network}-{month.replace('-', '')}-{hashlib.sha256(of.encode()).hexdigest()[:12].upper()}"


def openings_of(session: Session, month: str) -> tuple[Opening, ...]:
    """The debts that a month opens with: payments of former months that were carried or failed, what the fund gives."""
    shares = session.execute(
        select(FundShare.place_id, FundShare.amount_cents)
        .join(FundDistribution, FundDistribution.id == FundShare.distribution_id)
        .where(FundDistribution.posted_month == month, FundShare.amount_cents > 0)
    ).all()
    left = _left_open(session, month)
    codes = _codes(session) if left or shares else {}
    found = [
        Opening(_code(codes, each.debtor_id), _code(codes, each.creditor_id), each.amount_cents, each.month)
        for each in left
    ]
    found += [Opening(FUND, codes[place], cents, month) for place, cents in shares]
    return tuple(sorted(found))


def _left_open(session: Session, month: str) -> list[Payment]:
    """Those of former months that are debts of this one: of the oldest that was open when it was asked."""
    query = select(Payment).where(Payment.state.in_(("failed", "carried")), Payment.month < month)
    found = session.scalars(query.order_by(Payment.month, Payment.end_to_end_id)).all()
    states = period_states(session) if found else {}
    return [each for each in found if _opens(each, states) == month]


def _opens(payment: Payment, states: Mapping[str, str]) -> str:
    return payment.opened_in or posted_month(parse_month(month_after(payment.month)), states)


def owed_again_in(session: Session, payment: Payment) -> str:
    """The month that a payment which failed or was carried is a debt of: the oldest one after it that is open."""
    return _opens(payment, period_states(session))


def _codes(session: Session) -> dict[UUID, str]:
    return {place.id: place.code for place in session.execute(select(Place.id, Place.code))}


def _code(codes: dict[UUID, str], place_id: UUID | None) -> str:
    return FUND if place_id is None else codes[place_id]


def payments_of(session: Session, *, month: str, place: Place | None = None) -> Sequence[Payment]:
    """The payments of a month; those of one place (that pays or is paid)."""
    return session.scalars(_payments(month, place)).all()


def payments_page(
    session: Session,
    *,
    month: str | None,
    states: Collection[str],
    cursor: UUID | None,
    limit: int,
    place: Place | None = None,
) -> tuple[Sequence[Payment], UUID | None]:
    """At most ``limit`` payments of the network or of one place, the newest month first, and the ``next`` cursor.

    ``states``: only of these; none: whatever became of them. Raises ``invalid_cursor``.
    """
    query = _payments(month, place)
    if states:
        query = query.where(Payment.state.in_(states))
    if cursor is not None:
        last = session.get(Payment, cursor)
        if last is None:
            raise INVALID_CURSOR.error()
        further = (Payment.month == last.month) & (Payment.end_to_end_id > last.end_to_end_id)
        query = query.where((Payment.month < last.month) | further)
    found = session.scalars(query.limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _payments(month: str | None, place: Place | None) -> Select[Payment]:
    query = select(Payment).order_by(Payment.month.desc(), Payment.end_to_end_id)
    if month is not None:
        query = query.where(Payment.month == month)
    if place is not None:
        query = query.where((Payment.debtor_id == place.id) | (Payment.creditor_id == place.id))
    return query


def get_payment(session: Session, payment_id: UUID) -> Payment:
    """The payment. Raises ``payment_unknown``."""
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise PAYMENT_UNKNOWN.error()
    return payment


def mark(
    session: Session,
    payment: Payment,
    state: Mark,
    *,
    paid_on: date | None = None,
    booking: Booking | None = None,
    at: datetime,
    actor: Actor,
) -> None:
    """Write down what became of a payment; one that failed is a debt of the next open month again.

    One that was too small is paid too, where somebody pays it, and is carried again where that is taken back. A month
    whose payments are all settled is paid. ``paid_on``: today at the place that pays, where nothing is said.
    ``booking``: of the bank that says so. Raises ``payment_moved_on``, ``paid_in_the_future``,
    ``paid_before_it_was_owed``, ``stale``.
    """
    one_at_a_time(session)
    if payment.opened_in is not None:
        raise PAYMENT_MOVED_ON.error(month=payment.opened_in)
    if paid_on is not None and paid_on > at.astimezone(FURTHEST_AHEAD).date():
        raise PAID_IN_THE_FUTURE.error()
    if paid_on is not None and paid_on < parse_month(payment.month):
        raise PAID_BEFORE_IT_WAS_OWED.error(month=payment.month)
    day = paid_on or today_there(session, payment, at)
    payment.state = "carried" if state == "due" and payment.too_small else state
    payment.paid_on = day if state == "paid" else None
    payment.booked_on, payment.bank_reference = booking or (None, None)
    payment.marked_by, payment.marked_at = actor.id, at
    session.flush()
    record(session, actor, at, "payment.mark", ("payment", payment.id), place_id=payment.debtor_id, state=state)
    _settle_up(session, payment.month)


def today_there(session: Session, payment: Payment, at: datetime) -> date:
    """The date at the place that pays; for the common fund's payments at the place that is paid."""
    place = session.get_one(Place, payment.debtor_id or payment.creditor_id)
    return at.astimezone(ZoneInfo(place.zone)).date()


def _settle_up(session: Session, month: str) -> None:
    """Keep the month's state: paid once none of its payments is due."""
    period = session.get(Period, month)
    if period is not None and period.state in {"netted", "paid"}:
        due = session.scalar(select(Payment.id).where(Payment.month == month, Payment.state == "due").limit(1))
        period.state = "netted" if due else "paid"
        session.flush()
