"""Booking a room, from the quote to the end, as whoever it is for."""

import pytest

from passapp.bookings.models import Resource
from passapp.bookings.policies import set_policy
from passapp.bookings.rules import Approval, Policy, Rate, Tier
from tests.bookings.desk import API, MORNING, at, body, book, deed, stored
from tests.bookings.rooms import home_pays, room
from tests.scenes import suspend
from tests.statements import statements

_WEEK = "places/{}/bookings?from=2026-11-23"


@pytest.fixture
def member(world):
    """A member of the hangar, who books at the moulin."""
    return world.member()


@pytest.fixture
def client(world, member):
    """Their browser."""
    return world.as_member(member)


def test_a_quote_says_what_it_costs_who_pays_and_until_when_it_may_be_cancelled(world, client):
    policy = Policy(is_always_open=True, tiers=(Tier(48, 0), Tier(24, 50)), late_fee_percent=100)
    blue = room(world, policy=policy, rates=[Rate(hour=1200)])
    quote = client.post(f"{API}/resources/{blue}/quote", json=MORNING).json()
    assert (quote["price"], quote["payer"], quote["home"]["name"]) == (1200, "member", "Le Hangar")
    assert [(term["until"] and at(term["until"]), term["fee"]) for term in quote["cancellation"]] == [
        (at("2026-11-21T08:00Z"), 0),
        (at("2026-11-22T08:00Z"), 600),
        (None, 1200),
    ]
    assert (quote["problems"], quote["is_free"], quote["needs_approval"], quote["answer_by"]) == ([], True, False, None)


def test_a_quote_says_everything_that_speaks_against_it_in_the_readers_language(world, client):
    blue = room(world, policy=Policy(is_always_open=True, longest=30, needs_training=True), capacity=1)
    asked = f"{API}/resources/{blue}/quote"
    english = client.post(asked, json=MORNING).json()["problems"]
    assert [each["code"] for each in english] == ["too_long", "not_trained", "too_many_people"]
    assert english[0] == {
        "code": "too_long",
        "detail": "Bookings here last at most 30 min: end earlier.",
        "params": {"longest": 30},
    }
    [french, *_] = client.post(asked, json=MORNING, headers={"Accept-Language": "fr"}).json()["problems"]
    assert french["detail"] == "On réserve ici pour 30 min au plus : finissez plus tôt."


