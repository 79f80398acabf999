"""Booking through the API: requests, and what they need."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from passapp.bookings.models import Booking

API = "/api/v1"
MORNING = {"start": "2026-11-23T09:00", "end": "2026-11-23T10:00", "people": 2}
"""A Monday, five days ahead."""


def body(room_id, **fields):
    """What to book."""
    return {"resource_id": room_id, "title": "Réunion"} | MORNING | fields


def book(client, room_id, headers=None, **fields):
    """Book it; gives the booking as it is answered."""
    answer = client.post(f"{API}/bookings", json=body(room_id, **fields), headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def deed(client, booking, what, **fields):
    """Do something with a booking as it was last seen; gives the response."""
    address, version = f"{API}/bookings/{booking['id']}", {"If-Match": f'"{booking["version"]}"'}
    if what == "change":
        wanted = {name: booking[name] for name in ("title", "people")}
        wanted |= {"start": booking["local_start"], "end": booking["local_end"]} | fields
        return client.put(address, json=wanted, headers=version)
    return client.post(f"{address}/{what}", json=fields or {}, headers=version)


def stored(world):
    """How many bookings there are."""
    with world.session() as session:
        return len(session.scalars(select(Booking)).all())


def at(text):
    """An instant, as an answer writes it."""
    return datetime.fromisoformat(text)


def answer_by_link(anybody, token, accept, seen=None):
    """Answer by the link in a manager's mail, as it was ``seen`` (looked at now, if at all); gives the response."""
    if seen is None:
        looked = anybody.post(f"{API}/booking-answers/look", json={"token": token}).json()
        seen = looked.get("dates") or [{"id": str(UUID(int=1)), "version": 1}]
    dates = [{name: each[name] for name in ("id", "version")} for each in seen]
    return anybody.post(f"{API}/booking-answers", json={"token": token, "accept": accept, "seen": dates})
