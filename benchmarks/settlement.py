"""How long it takes to settle and close a month of a large network, beside the bare SQL aggregate of the same rows.

    .venv/bin/python -m benchmarks.settlement            # 1,000 places, 200,000 members, 10 million visits
    .venv/bin/python -m benchmarks.settlement --quick    # a fiftieth of that: not to be quoted

Fills an empty database of its own (a PostgreSQL server that it starts, then SQLite) with a year of visits. Asks a
served Passapp for the pages of places while the month runs; settles it, in turn with the aggregate; publishes it, and
has two people close it; asks for the same pages again; then nets its debts in each mode. Each part is a process of its
own, whose peak memory is told. The figures of one run may be compared with one another, not with those of another
machine.
"""

import asyncio
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import select, text

from benchmarks.check_in import free_port, say, serving
from benchmarks.servers import answer, measure_both, request
from benchmarks.visits import MONTH, NOW, Size, fill
from passapp.kernel.audit import Actor
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings
from passapp.network.models import Period
from passapp.network.rules import Netting
from passapp.places.models import Place
from passapp.settlement.months.service import ask_closing, publish_now, validate_closing
from passapp.settlement.months.versions import versions_of
from passapp.settlement.reading import values_only
from passapp.settlement.rules.netting import Obligation, net
from passapp.settlement.service import settle_month

OVER = datetime(2026, 7, 1, 12, tzinfo=UTC)
CLOSES = datetime(2026, 7, 24, 12, tzinfo=UTC)
AGGREGATE = text(
    "SELECT home_id, host_id, plan, host_class, zone, convention_version, at_home, count(*), sum(units) FROM visit "
    "LEFT JOIN visit_void ON visit_void.visit_id = visit.id AND visit_void.revision = visit.revision "
    "WHERE posted_month = :month AND visit_void.visit_id IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"
)


@dataclass(frozen=True)
class Plan:
    """How much of everything: ``times`` each is measured that can be done again, ``pages`` are asked for."""

    size: Size = field(default_factory=Size)
    times: int = 3
    pages: int = 100


FULL = Plan()
QUICK = Plan(Size(100, 4_000, 200_000), times=2, pages=20)


class Apart(NamedTuple):
    """What a deed in a process of its own gave, and the most memory that it took."""

    value: Any
    peak_mb: int


def apart(deed: Callable[..., object], *given: object) -> Apart:
    """Have it done by a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_and_its_memory, deed, given).result()


def _and_its_memory(deed: Callable[..., object], given: tuple[object, ...]) -> Apart:
    value = deed(*given)
    return Apart(value, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def seconds(deed: Callable[[], object]) -> float:
    """How long a deed takes."""
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


class Settled(NamedTuple):
    """What a month came to, its debts, and how long the bare aggregate and the settling took: medians."""

    visits: int
    lines: int
    payments: int
    debts: list[tuple[str, str, int]]
    aggregate: float
    settled: float


def settle(url: str, times: int) -> Settled:
    """Settle the month, in turn with the bare aggregate."""
    database = Database(url)
    found: list[Any] = []

    def aggregate() -> None:
        with database.read() as session:
            session.execute(AGGREGATE, {"month": MONTH}).all()

    def settle_it() -> None:
        found.clear()  # or the former one would be there beside it
        with database.read() as session:
            found.append(settle_month(session, MONTH, at=NOW).settlement)

    aggregate()
    bare, ours = [], []
    for _ in range(times):
        bare.append(seconds(aggregate))
        ours.append(seconds(settle_it))
    [month] = found
    debts = [(owed.debtor, owed.creditor, owed.amount_cents) for owed in month.obligations]
    return Settled(month.visits, len(month.lines), len(month.transfers), debts, median(bare), median(ours))


def publish_month(url: str, folder: Path) -> float:
    """Publish the month, with a signed statement of each place."""
    database = Database(url)

    def publish() -> None:
        with database.write() as session:
            publish_now(session, folder, MONTH, at=OVER)

    return seconds(publish)


def close_month(url: str, folder: Path) -> float:
    """Have the month closed, which somebody else asked for."""
    database = Database(url)
    one, other = uuid4(), uuid4()
    with database.read() as session:
        number = versions_of(session, MONTH)[-1].number
    with database.write() as session:
        ask_closing(session, folder, MONTH, number, by=one, at=CLOSES, actor=Actor("account", one))

    def close() -> None:
        with database.write() as session:
            validate_closing(session, folder, MONTH, number, by=other, at=CLOSES, actor=Actor("account", other))

    took = seconds(close)
    with database.read() as session:
        if session.get_one(Period, MONTH).state != "netted":
            raise SystemExit("The month is not closed.")
    return took


def net_debts(debts: list[tuple[str, str, int]], times: int) -> dict[str, tuple[int, float]]:
    """By mode: how many payments the debts become, and how long that takes."""
    owed = [Obligation(*debt) for debt in debts]
    found = {}
    with values_only():  # as a month is settled
        for mode in Netting:
            took = [seconds(lambda mode=mode: net(owed, mode)) for _ in range(times)]
            found[mode.value] = len(net(owed, mode)), median(took)
    return found


async def ask_pages(settings: Settings, token: str, places: list[UUID], path: str) -> list[float]:
    """How long each answer takes, one client."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port)
    times = []
    try:
        for number, place in enumerate([*places[:5], *places]):
            message = request(settings, token, "GET", path.format(place=place, month=MONTH))
            began = time.perf_counter()
            writer.write(message)
            await answer(reader, b"200")
            if number >= 5:  # the first ones warm up  # noqa: PLR2004
                times.append(time.perf_counter() - began)
    finally:
        writer.close()
    return times


