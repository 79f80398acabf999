"""A booking that repeats, moved and cancelled as a whole or from one of its dates on."""

from datetime import datetime, timedelta
from itertools import count

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy import select

from passapp.bookings.models import Booking, Resource
from passapp.bookings.policies import set_policy
from passapp.bookings.rules import Approval, Policy, Rate, Tier
from passapp.kernel.audit import AuditEntry
from tests.bookings.dates import ask, cancel, change, make, outcomes, starts
from tests.bookings.desk import API, at, book, deed, stored
from tests.bookings.rooms import room, taken
from tests.kernel.test_wall_time import FRANCE, OTHERS
from tests.scenes import rows
from tests.statements import statements

# ruff: noqa: DTZ001  (what a wall shows has no zone)

NUMBERS = count(1)


@pytest.fixture
def member(world):
    """A member of the hangar, who books at the moulin."""
    return world.member()


@pytest.fixture
def client(world, member):
    """Their browser."""
    return world.as_member(member)


def test_a_series_is_moved_across_the_change_of_the_clocks_on_the_wall(world, client):
    made = make(client, room(world), repeat={"every": "week", "count": 30})
    moved = change(client, made, start="2026-11-24T14:00", end="2026-11-24T16:00")
    assert moved.status_code == 200, moved.text
    assert {each["local_start"][11:] for each in moved.json()["occurrences"]} == {"14:00"}
    assert {each["starts_at"][-6:] for each in moved.json()["occurrences"]} == {"+01:00", "+02:00"}
    assert moved.json()["occurrences"][1]["local_start"] == "2026-12-01T14:00"
    assert len(taken(world)) == 30


def test_the_rest_of_a_series_is_moved_onto_its_own_dates(world, client):
    made = make(client, room(world), repeat={"every": "day", "count": 4})
    moved = change(client, made, 1, "following", start="2026-11-25T09:00", end="2026-11-25T10:00")
    assert outcomes(moved.json()) == ["booked"] * 3
    assert [each[8:10] for each in starts(client)] == ["23", "25", "26", "27"]


def test_each_date_that_is_moved_keeps_its_uid_and_has_one_more_in_its_sequence(world, client):
    made = make(client, room(world))
    with world.session() as session:
        before = {row.id: row.uid for row in session.scalars(select(Booking))}
    change(client, made, start="2026-11-23T11:00", end="2026-11-23T12:00")
    with world.session() as session:
        assert {row.id: row.uid for row in session.scalars(select(Booking))} == before
        assert {row.sequence for row in session.scalars(select(Booking))} == {1}


def test_a_date_that_was_moved_alone_keeps_its_difference(world, client):
    made = make(client, room(world))
    alone = client.get(f"{API}/bookings/{made['occurrences'][1]['booking_id']}").json()
    assert deed(client, alone, "change", start="2026-12-01T10:00", end="2026-12-01T12:00").status_code == 200
    change(client, made, start="2026-11-23T10:00", end="2026-11-23T11:00")
    assert starts(client) == ["2026-11-23T10:00", "2026-12-01T11:00", "2026-12-07T10:00", "2026-12-14T10:00"]


def test_a_new_title_moves_nothing(world, client):
    made = make(
        client, room(world), start="2027-03-27T02:30", end="2027-03-27T04:00", repeat={"every": "day", "count": 2}
    )
    assert change(client, made, 1, title="Chorale").status_code == 200
    mine = client.get(f"{API}/me/bookings").json()["items"]
    assert [(each["title"], each["local_start"]) for each in mine] == [
        ("Chorale", "2027-03-27T02:30"),
        ("Chorale", "2027-03-28T03:30"),
    ]


def test_a_date_that_the_gap_had_moved_on_goes_where_the_others_go(world, client):
    made = make(
        client, room(world), start="2027-03-27T02:30", end="2027-03-27T04:00", repeat={"every": "day", "count": 3}
    )
    change(client, made, start="2027-03-27T05:30", end="2027-03-27T07:00")
    mine = client.get(f"{API}/me/bookings").json()["items"]
    assert {each["local_start"][11:] + each["local_end"][11:] for each in mine} == {"05:3007:00"}
    assert [each["is_adjusted"] for each in mine] == [False] * 3


def test_a_move_of_which_a_date_is_taken_is_refused_and_every_date_stays(world, client):
    blue = room(world)
    made = make(client, blue)
    book(world.as_member(world.member()), blue, start="2026-11-30T11:00", end="2026-11-30T12:00")
    before = starts(client)
    refused = change(client, made, start="2026-11-23T11:00", end="2026-11-23T12:00")
    assert (refused.status_code, outcomes(refused.json())) == (409, ["free", "taken", "free", "free"])
    assert starts(client) == before


