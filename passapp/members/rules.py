"""Rules of members. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True)
class Within:
    """The places that somebody manages, and the date on which we ask whom these look after."""

    places: frozenset[UUID]
    on: date


def is_active(first_day: date, last_day: date | None, on: date) -> bool:
    """Whether a membership runs on that date; its last day is included."""
    return first_day <= on and (last_day is None or on <= last_day)


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
