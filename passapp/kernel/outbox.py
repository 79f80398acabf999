"""The outbox: messages written in the transaction of the deed that causes them, and sent afterwards.

A message is never lost (it commits with the deed) and never doubled (one row per ``key``).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id


class OutboxMessage(Base):
    """A message waiting to be sent, or sent."""

    __tablename__ = "outbox_message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    recipient_id: Mapped[UUID] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


def enqueue(session: Session, at: datetime, kind: str, key: str, recipient_id: UUID, **payload: object) -> None:
    """Have a message of ``kind`` sent to the person ``recipient_id``; a second one with the same ``key`` is dropped.

    The address is looked up when the message leaves, so that no copy of it stays here.
    """
    if session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is None:
        session.add(OutboxMessage(key=key, kind=kind, recipient_id=recipient_id, payload=dict(payload), created_at=at))
