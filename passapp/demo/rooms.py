"""What can be booked in the demo, and what is booked: rooms, desks and machines in eleven places, La Réunion included.

Rooms, prices and bookings are invented, as everything that the demo says of its places is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from passapp.bookings.advances.service import set_advance
from passapp.bookings.finding.next_free import is_free
from passapp.bookings.models import Booking, Resource
from passapp.bookings.quoting import quote
from passapp.bookings.resources.service import Wanted, add_resource
from passapp.bookings.resources.trainings import train
from passapp.bookings.rules import Approval, Audience, Every, Policy, Rate, Repeat, Tier, span_between
from passapp.bookings.series.service import make_series
from passapp.bookings.service import Wanted as BookingWanted
from passapp.bookings.service import answer, book
from passapp.demo.people import DOOR_PLACE, MEMBER_HOME
from passapp.demo.places import ISLAND
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import zone_named
from passapp.kernel.wall_time import local_date, opening_instant
from passapp.members.models import Member
from passapp.network.rules import month_before, month_of, parse_month
from passapp.network.service import settles_money_from
from passapp.places.models import Place

_FAIR: Final = (Tier(hours_before=24, fee_percent=0), Tier(hours_before=2, fee_percent=50))
"""Free until the day before, half until two hours before, all of it later."""
MEETINGS: Final = Policy(shortest=30, longest=8 * 60, tiers=_FAIR, late_fee_percent=100, advance_days=180)
BOOTH: Final = Policy(shortest=15, longest=2 * 60, advance_days=14, upcoming=3)
DESKS: Final = Policy(grid=30, shortest=2 * 60, longest=10 * 60, advance_days=30)
ON_REQUEST: Final = Policy(
    grid=30,
    shortest=60,
    longest=12 * 60,
    set_up=30,
    tear_down=30,
    notice=24 * 60,
    tiers=(Tier(hours_before=72, fee_percent=0),),
    late_fee_percent=50,
    approval=Approval.VISITORS,
)
MACHINE: Final = Policy(grid=30, shortest=30, longest=3 * 60, needs_training=True, weekly_minutes=6 * 60)

PRINTER: Final = "Imprimante 3D"


@dataclass(frozen=True)
class DemoRoom:
    """Something to book at a demo place. ``parts``: names of the rooms of the same place that it is made of."""

    name: str
    capacity: int
    features: str = ""
    rates: Sequence[Rate] = ()
    policy: Policy = MEETINGS
    kind: str = "room"
    about: str | None = None
    access: str = "Passez par l'accueil : on vous ouvre."
    units: Sequence[str] = ()
    parts: Sequence[str] = ()


def _euros(hour: int, half_day: int | None = None, day: int | None = None, *, is_home: bool | None = None) -> Rate:
    halves = None if half_day is None else half_day * 100
    return Rate(hour * 100, halves, None if day is None else day * 100, is_home=is_home)


def _prices(hour: int, half_day: int | None = None, day: int | None = None) -> tuple[Rate, ...]:
    """For members from elsewhere; a third less at home."""
    less = [None if each is None else each * 2 // 3 for each in (half_day, day)]
    return _euros(hour, half_day, day, is_home=False), _euros(hour * 2 // 3, *less, is_home=True)


ROOMS: Final[Mapping[str, Sequence[DemoRoom]]] = {
    DOOR_PLACE: (
        DemoRoom("Salle Seine", 12, "screen videoconference whiteboard wheelchair", _prices(18, 60, 100)),
        DemoRoom("Salle Robec", 6, "screen whiteboard wheelchair", _prices(12, 40, 70)),
        DemoRoom("Cabine 1", 1, "quiet", policy=BOOTH, about="Pour un appel, porte fermée."),
        DemoRoom(
            "Grand plateau",
            60,
            "screen sound kitchen wheelchair",
            _prices(45, 160, 280),
            ON_REQUEST,
            about="Conférences et soirées. Chaises et tables à remettre en place.",
        ),
        DemoRoom(
            PRINTER,
            1,
            "air_extraction",
            _prices(5),
            MACHINE,
            kind="equipment",
            about="PLA et PETG, plateau de 25 cm. Une heure de formation le premier jeudi du mois.",
        ),
    ),
    MEMBER_HOME: (
        DemoRoom("Salle des machines", 8, "screen coffee wheelchair", _prices(12, 42)),
        DemoRoom("L'alcôve", 4, "quiet coffee", _prices(6)),
    ),
    "galanga": (DemoRoom("Salle Curcuma", 10, "screen whiteboard", _prices(15, 50, 90)),),
    "work-co": (
        DemoRoom(
            "Bureaux à la demi-journée",
            1,
            "quiet daylight",
            _prices(4, 12, 20),
            DESKS,
            kind="desk",
            units=("Bureau fenêtre", "Bureau du fond", "Bureau du milieu", "Bureau debout"),
        ),
    ),
    "la-maison-bleue": (DemoRoom("Salle Bleue", 8, "whiteboard kitchen daylight", _prices(9, 30, 50)),),
    "la-filature": (
        DemoRoom("Salle Trame", 14, "projector whiteboard", _prices(15, 50, 90)),
        DemoRoom("Salle Chaîne", 14, "projector whiteboard", _prices(15, 50, 90)),
        DemoRoom(
            "Grande salle de La Filature",
            30,
            "projector sound whiteboard",
            _prices(26, 90, 160),
            about="Trame et Chaîne, la cloison repliée.",
            parts=("Salle Trame", "Salle Chaîne"),
        ),
    ),
    "le-dome": (
        DemoRoom(
            "Découpeuse laser",
            2,
            "air_extraction",
            _prices(12),
            MACHINE,
            kind="equipment",
            about="Bois, carton, plexiglas jusqu'à 8 mm.",
        ),
        DemoRoom("Salle atelier", 16, "screen sink wheelchair", _prices(12, 40, 70)),
    ),
    "le-wip": (DemoRoom("La nef", 80, "sound projector wheelchair", _prices(40, 150, 260), ON_REQUEST),),
    "la-fabrique-apefim": (DemoRoom("Salle Orne", 10, "screen videoconference", _prices(10, 35, 60)),),
    "le-cafe-des-images": (DemoRoom("Studio", 12, "screen sound", _prices(14, 45)),),
    ISLAND: (
        DemoRoom(
            "Varangue haute",
            10,
            "screen daylight wheelchair",
            _prices(10, 35, 60),
            about="À l'étage, face à la mer, ventilateurs et volets.",
            access="Par le jardin, escalier de gauche. Le code de la grille vous est donné à l'accueil.",
        ),
        DemoRoom("Case créole", 5, "whiteboard quiet", _prices(6, 20)),
        DemoRoom(
            "Machine à coudre",
            1,
            "",
            policy=Policy(audience=Audience.OWN_MEMBERS, shortest=60, longest=4 * 60),
            kind="equipment",
        ),
    ),
}
"""By the place's code."""

