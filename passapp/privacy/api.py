"""Routes of privacy: what is known about me, my choices, a copy of it all, and to be forgotten."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import Field

from passapp.accounts.access import (
    STAFF,
    CallerDep,
    Scope,
    account_of_caller,
    allow,
    allow_oneself,
    session_cookie,
)
from passapp.accounts.roles import LAST_COORDINATOR, LAST_MANAGER
from passapp.accounts.rules import Role
from passapp.kernel.api import Body, NowDep, Sentence, SettingsDep, Shown
from passapp.kernel.audit import record
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.mail import SEND_SOON, language_named
from passapp.kernel.problems import may_answer
from passapp.members.api import visible
from passapp.members.consents import Kind
from passapp.members.homes import NOT_THEIR_HOME
from passapp.members.service import MEMBER_UNKNOWN, get_kept_member
from passapp.passes.keys import pseudonym_key
from passapp.places.models import Place
from passapp.privacy import service
from passapp.privacy.counting import HOME, HOST, NETWORK, figures
from passapp.privacy.erasure import HAS_ROLES, NOT_CONFIRMED, erase_me, erase_member
from passapp.privacy.export import archive_of
from passapp.privacy.models import YearFigure
from passapp.privacy.shown import MyData

router = APIRouter(tags=["privacy"])

DEEDS_SHOWN = 50
ERASURES = limited("erasure", times=60, minutes=10)
"""Each holds every door of the network for a few milliseconds, and a place may have a list of people to erase."""


class ChoiceMade(Body):
    """A choice: to be found by name at a door, to be counted among a year's people."""

    kind: Kind
    given: bool


class Erasure(Body):
    """What was typed to confirm."""

    confirm: Annotated[Sentence, Field(examples=["lea@example.org"])]


class PlacePeople(Shown):
    """How many distinct people a place received from others (`received`), and sent to others (`sent`)."""

    code: str
    name: str
    received: int
    sent: int


class YearPeople(Shown):
    """How many distinct people went to another place than their own in a year."""

    year: int
    people: int
    made_at: datetime
    places: list[PlacePeople]


class YearFigures(Shown):
    """Every year that has been counted, the newest first."""

    items: list[YearPeople]


@router.get("/my-data", operation_id="get_my_data", dependencies=allow_oneself())
def get_my_data(session: SessionDep, caller: CallerDep, now: NowDep) -> MyData:
    """What is known about me; of what I did and what was done about me, the newest 50."""
    account = account_of_caller(session, caller)
    return MyData.model_validate(service.everything_about(session, account, deeds=DEEDS_SHOWN, now=now))


@router.post(
    "/my-data/export",
    operation_id="export_my_data",
    dependencies=[limited("my_data_export", times=20, minutes=10), *allow_oneself()],
    response_class=Response,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def export_my_data(session: SessionDep, caller: CallerDep, now: NowDep) -> Response:
    """Everything known about me, as a ZIP: `data.json`, a CSV file a list, and a guide. A POST: it is written down."""
    account = account_of_caller(session, caller)
    record(session, caller.actor, now, "my_data.export", ("account", account.id))
    session.flush()
    data = MyData.model_validate(service.everything_about(session, account, now=now))
    name = f"passapp-{now:%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    archive = archive_of(data.model_dump(mode="json"), language_named(account.locale))
    return Response(archive, media_type="application/zip", headers=headers)


@router.post(
    "/my-data/choices",
    operation_id="make_my_choice",
    dependencies=allow(Role.MEMBER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(service.NO_MEMBER),
)
def make_my_choice(
    body: ChoiceMade, session: SessionDep, caller: CallerDep, now: NowDep, settings: SettingsDep
) -> None:
    """Choose; it holds from now on, and is dated."""
    key = pseudonym_key(settings.keys_dir)
    account = account_of_caller(session, caller)
    service.make_choice(session, account.id, body.kind, given=body.given, key=key, at=now, actor=caller.actor)


@router.post(
    "/my-data/erasure",
    operation_id="erase_me",
    dependencies=[ERASURES, SEND_SOON, *allow_oneself()],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(NOT_CONFIRMED, LAST_COORDINATOR, LAST_MANAGER),
)
def erase_my_data(
    body: Erasure, response: Response, session: SessionDep, caller: CallerDep, now: NowDep, settings: SettingsDep
) -> None:
    """Erase me, at once and for good: `confirm` is my e-mail address. A last mail says so."""
    account = account_of_caller(session, caller)
    key = pseudonym_key(settings.keys_dir)
    erase_me(session, account, body.confirm, key=key, at=now, actor=caller.actor)
    response.delete_cookie(session_cookie(settings), path="/", secure=settings.secure_cookies, httponly=True)


@router.post(
    "/members/{member_id}/erasure",
    operation_id="erase_member",
    dependencies=[ERASURES, SEND_SOON, *allow(Role.COORDINATOR, Role.MANAGER)],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(MEMBER_UNKNOWN, NOT_THEIR_HOME, NOT_CONFIRMED, HAS_ROLES),
)
def erase_a_member(
    member_id: UUID, body: Erasure, session: SessionDep, caller: CallerDep, now: NowDep, settings: SettingsDep
) -> None:
    """Erase a member who asked for it, at once and for good: `confirm` is their whole name."""
    member = get_kept_member(session, member_id, visible(caller, now))
    key = pseudonym_key(settings.keys_dir)
    erase_member(session, member, body.confirm, key=key, at=now, actor=caller.actor)


@router.get(
    "/year-figures",
    operation_id="list_year_figures",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
)
def list_year_figures(session: SessionDep) -> YearFigures:
    """How many distinct people came, a year: of the whole network, and of each place. Whom, nobody knows any more."""
    by_year = groupby(figures(session), key=lambda found: found[0].year)
    return YearFigures(items=[_year(year, list(found)) for year, found in by_year])


def _year(year: int, found: Iterable[tuple[YearFigure, Place | None]]) -> YearPeople:
    whole = next(figure for figure, _ in found if figure.kind == NETWORK)
    places: dict[str, PlacePeople] = {}
    for figure, place in found:
        if place is not None:
            row = places.setdefault(place.code, PlacePeople(code=place.code, name=place.name, received=0, sent=0))
            row.received += figure.people if figure.kind == HOST else 0
            row.sent += figure.people if figure.kind == HOME else 0
    return YearPeople(year=year, people=whole.people, made_at=whole.made_at, places=list(places.values()))
