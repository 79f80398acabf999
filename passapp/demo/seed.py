"""Fill an empty database with the demo network.

Everything goes through the services that people and doors use, so that what the demo shows is what Passapp does. It is
one transaction: whoever stops it half-way finds an empty database again, and the next start begins anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from random import Random
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import and_, delete, func, not_, or_, select
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.models import Account
from passapp.accounts.roles import grant_role
from passapp.accounts.rules import Grant, Role
from passapp.accounts.service import ensure_account
from passapp.demo import crowd, diary, receiving, rooms
from passapp.demo.conventions import demo_conventions
from passapp.demo.months import Months
from passapp.demo.people import (
    ACCOUNTANT_EMAIL,
    DOOR_PLACE,
    MEMBER_FAMILY_NAME,
    MEMBER_GIVEN_NAME,
    ROLE_EMAILS,
    STAFF,
)
from passapp.demo.places import CHARGING_VAT, FUND_HOLDER, DemoPlace, demo_places
from passapp.demo.settling import propose_rules, say_how_it_is_settled
from passapp.door.answering import Answer
from passapp.door.calling import note_seen
from passapp.door.cases import Scan
from passapp.door.models import Door, Visit
from passapp.door.pairing import pair
from passapp.door.rules import Verdict
from passapp.door.service import check_in, undo_check_in
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.settings import Settings
from passapp.members.models import Member
from passapp.members.service import (
    NewMembership,
    add_member,
    add_membership,
    move_home,
    resume_member,
    suspend_member,
)
from passapp.network.models import Network
from passapp.network.rules import days_of, month_before, month_of
from passapp.network.service import add_plan, found_network, publish_convention
from passapp.passes.keys import ensure_keys
from passapp.passes.models import IssuedPass
from passapp.passes.rules import card_claims, sign_pass
from passapp.passes.service import issue_card, reissue_pass, text_of
from passapp.places.models import Place
from passapp.places.rules import Opening
from passapp.places.service import add_place, hours_between, set_hours, set_vat
from passapp.settlement.payments.fund import name_holder

NETWORK_CODE: Final = "ESCALE"
NETWORK_NAME: Final = "Réseau Escale (démonstration)"
PEOPLE: Final = 130
MONTHS: Final = 4
"""That are over: one for each thing that becomes of a month. Of the first one, only its last days have visits."""

_FIRST_DAYS: Final = 5

_SEED: Final = "Escale"
_PLANS: Final = (
    {"code": crowd.WEEKDAYS, "name": "En semaine, de 8 h à 19 h", "opens": "everywhere", "weekdays": [0, 1, 2, 3, 4]}
    | {"from_minute": 8 * 60, "to_minute": 19 * 60},
    {"code": crowd.HOME_ONLY, "name": "Mon lieu seulement", "opens": "home", "weekdays": list(range(7))}
    | {"from_minute": 0, "to_minute": 24 * 60},
)
_NOT_PASSES: Final = ("https://carte.example/menu", "WIFI:T:WPA;S:Invites;P:bonjour;;", "3760123456789")
_MONTHS: Final = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_DAYS_AT_ONCE: Final = 7
_ASKED_AGAIN_AFTER: Final = timedelta(seconds=9)
_SENT_AFTER: Final = timedelta(minutes=3)
_MAILS_SINCE: Final = timedelta(days=3)
_MAILS_OF_CLOSING: Final = ("month_closed", "accountant_files")


def holds_another_network(database: Database) -> bool:
    """Whether the database holds a network that is not the demo: nobody may be signed in to it by one click."""
    with database.read() as session:
        network = session.get(Network, 1)
        ours = select(Account.id).where(Account.email == ROLE_EMAILS["coordinator"])
        return network is not None and (network.code != NETWORK_CODE or session.scalar(ours) is None)


def seed_demo(
    database: Database,
    settings: Settings,
    *,
    now: datetime,
    say: Callable[[str], None],
    people: int = PEOPLE,
    days: int | None = None,
) -> bool:
    """Make the demo network: places, members, passes, doors, and ``days`` days of visits that end at ``now``.

    Without ``days`` there are months enough for all that becomes of one (:data:`MONTHS`).

    ``say`` is told of the progress. Gives False, and touches nothing, where there is a network already. The same
    ``now`` gives the same visits, under other ids.
    """
    with database.read() as session:
        if session.get(Network, 1) is not None:
            return False
    with database.write() as session:
        if session.get(Network, 1) is not None:  # somebody else was faster
            return False
        say("Création du réseau de démonstration, une fois pour toutes…")
        seeding = _Seeding(session, settings, now, say, people, days)
        seeding.found()
        seeding.add_places()
        seeding.agree()
        seeding.add_staff()
        seeding.add_people()
        seeding.live()
        seeding.receive()
        seeding.open_rooms()
        seeding.settle()
        seeding.forget_old_mails()
        visits = session.scalar(select(func.count()).select_from(Visit))
    say(f"C'est prêt : {len(seeding.places)} lieux, {people} membres, {visits} passages.")
    return True


@dataclass(frozen=True)
class _Card:
    """A card in somebody's pocket."""

    since: datetime
    text: str
    short_code: str


