"""Reporting errors in tests, through the routes."""

from typing import Any

from fastapi.testclient import TestClient

from passapp.places.models import Place
from tests.settlement.months import MONTH
from tests.world import World


def report(client: TestClient, place: Place, partner: str = "moulin", direction: str = "made", **fields: Any) -> Any:
    """Report an error in what a place exchanged with a partner."""
    body = {"month": MONTH, "direction": direction, "partner": partner, "reason": "not_our_member"} | fields
    return client.post(f"/api/v1/places/{place.id}/contests", json=body)


def reported(world: World, **fields: Any) -> dict[str, Any]:
    """The hangar reports what its members are said to have made at the moulin."""
    answer = report(world.as_manager(world.hangar), world.hangar, **fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def answer(client: TestClient, contest: dict[str, Any], *, agrees: bool, **fields: Any) -> Any:
    """The other place answers."""
    return client.post(f"/api/v1/contests/{contest['id']}/answer", json={"agrees": agrees} | fields)


def decide(client: TestClient, contest: dict[str, Any], *, accept: bool, **fields: Any) -> Any:
    """The coordination decides."""
    return client.post(f"/api/v1/contests/{contest['id']}/decision", json={"accept": accept} | fields)


def seen(client: TestClient, contest: dict[str, Any]) -> dict[str, Any]:
    """The report as it is now."""
    found = client.get(f"/api/v1/contests/{contest['id']}")
    assert found.status_code == 200, found.text
    return found.json()
