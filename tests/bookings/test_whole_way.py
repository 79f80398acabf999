"""A member in Paris books far away, moves a weekly series across a clock change and cancels one date: all agree."""

from datetime import UTC, datetime

import pytest

from tests.bookings.calendars.readers.reading import READERS, faults_by_libical, ical_js
from tests.bookings.calendars.test_feeds import fetch, made, mine
from tests.bookings.desk import API, deed
from tests.bookings.rooms import room

DATES = ("2027-03-15", "2027-03-22", "2027-03-29", "2027-04-05")
"""Mondays; clocks in Paris are set on 28 March."""


def booked(client, room_id, start, end, title):
    body = {"resource_id": room_id, "start": start, "end": end, "people": 4, "title": title}
    answer = client.post(f"{API}/bookings", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def weekly(client, room_id):
    """Four Mondays from nine to ten; the bookings, as they are answered."""
    body = {
        "resource_id": room_id,
        "start": f"{DATES[0]}T09:00",
        "end": f"{DATES[0]}T10:00",
        "people": 4,
        "title": "Chorale",
        "repeat": {"every": "week", "count": 4},
    }
    answer = client.post(f"{API}/series", json=body)
    assert answer.status_code == 201, answer.text
    return [client.get(f"{API}/bookings/{each['booking_id']}").json() for each in answer.json()["occurrences"]]


def shown_to_the_place(world, place, day):
    """What the page of the place's bookings shows: when, what, how it stands."""
    answer = world.as_manager(place).get(f"{API}/places/{place.id}/bookings", params={"from": day, "days": 31})
    assert answer.status_code == 200, answer.text
    return {
        (datetime.fromisoformat(each["starts_at"]).astimezone(UTC), each["title"], each["state"])
        for each in answer.json()["items"]
    }


def followed(world, url):
    """What a calendar program shows, each of those that we know saying the same."""
    file = fetch(world, url).content
    read = [reader(file) for reader in READERS.values()]
    assert all(each == read[0] for each in read)
    state = {"CONFIRMED": "booked", "CANCELLED": "cancelled"}
    return {(each.start, each.summary, state[each.status]) for each in read[0]}


def test_a_booking_on_another_ocean_and_a_series_across_a_clock_change(world):
    lea = world.member()
    client = world.as_member(lea)
    lagoon = world.place("lagon", "Le Lagon", zone="Indian/Reunion", town="Saint-Denis", subdivision="974")
    far, here = room(world, place=lagoon), room(world)

    # A local morning in Saint-Denis is one there, whatever the clocks of Paris say.
    there = booked(client, far, "2027-03-16T09:00", "2027-03-16T11:00", "Atelier")
    assert (there["starts_at"], there["zone"]) == ("2027-03-16T09:00:00+04:00", "Indian/Reunion")
    [event] = ical_js(fetch(world, mine(world, lea)).content)["events"]
    assert (event["local_start"], event["start"]) == ("2027-03-16T09:00:00", "2027-03-16T05:00:00.000Z")

    # Every Monday at nine becomes every Monday at ten, before and after the clocks are set.
    first, *_ = before = weekly(client, here)
    moved = client.put(
        f"{API}/bookings/{first['id']}/series",
        params={"scope": "all"},
        json={"start": f"{DATES[0]}T10:00", "end": f"{DATES[0]}T11:00", "people": 4, "title": "Chorale"},
        headers={"If-Match": f'"{first["version"]}"'},
    )
    assert moved.status_code == 200, moved.text
    third = client.get(f"{API}/bookings/{before[2]['id']}").json()
    cancelled = deed(client, third, "cancel")
    assert cancelled.status_code == 200, cancelled.text

    url = mine(world, lea)
    events = [each for each in ical_js(fetch(world, url).content)["events"] if each["summary"] == "Chorale"]
    assert [each["local_start"] for each in events] == [f"{day}T10:00:00" for day in DATES]
    assert [each["start"][11:16] for each in events] == ["09:00", "09:00", "08:00", "08:00"]
    assert [each["status"] for each in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert [each["sequence"] for each in events] == [1, 1, 2, 1]
    assert len({each["uid"] for each in events}) == 4

    # Her calendar, each place's, and each place's page say the same.
    of_places = {
        place.id: followed(world, made(world.as_manager(place), f"/places/{place.id}/feeds"))
        for place in (world.moulin, lagoon)
    }
    assert followed(world, url) == of_places[world.moulin.id] | of_places[lagoon.id]
    for place in (world.moulin, lagoon):
        stands = {each for each in of_places[place.id] if each[2] == "booked"}
        assert {each for each in shown_to_the_place(world, place, DATES[0]) if each[2] == "booked"} == stands
        assert len(stands) == (3 if place is world.moulin else 1)


@pytest.mark.libical
def test_libical_finds_nothing_wrong_in_the_calendar_of_such_a_series(world):
    lea = world.member()
    weekly(world.as_member(lea), room(world))
    assert faults_by_libical(fetch(world, mine(world, lea)).content) == []
