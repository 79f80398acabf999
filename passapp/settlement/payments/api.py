"""Routes of payments, of bank statements, and of the common fund."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.access import STAFF, Caller, CallerDep, Role, Scope, allow
from passapp.kernel.api import Body, Day, NowDep, Optional, Shown, VersionDep, check_version, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.paging import INVALID_CURSOR, Cursor, Limit, Page
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.network.service import LOCAL_CURRENCY, currency_of
from passapp.places.models import Place
from passapp.places.service import PLACE_UNKNOWN, get_place
from passapp.settlement.answers import Participant
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.months.versions import check_month
from passapp.settlement.payments import bank, fund, service
from passapp.settlement.payments.letters import tell_of_failure, tell_of_hand_over
from passapp.settlement.payments.models import FundDistribution, Payment
from passapp.settlement.rules.rating import FUND
from passapp.settlement.service import MONTH_NOT_VALID

router = APIRouter(tags=["settlement"])

PAYERS = (Role.COORDINATOR, Role.MANAGER, Role.PLACE_ACCOUNTANT)
PaymentState = Literal["due", "paid", "failed", "carried"]
MonthAsked = Annotated[str | None, Query(max_length=16, examples=["2026-10"], description="Only this month.")]
StatesAsked = Annotated[
    list[PaymentState] | None, Query(max_length=4, description="Only these, may be repeated: `due` is to be paid.")
]


class PaymentShown(Shown):
    """One payment from a place's bank to another's.

    `iban` is for the place that pays, and its network; there is none in a local currency.
    """

    id: UUID
    month: str
    debtor: Participant
    creditor: Participant
    amount_cents: int
    state: PaymentState = Field(
        description="`carried`: too small to make; like one that failed, it is a debt of a later month."
    )
    due_on: date
    paid_on: date | None
    opened_in: str | None = Field(description="The later month that the debt is part of, once that is closed.")
    end_to_end_id: str
    account_name: str | None
    iban: str | None
    same_account: bool = Field(
        description="Both sides have one account: no bank transfers anything, a person says that it is paid. "
        "For whoever sees `iban`."
    )
    version: int


class PaymentMark(Body):
    """What became of a payment. `failed`: the debt is one of the next open month again. `due`: nothing yet.

    One that was too small to make is `carried` again where it is said to be `due`.
    """

    state: Literal["due", "paid", "failed"]
    paid_on: Annotated[Day | None, Optional] = Field(default=None, description="Today, where nothing is said.")


class BankStatementShown(Shown):
    """A bank statement that was read; nothing of it is kept but these numbers."""

    id: UUID
    iban_end: str
    imported_at: datetime
    entries: int
    matched: int


class BankStatements(Shown):
    """The bank statements that a place had read, the last one first."""

    items: list[BankStatementShown]


class DoubtfulPayment(Shown):
    """A payment that the bank names otherwise than we know it: look at it yourself."""

    payment: PaymentShown
    reason: Literal["amount", "moved_on", "older", "unclear"]


class BankNewsShown(Shown):
    """What a bank statement said. `known`: of payments that were marked so before."""

    entries: int = Field(description="Booked payments with an end-to-end id, whoever's they are.")
    paid: list[PaymentShown]
    failed: list[PaymentShown]
    known: list[PaymentShown]
    doubtful: list[DoubtfulPayment]


class FundShareShown(Shown):
    """A place's part."""

    place: Participant
    weight: int
    amount_cents: int


class FundDistributionShown(Shown):
    """What the common fund gave away: debts of the fund in that month."""

    id: UUID
    posted_month: str
    amount_cents: int
    weights: Literal["visits_received", "equal"]
    at: datetime
    shares: list[FundShareShown]


class FundShown(Shown):
    """The common fund, in cents."""

    paid_cents: int = Field(description="Paid to it, less what it paid.")
    due_cents: int = Field(description="Not paid to it yet.")
    owed_cents: int = Field(description="What it has not paid yet, too small or failed payments too.")
    promised_cents: int = Field(description="Given away in months that are not closed yet.")
    free_cents: int = Field(description="What it may give away.")
    holder: Participant | None = Field(description="The place on whose account its money is.")
    distributions: list[FundDistributionShown]


class DistributionWanted(Body):
    """What to give away."""

    amount_cents: int = Field(gt=0, le=10_000_000_00)
    weights: Literal["visits_received", "equal"] = Field(
        description="By the visits that each place received in the last twelve months, or the same for each."
    )


class HolderWanted(Body):
    """Who holds the fund's money; null: nobody."""

    place_id: UUID | None


