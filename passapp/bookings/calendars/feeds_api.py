"""Routes of calendars: the addresses at which programs follow them, and a booking as a file."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response, status
from pydantic import Field
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, Role, allow, allow_anyone
from passapp.bookings.api import THEIRS, booking_for
from passapp.bookings.calendars import feeds, files
from passapp.bookings.calendars.feeds import FEED_UNKNOWN
from passapp.bookings.fields import ResourceIdPath
from passapp.bookings.models import Feed, Resource
from passapp.bookings.resources.service import managed_resource
from passapp.bookings.service import BOOKING_UNKNOWN, RESOURCE_UNKNOWN
from passapp.kernel.api import Body, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.mail import language_named
from passapp.kernel.problems import may_answer
from passapp.kernel.settings import Settings
from passapp.members.models import Member
from passapp.members.service import MEMBER_UNKNOWN, member_of_account
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["calendars"])
root = APIRouter(tags=["calendars"])
"""At the root of the site: an address that people copy is short."""

MANAGEMENT = (Role.COORDINATOR, Role.MANAGER)
_FILE: dict[int | str, Any] = {200: {"content": {files.MEDIA_TYPE: {"schema": {"type": "string"}}}}}


class ResourceFeedWanted(Body):
    """A calendar of a resource: `resource` with who and what, for the team; `busy` only when it is taken."""

    kind: Literal["resource", "busy"]


class FeedResource(Shown):
    """What a calendar is of."""

    id: int
    name: str


class FeedShown(Shown):
    """A calendar's address. `url` is shown once, when it is made."""

    id: UUID
    kind: Literal["mine", "resource", "busy", "place"]
    resource: FeedResource | None
    url: str | None = Field(description="Whoever has it reads the calendar. Shown only when it is made.")
    made_at: datetime


class FeedList(Shown):
    """The addresses that work."""

    items: list[FeedShown]


def _show(session: Session, feed: Feed, url: str | None = None) -> FeedShown:
    resource = session.get(Resource, feed.resource_id) if feed.resource_id is not None else None
    shown = FeedResource.model_validate(resource) if resource else None
    return FeedShown.model_validate({**vars(feed), "resource": shown, "url": url})


def _made(session: Session, settings: Settings, made: tuple[Feed, str]) -> FeedShown:
    feed, secret = made
    return _show(session, feed, f"{settings.public_url}/feeds/{secret}.ics")


@router.get(
    "/me/feeds",
    operation_id="list_my_feeds",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(MEMBER_UNKNOWN),
)
def list_my_feeds(session: SessionDep, caller: CallerDep) -> FeedList:
    """The addresses at which my bookings can be followed."""
    member = member_of_account(session, caller.account_id)
    return FeedList(items=[_show(session, feed) for feed in feeds.feeds_of(session, member=member)])


@router.post(
    "/me/feeds",
    operation_id="make_my_feed",
    dependencies=allow(Role.MEMBER),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(MEMBER_UNKNOWN),
)
def make_my_feed(session: SessionDep, settings: SettingsDep, now: NowDep, caller: CallerDep) -> FeedShown:
    """Make an address at which a calendar program follows my bookings."""
    member = member_of_account(session, caller.account_id)
    return _made(session, settings, feeds.make_feed(session, "mine", at=now, actor=caller.actor, member=member))


@router.get(
    "/resources/{resource_id}/feeds",
    operation_id="list_resource_feeds",
    dependencies=allow(*MANAGEMENT),
    responses=may_answer(RESOURCE_UNKNOWN),
)
def list_resource_feeds(resource_id: ResourceIdPath, session: SessionDep, caller: CallerDep) -> FeedList:
    """The addresses at which a resource can be followed."""
    resource = managed_resource(session, resource_id, caller)
    return FeedList(items=[_show(session, feed) for feed in feeds.feeds_of(session, resource=resource)])


