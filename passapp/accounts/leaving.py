"""Accounts that go, and what goes with them: all that speaks of whoever signed in with them, but for the audit log."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from passapp.accounts.models import Account, ApiKey, Invitation, RoleGrant
from passapp.kernel.audit import Actor, AuditEntry, AuditOrigin, record
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.ticking import hold_off

CHORES_TO_HOLD_OFF: Final = ("audit_origins", "challenges", "invitations", "sent_mail", "sessions", "sign_in_links")
"""They delete what goes with an account: not at the same moment, lest each wait for the other."""
_INVITES_STILL = (Invitation.accepted_at.is_(None), Invitation.cancelled_at.is_(None))


def is_to(accounts: Sequence[Account]) -> ColumnElement[bool]:
    """Whether a message of the outbox is for one of these; a sign-in link names nothing but the address."""
    return or_(
        OutboxMessage.recipient_id.in_([account.id for account in accounts]),
        OutboxMessage.payload["email"].as_string().in_([account.email for account in accounts]),
    )


def delete_accounts(session: Session, accounts: Sequence[Account], *, at: datetime, actor: Actor) -> None:
    """Delete accounts that no member signs in with and no staff, with what speaks of them.

    Invitations to their addresses that wait stay: whoever made them says whether they still hold.
    """
    ids, emails = [account.id for account in accounts], [account.email for account in accounts]
    session.execute(delete(OutboxMessage).where(is_to(accounts)))
    waits = and_(*_INVITES_STILL, Invitation.expires_at > at)
    session.execute(delete(Invitation).where(Invitation.email.in_(emails), ~waits))
    # Nobody is left who could say that they meant it.
    session.execute(update(Invitation).where(Invitation.invited_by.in_(ids), *_INVITES_STILL).values(cancelled_at=at))
    theirs = select(AuditEntry.id).where(AuditEntry.actor_kind == "account", AuditEntry.actor_id.in_(ids))
    session.execute(delete(AuditOrigin).where(AuditOrigin.entry_id.in_(theirs)))
    # With them go roles, sessions, passkeys, linked identities and sign-in links.
    session.execute(delete(Account).where(Account.id.in_(ids)))
    for account_id in ids:
        record(session, actor, at, "account.erase", ("account", account_id))


def delete_idle_accounts(session: Session, ids: Collection[UUID], *, at: datetime, actor: Actor) -> None:
    """Delete those of these accounts, which no member signs in with any more, that nothing else hangs on.

    That is a role, an API key they made, or an invitation of theirs that waits. Call :func:`hold_off_chores` first.
    """
    if not ids:
        return
    these = select(Account).where(Account.id.in_(ids)).order_by(Account.id)
    # Locked before it is looked what hangs on them: nobody gives them a role in between.
    session.scalars(these.with_for_update()).all()
    held = or_(
        exists().where(RoleGrant.account_id == Account.id),
        exists().where(ApiKey.made_by == Account.id),
        exists().where(Invitation.invited_by == Account.id, *_INVITES_STILL),
    )
    if idle := session.scalars(these.where(~held)).all():
        delete_accounts(session, idle, at=at, actor=actor)


def hold_off_chores(session: Session) -> None:
    """Have the chores that delete what goes with an account wait; first in a transaction, before any row is locked."""
    hold_off(session, CHORES_TO_HOLD_OFF)
