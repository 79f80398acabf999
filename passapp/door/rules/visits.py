"""What makes a visit of check-ins, and how many units it counts (door.md, Visits; settlement R2, R4, R8). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

UNIT_HALF_DAY: Final = "half_day"
_AFTERNOON_BEGINS: Final = 13
"""The afternoon's first hour, local time (settlement R4)."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in as visits see it: `at` is its corrected instant, `home_id` the place that pays.

    `admitted` covers the verdicts that admit and a host's override; `undone` ones stand no more. `full_day`: the
    host declared a full day.
    """

    id: UUID
    member_id: UUID
    host_id: UUID
    local_date: date
    at: datetime
    home_id: UUID | None
    admitted: bool = True
    undone: bool = False
    full_day: bool = False

    @property
    def stands(self) -> bool:
        """Whether it can make a visit: somebody came in, it was not undone, and it is known who pays."""
        return self.admitted and not self.undone and self.home_id is not None


@dataclass(frozen=True, slots=True)
class Visit:
    """What settlement counts: one per member, host and local date. Its id is its opening check-in's."""

    id: UUID
    member_id: UUID
    host_id: UUID
    local_date: date
    opened_at: datetime
    home_id: UUID


def standing_visits(check_ins: Iterable[CheckIn]) -> list[Visit]:
    """Make the visits of some check-ins: the earliest standing one of a (member, host, local date) opens it.

    Ties go to the lower id. The result is in the order of settlement R8, whatever the order of the check-ins.
    """
    opening: dict[tuple[UUID, UUID, date], CheckIn] = {}
    for each in check_ins:
        key = (each.member_id, each.host_id, each.local_date)
        if each.stands and (key not in opening or in_order(each) < in_order(opening[key])):
            opening[key] = each
    return [
        Visit(each.id, each.member_id, each.host_id, each.local_date, each.at, each.home_id)
        for each in sorted(opening.values(), key=in_order)
        if each.home_id is not None
    ]


def units_of(check_ins: Iterable[CheckIn], unit: str, zone: str) -> int:
    """Count the units of the visit that these check-ins, of one person at one host on one date, make (R4).

    `unit` is the convention's. Half days: the distinct slots among the standing check-ins, the morning before 13:00
    by the host's clock, the afternoon from then on; a declared full day is both. Any other unit is the visit: one.
    """
    if unit != UNIT_HALF_DAY:
        return 1
    standing = [each for each in check_ins if each.stands]
    if any(each.full_day for each in standing):
        return 2
    clock = ZoneInfo(zone)
    return max(1, len({each.at.astimezone(clock).hour >= _AFTERNOON_BEGINS for each in standing}))


def in_order(check_in: CheckIn) -> tuple[datetime, UUID]:
    """Give what settlement R8 orders by."""
    return check_in.at, check_in.id
