"""The common fund (*caisse commune*): what it holds, and giving some of it to the places (R12).

A place may hold its money for the network. What it holds is what has been paid to the fund less what it paid, and what
it gives away is a debt of the fund in the month that runs, netted like any other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from passapp.door.models import STANDS, Visit, VisitVoid
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.network.rules import CLOSED_STATES, month_of, posted_month
from passapp.network.service import FURTHEST_AHEAD, currency_of, one_at_a_time, period_states
from passapp.places.models import Place
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.details.rules import is_one_account
from passapp.settlement.details.service import row_of
from passapp.settlement.payments.models import FundDistribution, FundShare, Payment
from passapp.settlement.payments.service import mark
from passapp.settlement.rules.amounts import largest_remainder

FUND_PAYMENTS_DUE = ProblemType(
    "fund_payments_due",
    409,
    en="Payments to or from the common fund are still due: mark each as paid or failed first, then name another place.",
    fr="Des paiements de la caisse commune sont encore attendus : notez d'abord chacun comme payé ou échoué, "
    "puis nommez un autre lieu.",
)
Weights = Literal["visits_received", "equal"]
FUND_TOO_SMALL = ProblemType(
    "fund_too_small",
    409,
    en="The common fund holds {held} {currency}: give away no more than that.",
    fr="La caisse commune contient {held} {currency} : ne répartissez pas davantage.",
)
NOBODY_TO_GIVE_TO = ProblemType(
    "nobody_to_give_to",
    409,
    en="No place received a visit in the last twelve months: share it out equally.",
    fr="Aucun lieu n'a reçu de passage ces douze derniers mois : répartissez à parts égales.",
)


@dataclass(frozen=True)
class FundBalance:
    """What the fund holds, in cents: ``paid`` to it on balance, ``due`` to it, ``owed`` and ``promised`` by it."""

    paid_cents: int
    due_cents: int
    owed_cents: int
    promised_cents: int

    @property
    def free_cents(self) -> int:
        """What it may give away: what it holds and does not owe. What others have not paid yet it does not hold."""
        return self.paid_cents - self.owed_cents - self.promised_cents


def fund_balance(session: Session) -> FundBalance:
    """What the fund holds."""
    got, given = _sums(session, Payment.creditor_id), _sums(session, Payment.debtor_id)
    states = period_states(session)
    promised = sum(
        each.amount_cents
        for each in session.scalars(select(FundDistribution))
        if states.get(each.posted_month) not in CLOSED_STATES
    )
    return FundBalance(
        paid_cents=got["paid"] - given["paid"],
        due_cents=got["due"],
        owed_cents=given["due"] + given["failed"] + given["carried"],
        promised_cents=promised,
    )


def _sums(session: Session, side: InstrumentedAttribute[UUID | None]) -> Counter[str]:
    """What the fund got or gave, by what became of it; what a later month took over counts in that one alone."""
    query = select(Payment.state, func.sum(Payment.amount_cents)).where(side.is_(None), Payment.opened_in.is_(None))
    return Counter({state: int(cents) for state, cents in session.execute(query.group_by(Payment.state))})


def holder_of(session: Session) -> Place | None:
    """The place on whose account the fund's money is; None where nobody was named."""
    query = select(Place).join(SettlementDetails, SettlementDetails.place_id == Place.id)
    return session.scalar(query.where(SettlementDetails.holds_fund))


def within_one_account(session: Session, payments: Iterable[Payment]) -> set[UUID]:
    """The ids of those that never leave an account: both sides have one IBAN, of the fund its holder.

    No bank transfers anything for them, a person says that they are paid. None in a local currency, which has no bank.
    """
    holder = holder_of(session)
    keeps = holder.id if holder else None
    sides = {each.id: (each.debtor_id or keeps, each.creditor_id or keeps) for each in payments}
    if currency_of(session) is not None:
        return set()
    query = select(SettlementDetails.place_id, SettlementDetails.iban).where(
        SettlementDetails.place_id.in_({place_id for both in sides.values() for place_id in both})
    )
    ibans: dict[UUID | None, str | None] = {place_id: iban for place_id, iban in session.execute(query)}  # noqa: C416
    return {key for key, (debtor, creditor) in sides.items() if is_one_account(ibans.get(debtor), ibans.get(creditor))}


@dataclass(frozen=True)
class HandOver:
    """What one place is to transfer to another because that one holds the fund's money now, in cents."""

    giver: Place
    taker: Place
    cents: int


