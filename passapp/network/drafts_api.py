"""Routes of rules on their way: drafts, proposals, and what the places answer."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from passapp.accounts.access import STAFF, Caller, CallerDep, Role, account_of_caller, allow
from passapp.kernel.api import Body, Day, NowDep, Optional, Sentence, Shown, VersionDep, check_version, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.mail import SEND_SOON
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.network import drafts
from passapp.network.models import ConventionDraft
from passapp.network.service import CONVENTION_NOT_VALID, CONVENTION_OVERLAPS, NO_NETWORK
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["network"])


class DraftFields(Body):
    """Rules to be: from which day, and the document of docs/settlement.md."""

    starts_on: Day
    document: dict[str, Any]


class ConsentGiven(Body):
    """What a place answers. Who objects says why."""

    consents: bool
    reason: Annotated[Sentence | None, Optional] = Field(default=None, examples=["5 € ne couvrent pas le chauffage."])

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if not self.consents and self.reason is None:
            msg = "say why / dites pourquoi"
            raise ValueError(msg)
        return self


class PlaceAsked(Shown):
    """A place that is asked. `consents`: null, it has not answered."""

    id: UUID
    name: str
    consents: bool | None
    reason: str | None
    answered_at: datetime | None


class DraftShown(Shown):
    """Rules on their way. `answer_by`: the places are asked until then; `number`: the version they became.

    `answer_on`: that day, included; it is over once it is over at every place.
    """

    id: UUID
    starts_on: date
    document: dict[str, Any]
    state: Literal["draft", "proposed", "published", "withdrawn", "refused"]
    made_at: datetime
    proposed_at: datetime | None
    answer_by: datetime | None
    answer_on: date | None
    decided_at: datetime | None
    number: int | None
    why: str | None = Field(
        description="Of rules that were refused: `objections`, or the code of the problem for which rules that the "
        "places accepted could not be published (`convention_too_late`, `convention_overlaps`, `convention_not_valid`)."
    )
    version: int
    places: list[PlaceAsked]


class Drafts(Shown):
    """Drafts and proposals, the newest first."""

    items: list[DraftShown]


def _sees_unproposed(caller: Caller) -> bool:
    return caller.has(Role.COORDINATOR)


def _show(session: Session, draft: ConventionDraft, now: datetime) -> DraftShown:
    fields = {name: getattr(draft, name) for name in DraftShown.model_fields.keys() - {"places", "answer_on"}}
    places = [
        PlaceAsked(
            id=each.place.id,
            name=each.place.name,
            consents=each.answer.consents if each.answer else None,
            reason=each.answer.reason if each.answer else None,
            answered_at=each.answer.at if each.answer else None,
        )
        for each in drafts.asked(session, draft, now)
    ]
    return DraftShown(**fields, answer_on=drafts.last_day_of(session, draft), places=places)


@router.get("/convention-drafts", operation_id="list_convention_drafts", dependencies=allow(*STAFF))
def list_convention_drafts(session: SessionDep, now: NowDep, caller: CallerDep) -> Drafts:
    """Rules on their way, and those that were; the places see them once they are proposed."""
    found = drafts.drafts(session, unproposed=_sees_unproposed(caller))
    return Drafts(items=[_show(session, draft, now) for draft in found])


@router.post(
    "/convention-drafts",
    operation_id="make_convention_draft",
    dependencies=allow(Role.COORDINATOR),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(CONVENTION_NOT_VALID, CONVENTION_OVERLAPS, NO_NETWORK),
)
def make_convention_draft(
    body: DraftFields, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> DraftShown:
    """Begin new rules. Nobody but the coordination sees them before they are proposed."""
    draft = drafts.make_draft(session, body.model_dump(), at=now, actor=caller.actor)
    show_version(response, draft.version)
    return _show(session, draft, now)


@router.get(
    "/convention-drafts/{draft_id}",
    operation_id="get_convention_draft",
    dependencies=allow(*STAFF),
    responses=may_answer(drafts.DRAFT_UNKNOWN),
)
def get_convention_draft(
    draft_id: UUID, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> DraftShown:
    """Rules on their way, and what the places answer."""
    draft = drafts.get_draft(session, draft_id, unproposed=_sees_unproposed(caller))
    show_version(response, draft.version)
    return _show(session, draft, now)


@router.put(
    "/convention-drafts/{draft_id}",
    operation_id="change_convention_draft",
    dependencies=allow(Role.COORDINATOR),
    responses=may_answer(
        drafts.DRAFT_UNKNOWN, drafts.DRAFT_NOT_OPEN, CONVENTION_NOT_VALID, CONVENTION_OVERLAPS, STALE, VERSION_REQUIRED
    ),
)
def change_convention_draft(
    draft_id: UUID,
    body: DraftFields,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> DraftShown:
    """Change rules that are being written."""
    draft = drafts.get_draft(session, draft_id, unproposed=True, keep=True)
    check_version(draft, version)
    drafts.change_draft(session, draft, body.model_dump(), at=now, actor=caller.actor)
    show_version(response, draft.version)
    return _show(session, draft, now)


@router.delete(
    "/convention-drafts/{draft_id}",
    operation_id="drop_convention_draft",
    dependencies=allow(Role.COORDINATOR),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(drafts.DRAFT_UNKNOWN, drafts.DRAFT_NOT_OPEN),
)
def drop_convention_draft(draft_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Throw rules away that were not proposed."""
    draft = drafts.get_draft(session, draft_id, unproposed=True, keep=True)
    drafts.drop_draft(session, draft, at=now, actor=caller.actor)


