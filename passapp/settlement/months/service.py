"""What people, and dates, do with a month: publish it, confirm it, close it, pay it."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.door.service import MONTH_CLOSED
from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.kernel.problems import ProblemType
from passapp.kernel.ticking import PARTLY_FAILED
from passapp.network.models import Period
from passapp.network.rules import CLOSED_STATES, days_of, month_after, month_of
from passapp.network.service import FURTHEST_AHEAD
from passapp.places.models import Place
from passapp.settlement.details.service import freeze_details
from passapp.settlement.files.letters import tell_accountants
from passapp.settlement.files.service import issue_monthly
from passapp.settlement.letters import tell_of_statements
from passapp.settlement.months.letters import tell_of_asking, tell_of_closing
from passapp.settlement.months.life import count_open, dates_in, moves_money, planned_dates, unfinished, zones_of
from passapp.settlement.months.models import MonthVersion, StatementConfirmation
from passapp.settlement.months.versions import (
    NOT_PUBLISHED,
    check_month,
    comes_to_the_same,
    has_changed,
    latest_version,
    locked,
    places_stated,
    publish,
    statement_of,
    write_version,
)
from passapp.settlement.payments.service import make_payments
from passapp.settlement.reading import first_months, values_only
from passapp.settlement.rules.calendar import closed_on, is_over, last_day_at
from passapp.settlement.service import settle_month

_log = logging.getLogger(__name__)

MONTH_NOT_OVER = ProblemType(
    "month_not_over",
    409,
    en="{name:Month} is not over everywhere yet: it is published on {day:day}.",
    fr="{name:Month} n'est pas encore terminé partout : il sera publié le {day:day}.",
)
MONTH_WITHOUT_VISITS = ProblemType(
    "month_without_visits",
    409,
    en="No visit was made in {name:month} or before: there is nothing to publish.",
    fr="Aucun passage n'a eu lieu en {name:month} ni avant : il n'y a rien à publier.",
)
CLOSING_TOO_EARLY = ProblemType(
    "closing_too_early",
    409,
    en="{name:Month} can be closed from {day:day} on: until then places may look at it.",
    fr="{name:Month} peut être clos à partir du {day:day} : d'ici là, les lieux le vérifient.",
)
CLOSE_THE_FORMER_FIRST = ProblemType(
    "close_the_former_first",
    409,
    en="Close {name:month} first: months are closed in their order.",
    fr="Clôturez d'abord {name:month} : les mois se clôturent dans l'ordre.",
)
ERRORS_OPEN = ProblemType(
    "errors_open",
    409,
    en="Reported errors that wait for an answer or a decision: {count}. Settle them first.",
    fr="Erreurs signalées qui attendent une réponse ou une décision : {count}. Réglez-les d'abord.",
)
MONTH_CHANGED = ProblemType(
    "month_changed",
    409,
    en="{name:Month} has changed since it was published. Its next version comes within a minute: look at it, then ask "
    "again.",
    fr="{name:Month} a changé depuis sa publication. La version suivante paraît dans la minute : vérifiez-la et "
    "redemandez.",
)
CLOSING_NOT_ASKED = ProblemType(
    "closing_not_asked",
    409,
    en="Nobody has asked to close {name:month}: ask for it, and somebody else validates it.",
    fr="Personne n'a demandé à clore {name:month} : demandez-le, puis une autre personne valide la clôture.",
)
ANOTHER_PERSON = ProblemType(
    "another_person",
    409,
    en="You asked for this closing: where money moves, somebody else validates it.",
    fr="Vous avez demandé cette clôture : quand de l'argent circule, une autre personne la valide.",
)
ANOTHER_VERSION = ProblemType(
    "another_version",
    409,
    en="Your statement has a newer version, number {number}: look at it, then confirm it.",
    fr="Votre relevé a une version plus récente, la {number} : regardez-la, puis confirmez-la.",
)

NEWER_VERSION = ProblemType(
    "newer_version",
    409,
    en="{name:Month} has a newer version, number {number}: look at it first.",
    fr="{name:Month} a une version plus récente, la {number} : regardez-la d'abord.",
)


# What dates do


def months_to_move(session: Session, at: datetime) -> int:
    """How many months there is something to do about now."""
    months = unfinished(session, at)
    return sum(_is_to_move(session, month, months, at) for month in months)


def _is_to_move(session: Session, month: str, months: Sequence[str], at: datetime) -> bool:
    try:
        return _step(session, month, months, at) is not None
    except Exception:  # noqa: BLE001  (as below, where it is logged)
        return True


def move_months(session: Session, folder: Path, *, at: datetime) -> object:
    """Publish what is over or has changed, end the review, and close by itself what moves no money.

    A month of which that fails is left as it was, and keeps no other from it: the log says so, and ``PARTLY_FAILED`` is
    given.
    """
    failed = False
    for month in unfinished(session, at):
        try:
            with session.begin_nested():
                _move(session, folder, month, at=at)
        except Exception:  # noqa: BLE001  (whatever it is: the other months go on)
            _log.exception("month failed", extra={"month": month})
            failed = True
    return PARTLY_FAILED if failed else None


def _move(session: Session, folder: Path, month: str, *, at: datetime) -> None:
    while month in (months := unfinished(session, at)) and (step := _step(session, month, months, at)):
        if step == "publish":
            _publish(session, folder, month, at=at)
        elif step == "review":
            session.get_one(Period, month).state = "review"
        else:
            _close(session, folder, month, by=None, actor=SYSTEM, at=at)
            break
        session.flush()


def _step(
    session: Session, month: str, months: Sequence[str], at: datetime
) -> Literal["publish", "review", "close"] | None:
    """What the dates say is next for a month that is over; ``months``: all that are not closed."""
    if has_changed(session, month):
        return "publish"
    dates, zones, period = dates_in(session, month, at=at), zones_of(session), session.get_one(Period, month)
    if period.state == "provisional":
        return "review" if is_over(dates.review_until, zones, at) else None
    may_close = month == months[0] and is_over(dates.decided_by, zones, at) and not count_open(session, month)
    return "close" if may_close and not moves_money(session, month) else None


def _publish(session: Session, folder: Path, month: str, *, at: datetime) -> MonthVersion | None:
    published = publish(session, folder, month, at=at)
    if published is None:
        return None
    # A month ends before it does in UTC where the places lie east of it.
    is_last = month_after(month) == month_of(at.astimezone(FURTHEST_AHEAD).date())
    if published.version.number == 1 and (is_last or published.version.moves_money):
        # Of a month long past in which nobody owes anything nobody is told. Else their silence would accept what they
        # never heard of (decision 0036).
        until = dates_in(session, month, at=at).review_until
        tell_of_statements(session, published.version, published.month, until=until, at=at)
    return published.version


def publish_now(session: Session, folder: Path, month: str, *, at: datetime) -> MonthVersion | None:
    """Publish a month by hand, as the dates would; None: nothing has changed since.

    Raises ``month_not_valid``, ``month_not_over``, ``month_closed``, ``month_without_visits`` before the first visit.
    """
    dates = planned_dates(session, month)
    if not is_over(days_of(month)[1], zones_of(session), at):
        raise MONTH_NOT_OVER.error(name=month, day=dates.provisional_on)
    period = locked(session, month)
    if period is not None and period.state in CLOSED_STATES:
        raise MONTH_CLOSED.error(name=month)
    if period is None and month < min(first_months(session), default=month_after(month)):
        raise MONTH_WITHOUT_VISITS.error(name=month)
    return _publish(session, folder, month, at=at)


# What people do


def confirm(
    session: Session, place: Place, month: str, number: int, *, by: UUID, at: datetime, actor: Actor
) -> StatementConfirmation:
    """A place finds the version ``number`` of its statement right. Twice changes nothing.

    Raises ``month_not_published``, ``month_closed``, ``another_version``.
    """
    check_month(month)
    period = locked(session, month)  # two people of a place may find it right at once
    statement = statement_of(session, month, place)
    if period is not None and period.state in CLOSED_STATES:
        raise MONTH_CLOSED.error(name=month)
    if statement.number != number:
        raise ANOTHER_VERSION.error(number=statement.number)
    present = session.get(StatementConfirmation, (month, place.id))
    if present is not None and present.number == number:
        return present
    confirmation = session.merge(StatementConfirmation(month=month, place_id=place.id, number=number, by=by, at=at))
    session.flush()
    record(session, actor, at, "statement.confirm", ("month", month), place_id=place.id, number=number)
    return confirmation


def ask_closing(
    session: Session, folder: Path, month: str, number: int, *, by: UUID, at: datetime, actor: Actor
) -> str:
    """Ask for the closing of a month; where no money moves it is closed at once. Gives its state.

    ``number``: of the version that was looked at. Raises ``month_not_valid``, ``month_not_published``,
    ``month_closed``, ``closing_too_early``, ``close_the_former_first``, ``errors_open``, ``newer_version``,
    ``month_changed``.
    """
    period = _closable(session, month, at)
    _check_seen(session, month, number)
    if not moves_money(session, month):
        if not _close(session, folder, month, by=by, actor=actor, at=at):
            raise MONTH_CHANGED.error(name=month)
        return period.state
    if not comes_to_the_same(session, month, at=at):
        raise MONTH_CHANGED.error(name=month)
    if period.closing_asked_by is None:
        period.closing_asked_by, period.closing_asked_at = by, at
        session.flush()
        record(session, actor, at, "month.ask_closing", ("month", month))
        tell_of_asking(session, month, by=by, at=at)
    return period.state


def validate_closing(
    session: Session, folder: Path, month: str, number: int, *, by: UUID, at: datetime, actor: Actor
) -> str:
    """Close a month that somebody else asked to close. Gives its state.

    ``number``: of the version that was looked at. Raises what :func:`ask_closing` raises, ``closing_not_asked``,
    ``another_person``.
    """
    period = _closable(session, month, at)
    if period.closing_asked_by is None:
        raise CLOSING_NOT_ASKED.error(name=month)
    if period.closing_asked_by == by:
        raise ANOTHER_PERSON.error()
    _check_seen(session, month, number)
    if not _close(session, folder, month, by=by, actor=actor, at=at):
        raise MONTH_CHANGED.error(name=month)
    return period.state


def refuse_closing(session: Session, month: str, *, at: datetime, actor: Actor) -> None:
    """Take back that the closing of a month was asked for: by whoever asked, or whoever looked at it since.

    Raises ``month_not_valid``, ``closing_not_asked``.
    """
    check_month(month)
    period = locked(session, month)
    if period is None or period.closing_asked_by is None or period.state in CLOSED_STATES:
        raise CLOSING_NOT_ASKED.error(name=month)
    period.closing_asked_by = period.closing_asked_at = None
    session.flush()
    record(session, actor, at, "month.refuse_closing", ("month", month))


def _closable(session: Session, month: str, at: datetime) -> Period:
    dates = dates_in(session, month, at=at)
    period = locked(session, month)
    if period is None or period.state == "open":
        raise NOT_PUBLISHED.error(name=month)
    if period.state in CLOSED_STATES:
        raise MONTH_CLOSED.error(name=month)
    if not is_over(dates.decided_by, zones_of(session), at):
        raise CLOSING_TOO_EARLY.error(name=month, day=dates.closes_on)
    [first, *_] = unfinished(session, at)
    if first != month:
        raise CLOSE_THE_FORMER_FIRST.error(name=first)
    if waiting := count_open(session, month):
        raise ERRORS_OPEN.error(count=waiting)
    return period


def _check_seen(session: Session, month: str, number: int) -> None:
    """Nobody closes what they have not looked at: each version is looked at again."""
    latest = latest_version(session, month)
    if latest is not None and latest.number != number:
        raise NEWER_VERSION.error(name=month, number=latest.number)


@values_only()
def _close(session: Session, folder: Path, month: str, *, by: UUID | None, actor: Actor, at: datetime) -> bool:
    """Freeze a month, its numbers and what they mean, and make its payments; false: it changed since its last version.

    With ``by`` None it closes by itself, and only where no money moves.
    """
    period = locked(session, month)
    former = latest_version(session, month)
    if period is None or former is None:
        raise NOT_PUBLISHED.error(name=month)
    if period.state in CLOSED_STATES:
        return False
    found = settle_month(session, month, at=at)
    if found.documents.month_sha256 != former.sha256 or (by is None and found.moves_money):
        return False
    version = write_version(session, folder, found, former, "closed", at=at)
    freeze_details(session, month)
    today = last_day_at(zones_of(session), at)
    pays_on = closed_on(dates_in(session, month, at=at), today).pays_on
    made = make_payments(session, month, found.settlement, due_on=pays_on, closed_on=today)
    due = sum(payment.state == "due" for payment in made)
    period.closed_by, period.closed_at = by, at
    period.state = "closed" if not found.has_money else "netted" if due else "paid"
    session.flush()
    issue_monthly(session, found, at=at)
    if found.moves_money:
        tell_of_closing(session, version, at=at)
    tell_accountants(session, month, places_stated(session, version), at=at)
    record(
        session, actor, at, "month.close", ("month", month), sha256=version.sha256, payments=due, number=version.number
    )
    return True
