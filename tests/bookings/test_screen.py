"""The tablet outside a room: free or busy, book now, check in, leave."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from passapp.bookings import service
from passapp.bookings.lapsing import release_no_shows
from passapp.bookings.models import Booking
from passapp.bookings.rules import Approval, Policy, Rate
from passapp.kernel.audit import SYSTEM
from tests.bookings.rooms import ALWAYS, NINE, book, composite, do, pool, room, taken
from tests.mails import mails
from tests.places.test_places import set_hours

API = "/api/v1/door"


@pytest.fixture
def tablet(world):
    """A tablet of the moulin, on the Monday at seven minutes to nine in Paris."""
    door = world.as_door(world.moulin)
    world.now = NINE.replace(hour=7, minute=53)
    return door


def shown(tablet, room_id):
    answer = tablet.get(f"{API}/rooms/{room_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def book_now(tablet, room_id, minutes=30, **fields):
    return tablet.post(f"{API}/rooms/{room_id}/bookings", json={"id": str(uuid4()), "minutes": minutes} | fields)


def test_it_lists_the_rooms_of_its_place_and_no_others(world, tablet):
    blue = room(world)
    room(world, world.hangar, name="Ailleurs")
    pool(world, 2)
    answer = tablet.get(f"{API}/rooms").json()
    assert (answer["place"], [(each["id"], each["name"]) for each in answer["items"]]) == (
        "Le Moulin",
        [(blue, "Salle Bleue")],
    )


def test_it_shows_who_comes_and_never_what_for(world, tablet):
    blue = room(world, policy=Policy(is_always_open=True, set_up=15, tear_down=30))
    book(world, blue, world.member(given_name="Léa", family_name="Marchand"), title="Entretien annuel")
    answer = tablet.get(f"{API}/rooms/{blue}")
    [one] = answer.json()["taken"]
    assert (one["starts_at"], one["ends_at"]) == ("2026-11-23T08:45:00+01:00", "2026-11-23T10:30:00+01:00")
    assert (one["booking"]["who"], one["booking"]["starts_at"]) == ("Léa M.", "2026-11-23T09:00:00+01:00")
    assert "Entretien" not in answer.text


def test_it_knows_today_and_tomorrow(world, tablet):
    blue = room(world)
    for days in (0, 1, 2):
        book(world, blue, world.member(), days * 24 * 60)
    assert [each["starts_at"][:10] for each in shown(tablet, blue)["taken"]] == ["2026-11-23", "2026-11-24"]


def test_it_knows_when_its_place_opens_and_closes(world, tablet):
    weekdays = [{"weekday": day, "opens": "08:30", "closes": "18:00"} for day in (0, 1)]
    night = [{"weekday": 4, "opens": "18:00", "closes": "24:00"}, {"weekday": 5, "opens": "00:00", "closes": "02:00"}]
    set_hours(world.as_manager(world.moulin), world.moulin, weekdays + night, [{"day": "2026-11-24"}])
    by_hours = room(world, policy=Policy())
    assert [(each["starts_at"], each["ends_at"]) for each in shown(tablet, by_hours)["open"][:3]] == [
        ("2026-11-23T08:30:00+01:00", "2026-11-23T18:00:00+01:00"),
        ("2026-11-27T18:00:00+01:00", "2026-11-28T02:00:00+01:00"),
        ("2026-11-30T08:30:00+01:00", "2026-11-30T18:00:00+01:00"),
    ]
    world.now = NINE.replace(hour=17)
    assert shown(tablet, by_hours)["open"][0]["starts_at"][:10] == "2026-11-27"


def test_what_may_be_booked_at_any_hour_never_closes(world, tablet):
    assert shown(tablet, room(world))["open"] is None


def test_the_hours_of_a_place_that_says_none_are_not_known(world, tablet):
    assert shown(tablet, room(world, policy=Policy()))["open"] is None


def test_a_booked_composite_is_seen_once_and_on_each_of_its_parts(world, tablet):
    left, right = room(world), room(world, name="Salle Rouge")
    book(world, composite(world, left, right), world.member())
    assert [len(shown(tablet, each)["taken"]) for each in (left, right)] == [1, 1]


def test_a_room_that_is_free_can_be_taken_from_this_minute_on(world, tablet):
    blue = room(world, rates=[Rate(hour=1200)])
    assert [(c["minutes"], c["ends_at"][11:16], c["price"]) for c in shown(tablet, blue)["book_now"]] == [
        (15, "09:15", 440),
        (30, "09:30", 740),
        (60, "10:00", 1340),
        (120, "11:00", 2540),
    ]
    answer = book_now(tablet, blue)
    assert answer.status_code == 201, answer.text
    assert answer.json()["taken"][0]["booking"]["came"] is True
    assert taken(world) == [(blue, -7, 30)]


def test_no_more_is_offered_than_until_the_next_one(world, tablet):
    blue = room(world)
    book(world, blue, world.member(), 30)
    assert [c["minutes"] for c in shown(tablet, blue)["book_now"]] == [15, 30]
    refused = book_now(tablet, blue, 60)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_taken")


def test_the_same_booking_sent_again_is_one(world, tablet):
    blue, key = room(world), str(uuid4())
    first, again = (book_now(tablet, blue, id=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert len(taken(world)) == 1


def test_a_room_that_is_answered_by_the_place_is_not_taken_at_the_door(world, tablet):
    asks = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS))
    assert shown(tablet, asks)["book_now"] == []
    refused = book_now(tablet, asks)
    assert (refused.status_code, refused.json()["code"]) == (409, "room_on_request")


@pytest.mark.parametrize(
    "policy, code",
    [
        (Policy(is_always_open=True, needs_training=True), "not_trained"),
        (Policy(), "outside_opening_hours"),
        (Policy(is_always_open=True, longest=15), "too_long"),
    ],
)
def test_what_the_policy_forbids_is_forbidden_here_too(world, tablet, policy, code):
    refused = book_now(tablet, room(world, policy=policy), 60)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_bookable")
    assert code in [problem["code"] for problem in refused.json()["problems"]]


def test_whoever_comes_says_so_and_is_no_no_show(world, tablet):
    blue = room(world)
    made = book(world, blue, world.member())
    assert shown(tablet, blue)["taken"][0]["booking"]["check_in_from"] == "2026-11-23T08:45:00+01:00"
    answer = tablet.post(f"{API}/bookings/{made}/check-in")
    assert answer.json()["taken"][0]["booking"] | {"id": ""} == answer.json()["taken"][0]["booking"] | {
        "id": "",
        "came": True,
        "check_in_from": None,
    }


@pytest.fixture
def released(world, tablet):
    """Nobody came to a booking from nine to ten, and it was released at twenty past; gives the room and the booking."""
    blue = room(world)
    made = book(world, blue, world.member())
    world.now = NINE + timedelta(minutes=20)
    assert len(release(world)) == 1
    world.later(minutes=5)
    return blue, made


def release(world):
    """What happens every minute: rooms to which nobody came are free again."""
    with world.database.write() as session:
        return release_no_shows(session, now=world.now, actor=SYSTEM)


def say_here(tablet, booking_id, at, device_now):
    said = {"at": at.isoformat(), "device_now": device_now.isoformat()}
    return tablet.post(f"{API}/bookings/{booking_id}/check-in", json=said)


def stored(world, booking_id):
    with world.session() as session:
        return session.get_one(Booking, booking_id)


def test_what_was_said_in_time_and_sent_late_keeps_the_booking(world, tablet):
    made = book(world, room(world), world.member())
    world.now = NINE + timedelta(minutes=70)
    assert say_here(tablet, made, NINE + timedelta(minutes=5), world.now).status_code == 200
    assert (stored(world, made).state, stored(world, made).came_at) == ("booked", NINE + timedelta(minutes=5))


def test_a_release_is_undone_where_they_had_said_in_time_that_they_are_here(world, tablet, released):
    blue, made = released
    answer = say_here(tablet, made, NINE + timedelta(minutes=3), world.now)
    assert answer.status_code == 200, answer.text
    [row] = answer.json()["taken"]
    assert (row["booking"]["id"], row["booking"]["came"]) == (str(made), True)
    assert taken(world) == [(blue, 0, 60)]
    booking = stored(world, made)
    assert (booking.state, booking.came_at, booking.ended_at) == ("booked", NINE + timedelta(minutes=3), None)
    assert say_here(tablet, made, NINE + timedelta(minutes=3), world.now).status_code == 200
    assert len([mail for mail in mails(world) if mail["Subject"].startswith("Réservation gardée : Salle Bleue")]) == 1


def test_a_tablet_whose_clock_is_wrong_says_when_it_was_all_the_same(world, tablet, released):
    ahead = timedelta(days=400)
    answer = say_here(tablet, released[1], NINE + timedelta(minutes=3) + ahead, world.now + ahead)
    assert answer.status_code == 200, answer.text
    assert stored(world, released[1]).came_at == NINE + timedelta(minutes=3)


def test_a_release_is_not_undone_where_somebody_else_has_the_room_meanwhile(world, tablet, released):
    blue, made = released
    other = book(world, blue, world.member(), 30, 30)
    answer = say_here(tablet, made, NINE + timedelta(minutes=3), world.now)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_over")
    assert (stored(world, made).state, stored(world, other).state) == ("no_show", "booked")
    assert taken(world) == [(blue, 30, 60)]


@pytest.mark.parametrize("minutes, code", [(22, "booking_over"), (-16, "booking_not_now")])
def test_what_was_said_after_the_release_or_long_before_undoes_nothing(world, tablet, released, minutes, code):
    answer = say_here(tablet, released[1], NINE + timedelta(minutes=minutes), world.now)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert stored(world, released[1]).state == "no_show"
    assert taken(world) == []


@pytest.mark.parametrize("at", ["2026-11-23T09:03", "hier", 7, None, "0001-01-01T00:00:00+14:00"])
def test_what_is_no_instant_of_a_clock_changes_nothing(world, tablet, released, at):
    said = {"at": at, "device_now": world.now.isoformat()}
    answer = tablet.post(f"{API}/bookings/{released[1]}/check-in", json=said)
    assert answer.status_code in {409, 422}
    assert stored(world, released[1]).state == "no_show"


def test_a_cancelled_booking_is_kept_by_nobody_who_says_that_they_are_here(world, tablet):
    made = book(world, room(world), world.member())
    do(world, service.cancel, made, reason=None)
    world.now = NINE + timedelta(minutes=10)
    answer = say_here(tablet, made, NINE, world.now)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_over")


def test_whoever_leaves_early_frees_the_room(world, tablet):
    blue = room(world)
    made = book(world, blue, world.member())
    world.now = datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
    answer = tablet.post(f"{API}/bookings/{made}/end")
    [ended] = answer.json()["taken"]
    assert (ended["ends_at"], len(answer.json()["book_now"])) == ("2026-11-23T09:20:00+01:00", 4)


def test_a_cancelled_booking_takes_nothing(world, tablet):
    blue = room(world)
    do(world, service.cancel, book(world, blue, world.member()), reason=None)
    assert shown(tablet, blue)["taken"] == []


def test_another_places_rooms_and_bookings_are_not_there(world, tablet):
    theirs = room(world, world.hangar)
    made = book(world, theirs, world.member())
    assert tablet.get(f"{API}/rooms/{theirs}").status_code == 404
    assert book_now(tablet, theirs).json()["code"] == "resource_unknown"
    assert tablet.post(f"{API}/bookings/{made}/check-in").json()["code"] == "booking_unknown"


def test_the_id_of_somebodys_booking_books_nothing(world, tablet):
    blue = room(world, policy=ALWAYS)
    made = book(world, blue, world.member(), 300)
    assert book_now(tablet, blue, id=str(made)).json()["code"] == "slot_taken"


def test_a_booking_of_the_spot_is_nobodys(world, tablet):
    blue = room(world)
    book_now(tablet, blue)
    with world.session() as session:
        [made] = session.query(Booking).all()
        assert (made.member_id, made.payer, made.title, made.people) == (None, "member", "Salle Bleue", 1)


def test_a_room_that_is_booked_for_an_hour_at_least_is_offered_for_an_hour(world, tablet):
    blue = room(world, policy=Policy(is_always_open=True, shortest=60))
    assert [choice["minutes"] for choice in shown(tablet, blue)["book_now"]] == [60, 120]
