"""Bank statements: what became of payments, as a place's own bank says it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.network.rules import parse_month
from passapp.network.service import one_at_a_time, require_euros
from passapp.places.models import Place
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.payments.camt053 import BankLine, read_camt053
from passapp.settlement.payments.fund import holder_of
from passapp.settlement.payments.letters import tell_of_failure
from passapp.settlement.payments.models import BankImport, Payment
from passapp.settlement.payments.service import Booking, mark, today_there

BANK_STATEMENT_NOT_VALID = ProblemType(
    "bank_statement_not_valid",
    422,
    en="This file is no bank statement that can be read. Ask your bank for camt.053 (XML).",
    fr="Ce fichier n'est pas un relevé de banque lisible. Demandez à votre banque le format camt.053 (XML).",
)
BANK_STATEMENT_TWICE = ProblemType(
    "bank_statement_twice",
    409,
    en="This file was read on {day:day} already: nothing was changed.",
    fr="Ce fichier a déjà été lu le {day:day} : rien n'a été modifié.",
)
ANOTHER_ACCOUNT = ProblemType(
    "another_account",
    409,
    en="This statement is of another account than the one that the place gave: nothing was changed.",
    fr="Ce relevé est celui d'un autre compte que celui indiqué par le lieu : rien n'a été modifié.",
)
NO_ACCOUNT = ProblemType(
    "no_account",
    409,
    en="The place has given no IBAN yet: write it down first, on its settlement page.",
    fr="Le lieu n'a pas encore indiqué d'IBAN : notez-le d'abord sur sa page de règlement.",
)


@dataclass
class BankNews:
    """What a bank statement said.

    ``doubtful``: of another amount than ours, part of later payments, older than the debt or than what a person said
    of it since, or said to have come back where the money goes the other way.
    """

    entries: int = 0
    paid: list[Payment] = field(default_factory=list)
    failed: list[Payment] = field(default_factory=list)
    known: list[Payment] = field(default_factory=list)
    doubtful: list[tuple[Payment, Literal["amount", "moved_on", "older", "unclear"]]] = field(default_factory=list)


def read_bank_statement(session: Session, place: Place, content: bytes, *, at: datetime, actor: Actor) -> BankNews:
    """Mark the payments of a place that its bank statement names by their end-to-end ids; all of the file or nothing.

    Raises ``local_currency``, ``bank_statement_not_valid``, ``bank_statement_twice``, ``another_account``,
    ``no_account``.
    """
    require_euros(session)
    one_at_a_time(session)
    details = session.get(SettlementDetails, place.id)
    if details is None or details.iban is None:
        raise NO_ACCOUNT.error()
    sha256 = hashlib.sha256(content).hexdigest()
    read_before = select(BankImport).where(BankImport.place_id == place.id, BankImport.sha256 == sha256)
    former = session.scalar(read_before)
    if former is not None:
        raise BANK_STATEMENT_TWICE.error(day=former.imported_at.astimezone(ZoneInfo(place.zone)).date())
    try:
        statements = read_camt053(content)
    except ValueError:
        raise BANK_STATEMENT_NOT_VALID.error() from None
    if any(statement.iban.replace(" ", "") != details.iban for statement in statements):
        raise ANOTHER_ACCOUNT.error()
    news = BankNews()
    for line in (line for statement in statements for line in statement.lines):
        news.entries += 1
        _note(session, place.id, line, news, at, actor)
    matched = len(news.paid) + len(news.failed)
    done = BankImport(
        place_id=place.id,
        sha256=sha256,
        iban_end=details.iban[-4:],
        imported_at=at,
        by=actor.id,
        entries=news.entries,
        matched=matched,
    )
    session.add(done)
    session.flush()
    record(
        session,
        actor,
        at,
        "bank_statement.read",
        ("bank_statement", done.id),
        place_id=place.id,
        entries=news.entries,
        matched=matched,
    )
    return news


def _note(session: Session, place_id: UUID, line: BankLine, news: BankNews, at: datetime, actor: Actor) -> None:
    payment = session.scalar(select(Payment).where(Payment.end_to_end_id == line.end_to_end_id))
    told = payment and _told(session, place_id, line, payment)
    if payment is None or told is None:
        return
    if told == "unclear":
        news.doubtful.append((payment, told))
        return
    line = replace(line, is_return=told == "return")
    booking = Booking(line.booked_on, line.reference)
    if line.cents != payment.amount_cents:
        news.doubtful.append((payment, "amount"))
    elif payment.opened_in is not None:
        news.doubtful.append((payment, "moved_on"))
    elif payment.state == ("failed" if line.is_return else "paid") or _is_older_than_banks(line, payment):
        news.known.append(payment)
    elif line.booked_on < parse_month(payment.month) or _is_older_than_persons(session, line, payment):
        news.doubtful.append((payment, "older"))
    elif line.is_return:
        mark(session, payment, "failed", booking=booking, at=at, actor=actor)
        tell_of_failure(session, payment, at=at, actor=actor)
        news.failed.append(payment)
    else:
        day = min(line.booked_on, today_there(session, payment, at))
        mark(session, payment, "paid", paid_on=day, booking=booking, at=at, actor=actor)
        news.paid.append(payment)


def _told(
    session: Session, place_id: UUID, line: BankLine, payment: Payment
) -> Literal["payment", "return", "unclear"] | None:
    """What a line on a place's account is; None: nothing of this place's.

    What comes in to the payer came back, and so did what goes out from the payee: many banks say no more of it. Where
    both have one account, a line that does not fit the one is the other's.
    """
    holder = holder_of(session)
    keeps = holder.id if holder else None
    debtor, creditor = payment.debtor_id or keeps, payment.creditor_id or keeps
    if place_id not in {debtor, creditor}:
        return None
    came_back = line.is_credit == (place_id == debtor)
    if came_back == line.is_return:
        return "return" if came_back else "payment"
    accounts = select(SettlementDetails.iban).where(SettlementDetails.place_id.in_([debtor, creditor]))
    ibans = session.scalars(accounts).all()
    if len(ibans) > len(set(ibans)):
        return None
    return "return" if came_back else "unclear"


def _is_older_than_banks(line: BankLine, payment: Payment) -> bool:
    """Whether a bank said something later of it. What came back on the day on which it left came back after it left."""
    if payment.booked_on is None:
        return False
    return (line.booked_on, line.is_return) < (payment.booked_on, payment.state == "failed")


def _is_older_than_persons(session: Session, line: BankLine, payment: Payment) -> bool:
    """Whether a person said otherwise for a day that is not before the line's: they know more, or were mistaken."""
    if payment.booked_on is not None or payment.marked_at is None or payment.state not in {"paid", "failed"}:
        return False
    return line.booked_on <= (payment.paid_on or today_there(session, payment, payment.marked_at))


def bank_statements_of(session: Session, place: Place) -> Sequence[BankImport]:
    """The bank statements that a place had read, the last one first."""
    query = select(BankImport).where(BankImport.place_id == place.id)
    return session.scalars(query.order_by(BankImport.imported_at.desc(), BankImport.id)).all()
