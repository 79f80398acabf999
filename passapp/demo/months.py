"""The demo's months, lived through: one that only counted, one closed by two people, one to close, one to look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.models import Account
from passapp.accounts.rules import Grant, Role
from passapp.demo.people import DOOR_PLACE, MEMBER_HOME
from passapp.kernel.audit import Actor
from passapp.network.rules import CLOSED_STATES
from passapp.network.service import period_states
from passapp.places.models import Place
from passapp.settlement.contests import service as contests
from passapp.settlement.contests.models import Contest
from passapp.settlement.contests.reporting import Reason, Report
from passapp.settlement.months.life import planned_dates, unfinished
from passapp.settlement.months.service import ask_closing, move_months, validate_closing
from passapp.settlement.months.versions import versions_of
from passapp.settlement.payments.service import mark, payments_of
from passapp.settlement.service import settle_month

_UNPAID: Final = 4
"""One payment in so many is still due, besides those of the demo's place."""
_REPORTED: Final = 2
"""Visits in an error that is reported, at most."""
_NOT_THERE: Final = "Notre abonné nous dit qu’il n’est pas venu chez vous."
_NOT_OURS: Final = "Cet abonnement s’est arrêté avant, d’après notre cahier."
_STILL_YOURS: Final = "La carte était verte à l’accueil, elle était donc encore chez vous."

Deed = tuple[datetime, Callable[[datetime], None]]


@dataclass
class Months:
    """The months of the demo. ``places``: by code. ``staff``: the accounts, by their role in the demo's links."""

    session: Session
    keys_dir: Path
    places: Mapping[str, Place]
    staff: Mapping[str, Account]
    now: datetime

    def live(self) -> None:
        """Publish what is over, close all but the last two of them, and report an error in each of those two."""
        over = unfinished(self.session, self.now)
        deeds = [deed for number, month in enumerate(over) for deed in self._life_of(month, len(over) - number)]
        for at, does in sorted(deeds, key=lambda deed: deed[0]):
            if at <= self.now:
                does(at)
        self._move(self.now)

    def _life_of(self, month: str, left: int) -> Iterator[Deed]:
        """What happens to a month; ``left``: it is the last but so many, 1 for the last one that is over."""
        dates = planned_dates(self.session, month)
        published = min(_noon(dates.provisional_on), self.now)
        yield published, self._move
        if left == 1:
            lately = min(self.now - timedelta(hours=26), _noon(dates.review_until))
            yield max(published, lately), lambda at: self._report(month, at)
        elif left == 2:  # noqa: PLR2004
            yield _noon(dates.review_until - timedelta(days=2)), lambda at: self._disagree(month, at)
        else:
            yield _noon(dates.closes_on), lambda at: self._close(month, at)
            yield _noon(dates.closes_on + timedelta(days=5)), lambda at: self._pay(month, at)

    def _move(self, at: datetime) -> None:
        move_months(self.session, self.keys_dir, at=at)

    def _close(self, month: str, at: datetime) -> None:
        """By two people, where it does not close by itself."""
        self._move(at)
        if period_states(self.session)[month] in CLOSED_STATES:
            return
        [*_, seen] = versions_of(self.session, month)
        for does, who in ((ask_closing, "coordinator"), (validate_closing, "accountant")):
            does(self.session, self.keys_dir, month, seen.number, by=self.staff[who].id, at=at, actor=self._actor(who))

    def _pay(self, month: str, at: datetime) -> None:
        """Most places have paid; the demo's own has not, nor has it been paid."""
        here = self.places[DOOR_PLACE].id
        for number, payment in enumerate(payments_of(self.session, month=month)):
            if number % _UNPAID and here not in {payment.debtor_id, payment.creditor_id} and payment.state == "due":
                mark(self.session, payment, "paid", at=at, actor=self._actor("coordinator"))

    def _report(self, month: str, at: datetime) -> None:
        """The neighbour reports visits at the demo's place, which has not answered yet."""
        self._contest(month, "not_here", _NOT_THERE, at)

    def _disagree(self, month: str, at: datetime) -> None:
        """The neighbour reported visits, the demo's place does not agree: the coordination decides."""
        contest = self._contest(month, "not_our_member", _NOT_OURS, at)
        if contest is not None:
            by = self.staff["manager"].id
            grants = frozenset({Grant(Role.MANAGER, self.places[DOOR_PLACE].id)})
            contests.answer(
                self.session,
                self.keys_dir,
                contest,
                Caller(account_id=by, grants=grants),
                agrees=False,
                words=_STILL_YOURS,
                by=by,
                at=at + timedelta(days=1),
            )

    def _contest(self, month: str, reason: Reason, words: str, at: datetime) -> Contest | None:
        """The neighbour reports the last visits that its members made at the demo's place, if there are any."""
        settlement = settle_month(self.session, month, at=at).settlement
        visits = settlement.by_pair.get((MEMBER_HOME, DOOR_PLACE), [])
        if not visits:
            return None
        named = tuple(UUID(each.visit.id) for each in visits[-_REPORTED:])
        wanted = Report(month, "made", DOOR_PLACE, reason, words, ids=named)
        place, actor = self.places[MEMBER_HOME], self._actor("neighbour")
        return contests.report(self.session, place, wanted, by=self.staff["neighbour"].id, at=at, actor=actor)

    def _actor(self, who: str) -> Actor:
        return Actor("account", self.staff[who].id)


def _noon(day: date) -> datetime:
    """When the deeds of settlement are done: the day has begun at every place, and nowhere is it over."""
    return datetime.combine(day, time(12), UTC)
