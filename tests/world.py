"""A small network to test in: two places, and factories for whatever else a test needs."""

import itertools
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, selectinload

from passapp.accounts.access import session_cookie
from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.roles import grant_role
from passapp.accounts.rules import Role
from passapp.accounts.service import ensure_account
from passapp.accounts.sessions import open_session
from passapp.app import create_app
from passapp.door.pairing import pair
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.fetching import is_public
from passapp.kernel.settings import Settings
from passapp.mailing import send_waiting
from passapp.members.models import Member
from passapp.members.service import NewMembership, add_member
from passapp.network.service import found_network
from passapp.passes.keys import ensure_keys
from passapp.passes.models import IssuedPass
from passapp.passes.service import issue_card, text_of
from passapp.places.models import Place
from passapp.places.service import add_place

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
"""A Wednesday, 11:00 in Paris, 14:00 in Saint-Denis."""
LONG_AGO = date(2026, 1, 1)
METRICS_TOKEN = "0123456789abcdef"


@lru_cache
def _application(demo: bool) -> FastAPI:
    """Built once a worker, for one world after the other: building it takes longer than most tests."""
    return create_app(Settings(public_url="http://testserver", demo=demo), database=Database("sqlite://"))


class World:
    """One network. What its methods make is committed; what they return is detached and fully loaded."""

    def __init__(self, database: Database, folder: Path, *, demo: bool = False, founded: bool = True) -> None:
        self.database = database
        self.now = NOW
        self.settings = Settings(
            data_dir=folder, public_url="http://testserver", metrics_token=METRICS_TOKEN, demo=demo
        )
        self.app = _application(demo)
        self.app.state.settings, self.app.state.database = self.settings, database
        self.app.state.clock = lambda: self.now
        self.app.state.reach = is_public
        # Within the request that asks for it, so that a test need not wait.
        self.app.state.send_soon = lambda: send_waiting(self.database, self.settings, self.now)
        self._open = ExitStack()
        self._first: TestClient | None = None
        self._numbers, self._addresses = itertools.count(1), itertools.count()
        if not founded:
            return
        with database.write() as session:
            found_network(session, "RESEAU", "Le Réseau", locale="fr", at=NOW, actor=SYSTEM)
            ensure_keys(session, self.settings.keys_dir, at=NOW)
        self.hangar = self.place("hangar", "Le Hangar")
        self.moulin = self.place("moulin", "Le Moulin")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def later(self, **by: float) -> datetime:
        """Move the clock on."""
        self.now += timedelta(**by)
        return self.now

    def client(self) -> TestClient:
        """Somebody who is not signed in."""
        number = next(self._addresses)
        address = f"198.18.{number // 250}.{number % 250 + 1}"  # each their own, of those set aside for tests
        client = TestClient(self.app, headers={"Accept-Language": "en"}, client=(address, 50000))
        if self._first is None:
            self._first = self._open.enter_context(client)  # starts the application
        else:
            client.portal = self._first.portal
            self._open.callback(client.close)
        return client

    def place(self, code: str, name: str | None = None, **fields: Any) -> Place:
        """A place that joined long ago."""
        usual = {
            "code": code,
            "name": name or code.title(),
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
            "joined_on": LONG_AGO,
            "left_on": None,
        }
        with self.database.write() as session:
            return add_place(session, usual | fields, at=self.now, actor=SYSTEM)

    def member(self, home: Place | None = None, **fields: Any) -> Member:
        """A member with a membership since long ago; ``memberships=[NewMembership(…), …]`` for others."""
        number = next(self._numbers)
        memberships = fields.pop("memberships", [NewMembership((home or self.hangar).id, "TOUT", LONG_AGO)])
        usual = {"given_name": "Léa", "family_name": f"Bertin{number}", "email": f"lea{number}@example.org"}
        with self.database.write() as session:
            from passapp.members.service import add_membership  # noqa: PLC0415

            member = add_member(session, usual | fields, memberships[0], at=self.now, actor=SYSTEM)
            for membership in memberships[1:]:
                add_membership(session, member, membership, at=self.now, actor=SYSTEM)
            return member

    def card(self, member: Member, **fields: Any) -> IssuedPass:
        """A card for a member."""
        with self.database.write() as session:
            attached = session.get_one(Member, member.id, options=[selectinload(Member.memberships)])
            return issue_card(session, attached, at=self.now, actor=SYSTEM, **fields)

    def text(self, card: IssuedPass) -> str:
        """What the QR of a card says."""
        with self.database.read() as session:
            return text_of(session, session.get_one(IssuedPass, card.id), self.settings.keys_dir)

    def account(self, role: Role, place: Place | None = None) -> Account:
        """Somebody with a role."""
        number = next(self._numbers)
        with self.database.write() as session:
            account = ensure_account(session, f"{role}{number}@example.org", "Camille", locale="fr", at=self.now)
        if role != Role.MEMBER:
            self.give(account, role, place)
        return account

    def give(self, account: Account, role: Role, place: Place | None = None) -> RoleGrant:
        """Give somebody one more role."""
        with self.database.write() as session:
            attached = session.get_one(Account, account.id)
            at = session.get_one(Place, place.id) if place else None
            return grant_role(session, attached, role, at, at=self.now, actor=SYSTEM)

    def signed_in(self, account: Account | UUID) -> TestClient:
        """The browser of somebody who is signed in."""
        with self.database.write() as session:
            attached = session.get_one(Account, account if isinstance(account, UUID) else account.id)
            secret = open_session(session, attached, at=self.now, address=None)
        client = self.client()
        client.cookies.set(session_cookie(self.settings), secret)
        return client

    def as_coordinator(self) -> TestClient:
        """The coordination's browser."""
        return self.signed_in(self.account(Role.COORDINATOR))

    def as_manager(self, place: Place | None = None) -> TestClient:
        """The browser of a place's manager."""
        return self.signed_in(self.account(Role.MANAGER, place or self.hangar))

    def as_member(self, member: Member) -> TestClient:
        """A member's browser."""
        assert member.account_id is not None
        return self.signed_in(member.account_id)

    def as_door(self, place: Place | None = None) -> TestClient:
        """A phone paired with a place."""
        with self.database.write() as session:
            attached = session.get_one(Place, (place or self.moulin).id)
            paired = pair(session, attached, uuid4(), "Téléphone", at=self.now, actor=SYSTEM)
        client = self.client()
        client.headers["Authorization"] = f"Bearer {paired.token}"
        return client

    def scan(self, text: str | None = None, **fields: Any) -> dict[str, Any]:
        """The body of a check-in, scanned now."""
        shown = {} if text is None else {"pass": text}
        at = self.now.isoformat()
        return {"id": str(uuid4()), "scanned_at": at, "device_now": at} | shown | fields

    def session(self) -> Session:
        """A reading session; use it in a ``with``."""
        return self.database._read()
