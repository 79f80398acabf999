"""Rules of members. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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
