"""Claiming an empty deployment, as its operator does."""

from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from passapp.first_start.service import draw_set_up_secret
from tests.world import World

WANTED = {
    "name": "Les lieux du bocage",
    "code": "BOCAGE",
    "locale": "fr",
    "person": "Camille Martin",
    "email": "Camille@Example.org",
}


def draw(empty: World) -> str | None:
    """What the terminal shows: the secret of the last address."""
    with empty.database.read() as session:
        return draw_set_up_secret(session, empty.settings.data_dir)


def claim(client: TestClient, secret: str | None, **fields: Any) -> Response:
    """Found the network with a secret."""
    return client.post("/api/v1/set-up", json=WANTED | {"secret": secret} | fields)