def name_holder(session: Session, place: Place | None, *, at: datetime, actor: Actor) -> HandOver | None:
    """Say on whose account the fund's money is: payments to it go there, and its own leave from there.

    What is due between the fund and its new holder is paid, as at a closing. Answers what the former holder hands over.
    Raises ``fund_payments_due``: a transfer may be on its way to the former account, where nobody would find it.
    """
    one_at_a_time(session)
    former = holder_of(session)
    if former is place:
        return None
    of_fund = Payment.debtor_id.is_(None) | Payment.creditor_id.is_(None)
    due = session.scalars(select(Payment).where(Payment.state == "due", of_fund)).all()
    if former is not None:
        if due:
            raise FUND_PAYMENTS_DUE.error()
        row_of(session, former).holds_fund = False
        session.flush()  # the database knows one holder at a time
    cents = fund_balance(session).paid_cents
    key = place.id if place else None
    if place is not None:
        row_of(session, place).holds_fund = True
        session.flush()
        for each in due:
            if key in {each.debtor_id, each.creditor_id}:
                mark(session, each, "paid", at=at, actor=actor)
    record(session, actor, at, "fund.hold", ("place", key), place_id=key, cents=cents)
    if former is None or place is None or not cents:
        return None
    return HandOver(former, place, cents) if cents > 0 else HandOver(place, former, -cents)


def distributions(session: Session) -> Sequence[FundDistribution]:
    """What the fund gave away, the last one first."""
    return session.scalars(select(FundDistribution).order_by(FundDistribution.at.desc(), FundDistribution.id)).all()


def shares_of(session: Session, several: Iterable[FundDistribution]) -> dict[UUID, list[FundShare]]:
    """Each place's part of these distributions, by distribution; by the place's code."""
    query = select(FundShare, Place.code).join(Place)
    found = session.execute(query.where(FundShare.distribution_id.in_([each.id for each in several])))
    shares: dict[UUID, list[FundShare]] = defaultdict(list)
    for share, _ in sorted(found, key=lambda row: row.code):
        shares[share.distribution_id].append(share)
    return shares


def distribute(
    session: Session, amount_cents: int, weights: Weights, *, at: datetime, actor: Actor
) -> FundDistribution:
    """Give some of the fund to the places that take part now: largest remainder, ties to the lowest code (R12).

    Raises ``fund_too_small``, ``nobody_to_give_to``.
    """
    one_at_a_time(session)
    held = fund_balance(session).free_cents
    if amount_cents > held:
        said = f"{max(held, 0) // 100},{max(held, 0) % 100:02}"
        raise FUND_TOO_SMALL.error(held=said, currency=currency_of(session) or "€")
    today = at.astimezone(FURTHEST_AHEAD).date()
    places = {place.code: place for place in session.scalars(select(Place)) if _takes_part(place, today)}
    received = _visits_received(session, month_of(today)) if weights == "visits_received" else {}
    weighed = {code: 1 if weights == "equal" else received.get(place.id, 0) for code, place in places.items()}
    if not any(weighed.values()):
        raise NOBODY_TO_GIVE_TO.error()
    distribution = FundDistribution(
        posted_month=posted_month(today, period_states(session)),
        amount_cents=amount_cents,
        weights=weights,
        by=actor.id,
        at=at,
    )
    session.add(distribution)
    session.flush()
    session.add_all(
        FundShare(distribution_id=distribution.id, place_id=places[code].id, weight=weighed[code], amount_cents=cents)
        for code, cents in largest_remainder(amount_cents, weighed).items()
    )
    session.flush()
    record(session, actor, at, "fund.distribute", ("fund", distribution.id), cents=amount_cents, weights=weights)
    return distribution


def _takes_part(place: Place, on: date) -> bool:
    return place.joined_on <= on and (place.left_on is None or on < place.left_on)


def _visits_received(session: Session, until: str) -> dict[UUID, int]:
    """Guest visits by host, of the twelve months before a month."""
    since = f"{int(until[:4]) - 1:04}{until[4:]}"
    query = (
        select(Visit.host_id, func.count())
        .outerjoin(VisitVoid, STANDS)
        .where(VisitVoid.visit_id.is_(None), Visit.at_home.is_(False))
        .where(Visit.posted_month >= since, Visit.posted_month < until)
        .group_by(Visit.host_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
