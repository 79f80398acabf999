"""Routes of the trial scan."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from passapp.accounts.access import allow
from passapp.accounts.rules import Role
from passapp.door import trial
from passapp.door.api import PassText
from passapp.door.calling import Calling, allow_doors, at_the_door
from passapp.door.pairing import NO_DOOR_HERE
from passapp.door.rules import Verdict
from passapp.kernel.api import Body, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.passes.qr import draw_svg
from passapp.passes.trial import TRIAL_LASTS, trial_pass
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])


class TrialPass(Shown):
    """A trial pass: its text, and the same as a QR code (SVG)."""

    text: str
    qr_svg: str
    expires_at: datetime


class TrialWanted(Body):
    """What the door read."""

    pass_: PassText = Field(alias="pass")


class TrialAnswer(Shown):
    """Whether it works; else `verdict` says what a door would have said."""

    works: bool
    verdict: Verdict


@router.get(
    "/places/{place_id}/trial-pass",
    operation_id="get_trial_pass",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER, Role.HOST),
    responses=may_answer(PLACE_UNKNOWN, NO_DOOR_HERE),
)
def get_trial_pass(place_id: UUID, session: SessionDep, settings: SettingsDep, now: NowDep) -> TrialPass:
    """A pass to try this place's phones with: good for a day, counted nowhere."""
    place = get_place(session, place_id)
    if not place.has_door:
        raise NO_DOOR_HERE.error()
    text = trial_pass(session, place, settings.keys_dir, at=now)
    return TrialPass(text=text, qr_svg=draw_svg(text).decode(), expires_at=now + TRIAL_LASTS)


@router.post("/door/trial", operation_id="try_door", dependencies=allow_doors(), response_model=TrialAnswer)
async def try_door(body: TrialWanted, request: Request, now: NowDep) -> Response:
    """Read a trial pass: the phone is noted as tried, and nothing is counted."""

    def deed(_session: Session, calling: Calling) -> TrialAnswer:
        return TrialAnswer.model_validate(trial.try_door(calling, body.pass_, now=now))

    return await at_the_door(request, now, deed)
