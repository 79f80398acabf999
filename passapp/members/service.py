"""What people do with members: add, edit, suspend, move home, give another membership, look up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, selectinload

from passapp.accounts.models import RoleGrant
from passapp.accounts.rules import Role
from passapp.accounts.service import ensure_account
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.kernel.text import folded
from passapp.kernel.wall_time import local_date
from passapp.members.models import Member, Membership
from passapp.members.rules import is_active
from passapp.network.service import get_plan
from passapp.places.models import Place
from passapp.places.service import get_place

MEMBER_UNKNOWN = ProblemType(
    "member_unknown",
    404,
    en="There is no such member, or not at your place.",
    fr="Ce membre n'existe pas, ou pas dans votre lieu.",
)
MEMBERSHIP_UNKNOWN = ProblemType(
    "membership_unknown",
    404,
    en="This member has no such membership.",
    fr="Ce membre n'a pas cet abonnement.",
)
EMAIL_TAKEN = ProblemType(
    "email_taken",
    409,
    en="Another member already has this e-mail address.",
    fr="Un autre membre a déjà cette adresse e-mail.",
)
REFERENCE_TAKEN = ProblemType(
    "reference_taken",
    409,
    en="Another member already has this reference.",
    fr="Un autre membre porte déjà cette référence.",
)
MEMBERSHIP_DATES_REVERSED = ProblemType(
    "membership_dates_reversed",
    422,
    en="The last day is before the first.",
    fr="Le dernier jour est avant le premier.",
)
NO_HOME_TO_LEAVE = ProblemType(
    "no_home_to_leave",
    409,
    en="No membership runs on {when}: add one instead of moving.",
    fr="Aucun abonnement n'est en cours le {when} : ajoutez-en un au lieu de déplacer.",
)
MOVE_TOO_EARLY = ProblemType(
    "move_too_early",
    409,
    en="The present membership only starts on {when}: choose a later day.",
    fr="L'abonnement actuel ne commence que le {when} : choisissez un jour suivant.",
)


@dataclass(frozen=True)
class NewMembership:
    """A membership to give."""

    place_id: UUID
    plan: str
    first_day: date
    last_day: date | None = None
    tier: str | None = None
    priority: int = 1


def members(search: str | None, place_id: UUID | None, within: frozenset[UUID] | None) -> Select[Member]:
    """Members whose name, e-mail or reference contains every word of ``search``, accents and capitals aside.

    ``place_id``: with a membership at that place; ``within``: with one at any of these places (None: no limit).
    """
    query = select(Member).options(selectinload(Member.memberships))
    for word in folded(search or "").split():
        query = query.where(Member.search_key.contains(word, autoescape=True))
    for places in ([place_id] if place_id else None, within):
        if places is not None:
            query = query.where(exists().where(Membership.member_id == Member.id, Membership.place_id.in_(places)))
    return query


def get_member(session: Session, member_id: UUID, within: frozenset[UUID] | None = None) -> Member:
    """The member, if they have a membership at one of the places ``within`` (None: anywhere).

    Raises ``member_unknown``: who may not see a member is not told that they exist.
    """
    member = session.get(Member, member_id, options=[selectinload(Member.memberships)])
    if member is None or (within is not None and not within & {m.place_id for m in member.memberships}):
        raise MEMBER_UNKNOWN.error()
    return member


def member_of_account(session: Session, account_id: UUID | None) -> Member:
    """The member who signs in with this account. Raises ``member_unknown``."""
    member = session.scalar(select(Member).where(Member.account_id == account_id)) if account_id else None
    if member is None:
        raise MEMBER_UNKNOWN.error()
    return member


def homes(member: Member) -> frozenset[UUID]:
    """Every place where the member has, had or will have a membership."""
    return frozenset(m.place_id for m in member.memberships)


def home_on(member: Member, on: date) -> Membership | None:
    """The membership that pays on that date: the first by priority among those active (settlement R6)."""
    active = [m for m in member.memberships if is_active(m.first_day, m.last_day, on)]
    return min(active, key=lambda m: (m.priority, m.first_day, m.id), default=None)


def home_at(member: Member, at: datetime) -> Membership | None:
    """The membership that pays at that instant, each by the date at its own place."""
    active = [
        m for m in member.memberships if is_active(m.first_day, m.last_day, local_date(at, ZoneInfo(m.place.zone)))
    ]
    return min(active, key=lambda m: (m.priority, m.first_day, m.id), default=None)


def add_member(
    session: Session, fields: Mapping[str, Any], membership: NewMembership, *, at: datetime, actor: Actor
) -> Member:
    """Add a person with their first membership.

    Raises ``email_taken``, ``reference_taken``, ``place_unknown``, ``plan_unknown``, ``membership_dates_reversed``.
    """
    member = Member(created_at=at, **fields)
    _check_unique(session, member)
    session.add(member)
    _link_account(session, member, at=at)
    session.flush()
    record(session, actor, at, "member.add", ("member", member.id), place_id=membership.place_id)
    add_membership(session, member, membership, at=at, actor=actor)
    return member


def change_member(session: Session, member: Member, changes: Mapping[str, Any], *, at: datetime, actor: Actor) -> None:
    """Change who a member is. Raises ``email_taken``, ``reference_taken``, ``stale``."""
    changed = sorted(name for name, value in changes.items() if getattr(member, name) != value)
    with session.no_autoflush:
        for name in changed:
            setattr(member, name, changes[name])
        _check_unique(session, member)
    if "email" in changed:
        _link_account(session, member, at=at)
    session.flush()
    if changed:
        record(session, actor, at, "member.change", ("member", member.id), fields=changed)


def suspend_member(session: Session, member: Member, reason: str, *, at: datetime, actor: Actor) -> None:
    """Suspend a member: their passes are refused from now on. Suspending twice changes nothing."""
    if not member.is_suspended:
        member.suspended_at, member.resumed_at, member.suspended_reason = at, None, reason
        session.flush()
        record(session, actor, at, "member.suspend", ("member", member.id))


def resume_member(session: Session, member: Member, *, at: datetime, actor: Actor) -> None:
    """End a suspension; the passes work again."""
    if member.is_suspended:
        member.resumed_at, member.suspended_reason = at, None
        session.flush()
        record(session, actor, at, "member.resume", ("member", member.id))


def add_membership(
    session: Session, member: Member, wanted: NewMembership, *, at: datetime, actor: Actor
) -> Membership:
    """Give a member a membership. Raises ``place_unknown``, ``plan_unknown``, ``membership_dates_reversed``."""
    place = get_place(session, wanted.place_id)
    get_plan(session, wanted.plan)
    membership = Membership(
        place=place,
        plan=wanted.plan,
        tier=wanted.tier,
        priority=wanted.priority,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
    )
    _check_dates(membership)
    member.memberships.append(membership)
    session.flush()
    record(session, actor, at, "membership.add", ("member", member.id), place_id=place.id, plan=wanted.plan)
    return membership


def change_membership(
    session: Session,
    member: Member,
    membership_id: UUID,
    changes: Mapping[str, Any],
    *,
    at: datetime,
    actor: Actor,
) -> Membership:
    """Change plan, tier, priority or last day.

    Raises ``membership_unknown``, ``plan_unknown``, ``membership_dates_reversed``.
    """
    membership = get_membership(member, membership_id)
    if "plan" in changes:
        get_plan(session, changes["plan"])
    for name, value in changes.items():
        setattr(membership, name, value)
    _check_dates(membership)
    session.flush()
    fields = sorted(changes)
    record(
        session,
        actor,
        at,
        "membership.change",
        ("member", member.id),
        place_id=membership.place_id,
        fields=fields,
    )
    return membership


def get_membership(member: Member, membership_id: UUID) -> Membership:
    """The member's membership with this id. Raises ``membership_unknown``."""
    for membership in member.memberships:
        if membership.id == membership_id:
            return membership
    raise MEMBERSHIP_UNKNOWN.error()


