"""Routes of the life of a month: its calendar, its versions, confirming, closing; signed statements and their keys."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response, status
from pydantic import Field
from sqlalchemy.orm import Session

from passapp.accounts.access import STAFF, Caller, CallerDep, Role, Scope, account_of_caller, allow, allow_anyone
from passapp.accounts.models import Account
from passapp.door.service import MONTH_CLOSED
from passapp.kernel.api import Body, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.network.rules import CLOSED_STATES
from passapp.network.service import CONVENTION_GAP, NO_CONVENTION, period_states
from passapp.passes.keys import KEY_FILE_MISSING
from passapp.places.models import Place
from passapp.places.service import PLACE_UNKNOWN, get_place
from passapp.settlement.months import service
from passapp.settlement.months.former import VERSION_UNKNOWN, sealed_version, versions_of_statement
from passapp.settlement.months.keys import retired_keys, statement_keys
from passapp.settlement.months.life import Life, calendar, life_of
from passapp.settlement.months.versions import NOT_PUBLISHED, STATEMENT_CHANGED, check_month, sealed_statement
from passapp.settlement.routing import SETTLING, MonthName, file_answer
from passapp.settlement.rules.documents import canonical
from passapp.settlement.service import MONTH_NOT_VALID

router = APIRouter(tags=["settlement"])

_READS = (Role.MANAGER, Role.PLACE_ACCOUNTANT, Role.COORDINATOR, Role.NETWORK_ACCOUNTANT)
_CLOSING = may_answer(
    *SETTLING,
    NOT_PUBLISHED,
    MONTH_CLOSED,
    service.CLOSING_TOO_EARLY,
    service.CLOSE_THE_FORMER_FIRST,
    service.ERRORS_OPEN,
    service.NEWER_VERSION,
    service.MONTH_CHANGED,
    service.CLOSING_NOT_ASKED,
    service.ANOTHER_PERSON,
    KEY_FILE_MISSING,
)


class MonthDates(Shown):
    """The dates of a month's life, the last ones included."""

    month: str = Field(examples=["2026-10"])
    state: str
    provisional_on: date = Field(description="Its first version is published, once the date has begun at every place.")
    review_until: date = Field(description="Until then places report errors.")
    decided_by: date = Field(description="Until then errors are answered and decided.")
    closes_on: date = Field(description="From then on it may be closed.")
    advice_on: date = Field(description="The payments are announced.")
    pays_on: date = Field(description="The payments are due: as much later as it is closed later.")


class Calendar(Shown):
    """The next twelve months, after those that are over and not closed."""

    items: list[MonthDates]


class VersionShown(Shown):
    """A version of a month, as it was published."""

    number: int
    reason: str = Field(description="`first`, `contest`, `late`, `correction` or `closed`.")
    published_at: datetime
    sha256: str
    previous_sha256: str | None


class StatementVersionShown(VersionShown):
    """A version of a place's statement, by the SHA-256 of that statement."""

    has_changed: bool = Field(description="For this place it says something else than the version before it.")


class StatementVersions(Shown):
    """The versions of a statement, the first one first."""

    items: list[StatementVersionShown]


class ConfirmationShown(Shown):
    """A place found its statement right, in that version."""

    place_id: UUID
    number: int
    at: datetime


class MonthLife(MonthDates):
    """Where a month stands, and what it waits for."""

    errors_until: date = Field(description="Errors are taken until then: in review, or once it is closed.")
    versions: list[VersionShown]
    statements: int = Field(description="How many places got one with the last version.")
    confirmations: list[ConfirmationShown]
    errors_open: int = Field(description="Reported errors that wait for an answer or a decision.")
    moves_money: bool = Field(description="Somebody owes something: two people close it. Else it closes by itself.")
    closing_asked_at: datetime | None
    closing_asked_by_name: str | None = Field(description="Who asked, for those who may validate it.")
    closing_asked_by_me: bool = Field(description="Then somebody else validates it.")
    closed_at: datetime | None
    closed_by_itself: bool


