"""Several requests at the same moment, on one server: one event loop and its threads, as in real life."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from tests.world import World


def at_once(world: World, calls: Iterable[tuple[TestClient, str, str, dict[str, Any]]]) -> list[Response]:
    """Send ``(client, method, address, arguments)`` together; the answers in the same order.

    Each call has its client's credentials, but all go through one test client: each of those runs a server of its own.
    """
    server = world.client()

    def send(call: tuple[TestClient, str, str, dict[str, Any]]) -> Response:
        client, method, url, arguments = call
        headers = dict(client.headers) | arguments.pop("headers", {})
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return server.request(method, url, headers=headers, **arguments)

    calls = list(calls)
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(send, calls))
