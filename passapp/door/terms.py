"""The network's terms as a door needs them: its code, its public keys, its plans, the versions of its convention.

They change a few times a year and every scan needs them, so a process keeps them. The first statement of each request
reads their revision too, and another revision has them read again: no door ever goes by terms of the day before.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.policy import Policy
from passapp.network.models import ConventionVersion, Network, Plan
from passapp.network.rules import Convention
from passapp.network.service import NO_CONVENTION, conventions, get_network, plans
from passapp.passes.keys import is_withdrawn, public_key_of
from passapp.passes.models import SigningKey
from passapp.places.models import Place
from passapp.places.rules import Day, format_clock
from passapp.places.service import kept_weeks

Revision = tuple[Any, ...]

REVISION = tuple(
    column.scalar_subquery()
    for column in (
        select(Network.version),
        select(func.count(Plan.code)),
        select(func.sum(Plan.version)),
        select(func.count(ConventionVersion.number)),
        select(func.count(SigningKey.kid)),
        select(func.max(SigningKey.retired_at)),
    )
)
"""Columns for a statement that is made anyway. Rows of these tables are added or get a new version, never removed."""


@dataclass(frozen=True)
class Version:
    """A version of the convention: from when on, what it counts, how long after its month a visit is worth anything.

    ``transition_days``: how long members of a place that has left are received (settlement R13).
    """

    number: int
    starts_on: date
    unit: str
    late_days: int
    transition_days: int


@dataclass(frozen=True)
class _Key:
    kid: str
    public: Ed25519PublicKey
    published_until: datetime | None
    is_withdrawn: bool

    def speaks_for(self, at: datetime, now: datetime) -> bool:
        """Whether it was published at ``at``. One that leaked says nothing any more, of whatever instant."""
        until = self.published_until
        return until is None or until > (now if self.is_withdrawn else at)


@dataclass(frozen=True)
class Terms:
    """Plain values, which belong to no transaction."""

    network: str
    plans: Mapping[str, rules.Plan]
    _keys: tuple[_Key, ...]
    _versions: tuple[Version, ...]

    def keys_at(self, at: datetime, now: datetime) -> dict[str, Ed25519PublicKey]:
        """The public keys published at that instant, by ``kid``, without those that have leaked since."""
        return {key.kid: key.public for key in self._keys if key.speaks_for(at, now)}

    def all_keys(self) -> dict[str, Ed25519PublicKey]:
        """All that ever were."""
        return {key.kid: key.public for key in self._keys}

    def version_on(self, day: date) -> Version:
        """The version of the convention in force on that date (settlement R7). Raises ``no_convention``."""
        begun = [version for version in self._versions if version.starts_on <= day]
        if not begun:
            raise NO_CONVENTION.error(day=day)
        return max(begun, key=lambda version: version.starts_on)

    def transition_end(self, left_on: date) -> date:
        """The first day on which members of a place that left on ``left_on`` are received no more (settlement R13).

        By the version in force on each day, as the fund pays.
        """
        day = left_on
        while any(version.starts_on <= day for version in self._versions):
            if (day - left_on).days >= self.version_on(day).transition_days:
                break
            day += timedelta(days=1)
        return day


_kept: WeakKeyDictionary[Any, tuple[Revision, Terms]] = WeakKeyDictionary()
"""By the engine: a process of tests has many databases."""


def terms_of(session: Session, revision: Revision | None = None) -> Terms:
    """The terms of that revision: the kept ones, or read. Without a ``revision``: read. Raises ``no_network``."""
    engine = session.get_bind()
    kept = _kept.get(engine)
    if revision is not None and kept is not None and kept[0] == revision:
        return kept[1]
    terms = _read(session)
    if revision is not None:
        _kept[engine] = revision, terms
    return terms


def _read(session: Session) -> Terms:
    return Terms(
        network=get_network(session).code,
        plans={
            plan.code: rules.Plan(
                plan.code,
                plan.opens,
                frozenset(plan.weekdays),
                format_clock(plan.from_minute),
                format_clock(plan.to_minute),
                plan.monthly_visits,
            )
            for plan in plans(session)
        },
        _keys=tuple(
            _Key(key.kid, public_key_of(key), key.published_until, is_withdrawn(key))
            for key in session.scalars(select(SigningKey))
        ),
        _versions=tuple(_version(version) for version in conventions(session)),
    )


def _version(row: ConventionVersion) -> Version:
    rules = Convention.model_validate(row.document)
    return Version(row.number, row.starts_on, rules.unit.value, rules.late_days, rules.transition_days)


def days_of(session: Session, place: Place, days: Collection[date]) -> tuple[Day, ...]:
    """The place's hours on these dates and the days before them, kept like the terms; none where none are known."""
    week = kept_weeks(session, [place])[place.id]
    if not week.is_known or not days:
        return ()
    wanted = {day - timedelta(days=n) for day in days for n in (0, 1)}
    return tuple(each for day in sorted(wanted) for each in week.between(day, day))


def host_of(place: Place, policy: Policy | None = None, days: tuple[Day, ...] = ()) -> rules.Host:
    """A place as the rules see it, with its hours on the ``days`` that are asked about."""
    policy = policy or Policy()
    return rules.Host(
        place.id,
        place.zone,
        place.joined_on,
        place.left_on,
        days,
        keeps_hours=policy.keeps_hours,
        capacity=policy.capacity,
    )
