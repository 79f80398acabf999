"""Routes of invitations: roles offered by mail."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import Field

from passapp.accounts import invitations
from passapp.accounts.access import CallerDep, Role, account_of_caller, allow, allow_anyone
from passapp.accounts.fields import Email, Locale
from passapp.accounts.models import Invitation
from passapp.accounts.roles import PLACE_NEEDED, cancel_invitation
from passapp.accounts.sessions import begin_session
from passapp.accounts.shown import GrantPlace
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import TOO_MANY_TRIES, limited
from passapp.kernel.mail import SEND_SOON
from passapp.kernel.problems import may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["accounts"])


class InvitationWanted(Body):
    """Whom to invite, as what."""

    email: Email = Field(examples=["camille@example.org"])
    name: Line = Field(examples=["Camille Martin"])
    role: Literal["host", "manager", "place_accountant", "coordinator", "network_accountant"]
    place_id: UUID | None = None
    locale: Locale = "fr"


class InvitationShown(Shown):
    """A role offered; its link is in the mail only."""

    id: UUID
    email: str
    name: str
    locale: str
    role: Role
    place: GrantPlace | None
    created_at: datetime
    expires_at: datetime
    mailed: bool = Field(description="Its mail has left, or is leaving.")
    accepted_at: datetime | None = Field(description="At once for oneself; null while it waits for an answer.")


class Invitations(Shown):
    """The invitations that wait for an answer."""

    items: list[InvitationShown]


class InvitationSecret(Body):
    """The secret of an invitation."""

    token: str = Field(min_length=1, max_length=200, examples=["nB8q…"])


class Offered(Shown):
    """The role that a mail offers, and who offers it."""

    role: Role
    place: GrantPlace | None
    invited_by: str = Field(description="Their name, as in the mail.")


class Accepted(Shown):
    """The role taken. `signed_in`: this browser acts as the person now; otherwise they sign in as they always do."""

    role: Role
    place: GrantPlace | None
    signed_in: bool


def _show(invitation: Invitation) -> InvitationShown:
    fields = {name: getattr(invitation, name) for name in InvitationShown.model_fields if name != "mailed"}
    return InvitationShown.model_validate(fields | {"mailed": invitation.token_hash is not None})


@router.get("/invitations", operation_id="list_invitations", dependencies=allow(Role.COORDINATOR))
def list_invitations(session: SessionDep) -> Invitations:
    """Every invitation that waits for an answer."""
    return Invitations(items=[_show(invitation) for invitation in session.scalars(invitations.pending())])


@router.get(
    "/places/{place_id}/invitations",
    operation_id="list_invitations_at_place",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_invitations_at_place(place_id: UUID, session: SessionDep) -> Invitations:
    """The invitations of a place that wait for an answer."""
    place = get_place(session, place_id)
    return Invitations(items=[_show(invitation) for invitation in session.scalars(invitations.pending(place.id))])


@router.post(
    "/invitations",
    operation_id="invite",
    dependencies=[*allow(Role.COORDINATOR, Role.MANAGER), SEND_SOON],
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN, PLACE_NEEDED, invitations.PLACE_HAS_LEFT, TOO_MANY_TRIES),
)
def invite(body: InvitationWanted, session: SessionDep, now: NowDep, caller: CallerDep) -> InvitationShown:
    """Offer somebody a role by mail, for 14 days; again: send it again, with a new link in place of the former.

    A manager invites to their own place. For one's own address there is nothing to accept: the role is held at once.
    """
    caller.require_at(frozenset({body.place_id} if body.place_id else ()), Role.MANAGER)
    place = get_place(session, body.place_id) if body.place_id else None
    wanted = invitations.Wanted(body.email, body.name, body.locale, Role(body.role), place)
    inviter = account_of_caller(session, caller, keep=True)
    return _show(invitations.invite(session, wanted, inviter, at=now, actor=caller.actor))


@router.delete(
    "/invitations/{invitation_id}",
    operation_id="cancel_invitation",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(invitations.INVITATION_UNKNOWN),
)
def cancel_one_invitation(invitation_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Take an invitation back."""
    invitation = invitations.get_invitation(session, invitation_id)
    caller.require_at(frozenset({invitation.place_id} if invitation.place_id else ()), Role.MANAGER)
    cancel_invitation(session, invitation, at=now, actor=caller.actor)


@router.post(
    "/invitations/look",
    operation_id="look_at_invitation",
    dependencies=[limited("invitation", times=20, minutes=10, failures_only=True), *allow_anyone()],
    responses=may_answer(invitations.INVITATION_NOT_VALID, TOO_MANY_TRIES),
)
def look_at_invitation(body: InvitationSecret, session: SessionDep, now: NowDep) -> Offered:
    """What a mail offers, before it is accepted; nothing is used up. A POST, so that no log holds the secret."""
    invitation, inviter = invitations.look_at_invitation(session, body.token, at=now)
    place = GrantPlace.model_validate(invitation.place) if invitation.place else None
    return Offered(role=Role(invitation.role), place=place, invited_by=inviter.name)


@router.post(
    "/invitations/accept",
    operation_id="accept_invitation",
    dependencies=[limited("invitation", times=20, minutes=10, failures_only=True), *allow_anyone()],
    responses=may_answer(invitations.INVITATION_NOT_VALID, TOO_MANY_TRIES),
)
def accept_invitation(
    body: InvitationSecret,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    caller: CallerDep,
) -> Accepted:
    """Take the role that a mail offered. Somebody new is signed in; who has an account signs in as they always do."""
    grant, is_new = invitations.accept_invitation(session, body.token, at=now, address=caller.address)
    if is_new:
        begin_session(
            request, response, session, grant.account, now=now, settings=settings, caller=caller, how="invitation"
        )
    is_me = caller.account_id == grant.account_id
    place = GrantPlace.model_validate(grant.place) if grant.place else None
    return Accepted(role=Role(grant.role), place=place, signed_in=is_new or is_me)
