"""Routes of settlement. Every place sees every total of the network; the detail of a line is for its two places."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.access import STAFF, Caller, CallerDep, Role, Scope, allow
from passapp.door.guests import guests_in
from passapp.door.rules import Waived
from passapp.kernel.api import Day, NowDep
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.places.models import Place
from passapp.places.service import PLACE_UNKNOWN, get_place
from passapp.settlement import service
from passapp.settlement.answers import (
    After,
    AtHomeRow,
    Before,
    BookedRow,
    Debt,
    MonthBalance,
    MonthRow,
    Months,
    MonthShown,
    MonthSummary,
    OpeningDebt,
    OwnMember,
    Participant,
    StatementBookedRow,
    StatementBooking,
    StatementBookings,
    StatementShown,
    StatementVisit,
    StatementVisits,
    VersionNamed,
    YearBalance,
    YearBalances,
)
from passapp.settlement.files.listing import lines_csv
from passapp.settlement.files.service import month_of_place
from passapp.settlement.reading import values_only
from passapp.settlement.routing import SETTLING, MonthName, file_answer
from passapp.settlement.rules.documents import Document
from passapp.settlement.rules.rating import FUND
from passapp.settlement.service import Month, VisitShown
from passapp.settlement.showing import Show, booked_of, units_of

router = APIRouter(tags=["settlement"])

THE_PLACE_AND_THE_NETWORK = (Role.MANAGER, Role.PLACE_ACCOUNTANT, Role.COORDINATOR, Role.NETWORK_ACCOUNTANT)
Partner = Annotated[str, Query(max_length=40, description="The other place's code.", examples=["le-hangar"])]
PROBLEMS = may_answer(*SETTLING)
AT_A_PLACE = may_answer(*SETTLING, PLACE_UNKNOWN)


@router.get("/months", operation_id="list_months", dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ))
def list_months(session: SessionDep, now: NowDep) -> Months:
    """The months that have visits."""
    return Months(
        items=[
            MonthSummary(month=month, state=state, visits=number)
            for month, state, number in service.months(session, at=now)
        ]
    )


@router.get(
    "/months/{month}",
    operation_id="get_month",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    responses=PROBLEMS,
)
def get_month(month: MonthName, session: SessionDep, now: NowDep) -> MonthShown:
    """What a month comes to: who visited whom, who owes whom, and the payments that settle it."""
    found = service.settle_month(session, month, at=now)
    show, settled = Show(found), found.settlement
    return MonthShown(
        month=found.month,
        state=found.state,
        unit=found.convention.unit.value,
        money=found.has_money,
        netting=settled.netting,
        total_visits=settled.visits,
        conventions=[VersionNamed.model_validate(version) for version in found.versions],
        rows=[
            MonthRow(home=show.participant(pair.home), host=show.participant(pair.host), **units_of(pair))
            for pair in settled.pairs
        ],
        bookings=[
            BookedRow(home=show.participant(line.home), host=show.participant(line.host), **booked_of(line))
            for line in settled.bookings
        ],
        at_home=[AtHomeRow(place=show.participant(code), visits=n) for code, n in settled.at_home.items()],
        not_settled=show.not_settled(),
        positions=show.positions(),
        before=Before(
            payments=len(settled.obligations),
            total_cents=sum(owed.amount_cents for owed in settled.obligations),
            transfers=[Debt(**show.debt(owed)) for owed in settled.obligations],
        ),
        after=After(
            payments=len(settled.transfers),
            total_cents=sum(transfer.amount_cents for transfer in settled.transfers),
            transfers=[show.payment(transfer) for transfer in settled.transfers],
            carried=[Debt(**show.debt(each)) for each in settled.carried],
        ),
        sha256=found.documents.month_sha256,
    )


@router.get(
    "/months/{month}/year",
    operation_id="get_year_balances",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    responses=may_answer(service.MONTH_NOT_VALID),
)
def get_year_balances(month: MonthName, session: SessionDep) -> YearBalances:
    """Who hosted more than it sent, in the twelve months that end with one."""
    since = service.year_until(month)
    received, made = Counter[tuple[UUID, str]](), Counter[tuple[UUID, str]]()
    for name, home, host, count in service.exchanges(session, since=since, until=month):
        received[host, name] += count
        made[home, name] += count
    places = sorted(session.scalars(select(Place)), key=lambda place: place.code)
    named = {name for _, name in (*received, *made)}
    rows = [
        YearBalance(
            place=Participant.model_validate(place),
            received=sum(received[place.id, name] for name in named),
            made=sum(made[place.id, name] for name in named),
            months=[
                MonthBalance(month=name, received=received[place.id, name], made=made[place.id, name])
                for name in sorted(named)
            ],
        )
        for place in places
    ]
    return YearBalances(since=since, until=month, items=[row for row in rows if row.received or row.made])


_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def _csv(month: Month, document: Document, name: str) -> Response:
    names = {code: place.name for code, place in month.places.items()}
    return file_answer(lines_csv(document, names), name, "text/csv; charset=utf-8")


@router.get(
    "/months/{month}/document.json",
    operation_id="get_month_document",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=PROBLEMS | _JSON,
)
def get_month_document(month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """The month as canonical JSON (RFC 8785): what `passapp verify` recomputes."""
    found = service.settle_month(session, month, at=now)
    return file_answer(found.documents.month_bytes, f"{found.network}-{month}.json", "application/json")


@router.get(
    "/months/{month}/lines.csv",
    operation_id="get_month_lines",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=PROBLEMS | _CSV,
)
def get_month_lines(month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """The month's lines for a spreadsheet."""
    found = service.settle_month(session, month, at=now)
    return _csv(found, found.document, f"{found.network}-{month}.csv")


