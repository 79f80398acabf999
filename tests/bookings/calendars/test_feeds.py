"""Calendars that follow bookings: their addresses, what each of them holds, and for how long."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text

from passapp.accounts.rules import Role
from passapp.bookings import service
from passapp.bookings.models import Booking, Claim, ClaimKind, Closure, Feed
from passapp.bookings.rules import Approval, Policy
from passapp.members.models import Member
from tests.bookings.calendars.readers.reading import READERS, by_ical, by_ical_js, faults_by_libical
from tests.bookings.rooms import NINE, book, composite, do, pool, room, wanted
from tests.scenes import rows

OTHERWISE = {
    "sqlite": "PRAGMA reverse_unordered_selects=ON",
    "postgresql": "SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off",
}
"""Has the database come upon its rows in another order."""
ASKED = Policy(is_always_open=True, approval=Approval.ALWAYS)


def made(client, path, **body):
    """A calendar's new address."""
    answer = client.post(f"/api/v1{path}", **({"json": body} if body else {}))
    assert answer.status_code == 201, answer.text
    return answer.json()["url"].removeprefix("http://testserver")


def fetch(world, url, **headers):
    return world.client().get(url, headers=headers)


def followed(world, url):
    """What a program that has the address sees, as the package `ical` reads it."""
    answer = fetch(world, url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return by_ical(answer.content)


def mine(world, member):
    return made(world.as_member(member), "/me/feeds")


def of_room(world, room_id, kind="resource"):
    return made(world.as_manager(world.moulin), f"/resources/{room_id}/feeds", kind=kind)


def description(world, url):
    return re.search(r"DESCRIPTION:(.*)\r\n", fetch(world, url).text.replace("\r\n ", ""))[1]


def test_my_calendar_has_my_bookings_wherever_they_are_and_nobody_elses(world):
    lea, sam = world.member(), world.member(given_name="Sam")
    there = world.place("reunion", "Le Lagon", zone="Indian/Reunion")
    here, far = room(world), room(world, place=there)
    book(world, here, lea, title="Atelier")
    book(world, far, lea, 120, zone="Indian/Reunion", title="Réunion")
    book(world, here, sam, 60)
    assert [(read.summary, read.start) for read in followed(world, mine(world, lea))] == [
        ("Atelier", NINE),
        ("Réunion", NINE + timedelta(hours=2)),
    ]


def test_it_says_where_it_is_how_to_get_in_and_whom_to_call(world):
    lea = world.member()
    place = world.place("lune", "Café Lune", latitude=48.5, longitude=-3.0, postcode="22200", town="Guingamp")
    book(world, room(world, place=place, access="Code 12, sonnez", contact="Sam, 06"), lea)
    text = fetch(world, mine(world, lea)).text
    assert "LOCATION:Salle Bleue\\, Café Lune\\, 22200 Guingamp" in text
    assert "GEO:48.5;-3.0" in text
    assert "DESCRIPTION:Code 12\\, sonnez\\nSam\\, 06" in text


def test_two_polls_are_the_same_bytes_however_long_between(world):
    lea = world.member()
    book(world, room(world), lea)
    url = mine(world, lea)
    first = fetch(world, url)
    world.later(days=3)
    again = fetch(world, url)
    assert again.content == first.content
    assert again.headers["ETag"] == first.headers["ETag"]


def test_who_has_it_already_is_told_so_without_a_body(world):
    lea = world.member()
    booked = book(world, room(world), lea)
    url = mine(world, lea)
    tag = fetch(world, url).headers["ETag"]
    assert re.fullmatch('"[0-9a-f]{32}"', tag)
    for said in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = fetch(world, url, **{"If-None-Match": said})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    world.later(minutes=1)
    do(world, service.cancel, booked, reason=None)
    assert fetch(world, url, **{"If-None-Match": tag}).status_code == 200


def test_who_has_it_is_told_so_in_whichever_order_the_database_comes_upon_its_rows(world):
    lea, salle = world.member(), room(world)
    first, *_ = [book(world, salle, lea, 60 * hour) for hour in range(3)]
    urls = mine(world, lea), of_room(world, salle), of_room(world, salle, "busy")
    before = [fetch(world, url).headers["ETag"] for url in urls]
    with world.database.write() as session:  # what is written anew comes last
        session.execute(text(f"UPDATE booking SET title = title WHERE id = '{first}'"))
    otherwise = OTHERWISE[world.database.engine.name]
    event.listen(world.database.engine, "begin", lambda connection: connection.exec_driver_sql(otherwise))
    assert [fetch(world, url).headers["ETag"] for url in urls] == before


def test_programs_ask_again_rather_than_keep_what_may_be_taken_back(world):
    answer = fetch(world, mine(world, world.member()))
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_move_keeps_the_uid_and_a_new_booking_has_another(world):
    lea, salle = world.member(), room(world)
    booked = book(world, salle, lea)
    url = mine(world, lea)
    [before] = followed(world, url)
    world.later(minutes=5)
    do(world, service.move, booked, wanted(60))
    [moved] = followed(world, url)
    assert (moved.uid, moved.sequence, moved.start) == (before.uid, before.sequence + 1, NINE + timedelta(hours=1))
    do(world, service.cancel, booked, reason=None)
    book(world, salle, lea, 60)
    assert len({read.uid for read in followed(world, url)}) == 2


@pytest.mark.parametrize("reader", READERS)
def test_what_was_cancelled_is_shown_so_for_thirty_days_then_no_more(world, reader):
    lea = world.member()
    booked = book(world, room(world), lea, 60 * 24 * 60)
    do(world, service.cancel, booked, reason=None)
    url = mine(world, lea)
    world.later(days=29)
    [read] = READERS[reader](fetch(world, url).content)
    assert (read.status, read.sequence) == ("CANCELLED", 1)
    world.later(days=2)
    assert READERS[reader](fetch(world, url).content) == []


def test_a_request_is_tentative_until_the_place_has_answered(world):
    lea = world.member()
    booked = book(world, room(world, policy=ASKED), lea)
    url = mine(world, lea)
    assert [read.status for read in followed(world, url)] == ["TENTATIVE"]
    assert description(world, url) == "En attente de la réponse du lieu."
    do(world, service.answer, booked, accept=True, reason=None)
    assert [read.status for read in followed(world, url)] == ["CONFIRMED"]


def test_a_refused_request_is_cancelled(world):
    lea = world.member()
    booked = book(world, room(world, policy=ASKED), lea)
    do(world, service.answer, booked, accept=False, reason=None)
    assert [read.status for read in followed(world, mine(world, lea))] == ["CANCELLED"]


def test_what_was_only_held_is_never_shown(world):
    lea, salle = world.member(), room(world)
    url = mine(world, lea)
    booked = book(world, salle, lea, hold=True)
    assert followed(world, url) == []
    do(world, service.cancel, booked, reason=None)
    assert followed(world, url) == []
    do(world, service.confirm, book(world, salle, lea, hold=True))
    assert [read.status for read in followed(world, url)] == ["CONFIRMED"]


def test_my_calendar_goes_back_a_year_and_a_rooms_a_month(world):
    lea, salle = world.member(), room(world)
    book(world, salle, lea)
    urls = mine(world, lea), of_room(world, salle)
    world.later(days=40)
    assert [len(followed(world, url)) for url in urls] == [1, 0]
    world.later(days=365)
    assert [len(followed(world, url)) for url in urls] == [0, 0]


def test_the_team_sees_who_comes_and_with_how_many(world):
    lea = world.member(family_name="Bertin")
    salle = room(world)
    book(world, salle, lea, people=6, title="Atelier")
    for url in (of_room(world, salle), made(world.as_manager(world.moulin), f"/places/{world.moulin.id}/feeds")):
        assert [read.summary for read in followed(world, url)] == ["Atelier"]
        assert description(world, url) == "Léa B (Le Hangar)\\n6 personnes"
        assert "Bertin" not in fetch(world, url).text


def test_busy_only_says_when_it_is_taken_set_up_and_tear_down_included(world):
    lea = world.member(family_name="Bertin")
    salle = room(world, policy=Policy(is_always_open=True, set_up=15, tear_down=30), access="Code 12")
    book(world, salle, lea, title="Secret")
    url = of_room(world, salle, "busy")
    [read] = followed(world, url)
    assert (read.summary, read.start, read.end) == (
        "Occupé",
        NINE - timedelta(minutes=15),
        NINE + timedelta(minutes=90),
    )
    text = fetch(world, url).text
    assert not [word for word in ("Secret", "Léa", "Hangar", "Code", "/bookings/") if word in text]


def test_a_rooms_calendar_shows_what_its_whole_is_booked_for(world):
    lea = world.member()
    part, other = room(world), room(world, name="Salle Verte")
    book(world, composite(world, part, other), lea, title="Assemblée")
    assert [read.summary for read in followed(world, of_room(world, part))] == ["Assemblée"]


def test_a_pools_calendar_shows_each_of_its_units(world):
    desks = pool(world, 2)
    for _ in range(2):
        book(world, desks, world.member(), people=1)
    assert len(followed(world, of_room(world, desks, "busy"))) == 2


def test_closures_are_shown_with_their_reason_to_the_team_and_as_busy_to_others(world):
    salle = room(world)
    with world.database.write() as session:
        at = {"starts_at": NINE, "ends_at": NINE + timedelta(hours=3)}
        closure = Closure(place_id=world.moulin.id, resource_id=salle, reason="Travaux", made_at=world.now, **at)
        session.add(closure)
        session.flush()
        session.add(Claim(resource_id=salle, kind=ClaimKind.CLOSURE, closure_id=closure.id, **at))
    place = made(world.as_manager(world.moulin), f"/places/{world.moulin.id}/feeds")
    urls = (place, of_room(world, salle), of_room(world, salle, "busy"))
    assert [[read.summary for read in followed(world, url)] for url in urls] == [["Travaux"], ["Travaux"], ["Occupé"]]


def test_a_closure_that_is_removed_stays_cancelled_for_thirty_days(world):
    salle, manager = room(world), world.as_manager(world.moulin)
    closing = {"resource_id": salle, "start": "2027-03-01T09:00", "end": "2027-03-01T18:00", "reason": "Travaux"}
    closure = manager.post(f"/api/v1/places/{world.moulin.id}/closures", json=closing)
    assert closure.status_code == 201, closure.text
    urls = (made(manager, f"/places/{world.moulin.id}/feeds"), of_room(world, salle), of_room(world, salle, "busy"))
    [[before], *_] = [followed(world, url) for url in urls]
    world.later(minutes=1)
    removed = manager.delete(f"/api/v1/places/{world.moulin.id}/closures/{closure.json()['id']}")
    assert removed.status_code == 204
    world.later(days=29)
    for url in urls:
        [read] = followed(world, url)
        assert (read.uid, read.status, read.sequence) == (before.uid, "CANCELLED", before.sequence + 1)
    world.later(days=2)
    assert [followed(world, url) for url in urls] == [[], [], []]


def test_how_to_get_in_is_said_once_it_is_booked_and_no_longer_once_it_is_cancelled(world):
    lea = world.member()
    booked = book(world, room(world, policy=ASKED, access="Code 12"), lea)
    url, client = mine(world, lea), world.as_member(lea)
    said = []
    for deed, how in (
        (None, {}),
        (service.answer, {"accept": True, "reason": None}),
        (service.cancel, {"reason": None}),
    ):
        if deed:
            do(world, deed, booked, **how)
        file = client.get(f"/api/v1/bookings/{booked}/calendar.ics").text
        said.append(("Code 12" in fetch(world, url).text, "Code 12" in file))
    assert said == [(False, False), (True, True), (False, False)]


def test_what_is_imported_is_not_published_again(world):
    salle = room(world)
    with world.database.write() as session:
        times = {"starts_at": NINE, "ends_at": NINE + timedelta(hours=3)}
        session.add(Claim(resource_id=salle, kind=ClaimKind.EXTERNAL, **times))
    assert followed(world, of_room(world, salle, "busy")) == []


def test_an_address_that_is_taken_back_is_answered_with_404_at_once(world):
    lea = world.member()
    client = world.as_member(lea)
    url = made(client, "/me/feeds")
    [listed] = client.get("/api/v1/me/feeds").json()["items"]
    assert listed["url"] is None
    assert client.delete(f"/api/v1/feeds/{listed['id']}").status_code == 204
    answer = fetch(world, url)
    assert (answer.status_code, answer.json()["code"]) == (404, "feed_unknown")
    assert client.get("/api/v1/me/feeds").json()["items"] == []
    assert client.delete(f"/api/v1/feeds/{listed['id']}").status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 100, "%00", "é"])
