"""Rules of members. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True)
class Within:
    """The places that somebody manages, and the date on which we ask whom these look after."""

    places: frozenset[UUID]
    on: date


@dataclass(frozen=True)
class Held:
    """What these rules read of a membership: where, when (its last day is included), and its priority."""

    id: UUID
    place_id: UUID
    priority: int
    first_day: date
    last_day: date | None


def is_active(first_day: date, last_day: date | None, on: date) -> bool:
    """Whether a membership runs on that date; its last day is included."""
    return first_day <= on and (last_day is None or on <= last_day)


def is_unpaid_at(unpaid_at: datetime | None, paid_at: datetime | None, at: datetime) -> bool:
    """Whether a membership was unpaid at that instant: since ``unpaid_at``, and not yet paid again (``paid_at``)."""
    return unpaid_at is not None and unpaid_at <= at and not (paid_at is not None and unpaid_at <= paid_at <= at)


def initial_of(name: str) -> str:
    """What a host sees of a family name: its first letter."""
    return name.strip()[:1].upper()


def looked_after_by(memberships: Iterable[tuple[UUID, date | None]], on: date) -> frozenset[UUID]:
    """The places that look after a member: they see them, edit them and give them passes.

    These are the homes whose membership runs or is to come: a home that was left looks after nobody any more. Only a
    member without any such membership stays with their former homes, so that one of them can renew it.
    ``memberships``: each one's place, and its last day (None: until further notice).
    """
    every = list(memberships)
    present = frozenset(place for place, last_day in every if last_day is None or last_day >= on)
    return present or frozenset(place for place, _ in every)


def first_to_pay(running: Iterable[Held]) -> Held | None:
    """Of the memberships that run on one date, the one that pays: the lowest priority number (settlement R6)."""
    return min(running, key=lambda m: (m.priority, m.first_day, m.id), default=None)


def main_home(memberships: Iterable[Held], on: date) -> UUID | None:
    """The place that keeps a member's record: who they are, their suspension, their erasure.

    It is the home that pays on that date. Where no membership runs: the first by priority of those to come; where none
    is to come, of those that ended last. The other homes see the member, and keep their own memberships and passes.
    """
    every = list(memberships)
    running = [m for m in every if is_active(m.first_day, m.last_day, on)]
    coming = [m for m in every if m.first_day > on]
    last_day = max((m.last_day for m in every if m.last_day is not None), default=None)
    first = first_to_pay(running or coming or [m for m in every if m.last_day == last_day])
    return None if first is None else first.place_id


def takes_over(within: Within, before: Collection[Held], after: Collection[Held]) -> bool:
    """Whether one of the places ``within``, none of which is the main home, pays instead of another place.

    By a change of memberships, and from today on: on every day that another place was to pay, it still does.
    """
    home = main_home(before, within.on)
    if home is None or home in within.places:
        return False

    def pays(memberships: Collection[Held], day: date) -> UUID | None:
        first = first_to_pay(m for m in memberships if is_active(m.first_day, m.last_day, day))
        return None if first is None else first.place_id

    begin = {m.first_day for m in (*before, *after)}
    end = {m.last_day + timedelta(days=1) for m in (*before, *after) if m.last_day is not None}
    return main_home(after, within.on) in within.places or any(
        pays(before, day) not in {None, *within.places} and pays(after, day) in within.places
        for day in begin | end
        if day > within.on
    )


class NoMove(StrEnum):
    """Why a member cannot move home."""

    NOT_YOURS = "not_yours"
    IN_THE_PAST = "in_the_past"
    TOO_EARLY = "too_early"


def why_not_move(within: Within | None, leaves: UUID, since: date, first_day: date, today: date) -> NoMove | None:
    """Why a member cannot leave the home ``leaves``, theirs ``since`` that day, for another from ``first_day`` on.

    Whoever pays today has a say: a manager moves only members of their own place, and from ``today`` on, so that no
    visit made already changes its payer. The coordination (``within`` None) may date a move back.
    """
    if within is not None and leaves not in within.places:
        return NoMove.NOT_YOURS
    if within is not None and first_day < today:
        return NoMove.IN_THE_PAST
    return NoMove.TOO_EARLY if since >= first_day else None