@pytest.mark.parametrize("scope", ["following", "all"])
def test_a_date_that_runs_is_not_made_longer_where_the_place_answers(world, client, scope):
    blue, manager = (
        room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)),
        world.as_manager(world.moulin),
    )
    made = make(client, blue)
    for each in made["occurrences"]:
        assert deed(manager, manager.get(f"{API}/bookings/{each['booking_id']}").json(), "answer", accept=True)
    world.now = at("2026-11-23T09:10+01:00")
    longer = {"end": "2026-11-23T12:00"}
    refused = change(client, made, scope=scope, **longer)
    assert (refused.status_code, outcomes(refused.json())) == (409, ["not_bookable", "free", "free", "free"])
    assert [each["code"] for each in refused.json()["occurrences"][0]["problems"]] == ["place_answers"]
    assert outcomes(change(manager, made, scope=scope, **longer).json()) == ["booked"] * 4


@pytest.mark.parametrize("number,start", [(0, "2098-12-15T09:00"), (3, "2001-01-15T09:00")])
def test_a_series_is_not_moved_beyond_the_years_in_which_something_can_be_booked(world, client, number, start):
    made = make(client, room(world), repeat={"every": "month", "count": 4})
    before = starts(client)
    refused = change(client, made, number, start=start, end=start.replace("09:00", "10:00"))
    assert (refused.status_code, refused.json()["code"], starts(client)) == (422, "series_too_long", before)


def test_a_series_is_cancelled_in_few_statements_however_many_its_dates_are(world, client):
    counts = []
    for dates in (4, 12):
        made = make(client, room(world, rates=[Rate(hour=1000)]), repeat={"every": "day", "count": dates})
        with statements(world.database) as sent:
            assert outcomes(cancel(client, made).json()) == ["cancelled"] * dates
        counts.append(len(sent))
    assert counts[1] - counts[0] <= 2 * (12 - 4), "a row of each, and its claim's"
    [first, second] = rows(world, AuditEntry, AuditEntry.action == "series.cancel")
    assert (first.detail["count"], second.detail["count"]) == (4, 12)


def test_what_cannot_move_stays_and_so_does_what_wanted_its_time(world, client):
    blue = room(world)
    made = make(client, blue, repeat={"every": "day", "count": 4})
    book(world.as_member(world.member()), blue, start="2026-11-27T09:00", end="2026-11-27T10:00")
    moved = change(client, made, start="2026-11-24T09:00", end="2026-11-24T10:00", on_conflict="skip")
    assert moved.status_code == 409  # the last one stays, hence the one before it, and so on
    again = change(client, made, 1, "following", start="2026-11-24T10:00", end="2026-11-24T11:00", on_conflict="skip")
    assert outcomes(again.json()) == ["booked"] * 3


def test_a_dry_run_promises_nothing_that_the_move_refuses(world, client):
    blue = room(world)
    made = make(client, blue, repeat={"every": "day", "count": 30})
    book(world.as_member(world.member()), blue, start="2026-12-23T09:00", end="2026-12-23T10:00")
    later = {"start": "2026-11-24T09:00", "end": "2026-11-24T10:00", "on_conflict": "skip"}
    asked = change(client, made, **later, dry_run=True)
    assert (asked.status_code, outcomes(asked.json()).count("free")) == (200, 0)
    assert change(client, made, **later).status_code == 409


def test_a_dry_run_takes_as_many_statements_however_many_the_dates_are(world, client):
    counts = []
    for dates in (4, 24):
        made = make(client, room(world, rates=[Rate(hour=1000)]), repeat={"every": "day", "count": dates})
        with statements(world.database) as sent:
            change(client, made, start="2026-11-23T11:00", end="2026-11-23T12:00", dry_run=True)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_dry_run_says_of_each_date_what_it_gives_up_and_what_is_owed_all_the_same(world, client):
    blue = room(world, policy=Policy(is_always_open=True, late_fee_percent=100), rates=[Rate(hour=1000)])
    made = make(client, blue, repeat={"every": "day", "count": 3})
    asks = Policy(is_always_open=True, approval=Approval.VISITORS, late_fee_percent=100)
    with world.database.write() as session:
        set_policy(session, session.get_one(Resource, blue), asks, at=world.now)
    later = {"start": "2026-11-23T11:00", "end": "2026-11-23T12:00"}
    shown = change(client, made, **later, dry_run=True).json()["occurrences"]
    assert [(each["gives_up"], each["at_least"]) for each in shown] == [(True, 1000)] * 3
    change(client, made, **later)
    assert [(row.state, row.at_least) for row in rows(world, Booking)] == [("requested", 1000)] * 3