def _check(month: str | None) -> None:
    if month is not None:
        check_month(month)


def _participants(session: Session) -> Mapping[UUID | None, Participant]:
    found: dict[UUID | None, Participant] = {
        place.id: Participant(id=place.id, code=place.code, name=place.name) for place in session.scalars(select(Place))
    }
    return found | {None: Participant(id=None, code=FUND, name=FUND)}


def _show(session: Session, payments: Iterable[Payment], caller: Caller) -> list[PaymentShown]:
    places, own = _participants(session), caller.places(Role.MANAGER, Role.PLACE_ACCOUNTANT)
    several = list(payments)
    holder = fund.holder_of(session)
    keeps = holder.id if holder else None
    # An IBAN given for another purpose is no account for a local currency.
    paid = {each.creditor_id or keeps for each in several} if currency_of(session) is None else set()
    query = select(SettlementDetails).where(SettlementDetails.place_id.in_(paid))
    details = {row.place_id: row for row in session.scalars(query)}
    inside = fund.within_one_account(session, several)
    shown = []
    for each in several:
        debtor, creditor = each.debtor_id or keeps, each.creditor_id or keeps
        pays = caller.has(Role.COORDINATOR) or debtor in own or creditor in own
        into = details.get(creditor) if creditor and pays else None
        shown.append(
            PaymentShown(
                id=each.id,
                month=each.month,
                debtor=places[each.debtor_id],
                creditor=places[each.creditor_id],
                amount_cents=each.amount_cents,
                state=each.state,  # type: ignore[arg-type]  # the table's constraint says so
                due_on=each.due_on,
                paid_on=each.paid_on,
                opened_in=each.opened_in,
                end_to_end_id=each.end_to_end_id,
                account_name=into.account_name if into else None,
                iban=into.iban if into else None,
                same_account=pays and each.id in inside,
                version=each.version,
            )
        )
    return shown


