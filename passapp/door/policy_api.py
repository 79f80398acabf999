"""Routes of how a place receives."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from passapp.accounts.access import CallerDep, Role, allow
from passapp.door.models import DoorPolicy
from passapp.door.policy import change_policy, policy_from, row_of
from passapp.kernel.api import Body, Day, NowDep, Optional, Paragraphs, Sentence, Shown, VersionDep, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])

MOST_PEOPLE = 100_000


class DoorPolicyWanted(Body):
    """How a place receives, whole."""

    cards: bool = Field(default=True, description="Cards are accepted, not only live passes.")
    keeps_hours: bool = Field(
        default=False, description="Outside opening hours nobody is let in, not only when closed."
    )
    capacity: int | None = Field(default=None, ge=1, le=MOST_PEOPLE, description="How many people at once.")
    check_out: bool = Field(default=False, description="Those who leave can be checked out.")
    guests: bool = Field(default=True, description="Guests of a day, without a pass, are received.")
    minors: bool = Field(default=False, description="Minors are, with their guardian's consent.")
    house_rules: Annotated[Annotated[Paragraphs, Field(max_length=4000)] | None, Optional] = Field(
        default=None, description="What everybody accepts once; another text is to be accepted again."
    )
    message: Annotated[Annotated[Sentence, Field(max_length=280)] | None, Optional] = Field(
        default=None, examples=["Concert ce soir à 19 h"], description="Shown at each welcome."
    )
    message_until: Annotated[Day | None, Optional] = Field(
        default=None, description="The last day on which the message is shown."
    )

    @model_validator(mode="after")
    def _nothing_is_shown_until_no_day(self) -> Self:
        if self.message is None:
            self.message_until = None
        return self


class DoorPolicyShown(Shown):
    """How a place receives. `version` 0: it has said nothing, and goes by the defaults."""

    cards: bool
    keeps_hours: bool
    capacity: int | None
    check_out: bool
    guests: bool
    minors: bool
    house_rules: str | None
    house_rules_version: int
    message: str | None
    message_until: date | None
    version: int


def _show(row: DoorPolicy | None) -> DoorPolicyShown:
    if row is not None:
        return DoorPolicyShown.model_validate(row)
    return DoorPolicyShown(**asdict(policy_from(None)), house_rules_version=0, version=0)


@router.get(
    "/places/{place_id}/door-policy",
    operation_id="get_door_policy",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN),
)
def get_door_policy(place_id: UUID, response: Response, session: SessionDep) -> DoorPolicyShown:
    """How a place receives: cards, hours, how many at once, guests, house rules, a message."""
    shown = _show(session.get(DoorPolicy, get_place(session, place_id).id))
    show_version(response, shown.version)
    return shown


@router.put(
    "/places/{place_id}/door-policy",
    operation_id="set_door_policy",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN, STALE, VERSION_REQUIRED),
)
def set_door_policy(
    place_id: UUID,
    body: DoorPolicyWanted,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> DoorPolicyShown:
    """Say how a place receives; its phones know when they next ask. `If-Match: "0"` where it has said nothing yet."""
    place = get_place(session, place_id)
    row = row_of(session, place)
    if (row.version or 0) != version:
        raise STALE.error()
    change_policy(session, place, row, body.model_dump(), at=now, actor=caller.actor)
    show_version(response, row.version)
    return _show(row)