@dataclass
class _Seeding:
    """The demo while it is made. Rows are held here, so that the session finds them without asking the database."""

    session: Session
    settings: Settings
    now: datetime
    say: Callable[[str], None]
    count: int
    days: int | None
    rows: dict[str, Place] = field(default_factory=dict)
    doors: dict[str, Door] = field(default_factory=dict)
    staff: dict[str, Account] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    passes: list[IssuedPass] = field(default_factory=list)
    cards: list[list[_Card]] = field(default_factory=list)
    lost_cards: dict[int, _Card] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places: dict[str, DemoPlace] = {place.code: place for place in demo_places()}
        self.today = self.now.astimezone(ZoneInfo("Europe/Paris")).date()
        self.first = self._first_month() if self.days is None else self.today - timedelta(days=self.days - 1)
        self.founded_at = _morning(self.first - crowd.FOUNDED_BEFORE)
        self.joined_on = crowd.joined_on(list(self.places.values()), self.first)
        self.rng = Random(_SEED)
        stage = crowd.Stage(Random(f"{_SEED} people"), self.places, self.first, self.today)
        self.people = crowd.invent_people(stage, self.joined_on, count=self.count)
        stranger = card_claims(
            network="VOISIN",
            index=self.rng.randrange(1000),
            plan="A",
            not_before=self.founded_at,
            expires_at=self.founded_at + timedelta(days=390),
        )
        self.neighbour_text = sign_pass(stranger, Ed25519PrivateKey.generate(), "v1")

    def found(self) -> None:
        """The network, its plans and its keys."""
        session, at = self.session, self.founded_at
        found_network(session, NETWORK_CODE, NETWORK_NAME, locale="fr", at=at, actor=SYSTEM)
        for plan in _PLANS:
            add_plan(session, plan, at=at, actor=SYSTEM)
        ensure_keys(session, self.settings.keys_dir, at=at)

    def add_places(self) -> None:
        """The places, their hours, and one paired phone for each that has a door."""
        self.say(f"{len(self.places)} lieux et leurs horaires…")
        for place in self.places.values():
            at = _morning(self.joined_on[place.code])
            row = self._add_place(place, at)
            set_hours(
                self.session,
                row,
                place.week,
                place.exceptions(self.today),
                closed_on_holidays=place.closed_on_holidays,
                at=at,
                actor=SYSTEM,
            )
            self.rows[place.code] = row
            if place.has_door:
                paired = pair(self.session, row, self._draw_id(), "Téléphone de l'accueil", at=at, actor=SYSTEM)
                self.doors[place.code] = paired.door

    def agree(self) -> None:
        """What the places agreed to, once they had all joined."""
        for starts_on, document in demo_conventions(self.first, self.today):
            publish_convention(self.session, document, starts_on=starts_on, at=self.founded_at, actor=SYSTEM)
        for code, basis_points in CHARGING_VAT.items():
            row, since = self.rows[code], self.joined_on[code]
            set_vat(self.session, row, since, basis_points, at=_morning(since), actor=SYSTEM)
        for number, (code, row) in enumerate(sorted(self.rows.items()), start=1):
            joined = _morning(self.joined_on[code])
            mailed = ACCOUNTANT_EMAIL if code == DOOR_PLACE else None
            say_how_it_is_settled(
                self.session, row, number, charges_vat=code in CHARGING_VAT, accountant=mailed, at=joined
            )
        name_holder(self.session, self.rows[FUND_HOLDER], at=self.founded_at, actor=SYSTEM)

    def _add_place(self, place: DemoPlace, at: datetime) -> Place:
        fields = {
            "code": place.code,
            "name": place.name,
            "kind": place.kind,
            "town": place.town,
            "postcode": place.postcode,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "zone": place.zone,
            "country": "FR",
            "subdivision": place.subdivision,
            "closed_on_holidays": place.closed_on_holidays,
            "has_door": place.has_door,
            "host_class": place.host_class,
            "services": place.services,
            "joined_on": self.joined_on[place.code],
        }
        return add_place(self.session, fields, at=at, actor=SYSTEM)

    def add_staff(self) -> None:
        """The people who sign in to run things."""
        for staff in STAFF:
            account = ensure_account(self.session, staff.email, staff.name, locale="fr", at=self.founded_at)
            place = self.rows[staff.place] if staff.place else None
            self.staff[staff.email] = account
            for role in staff.roles:
                grant_role(self.session, account, role, place, at=self.founded_at, actor=SYSTEM)

    def add_people(self) -> None:
        """The members with their memberships and cards, and what happened to them since."""
        self.say(f"{len(self.people)} membres et leurs pass…")
        for number, person in enumerate(self.people):
            member = self._add_member(person)
            self.members.append(member)
            self.cards.append([])
            self._give_cards(number, person, member)
            self._tell_story(person, member)

    def _add_member(self, person: crowd.Person) -> Member:
        given = [
            NewMembership(
                self.rows[stint.home].id, stint.plan, stint.first_day, tier=stint.tier, priority=stint.priority
            )
            for stint in person.stints
        ]
        fields = {
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": person.email,
            "reference": person.reference,
            "locale": person.locale,
        }
        at = _morning(given[0].first_day)
        member = add_member(self.session, fields, given[0], at=at, actor=SYSTEM)
        for another in given[1:]:
            add_membership(self.session, member, another, at=at, actor=SYSTEM)
        return member

    def _give_cards(self, number: int, person: crowd.Person, member: Member) -> None:
        session, at = self.session, _morning(person.card_on)
        named: list[UUID | None] = [m.id for m in member.memberships] if person.names_payer else [None]
        for membership_id in named:
            self._keep(
                number, issue_card(session, member, membership_id, months=person.card_months, at=at, actor=SYSTEM)
            )
        if person.card_lost_on is not None:
            lost_at = _morning(person.card_lost_on)
            self.lost_cards[number] = self.cards[number][-1]
            self._keep(number, reissue_pass(session, self.passes[-1], "Carte perdue", at=lost_at, actor=SYSTEM))
        if person.card_renewed_on is not None and (at := _morning(person.card_renewed_on)) <= self.now:
            self._keep(number, issue_card(session, member, at=at, actor=SYSTEM))

    def _keep(self, number: int, issued: IssuedPass) -> None:
        text = text_of(self.session, issued, self.settings.keys_dir)
        self.passes.append(issued)
        self.cards[number].append(_Card(issued.issued_at, text, issued.short_code))

    def _tell_story(self, person: crowd.Person, member: Member) -> None:
        session = self.session
        if person.moves_on is not None and person.moves_to is not None:
            to, at = self.rows[person.moves_to], _morning(person.moves_on - timedelta(days=3))
            move_home(session, member, to, person.moves_on, plan=None, tier=None, at=at, actor=SYSTEM)
        if person.suspended_on is not None:
            suspend_member(session, member, "Cotisation en attente", at=_morning(person.suspended_on), actor=SYSTEM)
        if person.resumed_on is not None:
            resume_member(session, member, at=_morning(person.resumed_on), actor=SYSTEM)

    def live(self) -> None:
        """The scans. Phones send a week of them at once, as if they had been offline: it is faster."""
        book = diary.Diary(Random(f"{_SEED} visits"), self.places, self.people, self._hours(), self.now)
        month = 0
        # One day more: it is tomorrow already where the sun rises earlier.
        days = [self.first + timedelta(days=n) for n in range((self.today - self.first).days + 2)]
        for week in (days[n : n + _DAYS_AT_ONCE] for n in range(0, len(days), _DAYS_AT_ONCE)):
            scans = sorted((scan for day in week for scan in book.scans_of(day)), key=lambda scan: scan.place)
            if scans and week[-1].month != month:
                month = week[-1].month
                self.say(f"Passages {_of_month(month)}…")
            for place, at_place in groupby(scans, key=lambda scan: scan.place):
                self._receive(self.doors[place], list(at_place))

    def receive(self) -> None:
        """What the place of the demo's door has besides visits."""
        elsewhere = [
            (person.stints[-1].plan, self.cards[number][-1].text)
            for number, person in enumerate(self.people)
            if person.stints[-1].home != DOOR_PLACE and self._comes_and_goes(person)
        ]
        shown = receiving.Shown(
            kept_out=[text for plan, text in elsewhere if plan == crowd.HOME_ONLY],
            welcome=[text for plan, text in elsewhere if plan == crowd.WEEKDAYS],
        )
        receiving.receive(self.session, self.doors[DOOR_PLACE], shown, self._draw_id, now=self.now)

    def open_rooms(self) -> None:
        """What can be booked, and what is."""
        self.say("Salles et réservations…")
        made = rooms.Rooms(self.session, self.rows, self.now, Random(f"{_SEED} rooms"))
        made.open(self.founded_at)
        [lea] = [m for m in self.members if (m.given_name, m.family_name) == (MEMBER_GIVEN_NAME, MEMBER_FAMILY_NAME)]
        made.live(self.members, lea)
        made.advance([member for member in self.members if member is not lea])

    def settle(self) -> None:
        """The months, and rules that one place is still asked about."""
        self.say("Relevés et clôtures…")
        staff = {role: self.staff[email] for role, email in ROLE_EMAILS.items() if email in self.staff}
        Months(self.session, self.settings.keys_dir, self.rows, staff, self.now).live()
        propose_rules(self.session, self.rows, staff["coordinator"], now=self.now)

    def _first_month(self) -> date:
        month = month_of(self.today)
        for _ in range(MONTHS):
            month = month_before(month)
        return days_of(month)[1] - timedelta(days=_FIRST_DAYS - 1)

    def _comes_and_goes(self, person: crowd.Person) -> bool:
        """Whether nothing ever happened to their pass or their home."""
        changes = (person.suspended_on, person.moves_on, person.card_lost_on, person.card_renewed_on)
        return len(person.stints) == 1 and not any(changes)

    def forget_old_mails(self) -> None:
        """Mails of the past months were read long ago: the last days' are left, and what the demo is to show.

        That is Léa's that her pass is ready, and those about the last month and the closed one.
        """
        self.session.flush()
        former = OutboxMessage.created_at < self.now - _MAILS_SINCE
        lea = select(Account.id).where(Account.email == ROLE_EMAILS["member"]).scalar_subquery()
        hers = and_(OutboxMessage.kind == "pass_ready", OutboxMessage.recipient_id == lea)
        last = f"statement_ready:{month_before(month_of(self.today))}:"
        shown = or_(hers, OutboxMessage.key.startswith(last), OutboxMessage.kind.in_(_MAILS_OF_CLOSING))
        self.session.execute(delete(OutboxMessage).where(former, not_(shown)))

    def _hours(self) -> dict[str, dict[date, tuple[Opening, ...]]]:
        last = self.today + timedelta(days=1)
        return {
            code: {day.day: day.openings for day in hours_between(self.rows[code], self.first, last) if day.openings}
            for code in self.doors
        }

    def _receive(self, door: Door, scans: list[diary.Scan]) -> None:
        """One day at one door."""
        received = min(scans[-1].at + _SENT_AFTER, self.now)
        sent = [self._sent(scan, received) for scan in scans]
        outcomes = check_in(self.session, door, sent, now=received)
        note_seen(door, received)
        asked: list[Scan] = []
        for scan, wanted, outcome in zip(sent, scans, outcomes, strict=True):
            if not isinstance(outcome, Answer):
                raise outcome
            if outcome.choices:
                asked.append(self._ask_again(scan, wanted, outcome, received))
            if wanted.undone and outcome.check_in.verdict == Verdict.OK:
                self._undo(door, outcome, received)
        if asked:
            check_in(self.session, door, asked, now=received)

    def _sent(self, scan: diary.Scan, received: datetime) -> Scan:
        """What the phone sends of a scan."""
        text, code = self._shown(scan)
        return Scan(self._draw_id(), scan.at, received, text, code)

    def _shown(self, scan: diary.Scan) -> tuple[str | None, str | None]:
        """The text that the camera read, or the short code that was typed."""
        if scan.person is None:
            other = _NOT_PASSES[int(scan.whim * len(_NOT_PASSES))]
            return (self.neighbour_text if scan.shown is diary.Shown.NEIGHBOUR else other), None
        if scan.shown is diary.Shown.LOST_CARD:
            return self.lost_cards[scan.person].text, None
        cards = [card for card in self.cards[scan.person] if card.since <= scan.at]
        newest = [card for card in cards if card.since == cards[-1].since]
        card = newest[int(scan.whim * len(newest))]
        return (None, card.short_code) if scan.shown is diary.Shown.TYPED_CODE else (card.text, None)

    def _ask_again(self, scan: Scan, wanted: diary.Scan, answer: Answer, received: datetime) -> Scan:
        """The host asks which home pays, and sends the scan again."""
        choices = sorted(answer.choices, key=lambda choice: choice.home)
        chosen = choices[int(wanted.whim * len(choices))]
        at = min(scan.scanned_at + _ASKED_AGAIN_AFTER, received)
        return Scan(self._draw_id(), at, received, scan.pass_text, scan.short_code, chosen.home_id)

    def _undo(self, door: Door, answer: Answer, at: datetime) -> None:
        caller = Caller(token_id=door.token_id, grants=frozenset({Grant(Role.DOOR, door.place_id)}))
        undo_check_in(self.session, answer.check_in.id, "Scanné par erreur", caller, now=at)

    def _draw_id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)


def _of_month(month: int) -> str:
    name = _MONTHS.split()[month - 1]
    return f"d'{name}" if name[0] in "ao" else f"de {name}"


def _morning(day: date) -> datetime:
    """When the deeds of a day are done: before anybody comes."""
    return datetime.combine(day, time(2), UTC)
