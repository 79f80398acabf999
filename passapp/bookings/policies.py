"""A resource's policy, kept by versions: a booking goes by the one that it was made under."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from passapp.bookings.models import Booking, BookingState, Resource, ResourcePolicy
from passapp.bookings.rules import Approval, Audience, Policy, Span, Tier, cancellation_fee

COMES_EARLY: Final = timedelta(minutes=15)
"""So long before its start somebody may say that they have come."""


def document_of(policy: Policy) -> dict[str, Any]:
    """A policy as it is kept."""
    return asdict(policy)


def policy_from(document: Mapping[str, Any]) -> Policy:
    """The policy that is kept so."""
    special = {
        "tiers": tuple(Tier(**tier) for tier in document["tiers"]),
        "audience": Audience(document["audience"]),
        "approval": Approval(document["approval"]),
    }
    return Policy(**{**document, **special})


@lru_cache(maxsize=1024)
def policy_in(text: str) -> Policy:
    """The policy of a document as the database writes it; many resources have the same."""
    return policy_from(json.loads(text))


def policy_of(session: Session, resource: Resource) -> Policy:
    """The policy that new bookings of this resource go by."""
    return policy_from(session.get_one(ResourcePolicy, (resource.id, resource.policy)).document)


def policy_of_booking(session: Session, booking: Booking) -> Policy:
    """The policy that was agreed when it was booked."""
    return policy_from(session.get_one(ResourcePolicy, (booking.resource_id, booking.policy)).document)


def read_policies(session: Session, bookings: Iterable[Booking]) -> Sequence[ResourcePolicy]:
    """The policies that these go by, in one statement: `policy_of_booking` asks for none of them while they are kept.

    A session remembers only what somebody still refers to.
    """
    which = {(booking.resource_id, booking.policy) for booking in bookings}
    key = tuple_(ResourcePolicy.resource_id, ResourcePolicy.number)
    return session.scalars(select(ResourcePolicy).where(key.in_(which))).all()


def set_policy(session: Session, resource: Resource, policy: Policy, *, at: datetime) -> None:
    """Have new bookings go by another policy. The same again makes no version."""
    document = document_of(policy)
    present = session.get(ResourcePolicy, (resource.id, resource.policy))
    if present is not None:
        if policy_from(present.document) == policy:
            return
        resource.policy += 1
    session.add(ResourcePolicy(resource_id=resource.id, number=resource.policy, document=document, made_at=at))
    session.flush()


def cancellation_cost(session: Session, booking: Booking, now: datetime) -> int:
    """What it would cost to cancel it now, in cents: nothing before it is accepted, unless it was moved late."""
    if booking.state != BookingState.BOOKED:
        return booking.at_least
    policy = policy_of_booking(session, booking)
    return cancellation_fee(booking.price, booking.starts_at, policy, now, at_least=booking.at_least)


def least_once_moved(
    session: Session, booking: Booking, span: Span, people: int, now: datetime, *, by_place: bool
) -> int:
    """What it comes to at least once it is so instead, in cents: nobody changes it to cancel for less.

    That is what cancelling costs now; once it has begun, its price. What the place moves (``by_place``) starts anew.
    More people may have to be accepted again: while they are not, it is no less due.
    """
    if (span.starts_at, span.ends_at) == (booking.starts_at, booking.ends_at) and (
        by_place or people == booking.people
    ):
        return booking.at_least
    if by_place:
        return 0
    has_begun = booking.state == BookingState.BOOKED and booking.starts_at <= now
    return booking.price if has_begun else cancellation_cost(session, booking, now)
