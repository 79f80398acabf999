"""Somebody's life in a network, for tests of privacy: visits long ago, and the chores that forget them."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient

from passapp.kernel.ticking import tick
from passapp.members.models import Member
from passapp.places.models import Place
from passapp.privacy.retention import chores
from tests.scenes import check_in
from tests.world import World

OCTOBER = datetime(2026, 10, 6, 8, tzinfo=UTC)


def visit(world: World, member: Member, host: Place, at: datetime = OCTOBER) -> dict[str, Any]:
    """One visit, with a card made a moment before; gives what the door was answered."""
    world.now = at
    return check_in(world.as_door(host), world.scan(world.text(world.card(member))))


def forget(world: World, at: datetime, *, dry_run: bool = False) -> dict[str, int | None]:
    """Do the chores of privacy at that instant; gives what each did, where it did something."""
    world.now = at
    done = tick(world.database, chores(world.settings.keys_dir), now=at, dry_run=dry_run)
    return {name: count for name, count in done.items() if count != 0}


def my_data(client: TestClient) -> dict[str, Any]:
    """What is known of whoever asks."""
    answer = client.get("/api/v1/my-data")
    assert answer.status_code == 200, answer.text
    return answer.json()


def choose(client: TestClient, kind: str, *, given: bool) -> None:
    """Make a choice."""
    answer = client.post("/api/v1/my-data/choices", json={"kind": kind, "given": given})
    assert answer.status_code == 204, answer.text


def exported(client: TestClient) -> dict[str, str]:
    """The files of somebody's export, by name; the guide first."""
    answer = client.post("/api/v1/my-data/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def exported_data(client: TestClient) -> dict[str, Any]:
    """The JSON of somebody's export."""
    data: dict[str, Any] = json.loads(exported(client)["data.json"])
    return data


def erase(client: TestClient, confirm: str) -> Any:
    """Ask to be erased; gives the response."""
    return client.post("/api/v1/my-data/erasure", json={"confirm": confirm})
