"""Series through the API: requests, and what comes of them."""

from tests.bookings.desk import API, body

WEEKLY = {"every": "week", "count": 4}


def ask(client, room_id, headers=None, **fields):
    """Ask for a series; gives the response."""
    wanted = body(room_id) | {"repeat": WEEKLY} | fields
    return client.post(f"{API}/series", json=wanted, headers=headers)


def make(client, room_id, **fields):
    """Book a series; gives what became of it."""
    answer = ask(client, room_id, **fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def change(client, series, number=0, scope="all", **fields):
    """Move the series as one of its dates moves; gives the response."""
    seen = client.get(f"{API}/bookings/{series['occurrences'][number]['booking_id']}").json()
    wanted = {name: seen[name] for name in ("title", "people")}
    wanted |= {"start": seen["local_start"], "end": seen["local_end"]} | fields
    address, version = f"{API}/bookings/{seen['id']}/series", {"If-Match": f'"{seen["version"]}"'}
    return client.put(address, params={"scope": scope}, json=wanted, headers=version)


def cancel(client, series, number=0, scope="all", **fields):
    """Cancel it from one of its dates; gives the response."""
    seen = client.get(f"{API}/bookings/{series['occurrences'][number]['booking_id']}").json()
    address, version = f"{API}/bookings/{seen['id']}/series/cancel", {"If-Match": f'"{seen["version"]}"'}
    return client.post(address, params={"scope": scope}, json=fields, headers=version)


def outcomes(answer):
    return [each["outcome"] for each in answer["occurrences"]]


def starts(client):
    """When mine begin, on the wall."""
    return [each["local_start"] for each in client.get(f"{API}/me/bookings").json()["items"]]
