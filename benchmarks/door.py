"""How a door reads, decides and sends, beside the goals of the design.

    .venv/bin/python -m benchmarks.door             # about eight minutes
    .venv/bin/python -m benchmarks.door --quick     # little of everything: does it run at all?
    .venv/bin/python -m benchmarks.door --only reading (or screen, upload, weight, lighthouse)

- reading: how small pictures of each form of pass may be, noisy, tilted, blurred, for the door to read 95 of 100.
- screen: from the camera's frame that shows a pass to the verdict painted, offline, in a headless Chromium.
- upload: scans of live passes in batches of 500, beside one core's rate of Ed25519 verifications.
- weight: what the first load of the pass and of the door page fetches, compressed.
- lighthouse: Lighthouse's scores of the pass as a member, the door paired, and the first page.

Starts its own servers and browsers on this machine, and stops them. Chromium: the machine's own.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from uuid import uuid4

from benchmarks.check_in import FULL as AS_CHECK_INS
from benchmarks.check_in import answer, free_port, request, say, serving, verifications
from benchmarks.decoders import AS_THE_DOOR, pass_texts, read_with, smallest_width
from benchmarks.door_screen import scores, verdict_times, weights
from benchmarks.frames import HARD, MIDDLE
from benchmarks.network import Crowd, make_network
from benchmarks.servers import postgresql
from passapp.kernel.settings import Settings
from passapp.passes.qr import version_of

PARTS = ("reading", "screen", "upload", "weight", "lighthouse")
BATCH = 500
WORST_WIDTH = 480
"""Pixels: the shorter side of the smallest camera pictures that phones still give."""
VERIFICATIONS_EACH = 2
"""A live pass is signed by the network, and its proof by the phone."""


@dataclass(frozen=True)
class Plan:
    """How much of everything: pictures and their widths, passes held up, batches a client, members, Lighthouse runs.

    ``seconds``: how long to verify signatures.
    """

    pictures: int
    widths: tuple[int, ...]
    held_up: int
    batches: int
    batch: int
    members: int
    databases: tuple[str, ...]
    pages: tuple[str, ...]
    runs: int
    seconds: float


FULL = Plan(
    100,
    tuple(range(160, 380, 20)),
    24,
    8,
    BATCH,
    5000,
    ("postgresql", "sqlite"),
    ("/", "/pass", "/door"),
    3,
    AS_CHECK_INS.seconds / 2,
)
QUICK = Plan(4, (240, 480), 2, 2, 20, 60, ("sqlite",), ("/",), 1, 0.2)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little of everything: not to be quoted")
    parser.add_argument("--only", choices=PARTS, help="one of the parts")
    given = parser.parse_args()
    plan = QUICK if given.quick else FULL
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped then too
    with tempfile.TemporaryDirectory(prefix="passapp-benchmark-") as name:
        for part in (given.only,) if given.only else PARTS:
            folder = Path(name) / part
            folder.mkdir(mode=0o755)
            folder.parent.chmod(0o755)  # as root, PostgreSQL runs as a user of its own
            say(f"\n### {part}\n")
            MEASURE[part](folder, plan)


def reading(folder: Path, plan: Plan) -> None:
    """The smallest readable picture of each form of pass, and how many are read that are seen far worse."""
    worst = f"dim, shaken, more tilted: read of {plan.pictures} at {WORST_WIDTH} px"
    say(f"| pass | characters | QR version | 95 of 100 noisy, tilted, blurred ones from | {worst} |")
    say("|---|---:|---:|---:|---:|")
    for form, text in pass_texts().items():
        width = smallest_width(folder, text, MIDDLE, plan.widths, plan.pictures)
        smallest = f"{width} px" if width else f"more than {max(plan.widths)} px"
        found = read_with([AS_THE_DOOR], folder, text, HARD, WORST_WIDTH, plan.pictures)[AS_THE_DOOR]
        say(f"| {form} | {len(text)} | {version_of(text)} | {smallest} | {found.read} |")


def screen(folder: Path, plan: Plan) -> None:
    """From the frame to the verdict on the screen."""
    say("| pass | held up | read | p50 | p95 | verdicts |\n|---|---:|---:|---:|---:|---|")
    for form in ("live", "card"):
        times = verdict_times(folder / form, form, plan.held_up)
        spent = sorted(milliseconds for _, milliseconds in times)
        verdicts = ", ".join(sorted({verdict for verdict, _ in times}))
        half, most = (f"{_part(spent, share):.0f} ms" for share in (0.5, 0.95))
        say(f"| {form} | {plan.held_up} | {len(times)} | {half} | {most} | {verdicts} |")


def _part(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def upload(folder: Path, plan: Plan) -> None:
    """Scans of live passes, sent in batches."""
    for name in plan.databases:
        data = folder / name
        data.mkdir(mode=0o755)
        if name == "sqlite":
            _upload(name, f"sqlite:///{data / 'passapp.sqlite'}", data, plan, workers=1)
            continue
        with postgresql(data) as url:
            _upload(name, url, data, plan, workers=2)


def _upload(name: str, url: str, folder: Path, plan: Plan, *, workers: int) -> None:
    settings = Settings(data_dir=folder, database_url=url, port=free_port())
    crowd = make_network(settings, places=10, members=plan.members, doors=2, live=True)
    verified = verifications(crowd, plan.seconds)
    say(f"{name}, {workers} API worker{'s' * (workers > 1)}:\n")
    say("| what | per second | as a part of the verifications of one core |\n|---|---:|---:|")
    say(f"| Ed25519 verifications, one core | {verified:,.0f} | |")
    days = cycle(range(1, 26))
    with serving(settings, workers):
        asyncio.run(_send(settings, crowd, [list(_batches(crowd, 0, days, 1, plan.batch))]))  # to warm up
        for clients in (1, 2):
            prepared = [list(_batches(crowd, number, days, plan.batches, plan.batch)) for number in range(clients)]
            began = time.perf_counter()
            asyncio.run(_send(settings, crowd, prepared))
            rate = clients * plan.batches * plan.batch / (time.perf_counter() - began)
            what = f"live passes in batches of {plan.batch}, {clients} client{'s' * (clients > 1)}"
            share = f"{rate / verified:.2f} ({VERIFICATIONS_EACH * rate / verified:.2f} counting both signatures)"
            say(f"| {what} | {rate:,.0f} | {share} |")
    say("")


def _batches(crowd: Crowd, door: int, days: Iterator[int], count: int, size: int) -> Iterator[bytes]:
    """What a door sends that was offline: live passes of different people, each batch of another day. Signed here."""
    for day in islice(days, count):
        now = datetime.now(UTC)
        at = now - timedelta(days=day)
        members = [crowd.next_member(crowd.doors[door]) for _ in range(size)]
        common = {"scanned_at": at.isoformat(), "device_now": now.isoformat(), "shown": "ok"}
        items = [{"id": str(uuid4()), "pass": crowd.show_live(member, at), **common} for member in members]
        yield json.dumps({"items": items}).encode()


async def _send(settings: Settings, crowd: Crowd, prepared: Sequence[Sequence[bytes]]) -> None:
    """Each door sends its batches, one after the other. Raises ``RuntimeError`` where a scan is not let in."""

    async def door(number: int) -> None:
        reader, writer = await asyncio.open_connection(settings.host, settings.port)
        try:
            for content in prepared[number]:
                writer.write(request(settings, crowd.doors[number], "/api/v1/check-ins/batch", content))
                given = await answer(reader)
                if given.count(b'"verdict":"ok"') != len(json.loads(content)["items"]):
                    raise RuntimeError(given[:2000].decode())
        finally:
            writer.close()

    await asyncio.gather(*map(door, range(len(prepared))))


def weight(folder: Path, _plan: Plan) -> None:
    """What a first visit fetches."""
    say("| page | compressed, without WebAssembly and data | files | the largest | data |\n|---|---:|---:|---|---:|")
    for page, files in weights(folder).items():
        data = sum(size for name, size in files.items() if name.startswith("/api/"))
        ours = {
            name: size for name, size in files.items() if not name.endswith(".wasm") and not name.startswith("/api/")
        }
        largest = sorted(ours, key=lambda name: -ours[name])[:3]
        named = ", ".join(f"{name} {ours[name] / 1000:.1f}" for name in largest)
        say(f"| {page} | {sum(ours.values()) / 1000:.1f} kB | {len(ours)} | {named} | {data / 1000:.1f} kB |")


def lighthouse(folder: Path, plan: Plan) -> None:
    """Lighthouse's scores: the middle one of several runs."""
    found = scores(folder, plan.pages, plan.runs)
    categories = list(next(iter(found.values())).scores)
    say(f"| page | {' | '.join(categories)} | what costs points |\n|---|{'---:|' * len(categories)}---|")
    for page, result in found.items():
        cells = [f"{result.scores[category]:.0f}" for category in categories]
        say(f"| {page} | {' | '.join(cells)} | {', '.join(result.lacking) or 'nothing'} |")


MEASURE = {"reading": reading, "screen": screen, "upload": upload, "weight": weight, "lighthouse": lighthouse}

if __name__ == "__main__":
    main()