PAGES = {
    "one place's month": "/api/v1/places/{place}/statements/{month}",
    "its signed statement": "/api/v1/places/{place}/statements/{month}/sealed.json",
}


def measure(name: str, url: str, folder: Path, plan: Plan, *, workers: int) -> None:
    """Fill the database, settle, publish, close and ask; print what came of it."""
    size = plan.size
    begun = time.perf_counter()
    token = apart(fill, url, size).value
    heading = f"{size.places:,} places, {size.members:,} members, {size.visits:,} visits over a year"
    say(f"\n### {name}: {heading} (filled in {time.perf_counter() - begun:.0f} s)\n")
    settings = Settings(data_dir=folder, database_url=url, port=free_port())
    database = Database(url)
    with database.read() as session:
        places = list(session.scalars(select(Place.id).order_by(Place.code).limit(plan.pages)))
    database.dispose()

    settled, peak = apart(settle, url, plan.times)
    say(f"{settled.visits:,} visits between places, {settled.lines:,} lines, {settled.payments:,} payments\n")
    say("| the month | seconds | beside the aggregate | peak memory |\n|---|---:|---:|---:|")
    say(f"| bare aggregate | {settled.aggregate:.2f} | 1 | |")

    def row(what: str, took: float, peak: int) -> None:
        say(f"| {what} | {took:.2f} | {took / settled.aggregate:.1f} | {peak:,} MB |")

    row("settled", settled.settled, peak)
    running = _pages(settings, token, places, ["one place's month"], workers)
    published, its_peak = apart(publish_month, url, folder)
    row("published: settled, 1 statement a place signed", published, its_peak)
    closed, its_peak = apart(close_month, url, folder)
    row("closed: settled again, signed, payments written down", closed, its_peak)
    say("\n| pages, one client | median | p95 |\n|---|---:|---:|")
    for what, times in (running | _pages(settings, token, places, list(PAGES), workers, "closed")).items():
        say(f"| {what} | {median(times) * 1000:.1f} ms | {sorted(times)[len(times) * 95 // 100] * 1000:.1f} ms |")
    netted, its_peak = apart(net_debts, settled.debts, plan.times)
    say(f"\n| netting {len(settled.debts):,} debts ({its_peak:,} MB) | payments | seconds |\n|---|---:|---:|")
    for mode, (payments, took) in netted.items():
        say(f"| {mode} | {payments:,} | {took:.2f} |")


def _pages(
    settings: Settings, token: str, places: list[UUID], named: list[str], workers: int, when: str = "running"
) -> dict[str, list[float]]:
    with serving(settings, workers):
        return {f"{what}, {when}": asyncio.run(ask_pages(settings, token, places, PAGES[what])) for what in named}


def main() -> None:
    """Measure on both databases."""
    measure_both(__doc__, FULL, QUICK, measure)


if __name__ == "__main__":
    main()
