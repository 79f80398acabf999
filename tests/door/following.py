"""Scans that leave something to decide, and the decisions, for tests of what comes after the door."""

from datetime import datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient

from passapp.places.models import Place
from tests.scenes import add_plan, check_in, membership, pass_text, scan_at
from tests.world import World


def kept_out(world: World, home: Place | None = None, **fields: Any) -> str:
    """The pass of a new member whose plan does not open anything today, nor on the days around."""
    other_day = (world.now.weekday() + 3) % 7
    plan = f"J{other_day}"
    if plan not in {known["code"] for known in world.as_coordinator().get("/api/v1/plans").json()["items"]}:
        add_plan(world, plan, weekdays=[other_day])
    return pass_text(world, memberships=[membership(home or world.hangar, plan=plan)], **fields)


def refused(world: World, door: TestClient, **fields: Any) -> dict[str, Any]:
    """Somebody is refused by their plan; gives what the door was answered."""
    answer = check_in(door, world.scan(kept_out(world, **fields)))
    assert answer["verdict"] == "plan"
    return answer


def conflict(world: World, door: TestClient, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A phone without network let somebody in whom their plan keeps out; it is sent now."""
    now = world.now
    world.now = at or now
    shown = kept_out(world, **fields)
    world.now = now
    answer = check_in(door, scan_at(world, shown, at or now, shown="ok"))
    assert (answer["verdict"], answer["outcome"]) == ("plan", "conflict")
    return answer


def unattended(world: World, door: TestClient, **fields: Any) -> dict[str, Any]:
    """Somebody scans at a tablet that nobody looks after."""
    answer = check_in(door, world.scan(pass_text(world, **fields), attended=False))
    assert answer["verdict"] == "ok"
    return answer


def stale(world: World, door: TestClient, shown: str) -> dict[str, Any]:
    """An offline phone let a pass in by a list of 25 hours ago; the server knows that it was no good."""
    made = int((world.now - timedelta(hours=25)).timestamp())
    return check_in(door, scan_at(world, shown, world.now, shown="ok", list_iat=made))


def override(client: TestClient, check_in_id: str, reason: str = "Je la connais") -> Any:
    """Let somebody in all the same; gives the response."""
    return client.post(f"/api/v1/check-ins/{check_in_id}/override", json={"reason": reason})


def offer(client: TestClient, check_in_id: str) -> Any:
    """Offer a visit; gives the response."""
    return client.post(f"/api/v1/check-ins/{check_in_id}/offer")


def review(client: TestClient, check_in_id: str, *, accept: bool, reason: str | None = None, **fields: Any) -> Any:
    """Judge a check-in that waits; gives the response."""
    said = {"accept": accept} | ({"reason": reason} if reason else {}) | fields
    return client.post(f"/api/v1/check-ins/{check_in_id}/review", json=said)


def page(client: TestClient, place: Place, what: str, **query: Any) -> dict[str, Any]:
    """A page of a place's ``reviews``, ``notices`` or ``check-ins``."""
    answer = client.get(f"/api/v1/places/{place.id}/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def code_of(answer: Any) -> tuple[int, str]:
    """The status and the problem of a response."""
    return answer.status_code, answer.json()["code"]
