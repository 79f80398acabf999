"""A day of the rooms that would do: when each is open, when it is taken."""

import pytest

from passapp.bookings.rules import Audience, Policy
from tests.bookings.rooms import book, composite, pool, room
from tests.statements import statements

DAY = "2026-11-23"
"""A Monday."""


@pytest.fixture
def member(world):
    """A member of the hangar."""
    return world.member()


@pytest.fixture
def look(world, member):
    """What that member is answered of the Monday."""
    client = world.as_member(member)

    def look(**asked):
        answer = client.get("/api/v1/availability/day", params={"day": DAY} | asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return look


def names(answer):
    return [item["resource"]["name"] for item in answer["items"]]


def taken(item):
    return [(each["local_start"], each["local_end"]) for each in item["taken"]]


def open_on_mondays(world, place, *hours):
    """These hours, alone, are a place's."""
    coordinator = world.as_coordinator()
    version = coordinator.get(f"/api/v1/places/{place.id}").json()["version"]
    week = [{"weekday": 0, "opens": opens, "closes": closes} for opens, closes in hours]
    answer = coordinator.put(
        f"/api/v1/places/{place.id}/hours", json={"hours": week}, headers={"If-Match": f'"{version}"'}
    )
    assert answer.is_success, answer.text


def test_a_room_is_shown_with_its_hours_and_what_is_taken_also_where_it_is_free_at_no_hour(world, look, member):
    open_on_mondays(world, world.moulin, ("09:00", "12:00"), ("18:00", "26:00"))
    blue = room(world, policy=Policy(set_up=15))
    book(world, blue, member, 60, 60)
    [item] = look()["items"]
    assert (item["resource"]["id"], item["openings"], item["units"]) == (blue, [[540, 720], [1080, 1560]], 1)
    assert taken(item) == [(f"{DAY}T09:45", f"{DAY}T11:00")]


def test_what_is_closed_that_day_is_left_out_and_what_is_open_day_and_night_is_so(world, look):
    open_on_mondays(world, world.moulin)
    room(world, policy=Policy())
    room(world, name="Salle Verte")
    [item] = look()["items"]
    assert (item["resource"]["name"], item["openings"]) == ("Salle Verte", [[0, 1440]])


@pytest.mark.parametrize(
    "policy,asked",
    [
        (Policy(is_always_open=True, audience=Audience.OWN_MEMBERS), {}),
        (Policy(is_always_open=True, needs_training=True), {}),
        (Policy(is_always_open=True, advance_days=2), {}),
        (Policy(is_always_open=True, upcoming=0), {}),
        (Policy(is_always_open=True, weekly_minutes=0), {}),
        (Policy(is_always_open=True), {"people": 9}),
        (Policy(is_always_open=True), {"kind": "desk"}),
        (Policy(is_always_open=True), {"features": ["screen"]}),
    ],
    ids=["not for visitors", "not trained", "too far ahead", "no more", "no more a week", "too small", "kind", "bare"],
)
def test_what_could_not_be_booked_at_any_hour_of_it_is_left_out(world, look, policy, asked):
    room(world, policy=policy)
    found = look(**asked)
    assert (found["items"], found["total"]) == ([], 0)


def test_a_pool_says_how_many_it_has_and_a_room_of_others_is_taken_where_one_of_them_is(world, look, member):
    desks = pool(world, 3)
    left, right = room(world, name="A"), room(world, name="B")
    whole = composite(world, left, right)
    book(world, desks, member, people=1)
    book(world, right, member, 120)
    found = {item["resource"]["id"]: item for item in look()["items"]}
    nine, eleven = [(f"{DAY}T{h}:00", f"{DAY}T{t}:00") for h, t in (("09", "10"), ("11", "12"))]
    assert (found[desks]["units"], taken(found[desks])) == (3, [nine])
    assert [taken(found[each]) for each in (left, right, whole)] == [[], [eleven], [eleven]]


def test_two_units_that_are_taken_alike_count_twice(world, look):
    desks = pool(world, 2)
    for _ in range(2):
        book(world, desks, world.member(), people=1)
    [item] = look()["items"]
    assert len(item["taken"]) == item["units"] == 2


def test_a_day_is_that_of_each_places_own_clock(world, look, member):
    east = world.place("est", zone="Indian/Reunion")
    there = room(world, place=east)
    book(world, there, member, 0)  # nine in Paris
    [item] = look()["items"]
    assert taken(item) == [(f"{DAY}T12:00", f"{DAY}T13:00")]


def test_the_nearest_comes_first_then_by_name_and_no_further_than_asked(world, look):
    near = world.place("pres", latitude=49.18, longitude=-0.37)
    far = world.place("loin", latitude=48.85, longitude=2.35)
    for place, name in ((far, "A"), (near, "C"), (near, "B")):
        room(world, place=place, name=name)
    found = look(near=str(near.id))
    assert (names(found), [item["distance_km"] for item in found["items"]]) == (["B", "C", "A"], [0, 0, 201.7])
    assert names(look(near=str(near.id), within_km=50)) == ["B", "C"]
    assert (names(look(place=[str(far.id)])), names(look(near=str(near.id), limit=1))) == (["A"], ["B"])


def test_who_is_no_member_is_shown_nothing_and_nobody_is_named(world, look, member):
    blue = room(world)
    book(world, blue, member)
    assert world.as_manager().get("/api/v1/availability/day", params={"day": DAY}).json()["total"] == 0
    [item] = look()["items"]
    assert set(item["taken"][0]) == {"local_start", "local_end"}


def test_it_takes_as_many_statements_however_many_rooms_places_and_bookings_there_are(world, member, look):
    usual = Policy(is_always_open=True, weekly_minutes=600)
    counts = []
    for codes in ("a",), ("b", "c", "d", "e"):
        for code in codes:
            place = world.place(code, zone="Indian/Reunion" if code in "bd" else "Europe/Paris")
            made = room(world, place=place, policy=usual)
            pool(world, 2, place=place)
            composite(world, made, room(world, place=place, policy=Policy()), place=place)
            book(world, made, member, 240)
        with statements(world.database) as sent:
            look()
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize(
    "code,asked",
    [
        ("invalid_request", {"day": "2026-02-29"}),
        ("invalid_request", {"day": "0000-01-01"}),
        ("invalid_request", {"day": "10000-01-01"}),
        ("invalid_request", {"day": "2000-12-31"}),
        ("invalid_request", {"day": "2099-01-01"}),
        ("invalid_request", {"day": "2100-01-01"}),
        ("invalid_request", {"day": "2026-11-23T09:00"}),
        ("invalid_request", {"people": "-1"}),
        ("invalid_request", {"start": "2026-11-23T09:00"}),
        ("invalid_request", {"latitude": "48"}),
        ("within_of_nothing", {"within_km": "5"}),
        ("place_unknown", {"near": "00000000-0000-0000-0000-000000000001"}),
    ],
)
def test_what_makes_no_sense_is_refused(world, member, code, asked):
    answer = world.as_member(member).get("/api/v1/availability/day", params={"day": DAY} | asked)
    assert (answer.status_code, answer.json()["code"]) == (404 if code == "place_unknown" else 422, code)


@pytest.mark.parametrize("day", ["2001-01-01", "2098-12-31"])
def test_the_first_and_the_last_day_are_answered(world, member, day):
    room(world)
    assert world.as_member(member).get("/api/v1/availability/day", params={"day": day}).status_code == 200
