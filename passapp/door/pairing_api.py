"""Routes of pairing: team links, and the phones and tablets of a place."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field

from passapp.accounts.access import CallerDep, allow, allow_anyone
from passapp.accounts.rules import Role
from passapp.door import pairing
from passapp.door.models import Door
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.problems import may_answer
from passapp.network.service import get_network
from passapp.passes.qr import draw_svg
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])


class DoorPlace(Shown):
    """The place of a door."""

    id: UUID
    code: str
    name: str
    town: str
    zone: str


class DoorNetwork(Shown):
    """The network of a door."""

    code: str
    name: str


class MyDoor(Shown):
    """What a paired device knows of itself."""

    id: UUID
    name: str
    place: DoorPlace
    network: DoorNetwork


class PairedDoor(Shown):
    """A paired device and its token, which is shown this once."""

    token: str
    door: MyDoor


class LinkWanted(Body):
    """A team link to make."""

    label: Line | None = Field(default=None, examples=["Bénévoles du samedi"])
    hours: int = Field(default=12, ge=1, le=168, description="How long it pairs devices.")
    max_uses: int = Field(default=15, ge=1, le=100, description="How many devices it pairs.")


class LinkShown(Shown):
    """A team link; its address is shown only when it is made."""

    id: UUID
    label: str | None
    created_at: datetime
    expires_at: datetime
    max_uses: int
    uses: int
    revoked_at: datetime | None


class NewLink(LinkShown):
    """A team link just made, with its address and the same as a QR code (SVG)."""

    url: str
    qr_svg: str


class Links(Shown):
    """Team links, the newest first."""

    items: list[LinkShown]


class ThisDevice(Body):
    """A device that asks to be paired. It keeps its own `device_id` for ever."""

    device_id: UUID
    name: Line = Field(examples=["Camille, téléphone"])


class Pairing(ThisDevice):
    """The secret of a team link, and the device that uses it."""

    token: str = Field(min_length=1, max_length=200)


class DoorShown(Shown):
    """A phone or tablet of a place."""

    id: UUID
    name: str
    device_id: UUID
    paired_at: datetime
    last_seen_at: datetime | None
    tried_at: datetime | None = Field(description="When it first read a trial pass.")
    cut_off_at: datetime | None


class Doors(Shown):
    """The devices of a place."""

    items: list[DoorShown]


def _show_door(session: SessionDep, door: Door) -> MyDoor:
    return MyDoor(
        id=door.id,
        name=door.name,
        place=DoorPlace.model_validate(door.place),
        network=DoorNetwork.model_validate(get_network(session)),
    )


def show_paired(session: SessionDep, paired: pairing.Paired) -> PairedDoor:
    """The answer of every way to pair a device."""
    return PairedDoor(token=paired.token, door=_show_door(session, paired.door))


@router.post(
    "/places/{place_id}/pairing-links",
    operation_id="make_pairing_link",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN, pairing.NO_DOOR_HERE),
)
def make_pairing_link(
    place_id: UUID,
    body: LinkWanted,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    caller: CallerDep,
) -> NewLink:
    """Make a team link, to show to the volunteers of a place."""
    place = get_place(session, place_id)
    link, secret = pairing.make_pairing_link(
        session, place, label=body.label, hours=body.hours, max_uses=body.max_uses, at=now, actor=caller.actor
    )
    url = f"{settings.public_url}/door#pair={secret}"
    return NewLink(**LinkShown.model_validate(link).model_dump(), url=url, qr_svg=draw_svg(url).decode())


@router.get(
    "/places/{place_id}/pairing-links",
    operation_id="list_pairing_links",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
)
def list_pairing_links(place_id: UUID, session: SessionDep) -> Links:
    """The team links of a place."""
    return Links(items=[LinkShown.model_validate(link) for link in pairing.pairing_links(session, place_id)])


@router.delete(
    "/places/{place_id}/pairing-links/{link_id}",
    operation_id="cut_off_pairing_link",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(pairing.PAIRING_LINK_UNKNOWN),
)
def cut_off_pairing_link(place_id: UUID, link_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Let a team link pair no more devices; those it paired stay."""
    pairing.cut_off_pairing_link(session, place_id, link_id, at=now, actor=caller.actor)


@router.post(
    "/doors/pair",
    operation_id="pair_with_link",
    # A whole team stands behind one address: only links that are none of ours count.
    dependencies=[limited("pair", times=30, minutes=10, failures_only=True), *allow_anyone()],
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(pairing.PAIRING_LINK_NOT_VALID, pairing.NO_DOOR_HERE, pairing.DEVICE_ID_RESERVED),
)
def pair_with_link(body: Pairing, session: SessionDep, now: NowDep, caller: CallerDep) -> PairedDoor:
    """Pair this device with the place of a team link."""
    paired = pairing.pair_with_link(session, body.token, body.device_id, body.name, at=now, actor=caller.actor)
    return show_paired(session, paired)


@router.post(
    "/places/{place_id}/doors",
    operation_id="pair_this_device",
    dependencies=allow(Role.MANAGER, Role.HOST),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(PLACE_UNKNOWN, pairing.NO_DOOR_HERE),
)
def pair_this_device(
    place_id: UUID, body: ThisDevice, session: SessionDep, now: NowDep, caller: CallerDep
) -> PairedDoor:
    """Pair the device in hand, without a team link: for those who receive at the place anyway."""
    place = get_place(session, place_id)
    return show_paired(session, pairing.pair(session, place, body.device_id, body.name, at=now, actor=caller.actor))


@router.get(
    "/places/{place_id}/doors",
    operation_id="list_doors",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
)
def list_doors(place_id: UUID, session: SessionDep) -> Doors:
    """The devices paired with a place."""
    return Doors(items=[DoorShown.model_validate(door) for door in pairing.doors(session, place_id)])


@router.delete(
    "/places/{place_id}/doors/{door_id}",
    operation_id="cut_off_door",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(pairing.DOOR_UNKNOWN),
)
def cut_off_door(place_id: UUID, door_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> None:
    """Cut a device off: it is refused at once, and the place's team links pair nobody any more."""
    pairing.cut_off(session, place_id, door_id, at=now, actor=caller.actor)


@router.get("/door", operation_id="get_my_door", dependencies=allow(Role.DOOR))
def get_my_door(session: SessionDep, caller: CallerDep) -> MyDoor:
    """What this device is paired with."""
    return _show_door(session, pairing.door_of_token(session, caller.token_id))