_WHAT_FOR: Final = (
    "Réunion d'équipe",
    "Atelier couture",
    "Entretien",
    "Formation",
    "Conseil d'administration",
    "Appel",
)
_STARTS: Final = (9 * 60, 10 * 60, 11 * 60, 14 * 60, 15 * 60, 16 * 60 + 30)
_LASTS: Final = (60, 90, 120, 180)
_BOOKED_BEFORE: Final = timedelta(days=4)
_DAYS: Final = 9
"""Of bookings: the days since they were made, and some to come."""
_OFTEN: Final = 0.55


@dataclass
class Rooms:
    """The rooms of the demo while it is made."""

    session: Session
    places: Mapping[str, Place]
    now: datetime
    rng: Random
    made: dict[tuple[str, str], Resource] = field(default_factory=dict)

    def open(self, since: datetime) -> None:
        """Every room of every place."""
        for code, rooms in ROOMS.items():
            for room in rooms:
                self.made[code, room.name] = self._add(code, room, since)

    def _add(self, code: str, room: DemoRoom, at: datetime) -> Resource:
        place = self.places[code]
        fields = {
            "kind": room.kind,
            "name": room.name,
            "description": room.about,
            "capacity": room.capacity,
            "features": room.features.split(),
            "access": room.access,
            "contact": f"{place.name}, à l'accueil",
        }
        parts = [self.made[code, name].id for name in room.parts]
        wanted = Wanted(fields, room.rates, room.policy, room.units, parts)
        return add_resource(self.session, place, wanted, at=at, actor=SYSTEM)

    def live(self, members: Sequence[Member], lea: Member) -> None:
        """People have booked, some days ago, and wait for an answer; Léa has a room this week and one on the island."""
        then = self.now - _BOOKED_BEFORE
        first = local_date(then, zone_named("Europe/Paris")) + timedelta(days=1)
        for day in (first + timedelta(days=n) for n in range(_DAYS)):
            for resource in self.made.values():
                if self.rng.random() < _OFTEN:
                    starts, lasts = self.rng.choice(_STARTS), self.rng.choice(_LASTS)
                    self._book(resource, self.rng.choice(members), day, starts, lasts, at=then)
        for place, name, starts, lasts in (
            (DOOR_PLACE, "Salle Robec", 14 * 60, 120),
            (ISLAND, "Varangue haute", 9 * 60, 180),
        ):
            self._when_possible(self.made[place, name], lea, starts, lasts)
        visitors = [member for member in members if member is not lea]
        large = self.made[DOOR_PLACE, "Grand plateau"]
        for number in range(2):
            self._when_possible(large, self.rng.choice(visitors), 13 * 60, 180 + 60 * number)
        self._every_week(large, self.rng.choice(visitors))
        for member in self.rng.sample(visitors, min(3, len(visitors))):
            train(self.session, self.made[DOOR_PLACE, PRINTER], member, at=then, actor=SYSTEM)

    def advance(self, members: Sequence[Member]) -> None:
        """Léa's home pays its members' bookings elsewhere first: in each of the last two months there was one."""
        home = self.places[MEMBER_HOME]
        theirs = [member for member in members if all(each.place_id == home.id for each in member.memberships)]
        last = month_before(month_of(local_date(self.now, zone_named(home.zone))))
        months = [datetime.combine(parse_month(month), time(12), UTC) for month in (month_before(last), last)]
        if not settles_money_from(self.session, months[0].date()):
            return  # a demo too short for that
        set_advance(self.session, home, 0, advances=True, ceiling=200_00, at=months[0], actor=SYSTEM)
        for then in months:
            tries = ((member, then.date() + timedelta(days=n)) for n in range(7, 21) for member in theirs)
            any(self._book(self.made[DOOR_PLACE, "Salle Robec"], *each, 10 * 60, 120, at=then) for each in tries)

    def _every_week(self, resource: Resource, member: Member) -> None:
        """A workshop of six weeks waits for an answer, on the first weekday on which it works out."""
        zone = zone_named(resource.place.zone)
        repeat = Repeat(Every.WEEK, count=6)
        for days in range(8, 15):
            begins = opening_instant(local_date(self.now, zone) + timedelta(days=days), 14 * 60, zone)
            wanted = BookingWanted(span_between(begins, begins + timedelta(hours=2), zone), "Atelier d'écriture", 12)
            found = make_series(
                self.session, resource, member, wanted, repeat, skip=False, dry_run=False, now=self.now, actor=SYSTEM
            )
            if found.is_done:
                return

    def _when_possible(self, resource: Resource, member: Member, starts: int, lasts: int) -> None:
        """On the first day from tomorrow on on which it works out, within two weeks."""
        today = local_date(self.now, zone_named(resource.place.zone))
        any(self._book(resource, member, today + timedelta(days=n), starts, lasts, at=self.now) for n in range(1, 15))

    def _book(
        self, resource: Resource, member: Member, day: date, starts: int, lasts: int, *, at: datetime
    ) -> Booking | None:
        """Booked where it may be and is free; what asked for an answer days ago has it."""
        session = self.session
        zone = zone_named(resource.place.zone)
        begins = opening_instant(day, starts, zone)
        span = span_between(begins, begins + timedelta(minutes=lasts), zone)
        people = self.rng.randint(1, resource.capacity)
        found = quote(session, resource, member, span, people=people, now=at)
        if found.flaws or not is_free(session, resource, span, found.policy, at):
            return None
        wanted = BookingWanted(span, self.rng.choice(_WHAT_FOR), people)
        booking = book(session, resource, member, wanted, now=at, actor=SYSTEM)
        if found.needs_approval and at < self.now:
            answer(session, booking, accept=True, reason=None, now=at + timedelta(hours=3), actor=SYSTEM)
        return booking
