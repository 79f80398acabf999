"""Months, and the month that a visit is posted in (settlement R2, R14). Pure."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

CLOSED_STATES = frozenset({"closed", "netted", "paid"})
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


def month_of(day: date) -> str:
    """The month of a date, as ``2026-10``."""
    return f"{day.year:04}-{day.month:02}"


def parse_month(text: str) -> date:
    """The first day of a month written ``2026-10``. Raises ``ValueError``."""
    found = _MONTH.fullmatch(text)
    if found is None:
        msg = "write a month as 2026-10"
        raise ValueError(msg)
    return date(int(found[1]), int(found[2]), 1)


def month_after(month: str) -> str:
    """The month after ``2026-12`` is ``2027-01``."""
    first = parse_month(month)
    return month_of(date(first.year + first.month // 12, first.month % 12 + 1, 1))


def month_before(month: str) -> str:
    """The month before ``2027-01`` is ``2026-12``."""
    return month_of(parse_month(month) - timedelta(days=1))


def posted_month(day: date, states: Mapping[str, str]) -> str:
    """The month a visit of that date is posted in: its own, or the oldest later one that is not closed (R14).

    ``states`` maps months to their state; a month without one is open.
    """
    month = month_of(day)
    while states.get(month) in CLOSED_STATES:
        month = month_after(month)
    return month


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day of a month."""
    first = parse_month(month)
    return first, first.replace(day=monthrange(first.year, first.month)[1])
