"""Route of what a door must know to decide by itself."""

import hashlib
from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Response, status
from pydantic import Field

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door.api import HouseRulesShown
from passapp.door.pairing import door_of_token
from passapp.door.policy import policy_of
from passapp.door.sync import roster_of
from passapp.kernel.api import NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.wall_time import local_date
from passapp.network.service import get_network, plans
from passapp.passes.api import JsonWebKey
from passapp.passes.keys import pseudonym_key, published_keys
from passapp.places.rules import format_clock

router = APIRouter(tags=["door"])


class SyncedPlace(Shown):
    """The door's place, and how it receives. `joined_on` and `left_on`: it is in the network on [joined, left)."""

    id: UUID
    code: str
    name: str
    zone: str
    joined_on: date
    left_on: date | None
    cards: bool
    keeps_hours: bool
    capacity: int | None
    check_out: bool
    guests: bool
    minors: bool
    house_rules: HouseRulesShown | None
    message: str | None = Field(description="Today's.")


class SyncedPlan(Shown):
    """What a plan opens, in the host's local time. `monthly_visits`: elsewhere than at home; null: any number."""

    code: str
    opens: str
    weekdays: list[int]
    from_time: str
    to_time: str
    monthly_visits: int | None


class SyncedDay(Shown):
    """A day's hours, in minutes from local midnight; `reason`: why they are not the week's."""

    day: date
    openings: list[tuple[int, int]]
    reason: str | None


class SyncedPass(Shown):
    """A pass, by its index in the status list; `home_id`: the home that it names, if any."""

    index: int
    home_id: UUID | None


class SyncedMembership(Shown):
    """What could pay for somebody, on [joined, left) of their home; its members are received for a while after it left.

    `home_left_on` is then the first day on which they are received no more.
    """

    home_id: UUID
    plan: str
    priority: int
    first_day: date
    last_day: date | None
    home_joined_on: date
    home_left_on: date | None


class SyncedPerson(Shown):
    """Somebody whom this door may expect, as hosts see them. `used`: visits elsewhere than at home this month."""

    passes: list[SyncedPass]
    given_name: str
    initial: str
    pseudonym: str
    home: str | None
    attention: str | None
    rules_version: int | None = Field(description="The house rules that they accepted here.")
    used: int
    first_at: datetime | None = Field(description="In today since.")
    memberships: list[SyncedMembership]


class SyncedHome(Shown):
    """A place that may pay for somebody on the roster."""

    id: UUID
    name: str


class DoorSync(Shown):
    """All that a door goes by where it cannot ask. With it goes the status list."""

    server_now: datetime = Field(description="To measure the device's clock with.")
    network: str
    door_id: UUID
    place: SyncedPlace
    keys: list[JsonWebKey]
    plans: list[SyncedPlan]
    days: list[SyncedDay]
    present: int
    homes: list[SyncedHome]
    roster: list[SyncedPerson]


@router.get(
    "/door/sync",
    operation_id="sync_door",
    dependencies=allow(Role.DOOR),
    response_model=DoorSync,
    responses={304: {"description": "Not changed"}},
)
def sync_door(
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    caller: CallerDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """What this door must know to decide by itself. Its `ETag` says whether anything but the time has changed."""
    door = door_of_token(session, caller.token_id)
    place, policy = door.place, policy_of(session, door.place_id)
    roster = roster_of(session, place, policy, key=pseudonym_key(settings.keys_dir), now=now)
    rules = policy.house_rules
    answer = DoorSync(
        server_now=now,
        network=get_network(session).code,
        door_id=door.id,
        place=SyncedPlace(
            **{name: getattr(place, name) for name in ("id", "code", "name", "zone", "joined_on", "left_on")},
            **{name: getattr(policy, name) for name in ("cards", "keeps_hours", "capacity", "check_out")},
            guests=policy.guests,
            minors=policy.minors,
            house_rules=HouseRulesShown.model_validate(rules) if rules else None,
            message=policy.message_on(local_date(now, ZoneInfo(place.zone))),
        ),
        keys=[JsonWebKey(kid=key.kid, x=key.public_key) for key in published_keys(session, at=now)],
        plans=[
            SyncedPlan(
                code=plan.code,
                opens=plan.opens,
                weekdays=plan.weekdays,
                from_time=format_clock(plan.from_minute),
                to_time=format_clock(plan.to_minute),
                monthly_visits=plan.monthly_visits,
            )
            for plan in plans(session)
        ],
        days=[
            SyncedDay(day=each.day, openings=[(o.opens, o.closes) for o in each.openings], reason=each.reason)
            for each in roster.days
        ],
        present=roster.present,
        homes=[SyncedHome(id=home_id, name=name) for home_id, name in sorted(roster.homes.items())],
        roster=[SyncedPerson.model_validate(person) for person in roster.people],
    )
    timeless = answer.model_dump_json(exclude={"server_now"}).encode()
    headers = {"ETag": f'"{hashlib.sha256(timeless).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)
