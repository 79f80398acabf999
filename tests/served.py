"""An application behind a real server: what a test client does not do, proxies and logs of errors, happens here."""

import contextlib
import threading
import time
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from passapp.cli.running import _manners
from passapp.kernel.settings import Settings


@contextlib.contextmanager
def served(app: FastAPI, settings: Settings) -> Iterator[str]:
    """The application behind a real server, on a port of its own; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, **_manners(settings.model_copy(update={"port": 0}))))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
