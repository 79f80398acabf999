"""A month to settle through doors and routes: visits made by scanning, rules with money."""

from datetime import date, datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient

from passapp.kernel.audit import SYSTEM
from passapp.network.service import publish_convention
from passapp.places.models import Place
from tests.scenes import check_in, pass_text, scan_at
from tests.settlement.conventions import document
from tests.world import NOW, World

MONTH = "2026-11"


def agree(world: World, starts_on: date = date(2026, 11, 1), **fields: Any) -> None:
    """Publish a version with money: 5 euros a visit."""
    with world.database.write() as session:
        before = NOW - timedelta(days=200)
        publish_convention(session, document(**fields), starts_on=starts_on, at=before, actor=SYSTEM)


def old_pass(world: World, home: Place, **fields: Any) -> str:
    """The text of a card that a new member has had since before the month began."""
    world.now = NOW - timedelta(days=60)
    shown = pass_text(world, home, **fields)
    world.now = NOW
    return shown


def make_visit(world: World, home: Place, host: Place, at: datetime = NOW, text: str | None = None) -> Any:
    """One visit of a new member of ``home`` to ``host``; gives the door and the answer."""
    world.now = at - timedelta(days=1)
    shown = text or pass_text(world, home)
    door = world.as_door(host)
    world.now = max(NOW, at)
    return door, check_in(door, scan_at(world, shown, at))


def month_of(client: TestClient, month: str = MONTH) -> dict[str, Any]:
    """What a month comes to."""
    answer = client.get(f"/api/v1/months/{month}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def statement_of(client: TestClient, place: Place, month: str = MONTH) -> dict[str, Any]:
    """A place's month."""
    answer = client.get(f"/api/v1/places/{place.id}/statements/{month}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def visits_behind(client: TestClient, place: Place, direction: str, partner: str, **params: Any) -> list[Any]:
    """The visits behind a line of a place's statement."""
    path = f"/api/v1/places/{place.id}/statements/{MONTH}/visits"
    answer = client.get(path, params={"direction": direction, "partner": partner} | params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]
