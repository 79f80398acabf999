"""Where months stand in their life, and their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.network.models import Period
from passapp.network.rules import CLOSED_STATES, Convention, days_of, month_after, month_of
from passapp.network.service import FURTHEST_AHEAD, conventions, in_force, period_states, read_conventions
from passapp.places.models import Place
from passapp.settlement.contests.models import Contest
from passapp.settlement.months.models import MonthVersion, StatementConfirmation
from passapp.settlement.months.versions import count_statements, latest_version, versions_of
from passapp.settlement.reading import first_months
from passapp.settlement.rules.calendar import (
    Dates,
    closed_on,
    dates_of,
    first_day_at,
    is_over,
    last_day_at,
    published_on,
    reports_until,
)
from passapp.settlement.service import MONTH_NOT_VALID


@dataclass(frozen=True)
class Life:
    """Where a month stands; without ``versions`` it is not published yet. ``statements``: of the last of them.

    ``errors_until``: the last day on which errors are taken, as it stands.
    """

    month: str
    state: str
    dates: Dates
    errors_until: date
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

    Of a month that could have been published or closed before, as they are if it is today.
    """
    month = month_of(at.astimezone(FURTHEST_AHEAD).date())
    wanted = unfinished(session, at)
    for _ in range(count):
        wanted.append(month)
        month = month_after(month)
    wanted = list(dict.fromkeys(wanted))
    versions, today = conventions(session), last_day_at(zones_of(session), at)
    rules = read_conventions(versions)
    dates = [dates_of(each, rules[in_force(versions, days_of(each)[1]).number]) for each in wanted]
    return [closed_on(each, today) for each in _as_published(session, dates, at)]


def planned_dates(session: Session, month: str) -> Dates:
    """The dates of a month, by the rules in force on its last day. Raises ``month_not_valid``, ``no_convention``."""
    return dates_of(month, _rules_of(session, month))


def dates_in(session: Session, month: str, *, at: datetime) -> Dates:
    """The same as they are from the day on which it was published, or will be if that is today."""
    [dates] = _as_published(session, [planned_dates(session, month)], at)
    return dates


def _as_published(session: Session, planned: Sequence[Dates], at: datetime) -> list[Dates]:
    """The dates of several months as those of :func:`dates_in`, read at once."""
    first = select(MonthVersion.month, MonthVersion.published_at).where(
        MonthVersion.number == 1, MonthVersion.month.in_([dates.month for dates in planned])
    )
    published = {month: when for month, when in session.execute(first)}  # noqa: C416
    states, zones = period_states(session), zones_of(session)
    return [
        dates
        if dates.month not in published and states.get(dates.month) in CLOSED_STATES  # of before versions were kept
        else published_on(dates, first_day_at(zones, published.get(dates.month, at)))
        for dates in planned
    ]


def errors_until(session: Session, month: str, *, at: datetime) -> date:
    """The last day on which errors in a month are taken, as it stands: its review's, or as it was closed.

    Between the two, none are. Raises ``month_not_valid``, ``no_convention``.
    """
    dates, period = dates_in(session, month, at=at), session.get(Period, month)
    closed = None
    if period is not None and period.state in CLOSED_STATES:
        closed = last_day_at(zones_of(session), period.closed_at) if period.closed_at else dates.closes_on
    return reports_until(dates, _rules_of(session, month), closed)


def _rules_of(session: Session, month: str) -> Convention:
    try:
        _, last = days_of(month)
    except ValueError:
        raise MONTH_NOT_VALID.error() from None
    versions = conventions(session)
    return read_conventions(versions)[in_force(versions, last).number]


def life_of(session: Session, month: str, *, at: datetime) -> Life:
    """Where a month stands, with its dates as in :func:`calendar`. Raises ``month_not_valid``, ``no_convention``."""
    dates, period = dates_in(session, month, at=at), session.get(Period, month)
    closing = last_day_at(zones_of(session), (period and period.closed_at) or at)
    confirmed = select(StatementConfirmation).where(StatementConfirmation.month == month)
    return Life(
        month=month,
        state=period.state if period else "open",
        dates=closed_on(dates, closing),
        errors_until=errors_until(session, month, at=at),
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
