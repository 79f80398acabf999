"""Where months stand in their life, and their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.network.models import Period
from passapp.network.rules import CLOSED_STATES, days_of, month_after, month_of
from passapp.network.service import FURTHEST_AHEAD, conventions, in_force, period_states, read_conventions
from passapp.places.models import Place
from passapp.settlement.contests.models import Contest
from passapp.settlement.months.models import MonthVersion, StatementConfirmation
from passapp.settlement.months.versions import count_statements, latest_version, versions_of
from passapp.settlement.reading import first_months
from passapp.settlement.rules.calendar import Dates, closed_on, dates_of, is_over, last_day_at
from passapp.settlement.service import MONTH_NOT_VALID


@dataclass(frozen=True)
class Life:
    """Where a month stands; without ``versions`` it is not published yet. ``statements``: of the last of them."""

    month: str
    state: str
    dates: Dates
    versions: Sequence[MonthVersion]
    statements: int
    period: Period | None
    errors_open: int
    confirmations: Sequence[StatementConfirmation]


def zones_of(session: Session) -> set[str]:
    """The zones in which the network's places lie."""
    return set(session.scalars(select(Place.zone).distinct()))


def calendar(session: Session, *, at: datetime, count: int = 12) -> list[Dates]:
    """The dates of this month and those after it, ``count`` in all, after those of former months not closed yet.

    Of a month that could have been closed before, as they are if it is closed today.
    """
    month = month_of(at.astimezone(FURTHEST_AHEAD).date())
    wanted = unfinished(session, at)
    for _ in range(count):
        wanted.append(month)
        month = month_after(month)
    versions = conventions(session)
    rules = read_conventions(versions)
    today = last_day_at(zones_of(session), at)
    found = [dates_of(each, rules[in_force(versions, days_of(each)[1]).number]) for each in dict.fromkeys(wanted)]
    return [closed_on(dates, today) for dates in found]


def dates_in(session: Session, month: str) -> Dates:
    """The dates of a month, by the rules in force on its last day. Raises ``month_not_valid``, ``no_convention``."""
    try:
        _, last = days_of(month)
    except ValueError:
        raise MONTH_NOT_VALID.error() from None
    versions = conventions(session)
    return dates_of(month, read_conventions(versions)[in_force(versions, last).number])


def life_of(session: Session, month: str, *, at: datetime) -> Life:
    """Where a month stands, with its dates as in :func:`calendar`. Raises ``month_not_valid``, ``no_convention``."""
    dates, period = dates_in(session, month), session.get(Period, month)
    closing = last_day_at(zones_of(session), (period and period.closed_at) or at)
    confirmed = select(StatementConfirmation).where(StatementConfirmation.month == month)
    return Life(
        month=month,
        state=period.state if period else "open",
        dates=closed_on(dates, closing),
        versions=versions_of(session, month),
        statements=count_statements(session, month),
        period=period,
        errors_open=count_open(session, month),
        confirmations=session.scalars(confirmed.order_by(StatementConfirmation.at)).all(),
    )


def unfinished(session: Session, at: datetime) -> list[str]:
    """The months that are over everywhere and not closed, the first one first."""
    states, zones, found = period_states(session), zones_of(session), []
    begun = {month for month, state in states.items() if state in {"provisional", "review"}}
    first = min([*begun, *first_months(session)], default=None)
    if first is None:
        return []
    while is_over(days_of(first)[1], zones, at):
        if states.get(first) not in CLOSED_STATES:
            found.append(first)
        first = month_after(first)
    return found


def count_open(session: Session, month: str) -> int:
    """How many errors reported in a month wait for an answer or a decision."""
    query = select(func.count()).select_from(Contest).where(Contest.month == month, Contest.decided_at.is_(None))
    return session.scalar(query) or 0


def moves_money(session: Session, month: str) -> bool:
    """Whether a month moves money, as its last version says: with other rules than those that count, it may not."""
    version = latest_version(session, month)
    return version is not None and version.moves_money
