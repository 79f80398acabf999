"""What is known of a person: everything, for them alone (door.md, Privacy).

Nobody else is named: who did something about them is a kind of actor ("account", "door") and a place. No secret is
shown either: neither a token, nor a key, nor what would make a pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from passapp.accounts.leaving import is_to
from passapp.accounts.models import (
    AccessToken,
    Account,
    ApiKey,
    Invitation,
    LinkedIdentity,
    Passkey,
    RoleGrant,
)
from passapp.bookings.models import Booking, Feed, Resource, Training, Waiting
from passapp.door.follow_ups import Followed, follow_ups_of
from passapp.door.models import (
    STANDS,
    CheckIn,
    CheckInUndo,
    Door,
    HouseRulesAcceptance,
    LookUp,
    UndoReason,
    Visit,
    VisitIdentity,
    VisitVoid,
)
from passapp.kernel.audit import Actor, AuditEntry, AuditOrigin
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import ProblemType
from passapp.members.consents import Kind, choices_of, choose, consents_of
from passapp.members.models import Consent, Member, Membership
from passapp.network.models import Plan
from passapp.passes.service import passes_of, state_of
from passapp.places.models import Place
from passapp.privacy.counting import count_no_more

Rows = Sequence[Any]
"""Rows whose columns are named as the answer shows them."""

NO_MEMBER = ProblemType(
    "no_member",
    409,
    en="You are no member of a place: there is nothing to choose.",
    fr="Vous n'êtes membre d'aucun lieu : il n'y a rien à choisir.",
)


@dataclass(frozen=True)
class Choice:
    """A choice in force."""

    kind: Kind
    given: bool


@dataclass(frozen=True)
class Known:
    """Everything known of one person. ``deeds`` may be cut short; ``deeds_in_all`` says of how many."""

    account: Account
    roles: Rows
    sessions: Rows
    passkeys: Rows
    identities: Rows
    invitations: Rows
    api_keys: Rows
    member: Member | None
    memberships: Rows
    passes: Rows
    choices: Sequence[Choice]
    consents: Sequence[Consent]
    visits: Rows
    scans: Rows
    bookings: Rows
    trainings: Rows
    waits: Rows
    feeds: Rows
    look_ups: Rows
    house_rules: Rows
    messages: Rows
    deeds: Rows
    deeds_in_all: int


@dataclass(frozen=True)
class PassKnown:
    """A pass, without what would make it another time."""

    form: str
    device: str | None
    plan: str
    issued_at: datetime
    not_before: datetime
    expires_at: datetime
    superseded_at: datetime | None
    state: str
    revoked_at: datetime | None
    revoked_reason: str | None


@dataclass(frozen=True)
class ScanKnown:
    """A scan, taken back or not, and what came after it."""

    id: UUID
    scanned_at: datetime
    device_scanned_at: datetime
    received_at: datetime
    place: str
    form: str | None
    verdict: str
    undone_at: datetime | None
    undone_because: str | None
    follow_ups: Sequence[Followed]


def member_behind(session: Session, account_id: UUID) -> Member | None:
    """The member who signs in with this account, if there is one."""
    return session.scalar(select(Member).where(Member.account_id == account_id))


def everything_about(session: Session, account: Account, *, deeds: int | None = None, now: datetime) -> Known:
    """What is known of the person who signs in with ``account``. ``deeds``: the newest so many only (None: all)."""
    member = member_behind(session, account.id)
    passes = passes_of(session, member.id) if member else []
    scans = _scans(session, member) if member else []
    bookings = _bookings(session, member) if member else []
    ids = [account.id, *(each.id for each in (*passes, *scans, *bookings))]
    concerned = _concerned(account, [*ids, member.id] if member else ids)
    return Known(
        account=account,
        **_of_account(session, account),
        member=member,
        memberships=_memberships(session, member) if member else [],
        passes=[
            PassKnown(
                issued.form,
                issued.device_name,
                issued.plan,
                issued.issued_at,
                issued.not_before,
                issued.expires_at,
                issued.superseded_at,
                state_of(issued, member, now),
                issued.revoked_at,
                issued.revoked_reason,
            )
            for issued in passes
            if member
        ],
        choices=[Choice(kind, given) for kind, given in choices_of(session, member.id).items()] if member else [],
        consents=consents_of(session, member.id) if member else [],
        visits=_visits(session, member) if member else [],
        scans=scans,
        bookings=bookings,
        trainings=_trainings(session, member) if member else [],
        waits=_waits(session, member) if member else [],
        feeds=_feeds(session, member) if member else [],
        look_ups=_look_ups(session, member) if member else [],
        house_rules=_house_rules(session, member) if member else [],
        deeds=session.execute(_deeds(account, concerned).limit(deeds)).all(),
        deeds_in_all=session.scalar(select(func.count(AuditEntry.id)).where(concerned)) or 0,
    )


def _of_account(session: Session, account: Account) -> dict[str, Rows]:
    place = Place.name.label("place")
    found: dict[str, Select[*tuple[Any, ...]]] = {
        "roles": select(RoleGrant.role, place, RoleGrant.granted_at)
        .outerjoin(RoleGrant.place)
        .where(RoleGrant.account_id == account.id)
        .order_by(RoleGrant.granted_at, RoleGrant.id),
        "sessions": select(
            AccessToken.device,
            AccessToken.created_at,
            AccessToken.last_used_at,
            AccessToken.expires_at,
            AccessToken.revoked_at,
        )
        .where(AccessToken.account_id == account.id)
        .order_by(AccessToken.id.desc()),
        "passkeys": select(Passkey.name, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.account_id == account.id)
        .order_by(Passkey.id),
        "identities": select(LinkedIdentity.issuer, LinkedIdentity.subject, LinkedIdentity.linked_at)
        .where(LinkedIdentity.account_id == account.id)
        .order_by(LinkedIdentity.issuer),
        "invitations": select(
            Invitation.role,
            place,
            Invitation.name,
            Invitation.created_at,
            Invitation.expires_at,
            Invitation.accepted_at,
            Invitation.cancelled_at,
        )
        .outerjoin(Invitation.place)
        .where(Invitation.email == account.email)
        .order_by(Invitation.id),
        "api_keys": select(ApiKey.name, place, ApiKey.created_at, ApiKey.last_used_at, ApiKey.revoked_at)
        .outerjoin(ApiKey.place)
        .where(ApiKey.made_by == account.id)
        .order_by(ApiKey.id),
        "messages": select(OutboxMessage.kind, OutboxMessage.created_at, OutboxMessage.sent_at, OutboxMessage.failed_at)
        .where(is_to([account]))
        .order_by(OutboxMessage.id.desc()),
    }
    return {name: session.execute(query).all() for name, query in found.items()}


def _memberships(session: Session, member: Member) -> Rows:
    query = (
        select(
            Place.name.label("place"),
            Plan.name.label("plan"),
            Membership.tier,
            Membership.priority,
            Membership.first_day,
            Membership.last_day,
            Membership.unpaid_at,
            Membership.paid_at,
        )
        .join(Membership.place)
        .join(Plan, Plan.code == Membership.plan)
        .where(Membership.member_id == member.id)
        .order_by(Membership.first_day, Membership.id)
    )
    return session.execute(query).all()


def _visits(session: Session, member: Member) -> Rows:
    host, home = aliased(Place), aliased(Place)
    query = (
        select(
            Visit.local_date,
            Visit.opened_at,
            host.name.label("host"),
            home.name.label("home"),
            Visit.at_home,
            Visit.units,
            CheckIn.form.label("evidence"),
            Visit.waived,
        )
        .join(VisitIdentity, VisitIdentity.visitor_key == Visit.visitor_key)
        .join(CheckIn, CheckIn.id == Visit.id)
        .join(host, host.id == Visit.host_id)
        .join(home, home.id == Visit.home_id)
        .outerjoin(VisitVoid, STANDS)
        .where(VisitIdentity.member_id == member.id, VisitVoid.visit_id.is_(None))
        .order_by(Visit.opened_at.desc(), Visit.id)
    )
    return session.execute(query).all()


def _scans(session: Session, member: Member) -> Rows:
    theirs = VisitIdentity.member_id == member.id
    of_them = select(CheckIn.id).join(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key).where(theirs)
    follow_ups = follow_ups_of(session, of_them)
    query = (
        select(
            CheckIn.id,
            CheckIn.scanned_at,
            CheckIn.device_scanned_at,
            CheckIn.received_at,
            Place.name.label("place"),
            CheckIn.form,
            CheckIn.verdict,
            CheckInUndo.at.label("undone_at"),
            UndoReason.reason.label("undone_because"),
        )
        .join(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
        .join(Place, Place.id == CheckIn.place_id)
        .outerjoin(CheckInUndo, CheckInUndo.check_in_id == CheckIn.id)
        .outerjoin(UndoReason, UndoReason.check_in_id == CheckIn.id)
        .where(theirs)
        .order_by(CheckIn.scanned_at.desc(), CheckIn.id)
    )
    return [ScanKnown(*row, follow_ups[row.id]) for row in session.execute(query)]


def _bookings(session: Session, member: Member) -> Rows:
    query = (
        select(
            Booking.id,
            Place.name.label("place"),
            Resource.name.label("resource"),
            *(Booking.title, Booking.people, Booking.local_start, Booking.local_end, Booking.zone, Booking.state),
            *(Booking.price, Booking.fee, Booking.payer, Booking.made_at, Booking.came_at, Booking.reason),
        )
        .join(Place, Place.id == Booking.place_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Booking.member_id == member.id)
        .order_by(Booking.starts_at.desc(), Booking.id)
    )
    return session.execute(query).all()


def _waits(session: Session, member: Member) -> Rows:
    query = (
        select(
            *(Place.name.label("place"), Resource.name.label("resource"), Waiting.people),
            *(Waiting.starts_at, Waiting.ends_at, Waiting.made_at),
        )
        .join(Resource, Resource.id == Waiting.resource_id)
        .join(Place, Place.id == Resource.place_id)
        .where(Waiting.member_id == member.id)
        .order_by(Waiting.starts_at, Waiting.id)
    )
    return session.execute(query).all()


def _feeds(session: Session, member: Member) -> Rows:
    """Without what they end in, which would open them."""
    query = select(Feed.made_at, Feed.revoked_at).where(Feed.member_id == member.id)
    return session.execute(query.order_by(Feed.made_at.desc(), Feed.id)).all()


def _trainings(session: Session, member: Member) -> Rows:
    query = (
        select(Place.name.label("place"), Resource.name.label("resource"), Training.at)
        .join(Resource, Resource.id == Training.resource_id)
        .join(Place, Place.id == Resource.place_id)
        .where(Training.member_id == member.id)
        .order_by(Training.at.desc(), Resource.id)
    )
    return session.execute(query).all()


def _look_ups(session: Session, member: Member) -> Rows:
    query = (
        select(LookUp.at, Place.name.label("place"), LookUp.by_name)
        .join(Door, Door.id == LookUp.door_id)
        .join(Place, Place.id == Door.place_id)
        .where(LookUp.member_id == member.id)
        .order_by(LookUp.at.desc(), LookUp.id)
    )
    return session.execute(query).all()


def _house_rules(session: Session, member: Member) -> Rows:
    query = (
        select(
            Place.name.label("place"),
            HouseRulesAcceptance.rules_version.label("version"),
            HouseRulesAcceptance.at,
            HouseRulesAcceptance.by,
        )
        .join(Place, Place.id == HouseRulesAcceptance.place_id)
        .where(HouseRulesAcceptance.member_id == member.id)
        .order_by(HouseRulesAcceptance.at.desc(), Place.name)
    )
    return session.execute(query).all()


def _concerned(account: Account, ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Whether a person did something, or something was done about them or what is theirs."""
    by_them = and_(AuditEntry.actor_kind == "account", AuditEntry.actor_id == account.id)
    return or_(by_them, AuditEntry.subject_id.in_([str(each) for each in ids]))


def _deeds(account: Account, concerned: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    by_me = and_(AuditEntry.actor_kind == "account", AuditEntry.actor_id == account.id).label("by_me")
    return (
        select(
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.actor_kind.label("actor"),
            func.coalesce(by_me, literal(value=False)).label("by_me"),
            Place.name.label("place"),
            AuditEntry.detail,
            AuditOrigin.address,
        )
        .outerjoin(Place, Place.id == AuditEntry.place_id)
        # From where: of their own deeds only.
        .outerjoin(AuditOrigin, and_(AuditOrigin.entry_id == AuditEntry.id, by_me))
        .where(concerned)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )


def make_choice(
    session: Session, account_id: UUID, kind: Kind, *, given: bool, key: bytes, at: datetime, actor: Actor
) -> None:
    """Choose, for oneself; who would not be counted is taken out of this year's figures. Raises ``no_member``.

    ``key``: the one that pseudonyms are made with.
    """
    member = member_behind(session, account_id)
    if member is None:
        raise NO_MEMBER.error()
    if choose(session, member, kind, given=given, at=at, actor=actor) and kind == "yearly_count" and not given:
        count_no_more(session, member.id, key=key)
