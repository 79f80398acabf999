"""What came after check-ins, to show it: let in all the same, offered, judged by a manager, left."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from passapp.door.models import FollowUp, FollowUpReason
from passapp.door.rules import FollowUpKind


@dataclass(frozen=True)
class Followed:
    """One thing that came after a check-in. ``actor``: ``account``, ``door``, ``key`` or ``system``, nobody by name.

    ``reason`` is None where none was given, and once it is forgotten.
    """

    kind: FollowUpKind
    at: datetime
    reason: str | None
    actor: str


def follow_ups_of(
    session: Session, check_ins: Collection[UUID] | Select[UUID]
) -> defaultdict[UUID, tuple[Followed, ...]]:
    """What came after each of these check-ins, given by their ids or by a query of them; the earliest first."""
    same = and_(FollowUpReason.check_in_id == FollowUp.check_in_id, FollowUpReason.kind == FollowUp.kind)
    query = (
        select(FollowUp.check_in_id, FollowUp.kind, FollowUp.at, FollowUpReason.reason, FollowUp.actor_kind)
        .outerjoin(FollowUpReason, same)
        .where(FollowUp.check_in_id.in_(check_ins))
        .order_by(FollowUp.at, FollowUp.kind)
    )
    found: defaultdict[UUID, tuple[Followed, ...]] = defaultdict(tuple)
    if isinstance(check_ins, Select) or check_ins:
        for check_in_id, kind, at, reason, actor in session.execute(query):
            found[check_in_id] += (Followed(FollowUpKind(kind), at, reason, actor),)
    return found