@router.post(
    "/convention-drafts/{draft_id}/propose",
    operation_id="propose_convention",
    dependencies=[*allow(Role.COORDINATOR), SEND_SOON],
    responses=may_answer(
        drafts.DRAFT_UNKNOWN,
        drafts.DRAFT_NOT_OPEN,
        drafts.PROPOSED_ALREADY,
        drafts.STARTS_TOO_SOON,
        CONVENTION_NOT_VALID,
        CONVENTION_OVERLAPS,
        STALE,
        VERSION_REQUIRED,
    ),
)
def propose_convention(
    draft_id: UUID, version: VersionDep, session: SessionDep, now: NowDep, caller: CallerDep
) -> DraftShown:
    """Ask every place of the network whether it agrees; its managers get a mail.

    When all have answered, or the time is over, the rules are published, or refused, by the network's consent rule.
    """
    draft = drafts.get_draft(session, draft_id, unproposed=True, keep=True)
    check_version(draft, version)
    drafts.propose(session, draft, at=now, actor=caller.actor)
    return _show(session, draft, now)


@router.post(
    "/convention-drafts/{draft_id}/withdraw",
    operation_id="withdraw_convention",
    dependencies=[*allow(Role.COORDINATOR), SEND_SOON],
    responses=may_answer(drafts.DRAFT_UNKNOWN, drafts.NOT_PROPOSED),
)
def withdraw_convention(draft_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> DraftShown:
    """Take a proposal back. The managers who were asked are told."""
    draft = drafts.get_draft(session, draft_id, unproposed=True, keep=True)
    drafts.withdraw(session, draft, at=now, actor=caller.actor)
    return _show(session, draft, now)


@router.put(
    "/places/{place_id}/convention-drafts/{draft_id}/answer",
    operation_id="answer_convention",
    dependencies=[*allow(Role.MANAGER), SEND_SOON],
    responses=may_answer(PLACE_UNKNOWN, drafts.DRAFT_UNKNOWN, drafts.NOT_PROPOSED, drafts.TAKES_NO_PART),
)
def answer_convention(
    place_id: UUID, draft_id: UUID, body: ConsentGiven, session: SessionDep, now: NowDep, caller: CallerDep
) -> DraftShown:
    """Agree to proposed rules for one's place, or object and say why. It may be changed until all have answered."""
    draft = drafts.get_draft(session, draft_id, unproposed=False, keep=True)
    drafts.answer(
        session,
        draft,
        get_place(session, place_id),
        consents=body.consents,
        reason=body.reason,
        by=account_of_caller(session, caller).id,
        at=now,
        actor=caller.actor,
    )
    return _show(session, draft, now)
