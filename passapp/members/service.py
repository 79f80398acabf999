"""What people do with members: add, edit, suspend, move home, give another membership, look up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from passapp.accounts.leaving import delete_idle_accounts, hold_off_chores
from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.accounts.service import ensure_accounts
from passapp.kernel.audit import Actor, record
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import FORBIDDEN, ProblemType
from passapp.kernel.text import folded
from passapp.kernel.wall_time import local_date
from passapp.members.homes import check_keeps, check_takes_nobody_over, memberships_of
from passapp.members.models import Member, Membership
from passapp.members.rules import Held, NoMove, Within, is_active, looked_after_by, why_not_move
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
EMAIL_BY_PEOPLE = ProblemType(
    "email_by_people",
    403,
    en="This member signs in with their e-mail address: an API key cannot change it. A person does, on the member's "
    "page.",
    fr="Ce membre se connecte avec son adresse e-mail : une clé API ne peut pas la changer. Une personne le fait, sur "
    "la page du membre.",
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
MOVE_IN_THE_PAST = ProblemType(
    "move_in_the_past",
    422,
    en="A move begins today at the earliest; the coordination may date it back.",
    fr="Un changement de lieu commence au plus tôt aujourd'hui ; la coordination peut l'antidater.",
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


def members(search: str | None, place_id: UUID | None, within: Within | None) -> Select[Member]:
    """Members whose name, e-mail or reference contains every word of ``search``, accents and capitals aside.

    ``place_id``: with a membership at that place, past ones too; ``within``: looked after there (None: anywhere).
    """
    query = select(Member).options(selectinload(Member.memberships))
    for word in folded(search or "").split():
        query = query.where(Member.search_key.contains(word, autoescape=True))
    theirs = exists().where(Membership.member_id == Member.id)
    if place_id is not None:
        query = query.where(theirs.where(Membership.place_id == place_id))
    if within is not None:
        # As looked_after_by has it.
        present = theirs.where(or_(Membership.last_day.is_(None), Membership.last_day >= within.on))
        here = Membership.place_id.in_(within.places)
        query = query.where(or_(present.where(here), and_(~present, theirs.where(here))))
    return query


def is_within(member: Member, within: Within | None) -> bool:
    """Whether the member is looked after by one of these places (None: anywhere)."""
    if within is None:
        return True
    return bool(within.places & looked_after_by([(m.place_id, m.last_day) for m in member.memberships], within.on))


def get_member(session: Session, member_id: UUID, within: Within | None = None) -> Member:
    """The member, if they are looked after by one of the places ``within`` (None: anywhere).

    Raises ``member_unknown``: who may not see a member is not told that they exist.
    """
    member = session.get(Member, member_id, options=[selectinload(Member.memberships)])
    if member is None or not is_within(member, within):
        raise MEMBER_UNKNOWN.error()
    return member


def get_kept_member(session: Session, member_id: UUID, within: Within | None) -> Member:
    """The member, if one of the places ``within`` keeps their record (None: anybody's).

    Raises ``member_unknown``, and ``not_their_home`` for another home of theirs.
    """
    member = get_member(session, member_id, within)
    check_keeps(member, within)
    return member


def member_of_account(session: Session, account_id: UUID | None) -> Member:
    """The member who signs in with this account. Raises ``member_unknown``."""
    member = session.scalar(select(Member).where(Member.account_id == account_id)) if account_id else None
    if member is None:
        raise MEMBER_UNKNOWN.error()
    return member


def home_on(member: Member, on: date) -> Membership | None:
    """The membership that pays on that date: the first by priority among those active (settlement R6)."""
    active = [m for m in member.memberships if is_active(m.first_day, m.last_day, on)]
    return min(active, key=lambda m: (m.priority, m.first_day, m.id), default=None)


def runs_at(membership: Membership, at: datetime) -> bool:
    """Whether a membership runs at that instant, by the date at its own place."""
    return is_active(membership.first_day, membership.last_day, today_at(membership.place, at))


def today_at(place: Place, now: datetime) -> date:
    """The date at a place."""
    return local_date(now, ZoneInfo(place.zone))


def home_at(member: Member, at: datetime) -> Membership | None:
    """The membership that pays at that instant, each by the date at its own place."""
    active = [m for m in member.memberships if runs_at(m, at)]
    return min(active, key=lambda m: (m.priority, m.first_day, m.id), default=None)


def add_member(
    session: Session, fields: Mapping[str, Any], membership: NewMembership, *, at: datetime, actor: Actor
) -> Member:
    """Add a person with their first membership.

    Raises ``email_taken``, ``reference_taken``, ``place_unknown``, ``plan_unknown``, ``membership_dates_reversed``.
    """
    [member] = add_members(session, [(fields, membership)], at=at, actor=actor)
    return member


def add_members(
    session: Session, people: Sequence[tuple[Mapping[str, Any], NewMembership]], *, at: datetime, actor: Actor
) -> list[Member]:
    """Add people, each with their first membership, in a few statements whatever their number.

    Raises as :func:`add_member` does.
    """
    members = [Member(created_at=at, **fields) for fields, _ in people]
    _check_unique(session, members)
    for member, (_, wanted) in zip(members, people, strict=True):
        member.memberships.append(_new_membership(session, wanted))
    _link_accounts(session, members, at=at)
    session.add_all(members)
    session.flush()
    for member, (_, wanted) in zip(members, people, strict=True):
        record(session, actor, at, "member.add", ("member", member.id), place_id=wanted.place_id)
        _record_membership(session, member, wanted, at=at, actor=actor)
    return members


def change_member(session: Session, member: Member, changes: Mapping[str, Any], *, at: datetime, actor: Actor) -> None:
    """Change who a member is; a former e-mail address is told that it is theirs no more, a new one that it is.

    Raises ``email_by_people``, ``email_taken``, ``reference_taken``, ``stale``.
    """
    change_members(session, [(member, changes)], at=at, actor=actor)


def change_members(
    session: Session, changes: Sequence[tuple[Member, Mapping[str, Any]]], *, at: datetime, actor: Actor
) -> None:
    """Change who several people are, each of them once. Raises as :func:`change_member` does.

    The account of a former address goes, unless it is good for something else.
    """
    changed: dict[Member, list[str]] = {}
    moving = [member for member, wanted in changes if wanted.get("email", member.email) != member.email]
    if any(email_is_for_people(member, actor) for member in moving):
        raise EMAIL_BY_PEOPLE.error()
    if moving:
        hold_off_chores(session)
    with session.no_autoflush:
        for member, wanted in changes:
            changed[member] = sorted(name for name, value in wanted.items() if getattr(member, name) != value)
            for name in changed[member]:
                setattr(member, name, wanted[name])
        _check_unique(session, [m for m, names in changed.items() if not {"email", "reference"}.isdisjoint(names)])
        moved = [member for member, names in changed.items() if "email" in names]
        former = {member: member.account_id for member in moved if member.account_id is not None}
        told = {each.id: each for each in session.scalars(select(Account).where(Account.id.in_(former.values())))}
        _link_accounts(session, moved, at=at)
    session.flush()
    delete_idle_accounts(session, told, at=at, actor=actor)
    for member, account_id in former.items():
        was = told[account_id]
        key = f"email_changed:{member.id}:{member.version}"
        # The account may be gone: the letter takes the address with it.
        enqueue(session, at, "email_changed", key, None, email=was.email, name=was.name, language=was.locale)
    for member in moved:
        if member.account_id is not None:
            key = f"email_changed:{member.id}:{member.version}:present"
            enqueue(session, at, "email_changed", key, member.account_id, present=True)
    for member, names in changed.items():
        if names:
            record(session, actor, at, "member.change", ("member", member.id), fields=names)


def email_is_for_people(member: Member, actor: Actor) -> bool:
    """Whether the actor must leave the member's e-mail address alone: with a new one, somebody else would sign in.

    An integration's key may give a first address, to a member who does not sign in yet.
    """
    return actor.kind == "key" and member.account_id is not None


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
    session: Session,
    member: Member,
    wanted: NewMembership,
    *,
    at: datetime,
    actor: Actor,
    within: Within | None = None,
) -> Membership:
    """Give a member a membership, for who manages ``within`` (None: the coordination).

    Raises ``place_unknown``, ``plan_unknown``, ``membership_dates_reversed``, ``not_their_home``.
    """
    check_takes_nobody_over(member, within, with_new(member, wanted))
    membership = _new_membership(session, wanted)
    member.memberships.append(membership)
    session.flush()
    _record_membership(session, member, wanted, at=at, actor=actor)
    return membership


def with_new(member: Member, wanted: NewMembership) -> list[Held]:
    """The member's memberships, with one more, the youngest."""
    new = Held(UUID(int=2**128 - 1), wanted.place_id, wanted.priority, wanted.first_day, wanted.last_day)
    return [*memberships_of(member), new]


def with_changed(membership: Membership, changes: Mapping[str, Any]) -> list[Held]:
    """The memberships of its member, this one changed."""
    dated = {name: value for name, value in changes.items() if name in {"priority", "last_day"}}
    held = memberships_of(membership.member)
    return [replace(each, **dated) if each.id == membership.id else each for each in held]


def _new_membership(session: Session, wanted: NewMembership) -> Membership:
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
    return membership


def _record_membership(session: Session, member: Member, wanted: NewMembership, *, at: datetime, actor: Actor) -> None:
    subject = ("member", member.id)
    record(session, actor, at, "membership.add", subject, place_id=wanted.place_id, plan=wanted.plan)


def change_membership(
    session: Session,
    member: Member,
    membership_id: UUID,
    changes: Mapping[str, Any],
    *,
    at: datetime,
    actor: Actor,
    within: Within | None = None,
) -> Membership:
    """Change plan, tier, priority or last day, for who manages ``within`` (None: the coordination).

    Raises ``membership_unknown``, ``plan_unknown``, ``membership_dates_reversed``, ``not_their_home``, ``stale``.
    """
    membership = get_membership(member, membership_id)
    check_takes_nobody_over(member, within, with_changed(membership, changes))
    change_memberships(session, [(membership, changes)], at=at, actor=actor)
    return membership


def change_memberships(
    session: Session, changes: Sequence[tuple[Membership, Mapping[str, Any]]], *, at: datetime, actor: Actor
) -> None:
    """Change several memberships. Raises ``plan_unknown``, ``membership_dates_reversed``, ``stale``."""
    with session.no_autoflush:
        for membership, wanted in changes:
            if "plan" in wanted:
                get_plan(session, wanted["plan"])
            for name, value in wanted.items():
                setattr(membership, name, value)
            _check_dates(membership)
    session.flush()
    for membership, wanted in changes:
        subject, fields = ("member", membership.member_id), sorted(wanted)
        record(session, actor, at, "membership.change", subject, place_id=membership.place_id, fields=fields)


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
    within: Within | None = None,
) -> Membership:
    """Move a member to another home place from ``first_day`` on, for who manages ``within`` (None: the coordination).

    Passes stay as they are; visits made stay with the home that was active then (settlement R6).

    Raises ``no_home_to_leave``, ``forbidden``, ``move_in_the_past``, ``move_too_early``, ``plan_unknown``.
    """
    present = home_on(member, first_day)
    if present is None:
        raise NO_HOME_TO_LEAVE.error(when=first_day.isoformat())
    match why_not_move(within, present.place_id, present.first_day, first_day, today_at(to, at)):
        case NoMove.NOT_YOURS:
            raise FORBIDDEN.error()
        case NoMove.IN_THE_PAST:
            raise MOVE_IN_THE_PAST.error()
        case NoMove.TOO_EARLY:
            raise MOVE_TOO_EARLY.error(when=present.first_day.isoformat())
    until, present.last_day = present.last_day, first_day - timedelta(days=1)
    wanted = NewMembership(to.id, plan or present.plan, first_day, until, tier, present.priority)
    record(session, actor, at, "member.move_home", ("member", member.id), place_id=present.place_id, to=to.id)
    return add_membership(session, member, wanted, at=at, actor=actor)


