"""What is free, anywhere in the network (booking.md 12 and 13)."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from passapp.bookings.finding.availability import Point, Sought, Window, _distance, _spans, find_rooms
from passapp.bookings.models import Claim, ClaimKind
from passapp.bookings.rules import Approval, Audience, Policy, Rate
from passapp.members.models import Member
from passapp.members.service import NewMembership
from passapp.places.models import Place
from tests.bookings.rooms import ALWAYS, NINE, book, composite, home_pays, pool, room
from tests.statements import statements
from tests.world import LONG_AGO

# ruff: noqa: DTZ001  (what a wall shows has no zone)

NONE = {"items": [], "total": 0, "largest": None}
MORNING = {"start": "2026-11-23T09:00", "end": "2026-11-23T10:00"}


@pytest.fixture
def member(world):
    """A member of the hangar."""
    return world.member()


@pytest.fixture
def look(world, member):
    """What that member is answered, who looks for an hour on Monday at nine unless they say otherwise."""
    client = world.as_member(member)

    def look(**asked):
        answer = client.get("/api/v1/availability", params=MORNING | asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return look


def ids(answer):
    return [item["resource"]["id"] for item in answer["items"]]


def test_what_is_found_says_when_where_at_what_price_and_who_pays(world, look):
    blue = room(world, rates=[Rate(hour=1200), Rate(hour=900, is_home=False)], features=["screen"])
    assert look() == {
        "items": [
            {
                "resource": {
                    "id": blue,
                    "name": "Salle Bleue",
                    "kind": "room",
                    "capacity": 8,
                    "features": ["screen"],
                    "place": {
                        "id": str(world.moulin.id),
                        "code": "moulin",
                        "name": "Le Moulin",
                        "zone": "Europe/Paris",
                        "town": "Caen",
                        "latitude": None,
                        "longitude": None,
                    },
                },
                "starts_at": "2026-11-23T09:00:00+01:00",
                "ends_at": "2026-11-23T10:00:00+01:00",
                "local_start": "2026-11-23T09:00",
                "local_end": "2026-11-23T10:00",
                "zone": "Europe/Paris",
                "shifted": 0,
                "price": 900,
                "payer": "member",
                "home": {"id": str(world.hangar.id), "name": "Le Hangar"},
                "needs_approval": False,
                "distance_km": None,
            }
        ],
        "total": 1,
        "largest": None,
    }


def test_a_local_time_is_that_of_each_place_an_instant_is_the_same_everywhere(world, look):
    east = world.place("est", zone="Indian/Reunion")
    room(world)
    room(world, place=east)
    local = {item["zone"]: item["starts_at"] for item in look()["items"]}
    assert local == {"Europe/Paris": "2026-11-23T09:00:00+01:00", "Indian/Reunion": "2026-11-23T09:00:00+04:00"}
    at_once = look(start="2026-11-23T08:00:00Z", end="2026-11-23T10:00:00+01:00")["items"]
    assert {item["zone"]: item["local_start"][11:] for item in at_once} == {
        "Europe/Paris": "09:00",
        "Indian/Reunion": "12:00",
    }


def test_what_is_taken_then_is_not_found_nor_what_is_taken_before_it_is_set_up_again(world, look, member):
    taken, free = room(world), room(world)
    needs_an_hour = room(world, policy=Policy(is_always_open=True, set_up=60))
    book(world, taken, member, 30)
    book(world, free, member, 60)
    book(world, needs_an_hour, member, -60)
    assert ids(look()) == [free]


def test_what_nobody_confirmed_in_time_is_free_again(world, look, member):
    blue = room(world)
    book(world, blue, member, hold=True)
    assert ids(look()) == []
    world.later(minutes=10)
    assert ids(look()) == [blue]


@pytest.mark.parametrize("days", [0.9, 1, 1.1, 40], ids=str)
def test_a_closure_of_any_length_is_noticed_and_its_end_too(world, look, days):
    blue = room(world)
    with world.database.write() as session:
        ends_at = NINE + timedelta(minutes=30)
        fields = {"kind": ClaimKind.CLOSURE, "starts_at": ends_at - timedelta(days=days), "ends_at": ends_at}
        session.add(Claim(resource_id=blue, **fields))
    assert ids(look()) == []
    assert ids(look(start="2026-11-23T09:30")) == [blue]


def test_a_pool_is_free_as_long_as_one_of_its_units_is(world, look, member):
    desks = pool(world, 2)
    book(world, desks, member, people=1)
    assert ids(look()) == [desks]
    book(world, desks, world.member(), people=1)
    assert ids(look()) == []


def test_a_room_made_of_others_is_free_where_each_of_them_is_and_they_where_it_is(world, look, member):
    one, two, three = (room(world, name=name) for name in "ABC")
    whole = composite(world, composite(world, one, two), three)
    assert whole in ids(look())
    book(world, one, member)
    assert ids(look()) == [two, three]


def test_what_is_asked_for_is_what_is_found(world, look):
    east = world.place("est")
    big = room(world, capacity=20, features=["screen", "wheelchair"])
    desk = room(world, kind="desk", capacity=1, features=["screen_stand"])
    elsewhere = room(world, place=east, features=["screen"])
    kiln = room(world, place=east, features=["Four à céramique 100 %", 'Dit "le four"'])
    assert ids(look(features=["Four à céramique 100 %"])) == ids(look(features=['Dit "le four"'])) == [kiln]
    assert ids(look(features=["Four"])) == ids(look(features=["%"])) == []
    assert ids(look(people=9)) == [big]
    assert ids(look(kind="desk")) == [desk]
    assert ids(look(features=["screen"])) == [big, elsewhere]
    assert ids(look(features=["screen", "wheelchair"])) == [big]
    assert ids(look(place=[str(east.id)])) == [elsewhere, kiln]


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy(is_always_open=True, longest=30),
        Policy(is_always_open=True, audience=Audience.OWN_MEMBERS),
        Policy(is_always_open=True, needs_training=True),
        Policy(is_always_open=True, advance_days=2),
        Policy(is_always_open=True, upcoming=0),
    ],
    ids=["closed", "too long", "not for visitors", "not trained", "too far ahead", "no more bookings"],
)
def test_what_would_be_refused_is_not_found(world, look, policy):
    room(world, policy=policy)
    assert (look()["items"], look()["total"]) == ([], 0)


def test_opening_hours_are_looked_at_on_the_wall_of_each_place_and_anew_when_they_change(world, look):
    week = [{"weekday": 0, "opens": "08:00", "closes": "12:00"}]
    coordinator = world.as_coordinator()
    blue = room(world, policy=Policy())
    for hours, found in ((week, [blue]), ([], []), (week, [blue])):
        version = coordinator.get(f"/api/v1/places/{world.moulin.id}").json()["version"]
        headers = {"If-Match": f'"{version}"'}
        assert coordinator.put(
            f"/api/v1/places/{world.moulin.id}/hours", json={"hours": hours}, headers=headers
        ).is_success
        assert ids(look()) == found


def test_a_quota_that_is_used_up_hides_that_room_only(world, look, member):
    hour_a_week = Policy(is_always_open=True, weekly_minutes=60)
    used, other = room(world, policy=hour_a_week), room(world, policy=hour_a_week)
    book(world, used, member, 24 * 60)
    assert ids(look()) == [other]


def test_it_says_where_the_place_would_be_asked_and_where_the_home_would_pay(world, look):
    room(world, policy=Policy(is_always_open=True, approval=Approval.VISITORS), rates=[Rate(hour=1000)])
    home_pays(world, world.hangar, ceiling=1000)
    [item] = look()["items"]
    assert (item["needs_approval"], item["payer"]) == (True, "home")
    [item] = look(end="2026-11-23T10:15")["items"]
    assert (item["price"], item["payer"]) == (1250, "member")


def test_the_nearest_comes_first_then_the_cheapest_then_by_name(world, look):
    near = world.place("pres", latitude=49.18, longitude=-0.37)
    far = world.place("loin", latitude=48.85, longitude=2.35)
    here = world.place("ici", latitude=49.19, longitude=-0.36)
    dear, cheap = room(world, place=near, rates=[Rate(hour=900)]), room(world, place=near, name="Z")
    other, unknown = room(world, place=near), room(world)
    paris = room(world, place=far)
    found = look(near=str(here.id))
    assert ids(found) == [other, cheap, dear, paris, unknown]
    assert [item["distance_km"] for item in found["items"]] == [1.3, 1.3, 1.3, 201.2, None]
    assert ids(look(latitude=48.8, longitude=2.3))[0] == paris
    assert ids(look(near=str(here.id), within_km=50)) == [other, cheap, dear]


def test_it_says_how_many_there_are_beyond_those_that_it_shows(world, look):
    for _ in range(3):
        room(world)
    found = look(limit=2)
    assert (len(found["items"]), found["total"]) == (2, 3)


def test_where_nothing_is_large_enough_it_says_how_many_the_largest_of_the_kind_holds(world, look):
    room(world, capacity=8, features=["screen"])
    room(world, name="Salle des fêtes", capacity=40)
    assert look(people=60) == NONE | {"largest": 40}
    assert look(people=60, features=["screen"]) == NONE | {"largest": 8}
    assert look(people=60, features=["oven"]) == NONE
    assert look(people=30)["largest"] is None


def test_the_largest_is_one_of_those_that_whoever_asks_may_book(world, look):
    room(world, capacity=40, policy=Policy(is_always_open=True, audience=Audience.OWN_MEMBERS))
    room(world, capacity=8)
    assert look(people=60)["largest"] == 8


def test_who_is_flexible_is_shown_the_nearest_time_of_each_room(world, look, member):
    free, taken, busy = (room(world, name=name) for name in "ABC")
    book(world, taken, member, 0, 90)
    book(world, busy, member, -240, 480)
    assert ids(look(flexible=30)) == [free]
    found = look(flexible=120)["items"]
    assert [(item["resource"]["id"], item["shifted"], item["local_start"][11:]) for item in found] == [
        (free, 0, "09:00"),
        (taken, -60, "08:00"),
    ]


def test_flexible_goes_around_opening_hours_and_never_into_the_past(world, look):
    ten = Policy(is_always_open=True, grid=60)
    blue = room(world, policy=ten)
    found = look(start="2026-11-18T10:30", end="2026-11-18T11:30", flexible=120)["items"]
    assert [(item["resource"]["id"], item["shifted"]) for item in found] == [(blue, 30)]


def test_a_place_that_has_left_or_not_joined_yet_lets_nothing(world, look):
    for code, fields in (("parti", {"left_on": date(2026, 11, 23)}), ("futur", {"joined_on": date(2026, 11, 24)})):
        room(world, place=world.place(code, **fields))
    stays = room(world, place=world.place("reste", left_on=date(2026, 11, 24)))
    assert ids(look()) == [stays]


def test_a_member_of_several_places_is_at_home_in_each(world):
    memberships = [NewMembership(place.id, "TOUT", LONG_AGO) for place in (world.hangar, world.moulin)]
    client = world.as_member(world.member(memberships=memberships))
    room(world, rates=[Rate(hour=500, is_home=True), Rate(hour=900)])
    [item] = client.get("/api/v1/availability", params=MORNING).json()["items"]
    assert (item["price"], item["home"]["name"]) == (500, "Le Moulin")


def test_who_is_no_member_could_book_nothing(world):
    room(world)
    assert world.as_manager().get("/api/v1/availability", params=MORNING).json() == NONE


def test_whose_membership_is_over_is_shown_what_is_for_everybody(world):
    over = NewMembership(world.hangar.id, "TOUT", LONG_AGO, date(2026, 11, 1))
    client = world.as_member(world.member(memberships=[over]))
    room(world)
    public = room(world, policy=Policy(is_always_open=True, audience=Audience.PUBLIC))
    assert ids(client.get("/api/v1/availability", params=MORNING).json()) == [public]


def test_it_takes_as_many_statements_however_many_rooms_places_and_bookings_there_are(world, member, look):
    usual = Policy(is_always_open=True, weekly_minutes=600)

    def furnish(code):
        place = world.place(code, zone="Indian/Reunion" if code[-1] in "13" else "Europe/Paris")
        made = room(world, place=place, policy=usual, rates=[Rate(hour=1000)])
        room(world, place=place, policy=Policy(), rates=[Rate(hour=1000)])
        pool(world, 2, place=place, rates=[Rate(hour=200)])
        composite(world, room(world, place=place), room(world, place=place), place=place)
        book(world, made, member, 240)

    counts = []
    for codes in ("0",), ("1", "2", "3", "4", "5"):
        for code in codes:
            furnish(f"lieu{code}")
        with statements(world.database) as sent:
            look(flexible=60)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize(
    "code,asked",
    [
        ("window_unfit", {"end": "2026-11-23T09:00"}),
        ("window_unfit", {"end": "2026-11-22T09:00"}),
        ("window_unfit", {"end": "2026-11-23T10:00Z"}),
        ("window_unfit", {"end": "2026-12-25T10:00"}),
        ("within_of_nothing", {"within_km": "5"}),
        ("within_of_nothing", {"within_km": "5", "near": "hangar"}),
        ("place_unknown", {"near": "00000000-0000-0000-0000-000000000001"}),
        ("invalid_request", {"start": "0000-11-23T09:00"}),
        ("invalid_request", {"start": "10000-11-23T09:00"}),
        ("invalid_request", {"start": "2026-11-23T24:00"}),
        ("invalid_request", {"start": "2027-02-29T09:00"}),
        ("invalid_request", {"start": "2026-11-23T09:00:60"}),
        ("invalid_request", {"people": "-1"}),
        ("invalid_request", {"features": "Écran, son"}),
        ("invalid_request", {"latitude": "48"}),
        ("invalid_request", {"latitude": "nan", "longitude": "2"}),
        ("invalid_request", {"within_km": "inf", "latitude": "48", "longitude": "2"}),
        ("invalid_request", {"flexible": "241"}),
        ("invalid_request", {"limit": "101"}),
        ("invalid_request", {"colour": "blue"}),
        ("nonexistent_local_time", {"start": "2027-03-28T02:30", "end": "2027-03-28T04:30"}),
        ("ambiguous_local_time", {"start": "2027-10-31T02:30", "end": "2027-10-31T04:30"}),
    ],
)
def test_what_makes_no_sense_is_refused(world, member, code, asked):
    if asked.get("near") == "hangar":
        asked = asked | {"near": str(world.hangar.id)}
    answer = world.as_member(member).get("/api/v1/availability", params=MORNING | asked)
    status = 404 if code == "place_unknown" else 422
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_time_that_one_places_clocks_leave_out_is_found_at_the_others(world, member):
    room(world)
    east = room(world, place=world.place("est", zone="Indian/Reunion"))
    in_the_gap = Window(datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 28, 3, 30))
    with world.session() as session:
        found = find_rooms(session, session.get_one(Member, member.id), Sought(in_the_gap), now=world.now)
    assert [each.resource.id for each in found] == [east]


@given(
    starts=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    minutes=st.integers(1, 3 * 24 * 60),
    flexible=st.integers(0, 240),
)
@settings(max_examples=100)
def test_the_times_that_are_tried_are_the_nearest_first_and_each_as_long_on_the_wall(starts, minutes, flexible):
    ends = starts + timedelta(minutes=minutes)
    found = _spans(Sought(Window(starts, ends), flexible=flexible), ["Europe/Paris"])["Europe/Paris"]
    assert [abs(shift) for shift, _ in found] == sorted(abs(shift) for shift, _ in found)
    for shift, span in found:
        assert abs(shift) <= flexible
        assert span.local_start - starts == span.local_end - ends == timedelta(minutes=shift)


def test_distances_are_those_of_the_globe():
    place = Place(latitude=-20.8789, longitude=55.4481)  # Saint-Denis, Réunion
    assert _distance(Point(48.8566, 2.3522), place) == pytest.approx(9360, rel=0.005)
    assert _distance(Point(-20.8789, 55.4481), place) == 0
    assert _distance(Point(20.8789, -124.5519), place) == pytest.approx(20015, abs=1)


def test_what_is_found_can_be_booked_and_what_is_not_cannot(world, member):
    """The search and the booking go by the same rules."""
    here = [
        room(world, policy=policy) for policy in (ALWAYS, Policy(), Policy(is_always_open=True, set_up=45, grid=60))
    ]
    book(world, here[2], world.member(), -60)
    window = Window(NINE, NINE + timedelta(hours=1))
    with world.session() as session:
        found = find_rooms(session, session.get_one(Member, member.id), Sought(window), now=world.now)
    booked = []
    for each in here:
        try:
            book(world, each, member)
        except Exception:  # noqa: BLE001
            continue
        booked.append(each)
    assert [each.resource.id for each in found] == booked == [here[0]]
    assert found[0].span.starts_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
