"""Routes of the entrance poster: a manager makes and prints it, a member says with it that they have come."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Response, status
from pydantic import Field, StringConstraints

from passapp.accounts.access import CallerDep, allow, allow_anyone, hash_of_token
from passapp.accounts.rules import Role
from passapp.door import poster, service
from passapp.door.calling import lock_place
from passapp.door.cases import Scan
from passapp.door.pairing import NO_DOOR_HERE, desk_of
from passapp.door.rules import Colour, Verdict
from passapp.kernel.api import Body, DeviceInstant, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.problems import Problem, may_answer
from passapp.members.service import MEMBER_UNKNOWN, member_of_account
from passapp.passes.devices import SIGN_IN_AGAIN, check_signed_in_since
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])

PosterCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_LOOK_UPS = limited("poster", times=200, minutes=10, failures_only=True)
_ARRIVALS = limited("arrival", times=30, minutes=10, failures_only=True, by=hash_of_token)
"""A whole building stands behind one address: only codes that are no poster's count, and of who is signed in only
their own. Nobody guesses a poster's 96 bits: this keeps a broken phone from asking for ever."""


class PosterShown(Shown):
    """A place's entrance poster: the address that its QR holds; null: the place has none yet."""

    url: str | None


class ArrivalPlace(Shown):
    """Where a poster hangs."""

    id: UUID
    name: str
    town: str
    zone: str


class PosterRead(Body):
    """What somebody's phone read from a poster."""

    poster_code: PosterCode


class Arrival(PosterRead):
    """I have come. `id` is made by the phone, and never used again for another arrival."""

    id: UUID
    home_id: UUID | None = Field(default=None, description="The home that pays, chosen after `ambiguous`.")
    scanned_at: DeviceInstant = Field(description="When, by the phone's clock, right or wrong.")
    device_now: DeviceInstant


class ArrivalHome(Shown):
    """A home of mine that could pay."""

    home_id: UUID
    home: str


class ArrivalAnswer(Shown):
    """The verdict. A refusal is an answer too, and stands in a 200."""

    id: UUID
    verdict: Verdict
    colour: Colour
    replayed: bool = Field(description="This arrival came before, and was answered like this then.")
    place: ArrivalPlace
    given_name: str
    scanned_at: datetime
    local_date: date
    first_check_in_at: datetime | None
    choices: list[ArrivalHome]


@router.get(
    "/places/{place_id}/poster",
    operation_id="get_poster",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    responses=may_answer(PLACE_UNKNOWN),
)
def get_poster(place_id: UUID, session: SessionDep, settings: SettingsDep) -> PosterShown:
    """What the place's entrance poster says."""
    code = poster.poster_code(session, get_place(session, place_id).id)
    return PosterShown(url=poster.poster_address(settings.public_url, code) if code else None)


@router.post(
    "/places/{place_id}/poster",
    operation_id="renew_poster",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN, NO_DOOR_HERE),
)
def renew_poster(
    place_id: UUID, session: SessionDep, settings: SettingsDep, now: NowDep, caller: CallerDep
) -> PosterShown:
    """Make the place's entrance poster; where it has one, that one stops working at once."""
    code = poster.renew_poster(session, get_place(session, place_id), at=now, actor=caller.actor)
    return PosterShown(url=poster.poster_address(settings.public_url, code))


@router.get(
    "/places/{place_id}/poster.pdf",
    operation_id="print_poster",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **may_answer(PLACE_UNKNOWN, poster.NO_POSTER)},
)
def print_poster(place_id: UUID, session: SessionDep, settings: SettingsDep) -> Response:
    """The entrance poster, a page of A4, PDF."""
    place = get_place(session, place_id)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="affiche-{place.code}.pdf"',
    }
    file = poster.draw_poster(session, place, settings.public_url)
    return Response(file, media_type="application/pdf", headers=headers)


@router.post(
    "/posters/look-up",
    operation_id="look_up_poster",
    dependencies=[_LOOK_UPS, *allow_anyone()],
    responses=may_answer(poster.POSTER_NOT_VALID),
)
def look_up_poster(body: PosterRead, session: SessionDep) -> ArrivalPlace:
    """Where the poster hangs. A POST, so that no log keeps its code."""
    return ArrivalPlace.model_validate(poster.place_of_poster(session, body.poster_code))


@router.post(
    "/me/check-ins",
    operation_id="check_myself_in",
    dependencies=[_ARRIVALS, *allow(Role.MEMBER)],
    responses=may_answer(MEMBER_UNKNOWN, SIGN_IN_AGAIN, poster.POSTER_NOT_VALID, poster.ARRIVAL_TOO_OLD),
)
def check_myself_in(body: Arrival, session: SessionDep, now: NowDep, caller: CallerDep) -> ArrivalAnswer:
    """Say that I have come to where the poster hangs. Sent again with the same id, it is answered the same."""
    member = member_of_account(session, caller.account_id)
    check_signed_in_since(session, member, caller.token_id)
    place = lock_place(session, poster.place_of_poster(session, body.poster_code).id)
    scan = Scan(
        # Of this member: nobody is answered with what somebody else's id came to.
        id=uuid5(member.id, str(body.id)),
        scanned_at=body.scanned_at,
        device_now=body.device_now,
        member_id=member.id,
        home_id=body.home_id,
    )
    desk = desk_of(session, place, "poster", now)
    poster.check_is_recent(session, desk, scan, now=now)
    [outcome] = service.check_in(session, desk, [scan], now=now)
    if isinstance(outcome, Problem):
        raise outcome
    row = outcome.check_in
    verdict = Verdict(row.verdict)
    return ArrivalAnswer(
        id=body.id,
        verdict=verdict,
        colour=verdict.colour,
        replayed=outcome.replayed,
        place=ArrivalPlace.model_validate(place),
        given_name=member.given_name,
        scanned_at=row.scanned_at,
        local_date=row.local_date,
        first_check_in_at=outcome.first_at,
        choices=[ArrivalHome.model_validate(choice) for choice in outcome.choices],
    )
