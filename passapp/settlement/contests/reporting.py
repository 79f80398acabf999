"""What a place says when it reports an error (*signaler une erreur*)."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

About = Literal["visits", "bookings"]
Reason = Literal[
    "not_our_member",
    "not_here",
    "twice",
    "wrong_units",
    "did_not_happen",
    "cancelled",
    "wrong_amount",
    "other",
]
REASONS: Final[dict[About, frozenset[Reason]]] = {
    "visits": frozenset({"not_our_member", "not_here", "twice", "wrong_units", "other"}),
    "bookings": frozenset({"not_our_member", "did_not_happen", "cancelled", "wrong_amount", "other"}),
}
"""What may be wrong about each."""
MOST_REPORTED: Final = 500


@dataclass(frozen=True)
class Report:
    """An error in what a place ``received`` from ``partner`` or ``made`` there: ``visits``, or advanced ``bookings``.

    ``ids``: of some of them; none: all of them. ``owed_cents``: of a booking of a wrong amount, the right one.
    """

    month: str
    direction: Literal["received", "made"]
    partner: str
    reason: Reason
    words: str | None = None
    about: About = "visits"
    ids: tuple[UUID, ...] = ()
    owed_cents: int | None = None
