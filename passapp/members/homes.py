"""Which home keeps a member's record, and what the others must leave to it."""

from collections.abc import Collection
from datetime import date

from passapp.kernel.problems import ProblemType
from passapp.members.models import Member
from passapp.members.rules import Held, Within, main_home, takes_over
from passapp.places.models import Place

NOT_THEIR_HOME = ProblemType(
    "not_their_home",
    403,
    en="This member's record is kept by {place}. To change it, to suspend or erase the member, or to have another "
    "place pay first: ask {place}, or the coordination.",
    fr="La fiche de ce membre est tenue par son lieu d'attache, {place}. Pour la modifier, mettre le membre en pause, "
    "l'effacer, ou faire payer un autre lieu d'abord : demandez à ce lieu, ou à la coordination.",
)


def memberships_of(member: Member) -> list[Held]:
    """What the rules read of a member's memberships."""
    return [Held(m.id, m.place_id, m.priority, m.first_day, m.last_day) for m in member.memberships]


def main_home_on(member: Member, on: date) -> Place | None:
    """The place that keeps the member's record on that date (:func:`passapp.members.rules.main_home`)."""
    first = main_home(memberships_of(member), on)
    return next((m.place for m in member.memberships if m.place_id == first), None)


def keeper_elsewhere(member: Member, within: Within | None) -> Place | None:
    """The place that keeps the member's record, where it is none of ``within`` (None: the coordination, which may)."""
    keeper = None if within is None else main_home_on(member, within.on)
    return None if within is None or keeper is None or keeper.id in within.places else keeper


def check_keeps(member: Member, within: Within | None) -> None:
    """Raise ``not_their_home`` where a place that is none of ``within`` keeps the member's record."""
    keeper = keeper_elsewhere(member, within)
    if keeper is not None:
        raise NOT_THEIR_HOME.error(place=keeper.name)


def check_takes_nobody_over(member: Member, within: Within | None, after: Collection[Held]) -> None:
    """Raise ``not_their_home`` where, with these memberships, one of ``within`` would pay instead of the main home."""
    if within is not None and takes_over(within, memberships_of(member), after):
        check_keeps(member, within)
