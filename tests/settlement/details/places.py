"""Places that have said how they are settled."""

from typing import Any

from fastapi.testclient import TestClient

from passapp.places.models import Place

IBAN = "FR1420041010050500013M02606"
OTHER_IBAN = "DE89370400440532013000"
SIRETS = ("73282932000074", "55208131766522")
ASSOCIATION: dict[str, Any] = {
    "account_name": "Association Le Hangar",
    "street": "12 rue des Jacobins",
    "postcode": "14000",
    "town": "Caen",
}


def say(client: TestClient, place: Place, version: int = 0, **fields: Any) -> dict[str, Any]:
    """Say how a place is settled."""
    path = f"/api/v1/places/{place.id}/settlement-details"
    answer = client.put(path, json=ASSOCIATION | fields, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
    return answer.json()
