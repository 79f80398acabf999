"""What people do with sessions: open one, see where they are signed in, end one or all the others.

A session is a random secret in a cookie; the database keeps its hash. Signing in always draws a new secret and ends the
session that the browser had: what somebody planted there before, or stole from there, is worth nothing afterwards.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from ua_parser import parse

from passapp.accounts.access import Caller, bearer_of, is_alive, session_cookie
from passapp.accounts.models import AccessToken, Account
from passapp.accounts.roles import roles_of
from passapp.accounts.shown import Me, who
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import hash_secret, new_secret
from passapp.kernel.problems import ProblemType
from passapp.kernel.settings import Settings

SESSION_LASTS = timedelta(days=30)
LONGEST_USER_AGENT = 500
LONGEST_DEVICE = 120

SESSION_UNKNOWN = ProblemType(
    "session_unknown",
    404,
    en="This device is not signed in any more.",
    fr="Cet appareil n'est plus connecté.",
)


def begin_session(
    request: Request,
    response: Response,
    session: Session,
    account: Account,
    *,
    now: datetime,
    settings: Settings,
    caller: Caller,
    how: str,
) -> Me:
    """Sign ``account`` in on the browser that asks: the one way in. ``how``: by what, for the audit log.

    Sets the cookie of a new session and ends the browser's former one. Gives who is signed in.
    """
    _end_session(session, caller, at=now)
    device = device_named(request.headers.get("user-agent", ""))
    secret = open_session(session, account, at=now, address=caller.address, how=how, device=device)
    _keep_in_cookie(response, secret, settings)
    return who(account, roles_of(session, account.id))


def prolong_session(
    request: Request, response: Response, session: Session, *, now: datetime, settings: Settings, caller: Caller
) -> None:
    """Have the caller's session last 30 days from now, under the same secret; one that ended meanwhile stays ended.

    Only a browser's: who sends the secret in a header keeps it themselves, and keys and doors have no session.
    """
    secret = request.cookies.get(session_cookie(settings))
    if secret is None or caller.account_id is None or bearer_of(request) is not None:
        return
    mine = (AccessToken.id == caller.token_id, is_alive(now))
    longer = update(AccessToken).where(*mine).values(expires_at=now + SESSION_LASTS).returning(AccessToken.id)
    if session.scalar(longer) is not None:
        _keep_in_cookie(response, secret, settings)


def _keep_in_cookie(response: Response, secret: str, settings: Settings) -> None:
    response.set_cookie(
        session_cookie(settings),
        secret,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
        path="/",
    )


def open_session(
    session: Session,
    account: Account,
    *,
    at: datetime,
    address: str | None,
    how: str = "link",
    device: str | None = None,
) -> str:
    """A new session for ``account``: 30 days. Gives its secret."""
    secret = new_secret()
    session.add(
        AccessToken(
            token_hash=hash_secret(secret),
            account_id=account.id,
            created_at=at,
            expires_at=at + SESSION_LASTS,
            device=device,
            last_used_at=at,
        )
    )
    record(session, Actor("account", account.id, address), at, "session.open", ("account", account.id), how=how)
    return secret


def sign_out(session: Session, *, at: datetime, caller: Caller) -> None:
    """End the caller's own session, if there is one."""
    if _end_session(session, caller, at=at):
        record(session, caller.actor, at, "session.close", ("account", caller.account_id))


def _end_session(session: Session, caller: Caller, *, at: datetime) -> bool:
    """Whether the caller came with a session of their own; a door's token is none, nor is a key."""
    if caller.account_id is None:
        return False
    mine = (AccessToken.id == caller.token_id, is_alive(at))
    ended = update(AccessToken).where(*mine).values(revoked_at=at).returning(AccessToken.id)
    return session.scalar(ended) is not None


def sessions_of(session: Session, account_id: UUID, *, at: datetime) -> Sequence[AccessToken]:
    """Where somebody is signed in at that instant, the last used first."""
    mine = select(AccessToken).where(AccessToken.account_id == account_id, is_alive(at))
    return session.scalars(mine.order_by(AccessToken.last_used_at.desc(), AccessToken.id.desc())).all()


def revoke_session(session: Session, session_id: UUID, *, at: datetime, caller: Caller) -> None:
    """Sign the caller out somewhere. Raises ``session_unknown``, also for somebody else's session."""
    mine = (AccessToken.id == session_id, AccessToken.account_id == caller.account_id, is_alive(at))
    if session.scalar(update(AccessToken).where(*mine).values(revoked_at=at).returning(AccessToken.id)) is None:
        raise SESSION_UNKNOWN.error()
    record(session, caller.actor, at, "session.revoke", ("account", caller.account_id), count=1)


def revoke_other_sessions(session: Session, *, at: datetime, caller: Caller) -> None:
    """Sign the caller out everywhere but here."""
    others = (AccessToken.account_id == caller.account_id, AccessToken.id != caller.token_id, is_alive(at))
    ended = session.scalars(update(AccessToken).where(*others).values(revoked_at=at).returning(AccessToken.id)).all()
    if ended:
        record(session, caller.actor, at, "session.revoke", ("account", caller.account_id), count=len(ended))


def device_named(user_agent: str) -> str | None:
    """What a browser calls itself, in a person's words: ``Firefox, Android``; None where it says nothing of use."""
    said = parse(user_agent[:LONGEST_USER_AGENT])
    browser = said.user_agent.family if said.user_agent else ""
    for detail in ("Mobile WebView", "Mobile", "iOS", "Headless"):
        browser = browser.replace(detail, "").strip()
    system = said.os.family if said.os else ""
    if said.device and said.device.brand == "Apple":
        system = said.device.family  # Mac, iPhone, iPad
    named = ", ".join(filter(None, [browser, system]))
    return "".join(filter(str.isprintable, named))[:LONGEST_DEVICE] or None
