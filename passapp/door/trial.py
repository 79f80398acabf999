"""The trial scan: a phone reads a trial pass, and nothing is counted (moments.md 2)."""

from dataclasses import dataclass
from datetime import datetime

from passapp.door.calling import Calling
from passapp.door.rules import Verdict
from passapp.passes.rules import Pass, verify_pass
from passapp.passes.trial import is_trial


@dataclass(frozen=True)
class Trial:
    """Whether the phone and the network agree, and what a door would have said."""

    works: bool
    verdict: Verdict


def try_door(calling: Calling, text: str, *, now: datetime) -> Trial:
    """Judge a trial pass by the rules of every pass; where it is good, note that this phone was tried.

    No check-in is written, whatever was shown: a member's pass is no trial pass, and is told ``invalid``.
    """
    door, terms = calling.door, calling.terms
    shown = verify_pass(text, network=terms.network, keys=terms.keys_at(now, now), place=door.place.code, at=now)
    if not isinstance(shown, Pass):
        return Trial(works=False, verdict=Verdict(shown.reason.value))
    if not is_trial(shown):
        return Trial(works=False, verdict=Verdict.INVALID)
    door.tried_at = door.tried_at or now
    return Trial(works=True, verdict=Verdict.OK)
