"""A network to send scans to: places, doors that are paired, members who hold cards."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from passapp.door.pairing import pair
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate
from passapp.kernel.settings import Settings
from passapp.members.models import Member, Membership
from passapp.network.service import found_network, get_network
from passapp.passes.keys import current_key, ensure_keys
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
    """The doors, and the texts of the members' cards."""

    doors: list[PairedDoor]
    passes: list[str]
    _turns: dict[UUID, "itertools.count[int]"] = field(default_factory=dict)

    def next_pass(self, door: PairedDoor) -> str:
        """The card of whoever comes next to that door."""
        turn = self._turns.setdefault(door.id, itertools.count(door.first))
        return self.passes[next(turn) % len(self.passes)]

    def some_passes(self, door: PairedDoor, count: int) -> list[str]:
        """The cards of the next so many people."""
        return [self.next_pass(door) for _ in range(count)]


def make_network(settings: Settings, *, places: int, members: int, doors: int) -> Crowd:
    """Fill an empty database. The members joined two months ago, each at one place or another."""
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
        texts = [
            sign_pass(
                card_claims(
                    network=network,
                    index=issued.status_index or 0,
                    plan=issued.plan,
                    not_before=issued.not_before,
                    expires_at=issued.expires_at,
                ),
                key,
                kid,
            )
            for issued in session.query(IssuedPass).order_by(IssuedPass.id)
        ]
    database.dispose()
    return Crowd(paired, texts)


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