def test_an_address_that_nobody_made_is_answered_with_404(world, token):
    assert fetch(world, f"/feeds/{token}.ics").status_code == 404


def test_only_a_hash_of_the_address_is_kept(world):
    url = mine(world, world.member())
    secret = url.removeprefix("/feeds/").removesuffix(".ics")
    [feed] = rows(world, Feed)
    assert secret not in str(vars(feed))
    assert len(secret) >= 43


def test_nobody_takes_back_the_address_of_another_member(world):
    lea, sam = world.member(), world.member()
    mine(world, lea)
    [feed] = rows(world, Feed)
    for client in (world.as_member(sam), world.as_coordinator()):
        assert client.delete(f"/api/v1/feeds/{feed.id}").status_code == 404


def test_another_places_manager_makes_no_address_of_a_room_and_takes_none_back(world):
    salle = room(world)
    of_room(world, salle)
    [feed] = rows(world, Feed)
    stranger = world.as_manager(world.hangar)
    assert stranger.post(f"/api/v1/resources/{salle}/feeds", json={"kind": "busy"}).status_code == 403
    assert stranger.get(f"/api/v1/resources/{salle}/feeds").status_code == 403
    assert stranger.delete(f"/api/v1/feeds/{feed.id}").status_code == 403


def test_a_place_lists_the_addresses_of_its_rooms_too(world):
    salle = room(world)
    of_room(world, salle, "busy")
    manager = world.as_manager(world.moulin)
    made(manager, f"/places/{world.moulin.id}/feeds")
    items = manager.get(f"/api/v1/places/{world.moulin.id}/feeds").json()["items"]
    assert [(item["kind"], item["resource"]) for item in items] == [
        ("place", None),
        ("busy", {"id": salle, "name": "Salle Bleue"}),
    ]
    assert len(manager.get(f"/api/v1/resources/{salle}/feeds").json()["items"]) == 1


