"""A place's answer to a request, from the mail: a link for each manager, once, dead as soon as the request is.

Opening it shows what is asked; only a second step answers, so that no program that follows links does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from passapp.accounts.models import RoleGrant
from passapp.accounts.rules import Role
from passapp.bookings import service
from passapp.bookings.changing import ids_of
from passapp.bookings.claims import lock_resources
from passapp.bookings.models import AnswerLink, Booking, BookingState
from passapp.kernel.api import check_version
from passapp.kernel.audit import Actor
from passapp.kernel.ids import hash_secret, new_secret
from passapp.kernel.problems import STALE, ProblemType

ANSWER_LINK_NOT_VALID = ProblemType(
    "answer_link_not_valid",
    410,
    en="This link is of no use any more: the request was answered, changed, cancelled or has expired. Sign in to see "
    "those that wait.",
    fr="Ce lien ne sert plus : la demande a reçu une réponse, a changé, est annulée ou a expiré. Connectez-vous pour "
    "voir celles qui attendent.",
)


def make_answer_link(session: Session, booking: Booking, account_id: UUID) -> str:
    """The secret of a link by which this manager answers a request as it stands."""
    secret = new_secret()
    session.add(
        AnswerLink(
            token_hash=hash_secret(secret),
            booking_id=booking.id,
            account_id=account_id,
            sequence=booking.sequence,
            expires_at=booking.answer_by or booking.starts_at,
        )
    )
    session.flush()
    return secret


def asked_by(session: Session, secret: str, *, now: datetime) -> tuple[Booking, UUID]:
    """The request that a link is for, and whose the link is. Raises ``answer_link_not_valid``."""
    link = session.get(AnswerLink, hash_secret(secret))
    booking = session.get(Booking, link.booking_id) if link is not None else None
    if link is None or booking is None or link.expires_at <= now:
        raise ANSWER_LINK_NOT_VALID.error()
    manages = select(RoleGrant.id).where(
        RoleGrant.account_id == link.account_id,
        RoleGrant.role == Role.MANAGER,
        RoleGrant.place_id == booking.place_id,
    )
    waits = booking.state == BookingState.REQUESTED and booking.sequence == link.sequence
    if not waits or session.scalar(manages.limit(1)) is None:
        raise ANSWER_LINK_NOT_VALID.error()
    return booking, link.account_id


def asked_together(session: Session, booking: Booking, *, now: datetime) -> Sequence[Booking]:
    """The requests that one answer is for: of a series, all that wait."""
    if booking.series_id is None:
        return [booking]
    waits = (Booking.state == BookingState.REQUESTED, Booking.answer_by > now)
    query = select(Booking).where(Booking.series_id == booking.series_id, *waits)
    return session.scalars(query.order_by(Booking.starts_at, Booking.id)).all()


def answer_together(
    session: Session,
    booking: Booking,
    others: Sequence[Booking],
    *,
    seen: Mapping[UUID, int],
    accept: bool,
    reason: str | None,
    now: datetime,
    actor: Actor,
) -> None:
    """One answer for a request and others of its series; who asked is told once. Of these, all or none is answered.

    ``seen``: the versions that were looked at. Raises ``stale``, ``booking_over``.
    """
    lock_resources(session, {resource for each in (booking, *others) for resource in ids_of(each)})
    for each in (booking, *others):
        session.refresh(each)
        check_version(each, seen[each.id])
    service.answer(session, booking, accept=accept, reason=reason, together=bool(others), now=now, actor=actor)
    for each in others:
        service.answer(session, each, accept=accept, reason=reason, tells=False, now=now, actor=actor)


def answer_by_link(
    session: Session,
    secret: str,
    *,
    seen: Mapping[UUID, int],
    accept: bool,
    reason: str | None,
    now: datetime,
    address: str | None,
) -> Booking:
    """Answer a request by a link, which is of no use from then on; of a series, for all dates that wait.

    ``seen``: the versions of those that were looked at. Raises ``answer_link_not_valid``, ``booking_over``, and
    ``stale`` where others wait by now, or the same otherwise.
    """
    booking, account_id = asked_by(session, secret, now=now)
    actor = Actor("account", account_id, address)
    # What is locked stays as it is: of a series, what waits is looked at under the lock.
    lock_resources(session, {each for one in asked_together(session, booking, now=now) for each in ids_of(one)})
    session.refresh(booking)
    asked_by(session, secret, now=now)  # somebody may have moved it while we waited
    together = asked_together(session, booking, now=now)
    if {each.id for each in together} != set(seen):
        raise STALE.error()
    others = [each for each in together if each is not booking]
    answer_together(session, booking, others, seen=seen, accept=accept, reason=reason, now=now, actor=actor)
    session.execute(delete(AnswerLink).where(AnswerLink.booking_id == booking.id))
    return booking


def is_dead(now: datetime) -> ColumnElement[bool]:
    """Whether a link is of no use any more."""
    return AnswerLink.expires_at <= now
