"""The trial pass: what a phone at the door reads to show that all is well, and that counts for nobody (moments.md 2).

A pass like any other, signed by the network's key and checked by the same rules, for one place and one day. Its plan
is reserved, and so is its index in the status list: no member ever has either.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from passapp.network.service import TRIAL_PLAN, get_network
from passapp.passes.keys import current_key
from passapp.passes.rules import TRIAL_INDEX, Pass, card_claims, sign_pass
from passapp.places.models import Place

TRIAL_LASTS = timedelta(days=1)


def trial_pass(session: Session, place: Place, folder: Path, *, at: datetime) -> str:
    """A trial pass for one place, good for a day; ``folder`` holds the keys. Raises ``key_file_missing``."""
    kid, key = current_key(session, folder)
    begins = at.replace(microsecond=0)
    claims = card_claims(
        network=get_network(session).code,
        index=TRIAL_INDEX,
        plan=TRIAL_PLAN,
        not_before=begins,
        expires_at=begins + TRIAL_LASTS,
        place=place.code,
    )
    return sign_pass(claims, key, kid)


def is_trial(shown: Pass) -> bool:
    """Whether a pass that was read is a trial pass."""
    return shown.plan == TRIAL_PLAN
