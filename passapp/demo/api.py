"""Routes of the demo only: one click signs in as an invented person. They exist on no other deployment."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from passapp.accounts.access import CallerDep, allow_anyone
from passapp.accounts.service import account_by_email
from passapp.accounts.sessions import begin_session
from passapp.accounts.shown import Me
from passapp.demo.people import DOOR_NAME, DOOR_PLACE, ROLE_EMAILS
from passapp.door.pairing import pair
from passapp.door.pairing_api import PairedDoor, show_paired
from passapp.kernel.api import Body, NowDep, SettingsDep
from passapp.kernel.database import SessionDep
from passapp.places.service import place_named

router = APIRouter(prefix="/demo", tags=["demo"])


class DemoSignIn(Body):
    """Whom to be."""

    role: Literal["member", "manager", "coordinator", "accountant"]


class DemoDoor(Body):
    """The device that becomes a door."""

    device_id: UUID


@router.post("/sign-in", operation_id="demo_sign_in", dependencies=allow_anyone())
def demo_sign_in(
    body: DemoSignIn,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    caller: CallerDep,
) -> Me:
    """Sign in as one of the demo's people."""
    account = account_by_email(session, ROLE_EMAILS[body.role])
    return begin_session(request, response, session, account, now=now, settings=settings, caller=caller, how="demo")


@router.post("/door", operation_id="demo_door", dependencies=allow_anyone(), status_code=status.HTTP_201_CREATED)
def demo_door(body: DemoDoor, session: SessionDep, now: NowDep, caller: CallerDep) -> PairedDoor:
    """Make this device a door of one of the demo's places."""
    place = place_named(session, DOOR_PLACE)
    return show_paired(session, pair(session, place, body.device_id, DOOR_NAME, at=now, actor=caller.actor))
