"""What a month would have cost under other rules, place by place, beside what it did cost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from passapp.network.rules import Convention, Unit, month_before, month_of
from passapp.settlement.months.life import zones_of
from passapp.settlement.reading import visits_between
from passapp.settlement.rules.calendar import first_day_at
from passapp.settlement.rules.month import Former, Settlement, settle
from passapp.settlement.rules.rating import Visit
from passapp.settlement.service import Month, settle_month, terms_of

OTHER: Final = 0
"""The number of the version tried out: no published one has it."""


@dataclass(frozen=True)
class Example:
    """A month as it was settled, and as it ``would`` have been.

    ``at_least``: visits were counted by the day where half days would count, so that each is but one of them here.
    """

    month: Month
    would: Settlement
    at_least: bool


def last_month(session: Session, at: datetime) -> str:
    """The last month that is over at every place."""
    today = first_day_at(zones_of(session), at)
    return month_before(month_of(today))


def try_out(session: Session, convention: Convention, month: str, *, at: datetime) -> Example:
    """Settle a month's visits as if ``convention`` had been in force on the day of each; nothing is changed.

    Debts of former months and bookings that homes advance stay as they are. Raises what :func:`settle_month` raises.
    """
    found = settle_month(session, month, at=at)
    basis, rules = found.basis, found.conventions
    visits = visits_between(session, month, basis.places)
    would = settle(
        month,
        [_under(convention, each) for each in visits],
        {OTHER: convention},
        basis.partners,
        terms_of(convention, basis.lowered),
        basis.bookings,
        Former(
            basis.openings,
            tuple(each._replace(convention=OTHER) for each in basis.credits),
            basis.used,
            basis.booking_credits,
        ),
    )
    by_day = convention.unit is Unit.HALF_DAY and any(rules[v.convention].unit is Unit.VISIT for v in visits)
    return Example(found, would, by_day)


def _under(convention: Convention, visit: Visit) -> Visit:
    """The same visit under other rules: where days count, its half days are one."""
    units = 1 if convention.unit is Unit.VISIT else visit.units
    return visit._replace(convention=OTHER, units=units)
