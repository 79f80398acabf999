"""The audit log: who did what, to what, from where. Append-only: the database refuses any change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, a door, an integration's key, or the command line (``system``)."""

    kind: Literal["account", "door", "key", "system"]
    id: UUID | None = None
    address: str | None = None


SYSTEM = Actor("system")


class AuditEntry(Base):
    """One deed."""

    __tablename__ = "audit_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str | None] = mapped_column(String(64), index=True)
    place_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]


class AuditOrigin(Base):
    """From which network address a deed came: apart, because it is purged after a year and the log is not."""

    __tablename__ = "audit_origin"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)

    entry: Mapped[AuditEntry] = relationship()


def record(
    session: Session,
    actor: Actor,
    at: datetime,
    action: str,
    subject: tuple[str, object],
    *,
    place_id: UUID | None = None,
    **detail: object,
) -> None:
    """Write one deed down, in the same transaction as the deed itself.

    ``subject`` is ``(kind, id)``. ``detail`` names fields and codes, never a person's name or address: the log outlives
    an erasure.
    """
    kind, identifier = subject
    entry = AuditEntry(
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        subject_kind=kind,
        subject_id=None if identifier is None else str(identifier),
        place_id=place_id,
        detail={k: str(v) if isinstance(v, UUID | datetime) else v for k, v in detail.items()},
    )
    session.add(entry)
    if actor.address is not None:
        session.add(AuditOrigin(entry=entry, address=actor.address, at=at))
