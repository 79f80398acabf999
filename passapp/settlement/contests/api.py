"""Routes of errors reported in a month: for its two places, and the coordination that decides."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from passapp.accounts.access import STAFF, CallerDep, Role, account_of_caller, allow
from passapp.kernel.api import Body, NowDep, Optional, Sentence, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import FORBIDDEN, may_answer
from passapp.passes.keys import KEY_FILE_MISSING
from passapp.places.models import Place
from passapp.places.service import PLACE_UNKNOWN, get_place
from passapp.settlement.contests import problems, service
from passapp.settlement.contests.bookings import bookings_in
from passapp.settlement.contests.models import Contest
from passapp.settlement.contests.reporting import MOST_REPORTED, REASONS, About, Reason, Report
from passapp.settlement.contests.visits import visits_in
from passapp.settlement.months.versions import NOT_PUBLISHED
from passapp.settlement.routing import SETTLING, MonthName
from passapp.settlement.service import MONTH_NOT_VALID

router = APIRouter(tags=["settlement"])

_AT_A_PLACE = (Role.MANAGER, Role.PLACE_ACCOUNTANT)
Words = Annotated[Sentence | None, Optional]


class Reporting(Body):
    """An error to report, in all visits or advanced bookings exchanged with a partner in one direction, or in some."""

    month: str = Field(max_length=16, examples=["2026-10"])
    direction: Literal["received", "made"] = Field(description="Visits received here, or made there.")
    partner: str = Field(min_length=1, max_length=40, description="The other place's code.", examples=["le-hangar"])
    about: About = "visits"
    visits: list[UUID] = Field(default=[], max_length=MOST_REPORTED, description="None: all of them.")
    bookings: list[UUID] = Field(default=[], max_length=MOST_REPORTED, description="None: all of them.")
    reason: Reason
    owed_cents: int | None = Field(
        default=None, ge=0, description="Of one booking of a wrong amount: what is right, tax included."
    )
    words: Words = None

    @model_validator(mode="after")
    def _one_thing_is_wrong(self) -> Self:
        if self.reason not in REASONS[self.about] or (self.visits if self.about == "bookings" else self.bookings):
            msg = f"this is not said of {self.about}"
            raise ValueError(msg)
        if (self.reason == "wrong_amount") != (self.owed_cents is not None):
            msg = "owed_cents goes with wrong_amount"
            raise ValueError(msg)
        if self.reason == "wrong_amount" and len(self.bookings) != 1:
            msg = "say of one booking what it comes to"
            raise ValueError(msg)
        return self


class Answering(Body):
    """What the other place says."""

    agrees: bool = Field(description="True: what is reported is taken out. False: the coordination decides.")
    words: Words = None


class Deciding(Body):
    """What the coordination decides."""

    accept: bool = Field(description="True: what is reported is taken out. False: it is kept.")
    words: Words = None


class Saying(Body):
    """Words for whoever looks at the report."""

    words: Sentence


class PlaceNamed(Shown):
    """A place."""

    id: UUID
    code: str
    name: str


class MessageShown(Shown):
    """What a place said, or (null) the coordination."""

    place_id: UUID | None
    words: str
    at: datetime


class ContestedVisit(Shown):
    """A visit that a report is about."""

    id: UUID
    local_date: date
    opened_at: datetime
    zone: str = Field(description="Of the host: its clock tells the day and the hour.")
    units: int


class ContestedBooking(Shown):
    """An advanced booking that a report is about, with what it came to then, tax included."""

    id: UUID
    local_date: date
    resource: str
    is_cancelled: bool
    amount_cents: int


class ContestShown(Shown):
    """An error that `place_id` reported, in visits of members of `home` to `host`, or in bookings that it advances."""

    id: UUID
    month: str
    home: PlaceNamed
    host: PlaceNamed
    place_id: UUID = Field(description="Who reported it.")
    about: About
    reason: Reason
    owed_cents: int | None = Field(description="Of a booking of a wrong amount: what is right.")
    words: str | None
    state: Literal["open", "answered", "accepted", "refused", "withdrawn"]
    made_at: datetime
    answer_by: date = Field(description="The other place's silence until then accepts it.")
    decide_by: date = Field(description="The coordination decides until then what the places do not agree about.")
    decided_at: datetime | None
    decision: str | None
    visits: list[ContestedVisit]
    bookings: list[ContestedBooking]
    messages: list[MessageShown]


class Contests(Shown):
    """The errors reported in a month, the first one first."""

    items: list[ContestShown]


@router.get(
    "/months/{month}/contests",
    operation_id="list_contests",
    dependencies=allow(*STAFF),
    responses=may_answer(MONTH_NOT_VALID),
)
def list_contests(month: MonthName, session: SessionDep, caller: CallerDep) -> Contests:
    """The errors reported in a month: all of them for the network, its own for a place."""
    return Contests(items=[_show(session, each) for each in service.contests_of(session, month, caller)])


@router.get(
    "/contests/{contest_id}",
    operation_id="get_contest",
    dependencies=allow(*STAFF),
    responses=may_answer(problems.CONTEST_UNKNOWN),
)
def get_contest(contest_id: UUID, session: SessionDep, caller: CallerDep) -> ContestShown:
    """One reported error, with what was said about it."""
    return _show(session, service.get_contest(session, contest_id, caller))


@router.post(
    "/places/{place_id}/contests",
    operation_id="report_error",
    dependencies=allow(*_AT_A_PLACE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        PLACE_UNKNOWN,
        NOT_PUBLISHED,
        problems.REPORTED_TOO_LATE,
        problems.REVIEW_OVER,
        problems.NOT_YOUR_VISITS,
        problems.NOT_YOUR_BOOKINGS,
        problems.AMOUNT_NOT_LESS,
        problems.ONE_HOME_AT_A_TIME,
        problems.ONE_UNIT_ONLY,
        problems.TWICE_IS_PICKED,
        problems.ALREADY_REPORTED,
        *SETTLING,
    ),
)
def report_error(place_id: UUID, body: Reporting, session: SessionDep, now: NowDep, caller: CallerDep) -> ContestShown:
    """Report an error in a place's statement. The other place is asked; its silence accepts it."""
    place, by = get_place(session, place_id), account_of_caller(session, caller).id
    said = body.model_dump(exclude={"visits", "bookings"})
    wanted = Report(**said, ids=tuple(body.bookings if body.about == "bookings" else body.visits))
    return _show(session, service.report(session, place, wanted, by=by, at=now, actor=caller.actor))


