"""What makes a visit of check-ins, and what it counts (door.md, Visits; settlement R2, R4, R7, R8, R19). Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

UNIT_HALF_DAY: Final = "half_day"
_AFTERNOON_BEGINS: Final = 13
"""The afternoon's first hour, local time (settlement R4)."""


LIST_IS_FRESH: Final = timedelta(hours=24)
"""A home pays for what a door could not know for so long (settlement R19)."""


class FollowUpKind(StrEnum):
    """What can come after a check-in's verdict, once of each kind.

    `conflict`, `rejected_late`: an offline door had let the person in, and should not have. `accepted`, `rejected`:
    what a manager said of it. `forgotten`: nobody had scanned them, the visit was added later.
    """

    OVERRIDE = "override"
    CONFLICT = "conflict"
    REJECTED_LATE = "rejected_late"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OFFERED = "offered"
    CHECK_OUT = "check_out"
    FORGOTTEN = "forgotten"


class Waived(StrEnum):
    """Why a visit is counted and worth 0.00."""

    OFFERED = "offered"
    STALE_LIST = "stale_list"
    TOO_LATE = "too_late"


def came_in(*, admits: bool, follow_ups: Collection[FollowUpKind]) -> bool:
    """Whether a check-in can make a visit: its verdict admits, or what came after it says that somebody is in."""
    if admits or FollowUpKind.OVERRIDE in follow_ups or FollowUpKind.REJECTED_LATE in follow_ups:
        return True
    return FollowUpKind.CONFLICT in follow_ups and FollowUpKind.ACCEPTED in follow_ups


def is_inside(*, admits: bool, follow_ups: Collection[FollowUpKind]) -> bool:
    """Whether somebody is in by a check-in: whom an offline door let in is, until a manager says that they were not."""
    waits = FollowUpKind.CONFLICT in follow_ups and FollowUpKind.REJECTED not in follow_ups
    return waits or came_in(admits=admits, follow_ups=follow_ups)


def waiver_of(follow_ups: Collection[FollowUpKind], at: datetime, list_iat: datetime | None) -> Waived | None:
    """Say why the visit that a check-in opens is worth nothing, if so: offered (R7), or let in by an old list (R19).

    `list_iat` is when the door's status list was made; a door that had none, or one of the future, had an old one.
    """
    if FollowUpKind.OFFERED in follow_ups:
        return Waived.OFFERED
    is_fresh = list_iat is not None and -LIST_IS_FRESH < at - list_iat <= LIST_IS_FRESH
    return Waived.STALE_LIST if FollowUpKind.REJECTED_LATE in follow_ups and not is_fresh else None


def waiver_of_day(check_ins: Iterable["CheckIn"], opening: "CheckIn", late_days: int) -> Waived | None:
    """Say why the visit of a day is worth nothing, if so: whichever of its check-ins the host offered, it is offered.

    Else none of them came to light within `late_days` after the end of the month (R14), or it is as the check-in that
    opens it.
    """
    standing = [each for each in check_ins if each.stands]
    if any(each.waived is Waived.OFFERED for each in standing):
        return Waived.OFFERED
    known = [each.received_on for each in standing if each.received_on is not None]
    end_of_month = (opening.local_date.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if known and min(known) > end_of_month + timedelta(days=late_days):
        return Waived.TOO_LATE
    return opening.waived


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in as visits see it: `at` is its corrected instant, `home_id` the place that pays.

    `admitted` is what `came_in` says; `undone` ones stand no more. `full_day`: the host declared a full day. `waived`:
    the visit that it opens is worth nothing. `received_on`: when we heard of it, a date at the host.
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
    waived: Waived | None = None
    received_on: date | None = None

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


def beyond(check_ins: Iterable[CheckIn], opening: CheckIn, counted: int, unit: str, zone: str) -> list[CheckIn]:
    """Give the check-ins of a day that make a half day more than the `counted` units of it that are settled (R4, R14).

    `opening` opened the visit that a closed month keeps. Where the day was offered, so is that half of it (R7).
    """
    if unit != UNIT_HALF_DAY or counted > 1:
        return []
    more = [each for each in check_ins if each.stands and units_of([opening, each], unit, zone) > counted]
    is_offered = opening.waived is Waived.OFFERED
    return [replace(each, full_day=False, waived=Waived.OFFERED if is_offered else each.waived) for each in more]


def in_order(check_in: CheckIn) -> tuple[datetime, UUID]:
    """Give what settlement R8 orders by."""
    return check_in.at, check_in.id
