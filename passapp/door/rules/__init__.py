"""Rules of the door: verdicts, and what makes a visit. Pure."""

from passapp.door.rules.names import name_words, pseudonym, said_alike
from passapp.door.rules.verdicts import (
    OPENS_EVERYWHERE,
    OPENS_HOME,
    Ambiguous,
    Colour,
    Host,
    Judgement,
    Membership,
    Plan,
    Standing,
    Verdict,
    choose_membership,
    corrected_time,
    homes_to_choose_from,
    is_at_home,
    judge,
    plan_opens,
)
from passapp.door.rules.visits import UNIT_HALF_DAY, CheckIn, Visit, standing_visits, units_of

__all__ = [
    "OPENS_EVERYWHERE",
    "OPENS_HOME",
    "UNIT_HALF_DAY",
    "Ambiguous",
    "CheckIn",
    "Colour",
    "Host",
    "Judgement",
    "Membership",
    "Plan",
    "Standing",
    "Verdict",
    "Visit",
    "choose_membership",
    "corrected_time",
    "homes_to_choose_from",
    "is_at_home",
    "judge",
    "name_words",
    "plan_opens",
    "pseudonym",
    "said_alike",
    "standing_visits",
    "units_of",
]
