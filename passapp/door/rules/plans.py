"""What a plan opens, and when (settlement R6; booking.md 2 for hours past midnight). Pure."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from passapp.kernel.wall_time import MINUTES_A_DAY

OPENS_EVERYWHERE: Final = "everywhere"
OPENS_HOME: Final = "home"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan opens: everywhere or at home only, on which weekdays (0 is Monday), from when to when.

    Times are wall time at the host, "08:00" to "20:00"; `to_time` may pass midnight ("26:00"). `monthly_visits`: how
    many visits a month it includes elsewhere than at home; None is as many as one likes.
    """

    code: str
    opens: str
    weekdays: frozenset[int]
    from_time: str
    to_time: str
    monthly_visits: int | None = None


def plan_opens(plan: Plan, home_id: UUID, place_id: UUID, local: datetime) -> bool:
    """Whether a plan sold by the home opens the place at that wall time there.

    Hours past midnight belong to the window of the day before: a plan for Fridays to "26:00" opens on
    Saturday at 01:59.
    """
    if plan.opens == OPENS_HOME and home_id != place_id:
        return False
    minute = local.hour * 60 + local.minute
    begins, ends = _minutes(plan.from_time), _minutes(plan.to_time)
    today = local.weekday()
    if today in plan.weekdays and begins <= minute < ends:
        return True
    return (today - 1) % 7 in plan.weekdays and begins <= minute + MINUTES_A_DAY < ends


@lru_cache(maxsize=1024)
def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
