"""What people do at the first start: claim an empty deployment, found its network, see what is left to do.

Whoever comes first to a public address must not own it: founding takes a secret that only the operator's terminal
shows. Its hash is a file in the data folder, beside the keys; with a network it is worth nothing any more.
"""

import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.accounts.roles import grant_role
from passapp.accounts.rules import Role
from passapp.accounts.service import ensure_account
from passapp.door.models import Door, Visit
from passapp.kernel.audit import Actor
from passapp.kernel.ids import hash_secret, new_secret
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member, Membership
from passapp.network.models import Network
from passapp.network.service import NETWORK_EXISTS, found_network
from passapp.passes.keys import ensure_keys
from passapp.passes.models import IssuedPass
from passapp.places.models import Place

SET_UP_LINK_NOT_VALID = ProblemType(
    "set_up_link_not_valid",
    403,
    en="This set-up address is not the last one shown. `passapp set-up` prints a new one.",
    fr="Cette adresse de mise en route n'est pas la dernière affichée. `passapp set-up` en affiche une nouvelle.",
)
_FILE = "set-up-secret.sha256"


@dataclass(frozen=True)
class NetworkWanted:
    """The network to found, and who coordinates it."""

    code: str
    name: str
    locale: str
    person: str
    email: str


@dataclass(frozen=True)
class Progress:
    """How far the first start has come, at the first place that receives people.

    ``phones``: those paired there. ``tried``: one of them has read a trial pass. ``done``: there is nothing to lead to
    any more, for a phone has read a trial pass or a visit is counted.
    """

    place: Place | None
    member: Member | None
    pass_id: UUID | None
    phones: int
    tried: bool
    done: bool


def draw_set_up_secret(session: Session, folder: Path) -> str | None:
    """A new secret for ``/start#…``, in place of the one before; None once there is a network.

    ``folder`` is the data folder, where its hash is kept.
    """
    file = folder / _FILE
    if session.get(Network, 1) is not None:
        file.unlink(missing_ok=True)
        return None
    secret = new_secret()
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as written:
        written.write(hash_secret(secret))
    draft.replace(file)
    return secret


def set_up(
    session: Session,
    wanted: NetworkWanted,
    secret: str,
    folders: tuple[Path, Path],
    *,
    at: datetime,
    address: str | None = None,
) -> Account:
    """Found the network with its keys, and make this person its coordination: in the log, all of it is their deed.

    ``folders``: of the data and of the keys. ``address``: where they call from. Raises ``network_exists``, whatever the
    secret, or ``set_up_link_not_valid`` for a secret that is wrong or not the last one.
    """
    data, keys = folders
    if session.get(Network, 1) is not None:
        raise NETWORK_EXISTS.error()
    file = data / _FILE
    expected = file.read_text(encoding="ascii") if file.is_file() else ""
    if not hmac.compare_digest(hash_secret(secret), expected):
        raise SET_UP_LINK_NOT_VALID.error()
    try:
        account = ensure_account(session, wanted.email, wanted.person, locale=wanted.locale, at=at)
        actor = Actor("account", account.id, address)
        found_network(session, wanted.code, wanted.name, locale=wanted.locale, at=at, actor=actor)
    except IntegrityError:  # somebody else with the same address, at the same moment
        raise NETWORK_EXISTS.error() from None
    grant_role(session, account, Role.COORDINATOR, None, at=at, actor=actor)
    # Last: key files do not go away again with a transaction.
    ensure_keys(session, keys, at=at)
    return account


def progress(session: Session, *, at: datetime) -> Progress:
    """How far the first start has come at that instant."""
    place = session.scalar(
        select(Place).where(Place.has_door, Place.left_on.is_(None)).order_by(Place.joined_on, Place.id).limit(1)
    )
    done = bool(session.scalar(select(or_(exists().where(Door.tried_at.is_not(None)), exists(select(Visit.id))))))
    if place is None:
        return Progress(None, None, None, phones=0, tried=False, done=done)
    at_place = select(Membership.member_id).where(Membership.place_id == place.id)
    member = session.scalar(select(Member).where(Member.id.in_(at_place)).order_by(Member.id).limit(1))
    card = session.scalar(_good_card_of(member, at)) if member else None
    phones, tried = session.execute(
        select(func.count(Door.id), func.count(Door.tried_at)).where(
            Door.place_id == place.id, Door.kind == "phone", Door.cut_off_at.is_(None)
        )
    ).one()
    return Progress(place, member, card, phones=phones, tried=tried > 0, done=done)


def _good_card_of(member: Member, at: datetime) -> Select[UUID]:
    is_good = IssuedPass.revoked_at.is_(None) & (IssuedPass.expires_at > at)
    query = select(IssuedPass.id).where(IssuedPass.member_id == member.id, is_good)
    return query.order_by(IssuedPass.id.desc()).limit(1)
