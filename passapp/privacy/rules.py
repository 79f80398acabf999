"""How long what is kept of whom, and what counts people without naming them (door.md, Privacy). Pure.

The durations stand in docs/privacy.md too; a test holds the two together.
"""

import hashlib
import hmac
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from passapp.network.rules import month_of

REVIEW_LASTS: Final = timedelta(days=15)
"""After a month's end: then it closes, as long as nothing else says when it did (docs/decisions/0020-retention.md)."""
IDENTITY_MONTHS: Final = 3
"""Months after a month has closed, in which it is known who made its visits."""
ORIGINS_KEPT: Final = timedelta(days=365)
DOOR_NAMES_KEPT: Final = timedelta(days=365)
"""After a phone was cut off: its name is often somebody's first name."""
PROOFS_KEPT: Final = timedelta(days=101)
"""After a live pass's proof was used: as long as a phone without network may send it late, and a day more."""
INVITATIONS_KEPT: Final = timedelta(days=90)
"""After they were accepted, taken back or have expired."""


def last_month_to_forget(today: date) -> str:
    """The last month whose visitors are not to be known any more on that date.

    On 2027-02-16 that is 2026-10: it ended on 31 October, its review on 15 November, and three months have passed.
    """
    closed_before = today - REVIEW_LASTS
    months = closed_before.year * 12 + closed_before.month - 1 - (IDENTITY_MONTHS + 1)
    return month_of(date(months // 12, months % 12 + 1, 1))


def yearly_pseudonym(key: bytes, secret: str, member_id: UUID) -> str:
    """What stands for a person in one year's figures.

    Nobody can tell whom without both: the ``key``, which is a file, and that year's ``secret``, which is destroyed.
    """
    return hmac.digest(key + secret.encode(), member_id.bytes, hashlib.sha256).hex()