class State(Shown):
    """The state that a month is in now."""

    month: str
    state: str


class Confirming(Body):
    """Which version of its statement the place finds right."""

    number: int = Field(ge=1, le=100_000)


class Closing(Body):
    """Which version of the month was looked at: none that followed is closed."""

    number: int = Field(ge=1, le=100_000)


class StatementKeys(Shown):
    """The network's public keys for statements (Ed25519, base64url), by `kid`.

    `retired`: since when one of them signs no more, for it leaked or was lost.
    """

    keys: dict[str, str]
    retired: dict[str, datetime]


@router.get(
    "/settlement-calendar",
    operation_id="get_settlement_calendar",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    responses=may_answer(NO_CONVENTION, CONVENTION_GAP),
)
def get_settlement_calendar(session: SessionDep, now: NowDep) -> Calendar:
    """When each month is published, looked at, decided, closed and paid."""
    states = period_states(session)
    return Calendar(
        items=[MonthDates(state=states.get(dates.month, "open"), **vars(dates)) for dates in calendar(session, at=now)]
    )


@router.get(
    "/months/{month}/life",
    operation_id="get_month_life",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    responses=may_answer(MONTH_NOT_VALID, NO_CONVENTION, CONVENTION_GAP),
)
def get_month_life(month: MonthName, session: SessionDep, now: NowDep, caller: CallerDep) -> MonthLife:
    """Where a month stands: its dates, its versions, who confirmed, what it waits for."""
    return _life(session, life_of(session, month, at=now), caller)


@router.post(
    "/months/{month}/versions",
    operation_id="publish_month",
    dependencies=allow(Role.COORDINATOR, Role.NETWORK_ACCOUNTANT),
    responses=may_answer(
        *SETTLING, service.MONTH_NOT_OVER, service.MONTH_WITHOUT_VISITS, MONTH_CLOSED, KEY_FILE_MISSING
    ),
)
def publish_month(
    month: MonthName, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep
) -> MonthLife:
    """Publish what a month comes to now, as is done by itself within a minute. Nothing new: nothing is published."""
    service.publish_now(session, settings.keys_dir, month, at=now)
    return _life(session, life_of(session, month, at=now), caller)


@router.post(
    "/months/{month}/closing",
    operation_id="ask_closing",
    dependencies=allow(Role.COORDINATOR),
    responses=_CLOSING,
)
def ask_closing(
    month: MonthName, body: Closing, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep
) -> State:
    """Ask for the closing of a month, which somebody else validates; where no money moves it is closed at once."""
    by = _person(session, caller)
    state = service.ask_closing(session, settings.keys_dir, month, body.number, by=by, at=now, actor=caller.actor)
    return State(month=month, state=state)


@router.post(
    "/months/{month}/closing/validate",
    operation_id="validate_closing",
    dependencies=allow(Role.COORDINATOR, Role.NETWORK_ACCOUNTANT),
    responses=_CLOSING,
)
def validate_closing(
    month: MonthName, body: Closing, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep
) -> State:
    """Close a month that somebody else asked to close: its numbers are frozen, and its payments made."""
    by = _person(session, caller)
    state = service.validate_closing(session, settings.keys_dir, month, body.number, by=by, at=now, actor=caller.actor)
    return State(month=month, state=state)


