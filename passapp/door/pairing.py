"""What people do with doors: show a team link, pair a phone, list the phones, cut one off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID, uuid5

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session, joinedload

from passapp.accounts.service import issue_door_token, revoke_token
from passapp.door.models import Door, PairingLink
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import hash_secret, new_secret
from passapp.kernel.problems import NOT_SIGNED_IN, ProblemType
from passapp.places.models import Place
from passapp.places.service import get_place

PAIRING_LINK_NOT_VALID = ProblemType(
    "pairing_link_not_valid",
    410,
    en="This team link has expired or was cut off. Ask the place's manager for a new one.",
    fr="Ce lien d'équipe a expiré ou a été coupé. Demandez-en un nouveau à la personne responsable.",
)
PAIRING_LINK_UNKNOWN = ProblemType(
    "pairing_link_unknown", 404, en="There is no such team link.", fr="Ce lien d'équipe n'existe pas."
)
DOOR_UNKNOWN = ProblemType(
    "door_unknown",
    404,
    en="There is no such phone at this place.",
    fr="Ce téléphone d'accueil n'existe pas ici.",
)
NO_DOOR_HERE = ProblemType(
    "no_door_here",
    409,
    en="Nobody is received at this place: it has no door.",
    fr="Ce lieu ne reçoit personne : il n'a pas d'accueil.",
)


DEVICE_ID_RESERVED = ProblemType(
    "device_id_reserved",
    409,
    en="This device's id belongs to the place itself: make another one.",
    fr="L'identifiant de cet appareil est celui du lieu lui-même : faites-en un autre.",
)
DeskKind = Literal["poster", "office"]


@dataclass(frozen=True)
class Paired:
    """A paired door, and the token that its device keeps."""

    door: Door
    token: str


def make_pairing_link(
    session: Session,
    place: Place,
    *,
    label: str | None,
    hours: int,
    max_uses: int,
    at: datetime,
    actor: Actor,
) -> tuple[PairingLink, str]:
    """A team link for a place, good for so many hours and devices. Gives the link and its secret.

    Raises ``no_door_here``.
    """
    if not place.has_door:
        raise NO_DOOR_HERE.error()
    secret = new_secret()
    link = PairingLink(
        place_id=place.id,
        token_hash=hash_secret(secret),
        label=label,
        created_at=at,
        expires_at=at + timedelta(hours=hours),
        max_uses=max_uses,
    )
    session.add(link)
    session.flush()
    record(session, actor, at, "pairing_link.make", ("pairing_link", link.id), place_id=place.id)
    return link, secret


def pairing_links(session: Session, place_id: UUID) -> list[PairingLink]:
    """The team links of a place, the newest first."""
    query = select(PairingLink).where(PairingLink.place_id == place_id).order_by(PairingLink.id.desc()).limit(50)
    return list(session.scalars(query))


def cut_off_pairing_link(session: Session, place_id: UUID, link_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Let a team link pair no more devices. Raises ``pairing_link_unknown``."""
    link = session.get(PairingLink, link_id)
    if link is None or link.place_id != place_id:
        raise PAIRING_LINK_UNKNOWN.error()
    if link.revoked_at is None:
        _cut_link_off(session, link, at=at, actor=actor)


def _cut_link_off(session: Session, link: PairingLink, *, at: datetime, actor: Actor) -> None:
    link.revoked_at = at
    record(session, actor, at, "pairing_link.cut_off", ("pairing_link", link.id), place_id=link.place_id)


def pair_with_link(session: Session, secret: str, device_id: UUID, name: str, *, at: datetime, actor: Actor) -> Paired:
    """Pair a device with the place of a team link. Raises ``pairing_link_not_valid``."""
    shown = PairingLink.token_hash == hash_secret(secret)
    _lock_place(session, select(PairingLink.place_id).where(shown).scalar_subquery())
    link = session.scalar(select(PairingLink).where(shown).with_for_update())
    if link is None or link.revoked_at is not None or link.expires_at <= at or link.uses >= link.max_uses:
        raise PAIRING_LINK_NOT_VALID.error()
    link.uses += 1
    return pair(session, get_place(session, link.place_id), device_id, name, at=at, actor=actor)