@router.post(
    "/contests/{contest_id}/answer",
    operation_id="answer_contest",
    dependencies=allow(*_AT_A_PLACE),
    responses=may_answer(
        problems.CONTEST_UNKNOWN,
        problems.CONTEST_SETTLED,
        problems.ALREADY_ANSWERED,
        problems.NOT_ASKED,
        problems.REPORTED_BY_YOU,
        KEY_FILE_MISSING,
    ),
)
def answer_contest(
    contest_id: UUID, body: Answering, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep
) -> ContestShown:
    """Answer for the other place: it agrees, and what is reported is taken out, or the coordination decides."""
    contest, by = service.get_contest(session, contest_id, caller), account_of_caller(session, caller).id
    folder = settings.keys_dir
    service.answer(session, folder, contest, caller, agrees=body.agrees, words=body.words, by=by, at=now)
    return _show(session, contest)


@router.post(
    "/contests/{contest_id}/messages",
    operation_id="say_in_contest",
    dependencies=allow(Role.COORDINATOR, *_AT_A_PLACE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(problems.CONTEST_UNKNOWN, problems.CONTEST_SETTLED, FORBIDDEN),
)
def say_in_contest(contest_id: UUID, body: Saying, session: SessionDep, now: NowDep, caller: CallerDep) -> ContestShown:
    """Add words to a reported error that is not settled yet."""
    contest, by = service.get_contest(session, contest_id, caller), account_of_caller(session, caller).id
    service.say(session, contest, body.words, caller, by=by, at=now)
    return _show(session, contest)


@router.post(
    "/contests/{contest_id}/decision",
    operation_id="decide_contest",
    dependencies=allow(Role.COORDINATOR),
    responses=may_answer(
        problems.CONTEST_UNKNOWN,
        problems.CONTEST_SETTLED,
        problems.NOT_HEARD_YET,
        problems.OWN_CASE,
        KEY_FILE_MISSING,
    ),
)
def decide_contest(
    contest_id: UUID, body: Deciding, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep
) -> ContestShown:
    """Decide what the two places do not agree about: it is taken out (given back, once closed), or kept."""
    contest, by = service.get_contest(session, contest_id, caller), account_of_caller(session, caller).id
    folder = settings.keys_dir
    service.decide(session, folder, contest, caller, accept=body.accept, words=body.words, by=by, at=now)
    return _show(session, contest)


@router.post(
    "/contests/{contest_id}/withdraw",
    operation_id="withdraw_contest",
    dependencies=allow(*_AT_A_PLACE),
    responses=may_answer(problems.CONTEST_UNKNOWN, problems.CONTEST_SETTLED, problems.NOT_ASKED),
)
def withdraw_contest(contest_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> ContestShown:
    """Find that it was no error after all, for the place that reported it."""
    contest, by = service.get_contest(session, contest_id, caller), account_of_caller(session, caller).id
    service.withdraw(session, contest, caller, by=by, at=now)
    return _show(session, contest)


def _show(session: Session, contest: Contest) -> ContestShown:
    home, host = (session.get_one(Place, key) for key in (contest.home_id, contest.host_id))
    names = ("id", "month", "place_id", "about", "reason", "owed_cents", "words", "state", "made_at", "answer_by")
    return ContestShown.model_validate(
        {name: getattr(contest, name) for name in (*names, "decide_by", "decided_at", "decision")}
        | {
            "home": PlaceNamed.model_validate(home),
            "host": PlaceNamed.model_validate(host),
            "visits": [ContestedVisit.model_validate(visit) for visit in visits_in(session, contest)],
            "bookings": [
                ContestedBooking(
                    id=each.booking_id,
                    local_date=each.local_date,
                    resource=name,
                    is_cancelled=each.is_cancelled,
                    amount_cents=each.amount_cents,
                )
                for each, name in bookings_in(session, contest)
            ],
            "messages": [MessageShown.model_validate(each) for each in service.messages_in(session, contest)],
        }
    )
