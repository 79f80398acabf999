"""What people do with invitations: offer somebody a role by mail, take it back, accept (decision 0019).

The secret is made when the mail leaves, so that nobody but the address's owner ever sees it, the inviter included. An
invitation stands only as long as whoever made it could still make it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, update
from sqlalchemy.orm import Session, selectinload

from passapp.accounts.models import Account, Invitation, RoleGrant
from passapp.accounts.roles import check_place_fits, grant_role, has_left, inviter_may_invite, is_open
from passapp.accounts.rules import Role
from passapp.accounts.service import ensure_account
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import hash_secret, new_id, new_secret
from passapp.kernel.limits import TOO_MANY_TRIES, count_try
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import ProblemType
from passapp.places.models import Place

INVITATION_LASTS = timedelta(days=14)
LIMIT_MINUTES = 60
INVITATIONS_A_PLACE = 30
"""Within an hour, by one place or by the network; a team of fifteen is invited twice before it is reached."""
INVITATIONS_AN_ADDRESS = 5
"""Within an hour, by one place: no place uses up another's."""
INVITATIONS_ALTOGETHER = 15
"""Within an hour, to one address, whoever invites: nobody's mailbox is filled by way of Passapp."""

INVITATION_NOT_VALID = ProblemType(
    "invitation_not_valid",
    410,
    en="This invitation has been used, was taken back, or has expired. Ask whoever invited you for a new one.",
    fr="Cette invitation a déjà servi, a été annulée ou a expiré. Demandez-en une nouvelle à la personne qui vous "
    "a invité.",
)
INVITATION_UNKNOWN = ProblemType(
    "invitation_unknown",
    404,
    en="No such invitation is waiting: it has been accepted or taken back.",
    fr="Cette invitation n'attend plus : elle a été acceptée ou annulée.",
)
PLACE_HAS_LEFT = ProblemType(
    "place_has_left",
    409,
    en="This place has left the network: it receives nobody any more, and needs no host.",
    fr="Ce lieu a quitté le réseau : il n'accueille plus personne.",
)


@dataclass(frozen=True)
class Wanted:
    """Whom to invite, as what. ``email`` is canonical."""

    email: str
    name: str
    locale: Literal["fr", "en"]
    role: Role
    place: Place | None


def _stands() -> ColumnElement[bool]:
    """Whether it waits for an answer and whoever made it may still invite for that role."""
    return and_(is_open(), inviter_may_invite())


def pending(place_id: UUID | None = None) -> Select[Invitation]:
    """The invitations that wait for an answer, at one place or everywhere; those that expired still show."""
    query = select(Invitation).options(selectinload(Invitation.place)).where(_stands()).order_by(Invitation.id)
    return query if place_id is None else query.where(Invitation.place_id == place_id)


def invite(session: Session, wanted: Wanted, inviter: Account, *, at: datetime, actor: Actor) -> Invitation:
    """Offer a role by mail; the same offer made again is sent again, and its former link is worth nothing any more.

    Who offers themselves a role has it at once: they are signed in with that address. Nothing here tells whether the
    address belongs to somebody known. Raises ``place_needed``, ``place_has_left``, ``too_many_tries``.
    """
    check_place_fits(wanted.role, wanted.place)
    if _nobody_needed(wanted.role, wanted.place, at):
        raise PLACE_HAS_LEFT.error()
    _count(session, wanted, at)
    place_id = wanted.place.id if wanted.place else None
    invitation = session.scalar(
        pending().where(
            Invitation.email == wanted.email,
            Invitation.role == wanted.role,
            Invitation.place_id.is_not_distinct_from(place_id),
        )
    )
    if invitation is None:
        invitation = Invitation(email=wanted.email, role=wanted.role.value, place=wanted.place, created_at=at)
        session.add(invitation)
    invitation.name, invitation.locale, invitation.invited_by = wanted.name, wanted.locale, inviter.id
    invitation.token_hash, invitation.expires_at = None, at + INVITATION_LASTS
    session.flush()
    subject = ("invitation", invitation.id)
    record(session, actor, at, "invitation.make", subject, place_id=place_id, role=wanted.role.value)
    if wanted.email == inviter.email:
        invitation.accepted_at = at
        grant_role(session, inviter, wanted.role, wanted.place, at=at, actor=actor)
    else:
        key = f"{_key_of(invitation)}{new_id()}"
        enqueue(session, at, "invitation", key, None, invitation_id=str(invitation.id))
    return invitation