def move_home(
    session: Session,
    member: Member,
    to: Place,
    first_day: date,
    *,
    plan: str | None,
    tier: str | None,
    at: datetime,
    actor: Actor,
) -> Membership:
    """Move a member to another home place from ``first_day`` on.

    Passes stay as they are; visits made stay with the home that was active then (settlement R6).

    Raises ``no_home_to_leave``, ``move_too_early``, ``plan_unknown``.
    """
    present = home_on(member, first_day)
    if present is None:
        raise NO_HOME_TO_LEAVE.error(when=first_day.isoformat())
    if present.first_day >= first_day:
        raise MOVE_TOO_EARLY.error(when=present.first_day.isoformat())
    until, present.last_day = present.last_day, first_day - timedelta(days=1)
    wanted = NewMembership(to.id, plan or present.plan, first_day, until, tier, present.priority)
    record(session, actor, at, "member.move_home", ("member", member.id), place_id=present.place_id, to=to.id)
    return add_membership(session, member, wanted, at=at, actor=actor)


def _check_dates(membership: Membership) -> None:
    if membership.last_day is not None and membership.last_day < membership.first_day:
        raise MEMBERSHIP_DATES_REVERSED.error()


def _check_unique(session: Session, member: Member) -> None:
    for column, value, problem in (
        (Member.email, member.email, EMAIL_TAKEN),
        (Member.reference, member.reference, REFERENCE_TAKEN),
    ):
        if value is None:
            continue
        other = session.scalar(select(Member.id).where(column == value))
        if other is not None and other != member.id:
            raise problem.error()


def _link_account(session: Session, member: Member, *, at: datetime) -> None:
    """Let the member sign in with their e-mail address, if they have one.

    An account is never renamed: it may hold other roles, and whoever edits a member must not be able to take it over.
    """
    if member.account_id is not None:
        grants = select(RoleGrant).where(RoleGrant.account_id == member.account_id, RoleGrant.role == Role.MEMBER)
        for grant in session.scalars(grants):
            session.delete(grant)
    member.account = None
    if member.email is not None:
        account = ensure_account(session, member.email, member.given_name, locale=member.locale, at=at)
        member.account = account
        session.add(RoleGrant(account=account, role=Role.MEMBER, granted_at=at))
        session.flush()


def count_members(session: Session) -> int:
    """How many people the network knows."""
    return session.scalar(select(func.count()).select_from(Member)) or 0
