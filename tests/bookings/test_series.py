"""A booking that repeats: every date looked at first, then all of it or what can be had."""

import pytest
from sqlalchemy import event, select

from passapp.bookings.models import Resource, Series
from passapp.bookings.rules import Approval, Every, Policy, Rate, Repeat
from passapp.bookings.series.service import make_series
from passapp.bookings.service import SLOT_TAKEN
from passapp.kernel.audit import SYSTEM
from passapp.members.models import Member
from tests.bookings.dates import ask, cancel, make, outcomes
from tests.bookings.desk import API, answer_by_link, book, deed, stored
from tests.bookings.rooms import home_pays, pool, room, taken, wanted
from tests.bookings.test_at_once import at_once
from tests.mails import link_of_mail, mails, text_of_mail


@pytest.fixture
def member(world):
    """A member of the hangar, who books at the moulin."""
    return world.member()


@pytest.fixture
def client(world, member):
    """Their browser."""
    return world.as_member(member)


def test_a_series_is_a_booking_on_each_of_its_dates(world, client):
    made = make(client, room(world, rates=[Rate(hour=1000)]))
    assert outcomes(made) == ["booked"] * 4
    assert (made["total_price"], made["occurrences"][3]["local_start"]) == (4000, "2026-12-14T09:00")
    seen = client.get(f"{API}/bookings/{made['occurrences'][3]['booking_id']}").json()
    assert (seen["series_id"], seen["state"], seen["title"]) == (made["id"], "booked", "Réunion")
    assert len(taken(world)) == 4


def test_a_dry_run_says_what_would_become_of_each_date_and_stores_nothing(world, client):
    blue = room(world, policy=Policy(is_always_open=True, advance_days=25), rates=[Rate(hour=1000)])
    book(world.as_member(world.member()), blue, start="2026-11-30T09:30", end="2026-11-30T10:30")
    shown = ask(client, blue, dry_run=True)
    assert (shown.status_code, shown.json()["id"], shown.json()["total_price"]) == (200, None, 2000)
    assert outcomes(shown.json()) == ["free", "taken", "free", "not_bookable"]
    assert [each["code"] for each in shown.json()["occurrences"][3]["problems"]] == ["too_far_ahead"]
    assert stored(world) == 1


def test_where_a_date_is_taken_nothing_is_booked_and_the_dates_are_named(world, client):
    blue = room(world)
    book(world.as_member(world.member()), blue, start="2026-11-30T09:30", end="2026-11-30T10:30")
    refused = ask(client, blue)
    assert (refused.status_code, refused.json()["code"]) == (409, "series_conflicts")
    assert outcomes(refused.json()) == ["free", "taken", "free", "free"]
    assert refused.json()["detail"].startswith("Dates that cannot be had: 1 of 4.")
    assert stored(world) == 1


def test_what_can_be_had_is_booked_where_the_rest_may_be_left_out(world, client):
    blue = room(world)
    book(world.as_member(world.member()), blue, start="2026-11-30T09:30", end="2026-11-30T10:30")
    made = make(client, blue, on_conflict="skip")
    assert outcomes(made) == ["booked", "taken", "booked", "booked"]
    assert made["occurrences"][1]["booking_id"] is None
    assert stored(world) == 4


def test_where_no_date_can_be_had_there_is_no_series(world, client):
    blue = room(world, capacity=1)
    refused = ask(client, blue, on_conflict="skip")
    assert (refused.status_code, refused.json()["code"]) == (409, "series_conflicts")
    with world.session() as session:
        assert session.scalars(select(Series)).all() == []


def test_dates_of_a_series_count_for_the_quotas_of_those_after_them(world, client):
    blue = room(world, policy=Policy(is_always_open=True, weekly_minutes=120))
    shown = ask(client, blue, repeat={"every": "day", "count": 9}, dry_run=True).json()
    assert outcomes(shown) == ["free", "free", *["not_bookable"] * 5, "free", "free"]


def test_a_home_advances_the_dates_that_its_ceiling_holds(world, client, member):
    home_pays(world, world.hangar, ceiling=2500)
    blue = room(world, rates=[Rate(hour=1000)])
    make(client, blue, repeat={"every": "day", "count": 3})
    mine = client.get(f"{API}/me/bookings").json()["items"]
    assert [each["payer"] for each in mine] == ["home", "home", "member"]


