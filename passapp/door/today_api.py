"""Route of a place's day: who came, who is here."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from passapp.accounts.access import Scope, allow
from passapp.accounts.rules import Role
from passapp.door.today import DAY_NOT_SHOWN, day_at
from passapp.kernel.api import Day, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.network.service import conventions, in_force_between
from passapp.passes.keys import pseudonym_key
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])


class NameToday(Shown):
    """A person as a host sees them: two of the same name and initial have different pseudonyms."""

    given_name: str
    initial: str
    pseudonym: str = Field(description="Of this person at this place; another one elsewhere.", examples=["K7M-2QX"])


class CameInToday(Shown):
    """One check-in that let somebody in."""

    id: UUID
    at: datetime
    evidence: str | None = Field(description="`live`, `short_lived`, `card`, `manual` or `self`.")
    verdict: str = Field(description="What the rules said; one that refuses was overridden, or let in offline.")
    undone: bool
    left_at: datetime | None = Field(description="When it was said that they left.")
    follow_ups: list[str] = Field(
        description="What came after: `override`, `conflict`, `rejected_late`, `accepted`, `rejected`, `offered`, "
        "`check_out`, `forgotten`."
    )


class PersonToday(Shown):
    """Somebody who came. `name` is null for one whose account was erased since; `here`: as far as anybody knows."""

    name: NameToday | None
    home: str | None
    at_home: bool = Field(description="This place is their home: counted, not settled.")
    first_at: datetime
    here: bool
    check_ins: list[CameInToday]


class PresentNow(Shown):
    """Somebody who is here now. `check_in_id`: their latest, to check them out by."""

    name: NameToday | None
    home: str | None
    since: datetime
    check_in_id: UUID


class DayGuestToday(Shown):
    """A guest of the day, without a pass; `given_name` is null where they gave none, or it is forgotten."""

    id: UUID
    given_name: str | None
    minor: bool
    at: datetime
    left_at: datetime | None
    here: bool


class Receiving(Shown):
    """What the place receives: which buttons there are."""

    check_out: bool
    guests: bool
    minors: bool
    capacity: int | None


class RefusedToday(Shown):
    """Scans that were refused for one reason.

    `inactive` is one word for a pass that is revoked, suspended or not paid for: nobody is named there.
    """

    verdict: str = Field(examples=["plan", "inactive"])
    scans: int
    names: list[NameToday]


class TodayPlace(Shown):
    """The place."""

    id: UUID
    name: str
    town: str
    zone: str


class PlaceDay(Shown):
    """One day at a place. `present` is empty for a day that is over."""

    place: TodayPlace
    day: date
    today: date = Field(description="The present date at the place.")
    as_of: datetime
    closes_at: datetime | None = Field(description="The day's last closing time, which checks everybody out.")
    people: list[PersonToday]
    present: list[PresentNow]
    refused: list[RefusedToday]
    guests: list[DayGuestToday] = Field(description="Counted apart, and settled with nobody.")
    receiving: Receiving
    money: bool = Field(description="Visits of that day are settled in money: one may be offered.")


@router.get(
    "/places/{place_id}/today",
    operation_id="get_place_today",
    dependencies=allow(Role.MANAGER, Role.HOST, scope=Scope.VISITS_READ),
    responses=may_answer(PLACE_UNKNOWN, DAY_NOT_SHOWN),
)
def get_place_today(
    place_id: UUID,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    day: Annotated[Day | None, Query(description="Today at the place, or one of the 7 days before.")] = None,
) -> PlaceDay:
    """Who came that day and who is here now: for those who receive there, and nobody else in the network."""
    place = get_place(session, place_id)
    found = day_at(session, place, day, key=pseudonym_key(settings.keys_dir), now=now)
    versions = in_force_between(conventions(session), found.day, found.day)
    return PlaceDay(
        place=TodayPlace.model_validate(place),
        day=found.day,
        today=found.today,
        as_of=now,
        closes_at=found.closes_at,
        people=[PersonToday.model_validate(person) for person in found.people],
        present=[PresentNow.model_validate(person) for person in found.present],
        refused=[RefusedToday.model_validate(reason) for reason in found.refused],
        guests=[DayGuestToday.model_validate(guest) for guest in found.guests],
        receiving=Receiving.model_validate(found.policy),
        money=any(version.document["money"] for version in versions),
    )
