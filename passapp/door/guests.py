"""Guests of a day: people without a pass, received under the place's rules and counted apart (door.md, Visits)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.models import DayGuest, Door
from passapp.door.policy import policy_of
from passapp.kernel.problems import ProblemType
from passapp.kernel.wall_time import local_date
from passapp.network.rules import days_of
from passapp.places.models import Place

GUEST_NAMES_KEPT: Final = timedelta(days=7)
"""As long as a day's list can be looked at, and a visit added to it. Who is written down later has no name."""
GUESTS_TAKEN: Final = timedelta(days=100)
"""As a scan is: what seems older comes from a device whose clock was set right in between."""
GUESTS_NOT_RECEIVED = ProblemType(
    "guests_not_received",
    409,
    en="This place receives no day guests: its manager decides, on the page “Receiving settings”.",
    fr="Ce lieu ne reçoit pas d'invités du jour : son responsable en décide, sur la page « Réglages de l'accueil ».",
)
MINORS_NOT_RECEIVED = ProblemType(
    "minors_not_received",
    409,
    en="This place receives no minors: its manager decides, on the page “Receiving settings”.",
    fr="Ce lieu ne reçoit pas de mineurs : son responsable en décide, sur la page « Réglages de l'accueil ».",
)
GUEST_TOO_OLD = ProblemType(
    "guest_too_old",
    422,
    en="This guest came more than 100 days ago: they cannot be written down any more.",
    fr="Cet invité est venu il y a plus de 100 jours : on ne peut plus le noter.",
)
GUEST_ID_REUSED = ProblemType(
    "guest_id_reused",
    409,
    en="This guest's id was already used for another guest.",
    fr="L'identifiant de cet invité a déjà servi pour un autre.",
)
GUEST_UNKNOWN = ProblemType(
    "guest_unknown", 404, en="There is no such guest at this place.", fr="Cet invité n'existe pas dans ce lieu."
)


@dataclass(frozen=True)
class Guest:
    """Somebody to receive. ``at`` is by the device's clock, which says ``device_now`` as it sends."""

    id: UUID
    given_name: str | None
    minor: bool
    guardian_consents: bool
    at: datetime
    device_now: datetime


def receive(session: Session, place: Place, door: Door | None, guest: Guest, *, now: datetime) -> DayGuest:
    """Receive a guest; the place is locked by the caller. The same one again is answered as it was first.

    A phone may have been offline for long: after a week who came still counts, and their name is not kept.
    Raises ``guest_id_reused``, ``guests_not_received``, ``minors_not_received``, ``guest_too_old``.
    """
    row = session.get(DayGuest, guest.id)
    if row is not None:
        if not _is_the_same(row, place, guest):
            raise GUEST_ID_REUSED.error()
        return row
    policy = policy_of(session, place.id)
    if not policy.guests:
        raise GUESTS_NOT_RECEIVED.error()
    if guest.minor and not policy.minors:
        raise MINORS_NOT_RECEIVED.error()
    at, zone = rules.corrected_time(guest.at, guest.device_now, now), ZoneInfo(place.zone)
    if at < now - GUESTS_TAKEN:
        raise GUEST_TOO_OLD.error()
    row = DayGuest(
        id=guest.id,
        place_id=place.id,
        door_id=door.id if door else None,
        local_date=local_date(at, zone),
        at=at,
        device_at=guest.at,
        received_at=now,
        given_name=guest.given_name if at >= now - GUEST_NAMES_KEPT else None,
        minor=guest.minor,
        guardian_consents=guest.guardian_consents,
    )
    session.add(row)
    session.flush()
    return row


def _is_the_same(row: DayGuest, place: Place, guest: Guest) -> bool:
    said = (guest.minor, guest.guardian_consents, guest.at)
    # A name that was forgotten since is no other one.
    named = row.given_name is None or row.given_name == guest.given_name
    return row.place_id == place.id and named and said == (row.minor, row.guardian_consents, row.device_at)


def guest_at(session: Session, place: Place, guest_id: UUID) -> DayGuest:
    """A guest of this place. Raises ``guest_unknown``."""
    row = session.get(DayGuest, guest_id)
    if row is None or row.place_id != place.id:
        raise GUEST_UNKNOWN.error()
    return row


def guest_left(session: Session, guest: DayGuest, *, at: datetime) -> None:
    """Say that a guest left; said again, it changes nothing."""
    guest.left_at = guest.left_at or at
    session.flush()


def take_guest_back(session: Session, guest: DayGuest, *, at: datetime) -> None:
    """Take a guest back who was written down by mistake: counted no more, and their name forgotten."""
    if guest.undone_at is None:
        guest.undone_at, guest.given_name = at, None
        session.flush()


def guests_on(session: Session, place: Place, first: date, last: date) -> Sequence[DayGuest]:
    """The guests of these dates, in the order in which they came; those taken back are left out."""
    query = (
        select(DayGuest)
        .where(DayGuest.place_id == place.id, DayGuest.local_date.between(first, last), DayGuest.undone_at.is_(None))
        .order_by(DayGuest.at, DayGuest.id)
    )
    return session.scalars(query).all()


def arrival_of(guest: DayGuest) -> rules.Arrival:
    """A guest as the rules of who is here see them."""
    return rules.Arrival(guest.id, guest.id, guest.at, guest.local_date, guest.left_at)


def guests_in(session: Session, place_id: UUID, month: str) -> int:
    """How many guests a place received in a month: counted, never settled."""
    first, last = days_of(month)
    query = select(func.count(DayGuest.id)).where(
        DayGuest.place_id == place_id,
        DayGuest.local_date >= first,
        DayGuest.local_date <= last,
        DayGuest.undone_at.is_(None),
    )
    return session.scalar(query) or 0


def is_named_for_long(now: datetime) -> ColumnElement[bool]:
    """Whether a guest's name is to be forgotten."""
    return (DayGuest.at < now - GUEST_NAMES_KEPT) & DayGuest.given_name.is_not(None)