def test_a_request_that_nobody_answered_can_be_taken_back_with_its_series(world, client):
    made = make(client, room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)))
    world.later(days=3)
    assert cancel(client, made).status_code == 200


def test_the_price_of_a_dry_run_is_that_of_the_move(world, client):
    blue = room(world, rates=[Rate(hour=1000)])
    made = make(client, blue)
    longer = {"start": "2026-11-23T09:00", "end": "2026-11-23T11:00"}
    shown = change(client, made, dry_run=True, **longer).json()
    assert (outcomes(shown), shown["total_price"]) == (["free"] * 4, 8000)
    assert change(client, made, **longer).json()["total_price"] == 8000


def test_a_series_is_cancelled_from_a_date_on_and_those_before_stay(world, client):
    blue = room(
        world, policy=Policy(is_always_open=True, tiers=(Tier(24 * 10, 0),), late_fee_percent=50), rates=[Rate(1000)]
    )
    made = make(client, blue)
    shown = cancel(client, made, dry_run=True).json()
    assert (shown["total_price"], stored(world), len(taken(world))) == (500, 4, 4)
    off = cancel(client, made, 2, "following", reason="Fini")
    assert (off.status_code, outcomes(off.json()), off.json()["total_price"]) == (200, ["cancelled"] * 2, 0)
    assert starts(client) == ["2026-11-23T09:00", "2026-11-30T09:00"]


def test_one_date_is_cancelled_alone_and_the_others_stay(world, client):
    made = make(client, room(world))
    one = client.get(f"{API}/bookings/{made['occurrences'][1]['booking_id']}").json()
    assert deed(client, one, "cancel").status_code == 200
    assert [each[8:10] for each in starts(client)] == ["23", "07", "14"]


def test_the_past_of_a_series_is_left_alone(world, client):
    made = make(client, room(world))
    world.now = at("2026-12-01T12:00+01:00")
    assert outcomes(cancel(client, made, 3).json()) == ["cancelled"] * 2
    over = cancel(client, made, 0)
    assert (over.status_code, over.json()["code"]) == (409, "booking_over")


def test_a_booking_that_does_not_repeat_has_no_series_to_change(world, client):
    alone = book(client, room(world))
    refused = cancel(client, {"occurrences": [{"booking_id": alone["id"]}]})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_series")


def test_the_series_of_somebody_else_is_none_of_mine(world, client):
    made = make(client, room(world))
    address = f"{API}/bookings/{made['occurrences'][0]['booking_id']}/series/cancel"
    stranger = world.as_member(world.member())
    refused = stranger.post(address, params={"scope": "all"}, json={}, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (404, "booking_unknown")


@given(
    zone=st.sampled_from(FRANCE + OTHERS),
    first=st.datetimes(datetime(2026, 12, 1), datetime(2027, 4, 30)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    lasts=st.integers(1, 96),
    every=st.sampled_from(["day", "week", "month"]),
    by=st.integers(-96, 96),
    longer=st.integers(0, 8),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_in_every_zone_a_series_that_is_moved_is_where_one_made_there_would_be(
    world, client, zone, first, lasts, every, by, longer
):
    place = world.place(f"p{next(NUMBERS)}", zone=zone)
    policy = Policy(is_always_open=True, longest=3000, advance_days=800)
    quarter = timedelta(minutes=15)
    first = first.replace(minute=first.minute // 15 * 15)
    to = first + by * quarter
    spans = {"start": first, "end": first + lasts * quarter}, {"start": to, "end": to + (lasts + longer) * quarter}
    (old, new) = ({name: each.strftime("%Y-%m-%dT%H:%M") for name, each in span.items()} for span in spans)
    repeat = {"every": every, "count": 5}
    there = ask(client, room(world, place, policy), repeat=repeat, **new, dry_run=True)
    made = ask(client, room(world, place, policy), repeat=repeat, **old)
    # Without dates that one of the two has and the other has not: months are shorter, nights touch.
    assume(there.status_code == 200 and made.status_code == 201)
    assume(every != "month" or (first.day < 26 and first.day == to.day))
    moved = change(client, made.json(), **new)
    if set(outcomes(there.json())) == {"free"}:
        assert moved.status_code == 200, moved.text
        when = [(each["local_start"], each["starts_at"], each["ends_at"]) for each in there.json()["occurrences"]]
        assert [(e["local_start"], e["starts_at"], e["ends_at"]) for e in moved.json()["occurrences"]] == when
    else:
        assert moved.status_code == 409
