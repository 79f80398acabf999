"""House rules, accepted once for each version of them: by the member, or in words at the door (door.md, Verdicts)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from passapp.door.models import CheckIn, DoorPolicy, HouseRulesAcceptance, VisitIdentity
from passapp.door.policy import policy_of
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member
from passapp.members.service import today_at
from passapp.places.models import Place

HOUSE_RULES_CHANGED = ProblemType(
    "house_rules_changed",
    409,
    en="These house rules are not in force any more: read them again.",
    fr="Ces règles ne sont plus en vigueur : relisez-les.",
)


@dataclass(frozen=True)
class ToAccept:
    """The house rules of a place, as one member finds them. ``accepted_at``: this version of them; None: not yet."""

    place: Place
    version: int
    text: str
    accepted_at: datetime | None


def rules_for(session: Session, member: Member, *, now: datetime) -> Sequence[ToAccept]:
    """The house rules of a member's homes, and of the places where they came or accepted some before, by name."""
    homes = [m.place_id for m in member.memberships if m.last_day is None or m.last_day >= today_at(m.place, now)]
    came = (
        select(CheckIn.place_id)
        .join(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .where(VisitIdentity.member_id == member.id)
    )
    accepted = select(HouseRulesAcceptance.place_id).where(HouseRulesAcceptance.member_id == member.id)
    found = session.execute(
        select(Place, DoorPolicy.house_rules_version, DoorPolicy.house_rules, HouseRulesAcceptance.at)
        .join(DoorPolicy, DoorPolicy.place_id == Place.id)
        .outerjoin(
            HouseRulesAcceptance,
            (HouseRulesAcceptance.place_id == Place.id)
            & (HouseRulesAcceptance.member_id == member.id)
            & (HouseRulesAcceptance.rules_version == DoorPolicy.house_rules_version),
        )
        .where(
            DoorPolicy.house_rules.is_not(None), or_(Place.id.in_(homes), Place.id.in_(came), Place.id.in_(accepted))
        )
        .order_by(Place.name, Place.id)
    )
    return [ToAccept(place, version, text or "", accepted_at) for place, version, text, accepted_at in found]


def accept(
    session: Session, member_id: UUID, place_id: UUID, version: int, *, by: Literal["member", "door"], at: datetime
) -> bool:
    """Accept a version of a place's house rules; again, it changes nothing. ``by``: themselves, or said at a door.

    Gives whether it had not been accepted. Raises ``house_rules_changed`` where that version is not in force.
    """
    rules = policy_of(session, place_id).house_rules
    if rules is None or rules.version != version:
        raise HOUSE_RULES_CHANGED.error()
    if session.get(HouseRulesAcceptance, (member_id, place_id, version)) is not None:
        return False
    session.add(HouseRulesAcceptance(member_id=member_id, place_id=place_id, rules_version=version, at=at, by=by))
    session.flush()
    return True


def who_accepted(session: Session, place_id: UUID, version: int, members: Collection[UUID]) -> set[UUID]:
    """Who of these members accepted this version of a place's house rules."""
    if not members:
        return set()
    query = select(HouseRulesAcceptance.member_id).where(
        HouseRulesAcceptance.place_id == place_id,
        HouseRulesAcceptance.rules_version == version,
        HouseRulesAcceptance.member_id.in_(members),
    )
    return set(session.scalars(query))