def test_a_series_in_a_pool_takes_a_free_desk_on_each_date(world, client):
    desks = pool(world, 2)
    other = world.as_member(world.member())
    for _ in range(2):
        book(other, desks, start="2026-11-30T09:00", end="2026-11-30T10:00", people=1)
    book(other, desks, people=1)
    assert outcomes(make(client, desks, people=1, on_conflict="skip")) == ["booked", "taken", "booked", "booked"]


def test_dates_longer_than_what_lies_between_them_are_in_each_others_way(world, client):
    blue = room(world, policy=Policy(is_always_open=True, longest=3000))
    shown = ask(client, blue, end="2026-11-24T21:00", repeat={"every": "day", "count": 4}, dry_run=True).json()
    assert outcomes(shown) == ["free", "taken", "free", "taken"]


def test_a_weekly_series_keeps_its_hour_across_both_changes_of_the_clocks(world, client):
    made = make(client, room(world), repeat={"every": "week", "until": "2027-11-01"})
    assert {each["local_start"][11:] for each in made["occurrences"]} == {"09:00"}
    assert {each["starts_at"][-6:] for each in made["occurrences"]} == {"+01:00", "+02:00"}
    assert len(made["occurrences"]) == 50


def test_a_date_in_the_gap_begins_after_it_and_one_of_which_nothing_is_left_is_named(world, client):
    blue = room(world)
    first = {"start": "2027-03-27T02:30", "end": "2027-03-27T04:00", "repeat": {"every": "day", "count": 3}}
    made = make(client, blue, **first)
    assert [each["is_adjusted"] for each in made["occurrences"]] == [False, True, False]
    assert made["occurrences"][1]["local_start"] == "2027-03-28T03:30"
    short = first | {"end": "2027-03-27T03:00", "dry_run": True}
    shown = ask(client, room(world), **short).json()
    assert outcomes(shown) == ["free", "unresolvable", "free"]
    assert shown["occurrences"][1]["starts_at"] is None


def test_of_an_hour_that_the_clocks_repeat_the_first_date_is_the_one_that_was_said(world, client):
    second = {"start": "2027-10-31T02:30:00+01:00", "end": "2027-10-31T03:30:00+01:00"}
    blue = room(world, policy=Policy(is_always_open=True, advance_days=400))
    assert make(client, blue, **second)["occurrences"][0]["starts_at"] == second["start"]