def test_the_address_of_somebody_who_was_erased_leads_nowhere(world):
    lea = world.member()
    url = mine(world, lea)
    with world.database.write() as session:
        session.delete(session.get_one(Member, lea.id))
    assert fetch(world, url).status_code == 404


def test_a_booking_is_a_file_for_whom_it_is_for_and_for_the_team_of_its_place(world):
    lea = world.member()
    booked = book(world, room(world), lea, title="Atelier")
    url = f"/api/v1/bookings/{booked}/calendar.ics"
    host = world.signed_in(world.account(Role.HOST, world.moulin))
    for client in (world.as_member(lea), host):
        answer = client.get(url)
        assert [read.summary for read in by_ical_js(answer.content)] == ["Atelier"]
        assert answer.headers["Content-Disposition"] == 'attachment; filename="reservation.ics"'
    assert world.as_member(world.member()).get(url).status_code == 404


def test_the_name_of_the_calendar_is_in_the_members_language(world):
    lea = world.member(locale="en")
    assert "X-WR-CALNAME:My bookings (Le Réseau)" in fetch(world, mine(world, lea)).text


@pytest.mark.libical
@pytest.mark.parametrize("kind", ["resource", "busy"])
def test_libical_finds_nothing_wrong_in_what_is_served(world, kind):
    salle = room(world)
    for hour in range(3):
        book(world, salle, world.member(), hour * 60)
    assert faults_by_libical(fetch(world, of_room(world, salle, kind)).content) == []


def test_times_that_are_changed_are_changed_in_the_file(world):
    lea = world.member()
    booked = book(world, room(world), lea)
    url = mine(world, lea)
    do(world, service.move, booked, wanted(120, 30))
    with world.session() as session:
        changed_at = session.scalar(select(Booking.changed_at).where(Booking.id == booked))
    assert changed_at == world.now
    assert f"DTSTAMP:{world.now.astimezone(UTC):%Y%m%dT%H%M%SZ}" in fetch(world, url).text
    assert datetime(2026, 11, 23, 10, tzinfo=UTC) == followed(world, url)[0].start