def test_a_quote_of_what_is_taken_says_so(world, client):
    blue = room(world)
    book(client, blue)
    quote = client.post(f"{API}/resources/{blue}/quote", json=MORNING | {"start": "2026-11-23T09:30"}).json()
    assert (quote["is_free"], quote["problems"]) == (False, [])
    free = {"start": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T10:30:00+01:00"}
    assert quote["next_free"] == free, "as long as what was wanted, as soon as it can be had"


def test_a_quote_of_what_is_free_or_cannot_be_names_no_other_time(world, client):
    free, never = room(world), room(world, policy=Policy(is_always_open=True, longest=30))
    book(world.as_member(world.member()), never, end="2026-11-23T09:30")
    quotes = [client.post(f"{API}/resources/{each}/quote", json=MORNING).json() for each in (free, never)]
    assert [(quote["is_free"], quote["next_free"]) for quote in quotes] == [(True, None), (False, None)]


def test_a_booking_says_when_it_is_where_and_how_to_get_in(world, client):
    blue = room(world, access="Code 1234", contact="06 12 34 56 78")
    answer = client.post(f"{API}/bookings", json=body(blue))
    made = answer.json()
    assert answer.headers["Location"] == f"{API}/bookings/{made['id']}"
    assert answer.headers["ETag"] == f'"{made["version"]}"'
    assert (made["state"], made["starts_at"]) == ("booked", "2026-11-23T09:00:00+01:00")
    assert (made["local_start"], made["local_end"], made["zone"]) == (
        "2026-11-23T09:00",
        "2026-11-23T10:00",
        "Europe/Paris",
    )
    assert (made["resource"]["place"]["name"], made["resource"]["access"]) == ("Le Moulin", "Code 1234")
    assert made["may"] == {"confirm": False, "move": True, "end_early": False, "cancel": True, "check_in": False}
    assert made["for"] is None
    assert client.get(answer.headers["Location"]).json() == made


@pytest.mark.parametrize("state", ["held", "requested", "booked", "cancelled", "rejected"])
def test_how_to_get_in_is_told_once_it_is_booked_and_no_longer_than_that(world, client, state):
    asks = Policy(
        is_always_open=True, approval=Approval.ALWAYS if state in {"requested", "rejected"} else Approval.NEVER
    )
    made = book(client, room(world, policy=asks, access="Code 1234"), hold=state == "held")
    if state == "cancelled":
        made = deed(client, made, "cancel").json()
    if state == "rejected":
        deed(world.as_manager(world.moulin), made, "answer", accept=False)
        made = client.get(f"{API}/bookings/{made['id']}").json()
    mine = client.get(f"{API}/me/bookings", params={"past": state in {"cancelled", "rejected"}}).json()["items"]
    told = "Code 1234" if state == "booked" else None
    assert (made["state"], made["resource"]["access"], [each["resource"]["access"] for each in mine]) == (
        state,
        told,
        [told],
    )


def test_a_list_takes_as_many_statements_however_many_bookings_there_are(world, client):
    counts = []
    rooms = [room(world, rates=[Rate(hour=1000)]) for _ in range(2)]
    for hours in (8, 9), (10, 11, 12, 13):
        for hour in hours:
            for each in rooms:
                book(client, each, start=f"2026-11-24T{hour:02}:00", end=f"2026-11-24T{hour:02}:30")
        for person, path in ((client, "me/bookings"), (world.as_manager(world.moulin), _WEEK.format(world.moulin.id))):
            with statements(world.database) as sent:
                assert person.get(f"{API}/{path}").status_code == 200
            counts.append(len(sent))
    assert counts[:2] == counts[2:]


def test_whoever_receives_at_its_place_sees_how_to_get_in_whatever_its_state(world, client):
    made = book(client, room(world, access="Code 1234"), hold=True)
    seen = world.as_manager(world.moulin).get(f"{API}/bookings/{made['id']}").json()
    assert (seen["state"], seen["resource"]["access"]) == ("held", "Code 1234")


def test_a_local_time_is_on_the_wall_of_the_place_and_an_instant_is_the_same_everywhere(world, client):
    reunion = world.place("saint-denis", zone="Indian/Reunion", subdivision="974")
    blue = room(world, reunion)
    local = book(client, blue)
    assert (local["starts_at"], local["local_start"]) == ("2026-11-23T09:00:00+04:00", "2026-11-23T09:00")
    instant = book(client, blue, start="2026-11-23T09:00:00+01:00", end="2026-11-23T09:00:00Z")
    assert (instant["local_start"], instant["local_end"]) == ("2026-11-23T12:00", "2026-11-23T13:00")


def test_what_the_policy_does_not_allow_is_refused_with_every_reason_and_nothing_is_stored(world, client):
    blue = room(world, policy=Policy(is_always_open=True, shortest=120, notice=60 * 24 * 7), capacity=1)
    answer = client.post(f"{API}/bookings", json=body(blue))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "not_bookable")
    assert [(each["code"], each["params"]) for each in problem["problems"]] == [
        ("too_short", {"shortest": 120}),
        ("too_soon", {"notice": 10080}),
        ("too_many_people", {"capacity": 1}),
    ]
    assert [each["pointer"] for each in problem["errors"]] == ["/end", "/start", "/people"]
    assert [each["detail"] for each in problem["errors"]] == [each["detail"] for each in problem["problems"]]
    assert stored(world) == 0


def test_what_is_taken_is_refused_with_the_next_free_time_and_what_is_free_beside(world, client):
    blue, green = room(world), room(world, name="Salle Verte")
    room(world, name="Bureau", kind="desk")
    book(client, blue)
    book(client, blue, start="2026-11-23T10:00", end="2026-11-23T12:00")
    answer = client.post(f"{API}/bookings", json=body(blue))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "slot_taken")
    assert problem["next_free"] == {"start": "2026-11-23T12:00:00+01:00", "end": "2026-11-23T13:00:00+01:00"}
    assert [each["resource"]["id"] for each in problem["alternatives"]] == [green]
    assert stored(world) == 2


def test_the_next_free_time_is_within_the_opening_hours_and_on_the_grid(world, client):
    week = [{"weekday": day, "opens": "09:00", "closes": "12:00"} for day in range(5)]
    manager = world.as_manager(world.moulin)
    headers = {"If-Match": manager.get(f"{API}/places/{world.moulin.id}").headers["ETag"]}
    hours = manager.put(f"{API}/places/{world.moulin.id}/hours", json={"hours": week}, headers=headers)
    assert hours.status_code == 200, hours.text
    blue = room(world, policy=Policy(grid=30, set_up=10, tear_down=10))
    book(client, blue, end="2026-11-23T11:30")
    problem = client.post(f"{API}/bookings", json=body(blue)).json()
    assert problem["next_free"]["start"] == "2026-11-24T09:00:00+01:00"


