"""Proof 3: `passapp serve` is killed again and again while three doors send 2,000 scans: each counts once."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx2

from passapp.door.models import CheckIn
from tests.scenes import bearer, rows, visits

SCANS, BATCH, KILLS = 2000, 100, 3
PEOPLE, DAYS = 100, 8
SECONDS = 60
"""The longest that any one thing may take."""


SERVE = """
import os, sys
from passapp.cli import app
for _ in sys.stdin:
    if server := os.fork():
        print(server, flush=True)
        os.waitpid(server, 0)
        print("gone", flush=True)
    else:
        app(["serve", "--no-tick"])
"""
"""`passapp serve` in a process of its own, once a line; what takes long to import was imported before."""


class Server:
    """`passapp serve` on this test's database, as a process that can be killed and started again on its port."""

    def __init__(self, world, database_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        own = {
            "PASSAPP_DATA_DIR": str(world.settings.data_dir),
            "PASSAPP_DATABASE_URL": database_url,
            "PASSAPP_PORT": str(port),
            "PASSAPP_PUBLIC_URL": self.address,
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSAPP_")}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._maker = subprocess.Popen([sys.executable, "-c", SERVE], env=kept | own, text=True, bufsize=1, **pipes)
        self._server: int | None = None

    def start(self) -> None:
        self._maker.stdin.write("serve\n")
        self._server = int(self._said())

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is tidied up."""
        if self._server is not None:
            os.kill(self._server, signal.SIGKILL)
            self._server = None
            assert self._said() == "gone"

    def close(self) -> None:
        self.kill()
        self._maker.stdin.close()
        self._maker.wait(timeout=SECONDS)
        self._maker.stdout.close()

    def _said(self) -> str:
        """The next line that is neither a log's nor a greeting."""
        return next(line for line in map(str.strip, self._maker.stdout) if line == "gone" or line.isdecimal())


@contextmanager
def running(world, database_url: str) -> Iterator[Server]:
    server = Server(world, database_url)
    try:
        server.start()
        yield server
    finally:
        server.close()


class Phone:
    """A door that sends as its queue does: in batches, and a scan is forgotten once the server has answered for it."""

    def __init__(self, token: str, scans: list[dict[str, Any]]) -> None:
        self.token, self.kept = token, {scan["id"]: scan for scan in scans}
        self.outcomes: dict[str, str] = {}
        self.unanswered = 0

    def send_all(self, address: str) -> None:
        deadline = time.monotonic() + 2 * SECONDS
        with httpx2.Client(base_url=address, headers=bearer(self.token), timeout=SECONDS) as client:
            while self.kept and time.monotonic() < deadline:
                now = datetime.now(UTC).isoformat()
                batch = [scan | {"device_now": now} for scan in list(self.kept.values())[:BATCH]]
                try:
                    answer = client.post("/api/v1/check-ins/batch", json={"items": batch})
                except httpx2.ConnectError:
                    time.sleep(0.05)
                    continue
                except httpx2.TransportError:
                    self.unanswered += 1
                    continue
                assert answer.status_code == 200, answer.text
                for outcome in answer.json()["outcomes"]:
                    self.outcomes[outcome["id"]] = outcome["answer"]["verdict"]
                    del self.kept[outcome["id"]]


def queues(cards: list[str], begins: datetime, chance: random.Random) -> list[list[dict[str, Any]]]:
    """2,000 scans of three offline doors, over eight days: most people came to several doors, some twice a day."""
    came = [(door, card, day) for door in range(3) for card in cards for day in range(DAYS)]
    chosen = chance.sample(came, SCANS - 200)
    kept: list[list[dict[str, Any]]] = [[], [], []]
    for door, card, day in chosen + chance.sample(chosen, 200):
        at = begins + timedelta(days=day, seconds=chance.randrange(6 * 3600))
        scan = {"id": str(uuid4()), "pass": card, "scanned_at": at.isoformat(), "shown": "ok"}
        kept[door].append(scan)
    return [sorted(scans, key=lambda scan: scan["scanned_at"]) for scans in kept]


def test_no_scan_is_lost_and_none_is_doubled_however_often_the_server_is_killed(world, database_url):
    # Eight days ago, at eight in the morning in Paris: no scan is after midnight, and none is of tomorrow.
    morning = (datetime.now(UTC) - timedelta(days=DAYS + 1)).astimezone(ZoneInfo("Europe/Paris")).replace(hour=8)
    world.now = begins = morning.astimezone(UTC)
    cards = [world.text(world.card(world.member())) for _ in range(PEOPLE)]
    places = [world.moulin, world.place("phare"), world.place("gare")]
    chance = random.Random(20261122)
    kept = queues(cards, begins + timedelta(minutes=2), chance)
    tokens = [world.as_door(place).headers["Authorization"].removeprefix("Bearer ") for place in places]
    phones = [Phone(token, list(scans)) for token, scans in zip(tokens, kept, strict=True)]
    expected = {scan["id"] for scans in kept for scan in scans}
    came = {(door, scan["pass"], scan["scanned_at"][:10]) for door, scans in enumerate(kept) for scan in scans}

    with running(world, database_url) as server, ThreadPoolExecutor(len(phones)) as doors:
        sending = [doors.submit(phone.send_all, server.address) for phone in phones]
        for kill in range(KILLS):
            # So many are in by then; the others are on their way, or wait.
            enough = SCANS * (kill + 1) // (KILLS + 2)
            until(lambda enough=enough: sum(len(phone.outcomes) for phone in phones) >= enough)
            time.sleep(chance.uniform(0, 0.3))
            server.kill()
            server.start()
        for each in sending:
            each.result(timeout=3 * SECONDS)

    assert sum(phone.unanswered for phone in phones) >= KILLS, "each kill met a batch on its way"
    assert [phone.kept for phone in phones] == [{}, {}, {}]
    written = [str(row.scan_id) for row in rows(world, CheckIn)]
    assert len(written) == SCANS
    assert set(written) == expected
    verdicts = {str(row.scan_id): row.verdict for row in rows(world, CheckIn)}
    assert verdicts == {scan: verdict for phone in phones for scan, verdict in phone.outcomes.items()}
    assert sorted(set(verdicts.values())) == ["ok", "ok_again"]
    assert len(visits(world)) == len(came) == SCANS - 200


def until(holds) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert holds()
