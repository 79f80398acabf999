"""Routes of the demo only: one click signs in as an invented person. They exist on no other deployment."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from passapp.accounts.access import CallerDep, allow_anyone
from passapp.accounts.sessions import begin_session
from passapp.accounts.shown import Me
from passapp.demo.entering import DEMO_PERSON_ERASED, person_of_the_demo
from passapp.demo.people import DOOR_NAME, DOOR_PLACE
from passapp.door.pairing import pair
from passapp.door.pairing_api import PairedDoor, show_paired
from passapp.kernel.api import Body, NowDep, SettingsDep
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.places.service import place_named

router = APIRouter(prefix="/demo", tags=["demo"])


class DemoSignIn(Body):
    """Whom to be."""

    role: Literal["member", "manager", "neighbour", "coordinator", "accountant"]


class DemoDoor(Body):
    """The device that becomes a door."""

    device_id: UUID


@router.post(
    "/sign-in",
    operation_id="demo_sign_in",
    dependencies=allow_anyone(),
    responses=may_answer(DEMO_PERSON_ERASED),
)
def demo_sign_in(
    body: DemoSignIn,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    caller: CallerDep,
) -> Me:
    """Sign in as one of the demo's people; as somebody like them, once they have erased themselves."""
    account = person_of_the_demo(session, body.role, at=now)
    return begin_session(request, response, session, account, now=now, settings=settings, caller=caller, how="demo")


@router.post("/door", operation_id="demo_door", dependencies=allow_anyone(), status_code=status.HTTP_201_CREATED)
def demo_door(body: DemoDoor, session: SessionDep, now: NowDep, caller: CallerDep) -> PairedDoor:
    """Make this device a door of one of the demo's places."""
    place = place_named(session, DOOR_PLACE)
    return show_paired(session, pair(session, place, body.device_id, DOOR_NAME, at=now, actor=caller.actor))
