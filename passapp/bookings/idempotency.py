"""Clients repeat safely: a request sent again with its ``Idempotency-Key`` makes nothing anew (booking.md 11)."""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from passapp.bookings.models import IdempotencyKey
from passapp.kernel.database import insert_unless_there
from passapp.kernel.ids import new_id
from passapp.kernel.problems import ProblemType

KEPT: Final = timedelta(hours=24)
IDEMPOTENCY_MISMATCH = ProblemType(
    "idempotency_mismatch",
    422,
    en="This Idempotency-Key was used for another request: use a new one for each.",
    fr="Cette Idempotency-Key a servi pour une autre demande : prenez-en une nouvelle pour chacune.",
)
KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Yours, new for each booking: sent again with it, the same is answered. Kept for 24 hours.",
    ),
]


def remembered(
    session: Session, account_id: UUID, key: str | None, operation: str, body: BaseModel, *, now: datetime
) -> IdempotencyKey | None:
    """The row of a key: fresh (neither ``booking_id`` nor ``series_id``), or that of the first request with it.

    Waits for a first one that is still under way; where that fails, this one is the first. Write into a fresh row what
    comes of the request. None without a key. Raises ``idempotency_mismatch`` where the body, or ``operation``, was
    another.
    """
    if key is None:
        return None
    body_hash = hashlib.sha256(f"{operation} {body.model_dump_json()}".encode()).hexdigest()
    row = {"id": new_id(), "account_id": account_id, "key": key, "body_hash": body_hash, "at": now}
    insert_unless_there(session, IdempotencyKey, [row])
    kept = session.scalars(select(IdempotencyKey).filter_by(account_id=account_id, key=key)).one()
    if kept.body_hash != body_hash:
        raise IDEMPOTENCY_MISMATCH.error()
    return kept


def is_forgotten(now: datetime) -> ColumnElement[bool]:
    """Whether a key's time is over."""
    return IdempotencyKey.at < now - KEPT
