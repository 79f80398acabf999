"""Resources that are also managed elsewhere: what is read, what it takes, and what happens when both want the room."""

import threading
from datetime import timedelta

import pytest

from passapp.bookings import service
from passapp.bookings.calendars import external
from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, ExternalCalendar, Resource
from passapp.bookings.policies import set_policy
from passapp.bookings.rules import Approval, Policy
from passapp.kernel.audit import AuditEntry
from passapp.kernel.ticking import tick
from passapp.running import chores
from tests.bookings.calendars.calendar_server import calendar, calendars, endless, event, everywhere, fail, redirect
from tests.bookings.rooms import NINE, book, composite, do, pool, room, taken, wanted
from tests.scenes import rows

OFTEN = Policy(is_always_open=True, set_up=15)


@pytest.fixture
def site():
    with calendars() as site:
        yield site


@pytest.fixture
def world(world):
    """A world that may read calendars of this machine."""
    world.app.state.reach = everywhere
    return world


def busy(starts, minutes=60, uid="1"):
    """Taken so many minutes from nine on."""
    at = NINE + timedelta(minutes=starts)
    return event(uid, DTSTART=f"{at:%Y%m%dT%H%M%SZ}", DTEND=f"{at + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}")


def path(room_id, rest=""):
    return f"/api/v1/resources/{room_id}/external-calendar{rest}"


def test_what_is_no_address_is_told_how_one_begins(world):
    said = {"json": {"url": "mon agenda"}, "headers": {"Accept-Language": "fr"}}
    answer = world.as_manager(world.moulin).put(path(room(world)), **said)
    [wrong] = answer.json()["errors"]
    assert (wrong["pointer"], "commence par https://" in wrong["detail"]) == ("/url", True)


def connect(world, room_id, url):
    """Have a manager connect it, and the first reading with it."""
    answer = world.as_manager(world.moulin).put(path(room_id), json={"url": url})
    assert answer.status_code == 200, answer.text


def read_again(world, room_id):
    """As the chore does, a quarter of an hour later."""
    world.later(minutes=15)
    external.read_all(world.database, world.now, reach=everywhere)
    return seen(world, room_id)


def seen(world, room_id):
    answer = world.as_manager(world.moulin).get(path(room_id))
    assert answer.status_code == 200, answer.text
    return answer.json()


def state_of(world, booking_id):
    [booking] = rows(world, Booking, Booking.id == booking_id)
    return booking.state


def test_what_another_calendar_says_is_taken_cannot_be_booked(world, site):
    salle = room(world)
    site.content = calendar(busy(0))
    connect(world, salle, f"{site.url}/salle.ics")
    assert taken(world) == [(salle, 0, 60)]
    lea = world.member()
    with pytest.raises(Exception, match="taken"):
        book(world, salle, lea, 30)
    book(world, salle, lea, 60)


def test_bookings_of_it_are_on_request_from_then_on_unless_its_policy_says_otherwise(world, site):
    part = room(world)
    whole = composite(world, part, room(world))
    site.content = calendar()
    connect(world, part, site.url)
    assert state_of(world, book(world, part, world.member())) == BookingState.REQUESTED
    assert state_of(world, book(world, whole, world.member(), 120)) == BookingState.REQUESTED
    manager = world.as_manager(world.moulin)
    shown = manager.get(f"/api/v1/resources/{part}").json()
    assert shown["is_also_elsewhere"]
    assert shown["policy"]["approval"] == "always"


def approval_of(world, room_id):
    return world.as_manager(world.moulin).get(f"/api/v1/resources/{room_id}").json()["policy"]["approval"]


def disconnect(world, room_id):
    assert world.as_manager(world.moulin).delete(path(room_id)).status_code == 204


def test_who_was_answered_before_is_again_once_it_is_read_no_more(world, site):
    one, two = room(world, policy=Policy(is_always_open=True, approval=Approval.VISITORS)), room(world)
    whole = composite(world, one, two)
    connect(world, one, site.url)
    connect(world, two, site.url)
    disconnect(world, one)
    assert [approval_of(world, each) for each in (one, two, whole)] == ["visitors", "always", "always"]
    disconnect(world, two)
    assert [approval_of(world, each) for each in (two, whole)] == ["never", "never"]


