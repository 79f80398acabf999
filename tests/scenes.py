"""What several rooms' tests do or look at: a scan sent, a pass signed otherwise, the visits that stand."""

import json
import re
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from passapp.door.models import STANDS, Visit, VisitVoid
from passapp.kernel.database import Base
from passapp.members.models import Member
from passapp.members.service import NewMembership
from passapp.network.models import Period
from passapp.passes.keys import current_key
from passapp.passes.models import IssuedPass
from passapp.passes.rules import sign_pass
from passapp.places.models import Place
from tests.world import LONG_AGO, World


def check_in(door: TestClient, scan: dict[str, Any]) -> dict[str, Any]:
    """Send one scan; give the verdict's whole answer."""
    answer = door.post("/api/v1/check-ins", json=scan)
    assert answer.status_code == 200, answer.text
    return answer.json()


def without_pseudonym(member: dict[str, Any]) -> dict[str, Any]:
    """A person as a host sees them, without what their place calls them, which differs from one test to the next."""
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}", member["pseudonym"])
    return {name: value for name, value in member.items() if name != "pseudonym"}


def post_json(client: TestClient, path: str, body: Any) -> Any:
    """Post anything that JSON can say, halves of surrogate pairs too; gives the response."""
    return client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})


def check_in_batch(door: TestClient, scans: list[Any]) -> list[dict[str, Any]]:
    """Send scans together; give the outcomes."""
    answer = post_json(door, "/api/v1/check-ins/batch", {"items": scans})
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"]


def undo(door: TestClient, check_in_id: str, reason: str = "Erreur") -> None:
    """Take a check-in back."""
    answer = door.post(f"/api/v1/check-ins/{check_in_id}/undo", json={"reason": reason})
    assert answer.status_code == 200, answer.text


def scan_at(world: World, text_of_pass: str, at: datetime, **fields: Any) -> dict[str, Any]:
    """A scan made at an instant, by a device whose clock is right, and sent now."""
    return world.scan(text_of_pass, scanned_at=at.isoformat(), **fields)


def membership(
    home: Place, plan: str = "TOUT", first_day: date = LONG_AGO, last_day: date | None = None, **fields: Any
) -> NewMembership:
    """A membership since long ago."""
    return NewMembership(home.id, plan, first_day, last_day, **fields)


def pass_text(world: World, home: Place | None = None, **fields: Any) -> str:
    """The card's text of a new member."""
    return world.text(world.card(world.member(home, **fields)))


def signed(world: World, card: IssuedPass, kid: str | None = None, **claims: Any) -> str:
    """A card's text with other claims, signed by the network itself; ``None`` takes a claim out."""
    with world.session() as session:
        current, key = current_key(session, world.settings.keys_dir)
    said = jwt.decode(world.text(card), options={"verify_signature": False}) | claims
    return sign_pass({name: value for name, value in said.items() if value is not None}, key, kid or current)


def signed_by_a_stranger(world: World, card: IssuedPass, kid: str | None = None) -> str:
    """A card's claims, signed by a key that is not the network's."""
    shown = world.text(card)
    said = jwt.decode(shown, options={"verify_signature": False})
    return sign_pass(said, Ed25519PrivateKey.generate(), kid or jwt.get_unverified_header(shown)["kid"])


def seconds(at: datetime) -> int:
    """An instant as a pass's claims have it."""
    return int(at.timestamp())


def add_plan(world: World, code: str, **fields: Any) -> None:
    """A plan of the network."""
    answer = world.as_coordinator().post("/api/v1/plans", json={"code": code, "name": code} | fields)
    assert answer.status_code == 201, answer.text


def suspend(world: World, member: Member, reason: str = "Abonnement impayé") -> None:
    """Have the coordination suspend a member."""
    answer = world.as_coordinator().post(f"/api/v1/members/{member.id}/suspend", json={"reason": reason})
    assert answer.status_code == 200, answer.text


def resume(world: World, member: Member) -> None:
    """Have the coordination let a suspended member in again."""
    answer = world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    assert answer.status_code == 200, answer.text


def revoke(world: World, card: IssuedPass, reason: str = "Carte perdue") -> None:
    """Have the coordination revoke a pass."""
    answer = world.as_coordinator().post(f"/api/v1/passes/{card.id}/revoke", json={"reason": reason})
    assert answer.status_code == 200, answer.text


def move_home(world: World, member: Member, to: Place, first_day: date) -> None:
    """Have the coordination move a member to another home."""
    body = {"place_id": str(to.id), "first_day": first_day.isoformat()}
    answer = world.as_coordinator().post(f"/api/v1/members/{member.id}/move-home", json=body)
    assert answer.status_code in {200, 201}, answer.text


def close_month(world: World, month: str, state: str = "closed") -> None:
    """Put a month into a state."""
    with world.database.write() as session:
        session.merge(Period(month=month, state=state))


def visits(world: World) -> list[Visit]:
    """The visits that stand, the first one first."""
    query = select(Visit).outerjoin(VisitVoid, STANDS).where(VisitVoid.visit_id.is_(None))
    with world.session() as session:
        return list(session.scalars(query.order_by(Visit.opened_at, Visit.id)))


def rows(world: World, model: type[Base], *where: Any) -> list[Any]:
    """Rows of a table."""
    with world.session() as session:
        return list(session.scalars(select(model).where(*where)))


def everything_stored(world: World) -> str:
    """Every cell of every table, as text."""
    with world.session() as session:
        cells = [
            str(cell)
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f"SELECT * FROM {table.name}"))
            for cell in row
        ]
    return "\n".join(cells)


def pair_link(manager: TestClient, place: Place, **wanted: Any) -> dict[str, Any]:
    """Have a manager make a team link."""
    answer = manager.post(f"/api/v1/places/{place.id}/pairing-links", json=wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


def pair(client: TestClient, link: dict[str, Any], device_id: UUID | None = None, name: str = "Téléphone") -> Any:
    """Pair a device with a team link; gives the response."""
    body = {"token": link["url"].partition("#pair=")[2], "device_id": str(device_id or uuid4()), "name": name}
    return client.post("/api/v1/doors/pair", json=body)


def bearer(token: str) -> dict[str, str]:
    """The header of a door."""
    return {"Authorization": f"Bearer {token}"}


def receive_as(world: World, place: Place, **policy: Any) -> dict[str, Any]:
    """Have the coordination say how a place receives; what is left out is as by default."""
    client, path = world.as_coordinator(), f"/api/v1/places/{place.id}/door-policy"
    answer = client.put(path, json=policy, headers={"If-Match": client.get(path).headers["ETag"]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def day_guest(world: World, **fields: Any) -> dict[str, Any]:
    """The body of a guest received now."""
    at = world.now.isoformat()
    return {"id": str(uuid4()), "given_name": "Inès", "at": at, "device_now": at} | fields


def recovered_file(place_id: UUID, door_id: UUID, saved_at: datetime, scans: list[dict[str, Any]]) -> dict[str, Any]:
    """What a phone that was cut off writes into a file, as the Doors page sends it."""
    return {
        "format": "passapp-scans-1",
        "place_id": str(place_id),
        "door_id": str(door_id),
        "saved_at": saved_at.isoformat(),
        "items": scans,
    }
