"""One network with a caller of each role, and for each operation a request that would succeed if it were allowed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlalchemy import select, text

from passapp.accounts.api_keys import make_key
from passapp.accounts.invitations import Wanted, draw_secret, invite
from passapp.accounts.models import AccessToken, Account, Passkey
from passapp.accounts.roles import grant_role
from passapp.accounts.rules import AT_A_PLACE, Role, Scope
from passapp.accounts.service import make_sign_in_link
from passapp.app import create_app
from passapp.bookings.answers import make_answer_link
from passapp.bookings.calendars.external import connect
from passapp.bookings.calendars.feeds import make_feed
from passapp.bookings.models import Booking, BookingAdvance, Closure, Resource, Waiting
from passapp.bookings.rules import Approval, Policy, Rate
from passapp.door.models import Door, DoorPolicy
from passapp.door.pairing import make_pairing_link
from passapp.door.poster import renew_poster
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Base, Database
from passapp.kernel.settings import Settings
from passapp.members.models import Member, Membership
from passapp.network.drafts import get_draft, make_draft, propose, withdraw
from passapp.network.models import ConventionDraft, Network, Plan
from passapp.network.rules import FIRST_CONVENTION
from passapp.places.models import Place
from passapp.settlement.contests.models import Contest
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.files.models import Invoice
from passapp.settlement.months.versions import latest_version, publish
from passapp.settlement.payments.models import Payment
from tests.bookings.desk import MORNING, body
from tests.bookings.rooms import ALWAYS, book, room
from tests.phones import Phone
from tests.scenes import day_guest, receive_as, recovered_file
from tests.settlement.months import agree
from tests.world import METRICS_TOKEN, World

HOUSE_RULES = "Merci de ranger."
MORNING_CLOSED = {"start": "2026-12-23T09:00", "end": "2026-12-23T10:00", "reason": "Travaux"}
FIRST_VERSION = {"If-Match": '"1"'}
NEW_RULES = {"starts_on": date(2027, 6, 1), "document": FIRST_CONVENTION}
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


@dataclass(frozen=True)
class Operation:
    """One method at one address of the OpenAPI document."""

    id: str
    method: str
    path: str
    access: dict[str, Any] | None


@cache
def operations(*, demo: bool = False) -> list[Operation]:
    """Every operation of the OpenAPI document, which is the same whatever the database."""
    document = create_app(Settings(demo=demo), database=Database("sqlite://")).openapi()
    return [
        Operation(spec["operationId"], method, path, spec.get("x-access"))
        for path, methods in document["paths"].items()
        for method, spec in methods.items()
        if method in METHODS
    ]


class Key(NamedTuple):
    """An API key and its secret."""

    id: object
    secret: str


@dataclass
class Callers:
    """A place of one's own (``hangar``) and another one (``moulin``), each with members, doors and links."""

    world: World
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    account_id: UUID | None = None  # of the person whose browser was asked for last
    last_room: int = 0
    last_booking: Booking | None = None

    def __post_init__(self) -> None:
        world = self.world
        agree(world)
        self.people = {place.id: world.member(place) for place in (world.hangar, world.moulin)}
        self.check_ins = {place.id: self._check_in(place) for place in (world.hangar, world.moulin)}
        for place in (world.hangar, world.moulin):
            receive_as(world, place, house_rules=HOUSE_RULES)

    def client(self, role: str) -> TestClient:
        """A browser or door of that role; at a place, it is the hangar."""
        world = self.world
        self.account_id = None
        if role == "nobody":
            return world.client()
        if role == "door":
            return world.as_door(world.hangar)
        if role == "member":
            self.account_id = self.people[world.hangar.id].account_id
        else:
            self.account_id = world.account(Role(role), world.hangar if Role(role) in AT_A_PLACE else None).id
        return world.signed_in(self.account_id)

    def request(self, operation: Operation, place: Place) -> dict[str, Any]:
        """What to send, with ids that exist and belong to ``place``; each call makes fresh ones to use up."""
        ids = self.ids(place) | ({"key_id": lambda: self.key(None).id} if operation.id == "revoke_key" else {})
        if operation.id in {"change_convention_draft", "drop_convention_draft", "propose_convention"}:
            ids["draft_id"] = self._draft
        if "external_calendar" in operation.id:
            ids["resource_id"] = lambda: self.room_elsewhere(place)
        if operation.id == "withdraw_contest":
            ids["contest_id"] = lambda: self._contest(place, by=place)
        if operation.id == "decide_contest":
            ids["contest_id"] = lambda: self._contest(place, state="answered")
        if operation.id in {"confirm_statement", "get_sealed_statement"}:
            self._publish()
        known = {name: made for name, made in ids.items() if f"{{{name}}}" in operation.path}
        path = operation.path.format(**{name: made() for name, made in known.items()})
        return {"method": operation.method.upper(), "url": path} | self._content(operation.id, place)

    def everything(self) -> dict[str, list[Any]]:
        """Every row of every table, to see that nothing was changed. What is refused counts as a try all the same."""
        with self.world.database.read() as session:
            return {
                table.name: sorted(map(repr, session.execute(text(f'SELECT * FROM "{table.name}"'))))
                for table in Base.metadata.sorted_tables
                if table.name != "rate_count"
            }

    def _check_in(self, place: Place) -> str:
        world = self.world
        answer = world.as_door(place).post(
            "/api/v1/check-ins", json=world.scan(world.text(world.card(self.people[place.id])))
        )
        assert answer.json()["verdict"] == "ok", answer.text
        return answer.json()["check_in_id"]

    def ids(self, place: Place) -> dict[str, Callable[[], object]]:
        """Makers of ids that exist and belong to ``place``, by the name of the path's parameter."""
        member = self.people[place.id]
        return {
            "place_id": lambda: place.id,
            "member_id": lambda: member.id,
            "membership_id": lambda: member.memberships[0].id,
            "pass_id": lambda: self.world.card(member).id,
            "door_id": lambda: self._door(place),
            "link_id": lambda: self._link(place)[0],
            "check_in_id": lambda: self.check_ins[place.id],
            "guest_id": lambda: self._guest(place),
            "booking_id": lambda: self.booking(place).id,
            "closure_id": lambda: self._closure(place),
            "waiting_id": lambda: self._wait(place),
            "grant_id": lambda: self._grant(place),
            "invitation_id": lambda: self._invitation(place)[0],
            "key_id": lambda: self.key(place).id,
            "session_id": self._session,
            "passkey_id": self._passkey,
            "code": lambda: "TOUT",
            "month": lambda: "2026-11",
            "number": self._published,
            "resource_id": lambda: self.room(place),
            "feed_id": lambda: self._feed(place)[0],
            "token": lambda: self._feed(place)[1],
            "draft_id": self._proposed,
            "payment_id": lambda: self._payment(place),
            "contest_id": lambda: self._contest(place),
            "invoice_id": lambda: self._invoice(place),
        }

    def room(self, place: Place) -> int:
        """A room of the place that nobody has booked; the last one is ``last_room``."""
        self.last_room = room(self.world, place, rates=[Rate(hour=800)])
        return self.last_room

    def _payment(self, place: Place) -> UUID:
        """A payment that the place is to make, to nobody's account that another test knows."""
        with self.world.database.write() as session:
            made = Payment(
                month="2026-09",
                debtor_id=place.id,
                amount_cents=100,
                end_to_end_id=f"ESSAI-{next(self.numbers)}",
                state="due",
                due_on=date(2026, 11, 30),
            )
            session.add(made)
            session.flush()
            return made.id

    def _publish(self) -> None:
        """Publish the month as it is now."""
        with self.world.database.write() as session:
            publish(session, self.world.settings.keys_dir, "2026-11", at=self.world.now)

    def _published(self) -> int:
        """The number of the month's last version; there is one from then on."""
        with self.world.session() as session:
            version = latest_version(session, "2026-11")
        if version is not None:
            return version.number
        self._publish()
        return self._published()

    def _contest(self, place: Place, by: Place | None = None, state: str = "open") -> UUID:
        """An error that a place reports, by default a third one in visits to this place."""
        third = self.world.place(f"tiers-{next(self.numbers)}")
        with self.world.database.write() as session:
            made = Contest(
                month="2026-11",
                home_id=third.id,
                host_id=place.id,
                place_id=(by or third).id,
                made_by=uuid4(),
                made_at=self.world.now,
                reason="other",
                state=state,
                answer_by=date(2026, 12, 8),
                decide_by=date(2026, 12, 22),
            )
            session.add(made)
            session.flush()
            return made.id

    def _invoice(self, place: Place) -> UUID:
        """An invoice that the place sends to itself: it concerns nobody else."""
        number = next(self.numbers)
        with self.world.database.write() as session:
            made = Invoice(
                issuer_place_id=place.id,
                seller_siren="552081317",
                number=f"PASS-{number}",
                month=f"{2026 + number}-01",
                host_id=place.id,
                home_id=place.id,
                kind="invoice",
                issued_on=date(2026, 11, 18),
                due_on=date(2026, 12, 18),
                parties={side: {"code": place.code, "name": place.name} for side in ("seller", "buyer")},
                net_cents=100,
                vat_cents=0,
                total_cents=100,
            )
            session.add(made)
            session.flush()
            return made.id

    def _draft(self) -> UUID:
        """Rules that are being written; no others are proposed."""
        now = self.world.now
        with self.world.database.write() as session:
            for other in session.scalars(select(ConventionDraft).where(ConventionDraft.state == "proposed")):
                withdraw(session, other, at=now, actor=SYSTEM)
            return make_draft(session, NEW_RULES, at=now, actor=SYSTEM).id

    def _proposed(self) -> UUID:
        """Rules that the places are asked about."""
        draft_id = self._draft()
        with self.world.database.write() as session:
            draft = get_draft(session, draft_id, unproposed=True)
            propose(session, draft, at=self.world.now, actor=SYSTEM)
        return draft_id

    def _guest(self, place: Place) -> object:
        answer = self.world.as_door(place).post("/api/v1/door/guests", json=day_guest(self.world))
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    def _door(self, place: Place) -> object:
        self.world.as_door(place)
        with self.world.session() as session:
            return session.scalars(select(Door.id).where(Door.place_id == place.id).order_by(Door.id.desc())).first()

    def booking(self, place: Place, policy: Policy = ALWAYS) -> Booking:
        """A booking of that place's member there; of a place that answers it, a request."""
        world = self.world
        booking_id = book(world, room(world, place, policy), self.people[place.id])
        with world.session() as session:
            self.last_booking = session.get_one(Booking, booking_id)
            return self.last_booking

    def _feed(self, place: Place) -> tuple[object, str]:
        """The address of a calendar, and its secret: of a member's own, for one; else of the place."""
        member = self.people[place.id]
        is_theirs = self.account_id == member.account_id
        of = {"kind": "mine", "member": member} if is_theirs else {"kind": "place", "place": place}
        with self.world.database.write() as session:
            feed, secret = make_feed(session, at=self.world.now, actor=SYSTEM, **of)
            return feed.id, secret

    def room_elsewhere(self, place: Place) -> int:
        """A room that another tool manages too; it was read a moment ago."""
        made = self.room(place)
        with self.world.database.write() as session:
            calendar = connect(
                session, session.get_one(Resource, made), "http://192.0.2.1/a.ics", at=self.world.now, actor=SYSTEM
            )
            calendar.tried_at = self.world.now
        return made

    def _closure(self, place: Place) -> object:
        with self.world.database.write() as session:
            times = {"starts_at": self.world.now, "ends_at": self.world.now + timedelta(hours=1)}
            made = Closure(place_id=place.id, reason="Travaux", made_at=self.world.now, **times)
            session.add(made)
            session.flush()
            return made.id

    def _wait(self, place: Place) -> object:
        """What that place's member waits for."""
        wanted = self.booking(place)
        span = {name: getattr(wanted, name) for name in ("resource_id", "starts_at", "ends_at")}
        with self.world.database.write() as session:
            made = Waiting(member_id=self.people[place.id].id, people=1, made_at=self.world.now, **span)
            session.add(made)
            session.flush()
            return made.id

    def _answer_link(self, place: Place) -> tuple[str, str]:
        """The secret of a link by which a manager of that place answers a request, and which one."""
        manager = self.world.account(Role.MANAGER, place)
        asked = self.booking(place, Policy(is_always_open=True, approval=Approval.ALWAYS))
        with self.world.database.write() as session:
            return make_answer_link(session, session.get_one(Booking, asked.id), manager.id), str(asked.id)

    def _answer_by_link(self, place: Place) -> dict[str, Any]:
        token, asked = self._answer_link(place)
        return {"token": token, "accept": True, "seen": [{"id": asked, "version": 1}]}

    def _poster(self, place: Place) -> str:
        with self.world.database.write() as session:
            return renew_poster(session, session.get_one(Place, place.id), at=self.world.now, actor=SYSTEM)

    def _recovered(self, place: Place) -> dict[str, Any]:
        """What the door that ``_door`` made last wrote into a file."""
        with self.world.session() as session:
            door_id = session.scalars(select(Door.id).where(Door.place_id == place.id).order_by(Door.id.desc())).first()
        scan = self.world.scan("illisible")
        del scan["device_now"]
        return recovered_file(place.id, door_id, self.world.now, [scan])

    def _link(self, place: Place) -> tuple[object, str]:
        with self.world.database.write() as session:
            attached = session.get_one(Place, place.id)
            link, secret = make_pairing_link(
                session, attached, label=None, hours=1, max_uses=5, at=self.world.now, actor=SYSTEM
            )
            return link.id, secret

    def key(self, place: Place | None, *scopes: Scope) -> Key:
        """An API key of a place, or of the network for None; without scopes named, one that may look up places."""
        allowed = frozenset(scopes or {Scope.PLACES_READ})
        with self.world.database.write() as session:
            made, secret = make_key(session, "Caisse", allowed, place and place.id, at=self.world.now, actor=SYSTEM)
            return Key(made.id, secret)

    def client_with_key(self, key: Key) -> TestClient:
        """An integration that shows this key."""
        client = self.world.client()
        client.headers["Authorization"] = f"Bearer {key.secret}"
        return client

    def _grant(self, place: Place) -> object:
        account = self.world.account(Role.MEMBER)
        with self.world.database.write() as session:
            attached = session.get_one(Account, account.id)
            return grant_role(
                session, attached, Role.HOST, session.get_one(Place, place.id), at=self.world.now, actor=SYSTEM
            ).id

    def _invitation(self, place: Place) -> tuple[object, str]:
        """An invitation of that place whose mail has left, and its secret."""
        inviter, number = self.world.account(Role.COORDINATOR), next(self.numbers)
        with self.world.database.write() as session:
            wanted = Wanted(f"ami{number}@example.org", "Sam", "fr", Role.HOST, session.get_one(Place, place.id))
            made = invite(session, wanted, session.get_one(Account, inviter.id), at=self.world.now, actor=SYSTEM)
            drawn = draw_secret(session, made.id, at=self.world.now)
            assert drawn is not None
            return made.id, drawn[1]

    def _session(self) -> object:
        if self.account_id is None:
            return uuid4()
        self.world.signed_in(self.account_id)
        with self.world.session() as session:
            mine = select(AccessToken.id).where(AccessToken.account_id == self.account_id)
            return session.scalars(mine.order_by(AccessToken.id.desc())).first()

    def _passkey(self) -> object:
        if self.account_id is None:
            return uuid4()
        with self.world.database.write() as session:
            fields = {"public_key": "", "sign_count": 0, "name": "Téléphone", "created_at": self.world.now}
            passkey = Passkey(account_id=self.account_id, credential_id=uuid4().hex, **fields)
            session.add(passkey)
            session.flush()
            return passkey.id

    def _sign_in_link(self) -> str:
        account = self.world.account(Role.MEMBER)
        with self.world.database.write() as session:
            attached = session.get_one(Account, account.id)
            return make_sign_in_link(session, attached, at=self.world.now, actor=SYSTEM, how="mail")

    def version(self, model: type[Any], key: object) -> dict[str, str]:
        """The header that names a row's present version."""
        with self.world.session() as session:
            return {"If-Match": f'"{session.get_one(model, key).version}"'}

    def version_or_none(self, model: type[Any], key: object) -> dict[str, str]:
        """The same where the row may not be there yet."""
        with self.world.session() as session:
            row = session.get(model, key)
            return {"If-Match": f'"{row.version if row else 0}"'}

    def _advance_version(self, place: Place) -> dict[str, str]:
        with self.world.session() as session:
            row = session.get(BookingAdvance, place.id)
            return {"If-Match": f'"{row.version if row else 0}"'}

    def _content(self, name: str, place: Place) -> dict[str, Any]:
        number = next(self.numbers)
        member = self.people[place.id]
        membership = {"place_id": str(place.id), "plan": "TOUT", "first_day": "2026-01-01"}
        person = {"given_name": "Ada", "family_name": "Martin", "email": f"ada{number}@example.org"}
        week = {"weekdays": [0, 1], "name": "Semaine"}
        made: dict[str, Callable[[], dict[str, Any]]] = {
            "ask_for_sign_in_link": lambda: {"json": {"email": person["email"]}},
            "sign_in": lambda: {"json": {"token": self._sign_in_link()}},
            "add_passkey": lambda: {"json": {"credential": {}}},
            "rename_passkey": lambda: {"json": {"name": "Clé"}},
            "sign_in_with_passkey": lambda: {"json": {"credential": {}}},
            "start_at_provider": lambda: {"json": {}},
            "finish_at_provider": lambda: {"json": {"code": "code", "state": "state"}},
            "change_me": lambda: {"json": {"name": "Ada", "locale": "fr"}},
            "invite": lambda: {
                "json": {"email": person["email"], "name": "Ada", "role": "host", "place_id": str(place.id)}
            },
            "look_at_invitation": lambda: {"json": {"token": self._invitation(place)[1]}},
            "accept_invitation": lambda: {"json": {"token": self._invitation(place)[1]}},
            "make_key": lambda: {"json": {"name": "Caisse", "scopes": ["members:read"]}},
            "make_key_of_place": lambda: {"json": {"name": "Caisse", "scopes": ["members:read"]}},
            "change_network": lambda: {"json": {"name": "Autre"}, "headers": self.version(Network, 1)},
            "add_plan": lambda: {"json": week | {"code": f"P{number % 900}"}},
            "change_plan": lambda: {"json": week, "headers": self.version(Plan, "TOUT")},
            "add_place": lambda: {
                "json": {
                    "code": f"lieu-{number}",
                    "name": "Lieu",
                    "town": "Caen",
                    "postcode": "14000",
                    "joined_on": "2026-01-01",
                }
            },
            "change_place": lambda: {"json": {"name": "Autre"}, "headers": self.version(Place, place.id)},
            "set_hours": lambda: {"json": {}, "headers": self.version(Place, place.id)},
            "get_opening": lambda: {"params": {"from": "2026-11-18", "to": "2026-11-19"}},
            "add_member": lambda: {"json": person | {"membership": membership}},
            "change_member": lambda: {
                "json": {"given_name": f"Ada{number}"},
                "headers": self.version(Member, member.id),
            },
            "suspend_member": lambda: {"json": {"reason": "impayé"}},
            "add_membership": lambda: {"json": membership},
            "change_membership": lambda: {
                "json": {"priority": number % 9 + 1},
                "headers": self.version(Membership, member.memberships[0].id),
            },
            "move_home": lambda: {"json": {"place_id": str(place.id), "first_day": f"2027-01-{number % 28 + 1:02}"}},
            "import_members": lambda: {
                "content": "nom;prénom;lieu;formule\n",
                "headers": {"Content-Type": "text/csv"},
                "params": {"dry_run": "false"},
            },
            "issue_pass": lambda: {"json": {}},
            "bind_live_pass": lambda: {"json": {"public_key": Phone().public_key, "move": True}},
            "get_short_lived_pass": lambda: {"json": {}},
            "revoke_pass": lambda: {"json": {"reason": "perdu"}},
            "reissue_pass": lambda: {"json": {"reason": "perdu"}},
            "list_statement_visits": lambda: {"params": {"direction": "made", "partner": "moulin"}},
            "list_statement_bookings": lambda: {"params": {"direction": "made", "partner": "moulin"}},
            "add_resource": lambda: {"json": {"name": "Salle Bleue", "capacity": 8}},
            "change_resource": lambda: {
                "json": {"name": "Salle Verte", "capacity": 6},
                "headers": self.version(Resource, self.last_room),
            },
            "retire_resource": lambda: {"headers": self.version(Resource, self.last_room)},
            "get_resource_hours": lambda: {"params": {"from": "2026-11-18"}},
            "get_resource_taken": lambda: {"params": {"from": "2026-11-18"}},
            "find_rooms": lambda: {"params": {"start": "2026-11-23T09:00", "end": "2026-11-23T10:00"}},
            "find_room_days": lambda: {"params": {"day": "2026-11-23"}},
            "train_whoever_is_here": lambda: {"json": {"short_code": self.world.card(member).short_code}},
            "set_booking_advance": lambda: {
                "json": {"advances": True, "ceiling": 5000},
                "headers": self._advance_version(place),
            },
            "list_advanced_bookings": lambda: {"params": {"month": "2026-11"}},
            "get_advanced_bookings_csv": lambda: {"params": {"month": "2026-11"}},
            "make_pairing_link": lambda: {"json": {}},
            "pair_with_link": lambda: {
                "json": {"token": self._link(place)[1], "device_id": str(uuid4()), "name": "Téléphone"}
            },
            "pair_this_device": lambda: {"json": {"device_id": str(uuid4()), "name": "Téléphone"}},
            "set_up": lambda: {
                "json": {
                    "secret": "inconnu",
                    "name": "Autre",
                    "code": "AUTRE",
                    "person": "Ada",
                    "email": person["email"],
                }
            },
            "try_door": lambda: {"json": {"pass": "illisible"}},
            "check_in": lambda: {"json": self.world.scan("illisible")},
            "check_in_batch": lambda: {"json": {"items": [self.world.scan("illisible")]}},
            "recover_check_ins": lambda: {"json": self._recovered(place)},
            "undo_check_in": lambda: {"json": {"reason": "erreur"}},
            "override_check_in": lambda: {"json": {"reason": "connue"}},
            "review_check_in": lambda: {"json": {"accept": True}},
            "accept_day": lambda: {"json": {"day": "2026-11-18"}},
            "add_forgotten_visit": lambda: {
                "json": {"id": str(uuid4()), "day": "2026-11-18", "short_code": "K7M2-9QX4", "reason": "oublié"}
            },
            "book_room_now": lambda: {"json": {"id": str(uuid4()), "minutes": 15}},
            "make_resource_feed": lambda: {"json": {"kind": "busy"}},
            "set_external_calendar": lambda: {"json": {"url": "http://192.0.2.1/a.ics"}},
            "quote_booking": lambda: {"json": MORNING},
            "book": lambda: {"json": body(room(self.world, place))},
            "book_series": lambda: {
                "json": body(room(self.world, place), repeat={"every": "week", "count": 2}, title=f"Série {number}")
            },
            "change_series": lambda: {
                "params": {"scope": "all"},
                "json": MORNING | {"title": "Atelier"},
                "headers": FIRST_VERSION,
            },
            "cancel_series": lambda: {"params": {"scope": "all"}, "json": {}, "headers": FIRST_VERSION},
            "wait_for": lambda: book(self.world, self.last_room, member) and {"json": MORNING},
            "make_closure": lambda: {"json": MORNING_CLOSED},
            "make_convention_draft": lambda: {"json": NEW_RULES | {"starts_on": "2027-06-01"}},
            "change_convention_draft": lambda: {
                "json": NEW_RULES | {"starts_on": f"2027-06-{number % 28 + 1:02}"},
                "headers": FIRST_VERSION,
            },
            "propose_convention": lambda: {"headers": FIRST_VERSION},
            "answer_convention": lambda: {"json": {"consents": True}},
            "change_booking": lambda: {"json": MORNING | {"title": "Atelier"}, "headers": FIRST_VERSION},
            "cancel_booking": lambda: {"json": {}, "headers": FIRST_VERSION},
            "end_booking_early": lambda: {"headers": FIRST_VERSION},
            "list_bookings_of_place": lambda: {"params": {"from": "2026-11-23"}},
            "answer_booking": lambda: {"json": {"accept": True}, "headers": FIRST_VERSION},
            "look_at_booking_request": lambda: {"json": {"token": self._answer_link(place)[0]}},
            "answer_booking_by_link": lambda: {"json": self._answer_by_link(place)},
            "confirm_statement": lambda: {"json": {"number": self._published()}},
            "ask_closing": lambda: {"json": {"number": 1}},
            "validate_closing": lambda: {"json": {"number": 1}},
            "report_error": lambda: {
                "json": {"month": "2026-09", "direction": "made", "partner": "moulin", "reason": "other"}
            },
            "answer_contest": lambda: {"json": {"agrees": False}},
            "say_in_contest": lambda: {"json": {"words": "Nous regardons."}},
            "decide_contest": lambda: {"json": {"accept": False}},
            "mark_payment": lambda: {"json": {"state": "paid"}, "headers": FIRST_VERSION},
            "read_bank_statement": lambda: {"content": "<Document/>", "headers": {"Content-Type": "application/xml"}},
            "name_fund_holder": lambda: {"json": {"place_id": str(place.id)}},
            "distribute_fund": lambda: {"json": {"amount_cents": 100, "weights": "equal"}},
            "set_settlement_details": lambda: {
                "json": {"account_name": f"Lieu {number}", "postcode": "14000", "town": "Caen"},
                "headers": self.version_or_none(SettlementDetails, place.id),
            },
            "set_door_policy": lambda: {
                "json": {"house_rules": HOUSE_RULES},
                "headers": self.version(DoorPolicy, place.id),
            },
            "accept_house_rules": lambda: {"json": {"version": 1}},
            "accept_house_rules_at_door": lambda: {"json": {"version": 1}},
            "check_out": lambda: {"json": {}},
            "receive_guest_at_door": lambda: {"json": day_guest(self.world)},
            "receive_guest": lambda: {"json": day_guest(self.world)},
            "write_my_attention": lambda: {"json": {"attention": "Je suis sourde"}},
            "make_my_choice": lambda: {"json": {"kind": "found_by_name", "given": number % 2 == 0}},
            "erase_me": lambda: {"json": {"confirm": "autre chose"}},
            "erase_member": lambda: {"json": {"confirm": "autre chose"}},
            "get_metrics": lambda: {"headers": {"Authorization": f"Bearer {METRICS_TOKEN}"}},
            "get_poster": lambda: self._poster(place) and {},
            "print_poster": lambda: self._poster(place) and {},
            "look_up_poster": lambda: {"json": {"poster_code": self._poster(place)}},
            "check_myself_in": lambda: {"json": self.world.scan(poster_code=self._poster(place))},
            "look_up_short_code": lambda: {"json": {"short_code": "K7M2-9QX4"}},
        }
        return made.get(name, dict)()
