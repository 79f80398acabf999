"""What another tool says is taken is read again at the moment that somebody takes the room (booking.md 19)."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest

from passapp.accounts.rules import Role
from passapp.bookings.calendars import external
from passapp.bookings.models import ExternalCalendar, Resource
from passapp.bookings.policies import set_policy
from tests.bookings.calendars.calendar_server import calendar, calendars, drip, everywhere, fail
from tests.bookings.calendars.test_external import busy, connect
from tests.bookings.desk import MORNING, body, book, deed
from tests.bookings.rooms import ALWAYS, NINE, composite, room, taken
from tests.mails import mails, text_of_mail
from tests.scenes import rows
from tests.served import served

API = "/api/v1"


@pytest.fixture
def site():
    with calendars() as site:
        site.content = calendar()
        yield site


@pytest.fixture
def world(world):
    """A world that may read calendars of this machine."""
    world.app.state.reach = everywhere
    return world


@pytest.fixture
def salle(world, site):
    """A room that is also managed elsewhere, where nothing was taken two minutes ago; booked at once all the same."""
    made = room(world)
    connect(world, made, site.url)
    with world.database.write() as session:
        set_policy(session, session.get_one(Resource, made), ALWAYS, at=world.now)
    world.later(minutes=2)
    return made


@pytest.fixture
def client(world):
    return world.as_member(world.member())


def refusal(answer):
    return answer.status_code, answer.json().get("code")


def test_before_a_booking_is_moved(world, site, salle, client):
    booked = book(client, salle)
    world.later(minutes=2)
    site.content = calendar(busy(120))
    moved = deed(client, booked, "change", start="2026-11-23T11:00", end="2026-11-23T12:00")
    assert refusal(moved) == (409, "slot_taken")
    assert len(site.asked) == 3


def test_before_a_series_is_moved(world, site, salle, client):
    repeat = {"every": "week", "count": 2}
    made = client.post(f"{API}/series", json=body(salle, repeat=repeat))
    assert made.status_code == 201, made.text
    world.later(minutes=2)
    site.content = calendar(busy(120))
    address = f"{API}/bookings/{made.json()['occurrences'][0]['booking_id']}"
    version = {"If-Match": f'"{client.get(address).json()["version"]}"'}
    times = {"start": "2026-11-23T11:00", "end": "2026-11-23T12:00"}
    moved = client.put(f"{address}/series?scope=all", json=MORNING | times | {"title": "Réunion"}, headers=version)
    assert refusal(moved) == (409, "series_conflicts")
    assert [each["outcome"] for each in moved.json()["occurrences"]] == ["taken", "free"]


def test_before_what_was_kept_is_booked(world, site, salle, client):
    held = book(client, salle, hold=True)
    world.later(minutes=2)
    site.content = calendar(busy(30))
    confirmed = client.post(f"{API}/bookings/{held['id']}/confirm")
    assert refusal(confirmed) == (409, "slot_taken")
    assert confirmed.json()["next_free"]["start"] == "2026-11-23T10:30:00+01:00"
    site.content = calendar()
    world.later(minutes=2)
    assert client.post(f"{API}/bookings/{held['id']}/confirm").json()["state"] == "booked"


def test_what_was_kept_and_moved_out_of_the_way_is_booked(world, site, salle, client):
    held = book(client, salle, hold=True)
    world.later(minutes=2)
    site.content = calendar(busy(30))
    assert refusal(client.post(f"{API}/bookings/{held['id']}/confirm")) == (409, "slot_taken")
    moved = deed(client, held, "change", start="2026-11-23T13:00", end="2026-11-23T14:00")
    assert moved.status_code == 200, moved.text
    assert client.post(f"{API}/bookings/{held['id']}/confirm").json()["state"] == "booked"


def test_what_was_kept_and_moved_but_is_still_in_the_way_is_not(world, site, salle, client):
    held = book(client, salle, hold=True, end="2026-11-23T12:00")
    world.later(minutes=2)
    site.content = calendar(busy(30, minutes=240))
    assert refusal(client.post(f"{API}/bookings/{held['id']}/confirm")) == (409, "slot_taken")
    moved = deed(client, held, "change", start="2026-11-23T10:30", end="2026-11-23T11:30")
    assert moved.status_code == 200, moved.text
    assert refusal(client.post(f"{API}/bookings/{held['id']}/confirm")) == (409, "slot_taken")


def test_a_series_that_was_moved_out_of_the_way_is_said_to_be_in_it_no_more(world, site, salle, client):
    made = client.post(f"{API}/series", json=body(salle, repeat={"every": "week", "count": 2})).json()
    world.later(minutes=15)
    site.content = calendar(busy(30))
    external.read_all(world.database, world.now, reach=everywhere)
    [calendar_of_it] = rows(world, ExternalCalendar)
    first = made["occurrences"][0]["booking_id"]
    assert calendar_of_it.collisions == [first]
    address = f"{API}/bookings/{first}"
    version = {"If-Match": f'"{client.get(address).json()["version"]}"'}
    times = {"start": "2026-11-23T13:00", "end": "2026-11-23T14:00"}
    moved = client.put(f"{address}/series?scope=all", json=MORNING | times | {"title": "Réunion"}, headers=version)
    assert moved.status_code == 200, moved.text
    [calendar_of_it] = rows(world, ExternalCalendar)
    assert calendar_of_it.collisions == []


def test_before_it_is_taken_at_its_door(world, site, salle):
    tablet = world.as_door(world.moulin)
    world.now = NINE
    site.content = calendar(busy(0))
    answer = tablet.post(f"{API}/door/rooms/{salle}/bookings", json={"id": str(uuid4()), "minutes": 30})
    assert refusal(answer) == (409, "slot_taken")


def test_whoever_books_while_another_has_it_read_waits_for_what_it_says(world, site, salle, client):
    site.content = calendar(busy(0))
    goes_on = threading.Event()
    asked = threading.Event()

    def slowly(handler):
        asked.set()
        goes_on.wait(8)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(site.content)))
        handler.end_headers()
        handler.wfile.write(site.content)

    site.answers["/"] = slowly
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(external.read_before, world.database, salle, world.now, reach=everywhere)
        assert asked.wait(10)
        second = threads.submit(client.post, f"{API}/bookings", json=body(salle))
        wait([second], timeout=1)
        goes_on.set()
        first.result(60)
        assert refusal(second.result(60)) == (409, "slot_taken")
    assert len(site.asked) == 2


def test_many_who_wait_for_what_another_reads_keep_nobody_else_waiting(world, salle):
    with world.database.write() as session:
        session.get_one(ExternalCalendar, salle).tried_at = world.now
    lea = world.as_member(world.member())
    asking = {"cookies": dict(lea.cookies), "headers": dict(lea.headers), "timeout": 60}
    with served(world.app, world.settings) as address, ThreadPoolExecutor(60) as threads:

        def book_it(_):
            with httpx2.Client(base_url=address, **asking) as somebody:
                return somebody.post(f"{API}/bookings", json=body(salle)).status_code

        waiting = [threads.submit(book_it, number) for number in range(50)]
        wait(waiting, timeout=2)
        with httpx2.Client(base_url=address, **asking) as other:
            assert other.get(f"{API}/me/bookings").status_code == 200
        assert not any(each.done() for each in waiting)
        with world.database.write() as session:
            session.get_one(ExternalCalendar, salle).read_at = world.now
        assert sorted(each.result(60) for each in waiting) == [201] + [409] * 49


def test_where_a_reading_was_cut_short_nobody_waits_for_it_once_it_is_old(world, site, salle, client):
    with world.database.write() as session:
        session.get_one(ExternalCalendar, salle).tried_at = world.now
    world.later(minutes=1)
    assert book(client, salle)["state"] == "booked"
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    "address", ["bookings/{booking}", "bookings/x", "door/rooms/{room}/bookings", "door/rooms/x/bookings"]
)
def test_but_not_for_whoever_is_not_signed_in_or_names_nothing(world, site, salle, client, address):
    booked = book(client, salle)
    world.later(minutes=2)
    asked = len(site.asked)
    url = f"{API}/{address.format(booking=booked['id'], room=salle)}"
    assert world.client().request("PUT" if "door" not in address else "POST", url, json={}).status_code in {401, 422}
    assert len(site.asked) == asked


def test_what_other_tools_take_their_time_over_is_answered_without(world, site, client, monkeypatch):
    monkeypatch.setattr(external, "SECONDS_A_REQUEST", 1.0)
    for name in ("one", "two"):
        site.answers[f"/{name}"] = drip(site, in_headers=False)
    parts = [room(world), room(world)]
    for part, name in zip(parts, ("one", "two"), strict=True):
        connect(world, part, f"{site.url}/{name}")
    whole = composite(world, *parts)
    world.later(hours=1)
    assert book(client, whole)["state"] == "booked"
    first, second = rows(world, ExternalCalendar)
    assert [first.problem, second.problem] == ["too_slow"] * 2
    assert {first.tried_at, second.tried_at} == {world.now, world.now - timedelta(hours=1)}
    assert len(taken(world)) == 2


@pytest.mark.parametrize("answers", [True, False])
def test_whoever_has_to_answer_is_told_where_it_could_not_be_read(world, site, client, answers):
    asks = room(world)
    connect(world, asks, site.url)
    world.account(Role.MANAGER, world.moulin)
    world.later(minutes=2)
    if not answers:
        site.answers["/"] = fail(503)
    assert book(client, asks)["state"] == "requested"
    asked = [text_of_mail(mail) for mail in mails(world) if mail["Subject"].startswith("À répondre")]
    assert asked
    assert all(("n'a pas pu être relu" in " ".join(text.split())) is not answers for text in asked)
