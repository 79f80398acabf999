"""What is forgotten when its time has come: the chores of privacy (``passapp tick``, docs/privacy.md)."""

from datetime import UTC, datetime, time
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from passapp.accounts.models import Invitation
from passapp.bookings.leaving import UNTITLED
from passapp.bookings.models import Booking, Series
from passapp.door.guests import is_named_for_long
from passapp.door.models import CheckIn, DayGuest, Door, FollowUpReason, LookUp, UndoReason, UsedProof, VisitIdentity
from passapp.kernel.audit import AuditOrigin
from passapp.kernel.ticking import Chore, forgetting
from passapp.network.models import Period
from passapp.network.rules import month_after, parse_month
from passapp.passes.keys import pseudonym_key
from passapp.passes.models import ErasedPass
from passapp.passes.service import REUSED_AFTER
from passapp.privacy.counting import make_figures, make_pseudonyms, years_to_count
from passapp.privacy.rules import (
    DOOR_NAMES_KEPT,
    INVITATIONS_KEPT,
    ORIGINS_KEPT,
    PROOFS_KEPT,
    last_month_to_forget,
)

FORGOTTEN = "—"
"""The name of a phone whose name is forgotten."""
DISPUTED = ("provisional", "review")
"""A month that is looked into is not forgotten before it is closed, whatever its age."""


def chores(keys_dir: Path) -> dict[str, Chore]:
    """What there is to forget, by name, in the order in which it is done."""
    return {
        "visit_identities": Chore(_count_visitors, lambda session, now: _forget_visitors(session, now, keys_dir)),
        "undo_reasons": _forgetting_reasons(UndoReason),
        "follow_up_reasons": _forgetting_reasons(FollowUpReason),
        "year_figures": Chore(lambda session, now: len(_years(session, now)), _make_figures),
        "past_bookings": Chore(_count_past_bookings, _forget_past_bookings),
        "look_ups": Chore(_count_look_ups, _forget_look_ups),
        "used_proofs": forgetting(UsedProof, lambda now: UsedProof.at < now - PROOFS_KEPT),
        "guest_names": Chore(
            lambda session, now: session.scalar(select(func.count(DayGuest.id)).where(is_named_for_long(now))) or 0,
            lambda session, now: session.execute(
                update(DayGuest).where(is_named_for_long(now)).values(given_name=None)
            ),
        ),
        "audit_origins": forgetting(AuditOrigin, lambda now: AuditOrigin.at < now - ORIGINS_KEPT),
        "invitations": forgetting(Invitation, _answered_long_ago),
        "erased_passes": forgetting(ErasedPass, lambda now: ErasedPass.expires_at < now - REUSED_AFTER),
        "door_names": Chore(
            lambda session, now: session.scalar(select(func.count(Door.id)).where(_cut_off_long_ago(now))) or 0,
            lambda session, now: session.execute(update(Door).where(_cut_off_long_ago(now)).values(name=FORGOTTEN)),
        ),
    }


def _answered_long_ago(now: datetime) -> ColumnElement[bool]:
    before = now - INVITATIONS_KEPT
    return or_(Invitation.expires_at < before, Invitation.accepted_at < before, Invitation.cancelled_at < before)


def _cut_off_long_ago(now: datetime) -> ColumnElement[bool]:
    return (Door.cut_off_at < now - DOOR_NAMES_KEPT) & (Door.name != FORGOTTEN)


def _years(session: Session, now: datetime) -> list[int]:
    return years_to_count(session, last_month_to_forget(now.date()))


def _make_figures(session: Session, now: datetime) -> None:
    for year in _years(session, now):
        make_figures(session, year, now=now)


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Whether it is time to forget who stands behind a visitor key."""
    disputed = select(Period.month).where(Period.state.in_(DISPUTED))
    return (VisitIdentity.month <= last_month_to_forget(now.date())) & VisitIdentity.month.not_in(disputed)


def _count_visitors(session: Session, now: datetime) -> int:
    return session.scalar(select(func.count(VisitIdentity.visitor_key)).where(_is_over(now))) or 0


def _forget_visitors(session: Session, now: datetime, keys_dir: Path) -> None:
    months = session.scalars(select(VisitIdentity.month).where(_is_over(now)).distinct()).all()
    make_pseudonyms(session, months, key=pseudonym_key(keys_dir))
    # A check-in by code or name and its look-up are of one door and one instant: whose the one was, the other says.
    typed = (
        select(CheckIn.id)
        .join(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .where(
            VisitIdentity.month.in_(months),
            VisitIdentity.member_id == LookUp.member_id,
            CheckIn.door_id == LookUp.door_id,
            CheckIn.received_at == LookUp.at,
        )
    )
    session.execute(delete(LookUp).where(typed.exists()))
    session.execute(delete(VisitIdentity).where(VisitIdentity.month.in_(months)))


def _forgetting_reasons(reason: type[UndoReason | FollowUpReason]) -> Chore:
    """Forgets the reasons given for check-ins behind which nobody stands any more."""
    orphans: Select[UUID] = (
        select(reason.check_in_id)
        .join(CheckIn, CheckIn.id == reason.check_in_id)
        .outerjoin(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .where(VisitIdentity.visitor_key.is_(None))
    )
    return Chore(
        lambda session, _now: len(session.scalars(orphans).all()),
        lambda session, _now: session.execute(delete(reason).where(reason.check_in_id.in_(orphans))),
    )


def _looked_up_then(session: Session, now: datetime) -> ColumnElement[bool]:
    """Whether a look-up is of a month whose visitors are forgotten; months end by UTC here, whatever the place."""
    last = last_month_to_forget(now.date())
    disputed = session.scalars(select(Period.month).where(Period.state.in_(DISPUTED), Period.month <= last))
    still_known = (and_(LookUp.at >= _first_of(month), LookUp.at < _first_of(month_after(month))) for month in disputed)
    return and_(LookUp.at < _first_of(month_after(last)), *(~known for known in still_known))


def _first_of(month: str) -> datetime:
    return datetime.combine(parse_month(month), time(), UTC)


def _is_past_booking(now: datetime) -> ColumnElement[bool]:
    """Whether it is time to forget whose a booking was: with the visits of its month."""
    after = parse_month(month_after(last_month_to_forget(now.date())))
    return (Booking.local_start < datetime.combine(after, time())) & Booking.member_id.is_not(None)


def _count_past_bookings(session: Session, now: datetime) -> int:
    return session.scalar(select(func.count(Booking.id)).where(_is_past_booking(now))) or 0


def _forget_past_bookings(session: Session, now: datetime) -> None:
    session.execute(update(Booking).where(_is_past_booking(now)).values(member_id=None, title=UNTITLED, reason=None))
    theirs = select(Booking.id).where(Booking.series_id == Series.id, Booking.member_id.is_not(None))
    session.execute(update(Series).where(Series.member_id.is_not(None), ~theirs.exists()).values(member_id=None))


def _count_look_ups(session: Session, now: datetime) -> int:
    return session.scalar(select(func.count(LookUp.id)).where(_looked_up_then(session, now))) or 0


def _forget_look_ups(session: Session, now: datetime) -> None:
    session.execute(delete(LookUp).where(_looked_up_then(session, now)))
