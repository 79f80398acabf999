"""The outbox: messages written in the transaction of the deed that causes them, and sent afterwards.

A message is never lost (it commits with the deed) and never doubled (one row per ``key``). Whoever sends it claims it
first, in a transaction that ends before the sending begins: for a while nobody else takes it up, then anybody may,
for the one that claimed it has died (docs/decisions/0018-mail.md).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, case, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id

CLAIMED_FOR: Final = timedelta(minutes=10)
"""Longer than the slowest mail server that we listen to (``kernel.smtp``)."""
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
ATTEMPTS: Final = 20
"""Pauses that double from a minute to six hours: three days."""
WAITS_AT_MOST: Final = timedelta(days=7)
"""Where no mail server is named, or none answers: what is older is no news any more."""
KEPT: Final = timedelta(days=30)
"""That something was sent, or given up."""


class OutboxMessage(Base):
    """A message waiting to be sent, sent, or given up with an ``error``.

    ``try_at``: not before then; null: at once. ``recipient_id``: whose address is looked up, where a kind needs one.
    """

    __tablename__ = "outbox_message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    recipient_id: Mapped[UUID | None] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(64))


WAITS = and_(OutboxMessage.sent_at.is_(None), OutboxMessage.failed_at.is_(None))
"""Neither sent nor given up."""


def enqueue(
    session: Session,
    at: datetime,
    kind: str,
    key: str,
    recipient_id: UUID | None,
    not_before: datetime | None = None,
    /,
    **payload: object,
) -> None:
    """Have a message of ``kind`` sent to the person ``recipient_id``; a second one with the same ``key`` is dropped.

    The address is looked up when the message leaves, so that no copy of it stays here.
    """
    if session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is None:
        known = {"key": key, "kind": kind, "recipient_id": recipient_id, "payload": dict(payload)}
        session.add(OutboxMessage(**known, created_at=at, try_at=not_before))


def count_due(session: Session, now: datetime) -> int:
    """How many messages may be tried now."""
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(_due(now))) or 0


def claim(session: Session, now: datetime, *, urgent: Collection[str] = ()) -> OutboxMessage | None:
    """Take up the oldest message that is due, an ``urgent`` kind first; None where nothing is, or others are at it.

    Commit before you send it. Until its time is up nobody else takes it up.
    """
    oldest = select(OutboxMessage).where(_due(now))
    oldest = oldest.order_by(case((OutboxMessage.kind.in_(urgent), 0), else_=1), OutboxMessage.id)
    # SQLite knows no locks on rows, and needs none: this is its one writer.
    message = session.scalar(oldest.limit(1).with_for_update(skip_locked=True))
    if message is not None:
        message.attempts += 1
        message.try_at = now + CLAIMED_FOR
    return message


def note_sent(session: Session, message_id: UUID, at: datetime, error: str | None = None) -> None:
    """It left, or there was nothing to say any more (``error``). What it was made of is forgotten."""
    _settle(session, message_id, sent_at=at, failed_at=None, error=error, payload={})


def note_refused(session: Session, message_id: UUID, at: datetime, error: str) -> None:
    """It was refused for good, and is not tried again."""
    _settle(session, message_id, failed_at=at, error=error, payload={})


def note_not_sent(session: Session, message_id: UUID, attempts: int, at: datetime, error: str) -> None:
    """It did not leave this time: try again after a pause that doubles, for three days, then give it up.

    ``attempts``: those at the time of the claim. If somebody claimed it since, this is theirs to say.
    """
    if attempts >= ATTEMPTS:
        note_refused(session, message_id, at, error)
        return
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    mine = (OutboxMessage.id == message_id, OutboxMessage.attempts == attempts, WAITS)
    session.execute(update(OutboxMessage).where(*mine).values(try_at=at + pause, error=error))


def give_up_what_is_old(session: Session, now: datetime) -> None:
    """Give up what has waited a week."""
    given_up = {"failed_at": now, "error": "too_old", "payload": {}}
    session.execute(update(OutboxMessage).where(is_old(now)).values(**given_up))


def count_old(session: Session, now: datetime) -> int:
    """How many messages have waited a week."""
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(is_old(now))) or 0


def is_old(now: datetime) -> ColumnElement[bool]:
    """Whether a message has waited a week."""
    return and_(WAITS, OutboxMessage.created_at < now - WAITS_AT_MOST)


def settled_long_ago(now: datetime) -> ColumnElement[bool]:
    """Whether a message was sent or given up a month ago."""
    return or_(OutboxMessage.sent_at < now - KEPT, OutboxMessage.failed_at < now - KEPT)


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(WAITS, or_(OutboxMessage.try_at.is_(None), OutboxMessage.try_at <= now))


def _settle(session: Session, message_id: UUID, **values: object) -> None:
    session.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(**values))
