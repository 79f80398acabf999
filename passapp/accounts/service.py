"""What people do with accounts: sign in by link, sign out, be given a role and lose it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import AccessToken, Account, RoleGrant, SignInLink
from passapp.accounts.rules import AT_A_PLACE, Role, canonical_email
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import hash_secret, new_secret
from passapp.kernel.problems import ProblemType
from passapp.places.models import Place

SESSION_LASTS = timedelta(days=30)
SIGN_IN_LINK_LASTS = timedelta(minutes=15)

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
GRANT_UNKNOWN = ProblemType("grant_unknown", 404, en="This role was not given.", fr="Ce rôle n'a pas été donné.")
PLACE_NEEDED = ProblemType(
    "place_needed",
    422,
    en="Host, manager and accountant of a place: say at which place. The other roles have none.",
    fr="Accueil, responsable et comptabilité d'un lieu : précisez le lieu. Les autres rôles n'en ont pas.",
)
LAST_COORDINATOR = ProblemType(
    "last_coordinator",
    409,
    en="The network would have no coordination left. Name another coordinator first.",
    fr="Le réseau n'aurait plus de coordination. Nommez d'abord une autre personne.",
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


def make_sign_in_link(session: Session, account: Account, *, at: datetime, actor: Actor) -> str:
    """A secret for ``/sign-in#…``: signs ``account`` in, once, within 15 minutes."""
    secret = new_secret()
    link = SignInLink(token_hash=hash_secret(secret), account_id=account.id, expires_at=at + SIGN_IN_LINK_LASTS)
    session.add(link)
    record(session, actor, at, "sign_in_link.make", ("account", account.id))
    return secret


def sign_in(session: Session, secret: str, *, at: datetime, address: str | None) -> tuple[Account, str]:
    """Consume a sign-in link. Gives the account and the session's secret, for the cookie.

    Raises ``link_not_valid`` for a link that is unknown, used or expired.
    """
    link = session.scalar(select(SignInLink).where(SignInLink.token_hash == hash_secret(secret)).with_for_update())
    if link is None or link.used_at is not None or link.expires_at <= at:
        raise LINK_NOT_VALID.error()
    link.used_at = at
    account = session.get_one(Account, link.account_id)
    return account, open_session(session, account, at=at, address=address)


def open_session(session: Session, account: Account, *, at: datetime, address: str | None) -> str:
    """A new session for ``account``: 30 days. Gives its secret."""
    secret = new_secret()
    session.add(
        AccessToken(
            token_hash=hash_secret(secret),
            account_id=account.id,
            created_at=at,
            expires_at=at + SESSION_LASTS,
        )
    )
    record(session, Actor("account", account.id, address), at, "session.open", ("account", account.id))
    return secret


def issue_door_token(session: Session, place_id: UUID, *, at: datetime) -> tuple[AccessToken, str]:
    """A token for a door of one place, valid until it is revoked. Gives the row and the secret."""
    secret = new_secret()
    token = AccessToken(token_hash=hash_secret(secret), place_id=place_id, created_at=at)
    session.add(token)
    session.flush()
    return token, secret


def revoke_token(session: Session, token_id: UUID, *, at: datetime) -> None:
    """Make a session or a door's token worthless at once."""
    token = session.get_one(AccessToken, token_id)
    token.revoked_at = token.revoked_at or at


def roles_of(session: Session, account_id: UUID) -> list[RoleGrant]:
    """The roles that an account holds."""
    return list(session.scalars(select(RoleGrant).where(RoleGrant.account_id == account_id).order_by(RoleGrant.id)))


def all_grants(session: Session) -> list[RoleGrant]:
    """Every role given to staff."""
    return list(session.scalars(select(RoleGrant).where(RoleGrant.role != Role.MEMBER).order_by(RoleGrant.id)))


def grant_role(
    session: Session, account: Account, role: Role, place: Place | None, *, at: datetime, actor: Actor
) -> RoleGrant:
    """Give ``account`` a role; giving it twice changes nothing. Raises ``place_needed``."""
    if (role in AT_A_PLACE) != (place is not None):
        raise PLACE_NEEDED.error()
    place_id = place.id if place else None
    grant = session.scalar(
        select(RoleGrant).where(
            RoleGrant.account_id == account.id,
            RoleGrant.role == role,
            RoleGrant.place_id.is_not_distinct_from(place_id),
        )
    )
    if grant is None:
        grant = RoleGrant(account=account, role=role.value, place=place, granted_at=at)
        session.add(grant)
        session.flush()
        record(session, actor, at, "role.grant", ("account", account.id), place_id=place_id, role=role.value)
    return grant


def withdraw_role(session: Session, grant_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Take a role back. Raises ``grant_unknown``, or ``last_coordinator``."""
    grant = session.get(RoleGrant, grant_id)
    if grant is None or grant.role == Role.MEMBER:  # being a member follows from membership
        raise GRANT_UNKNOWN.error()
    if grant.role == Role.COORDINATOR:
        # Locked, so that two coordinators cannot remove one another at the same moment.
        coordinators = select(RoleGrant.id).where(RoleGrant.role == Role.COORDINATOR).with_for_update()
        if len(session.scalars(coordinators).all()) == 1:
            raise LAST_COORDINATOR.error()
    session.delete(grant)
    record(
        session,
        actor,
        at,
        "role.withdraw",
        ("account", grant.account_id),
        place_id=grant.place_id,
        role=grant.role,
    )
