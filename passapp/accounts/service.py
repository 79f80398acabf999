"""What people do with accounts: ask for a sign-in link and use it, change their name and language."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import AccessToken, Account, SignInLink
from passapp.accounts.rules import canonical_email
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import hash_secret, new_id, new_secret
from passapp.kernel.limits import count_try
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import ProblemType

SIGN_IN_LINK_LASTS = timedelta(minutes=15)
LETTERS_AT_MOST, LETTERS_WITHIN = 5, 15
"""Sign-in links sent to one e-mail address, and within how many minutes."""

ACCOUNT_UNKNOWN = ProblemType(
    "account_unknown",
    404,
    en="Nobody here has this e-mail address.",
    fr="Personne ici n'a cette adresse e-mail.",
)
LINK_NOT_VALID = ProblemType(
    "link_not_valid",
    410,
    en="This sign-in link has been used or has expired. Ask for a new one.",
    fr="Ce lien de connexion a déjà servi ou a expiré. Demandez-en un nouveau.",
)


def ensure_accounts(session: Session, people: Mapping[str, tuple[str, str]], *, at: datetime) -> dict[str, Account]:
    """The accounts with these canonical e-mail addresses, made if need be, by address.

    ``people``: name and locale, by address. One query, whatever their number; new accounts are not flushed yet.
    """
    accounts = {a.email: a for a in session.scalars(select(Account).where(Account.email.in_(people)))}
    for email, (name, locale) in people.items():
        if email not in accounts:
            accounts[email] = Account(email=email, name=name, locale=locale, created_at=at)
            session.add(accounts[email])
    return accounts


def ensure_account(session: Session, email: str, name: str, *, locale: str, at: datetime) -> Account:
    """The account with this canonical e-mail address, made if need be."""
    account = ensure_accounts(session, {email: (name, locale)}, at=at)[email]
    session.flush()
    return account


def account_by_email(session: Session, email: str) -> Account:
    """The account with this e-mail address, in any spelling. Raises ``account_unknown``."""
    try:
        address = canonical_email(email)
    except ValueError:
        raise ACCOUNT_UNKNOWN.error() from None
    account = session.scalar(select(Account).where(Account.email == address))
    if account is None:
        raise ACCOUNT_UNKNOWN.error()
    return account


def ask_for_sign_in_link(session: Session, email: str, next_path: str, *, at: datetime) -> None:
    """Have a sign-in link sent to a canonical address, known here or not: the letter finds that out when it leaves.

    What is asked too often for one address is silently not sent: to say so would tell strangers that others asked.
    """
    if count_try(session, "sign_in_email", email, times=LETTERS_AT_MOST, minutes=LETTERS_WITHIN, now=at):
        enqueue(session, at, "sign_in", f"sign_in:{new_id()}", None, email=email, next=next_path)


def make_sign_in_link(
    session: Session, account: Account, *, at: datetime, actor: Actor, how: Literal["mail", "command"]
) -> str:
    """A secret for ``/sign-in#…``: signs ``account`` in, once, within 15 minutes.

    ``how`` it reaches them, for the audit log: in a mail that they asked for, or from a command's output.
    """
    secret = new_secret()
    link = SignInLink(token_hash=hash_secret(secret), account_id=account.id, expires_at=at + SIGN_IN_LINK_LASTS)
    session.add(link)
    record(session, actor, at, "sign_in_link.make", ("account", account.id), how=how)
    return secret


def use_sign_in_link(session: Session, secret: str, *, at: datetime) -> Account:
    """Consume a sign-in link, and with it every other link of its account: no mail left lying about opens anything.

    Raises ``link_not_valid`` for a link that is unknown, used or expired.
    """
    token_hash = hash_secret(secret)
    account_id = session.scalar(select(SignInLink.account_id).where(SignInLink.token_hash == token_hash))
    # All of them locked, in one order: of two tabs with one link, or with two, one comes first and the other too late.
    unused = select(SignInLink).where(SignInLink.account_id == account_id, SignInLink.used_at.is_(None))
    links = session.scalars(unused.order_by(SignInLink.id).with_for_update()).all()
    if not any(link.token_hash == token_hash and link.expires_at > at for link in links):
        raise LINK_NOT_VALID.error()
    for link in links:
        link.used_at = at
    return session.get_one(Account, account_id)


def change_account(
    session: Session, account: Account, changes: Mapping[str, str], *, at: datetime, actor: Actor
) -> None:
    """Change what somebody is called here, or the language that they are written to in."""
    if not changes:
        return
    for field, value in changes.items():
        setattr(account, field, value)
    record(session, actor, at, "account.change", ("account", account.id), fields=sorted(changes))


def issue_door_token(session: Session, place_id: UUID, *, at: datetime) -> tuple[AccessToken, str]:
    """A token for a door of one place, valid until it is revoked. Gives the row and the secret."""
    secret = new_secret()
    token = AccessToken(token_hash=hash_secret(secret), place_id=place_id, created_at=at)
    session.add(token)
    session.flush()
    return token, secret


def revoke_token(session: Session, token_id: UUID, *, at: datetime) -> None:
    """Make a door's token worthless at once."""
    token = session.get_one(AccessToken, token_id)
    token.revoked_at = token.revoked_at or at