def test_what_the_place_said_itself_stays_once_it_is_read_no_more(world, site):
    asks, changed = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)), room(world)
    for each in (asks, changed):
        connect(world, each, site.url)
    visitors = Policy(is_always_open=True, approval=Approval.VISITORS)
    with world.database.write() as session:
        set_policy(session, session.get_one(Resource, changed), visitors, at=world.now)
    for each in (asks, changed):
        disconnect(world, each)
    assert [approval_of(world, each) for each in (asks, changed)] == ["always", "visitors"]


def test_what_the_place_wants_to_be_asked_for_since_is_asked_for_once_it_is_read_no_more(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    longer = Policy(is_always_open=True, approval=Approval.ALWAYS, longest=600)
    with world.database.write() as session:
        set_policy(session, session.get_one(Resource, salle), longer, at=world.now)
    disconnect(world, salle)
    assert approval_of(world, salle) == "always"


def test_another_address_later_leaves_the_policy_alone(world, site):
    salle = room(world)
    connect(world, salle, f"{site.url}/a")
    with world.database.write() as session:
        set_policy(session, session.get_one(Resource, salle), Policy(is_always_open=True), at=world.now)
    connect(world, salle, f"{site.url}/b")
    assert state_of(world, book(world, salle, world.member())) == BookingState.BOOKED


def test_each_reading_replaces_what_was_known_at_once(world, site):
    salle = room(world)
    site.content = calendar(busy(0, uid="1"), busy(120, uid="2"))
    connect(world, salle, site.url)
    site.content = calendar(busy(30, uid="1"), busy(240, uid="3"))
    read_again(world, salle)
    assert taken(world) == [(salle, 30, 90), (salle, 240, 300)]
    assert len(rows(world, Claim)) == 2


def test_a_booking_that_was_there_stays_and_the_collision_is_told(world, site):
    salle, other = room(world), room(world)
    booked = book(world, salle, world.member(), 30, 30, title="Atelier")
    book(world, other, world.member())
    site.content = calendar(busy(0, 90))
    connect(world, salle, site.url)
    assert [row for row in taken(world) if row[0] == salle] == [(salle, 0, 30), (salle, 30, 60), (salle, 60, 90)]
    [collision] = seen(world, salle)["collisions"]
    assert (collision["id"], collision["title"]) == (str(booked), "Atelier")
    do(world, service.cancel, booked, reason=None)
    assert read_again(world, salle)["collisions"] == []
    assert [row for row in taken(world) if row[0] == salle] == [(salle, 0, 90)]


def test_what_is_taken_all_of_the_time_collides_whole(world, site):
    salle = room(world, policy=OFTEN)
    book(world, salle, world.member(), 0)
    site.content = calendar(busy(0, 60))
    connect(world, salle, site.url)
    assert taken(world) == [(salle, -15, 60)]
    assert len(seen(world, salle)["collisions"]) == 1


def test_a_hold_that_nobody_confirmed_is_not_in_the_way(world, site):
    salle = room(world)
    book(world, salle, world.member(), 0, hold=True)
    site.content = calendar(busy(0))
    world.later(minutes=11)
    connect(world, salle, site.url)
    assert taken(world) == [(salle, 0, 60)]


def test_at_the_moment_of_booking_it_is_read_again(world, site):
    salle, lea = room(world), world.member()
    site.content = calendar()
    connect(world, salle, site.url)
    world.later(minutes=2)
    site.content = calendar(busy(0))
    body = {"resource_id": salle, "start": "2026-11-23T09:00", "end": "2026-11-23T10:00", "title": "Atelier"}
    answer = world.as_member(lea).post("/api/v1/bookings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    later = body | {"start": "2026-11-23T11:00", "end": "2026-11-23T12:00"}
    answer = world.as_member(lea).post("/api/v1/bookings", json=later)
    assert (answer.status_code, answer.json()["state"]) == (201, "requested")
    assert len(site.asked) == 2  # the second booking came within a minute


def test_so_are_the_calendars_of_the_parts_of_a_whole(world, site):
    part, lea = room(world), world.member()
    whole = composite(world, part, room(world))
    connect(world, part, site.url)
    world.later(minutes=2)
    site.content = calendar(busy(0))
    body = {"resource_id": whole, "start": "2026-11-23T09:00", "end": "2026-11-23T10:00", "title": "Atelier"}
    assert world.as_member(lea).post("/api/v1/bookings", json=body).status_code == 409


def test_nobody_has_it_read_by_a_booking_without_being_signed_in(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    world.later(minutes=2)
    body = {"resource_id": salle, "start": "2026-11-23T09:00", "end": "2026-11-23T10:00", "title": "Atelier"}
    assert world.client().post("/api/v1/bookings", json=body).status_code == 401
    assert len(site.asked) == 1


def test_where_the_other_tool_does_not_answer_bookings_are_asked_for_all_the_same(world, site):
    salle, lea = room(world), world.member()
    site.content = calendar(busy(0))
    connect(world, salle, site.url)
    site.answers["/"] = fail(503)
    world.later(minutes=2)
    body = {"resource_id": salle, "start": "2026-11-23T11:00", "end": "2026-11-23T12:00", "title": "Atelier"}
    answer = world.as_member(lea).post("/api/v1/bookings", json=body)
    assert (answer.status_code, answer.json()["state"]) == (201, "requested")
    assert seen(world, salle)["problem"]["code"] == "not_there"
    assert (salle, 0, 60) in taken(world)


@pytest.mark.parametrize(
    "content, code",
    [(b"<html>", "not_a_calendar"), (b"x" * (external.MOST_BYTES + 1), "too_large")],
)
def test_what_cannot_be_read_is_told_in_words_and_what_was_known_stays(world, site, content, code):
    salle = room(world)
    site.content = calendar(busy(0))
    connect(world, salle, site.url)
    site.content = content
    shown = read_again(world, salle)
    assert shown["problem"]["code"] == code
    assert shown["problem"]["detail"]
    assert shown["read_at"] < shown["tried_at"]
    assert taken(world) == [(salle, 0, 60)]
    site.content = calendar()
    world.later(hours=1)
    assert read_again(world, salle)["problem"] is None
    assert taken(world) == []


def test_a_recurrence_bomb_is_told_and_nothing_is_stored(world, site, monkeypatch):
    monkeypatch.setattr(external, "SECONDS_A_REQUEST", 4.0)
    salle = room(world)
    site.content = calendar(event(DTSTART="20000101T000000Z", DURATION="PT1S", RRULE="FREQ=SECONDLY"))
    connect(world, salle, site.url)
    assert seen(world, salle)["problem"]["code"] == "too_complicated"
    assert rows(world, Claim) == []


def test_a_calendar_without_end_is_cut_and_nothing_is_stored(world, site):
    salle = room(world)
    site.answers["/"] = endless
    connect(world, salle, site.url)
    assert seen(world, salle)["problem"]["code"] == "too_large"
    assert rows(world, Claim) == []


def test_in_earnest_nothing_of_this_machine_is_read(world, site):
    world.app.state.reach = external.is_public
    salle = room(world)
    connect(world, salle, site.url)
    assert seen(world, salle)["problem"]["code"] == "private_address"
    assert site.asked == []
    assert external.CALENDARS.run is external.read_all
    world.later(hours=2)
    external.read_all(world.database, world.now)
    assert site.asked == []


def test_a_redirect_into_ones_own_network_is_told_and_not_followed(world, site):
    world.app.state.reach = lambda address, _port: str(address) == "127.0.0.1"
    site.answers["/"] = redirect(f"http://127.0.0.2:{site.url.rpartition(':')[2]}/secret")
    salle = room(world)
    connect(world, salle, site.url)
    assert seen(world, salle)["problem"]["code"] == "private_address"
    assert site.asked == ["/"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "agenda", "https://lea:secret@example.org/a.ics", "ftp://example.org/a.ics"]
)
def test_what_is_no_address_is_refused_and_nothing_is_stored(world, url):
    answer = world.as_manager(world.moulin).put(path(room(world)), json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "address_not_read")
    assert rows(world, ExternalCalendar) == []


@pytest.mark.parametrize(
    "url", ["", "https://example.org/a b", "https://example.org/\r\nX: y", "x" * 2001, "https://é.fr"]
)
def test_what_no_address_holds_is_refused_at_its_field(world, url):
    answer = world.as_manager(world.moulin).put(path(room(world)), json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_pool_and_a_room_made_of_others_have_no_calendar(world):
    manager = world.as_manager(world.moulin)
    for each in (pool(world, 2), composite(world, room(world), room(world))):
        answer = manager.put(path(each), json={"url": "https://example.org/a.ics"})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_one_room")


def test_read_no_more_it_takes_nothing(world, site):
    salle = room(world)
    site.content = calendar(busy(0))
    connect(world, salle, site.url)
    manager = world.as_manager(world.moulin)
    assert manager.delete(path(salle)).status_code == 204
    assert taken(world) == []
    for method in ("GET", "DELETE"):
        assert manager.request(method, path(salle)).json()["code"] == "no_external_calendar"


def test_another_places_manager_neither_sees_nor_changes_it(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    stranger = world.as_manager(world.hangar)
    for method, rest in (("GET", ""), ("DELETE", ""), ("PUT", ""), ("POST", "/read")):
        body = {"json": {"url": "https://example.org"}} if method == "PUT" else {}
        assert stranger.request(method, path(salle, rest), **body).status_code == 403


def test_a_manager_has_it_read_now_once_a_minute_at_most(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    site.content = calendar(busy(0))
    manager = world.as_manager(world.moulin)
    assert manager.post(path(salle, "/read")).status_code == 202
    assert taken(world) == []
    world.later(minutes=1)
    manager.post(path(salle, "/read"))
    assert taken(world) == [(salle, 0, 60)]


def test_the_chore_reads_every_quarter_of_an_hour_and_after_trouble_every_hour(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    site.content = calendar()
    asked = []
    for minutes in (14, 1, 15, 15, 15, 15):
        world.later(minutes=minutes)
        external.read_all(world.database, world.now, reach=everywhere)
        asked.append(len(site.asked))
    # What was there first was no calendar: an hour's pause.
    assert asked == [1, 1, 1, 1, 2, 3]


def test_the_chore_is_one_of_the_servers(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    world.later(hours=1)
    assert tick(world.database, chores(world.settings), now=world.now, dry_run=True)["external_calendars"] == 1
    assert tick(world.database, chores(world.settings), now=world.now)["external_calendars"] == 1
    assert seen(world, salle)["problem"]["code"] == "private_address"  # as in earnest


def test_two_who_read_at_the_same_moment_ask_once(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    now = world.later(hours=1)
    threads = [
        threading.Thread(target=external.read_all, args=(world.database, now), kwargs={"reach": everywhere})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(site.asked) == 2


def test_a_room_that_is_retired_is_read_no_more(world, site):
    salle = room(world)
    connect(world, salle, site.url)
    with world.database.write() as session:
        session.get_one(Resource, salle).retired_at = world.now
    world.later(hours=2)
    assert external.read_all(world.database, world.now, reach=everywhere) == 0


def test_its_claims_say_that_they_come_from_elsewhere(world, site):
    salle = room(world)
    site.content = calendar(busy(0))
    connect(world, salle, site.url)
    [claim] = rows(world, Claim)
    assert (claim.kind, claim.booking_id) == (ClaimKind.EXTERNAL, None)


def test_the_audit_log_names_the_deed_and_not_the_address(world, site):
    salle = room(world)
    connect(world, salle, f"{site.url}/secret-token.ics")
    [entry] = rows(world, AuditEntry, AuditEntry.action == "external_calendar.connect")
    assert "secret-token" not in str(entry.detail)


def test_a_booking_may_be_moved_where_the_other_calendar_leaves_room(world, site):
    salle = room(world)
    booked = book(world, salle, world.member())
    site.content = calendar(busy(60))
    connect(world, salle, site.url)
    with pytest.raises(Exception, match="taken"):
        do(world, service.move, booked, wanted(60))
    do(world, service.move, booked, wanted(120))
