"""How long it takes to find a free room among 2,000 with a million claims, and how many bookings a second are made.

    .venv/bin/python -m benchmarks.bookings             # about five minutes
    .venv/bin/python -m benchmarks.bookings --quick     # a few seconds a database: does it run at all?

Starts `passapp serve` on a PostgreSQL server of its own (two workers) and on SQLite (one), fills it with rooms and
claims, and asks over loopback. Beside the bookings: the bare insert of a claim under the same guard, durable as well.
The load comes from this machine too, and takes its share of the cores.
"""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.check_in import free_port, say, serving
from benchmarks.servers import answer, measure_both, request
from passapp.accounts.models import Account
from passapp.accounts.sessions import open_session
from passapp.bookings.calendars.feeds import contents_at, make_feed
from passapp.bookings.guards import check_guard, drop_guard, guard_claims
from passapp.bookings.making import new_booking
from passapp.bookings.models import Claim, ClaimKind, Resource, ResourceRate
from passapp.bookings.policies import set_policy
from passapp.bookings.quoting import Quote
from passapp.bookings.rules import Payer, Policy, Tier, span_between
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import zone_named
from passapp.kernel.database import Database
from passapp.kernel.ids import new_id
from passapp.kernel.migrations import migrate
from passapp.kernel.settings import Settings
from passapp.members.models import Member
from passapp.members.service import NewMembership, add_member
from passapp.network.service import found_network
from passapp.passes.keys import ensure_keys
from passapp.places.models import OpeningHours
from passapp.places.service import add_place

CLIENTS = (1, 8, 32)
DAYS = 730
"""A year back and a year ahead."""
ROOMS_A_PLACE = 10
EVENTS = 400
BY_DAY = Policy(tiers=(Tier(48, 0), Tier(24, 50)), late_fee_percent=100)
BY_NIGHT = Policy(is_always_open=True)


@dataclass(frozen=True)
class Plan:
    """How large, and how long to measure."""

    places: int
    claims_a_room: int
    questions: int
    seconds: float
    clients: tuple[int, ...]


FULL = Plan(places=200, claims_a_room=500, questions=200, seconds=6, clients=CLIENTS)
QUICK = Plan(places=6, claims_a_room=20, questions=5, seconds=0.5, clients=(1, 8))


@dataclass(frozen=True)
class Network:
    """What the load needs to know: who asks, and what there is."""

    tokens: list[str]
    places: list[UUID]
    rooms: list[int]
    today: date


def main() -> None:
    """Measure, and print the tables."""
    measure_both(__doc__, FULL, QUICK, measure)


def measure(name: str, url: str, folder: Path, plan: Plan, *, workers: int) -> None:
    """Make the network, serve it, ask and book, print what came of it."""
    settings = Settings(data_dir=folder, database_url=url, port=free_port())
    network = make_network(settings, plan)
    claims = len(network.rooms) * plan.claims_a_room
    say(f"\n### {name}, {workers} API worker{'s' * (workers > 1)}: {len(network.rooms):,} rooms, {claims:,} claims\n")
    with serving(settings, workers):
        say("| availability, one client | found | median | p99 |\n|---|---:|---:|---:|")
        for what, asked in QUESTIONS.items():
            found, times = asyncio.run(ask(settings, network, plan.questions, asked))
            say(f"| {what} | {found:,.0f} | {_median(times):.1f} ms | {_late(times):.1f} ms |")
        say("\n| bookings | per second | median | p99 | bare guarded inserts per second |")
        say("|---|---:|---:|---:|---:|")
        for clients in plan.clients:
            times = asyncio.run(book(settings, network, clients, plan.seconds))
            bare = insert_bare(settings, network, clients, plan.seconds / 2)
            rate = f"{len(times) / plan.seconds:,.0f} | {_median(times):.1f} ms | {_late(times):.1f} ms | {bare:,.0f}"
            say(f"| {clients} client{'s' * (clients > 1)} | {rate} |")
        say("\n| a series of 52 weeks, one client | median | p99 |\n|---|---:|---:|")
        for what, dry_run in (("dry run", True), ("booked", False)):
            times = asyncio.run(book_series(settings, network, min(plan.questions, 50), dry_run=dry_run))
            say(f"| {what} | {_median(times):.1f} ms | {_late(times):.1f} ms |")
        say(f"\n| a feed of {EVENTS} events, one client | median | p99 |\n|---|---:|---:|")
        for of, (path, etag) in make_feeds_of_many(settings, network).items():
            for what, known in (("cold", None), ("as 304", etag)):
                times = asyncio.run(follow(settings, network.tokens[0], path, min(plan.questions, 50), known))
                say(f"| {of}, {what} | {_median(times):.1f} ms | {_late(times):.1f} ms |")


