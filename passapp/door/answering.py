"""What a door is told of a scan: the verdict's person as a host may see them, and what is to be said or done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.cases import Judged, NewCheckIn
from passapp.door.house_rules import who_accepted
from passapp.door.models import CheckIn
from passapp.door.policy import HouseRules, Policy
from passapp.door.rules import FollowUpKind, Verdict
from passapp.door.terms import Terms, host_of
from passapp.members.rules import initial_of
from passapp.places.models import Place


@dataclass(frozen=True)
class Seen:
    """What a host sees of a person: a first name, an initial, and their home.

    ``member_id`` is for the pseudonym that the place knows them by, and goes no further.
    """

    member_id: UUID
    given_name: str
    initial: str
    home: str | None


@dataclass(frozen=True)
class Choice:
    """A home that could pay, to choose from."""

    home_id: UUID
    home: str


@dataclass(frozen=True)
class Answer:
    """What the door is told of one scan. ``first_at``: since when the person is in today, for a welcome back.

    ``follow_ups``: what a host did meanwhile, or what is left to a manager. ``attention``: what the person wants
    whoever receives them to know. ``house_rules``: those that they have not accepted yet. ``message``: the day's.
    """

    check_in: CheckIn | NewCheckIn
    member: Seen | None
    first_at: datetime | None
    choices: tuple[Choice, ...]
    follow_ups: frozenset[FollowUpKind] = frozenset()
    attention: str | None = None
    house_rules: HouseRules | None = None
    message: str | None = None
    may_check_out: bool = False
    replayed: bool = False

    @property
    def may_override(self) -> bool:
        """Whether the host may let them in all the same: somebody is known, and nobody has let them in yet."""
        row = self.check_in
        is_known = row.visitor_key is not None and row.verdict != Verdict.UNKNOWN_KEY
        return is_known and not Verdict(row.verdict).admits and not self.follow_ups


def answers_to(
    session: Session, place: Place, judged: Sequence[Judged], terms: Terms, policy: Policy
) -> dict[UUID, Answer]:
    """What each check-in is answered with, now and whenever the same scan comes again."""
    let_in = {each.person.id for each in judged if each.person and Verdict(each.check_in.verdict).admits}
    accepted = who_accepted(session, place.id, policy.house_rules.version, let_in) if policy.house_rules else set()
    return {each.check_in.id: _answer(each, place, terms, policy, accepted) for each in judged}


def _answer(judged: Judged, place: Place, terms: Terms, policy: Policy, accepted: Collection[UUID]) -> Answer:
    row, person = judged.check_in, judged.person
    follow_ups = frozenset(judged.follow_ups)
    # A leaked key signs whatever it is told to: it gets no name for it.
    if person is None or row.verdict == Verdict.UNKNOWN_KEY:
        return Answer(row, None, None, (), follow_ups)
    choices: tuple[Choice, ...] = ()
    if row.verdict == Verdict.AMBIGUOUS:
        found = rules.homes_to_choose_from(
            list(person.memberships.values()), terms.plans, host_of(place), row.scanned_at
        )
        choices = tuple(Choice(home, person.homes[home]) for home in dict.fromkeys(each.home_id for each in found))
    home = row.home_id if row.home_id in person.homes else person.home_on(row.local_date)
    seen = Seen(person.id, person.given_name, initial_of(person.family_name), person.homes[home] if home else None)
    answer = Answer(row, seen, judged.first_at, choices, follow_ups)
    if not Verdict(row.verdict).admits:
        return answer
    return replace(
        answer,
        attention=person.attention,
        house_rules=None if person.id in accepted else policy.house_rules,
        message=policy.message_on(row.local_date),
        may_check_out=policy.check_out,
    )
