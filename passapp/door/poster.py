"""The entrance poster: a code on the wall, which members scan with their own phones when nobody receives.

Whoever took a picture of it could say from afar that they came. So these check-ins are marked ``self``, the place reads
them over, and a manager renews the code, which ends the old one at once.
"""

import json
import secrets
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.door.cases import Scan
from passapp.door.models import CheckIn, Door, DoorPolicy
from passapp.door.pairing import NO_DOOR_HERE
from passapp.door.policy import row_of
from passapp.door.rules import corrected_time
from passapp.door.today import SHOWN_FOR
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.kernel.typesetting import TypstError, can_print, typeset
from passapp.kernel.wall_time import local_date
from passapp.network.service import get_network
from passapp.passes.qr import draw_svg
from passapp.places.models import Place

NO_POSTER = ProblemType(
    "no_poster",
    404,
    en="This place has no entrance poster yet: make one first.",
    fr="Ce lieu n'a pas encore d'affiche d'entrée : faites-la d'abord.",
)
POSTER_NOT_VALID = ProblemType(
    "poster_not_valid",
    410,
    en="This poster is no longer in use. Scan the one that hangs at the entrance today, or ask the team.",
    fr="Cette affiche n'est plus en service. Scannez celle qui est maintenant à l'entrée, ou voyez avec l'équipe.",
)
ARRIVAL_TOO_OLD = ProblemType(
    "arrival_too_old",
    422,
    en="This arrival is more than 7 days old: it cannot be noted any more. Tell your place, if it should count.",
    fr="Cette arrivée date de plus de 7 jours : on ne peut plus la noter. Dites-le à votre lieu si elle doit compter.",
)

_CODE_BYTES: Final = 12
"""Nobody guesses 96 bits; and the code stays large enough to be read from two metres."""


def poster_code(session: Session, place_id: UUID) -> str | None:
    """What the place's poster says; None where it has none."""
    return session.scalar(select(DoorPolicy.poster_code).where(DoorPolicy.place_id == place_id))


def renew_poster(session: Session, place: Place, *, at: datetime, actor: Actor) -> str:
    """Make the place's first poster, or another that ends the one before. Gives its code. Raises ``no_door_here``."""
    if not place.has_door:
        raise NO_DOOR_HERE.error()
    row = row_of(session, place)
    row.poster_code = secrets.token_urlsafe(_CODE_BYTES)
    session.flush()
    record(session, actor, at, "poster.renew", ("place", place.id), place_id=place.id)
    return row.poster_code


def place_of_poster(session: Session, code: str) -> Place:
    """Where the poster with that code hangs. Raises ``poster_not_valid``."""
    place = session.scalar(
        select(Place).join(DoorPolicy, DoorPolicy.place_id == Place.id).where(DoorPolicy.poster_code == code)
    )
    if place is None:
        raise POSTER_NOT_VALID.error()
    return place


def check_is_recent(session: Session, desk: Door, scan: Scan, *, now: datetime) -> None:
    """Raise ``arrival_too_old`` for what is not of today nor of the 7 days before, as of a forgotten visit.

    ``desk``: the poster's door. Not for what was noted in time, whose answer was lost: that is answered the same.
    """
    zone = ZoneInfo(desk.place.zone)
    day = local_date(corrected_time(scan.scanned_at, scan.device_now, now), zone)
    noted = select(CheckIn.id).where(CheckIn.door_id == desk.id, CheckIn.scan_id == scan.id)
    if day < local_date(now, zone) - SHOWN_FOR and session.scalar(noted) is None:
        raise ARRIVAL_TOO_OLD.error()


def poster_address(public_url: str, code: str) -> str:
    """What its QR says. The code stands behind the hash: browsers send that to no server, and no log keeps it."""
    return f"{public_url}/arrive#{code}"


def draw_poster(session: Session, place: Place, public_url: str) -> bytes:
    """The place's poster, a page of A4, PDF, in French and in English. Raises ``no_poster``."""
    code = poster_code(session, place.id)
    if code is None:
        raise NO_POSTER.error()
    address = poster_address(public_url, code)
    said = {"place": place.name, "network": get_network(session).name, "qr": draw_svg(address).decode()}
    try:
        return typeset(_template(), said=json.dumps(said))
    except TypstError:
        # PDF/UA refuses a letter that no font has: the code works without the name.
        said |= {name: said[name] if can_print(said[name]) else "" for name in ("place", "network")}
        return typeset(_template(), said=json.dumps(said))


@cache
def _template() -> bytes:
    return Path(__file__).with_name("poster.typ").read_bytes()
