"""A resource's policy: who may book it, for how long, how far ahead, and what a cancellation costs. Pure.

A booking keeps the policy that was in force when it was made: a later version never changes what was agreed.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from passapp.bookings.rules.hours import lies_within
from passapp.bookings.rules.times import Span
from passapp.places.rules import Day

LONGEST_AROUND: Final = 4 * 60
"""The most that a set-up or a tear-down may take, in minutes."""


class Audience(StrEnum):
    """For whom a resource is, each with those before it."""

    OWN_MEMBERS = "own_members"
    NETWORK = "network"
    PUBLIC = "public"


class Approval(StrEnum):
    """Whose bookings wait for the place's answer."""

    NEVER = "never"
    VISITORS = "visitors"
    ALWAYS = "always"


@dataclass(frozen=True)
class Tier:
    """Until ``hours_before`` the start, a cancellation costs ``fee_percent`` of the price."""

    hours_before: int
    fee_percent: int


@dataclass(frozen=True)
class Policy:
    """What a place says of one of its resources. Times in minutes; None: no limit.

    ``notice``: the least time before the start; ``advance_days``: how far ahead, for visitors from other places
    ``visitor_advance_days``. ``upcoming``: how many bookings a member may have ahead of them; ``weekly_minutes`` and
    ``monthly_minutes``: how long in all, by the wall calendar of the place. ``grace``: after so long without anybody,
    the booking is released. ``tiers``: what a cancellation costs; later than all of them, ``late_fee_percent``.
    """

    grid: int = 15
    shortest: int = 15
    longest: int = 8 * 60
    set_up: int = 0
    tear_down: int = 0
    notice: int = 0
    advance_days: int = 365
    visitor_advance_days: int | None = None
    audience: Audience = Audience.NETWORK
    approval: Approval = Approval.NEVER
    upcoming: int | None = None
    weekly_minutes: int | None = None
    monthly_minutes: int | None = None
    tiers: tuple[Tier, ...] = ()
    late_fee_percent: int = 0
    grace: int | None = 15
    is_always_open: bool = False
    needs_training: bool = False


@dataclass(frozen=True)
class Asker:
    """Who asks, as the policy sees them. ``upcoming``, ``week_minutes``, ``month_minutes``: what they have already."""

    is_own_member: bool
    is_member: bool = True
    is_trained: bool = False
    is_suspended: bool = False
    upcoming: int = 0
    week_minutes: int = 0
    month_minutes: int = 0


