"""Routes of the first start."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import Field, StringConstraints

from passapp.accounts.access import CallerDep, Role, allow, allow_anyone
from passapp.accounts.api import GrantPlace, Me, set_session_cookie, who
from passapp.accounts.fields import Email, Locale
from passapp.accounts.service import open_session, revoke_token, roles_of
from passapp.first_start import service
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.network.service import NETWORK_EXISTS

router = APIRouter(tags=["first start"])


class SetUp(Body):
    """The network to found, and who coordinates it. The code stands in every pass, for ever."""

    secret: str = Field(min_length=1, max_length=200, description="From the address that the terminal shows.")
    name: Line = Field(examples=["Les lieux du bocage"])
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")] = Field(examples=["BOCAGE"])
    locale: Locale = "fr"
    person: Line = Field(examples=["Camille Martin"])
    email: Email = Field(examples=["camille@example.org"])


class FirstMember(Shown):
    """The first member."""

    id: UUID
    given_name: str
    family_name: str


class Progress(Shown):
    """How far the first start has come. `done`: a phone has read a trial pass, or a visit is counted."""

    place: GrantPlace | None
    member: FirstMember | None
    pass_id: UUID | None
    phones: int = Field(description="Phones paired with that place.")
    tried: bool = Field(description="One of them has read a trial pass.")
    done: bool


@router.post(
    "/set-up",
    operation_id="set_up",
    dependencies=allow_anyone(),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(NETWORK_EXISTS, service.SET_UP_LINK_NOT_VALID),
)
def set_up(
    body: SetUp, response: Response, session: SessionDep, now: NowDep, settings: SettingsDep, caller: CallerDep
) -> Me:
    """Found the network of an empty deployment, once, and sign its coordination in."""
    wanted = service.NetworkWanted(body.code, body.name, body.locale, body.person, body.email)
    account = service.set_up(session, wanted, body.secret, (settings.data_dir, settings.keys_dir), at=now)
    if caller.account_id is not None and caller.token_id is not None:
        revoke_token(session, caller.token_id, at=now)
    set_session_cookie(response, settings, open_session(session, account, at=now, address=caller.address))
    return who(account, roles_of(session, account.id))


@router.get("/set-up", operation_id="get_set_up", dependencies=allow(Role.COORDINATOR))
def get_set_up(session: SessionDep, now: NowDep) -> Progress:
    """How far the first start has come: what the assistant goes on from."""
    return Progress.model_validate(service.progress(session, at=now))
