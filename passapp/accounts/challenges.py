"""What one browser is asked, and answers once within five minutes: a passkey's challenge, a provider's state.

The browser keeps a secret in a cookie of its own; the database keeps the secret's hash, and what was asked. So an
answer counts only from the browser that was asked, and only for what it was asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import delete
from sqlalchemy.orm import Session

from passapp.accounts.models import Challenge
from passapp.kernel.ids import hash_secret, new_secret
from passapp.kernel.problems import ProblemType
from passapp.kernel.settings import Settings

Kind = Literal["new_passkey", "passkey", "provider"]

CHALLENGE_LASTS = timedelta(minutes=5)

CHALLENGE_OVER = ProblemType(
    "challenge_over",
    410,
    en="This took more than five minutes, or was begun in another browser. Please start again.",
    fr="Plus de cinq minutes ont passé, ou c'est un autre navigateur qui a commencé. Recommencez.",
)


def ask(
    request: Request,
    response: Response,
    session: Session,
    kind: Kind,
    data: Mapping[str, str],
    *,
    at: datetime,
    account_id: UUID | None = None,
) -> None:
    """Remember what this browser is asked; what it was asked before, of that kind, it cannot answer any more.

    ``account_id``: only this person may answer.
    """
    settings: Settings = request.app.state.settings
    name = _cookie(settings, kind)
    if former := request.cookies.get(name):
        session.execute(delete(Challenge).where(Challenge.secret_hash == hash_secret(former)))
    secret = new_secret()
    session.add(
        Challenge(
            secret_hash=hash_secret(secret),
            kind=kind,
            account_id=account_id,
            data=dict(data),
            expires_at=at + CHALLENGE_LASTS,
        )
    )
    response.set_cookie(
        name,
        secret,
        max_age=int(CHALLENGE_LASTS.total_seconds()),
        httponly=True,
        secure=settings.secure_cookies,
        samesite="strict",  # only a page of ours ever sends it
        path="/",
    )


def answered(
    request: Request, session: Session, kind: Kind, *, at: datetime, account_id: UUID | None = None
) -> dict[str, Any]:
    """What this browser was asked, and now has answered: of two answers at the same moment one is too late.

    Raises ``challenge_over`` where it was asked nothing, not this person, too long ago, or has answered already.
    """
    settings: Settings = request.app.state.settings
    asked = delete(Challenge).where(
        Challenge.secret_hash == hash_secret(request.cookies.get(_cookie(settings, kind), "")),
        Challenge.kind == kind,
        Challenge.account_id.is_not_distinct_from(account_id),
        Challenge.expires_at > at,
    )
    data: dict[str, Any] | None = session.scalar(asked.returning(Challenge.data))
    if data is None:
        raise CHALLENGE_OVER.error()
    return data


def _cookie(settings: Settings, kind: Kind) -> str:
    return f"{'__Host-' if settings.secure_cookies else ''}passapp-{kind}"