@router.get(
    "/payments",
    operation_id="list_payments",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    responses=may_answer(MONTH_NOT_VALID, INVALID_CURSOR),
)
def list_payments(
    session: SessionDep,
    caller: CallerDep,
    month: MonthAsked = None,
    state: StatesAsked = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[PaymentShown]:
    """Payments of closed months, the newest first: every place sees every total; an IBAN is for who pays into it."""
    _check(month)
    found, following = service.payments_page(session, month=month, states=state or (), cursor=cursor, limit=limit)
    return Page(items=_show(session, found, caller), next=following)


@router.get(
    "/places/{place_id}/payments",
    operation_id="list_payments_of_place",
    dependencies=allow(*PAYERS, Role.NETWORK_ACCOUNTANT, scope=Scope.SETTLEMENT_READ),
    responses=may_answer(PLACE_UNKNOWN, MONTH_NOT_VALID, INVALID_CURSOR),
)
def list_payments_of_place(
    place_id: UUID,
    session: SessionDep,
    caller: CallerDep,
    month: MonthAsked = None,
    state: StatesAsked = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[PaymentShown]:
    """What a place is to pay, and is paid, the newest month first."""
    place = get_place(session, place_id)
    _check(month)
    found, following = service.payments_page(
        session, month=month, states=state or (), cursor=cursor, limit=limit, place=place
    )
    return Page(items=_show(session, found, caller), next=following)


@router.put(
    "/payments/{payment_id}/state",
    operation_id="mark_payment",
    dependencies=allow(*PAYERS),
    responses=may_answer(
        service.PAYMENT_UNKNOWN,
        service.PAYMENT_MOVED_ON,
        service.PAID_IN_THE_FUTURE,
        service.PAID_BEFORE_IT_WAS_OWED,
        STALE,
        VERSION_REQUIRED,
    ),
)
def mark_payment(
    payment_id: Annotated[UUID, Path()],
    body: PaymentMark,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> PaymentShown:
    """Say what became of a payment: whoever pays or is paid, or the coordination."""
    payment = service.get_payment(session, payment_id)
    holder = fund.holder_of(session)
    sides = (place_id or (holder.id if holder else None) for place_id in (payment.debtor_id, payment.creditor_id))
    concerned = frozenset(place_id for place_id in sides if place_id is not None)
    caller.require_at(concerned, Role.MANAGER, Role.PLACE_ACCOUNTANT)
    check_version(payment, version)
    had_failed = payment.state == "failed"
    service.mark(session, payment, body.state, paid_on=body.paid_on, at=now, actor=caller.actor)
    if body.state == "failed" and not had_failed:
        tell_of_failure(session, payment, at=now, actor=caller.actor)
    show_version(response, payment.version)
    return _show(session, [payment], caller)[0]


async def _content(request: Request) -> bytes:
    return await request.body()


@router.post(
    "/places/{place_id}/bank-statements",
    operation_id="read_bank_statement",
    dependencies=[limited("bank_statements", times=60, minutes=60), *allow(*PAYERS)],
    responses=may_answer(
        PLACE_UNKNOWN,
        LOCAL_CURRENCY,
        bank.BANK_STATEMENT_NOT_VALID,
        bank.BANK_STATEMENT_TWICE,
        bank.ANOTHER_ACCOUNT,
        bank.NO_ACCOUNT,
    ),
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/xml": {"schema": {"type": "string"}}}},
    },
)
def read_bank_statement(
    place_id: UUID,
    content: Annotated[bytes, Depends(_content)],
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> BankNewsShown:
    """Have a bank statement (camt.053) mark what was paid and what came back, by end-to-end id."""
    place = get_place(session, place_id)
    news = bank.read_bank_statement(session, place, content, at=now, actor=caller.actor)
    doubtful = _show(session, (payment for payment, _ in news.doubtful), caller)
    return BankNewsShown(
        entries=news.entries,
        paid=_show(session, news.paid, caller),
        failed=_show(session, news.failed, caller),
        known=_show(session, news.known, caller),
        doubtful=[
            DoubtfulPayment(payment=shown, reason=reason)
            for shown, (_, reason) in zip(doubtful, news.doubtful, strict=True)
        ],
    )


@router.get(
    "/places/{place_id}/bank-statements",
    operation_id="list_bank_statements",
    dependencies=allow(*PAYERS, Role.NETWORK_ACCOUNTANT),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_bank_statements(place_id: UUID, session: SessionDep) -> BankStatements:
    """The bank statements that a place had read."""
    found = bank.bank_statements_of(session, get_place(session, place_id))
    return BankStatements(items=[BankStatementShown.model_validate(each) for each in found])


def _show_distributions(session: Session, several: Sequence[FundDistribution]) -> list[FundDistributionShown]:
    places, shares = _participants(session), fund.shares_of(session, several)
    return [
        FundDistributionShown(
            id=each.id,
            posted_month=each.posted_month,
            amount_cents=each.amount_cents,
            weights=each.weights,  # type: ignore[arg-type]  # the table's constraint says so
            at=each.at,
            shares=[
                FundShareShown(place=places[share.place_id], weight=share.weight, amount_cents=share.amount_cents)
                for share in shares[each.id]
            ],
        )
        for each in several
    ]


@router.get("/fund", operation_id="get_fund", dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ))
def get_fund(session: SessionDep) -> FundShown:
    """The common fund: what it holds, and what it gave away."""
    balance, holder = fund.fund_balance(session), fund.holder_of(session)
    return FundShown(
        paid_cents=balance.paid_cents,
        due_cents=balance.due_cents,
        owed_cents=balance.owed_cents,
        promised_cents=balance.promised_cents,
        free_cents=balance.free_cents,
        holder=_participants(session)[holder.id] if holder else None,
        distributions=_show_distributions(session, fund.distributions(session)),
    )


@router.post(
    "/fund/distributions",
    operation_id="distribute_fund",
    dependencies=allow(Role.COORDINATOR),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(fund.FUND_TOO_SMALL, fund.NOBODY_TO_GIVE_TO),
)
def distribute_fund(
    body: DistributionWanted, session: SessionDep, now: NowDep, caller: CallerDep
) -> FundDistributionShown:
    """Give some of the common fund to the places: debts of the fund in the month that runs."""
    made = fund.distribute(session, body.amount_cents, body.weights, at=now, actor=caller.actor)
    [shown] = _show_distributions(session, [made])
    return shown


@router.put(
    "/fund/holder",
    operation_id="name_fund_holder",
    dependencies=allow(Role.COORDINATOR),
    responses=may_answer(PLACE_UNKNOWN, fund.FUND_PAYMENTS_DUE),
)
def name_fund_holder(body: HolderWanted, session: SessionDep, now: NowDep, caller: CallerDep) -> FundShown:
    """Say on which place's account the common fund's money is: payments to it go there, its own leave from there.

    What the former holder has of it, it transfers to the new one by itself: their managers are told by mail.
    """
    place = get_place(session, body.place_id) if body.place_id else None
    handed_over = fund.name_holder(session, place, at=now, actor=caller.actor)
    if handed_over:
        tell_of_hand_over(session, handed_over, at=now)
    return get_fund(session)