def test_the_same_request_again_makes_no_second_series(world, client):
    blue, key = room(world), {"Idempotency-Key": "un-deux"}
    first, again = ask(client, blue, key), ask(client, blue, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = ask(client, blue, key, title="Autre chose")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_the_same_request_again_says_what_was_cancelled_or_refused_since(world, client):
    asks = Policy(is_always_open=True, approval=Approval.ALWAYS)
    blue, manager = room(world, policy=asks, rates=[Rate(hour=1000)]), world.as_manager(world.moulin)
    key = {"Idempotency-Key": "un-deux"}
    made = ask(client, blue, key).json()
    seen = [client.get(f"{API}/bookings/{each['booking_id']}").json() for each in made["occurrences"]]
    deed(client, seen[1], "cancel")
    deed(manager, seen[2], "answer", accept=False)
    deed(manager, seen[3], "answer", accept=True)
    again = ask(client, blue, key).json()
    assert outcomes(again) == ["requested", "cancelled", "cancelled", "booked"]
    assert ([each["price"] for each in again["occurrences"]], again["total_price"]) == ([1000, 0, 0, 1000], 2000)


def test_a_dry_run_leaves_its_key_to_the_series(world, client):
    blue, key = room(world), {"Idempotency-Key": "un-deux"}
    ask(client, blue, key, dry_run=True)
    assert ask(client, blue, key).status_code == 201


@pytest.mark.parametrize(
    "repeat,code",
    [
        ({"every": "day", "count": 367}, "invalid_request"),
        ({"every": "day", "count": 10**12}, "invalid_request"),
        ({"every": "day", "count": 3, "interval": 0}, "invalid_request"),
        ({"every": "day", "count": 3, "interval": 10**9}, "invalid_request"),
        ({"every": "day"}, "invalid_request"),
        ({"every": "day", "count": 3, "until": "2026-12-24"}, "invalid_request"),
        ({"every": "minute", "count": 3}, "invalid_request"),
        ({"every": "week", "count": 3, "weekdays": [7]}, "invalid_request"),
        ({"every": "week", "count": 3, "weekdays": [0] * 8}, "invalid_request"),
        ({"every": "month", "count": 3, "weekdays": [1]}, "invalid_request"),
        ({"every": "day", "count": 3, "weekdays": [1]}, "invalid_request"),
        ({"every": "week", "count": 3, "by_weekday": True}, "invalid_request"),
        ({"every": "day", "until": "10000-01-01"}, "invalid_request"),
        ({"every": "day", "until": "2027-11-24"}, "series_too_long"),
        ({"every": "week", "until": "2028-11-24"}, "series_too_long"),
        ({"every": "month", "count": 26}, "series_too_long"),
        ({"every": "day", "until": "2026-11-22"}, "series_empty"),
    ],
)
def test_a_recurrence_bomb_is_refused_and_nothing_is_stored(world, client, repeat, code):
    refused = ask(client, room(world), repeat=repeat)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert stored(world) == 0


def test_a_year_of_weeks_is_booked_with_as_many_statements_as_four(world, client):
    counts = []
    for weeks in (4, 52):
        asked, blue = [], room(world)

        def note(*_args, asked=asked):
            asked.append(1)

        event.listen(world.database.engine, "before_cursor_execute", note)
        try:
            make(client, blue, repeat={"every": "week", "count": weeks})
        finally:
            event.remove(world.database.engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[1] - counts[0] <= 4


def test_ten_who_ask_for_the_same_dates_at_once_make_one_series(world):
    blue, members = room(world), [world.member() for _ in range(10)]
    weekly = Repeat(Every.WEEK, count=10)

    def make_it(member_id):
        with world.database.write() as session:
            resource, member = session.get_one(Resource, blue), session.get_one(Member, member_id)
            how = {"skip": False, "dry_run": False, "now": world.now, "actor": SYSTEM}
            if not make_series(session, resource, member, wanted(), weekly, **how).is_done:
                raise SLOT_TAKEN.error()

    said = at_once([lambda member=member: make_it(member.id) for member in members])
    assert sorted(said) == ["booked"] + ["slot_taken"] * 9
    assert len(taken(world)) == 10


def test_a_series_is_told_in_one_mail_with_its_dates(world, client):
    make(client, room(world, access="Code 1234"), repeat={"every": "week", "count": 14})
    [mail] = mails(world)
    assert mail["Subject"].startswith("C'est réservé : Salle Bleue, 14 dates")
    text = text_of_mail(mail)
    assert "lundi 23 novembre" in text
    assert "et 2 autres" in text
    assert "Code 1234" in text


def test_a_series_that_is_cancelled_is_told_in_one_mail_with_what_it_costs(world, client):
    blue = room(world, policy=Policy(is_always_open=True, late_fee_percent=50), rates=[Rate(hour=1000)])
    made = make(client, blue)
    mails(world)
    cancel(client, made, 2, "following")
    mail = mails(world)[-1]
    assert mail["Subject"].startswith("Série annulée : Salle Bleue, 2 dates")
    assert "10,00" in text_of_mail(mail).replace("10 €", "10,00")


def test_a_request_that_repeats_is_answered_from_the_mail_for_all_its_dates(world, client):
    world.as_manager(world.moulin)
    made = make(client, room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)))
    assert outcomes(made) == ["requested"] * 4
    asked = next(mail for mail in mails(world) if mail["Subject"].startswith("À répondre"))
    assert "4 dates" in text_of_mail(asked)
    token = link_of_mail(world, asked).partition("#")[2]
    answer = answer_by_link(world.client(), token, accept=True)
    assert answer.status_code == 200, answer.text
    assert {each["state"] for each in client.get(f"{API}/me/bookings").json()["items"]} == {"booked"}
    told = [mail for mail in mails(world) if mail["Subject"].startswith("C'est accepté")]
    assert ["toutes les dates" in text_of_mail(mail) for mail in told] == [True]
