"""A network to send scans to: places, doors that are paired, members who hold cards or live passes."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from passapp.door.pairing import pair
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate
from passapp.kernel.settings import Settings
from passapp.members.models import Member, Membership
from passapp.network.service import found_network, get_network
from passapp.passes.encoding import encode_base64url
from passapp.passes.keys import current_key, ensure_keys
from passapp.passes.live import LiveText, live_claims, proof_message, step_at, write_live
from passapp.passes.models import IssuedPass
from passapp.passes.rules import card_claims, sign_pass
from passapp.passes.service import issue_missing_cards
from passapp.places.service import add_place


@dataclass(frozen=True)
class PairedDoor:
    """A door that scans. ``first``: where among the members it begins, so that two doors of a place meet late."""

    id: UUID
    token: str
    first: int


@dataclass
class Crowd:
    """The doors, the members' passes as signed, and the keys of their phones where the passes are live."""

    doors: list[PairedDoor]
    passes: list[str]
    phones: list[Ed25519PrivateKey] = field(default_factory=list)
    _turns: dict[UUID, "itertools.count[int]"] = field(default_factory=dict)

    def next_pass(self, door: PairedDoor) -> str:
        """The card of whoever comes next to that door."""
        return self.passes[self.next_member(door)]

    def next_member(self, door: PairedDoor) -> int:
        """Who comes next to that door: where they stand among the passes."""
        turn = self._turns.setdefault(door.id, itertools.count(door.first))
        return next(turn) % len(self.passes)

    def show_live(self, member: int, at: datetime) -> str:
        """What that member's phone shows at that instant."""
        jwt, step = self.passes[member], step_at(at)
        return write_live(LiveText(jwt, step, self.phones[member].sign(proof_message(jwt, step))))

    def some_passes(self, door: PairedDoor, count: int) -> list[str]:
        """The cards of the next so many people."""
        return [self.next_pass(door) for _ in range(count)]


def make_network(settings: Settings, *, places: int, members: int, doors: int, live: bool = False) -> Crowd:
    """Fill an empty database. The members joined two months ago, each at one place or another.

    ``live``: their passes are on their phones, signed a month ago, and good until tomorrow.
    """
    database = Database(settings.sqlalchemy_url)
    migrate(database.engine)
    at = datetime.now(UTC) - timedelta(days=60)
    with database.write() as session:
        found_network(session, "BANC", "Banc d'essai", locale="fr", at=at, actor=SYSTEM)
        ensure_keys(session, settings.keys_dir, at=at)
        homes = [add_place(session, _place(number), at=at, actor=SYSTEM) for number in range(places)]
        for number in range(members):
            home = homes[number % places]
            membership = Membership(place_id=home.id, plan="TOUT", priority=1, first_day=date(2020, 1, 1))
            session.add(Member(given_name="Camille", family_name=f"N{number}", created_at=at, memberships=[membership]))
        session.flush()
        issue_missing_cards(session, None, at=at, actor=SYSTEM)
        share = max(1, members * places // max(doors, 1))
        paired = []
        for number in range(doors):
            made = pair(session, homes[number % places], uuid4(), f"Téléphone {number}", at=at, actor=SYSTEM)
            paired.append(PairedDoor(made.door.id, made.token, number // places * share))
        kid, key = current_key(session, settings.keys_dir)
        network = get_network(session).code
        issued = list(session.scalars(select(IssuedPass).order_by(IssuedPass.id)))
        phones = [_put_on_phone(each) for each in issued] if live else []
        texts = [sign_pass(_claims(each, network), key, kid) for each in issued]
    database.dispose()
    return Crowd(paired, texts, phones)


def _put_on_phone(issued: IssuedPass) -> Ed25519PrivateKey:
    """Make a pass a live one; gives the key of the phone that it is on."""
    phone = Ed25519PrivateKey.generate()
    now = datetime.now(UTC)
    issued.form, issued.device_key = "live", encode_base64url(phone.public_key().public_bytes_raw())
    issued.not_before, issued.expires_at = now - timedelta(days=29), now + timedelta(days=1)
    return phone


def _claims(issued: IssuedPass, network: str) -> dict[str, object]:
    said: dict[str, Any] = {
        "network": network,
        "index": issued.status_index or 0,
        "plan": issued.plan,
        "not_before": issued.not_before,
        "expires_at": issued.expires_at,
    }
    return live_claims(**said, device_key=issued.device_key) if issued.device_key else card_claims(**said)


def _place(number: int) -> dict[str, object]:
    return {
        "code": f"lieu-{number}",
        "name": f"Lieu {number}",
        "kind": "coworking",
        "town": "Caen",
        "postcode": "14000",
        "latitude": None,
        "longitude": None,
        "zone": "Europe/Paris",
        "country": "FR",
        "subdivision": None,
        "closed_on_holidays": True,
        "has_door": True,
        "host_class": "standard",
        "services": [],
        "joined_on": date(2020, 1, 1),
    }
