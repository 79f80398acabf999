"""Who pays for a person on a day (settlement R5, R6, R13). Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's link to a home place.

    `last_day` is included, and None is open-ended; the home is in the network on [joined, left), or its members are
    received until then (`in_transition`). `unpaid_at` and
    `paid_at`: since when it is not paid for, and until when the last such time lasted.
    """

    id: UUID
    home_id: UUID
    plan: str
    priority: int
    first_day: date
    last_day: date | None = None
    home_joined_on: date = date.min
    home_left_on: date | None = None
    unpaid_at: datetime | None = None
    paid_at: datetime | None = None

    def is_active_on(self, day: date) -> bool:
        """Whether the membership runs on that day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def has_home_on(self, day: date) -> bool:
        """Whether its home is in the network on that day (settlement R13)."""
        return self.home_joined_on <= day and (self.home_left_on is None or day < self.home_left_on)

    def is_paid_at(self, at: datetime) -> bool:
        """Whether it was not known, at that instant, to be unpaid."""
        return not lasts_at(at, self.unpaid_at, self.paid_at)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several memberships could pay, and nothing says which."""

    choices: tuple[Membership, ...]


def lasts_at(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    """Whether what began at `since`, and last ended at `until`, is so at an instant. It may have begun once more."""
    return since is not None and since <= at and not (until is not None and since <= until <= at)


def choose_membership(
    memberships: Iterable[Membership], on: date, named: UUID | None = None, chosen: UUID | None = None
) -> Membership | Ambiguous | None:
    """Choose who pays on a day, among the active memberships whose home is in the network (settlement R6).

    The one that the pass was issued for, else the first by priority (1 comes before 2); where several come
    first, the one of the home that the host chose among theirs, else `Ambiguous`. None where nothing is active.
    """
    active = active_memberships(memberships, on)
    if not active:
        return None
    for membership in active:
        if membership.id == named:
            return membership
    first = tuple(each for each in active if each.priority == active[0].priority)
    first = tuple(each for each in first if each.home_id == chosen) or first
    return first[0] if len(first) == 1 else Ambiguous(first)


def in_transition(memberships: Iterable[Membership], ends: Callable[[date], date]) -> list[Membership]:
    """Give the memberships as doors go by them: one of a place that has left lasts until its transition ends (R13).

    `ends` says when, of the day it left; neither is included. It ends sooner where another home can pay: who has one
    is no guest of the fund.
    """
    every = list(memberships)
    return [
        each
        if each.home_left_on is None
        else replace(each, home_left_on=_until_another_pays(each.home_left_on, ends(each.home_left_on), every))
        for each in every
    ]


def _until_another_pays(left_on: date, end: date, memberships: Iterable[Membership]) -> date:
    begins = ((max(left_on, each.first_day, each.home_joined_on), each) for each in memberships)
    return min([end, *(day for day, each in begins if each.is_active_on(day) and each.has_home_on(day))])


def is_at_home(memberships: Iterable[Membership], host_id: UUID, on: date) -> bool:
    """Whether the host is one of the person's active homes: counted, not settled (settlement R5)."""
    return any(each.home_id == host_id for each in active_memberships(memberships, on))


def active_memberships(memberships: Iterable[Membership], on: date) -> list[Membership]:
    """Give the memberships that can pay on a day, by priority, then by id."""
    active = [each for each in memberships if each.is_active_on(on) and each.has_home_on(on)]
    return sorted(active, key=lambda each: (each.priority, each.id))