def _check_dates(membership: Membership) -> None:
    if membership.last_day is not None and membership.last_day < membership.first_day:
        raise MEMBERSHIP_DATES_REVERSED.error()


def _check_unique(session: Session, members: Sequence[Member]) -> None:
    for column, problem in ((Member.email, EMAIL_TAKEN), (Member.reference, REFERENCE_TAKEN)):
        theirs = {value: member.id for member in members if (value := getattr(member, column.key)) is not None}
        if theirs:
            holders = session.execute(select(column, Member.id).where(column.in_(theirs)))
            if any(theirs[value] != holder for value, holder in holders):
                raise problem.error()


def _link_accounts(session: Session, members: Sequence[Member], *, at: datetime) -> None:
    """Let members sign in with their e-mail address, if they have one, and no longer with a former one.

    An account is never renamed: it may hold other roles, and whoever edits a member must not be able to take it over.
    """
    former = [member.account_id for member in members if member.account_id is not None]
    if former:
        grants = select(RoleGrant).where(RoleGrant.account_id.in_(former), RoleGrant.role == Role.MEMBER)
        for grant in session.scalars(grants):
            session.delete(grant)
    people = {member.email: (member.given_name, member.locale) for member in members if member.email is not None}
    accounts = ensure_accounts(session, people, at=at) if people else {}
    for member in members:
        member.account = None if member.email is None else accounts[member.email]
        if member.account is not None:
            session.add(RoleGrant(account=member.account, role=Role.MEMBER, granted_at=at))