@router.delete(
    "/months/{month}/closing",
    operation_id="refuse_closing",
    dependencies=allow(Role.COORDINATOR, Role.NETWORK_ACCOUNTANT),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(MONTH_NOT_VALID, service.CLOSING_NOT_ASKED),
)
def refuse_closing(month: MonthName, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Do not validate the closing that was asked for, or take back that one asked for it."""
    service.refuse_closing(session, month, at=now, actor=caller.actor)


@router.post(
    "/places/{place_id}/statements/{month}/confirmation",
    operation_id="confirm_statement",
    dependencies=allow(Role.MANAGER, Role.PLACE_ACCOUNTANT),
    responses=may_answer(PLACE_UNKNOWN, MONTH_NOT_VALID, NOT_PUBLISHED, MONTH_CLOSED, service.ANOTHER_VERSION),
)
def confirm_statement(
    place_id: UUID, month: MonthName, body: Confirming, session: SessionDep, now: NowDep, caller: CallerDep
) -> ConfirmationShown:
    """Find the place's statement right. To say nothing is to accept it too."""
    place, by = get_place(session, place_id), _person(session, caller)
    confirmation = service.confirm(session, place, month, body.number, by=by, at=now, actor=caller.actor)
    return ConfirmationShown.model_validate(confirmation)


@router.get(
    "/places/{place_id}/statements/{month}/sealed.json",
    operation_id="get_sealed_statement",
    dependencies=allow(*_READS, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=may_answer(PLACE_UNKNOWN, NOT_PUBLISHED, STATEMENT_CHANGED, *SETTLING)
    | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def get_sealed_statement(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """The statement as it was published, signed and chained: `passapp verify` checks it from the file alone."""
    place: Place = get_place(session, place_id)
    content = canonical(sealed_statement(session, month, place, at=now))
    return file_answer(content, f"{place.code}-{month}-signed.json", "application/json")


@router.get(
    "/places/{place_id}/statements/{month}/versions",
    operation_id="list_statement_versions",
    dependencies=allow(*_READS, scope=Scope.SETTLEMENT_READ),
    responses=may_answer(PLACE_UNKNOWN, MONTH_NOT_VALID),
)
def list_statement_versions(place_id: UUID, month: MonthName, session: SessionDep) -> StatementVersions:
    """The versions of a place's statement, the first one first: each is signed, and names the one before it."""
    place = get_place(session, place_id)
    check_month(month)
    found = versions_of_statement(session, month, place)
    return StatementVersions(items=[StatementVersionShown.model_validate(each) for each in found])


@router.get(
    "/places/{place_id}/statements/{month}/versions/{number}/sealed.json",
    operation_id="get_statement_version",
    dependencies=allow(*_READS, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=may_answer(PLACE_UNKNOWN, VERSION_UNKNOWN, *SETTLING)
    | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def get_statement_version(
    place_id: UUID,
    month: MonthName,
    number: Annotated[int, Path(ge=1, le=100_000)],
    session: SessionDep,
    now: NowDep,
) -> Response:
    """A version of the statement as it was published, signed and chained, also once another has followed."""
    place: Place = get_place(session, place_id)
    check_month(month)
    content = canonical(sealed_version(session, month, place, number, at=now))
    return file_answer(content, f"{place.code}-{month}-{number}-signed.json", "application/json")


@router.get("/statement-keys", operation_id="list_statement_keys", dependencies=allow_anyone())
def list_statement_keys(session: SessionDep) -> StatementKeys:
    """The public keys that statements are verified with, former ones too."""
    return StatementKeys(keys=statement_keys(session), retired=retired_keys(session))


def _person(session: Session, caller: Caller) -> UUID:
    return account_of_caller(session, caller).id


def _life(session: Session, life: Life, caller: Caller) -> MonthLife:
    period, dates = life.period, vars(life.dates)
    asker = session.get(Account, period.closing_asked_by) if period and period.closing_asked_by else None
    validates = caller.has(Role.COORDINATOR) or caller.has(Role.NETWORK_ACCOUNTANT)
    return MonthLife(
        **dates,
        state=life.state,
        errors_until=life.errors_until,
        versions=[VersionShown.model_validate(version) for version in life.versions],
        statements=life.statements,
        confirmations=[ConfirmationShown.model_validate(each) for each in life.confirmations],
        errors_open=life.errors_open,
        moves_money=bool(life.versions and life.versions[-1].moves_money),
        closing_asked_at=period.closing_asked_at if period else None,
        closing_asked_by_name=asker.name if asker and validates else None,
        closing_asked_by_me=bool(period and period.closing_asked_by and period.closing_asked_by == caller.account_id),
        closed_at=period.closed_at if period else None,
        closed_by_itself=bool(period and period.state in CLOSED_STATES and period.closed_at and not period.closed_by),
    )