@dataclass(frozen=True)
class Flaw:
    """Why a policy does not allow a booking: a stable code, and the figures that its sentence names."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def flaws_of(
    span: Span, policy: Policy, asker: Asker, days: Collection[Day], now: datetime, *, people: int, capacity: int
) -> tuple[Flaw, ...]:
    """Everything that speaks against a booking, at once; empty where it may be made. ``days``: as for `lies_within`."""
    return (
        *_of_time(span, policy),
        *_of_when(span, policy, asker, now),
        *_of_place(span, policy, days),
        *_of_asker(policy, asker),
        *([Flaw("too_many_people", {"capacity": capacity})] if people > capacity else ()),
        *_of_quotas(span, policy, asker),
    )


def _of_time(span: Span, policy: Policy) -> Iterator[Flaw]:
    if span.ends_at <= span.starts_at:
        yield Flaw("ends_before_it_starts")
        return
    walls = (span.local_start, span.local_end)
    if any(wall.second or wall.microsecond or (wall.hour * 60 + wall.minute) % policy.grid for wall in walls):
        yield Flaw("off_the_grid", {"grid": policy.grid})
    if span.minutes < policy.shortest:
        yield Flaw("too_short", {"shortest": policy.shortest})
    if span.minutes > policy.longest:
        yield Flaw("too_long", {"longest": policy.longest})


def _of_when(span: Span, policy: Policy, asker: Asker, now: datetime) -> Iterator[Flaw]:
    if span.starts_at < now:
        yield Flaw("in_the_past")
    elif span.starts_at < now + timedelta(minutes=policy.notice):
        yield Flaw("too_soon", {"notice": policy.notice})
    later = policy.advance_days if asker.is_own_member else policy.visitor_advance_days
    days = policy.advance_days if later is None else min(later, policy.advance_days)
    if span.starts_at > now + timedelta(days=days):
        yield Flaw("too_far_ahead", {"days": days})


def _of_place(span: Span, policy: Policy, days: Collection[Day]) -> Iterator[Flaw]:
    if not policy.is_always_open and not lies_within(span, days):
        yield Flaw("outside_opening_hours")


def _of_asker(policy: Policy, asker: Asker) -> Iterator[Flaw]:
    if asker.is_suspended:
        yield Flaw("not_active")
    elif not asker.is_own_member and (
        policy.audience is Audience.OWN_MEMBERS or (policy.audience is Audience.NETWORK and not asker.is_member)
    ):
        yield Flaw("not_for_you", {"audience": policy.audience.value})
    if policy.needs_training and not asker.is_trained:
        yield Flaw("not_trained")


def _of_quotas(span: Span, policy: Policy, asker: Asker) -> Iterator[Flaw]:
    if policy.upcoming is not None and asker.upcoming >= policy.upcoming:
        yield Flaw("too_many_bookings", {"upcoming": policy.upcoming})
    for code, limit, used in (
        ("weekly_quota", policy.weekly_minutes, asker.week_minutes),
        ("monthly_quota", policy.monthly_minutes, asker.month_minutes),
    ):
        if limit is not None and used + span.minutes > limit:
            yield Flaw(code, {"minutes": limit, "left": max(0, limit - used)})


def needs_approval(policy: Policy, asker: Asker) -> bool:
    """Whether the place answers before it is a booking."""
    return policy.approval is Approval.ALWAYS or (policy.approval is Approval.VISITORS and not asker.is_own_member)


def claimed(span: Span, policy: Policy) -> tuple[datetime, datetime]:
    """What a booking takes of its resource (UTC): ``[start - set-up, end + tear-down)``."""
    return span.starts_at - timedelta(minutes=policy.set_up), span.ends_at + timedelta(minutes=policy.tear_down)


def cancellation_fee(price: int, starts_at: datetime, policy: Policy, now: datetime, *, at_least: int = 0) -> int:
    """What cancelling at ``now`` costs, in cents: the cheapest tier whose time has not passed, else the late fee.

    ``at_least``: what it would have cost already when the booking was moved.
    """
    left = [tier.fee_percent for tier in policy.tiers if now <= starts_at - timedelta(hours=tier.hours_before)]
    percent = min(left, default=policy.late_fee_percent)
    return max(at_least, share_of(price, percent))


def cancellation_terms(
    price: int, starts_at: datetime, policy: Policy, now: datetime, *, at_least: int = 0
) -> list[tuple[datetime | None, int]]:
    """Until when (UTC, included) cancelling costs what, in cents, from ``now`` on; None: until the start."""
    ends = sorted({starts_at - timedelta(hours=tier.hours_before) for tier in policy.tiers})
    terms: list[tuple[datetime | None, int]] = [
        (end, cancellation_fee(price, starts_at, policy, end, at_least=at_least)) for end in ends if end >= now
    ]
    terms.append((None, max(at_least, share_of(price, policy.late_fee_percent))))
    following: list[int | None] = [*(fee for _, fee in terms[1:]), None]
    return [term for term, fee in zip(terms, following, strict=True) if fee != term[1]]  # the same cost is one term


def free_until(policy: Policy) -> int | None:
    """Until how many hours before its start cancelling costs nothing; None where it always does."""
    free = [tier.hours_before for tier in policy.tiers if tier.fee_percent == 0]
    return min([*free, 0] if policy.late_fee_percent == 0 else free, default=None)


def share_of(cents: int, percent: int) -> int:
    """A percentage of an amount of cents (not negative), half a cent up."""
    return (cents * percent + 50) // 100


def is_no_show(starts_at: datetime, policy: Policy, now: datetime, *, has_come: bool) -> bool:
    """Whether nobody came within the grace time: the resource is released."""
    return policy.grace is not None and not has_come and now >= starts_at + timedelta(minutes=policy.grace)