def _median(times: list[float]) -> float:
    return sorted(times)[len(times) // 2] * 1000


def _late(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)] * 1000


# The network: 200 places all over France, ten rooms in each, taken on two days of three from 8 to 20.


def make_network(settings: Settings, plan: Plan) -> Network:
    """Fill an empty database, and see that its guard is there."""
    database = Database(settings.sqlalchemy_url)
    migrate(database.engine)
    luck, now = random.Random(6), datetime.now(UTC)
    with database.write() as session:
        found_network(session, "BANC", "Banc d'essai", locale="fr", at=now, actor=SYSTEM)
        ensure_keys(session, settings.keys_dir, at=now)
        places = [add_place(session, _place(n, luck), at=now, actor=SYSTEM) for n in range(plan.places)]
        for place in places:
            place.hours = [OpeningHours(weekday=day, opens=8 * 60, closes=20 * 60) for day in range(6)]
        rooms = [_room(place.id, n, luck, now) for place in places for n in range(ROOMS_A_PLACE)]
        session.add_all(rooms)
        session.flush()
        for number, room in enumerate(rooms):
            set_policy(session, room, BY_NIGHT if number % ROOMS_A_PLACE == 0 else BY_DAY, at=now)
        members = [_member(session, places[n % len(places)].id, n, now) for n in range(max(plan.clients))]
        accounts = [session.get_one(Account, member.account_id) for member in members]
        tokens = [open_session(session, account, at=now, address=None) for account in accounts]
    network = Network(tokens, [place.id for place in places], [room.id for room in rooms], now.date())
    take(database, network, plan)
    check_guard(database)
    database.dispose()
    return network


def _place(number: int, luck: random.Random) -> dict[str, object]:
    overseas = number % 20 == 19  # noqa: PLR2004
    return {
        "code": f"lieu-{number}",
        "name": f"Lieu {number}",
        "kind": "coworking",
        "town": "Saint-Denis" if overseas else "Caen",
        "postcode": "97400" if overseas else "14000",
        "latitude": luck.uniform(-21.3, -20.9) if overseas else luck.uniform(43.5, 50.5),
        "longitude": luck.uniform(55.2, 55.8) if overseas else luck.uniform(-1.5, 7.0),
        "zone": "Indian/Reunion" if overseas else "Europe/Paris",
        "country": "FR",
        "subdivision": "974" if overseas else None,
        "closed_on_holidays": False,
        "has_door": True,
        "host_class": "standard",
        "services": [],
        "joined_on": date(2020, 1, 1),
    }


def _room(place_id: UUID, number: int, luck: random.Random, now: datetime) -> Resource:
    return Resource(
        place_id=place_id,
        kind="room",
        name=f"Salle {number}",
        capacity=luck.choice([2, 4, 6, 8, 12, 20]),
        features=sorted(luck.sample(["screen", "wheelchair", "whiteboard", "camera"], luck.randint(0, 3))),
        policy=1,
        made_at=now,
        rates=[ResourceRate(position=0, hour=1200, half_day=4000), ResourceRate(position=1, hour=800, is_home=True)],
    )


def _member(session: Session, home_id: UUID, number: int, now: datetime) -> Member:
    fields = {"given_name": "Camille", "family_name": f"N{number}", "email": f"camille{number}@example.org"}
    return add_member(session, fields, NewMembership(home_id, "TOUT", date(2020, 1, 1)), at=now, actor=SYSTEM)


