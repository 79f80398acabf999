"""Routes of what people decide of a scan, and of what waits for a manager."""

from datetime import date
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, model_validator

from passapp.accounts.access import CallerDep, Scope, allow
from passapp.accounts.rules import Role
from passapp.door import deciding
from passapp.door.api import Override
from passapp.door.at_place import CHECK_IN_UNKNOWN
from passapp.door.scans import reviews_of
from passapp.door.scans_shown import ScanShown, show_scan
from passapp.door.service import MONTH_CLOSED
from passapp.door.today_api import TodayPlace
from passapp.kernel.api import Body, Day, NowDep, Sentence, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.paging import INVALID_CURSOR, Cursor, Limit
from passapp.kernel.problems import may_answer
from passapp.passes.keys import pseudonym_key
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])


class Decision(Body):
    """What a manager says of a check-in that waits. A rejection says why."""

    accept: bool
    home_id: UUID | None = Field(default=None, description="Who pays, of its `choices`, where there are several.")
    reason: Sentence | None = Field(default=None, examples=["Elle n'était pas là ce jour-là"])

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.accept and self.reason is None:
            msg = "say why"
            raise ValueError(msg)
        return self


class DayRight(Body):
    """A date whose unattended check-ins are all right."""

    day: Day


class Decided(Shown):
    """A check-in about which something was decided."""

    check_in_id: UUID


class DayAccepted(Shown):
    """A date that was looked at as a whole."""

    day: date
    accepted: int


class Reviews(Shown):
    """What waits for a manager, the newest first. `waiting`: how many in all."""

    place: TodayPlace
    waiting: int
    items: list[ScanShown]
    next: UUID | None


@router.post(
    "/check-ins/{check_in_id}/override",
    operation_id="override_check_in",
    dependencies=allow(*deciding.RECEIVE),
    responses=may_answer(CHECK_IN_UNKNOWN, deciding.NOTHING_TO_OVERRIDE, MONTH_CLOSED),
)
def override_check_in(
    check_in_id: UUID, body: Override, session: SessionDep, now: NowDep, caller: CallerDep
) -> Decided:
    """Let somebody in all the same whose scan was refused. It counts where it is known who pays."""
    return Decided(check_in_id=deciding.override(session, check_in_id, body.reason, caller, now=now).id)


@router.post(
    "/check-ins/{check_in_id}/offer",
    operation_id="offer_visit",
    dependencies=allow(*deciding.RECEIVE),
    responses=may_answer(CHECK_IN_UNKNOWN, deciding.NOTHING_TO_OFFER, MONTH_CLOSED),
)
def offer_visit(check_in_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> Decided:
    """Offer the visit that a check-in belongs to (*offrir ce passage*): counted, and worth 0.00."""
    return Decided(check_in_id=deciding.offer(session, check_in_id, caller, now=now).id)


@router.post(
    "/check-ins/{check_in_id}/review",
    operation_id="review_check_in",
    dependencies=allow(Role.MANAGER),
    responses=may_answer(CHECK_IN_UNKNOWN, deciding.NOTHING_TO_REVIEW, deciding.CHOOSE_HOME, MONTH_CLOSED),
)
def review_check_in(check_in_id: UUID, body: Decision, session: SessionDep, now: NowDep, caller: CallerDep) -> Decided:
    """Judge a check-in that waits: a conflict makes a visit if it is accepted, an unattended one is undone if not."""
    row = deciding.review(
        session, check_in_id, caller, accept=body.accept, reason=body.reason, home_id=body.home_id, now=now
    )
    return Decided(check_in_id=row.id)


@router.get(
    "/places/{place_id}/reviews",
    operation_id="list_reviews",
    dependencies=allow(Role.MANAGER, Role.HOST, scope=Scope.VISITS_READ),
    responses=may_answer(PLACE_UNKNOWN, INVALID_CURSOR),
)
def list_reviews(
    place_id: UUID,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Reviews:
    """What a place has to look at: what an offline phone let in and should not have, and what nobody attended."""
    place = get_place(session, place_id)
    key = pseudonym_key(settings.keys_dir)
    found, following, waiting = reviews_of(session, place, key=key, cursor=cursor, limit=limit, now=now)
    return Reviews(
        place=TodayPlace.model_validate(place),
        waiting=waiting,
        items=[show_scan(seen) for seen in found],
        next=following,
    )


@router.post(
    "/places/{place_id}/reviews/days",
    operation_id="accept_day",
    dependencies=allow(Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN),
)
def accept_day(place_id: UUID, body: DayRight, session: SessionDep, now: NowDep, caller: CallerDep) -> DayAccepted:
    """All is right: look at a date's unattended check-ins at once. Conflicts still wait, each for itself."""
    get_place(session, place_id)
    return DayAccepted(day=body.day, accepted=deciding.accept_day(session, place_id, body.day, caller, now=now))
