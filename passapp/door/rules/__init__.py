"""Rules of the door: verdicts, and what makes a visit. Pure."""

from passapp.door.rules.memberships import Ambiguous, Membership, choose_membership, is_at_home, lasts_at
from passapp.door.rules.names import name_words, pseudonym, said_alike
from passapp.door.rules.plans import OPENS_EVERYWHERE, OPENS_HOME, Plan, plan_opens
from passapp.door.rules.presence import Arrival, closing_of, leaves_at, staying
from passapp.door.rules.verdicts import (
    Colour,
    Host,
    Judgement,
    Standing,
    Verdict,
    corrected_time,
    homes_to_choose_from,
    judge,
)
from passapp.door.rules.visits import (
    UNIT_HALF_DAY,
    CheckIn,
    FollowUpKind,
    Visit,
    Waived,
    came_in,
    is_inside,
    standing_visits,
    units_of,
    waiver_of,
    waiver_of_day,
)

__all__ = [
    "OPENS_EVERYWHERE",
    "OPENS_HOME",
    "UNIT_HALF_DAY",
    "Ambiguous",
    "Arrival",
    "CheckIn",
    "Colour",
    "FollowUpKind",
    "Host",
    "Judgement",
    "Membership",
    "Plan",
    "Standing",
    "Verdict",
    "Visit",
    "Waived",
    "came_in",
    "choose_membership",
    "closing_of",
    "corrected_time",
    "homes_to_choose_from",
    "is_at_home",
    "is_inside",
    "judge",
    "lasts_at",
    "leaves_at",
    "name_words",
    "plan_opens",
    "pseudonym",
    "said_alike",
    "standing_visits",
    "staying",
    "units_of",
    "waiver_of",
    "waiver_of_day",
]