def take(database: Database, network: Network, plan: Plan) -> None:
    """Take the rooms, each some hours a day, and for ten days in each year; then have the guard look at all of it."""
    first = datetime.combine(network.today - timedelta(days=DAYS // 2), datetime.min.time(), UTC)
    with database.engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        drop_guard(operations)
        rows = _claims(network, plan, first)
        while batch := list(itertools.islice(rows, 20_000)):
            connection.execute(insert(Claim), batch)
        guard_claims(operations)
    # As autovacuum and the chore `sqlite` do once a network has grown.
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


def _claims(network: Network, plan: Plan, first: datetime) -> Iterator[dict[str, Any]]:
    for room in network.rooms:
        for n in range(plan.claims_a_room - 2):
            hour = 7 + (5 * n + 3 * room) % 10
            starts_at = first + timedelta(days=n * DAYS // plan.claims_a_room, hours=hour)
            yield _claim(room, starts_at, timedelta(hours=1 + (n + room) % 3))
        for year in (-2, DAYS + 1):
            yield _claim(room, first + timedelta(days=year * 10 if year < 0 else year), timedelta(days=10))


def _claim(room: int, starts_at: datetime, lasts: timedelta) -> dict[str, Any]:
    fields = {"id": new_id(), "resource_id": room, "kind": ClaimKind.BOOKING, "booking_id": None, "closure_id": None}
    return fields | {"starts_at": starts_at, "ends_at": starts_at + lasts, "expires_at": None, "released_at": None}


# Who looks for a room: one after the other, each time another day and another place to start from.


def _usual(network: Network, luck: random.Random) -> dict[str, Any]:
    return _then(network, luck) | {
        "people": 6,
        "features": "screen",
        "near": luck.choice(network.places),
        "within_km": 100,
    }


def _then(network: Network, luck: random.Random) -> dict[str, Any]:
    day = network.today + timedelta(days=luck.randint(2, 300))
    day -= timedelta(days=1) * (day.weekday() == 6)  # noqa: PLR2004  (never a Sunday)
    return {"start": f"{day}T14:00", "end": f"{day}T16:00"}


QUESTIONS: dict[str, Callable[[Network, random.Random], dict[str, Any]]] = {
    "for 6, with a screen, within 100 km, 14 to 16 on a day": _usual,
    "the same, two hours earlier or later": lambda network, luck: _usual(network, luck) | {"flexible": 120},
    "for 6, with a screen, anywhere": lambda network, luck: _then(network, luck) | {"people": 6, "features": "screen"},
    "anything, anywhere": _then,
}


async def ask(
    settings: Settings, network: Network, questions: int, asked: Callable[[Network, random.Random], dict[str, Any]]
) -> tuple[float, list[float]]:
    """Ask so many times; gives how many rooms were found on average, and how long each answer took, in seconds."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port)
    luck, times, found = random.Random(7), [], 0
    try:
        for number in range(questions + 5):
            path = f"/api/v1/availability?{urlencode(asked(network, luck))}"
            message = request(settings, network.tokens[0], "GET", path)
            began = time.perf_counter()
            writer.write(message)
            content = await answer(reader, b"200")
            if number >= 5:  # the first ones warm up  # noqa: PLR2004
                times.append(time.perf_counter() - began)
                found += json.loads(content)["total"]
    finally:
        writer.close()
    return found / questions, times


# Who books: each another slot of the night, when nothing is taken.

_slots = itertools.count()


def _slot(network: Network, slot: int, hour: int) -> tuple[int, datetime]:
    """Each room, then each of 300 days, then the next quarter of an hour: a small network is soon through its days."""
    rooms = network.rooms[::ROOMS_A_PLACE]
    of_room, room = divmod(slot, len(rooms))
    quarter, day = divmod(of_room, 300)
    midnight = datetime.combine(network.today + timedelta(days=2 + day), datetime.min.time(), UTC)
    return rooms[room], midnight + timedelta(hours=hour, minutes=15 * quarter)


async def book(settings: Settings, network: Network, clients: int, seconds: float) -> list[float]:
    """Book from so many clients for so long; gives how long each answer took, in seconds."""
    ends = time.perf_counter() + seconds

    async def client(number: int) -> list[float]:
        reader, writer = await asyncio.open_connection(settings.host, settings.port)
        times: list[float] = []
        try:
            while time.perf_counter() < ends:
                room, starts_at = _slot(network, next(_slots), 0)
                body = {"resource_id": room, "title": "Essai", "people": 1, "start": starts_at.isoformat()}
                body["end"] = (starts_at + timedelta(minutes=15)).isoformat()
                message = request(settings, network.tokens[number], "POST", "/api/v1/bookings", body)
                began = time.perf_counter()
                writer.write(message)
                await answer(reader, b"201")
                times.append(time.perf_counter() - began)
        finally:
            writer.close()
        return times

    return [spent for times in await asyncio.gather(*map(client, range(clients))) for spent in times]


async def book_series(settings: Settings, network: Network, count: int, *, dry_run: bool) -> list[float]:
    """Book the same hour of 52 weeks, in one room after the other; gives how long each answer took, in seconds."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port)
    rooms, times = network.rooms[::ROOMS_A_PLACE], []
    try:
        for number in range(count):
            wall = datetime.combine(network.today + timedelta(days=2), datetime.min.time(), UTC) + timedelta(hours=5)
            # No two in one place at one time: a room has four quarters of that hour.
            starts_at = wall + timedelta(minutes=15 * (number // len(rooms)))
            body = {"resource_id": rooms[number % len(rooms)], "title": "Essai", "people": 1, "dry_run": dry_run}
            body |= {"start": starts_at.isoformat(), "end": (starts_at + timedelta(minutes=15)).isoformat()}
            body["repeat"] = {"every": "week", "count": 52}
            message = request(settings, network.tokens[0], "POST", "/api/v1/series", body)
            began = time.perf_counter()
            writer.write(message)
            await answer(reader, b"200" if dry_run else b"201")
            times.append(time.perf_counter() - began)
    finally:
        writer.close()
    return times


# Who follows: a program that asks for a member's calendar, or a room's, without what it had, or with it.


def make_feeds_of_many(settings: Settings, network: Network) -> dict[str, tuple[str, str]]:
    """Calendars of many bookings, of a member and of a room; gives the path and the entity tag of each."""
    database, now = Database(settings.sqlalchemy_url), datetime.now(UTC)
    with database.write() as session:
        member = _member(session, network.places[0], EVENTS, now)
        blue = session.get_one(Resource, network.rooms[0])
        # None ends, and leaves the calendar of what was lately, while the calendars are asked for.
        first = now.replace(second=0, microsecond=0) - timedelta(days=100, minutes=30)
        for number in range(2 * EVENTS):
            is_mine = number < EVENTS
            room = session.get_one(Resource, network.rooms[number % len(network.rooms)]) if is_mine else blue
            starts_at = first + timedelta(hours=12 * (number % EVENTS))
            span = span_between(starts_at, starts_at + timedelta(hours=1), zone_named(room.place.zone))
            found = Quote(1200, Payer.MEMBER, None, BY_DAY, needs_approval=False, flaws=())
            who = member if is_mine else None
            session.add(new_booking(room, who, span, found, title=f"Atelier {number}", people=2, now=now))
        secrets = {
            "a member's": make_feed(session, "mine", at=now, actor=SYSTEM, member=member)[1],
            "a room's": make_feed(session, "resource", at=now, actor=SYSTEM, resource=blue)[1],
        }
    with database.read() as session:
        made = {
            of: (f"/feeds/{secret}.ics", contents_at(session, secret, settings.public_url, now).etag)
            for of, secret in secrets.items()
        }
    database.dispose()
    return made


async def follow(settings: Settings, token: str, path: str, count: int, etag: str | None) -> list[float]:
    """Ask for a calendar so many times; gives how long each answer took, in seconds."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port)
    times = []
    message = request(settings, token, "GET", path)
    if etag is not None:
        message = message.replace(b"\r\n\r\n", f"\r\nIf-None-Match: {etag}\r\n\r\n".encode())
    try:
        for _ in range(count):
            began = time.perf_counter()
            writer.write(message)
            await answer(reader, b"200" if etag is None else b"304")
            times.append(time.perf_counter() - began)
    finally:
        writer.close()
    return times


def insert_bare(settings: Settings, network: Network, clients: int, seconds: float) -> float:
    """Insert claims straight into the guarded table, each in a transaction of its own; gives how many a second."""
    database = Database(settings.sqlalchemy_url)
    ends = time.perf_counter() + seconds

    def one() -> int:
        count = 0
        while time.perf_counter() < ends:
            room, starts_at = _slot(network, next(_slots), 3)
            with database.engine.begin() as connection:
                connection.execute(insert(Claim), [_claim(room, starts_at, timedelta(minutes=15))])
            count += 1
        return count

    with ThreadPoolExecutor(clients) as threads:
        made = sum(each.result() for each in [threads.submit(one) for _ in range(clients)])
    database.dispose()
    return made / seconds


if __name__ == "__main__":
    main()
