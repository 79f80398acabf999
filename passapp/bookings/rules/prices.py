"""What a booking costs, and who pays (booking.md 1, 13 and 20). Pure.

Instants decide: an hour that the clocks repeat is paid, one that they leave out is not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

HALF_DAY: Final = 4 * 60
DAY: Final = 24 * 60


class Payer(StrEnum):
    """Who owes the price to the host: the member, on the spot; or their home, which charges it back."""

    MEMBER = "member"
    HOME = "home"


@dataclass(frozen=True)
class Rate:
    """A row of a price list, in cents; ``half_day`` is for up to 4 hours, ``day`` for up to 24, where they are cheaper.

    ``plan`` and ``tier``: for whom, None for all; ``is_home``: for own members (or for visitors) only.
    """

    hour: int
    half_day: int | None = None
    day: int | None = None
    plan: str | None = None
    tier: str | None = None
    is_home: bool | None = None


@dataclass(frozen=True)
class Customer:
    """Whoever books, as a price list sees them."""

    is_own_member: bool
    plan: str | None = None
    tier: str | None = None


@dataclass(frozen=True)
class Advance:
    """That a home advances its members' bookings: at most ``ceiling`` cents a month and member, of which ``used``."""

    home_id: UUID
    ceiling: int | None
    used: int


def rate_for(customer: Customer, rates: Collection[Rate]) -> Rate | None:
    """The row that says most of this customer; None where the list says nothing: it is free.

    The tier counts at home only: it never leaves the home place.
    """

    def says(rate: Rate) -> bool:
        return (
            rate.is_home in {None, customer.is_own_member}
            and rate.plan in {None, customer.plan}
            and (rate.tier is None or (customer.is_own_member and rate.tier == customer.tier))
        )

    def most(rate: Rate) -> tuple[bool, bool, bool, int]:
        return rate.tier is not None, rate.plan is not None, rate.is_home is not None, -rate.hour

    return max(filter(says, rates), key=most, default=None)


def price_of(minutes: int, rate: Rate | None) -> int:
    """What so long costs, in cents, half a cent up: by the hour, or by half days and days where that is cheaper."""
    if rate is None:
        return 0
    days, rest = divmod(minutes, DAY)
    return days * _within_a_day(DAY, rate) + _within_a_day(rest, rate)


def _within_a_day(minutes: int, rate: Rate) -> int:
    if minutes == 0:
        return 0
    ways = [_by_the_hour(minutes, rate)]
    if rate.half_day is not None:
        halves, rest = divmod(minutes, HALF_DAY)
        ways.append(halves * rate.half_day + (min(rate.half_day, _by_the_hour(rest, rate)) if rest else 0))
    if rate.day is not None:
        ways.append(rate.day)
    return min(ways)


def _by_the_hour(minutes: int, rate: Rate) -> int:
    return (rate.hour * minutes + 30) // 60


def payer_of(price: int, advance: Advance | None) -> Payer:
    """The home, where it advances and the month's ceiling holds this one too; else the member."""
    if advance is None or price == 0:
        return Payer.MEMBER
    return Payer.HOME if advance.ceiling is None or advance.used + price <= advance.ceiling else Payer.MEMBER