@router.post(
    "/resources/{resource_id}/feeds",
    operation_id="make_resource_feed",
    dependencies=allow(*MANAGEMENT),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(RESOURCE_UNKNOWN),
)
def make_resource_feed(
    resource_id: ResourceIdPath,
    body: ResourceFeedWanted,
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    caller: CallerDep,
) -> FeedShown:
    """Make an address at which calendar programs follow a resource: in full, or only when it is taken."""
    resource = managed_resource(session, resource_id, caller)
    return _made(session, settings, feeds.make_feed(session, body.kind, at=now, actor=caller.actor, resource=resource))


@router.get(
    "/places/{place_id}/feeds",
    operation_id="list_place_feeds",
    dependencies=allow(*MANAGEMENT),
    responses=may_answer(PLACE_UNKNOWN),
)
def list_place_feeds(place_id: UUID, session: SessionDep) -> FeedList:
    """The addresses at which a place, or one of its resources, can be followed."""
    place = get_place(session, place_id)
    return FeedList(items=[_show(session, feed) for feed in feeds.feeds_of(session, place=place)])


@router.post(
    "/places/{place_id}/feeds",
    operation_id="make_place_feed",
    dependencies=allow(*MANAGEMENT),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN),
)
def make_place_feed(
    place_id: UUID, session: SessionDep, settings: SettingsDep, now: NowDep, caller: CallerDep
) -> FeedShown:
    """Make an address at which calendar programs follow all bookings of a place, with who and what."""
    place = get_place(session, place_id)
    return _made(session, settings, feeds.make_feed(session, "place", at=now, actor=caller.actor, place=place))


@router.delete(
    "/feeds/{feed_id}",
    operation_id="revoke_feed",
    dependencies=allow(Role.MEMBER, *MANAGEMENT),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(FEED_UNKNOWN),
)
def revoke_feed(feed_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Take an address back: from now on there is nothing there."""
    feed = feeds.get_feed(session, feed_id)
    if feed.member_id is not None:
        if session.get_one(Member, feed.member_id).account_id != caller.account_id:
            raise FEED_UNKNOWN.error()
    elif feed.place_id is not None:
        caller.require_at(frozenset({feed.place_id}), Role.MANAGER)
    feeds.revoke_feed(session, feed, at=now, actor=caller.actor)


@root.get(
    "/feeds/{token}.ics",
    operation_id="read_feed",
    dependencies=allow_anyone(),
    response_class=Response,
    responses={**_FILE, 304: {"description": "Nothing has changed since."}, **may_answer(FEED_UNKNOWN)},
)
def read_feed(
    token: Annotated[str, Path(min_length=1, max_length=100)],
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    if_none_match: Annotated[str | None, Header(description="The `ETag` of what you have.")] = None,
) -> Response:
    """A calendar, for whoever has its address: iCalendar, one event for each booking."""
    contents = feeds.contents_at(session, token, settings.public_url, now)
    headers = {"ETag": contents.etag, "Cache-Control": "private, no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    if known & {contents.etag, "*"}:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(contents.file(), media_type=files.MEDIA_TYPE, headers=headers)


@router.get(
    "/bookings/{booking_id}/calendar.ics",
    operation_id="get_booking_file",
    dependencies=allow(*THEIRS),
    response_class=Response,
    responses={**_FILE, **may_answer(BOOKING_UNKNOWN)},
)
def get_booking_file(booking_id: UUID, session: SessionDep, settings: SettingsDep, caller: CallerDep) -> Response:
    """A booking as a file that calendars open: for whoever it is for, and the team of its place."""
    booking, _ = booking_for(session, booking_id, caller)
    language = language_named(booking.member.locale if booking.member else "fr")
    file = files.one_event(feeds.own_entry(booking, settings.public_url, language))
    headers = {"Content-Disposition": 'attachment; filename="reservation.ics"'}
    return Response(file, media_type=files.MEDIA_TYPE, headers=headers)
