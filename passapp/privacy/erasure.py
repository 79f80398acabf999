"""Erasing a person: what speaks of them goes, what accounts must keep stays and is nobody's (door.md, Privacy).

Kept: check-ins and visits, by keys that nobody stands behind any more; the audit log, by ids that lead nowhere; and of
each pass that could still be shown, that its index is revoked.
"""

from dataclasses import replace
from datetime import datetime
from hmac import compare_digest
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from passapp.accounts.leaving import CHORES_TO_HOLD_OFF, delete_accounts
from passapp.accounts.models import Account, Invitation, RoleGrant
from passapp.accounts.roles import withdraw_all_roles
from passapp.accounts.rules import Role
from passapp.bookings.leaving import leave_bookings
from passapp.door.models import CheckIn, Door, FollowUpReason, UndoReason, UsedProof, VisitIdentity
from passapp.kernel.audit import Actor, AuditEntry, record
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import NOT_SIGNED_IN, ProblemType
from passapp.kernel.text import folded
from passapp.kernel.ticking import hold_off
from passapp.members.models import Member
from passapp.passes.models import IssuedPass
from passapp.passes.service import erase_passes
from passapp.places.models import Place
from passapp.privacy.counting import count_no_more
from passapp.privacy.retention import FORGOTTEN, chores
from passapp.privacy.service import member_behind

FORGET_TOO = {*chores(Path()), *CHORES_TO_HOLD_OFF}
"""The chores that delete what an erasure deletes: not at the same moment, lest each wait for the other."""

NOT_CONFIRMED = ProblemType(
    "not_confirmed",
    422,
    en="This is not what is asked for: write it exactly as it is shown. Nothing was erased.",
    fr="Ce n'est pas ce qui est demandé : écrivez-le tel qu'affiché. Rien n'a été effacé.",
)
HAS_ROLES = ProblemType(
    "has_roles",
    409,
    en="This person holds other roles: they erase themselves, from the page My data.",
    fr="Cette personne a d'autres rôles : elle s'efface elle-même, depuis la page Mes données.",
)


def erase_me(session: Session, account: Account, confirmation: str, *, key: bytes, at: datetime, actor: Actor) -> None:
    """Erase whoever signs in with ``account``, member or not. ``confirmation``: their e-mail address, typed.

    ``key``: the one that pseudonyms are made with.

    Raises ``not_confirmed``, ``last_coordinator``, ``last_manager``.
    """
    _confirm(confirmation, account.email)
    # Where they were when they did it is no business of ours any more.
    _erase(session, account, member_behind(session, account.id), key=key, at=at, actor=replace(actor, address=None))


def erase_member(
    session: Session, member: Member, confirmation: str, *, key: bytes, at: datetime, actor: Actor
) -> None:
    """Erase a member who asked for it. ``confirmation``: their whole name, typed.

    The account that was made for the member goes with them. One that was there before is somebody's who has only been
    called a member here, maybe by mistake: it stays theirs, and they may erase it themselves.

    Raises ``not_confirmed``, and ``has_roles`` for somebody who is more than a member.
    """
    _confirm(confirmation, f"{member.given_name} {member.family_name}")
    staff = select(RoleGrant.id).where(RoleGrant.account_id == member.account_id, RoleGrant.role != Role.MEMBER)
    if member.account_id is not None and session.scalar(staff.limit(1)) is not None:
        raise HAS_ROLES.error()
    account = member.account
    if account is not None and account.created_at < member.created_at:
        session.execute(delete(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.role == Role.MEMBER))
        _say_goodbye(session, account, f"data_erased:{member.id}", at=at, account_stays=True)
        account = None
    _erase(session, account, member, key=key, at=at, actor=actor)


def _confirm(typed: str, expected: str) -> None:
    if not compare_digest(_plain(typed).encode(), _plain(expected).encode()):
        raise NOT_CONFIRMED.error()


def _plain(text: str) -> str:
    return " ".join(folded(text).split())


def _erase(
    session: Session, account: Account | None, member: Member | None, *, key: bytes, at: datetime, actor: Actor
) -> None:
    hold_off(session, FORGET_TOO)
    _hold_doors(session)
    if account is not None:
        _check_is_there(session, account)
        withdraw_all_roles(session, account.id, at=at, actor=actor)
    if member is not None:
        leave_bookings(session, member.id, now=at, actor=actor)
        _erase_member(session, member.id, key=key, at=at)
        record(session, actor, at, "member.erase", ("member", member.id))
    if account is not None:
        _forget_phones(session, account.id)
        _forget_invitations(session, account.email)
        delete_accounts(session, [account], at=at, actor=actor)
        _say_goodbye(session, account, f"data_erased:{account.id}", at=at, account_stays=False)


def _check_is_there(session: Session, account: Account) -> None:
    """Raise ``not_signed_in`` where another request has erased the account while this one waited for the doors."""
    if session.scalar(select(Account.id).where(Account.id == account.id).with_for_update()) is None:
        raise NOT_SIGNED_IN.error(headers={"WWW-Authenticate": "Bearer"})


def _hold_doors(session: Session) -> None:
    """Hold every door back until the transaction ends: a scan of theirs comes wholly before, or wholly after.

    A check-in locks its place before it looks who comes (door.calling); here all are locked, always in one order.
    """
    session.execute(select(Place.id).order_by(Place.id).with_for_update(key_share=True))


def _forget_phones(session: Session, account_id: UUID) -> None:
    """Forget what the phones that they paired are called, which is their first name unless they typed another.

    A phone that somebody else has paired since is called what that person said.
    """
    by_them = (AuditEntry.actor_kind == "account", AuditEntry.actor_id == account_id)
    paired = select(AuditEntry.subject_id, AuditEntry.at).where(AuditEntry.action == "door.pair", *by_them)
    for door_id, paired_at in session.execute(paired).all():
        theirs = (Door.id == UUID(door_id), Door.paired_at == paired_at)
        session.execute(update(Door).where(*theirs).values(name=FORGOTTEN))


def _forget_invitations(session: Session, email: str) -> None:
    invited = session.scalars(select(Invitation.id).where(Invitation.email == email))
    letters = OutboxMessage.payload["invitation_id"].as_string().in_([str(each) for each in invited])
    session.execute(delete(OutboxMessage).where(letters))
    session.execute(delete(Invitation).where(Invitation.email == email))


def _say_goodbye(session: Session, account: Account, key: str, *, at: datetime, account_stays: bool) -> None:
    """The letter holds the one copy of their address: it is gone as soon as the mail has left, or after a week."""
    last = {"email": account.email, "language": account.locale, "account_stays": account_stays}
    enqueue(session, at, "data_erased", key, None, **last)


def _erase_member(session: Session, member_id: UUID, *, key: bytes, at: datetime) -> None:
    visits = select(VisitIdentity.visitor_key).where(VisitIdentity.member_id == member_id)
    reasons = select(CheckIn.id).where(CheckIn.visitor_key.in_(visits))
    for reason in (UndoReason, FollowUpReason):
        session.execute(delete(reason).where(reason.check_in_id.in_(reasons)))
    count_no_more(session, member_id, key=key)
    indices = select(IssuedPass.status_index).where(IssuedPass.member_id == member_id)
    session.execute(delete(UsedProof).where(UsedProof.status_index.in_(indices)))
    erase_passes(session, member_id, at=at)
    # With it go memberships, choices, look-ups, accepted house rules, and who stands behind their visitor keys.
    session.execute(delete(Member).where(Member.id == member_id))