def test_a_hold_is_confirmed_within_ten_minutes(world, client):
    held = book(client, room(world), hold=True)
    assert (held["state"], held["may"]["confirm"]) == ("held", True)
    assert at(held["expires_at"]) == world.later(minutes=10)
    world.later(minutes=-1)
    confirmed = deed(client, held, "confirm").json()
    assert (confirmed["state"], confirmed["expires_at"]) == ("booked", None)


def test_a_hold_that_was_not_confirmed_in_time_is_gone(world, client):
    held = book(client, room(world), hold=True)
    world.later(minutes=10)
    answer = deed(client, held, "confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "hold_expired")


def test_who_was_suspended_meanwhile_does_not_confirm_what_was_kept_for_them(world, client, member):
    held = book(client, room(world), hold=True)
    suspend(world, member)
    refused = client.post(f"{API}/bookings/{held['id']}/confirm")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_bookable")
    assert [each["code"] for each in refused.json()["problems"]] == ["not_active"]
    assert client.get(f"{API}/bookings/{held['id']}").json()["state"] == "held"


def test_what_was_kept_is_not_confirmed_where_the_place_is_closed_by_then(world, client):
    blue = room(world)
    held = book(client, blue, hold=True)
    with world.database.write() as session:
        set_policy(session, session.get_one(Resource, blue), Policy(), at=world.now)
    refused = client.post(f"{API}/bookings/{held['id']}/confirm")
    assert [each["code"] for each in refused.json()["problems"]] == ["outside_opening_hours"]


def test_what_was_kept_is_confirmed_as_it_was_said_though_the_policy_has_other_figures_since(world, client):
    blue = room(world)
    held = book(client, blue, hold=True)
    with world.database.write() as session:
        stricter = Policy(is_always_open=True, longest=30, notice=30 * 24 * 60, upcoming=0)
        set_policy(session, session.get_one(Resource, blue), stricter, at=world.now)
    assert client.post(f"{API}/bookings/{held['id']}/confirm").json()["state"] == "booked"


@pytest.mark.parametrize("changes", [{"start": "2026-11-23T10:00", "end": "2026-11-23T11:00"}, {"people": 3}])
def test_a_quote_says_that_moving_gives_up_what_the_place_had_accepted(world, client, changes):
    asks = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS))
    asked, manager = book(client, asks), world.as_manager(world.moulin)
    body = MORNING | changes | {"booking_id": asked["id"]}

    def gives_up(**other):
        answer = client.post(f"{API}/resources/{asks}/quote", json=body | other)
        assert answer.status_code == 200, answer.text
        return answer.json()["gives_up"]

    assert not gives_up()  # nothing was accepted yet
    assert deed(manager, asked, "answer", accept=True).status_code == 200
    assert gives_up()
    assert not gives_up(**MORNING)  # nothing that the place has to answer
    assert (
        deed(client, client.get(f"{API}/bookings/{asked['id']}").json(), "change", **changes).json()["state"]
        == "requested"
    )


def test_a_quote_of_what_the_place_does_not_answer_gives_up_nothing(world, client):
    blue = room(world)
    body = MORNING | {"people": 3, "booking_id": book(client, blue)["id"]}
    assert not client.post(f"{API}/resources/{blue}/quote", json=body).json()["gives_up"]


def test_a_booking_is_moved_by_who_saw_its_last_version(world, client):
    made = book(client, room(world))
    moved = deed(client, made, "change", start="2026-11-24T14:00", end="2026-11-24T16:00", people=3)
    assert moved.status_code == 200, moved.text
    assert (moved.json()["local_start"], moved.json()["people"]) == ("2026-11-24T14:00", 3)
    stale = deed(client, made, "change", start="2026-11-25T14:00", end="2026-11-25T16:00")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    unsaid = client.put(f"{API}/bookings/{made['id']}", json=MORNING | {"title": "Réunion"})
    assert unsaid.status_code == 428


def test_a_move_onto_what_is_taken_says_when_it_is_free_and_leaves_it_where_it_was(world, client):
    blue = room(world)
    made = book(client, blue)
    book(client, blue, start="2026-11-23T10:00", end="2026-11-23T11:00")
    answer = deed(client, made, "change", start="2026-11-23T10:00", end="2026-11-23T11:00")
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert answer.json()["next_free"]["start"] == "2026-11-23T11:00:00+01:00"
    assert client.get(f"{API}/bookings/{made['id']}").json() == made


def test_a_booking_that_runs_is_extended_but_its_start_stays(world, client):
    made = book(client, room(world, policy=Policy(is_always_open=True, notice=60)))
    world.now = at("2026-11-23T09:30+01:00")
    extended = deed(client, made, "change", end="2026-11-23T11:00")
    assert (extended.status_code, extended.json()["local_end"]) == (200, "2026-11-23T11:00")
    answer = deed(client, extended.json(), "change", start="2026-11-23T10:45", end="2026-11-23T11:45")
    assert "already_begun" in [each["code"] for each in answer.json()["problems"]]


