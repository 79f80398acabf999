"""Routes of members. A manager sees and edits the members of their own places only."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field

from passapp.accounts.access import Caller, CallerDep, Scope, allow
from passapp.accounts.fields import Email, Locale
from passapp.accounts.rules import Role
from passapp.kernel.api import (
    Body,
    Day,
    Line,
    NowDep,
    Optional,
    Search,
    Sentence,
    Shown,
    VersionDep,
    check_version,
    show_version,
)
from passapp.kernel.database import SessionDep
from passapp.kernel.paging import INVALID_CURSOR, Cursor, Limit, Page, page_of
from passapp.kernel.problems import FORBIDDEN, STALE, VERSION_REQUIRED, may_answer
from passapp.members import service
from passapp.members.fields import PlanCode, Priority, Reference, Tier
from passapp.members.homes import NOT_THEIR_HOME, main_home_on
from passapp.members.models import Member
from passapp.members.paying import is_unpaid_at, paying_at
from passapp.members.rules import Within
from passapp.members.service import NewMembership
from passapp.network.service import PLAN_UNKNOWN
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["members"])


class HomePlace(Shown):
    """A home place. `zone`: what happens there is told by its clock."""

    id: UUID
    code: str
    name: str
    zone: str


class MembershipShown(Shown):
    """A membership, `last_day` included; `tier` and `unpaid_since` are null for those of a place that is not yours."""

    id: UUID
    place: HomePlace
    plan: str
    tier: str | None
    priority: int
    first_day: date
    last_day: date | None
    unpaid_since: datetime | None = Field(default=None, description="Not paid for since: it opens no door.")
    version: int


class MemberShown(Shown):
    """A member; `home` is the place that pays today.

    `main_home` keeps the record: it changes who they are, suspends and erases them, and so does the coordination.
    """

    id: UUID
    given_name: str
    family_name: str
    email: str | None
    locale: str
    reference: str | None
    suspended_at: datetime | None
    suspended_reason: str | None
    home: HomePlace | None
    main_home: HomePlace | None
    memberships: list[MembershipShown]
    version: int


class MembershipWanted(Body):
    """A membership to give. `first_day` defaults to today at the home place."""

    place_id: UUID
    plan: PlanCode = Field(examples=["SEM"])
    tier: Annotated[Tier | None, Optional] = None
    priority: Priority = 1
    first_day: Annotated[Day | None, Optional] = None
    last_day: Annotated[Day | None, Optional] = None


class MembershipChange(Body):
    """What to change; what is left out stays."""

    plan: PlanCode | None = None
    tier: Annotated[Tier | None, Optional] = None
    priority: Priority | None = None
    last_day: Annotated[Day | None, Optional] = None


class MemberWanted(Body):
    """A person, with their first membership."""

    given_name: Line = Field(examples=["Léa"])
    family_name: Line = Field(examples=["Bertin"])
    email: Annotated[Email | None, Optional] = Field(default=None, examples=["lea@example.org"])
    locale: Locale = "fr"
    reference: Annotated[Reference | None, Optional] = Field(default=None, examples=["HGR-0042"])
    membership: MembershipWanted


class MemberChange(Body):
    """What to change; what is left out stays; an empty e-mail or reference takes it away."""

    given_name: Line | None = None
    family_name: Line | None = None
    email: Annotated[Email | None, Optional] = None
    locale: Locale | None = None
    reference: Annotated[Reference | None, Optional] = None


class Suspension(Body):
    """Why a member is suspended: seen by the member and their home place only."""

    reason: Sentence = Field(examples=["Abonnement impayé"])


class MoveHome(Body):
    """The new home, and the first day it pays. Left out, the plan stays; the tier never follows."""

    place_id: UUID
    plan: PlanCode | None = None
    tier: Annotated[Tier | None, Optional] = None
    first_day: Day


class MyMember(Shown):
    """The signed-in member."""

    id: UUID
    given_name: str
    family_name: str
    home: HomePlace | None
    suspended: bool
    suspended_reason: str | None = Field(description="Why: for the member and their home place only.")
    unpaid_at: HomePlace | None = Field(
        description="The home whose membership is not paid for, where none opens doors."
    )
    attention: str | None = Field(description="What I want those who receive me to know.")


MAY_EDIT = (Role.COORDINATOR, Role.MANAGER)


def visible(caller: Caller, now: datetime) -> Within | None:
    """The homes whose members the caller looks after; None: every home.

    Today by UTC will do: where it is another date, a home looks after its members a few hours more or less.
    """
    return None if caller.has(Role.COORDINATOR) else Within(caller.places(Role.MANAGER), _day_of(now))


def _day_of(now: datetime) -> date:
    return now.astimezone(UTC).date()


def show_member(member: Member, caller: Caller, now: datetime) -> MemberShown:
    """A member as this caller sees them: what another home agreed with them is between the two."""
    mine = visible(caller, now)
    home, keeper = service.home_at(member, now), main_home_on(member, _day_of(now))
    worked_out = {"home", "main_home", "memberships", "suspended_at"}
    fields = {k: getattr(member, k) for k in MemberShown.model_fields if k not in worked_out}
    memberships = [MembershipShown.model_validate(m) for m in member.memberships]
    for membership, row in zip(memberships, member.memberships, strict=True):
        if mine is not None and membership.place.id not in mine.places:
            membership.tier = None
        elif is_unpaid_at(row, now):
            membership.unpaid_since = row.unpaid_at
    return MemberShown(
        **fields,
        suspended_at=member.suspended_at if member.is_suspended else None,
        home=HomePlace.model_validate(home.place) if home else None,
        main_home=HomePlace.model_validate(keeper) if keeper else None,
        memberships=memberships,
    )


def _membership(wanted: MembershipWanted, session: SessionDep, now: datetime) -> NewMembership:
    today = service.today_at(get_place(session, wanted.place_id), now)
    fields = wanted.model_dump() | {"first_day": wanted.first_day or today}
    return NewMembership(**fields)


@router.get(
    "/members",
    operation_id="list_members",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_READ),
    responses=may_answer(INVALID_CURSOR),
)
def list_members(
    session: SessionDep,
    caller: CallerDep,
    now: NowDep,
    q: Annotated[Search | None, Query(description="Words of a name, e-mail or reference.")] = None,
    place_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[MemberShown]:
    """The members that the caller looks after, by name."""
    return page_of(
        session,
        service.members(q, place_id, visible(caller, now)),
        (Member.family_name, Member.given_name, Member.id),
        lambda member: show_member(member, caller, now),
        cursor=cursor,
        limit=limit,
    )


@router.post(
    "/members",
    operation_id="add_member",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        service.EMAIL_TAKEN,
        service.REFERENCE_TAKEN,
        service.MEMBERSHIP_DATES_REVERSED,
        PLACE_UNKNOWN,
        PLAN_UNKNOWN,
    ),
)
def add_member(
    body: MemberWanted, response: Response, session: SessionDep, now: NowDep, caller: CallerDep
) -> MemberShown:
    """Add a person with their first membership."""
    caller.require_at(frozenset({body.membership.place_id}), Role.MANAGER)
    membership = _membership(body.membership, session, now)
    fields = body.model_dump(exclude={"membership"})
    member = service.add_member(session, fields, membership, at=now, actor=caller.actor)
    show_version(response, member.version)
    return show_member(member, caller, now)


@router.get(
    "/members/{member_id}",
    operation_id="get_member",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_READ),
    responses=may_answer(service.MEMBER_UNKNOWN),
)
def get_member(member_id: UUID, response: Response, session: SessionDep, now: NowDep, caller: CallerDep) -> MemberShown:
    """One member."""
    member = service.get_member(session, member_id, visible(caller, now))
    show_version(response, member.version)
    return show_member(member, caller, now)


@router.patch(
    "/members/{member_id}",
    operation_id="change_member",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    responses=may_answer(
        service.MEMBER_UNKNOWN,
        NOT_THEIR_HOME,
        service.EMAIL_BY_PEOPLE,
        service.EMAIL_TAKEN,
        service.REFERENCE_TAKEN,
        STALE,
        VERSION_REQUIRED,
    ),
)
def change_member(
    member_id: UUID,
    body: MemberChange,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> MemberShown:
    """Change who a member is: their main home, or the coordination. An API key changes no address that signs in."""
    member = service.get_kept_member(session, member_id, visible(caller, now))
    check_version(member, version)
    may_be_empty = {"email", "reference"}
    changes: dict[str, Any] = {
        k: v for k, v in body.model_dump(exclude_unset=True).items() if v is not None or k in may_be_empty
    }
    service.change_member(session, member, changes, at=now, actor=caller.actor)
    show_version(response, member.version)
    return show_member(member, caller, now)


@router.post(
    "/members/{member_id}/suspend",
    operation_id="suspend_member",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    responses=may_answer(service.MEMBER_UNKNOWN, NOT_THEIR_HOME),
)
def suspend_member(
    member_id: UUID, body: Suspension, session: SessionDep, now: NowDep, caller: CallerDep
) -> MemberShown:
    """Suspend a member: their passes are refused everywhere from now on."""
    member = service.get_kept_member(session, member_id, visible(caller, now))
    service.suspend_member(session, member, body.reason, at=now, actor=caller.actor)
    return show_member(member, caller, now)


@router.post(
    "/members/{member_id}/resume",
    operation_id="resume_member",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    responses=may_answer(service.MEMBER_UNKNOWN, NOT_THEIR_HOME),
)
def resume_member(member_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> MemberShown:
    """End a suspension."""
    member = service.get_kept_member(session, member_id, visible(caller, now))
    service.resume_member(session, member, at=now, actor=caller.actor)
    return show_member(member, caller, now)


@router.post(
    "/members/{member_id}/memberships",
    operation_id="add_membership",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        service.MEMBER_UNKNOWN,
        service.MEMBERSHIP_DATES_REVERSED,
        PLACE_UNKNOWN,
        PLAN_UNKNOWN,
        FORBIDDEN,
        NOT_THEIR_HOME,
    ),
)
def add_membership(
    member_id: UUID, body: MembershipWanted, session: SessionDep, now: NowDep, caller: CallerDep
) -> MemberShown:
    """Give a member one more membership."""
    caller.require_at(frozenset({body.place_id}), Role.MANAGER)
    mine = visible(caller, now)
    member = service.get_member(session, member_id, mine)
    service.add_membership(session, member, _membership(body, session, now), at=now, actor=caller.actor, within=mine)
    return show_member(member, caller, now)


@router.patch(
    "/members/{member_id}/memberships/{membership_id}",
    operation_id="change_membership",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    responses=may_answer(
        service.MEMBER_UNKNOWN,
        service.MEMBERSHIP_UNKNOWN,
        service.MEMBERSHIP_DATES_REVERSED,
        PLAN_UNKNOWN,
        FORBIDDEN,
        NOT_THEIR_HOME,
        STALE,
        VERSION_REQUIRED,
    ),
)
def change_membership(
    member_id: UUID,
    membership_id: UUID,
    body: MembershipChange,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> MemberShown:
    """Change a membership's plan, tier, priority or last day; `If-Match` and `ETag` are the membership's version."""
    mine = visible(caller, now)
    member = service.get_member(session, member_id, mine)
    membership = service.get_membership(member, membership_id)
    caller.require_at(frozenset({membership.place_id}), Role.MANAGER)
    check_version(membership, version)
    may_be_empty = {"tier", "last_day"}
    changes: dict[str, Any] = {
        k: v for k, v in body.model_dump(exclude_unset=True).items() if v is not None or k in may_be_empty
    }
    service.change_membership(session, member, membership_id, changes, at=now, actor=caller.actor, within=mine)
    show_version(response, membership.version)
    return show_member(member, caller, now)


@router.post(
    "/members/{member_id}/move-home",
    operation_id="move_home",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE),
    responses=may_answer(
        service.MEMBER_UNKNOWN,
        service.NO_HOME_TO_LEAVE,
        service.MOVE_TOO_EARLY,
        service.MOVE_IN_THE_PAST,
        PLACE_UNKNOWN,
        PLAN_UNKNOWN,
        FORBIDDEN,
    ),
)
def move_home(member_id: UUID, body: MoveHome, session: SessionDep, now: NowDep, caller: CallerDep) -> MemberShown:
    """Move a member to another home: whoever manages both, from today on; or the coordination, from any day."""
    caller.require_at(frozenset({body.place_id}), Role.MANAGER)
    mine = visible(caller, now)
    member = service.get_member(session, member_id, mine)
    to = get_place(session, body.place_id)
    how = {"plan": body.plan, "tier": body.tier}
    service.move_home(session, member, to, body.first_day, **how, at=now, actor=caller.actor, within=mine)
    return show_member(member, caller, now)


@router.get(
    "/me/member",
    operation_id="get_my_member",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(service.MEMBER_UNKNOWN),
)
def get_my_member(session: SessionDep, now: NowDep, caller: CallerDep) -> MyMember:
    """Who I am as a member, and my home place today."""
    member = service.member_of_account(session, caller.account_id)
    home = service.home_at(member, now)
    return MyMember(
        id=member.id,
        given_name=member.given_name,
        family_name=member.family_name,
        home=HomePlace.model_validate(home.place) if home else None,
        suspended=member.is_suspended,
        suspended_reason=member.suspended_reason,
        unpaid_at=HomePlace.model_validate(home.place) if home and not paying_at(member, now) else None,
        attention=member.attention,
    )