def pair(session: Session, place: Place, device_id: UUID, name: str, *, at: datetime, actor: Actor) -> Paired:
    """Pair a device with a place; one that was paired before stays the same door.

    Raises ``no_door_here``, ``device_id_reserved``.
    """
    if not place.has_door:
        raise NO_DOOR_HERE.error()
    # Anybody can work out the ids of the doors that nobody carries: no phone may become one of them.
    if device_id in {_desk_id(place, kind) for kind in get_args(DeskKind)}:
        raise DEVICE_ID_RESERVED.error()
    _lock_place(session, place.id)
    token, secret = issue_door_token(session, place.id, at=at)
    door = session.scalar(select(Door).where(Door.device_id == device_id, Door.place_id == place.id))
    if door is None:
        door = Door(place=place, device_id=device_id, name=name, token=token, paired_at=at)
        session.add(door)
    else:
        revoke_token(session, door.token_id, at=at)
        door.token, door.name, door.paired_at, door.cut_off_at = token, name, at, None
    session.flush()
    record(session, actor, at, "door.pair", ("door", door.id), place_id=place.id)
    return Paired(door, secret)


def _lock_place(session: Session, place_id: UUID | ScalarSelect[UUID]) -> None:
    """One after the other at a place, and first of all: who asks twice at once is one door, a door cut off stays so."""
    session.execute(select(Place.id).where(Place.id == place_id).with_for_update(key_share=True))


def _desk_id(place: Place, kind: DeskKind) -> UUID:
    return uuid5(place.id, kind)


def desk_of(session: Session, place: Place, kind: DeskKind, at: datetime) -> Door:
    """The place's door that nobody carries: its entrance poster, or its office, where visits are added later.

    Made where there is none; the place is locked by the caller. No token opens it.
    """
    device_id = _desk_id(place, kind)
    desk = session.scalar(select(Door).where(Door.device_id == device_id, Door.place_id == place.id))
    if desk is None:
        token, _ = issue_door_token(session, place.id, at=at)
        desk = Door(place=place, device_id=device_id, kind=kind, name=kind, token=token, paired_at=at)
        session.add(desk)
        session.flush()
        revoke_token(session, token.id, at=at)
    return desk


def doors(session: Session, place_id: UUID) -> list[Door]:
    """The phones of a place, those that are cut off too, by name."""
    query = select(Door).where(Door.place_id == place_id, Door.kind == "phone")
    return list(session.scalars(query.order_by(Door.name, Door.id)))


def cut_off(session: Session, place_id: UUID, door_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Cut a door off: its token is refused from now on. Raises ``door_unknown``.

    The place's running team links go with it: who has the phone may know one, and would pair it again.
    """
    _lock_place(session, place_id)
    door = session.get(Door, door_id, options=[joinedload(Door.token)])
    if door is None or door.place_id != place_id or door.kind != "phone":
        raise DOOR_UNKNOWN.error()
    if door.token.revoked_at is not None:
        return
    door.cut_off_at = at
    revoke_token(session, door.token_id, at=at)
    record(session, actor, at, "door.cut_off", ("door", door.id), place_id=place_id)
    running = select(PairingLink).where(
        PairingLink.place_id == place_id, PairingLink.revoked_at.is_(None), PairingLink.expires_at > at
    )
    for link in session.scalars(running.order_by(PairingLink.id).with_for_update()).all():
        _cut_link_off(session, link, at=at, actor=actor)


def door_of_token(session: Session, token_id: UUID | None) -> Door:
    """The door that calls. Raises ``not_signed_in``."""
    query = select(Door).where(Door.token_id == token_id).options(joinedload(Door.place, innerjoin=True))
    door = session.scalar(query)
    if door is None:
        raise NOT_SIGNED_IN.error()
    return door