def test_a_cancellation_costs_what_was_said_before(world, client):
    policy = Policy(is_always_open=True, tiers=(Tier(24, 0),), late_fee_percent=50)
    made = book(client, room(world, policy=policy, rates=[Rate(hour=1000)]))
    assert made["cancel_costs"] == 0
    world.now = at("2026-11-23T08:00+01:00")
    assert client.get(f"{API}/bookings/{made['id']}").json()["cancel_costs"] == 500
    cancelled = deed(client, made, "cancel", reason="Empêchée").json()
    assert (cancelled["state"], cancelled["fee"], cancelled["reason"]) == ("cancelled", 500, "Empêchée")
    assert not any(cancelled["may"].values())


def test_a_booking_that_has_begun_is_ended_early_rather_than_cancelled(world, client):
    made = book(client, room(world, rates=[Rate(hour=1000)]))
    world.now = at("2026-11-23T09:20+01:00")
    refused = deed(client, made, "cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_has_begun")
    ended = deed(client, made, "end-early").json()
    assert (ended["local_end"], ended["price"], ended["state"]) == ("2026-11-23T09:20", 1000, "booked")


def test_who_has_come_says_so_from_a_quarter_of_an_hour_before(world, client):
    made = book(client, room(world))
    world.now = at("2026-11-23T08:44+01:00")
    early = deed(client, made, "check-in")
    assert (early.status_code, early.json()["code"]) == (409, "booking_not_now")
    world.later(minutes=1)
    assert at(deed(client, made, "check-in").json()["came_at"]) == world.now
    world.later(minutes=5)
    again = deed(client, made, "check-in")
    assert (again.status_code, at(again.json()["came_at"])) == (200, at("2026-11-23T08:45+01:00"))


def test_a_place_that_answers_says_until_when(world, client):
    asked = book(client, room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)))
    assert (asked["state"], at(asked["answer_by"])) == ("requested", world.later(days=2))


def test_a_home_that_advances_pays_and_is_named(world, client, member):
    home_pays(world, world.hangar)
    made = book(client, room(world, rates=[Rate(hour=900)]))
    assert (made["payer"], made["home"]) == ("home", {"id": str(world.hangar.id), "name": "Le Hangar"})


def test_my_bookings_are_those_to_come_the_next_one_first_and_the_past_ones_the_newest_first(world, client):
    blue = room(world)
    days = [book(client, blue, start=f"2026-11-{day}T09:00", end=f"2026-11-{day}T10:00")["id"] for day in (25, 23, 24)]
    off = book(client, blue, start="2026-11-26T09:00", end="2026-11-26T10:00")
    deed(client, off, "cancel")
    book(world.as_member(world.member()), blue, start="2026-11-27T09:00", end="2026-11-27T10:00")
    mine = client.get(f"{API}/me/bookings", params={"limit": 2}).json()
    assert [each["id"] for each in mine["items"]] == [days[1], days[2]]
    rest = client.get(f"{API}/me/bookings", params={"cursor": mine["next"]}).json()
    assert ([each["id"] for each in rest["items"]], rest["next"]) == ([days[0]], None)
    world.now = at("2026-11-24T12:00+01:00")
    past = client.get(f"{API}/me/bookings", params={"past": True}).json()["items"]
    assert [each["id"] for each in past] == [off["id"], days[2], days[1]]


def test_a_page_mark_of_somebody_else_is_none(world, client):
    theirs = book(world.as_member(world.member()), room(world))
    answer = client.get(f"{API}/me/bookings", params={"cursor": theirs["id"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_nobody_is_told_of_the_booking_of_somebody_else(world, client):
    made = book(client, room(world))
    stranger = world.as_member(world.member())
    for answer in (
        stranger.get(f"{API}/bookings/{made['id']}"),
        deed(stranger, made, "cancel"),
        deed(stranger, made, "change"),
        deed(world.as_manager(world.hangar), made, "cancel"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_unknown")


@pytest.mark.parametrize("resource_id", [2**53 - 1, 404])
def test_a_room_that_there_is_not_is_said_to_be_none(client, resource_id):
    for answer in (
        client.post(f"{API}/bookings", json=body(resource_id)),
        client.post(f"{API}/resources/{resource_id}/quote", json=MORNING),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "resource_unknown")


def test_who_is_no_member_books_nothing(world):
    answer = world.as_manager(world.moulin).post(f"{API}/bookings", json=body(room(world)))
    assert answer.status_code == 403
