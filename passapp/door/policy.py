"""How a place receives: cards, hours, how many at once, guests, house rules, a message (moments.md)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.door.models import DoorPolicy
from passapp.kernel.audit import Actor, record
from passapp.places.models import Place


@dataclass(frozen=True)
class HouseRules:
    """What a place asks everybody to accept, once for each version."""

    version: int
    text: str


@dataclass(frozen=True)
class Policy:
    """How a place receives; made of nothing, what a place goes by that has said nothing.

    ``capacity``: how many people at once (None: nobody counts). ``message``: shown at each welcome until
    ``message_until``, included (None: until it is changed).
    """

    cards: bool = True
    keeps_hours: bool = False
    capacity: int | None = None
    check_out: bool = False
    guests: bool = True
    minors: bool = False
    house_rules: HouseRules | None = None
    message: str | None = None
    message_until: date | None = None

    def message_on(self, day: date) -> str | None:
        """What is said to whoever comes on that date at the place."""
        return self.message if self.message_until is None or day <= self.message_until else None


def policy_of(session: Session, place_id: UUID) -> Policy:
    """How the place receives."""
    return policy_from(session.get(DoorPolicy, place_id))


def policy_from(row: DoorPolicy | None) -> Policy:
    """The same, of a row that was read with something else; None: the place has said nothing."""
    if row is None:
        return Policy()
    return Policy(
        cards=row.cards,
        keeps_hours=row.keeps_hours,
        capacity=row.capacity,
        check_out=row.check_out,
        guests=row.guests,
        minors=row.minors,
        house_rules=HouseRules(row.house_rules_version, row.house_rules) if row.house_rules else None,
        message=row.message,
        message_until=row.message_until,
    )


def row_of(session: Session, place: Place) -> DoorPolicy:
    """The place's own row, to be changed: a new one, of the defaults, where it has said nothing yet."""
    row = session.get(DoorPolicy, place.id)
    if row is None:
        row = DoorPolicy(place_id=place.id, house_rules_version=0, **asdict(Policy()))
        session.add(row)
    return row


def change_policy(
    session: Session, place: Place, row: DoorPolicy, changes: Mapping[str, Any], *, at: datetime, actor: Actor
) -> None:
    """Change how a place receives. Another text of the house rules is another version, to be accepted again.

    Raises ``stale``.
    """
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    if "house_rules" in changed:
        row.house_rules_version += 1
    for name in changed:
        setattr(row, name, changes[name])
    session.flush()
    if changed:
        record(session, actor, at, "door_policy.change", ("place", place.id), place_id=place.id, fields=changed)