def _key_of(invitation: Invitation) -> str:
    return f"invitation:{invitation.id}:"


def _nobody_needed(role: str, place: Place | None, at: datetime) -> bool:
    # A place that left still has its last months to settle, so it may need a manager and an accountant.
    return role == Role.HOST and place is not None and has_left(place, at)


def _count(session: Session, wanted: Wanted, at: datetime) -> None:
    """Count this invitation, of its place first: two of one place at the same moment come one after the other."""
    by = wanted.place.id if wanted.place else None
    limits = {
        f"place:{by}": INVITATIONS_A_PLACE,
        f"to:{by}:{wanted.email}": INVITATIONS_AN_ADDRESS,
        f"to:{wanted.email}": INVITATIONS_ALTOGETHER,
    }
    for subject, times in limits.items():
        if not count_try(session, "invitation", subject, times=times, minutes=LIMIT_MINUTES, now=at):
            raise TOO_MANY_TRIES.error(minutes=LIMIT_MINUTES, headers={"Retry-After": str(LIMIT_MINUTES * 60)})


def get_invitation(session: Session, invitation_id: UUID) -> Invitation:
    """An invitation that waits for an answer. Raises ``invitation_unknown``."""
    invitation = session.scalar(pending().where(Invitation.id == invitation_id).with_for_update(of=Invitation))
    if invitation is None:
        raise INVITATION_UNKNOWN.error()
    return invitation


def draw_secret(session: Session, invitation_id: UUID, *, at: datetime) -> tuple[Invitation, str] | None:
    """A secret for ``/invitation#…``, for the mail that is leaving; None where there is nothing to send any more."""
    query = pending().where(Invitation.id == invitation_id, Invitation.expires_at > at)
    invitation = session.scalar(query.with_for_update(of=Invitation))
    if invitation is None or _nobody_needed(invitation.role, invitation.place, at):
        return None
    secret = new_secret()
    invitation.token_hash = hash_secret(secret)
    return invitation, secret


def look_at_invitation(session: Session, secret: str, *, at: datetime) -> tuple[Invitation, Account]:
    """What is offered, and by whom; nothing is used up. Raises ``invitation_not_valid``, as accepting would."""
    invitation = _offered(session, secret, at)
    return invitation, session.get_one(Account, invitation.invited_by)


def _offered(session: Session, secret: str, at: datetime, *, lock: bool = False) -> Invitation:
    query = pending().where(Invitation.token_hash == hash_secret(secret), Invitation.expires_at > at)
    invitation = session.scalar(query.with_for_update(of=Invitation) if lock else query)
    if invitation is None or _nobody_needed(invitation.role, invitation.place, at):
        raise INVITATION_NOT_VALID.error()
    return invitation


def accept_invitation(session: Session, secret: str, *, at: datetime, address: str | None) -> tuple[RoleGrant, bool]:
    """Take the role that is offered, once; to hold it already is fine.

    Gives the role, whose account is made if need be, and whether it was. Raises ``invitation_not_valid`` for a secret
    that is unknown or used, and for an offer that was taken back, has expired, or whose maker could not make it now.
    """
    invitation = _offered(session, secret, at, lock=True)
    invitation.accepted_at = at
    is_new = session.scalar(select(Account.id).where(Account.email == invitation.email)) is None
    account = ensure_account(session, invitation.email, invitation.name, locale=invitation.locale, at=at)
    if is_new:
        # Its mails left before there was an account; now they are among what that person sees of themselves.
        mails = OutboxMessage.key.startswith(_key_of(invitation), autoescape=True)
        session.execute(update(OutboxMessage).where(mails).values(recipient_id=account.id))
    actor = Actor("account", account.id, address)
    subject = ("invitation", invitation.id)
    record(session, actor, at, "invitation.accept", subject, place_id=invitation.place_id, role=invitation.role)
    grant = grant_role(session, account, Role(invitation.role), invitation.place, at=at, actor=actor)
    return grant, is_new