@router.get(
    "/places/{place_id}/statements/{month}",
    operation_id="get_statement",
    dependencies=allow(*THE_PLACE_AND_THE_NETWORK, scope=Scope.SETTLEMENT_READ),
    response_model=StatementShown,
    responses=AT_A_PLACE,
)
def get_statement(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """A place's month (*relevé*), by partner and by day."""
    place = get_place(session, place_id)
    with values_only():  # written before it ends: then all that the answer is made of is gone already
        content = _show_statement(session, place, month, now).model_dump_json()
    return Response(content, media_type="application/json")


def _show_statement(session: Session, place: Place, month: str, now: datetime) -> StatementShown:
    found = service.settle_place(session, month, place, at=now)
    show, settled, here = Show(found), found.settlement, found.code_of(place.id)
    received = [show.statement_row(pair, pair.home) for pair in settled.pairs if pair.host == here]
    made = [show.statement_row(pair, pair.host) for pair in settled.pairs if pair.home == here]
    return StatementShown(
        month=found.month,
        state=found.state,
        unit=found.convention.unit.value,
        money=found.has_money,
        place=show.participant(here),
        at_home_visits=settled.at_home.get(here, 0),
        day_guests=guests_in(session, place.id, found.month),
        visits_received=sum(row.visits for row in received),
        visits_made=sum(row.visits for row in made),
        received=received,
        made=made,
        borne_by_fund=show.borne(),
        bookings_received=[
            StatementBookedRow(partner=show.participant(line.home), **booked_of(line))
            for line in settled.bookings
            if line.host == here
        ],
        bookings_made=[
            StatementBookedRow(partner=show.participant(line.host), **booked_of(line))
            for line in settled.bookings
            if line.home == here
        ],
        adjustments=show.adjustments(here),
        not_settled=show.not_settled(here),
        openings=[
            OpeningDebt(**show.debt(each), month=each.month)
            for each in settled.openings
            if here in {each.debtor, each.creditor}
        ],
        fund_cents=settled.fund.get(here, 0),
        position_cents=settled.positions.get(here, 0),
        transfers=[show.payment(each) for each in settled.transfers if here in {each.debtor, each.creditor}],
        carried=[Debt(**show.debt(each)) for each in settled.carried if here in {each.debtor, each.creditor}],
        has_payments=bool(found.part and found.part.has_payments),
        sha256=found.part.sha256 or None if found.part else None,
    )


@router.get(
    "/places/{place_id}/statements/{month}/visits",
    operation_id="list_statement_visits",
    dependencies=allow(*THE_PLACE_AND_THE_NETWORK, scope=Scope.VISITS_READ),
    responses=AT_A_PLACE,
)
def list_statement_visits(
    place_id: UUID,
    month: MonthName,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    direction: Annotated[Literal["received", "made"], Query(description="Visits received here, or made elsewhere.")],
    partner: Partner,
    day: Annotated[Day | None, Query(description="Only this date.")] = None,
) -> StatementVisits:
    """The visits behind a line. The visited place sees pseudonyms; the home sees its own members."""
    found, home, host, names = _line(session, place_id, month, direction, partner, caller, now)
    visits = service.visits_behind(session, found, home=home, host=host, for_home=names, day=day)
    return StatementVisits(items=[_visit(each, home) for each in visits])


def _visit(each: VisitShown, home: str) -> StatementVisit:
    rated, visit = each.rated, each.rated.visit
    borne = visit.home == FUND != home  # what the fund owes the host for it is between the two
    return StatementVisit(
        id=UUID(visit.id),
        local_date=visit.local_date,
        opened_at=visit.opened_at,
        zone=visit.zone,
        units=visit.units,
        free_units=rated.free_units,
        paid_units=rated.paid_units,
        over_cap_units=rated.over_cap_units,
        waived=Waived(visit.waived).value if visit.waived else None,
        rate_cents=0 if borne else rated.rate_cents,
        amount_cents=0 if borne else rated.amount_cents,
        rule_label=None if borne else each.label,
        borne_by_fund=borne,
        evidence=each.form,
        visitor=each.visitor,
        member=OwnMember.model_validate(each.member) if each.member else None,
    )


@router.get(
    "/places/{place_id}/statements/{month}/bookings",
    operation_id="list_statement_bookings",
    dependencies=allow(*THE_PLACE_AND_THE_NETWORK, scope=Scope.VISITS_READ),
    responses=AT_A_PLACE,
)
def list_statement_bookings(
    place_id: UUID,
    month: MonthName,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    direction: Annotated[Literal["received", "made"], Query(description="Bookings received here, or made elsewhere.")],
    partner: Partner,
) -> StatementBookings:
    """The bookings behind a line that a home advances. The home sees its own members; the host has its own calendar."""
    found, home, host, names = _line(session, place_id, month, direction, partner, caller, now)
    return StatementBookings(
        items=[
            StatementBooking(
                id=UUID(each.booking.id),
                local_date=each.booking.local_date,
                resource=each.resource,
                is_cancelled=each.booking.is_cancelled,
                amount_cents=each.booking.amount_cents,
                member=OwnMember.model_validate(each.member) if each.member else None,
            )
            for each in service.bookings_behind(session, found, home=home, host=host, for_home=names)
        ]
    )


def _line(
    session: Session,
    place_id: UUID,
    month: str,
    direction: Literal["received", "made"],
    partner: str,
    caller: Caller,
    now: datetime,
) -> tuple[Month, str, str, bool]:
    """The month, the line's home and host, and whether the caller may read whose it is. Raises ``place_unknown``."""
    place = get_place(session, place_id)
    found = service.settle_place(session, month, place, at=now)
    if partner not in found.places and partner != FUND:
        raise PLACE_UNKNOWN.error()
    made = direction == "made"
    here = found.code_of(place.id)
    home, host = (here, partner) if made else (partner, here)
    names = caller.has(Role.COORDINATOR) or place.id in caller.places(Role.MANAGER, Role.PLACE_ACCOUNTANT)
    return found, home, host, made and names


@router.get(
    "/places/{place_id}/statements/{month}/document.json",
    operation_id="get_statement_document",
    dependencies=allow(*THE_PLACE_AND_THE_NETWORK, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=AT_A_PLACE | _JSON,
)
def get_statement_document(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """A place's month as canonical JSON (RFC 8785): what `passapp verify` recomputes."""
    place = get_place(session, place_id)
    found = month_of_place(session, month, place, at=now)
    content = found.documents.statement_bytes(found.code_of(place.id))
    return file_answer(content, f"{place.code}-{month}.json", "application/json")


@router.get(
    "/places/{place_id}/statements/{month}/statement.csv",
    operation_id="get_statement_lines",
    dependencies=allow(*THE_PLACE_AND_THE_NETWORK, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=AT_A_PLACE | _CSV,
)
def get_statement_lines(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """The lines of a place's month for a spreadsheet."""
    place = get_place(session, place_id)
    found = month_of_place(session, month, place, at=now)
    return _csv(found, found.statement(found.code_of(place.id)), f"{place.code}-{month}.csv")
