"""What makes no sense is refused clearly, and nothing of it is stored."""

import pytest

from passapp.bookings.rules import Asker, Audience, Flaw, Policy, flaws_of, span_between
from passapp.bookings.said import sentence_of
from passapp.kernel.clock import zone_named
from tests.bookings.desk import API, MORNING, at, body, stored
from tests.bookings.rooms import room


@pytest.fixture
def client(world):
    return world.as_member(world.member())


@pytest.fixture(autouse=True)
def nothing_stored(world):
    yield
    assert stored(world) == 0


def refused(client, room_id, **fields):
    """The problem of a booking that is refused."""
    answer = client.post(f"{API}/bookings", json=body(room_id, **fields))
    assert answer.status_code == 422, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "said,detail",
    [
        ("2026-11-23T24:00", "00:00 of the day after"),
        ("2026-11-23T24:00:00Z", "00:00 of the day after"),
        ("2027-02-29T09:00", "no such day"),
        ("2026-13-01T09:00", "no such day"),
        ("2026-11-23T09:61", "no such day"),
        ("0000-01-01T09:00", "no such day"),
        ("2000-12-31T09:00", "between the years 2001 and 2098"),
        ("2099-01-01T09:00Z", "between the years 2001 and 2098"),
        ("9999-12-31T23:59-23:59", "between the years 2001 and 2098"),
        ("10000-01-01T09:00", "write a time as"),
        ("2026-11-23T09:00:60Z", "whole minutes"),
        ("2026-11-23T09:00:01", "whole minutes"),
        ("2026-11-23T09:00:00.5Z", "write a time as"),
        ("2026-11-23T09:00+25:00", "no such day"),
        ("2026-11-23", "write a time as"),
        ("2026-11-23 09:00", "write a time as"),
        ("2026-11-23T09:00Z\n", "no such day"),
        ("٢٠٢٦-11-23T09:00", "write a time as"),
        ("demain", "write a time as"),
        ("", "write a time as"),
        (1763888400, "write a time as"),
        (None, "write a time as"),
    ],
)
def test_what_is_no_time_is_refused_at_its_field(world, client, said, detail):
    problem = refused(client, room(world), start=said)
    [error] = problem["errors"]
    assert (problem["code"], error["pointer"]) == ("invalid_request", "/start")
    assert detail in error["detail"]


@pytest.mark.parametrize(
    "start,end,code",
    [
        ("2026-11-23T10:00", "2026-11-23T09:00", "ends_before_it_starts"),
        ("2026-11-23T10:00", "2026-11-23T10:00", "ends_before_it_starts"),
        ("2026-11-23T10:07", "2026-11-23T11:07", "off_the_grid"),
        ("2026-11-18T10:00", "2026-11-18T10:45", "in_the_past"),
        ("2001-01-01T00:00+23:00", "2001-01-01T00:30+23:00", "in_the_past"),
        ("2027-11-19T11:00", "2027-11-19T12:00", "too_far_ahead"),
        ("2098-12-31T10:00", "2098-12-31T11:00", "too_far_ahead"),
        ("2026-11-23T10:00", "2098-12-31T11:00", "too_long"),
    ],
)
def test_a_time_at_which_nothing_can_be_booked_says_why(world, client, start, end, code):
    problem = refused(client, room(world), start=start, end=end)
    assert (problem["code"], code in [each["code"] for each in problem["problems"]]) == ("not_bookable", True)


def test_an_absurd_length_is_refused_within_the_opening_hours_too(world, client):
    problem = refused(client, room(world, policy=Policy()), start="2026-11-23T09:00", end="2098-12-31T09:00")
    assert {each["code"] for each in problem["problems"]} == {"too_long", "outside_opening_hours"}


