"""When a month is published, looked at, decided, closed and paid (settlement, Life of a month). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from passapp.kernel.wall_time import opening_instant
from passapp.network.rules import Convention, days_of


@dataclass(frozen=True)
class Dates:
    """The dates of a month's life, the last ones included.

    ``provisional_on``: its first version is published. ``review_until``: places say what is wrong. ``decided_by``: it
    is answered and decided. ``closes_on``: it may be closed, and the payments are announced (``advice_on``).
    ``pays_on``: they are due.
    """

    month: str
    provisional_on: date
    review_until: date
    decided_by: date
    closes_on: date
    advice_on: date
    pays_on: date


def dates_of(month: str, convention: Convention) -> Dates:
    """The dates of a month, by the version of the rules in force on its last day."""
    _, last = days_of(month)
    review_until = last + timedelta(days=convention.review_days)
    decided_by = review_until + timedelta(days=convention.answer_days)
    closes_on = decided_by + timedelta(days=1)
    return Dates(
        month=month,
        provisional_on=last + timedelta(days=1),
        review_until=review_until,
        decided_by=decided_by,
        closes_on=closes_on,
        advice_on=closes_on,
        pays_on=closes_on + timedelta(days=convention.payment_days),
    )


def published_on(dates: Dates, day: date) -> Dates:
    """The dates of a month that is published on a day: later than it may be, all is as much later.

    Places have as many days to look at it, whenever they first see it.
    """
    late = max(day - dates.provisional_on, timedelta())
    return replace(
        dates,
        provisional_on=dates.provisional_on + late,
        review_until=dates.review_until + late,
        decided_by=dates.decided_by + late,
        closes_on=dates.closes_on + late,
        advice_on=dates.advice_on + late,
        pays_on=dates.pays_on + late,
    )


def closed_on(dates: Dates, day: date) -> Dates:
    """The dates of a month that is closed on a day: later than it may be, its payments are due as much later."""
    late = max(day - dates.closes_on, timedelta())
    return replace(dates, advice_on=dates.advice_on + late, pays_on=dates.pays_on + late)


def reports_until(dates: Dates, convention: Convention, closed: date | None) -> date:
    """Until when errors in a month are taken: until its review ends, and again from the day it is ``closed``.

    Then as long as a late visit would count (R14), and never for fewer days than its review has.
    """
    if closed is None:
        return dates.review_until
    _, last = days_of(dates.month)
    return max(last + timedelta(days=convention.late_days), closed + timedelta(days=convention.review_days))


def first_day_at(zones: Iterable[str], at: datetime) -> date:
    """The date at the place where it is the earliest; in UTC where there is none."""
    return min((at.astimezone(ZoneInfo(zone)).date() for zone in set(zones)), default=at.date())


def last_day_at(zones: Iterable[str], at: datetime) -> date:
    """The date at the place where it is the latest; in UTC where there is none."""
    return max((at.astimezone(ZoneInfo(zone)).date() for zone in set(zones)), default=at.date())


def is_over(day: date, zones: Iterable[str], at: datetime) -> bool:
    """Whether a date is over at every place, whichever of these zones it lies in."""
    after = day + timedelta(days=1)
    return all(opening_instant(after, 0, ZoneInfo(zone)) <= at for zone in set(zones))
