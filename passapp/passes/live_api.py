"""Routes of the passes that live on members' phones: live, and short-lived."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.accounts.sessions import device_named, prolong_session
from passapp.kernel.api import Body, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import TOO_MANY_TRIES
from passapp.kernel.problems import may_answer
from passapp.kernel.settings import Settings
from passapp.members.models import Member
from passapp.members.service import MEMBER_UNKNOWN, MEMBERSHIP_UNKNOWN, member_of_account
from passapp.passes import devices, service
from passapp.passes.models import IssuedPass
from passapp.passes.shown import PassShown, show_pass

router = APIRouter(tags=["passes"])


class LivePassWanted(Body):
    """A live pass for the phone that asks. `membership_id` names who pays, for a member with several memberships."""

    public_key: str = Field(
        min_length=43,
        max_length=43,
        description="The phone's Ed25519 public key, 32 bytes in base64url.",
        examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"],
    )
    membership_id: UUID | None = None
    move: bool = Field(default=False, description="Even if it is on another phone, where it then ends.")


class ShortLivedPassWanted(Body):
    """A pass for the next moments. `membership_id` names who pays, for a member with several memberships."""

    membership_id: UUID | None = None


class ShortLivedPass(Shown):
    """A pass as a QR code shows it, good for 90 seconds at most."""

    text: str = Field(description="The signed pass (a JWT).")
    pass_: PassShown = Field(alias="pass")
    expires_at: datetime
    server_now: datetime


class LivePass(ShortLivedPass):
    """A live pass, for the phone to prove anew every 15 seconds. `server_now` lets it know how wrong its clock is."""

    not_before: datetime


_MAY_REFUSE = (
    MEMBER_UNKNOWN,
    MEMBERSHIP_UNKNOWN,
    service.NO_MEMBERSHIP,
    devices.NOT_ACTIVE,
    devices.SIGN_IN_AGAIN,
    TOO_MANY_TRIES,
)


@router.post(
    "/me/live-pass",
    operation_id="bind_live_pass",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(*_MAY_REFUSE, devices.NOT_A_KEY, devices.LIVE_PASS_ELSEWHERE),
)
def bind_live_pass(
    body: LivePassWanted,
    request: Request,
    response: Response,
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    caller: CallerDep,
) -> LivePass:
    """My live pass on this phone: the first time, or a month more of it."""
    member = member_of_account(session, caller.account_id)
    issued = devices.bind_live_pass(
        session,
        member,
        body.public_key,
        body.membership_id,
        move=body.move,
        device=device_named(request.headers.get("user-agent", "")),
        token_id=caller.token_id,
        at=now,
        actor=caller.actor,
    )
    if issued.issued_at < now:
        # The phone that had it already goes on: so does its session, or its pass would be gone 30 days after sign-in.
        prolong_session(request, response, session, now=now, settings=settings, caller=caller)
    response.headers["Cache-Control"] = "private, no-store"
    return LivePass.model_validate(_given(session, issued, member, settings, now) | {"not_before": issued.not_before})


@router.post(
    "/me/short-lived-pass",
    operation_id="get_short_lived_pass",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(*_MAY_REFUSE),
)
def get_short_lived_pass(
    body: ShortLivedPassWanted,
    request: Request,
    response: Response,
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    caller: CallerDep,
) -> ShortLivedPass:
    """My pass for the next moments, where the phone can hold no key of its own."""
    member = member_of_account(session, caller.account_id)
    issued = devices.give_short_lived_pass(
        session,
        member,
        body.membership_id,
        device=device_named(request.headers.get("user-agent", "")),
        token_id=caller.token_id,
        at=now,
        actor=caller.actor,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return ShortLivedPass.model_validate(_given(session, issued, member, settings, now))


def _given(
    session: SessionDep, issued: IssuedPass, member: Member, settings: Settings, now: datetime
) -> dict[str, object]:
    return {
        "text": service.text_of(session, issued, settings.keys_dir),
        "pass": show_pass(issued, member, now),
        "expires_at": issued.expires_at,
        "server_now": now,
    }