def test_a_local_time_that_the_clocks_leave_out_comes_with_what_to_send_instead(world, client):
    problem = refused(client, room(world), start="2027-03-28T02:30", end="2027-03-28T04:00")
    assert problem["code"] == "nonexistent_local_time"
    assert problem["params"] == {"start": ["2027-03-28T03:30:00+02:00"]}
    assert problem["errors"] == [{"pointer": "/start", "detail": "2027-03-28T03:30:00+02:00"}]
    assert "2027-03-28T03:30:00+02:00" in problem["detail"]


def test_a_local_time_that_the_clocks_show_twice_comes_with_both(world, client):
    problem = refused(client, room(world), start="2027-10-31T02:00", end="2027-10-31T02:30")
    both = ["2027-10-31T02:00:00+02:00", "2027-10-31T02:00:00+01:00"]
    assert (problem["code"], problem["params"]["start"]) == ("ambiguous_local_time", both)
    assert [error["pointer"] for error in problem["errors"]] == ["/start", "/end"]


@pytest.mark.parametrize(
    "title",
    ["", "  ", "x" * 10_240, "Réu\x00nion", "a\u202egnp.exe", "a\u0007b", "a\nb", "a\u2028b", "www.example.org"],
)
def test_what_is_no_title_is_refused_at_its_field(world, client, title):
    assert refused(client, room(world), title=title)["errors"][0]["pointer"] == "/title"


@pytest.mark.parametrize("people", [0, -1, 100_001, 10**30, 1.5, "deux", None])
def test_what_is_no_number_of_people_is_refused_at_its_field(world, client, people):
    assert refused(client, room(world), people=people)["errors"][0]["pointer"] == "/people"


@pytest.mark.parametrize("resource_id", [0, -1, 2**53, 2**63, 10**30, "bleue", None])
def test_what_is_no_room_is_refused_at_its_field(client, resource_id):
    assert refused(client, resource_id)["errors"][0]["pointer"] == "/resource_id"


@pytest.mark.parametrize("resource_id", ["0", "-1", str(2**63), "bleue"])
def test_a_quote_of_what_is_no_room_is_refused(client, resource_id):
    assert client.post(f"{API}/resources/{resource_id}/quote", json=MORNING).status_code == 422


def test_a_field_that_there_is_not_is_refused(world, client):
    assert refused(client, room(world), unit=3)["errors"][0]["pointer"] == "/unit"


def test_a_series_that_would_pass_the_last_year_is_refused(world, client):
    asked = body(room(world), start="2098-12-15T09:00", end="2098-12-15T10:00")
    for ends in ({"count": 24}, {"until": "2100-12-01"}):
        answer = client.post(f"{API}/series", json=asked | {"repeat": {"every": "month"} | ends})
        assert (answer.status_code, answer.json()["code"]) == (422, "series_too_long")


def every_flaw():
    """Every flaw that the rules find, with its figures."""
    clocks = zone_named("Europe/Paris")
    nobody = Asker(is_own_member=False, is_member=False, upcoming=9, week_minutes=60, month_minutes=60)
    tight = Policy(
        shortest=120, upcoming=1, weekly_minutes=80, monthly_minutes=80, needs_training=True, notice=90, advance_days=1
    )
    odd, long = at("2026-11-23T09:07+01:00"), at("2026-11-26T09:07+01:00")
    asked = {"people": 3, "capacity": 2}
    return [
        *flaws_of(span_between(odd, odd, clocks), tight, nobody, (), odd, **asked),
        *flaws_of(span_between(odd, at("2026-11-23T09:37+01:00"), clocks), tight, nobody, (), odd, **asked),
        *flaws_of(span_between(odd, long, clocks), Policy(audience=Audience.OWN_MEMBERS), nobody, (), long, **asked),
        *flaws_of(span_between(long, long, clocks), tight, nobody, (), at("2026-11-20T09:00Z"), **asked),
        Flaw("already_begun"),
    ]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_flaw_has_its_sentence_that_says_what_to_do(language):
    said = {flaw.code: sentence_of(flaw, language) for flaw in every_flaw()}
    assert len(said) == 15
    assert all(" : " in each if language == "fr" else ": " in each for each in said.values())
    assert not any("{" in each for each in said.values())
