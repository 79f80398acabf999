"""Invitations to what repeats: one event in people's calendars, which every later mail puts right (decision 0032)."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from passapp.bookings.calendars import files
from passapp.bookings.calendars.recurring import invited
from passapp.bookings.making import times_of_span
from passapp.bookings.models import Booking, Feed, Resource, Series
from passapp.bookings.rules import Approval, Every, Policy, Rate, Repeat, expand, span_between
from passapp.kernel.clock import zone_named
from passapp.kernel.ids import new_id
from passapp.places.models import Place
from tests.bookings.calendars.readers.reading import DATES, READERS, dates_by_recurring_ical_events, faults_by_libical
from tests.bookings.calendars.test_feeds import followed, mine
from tests.bookings.dates import cancel, change, make
from tests.bookings.desk import API, answer_by_link, deed
from tests.bookings.rooms import ALWAYS, NINE, home_pays, room
from tests.kernel.test_wall_time import FRANCE
from tests.mails import link_of_mail, mails, text_of_mail

# ruff: noqa: DTZ001  (what a wall shows has no zone)

ASKS = Policy(is_always_open=True, approval=Approval.ALWAYS)


@pytest.fixture
def member(world):
    return world.member(family_name="Bertin")


@pytest.fixture
def client(world, member):
    return world.as_member(member)


def calendar(mail):
    """The calendar of a mail: its method, and the file; in both of its places the same."""
    one, other = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert one.get_payload(decode=True) == other.get_payload(decode=True)
    file = one.get_payload(decode=True)
    [method] = re.findall(rb"\r\nMETHOD:(\w+)\r\n", file)
    assert one.get_param("method") == other.get_param("method") == method.decode()
    return method.decode(), file


def news(world):
    """The calendars of the mails that left to members since the last look, in order."""
    world.later(minutes=1)
    told = mails(world)[getattr(world, "seen", 0) :]
    world.seen = getattr(world, "seen", 0) + len(told)
    return [calendar(mail) for mail in told if any(p.get_content_type() == "text/calendar" for p in mail.walk())]


def shown(file):
    """What calendars show of it: all readers the same."""
    found = [sorted(reader(file)) for reader in DATES.values()]
    assert found[0] == found[1]
    return [(each.start, each.end, each.status) for each in found[0]]


def field(file, name):
    """What its events say, of what repeats first."""
    events = file.replace(b"\r\n ", b"").decode().partition("BEGIN:VEVENT")[2]
    return re.findall(rf"\r\n{name}(?:;[^:]*)?:(.*)(?=\r\n)", events)


def stored(world):
    """The same of the bookings that stand."""
    words = {"booked": "CONFIRMED", "requested": "TENTATIVE"}
    with world.session() as session:
        rows = session.scalars(select(Booking).order_by(Booking.starts_at))
        return [(each.starts_at, each.ends_at, words[each.state]) for each in rows if each.state in words]


def seen(client, made, number):
    return client.get(f"{API}/bookings/{made['occurrences'][number]['booking_id']}").json()


def test_a_series_is_one_event_that_repeats(world, client):
    make(client, room(world), repeat={"every": "week", "count": 30})
    [(method, file)] = news(world)
    assert method == "REQUEST"
    assert shown(file) == stored(world)
    assert len(field(file, "RRULE")) == file.count(b"BEGIN:VEVENT") == 1
    assert "mailto:" in field(file, "ORGANIZER")[0]
    assert "mailto:" in field(file, "ATTENDEE")[0]


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_what_repeats_and_what_differs_as_one(world, client, reader):
    made = make(client, room(world))
    deed(client, seen(client, made, 3), "change", start="2026-12-14T14:00", end="2026-12-14T15:00")
    read = READERS[reader](news(world)[-1][1])
    assert [each.start.isoformat()[:16] for each in read] == ["2026-11-23T08:00", "2026-12-14T13:00"]
    assert {(each.uid, each.sequence) for each in read} == {(f"{made['id']}@passapp", 1)}


@pytest.mark.libical
def test_libical_finds_nothing_wrong_in_it(world, client):
    made = make(client, room(world), repeat={"every": "week", "count": 20})
    deed(client, seen(client, made, 3), "change", start="2026-12-14T14:00", end="2026-12-14T15:00")
    deed(client, seen(client, made, 5), "cancel")
    assert [faults_by_libical(file) for _, file in news(world)] == [[], [], []]


@pytest.mark.parametrize(
    "repeat",
    [
        {"every": "day", "count": 5, "interval": 3},
        {"every": "week", "count": 7, "weekdays": [1, 3]},
        {"every": "week", "until": "2027-06-01", "interval": 2},
        {"every": "month", "count": 6},
        {"every": "month", "count": 4, "by_weekday": True},
    ],
)
def test_it_repeats_as_it_was_asked_for(world, client, repeat):
    make(client, room(world), start="2026-11-30T09:00", end="2026-11-30T10:00", repeat=repeat)
    [(_, file)] = news(world)
    assert shown(file) == stored(world)


def test_dates_that_could_not_be_had_are_left_out(world, client):
    blue = room(world)
    make(
        world.as_member(world.member()),
        blue,
        start="2026-11-23T09:30",
        end="2026-11-23T10:30",
        repeat={"every": "week", "count": 2, "interval": 2},
    )
    news(world)
    make(client, blue, on_conflict="skip")
    [(_, file)] = news(world)
    assert [start.day for start, _, _ in shown(file)] == [30, 14]


def test_a_date_that_is_moved_is_moved_in_the_same_event(world, client):
    made = make(client, room(world))
    [(_, first)] = news(world)
    deed(client, seen(client, made, 1), "change", start="2026-12-01T14:00", end="2026-12-01T16:00")
    [(method, file)] = news(world)
    assert method == "REQUEST"
    assert shown(file) == stored(world)
    assert field(file, "RECURRENCE-ID") == ["20261130T090000"]
    assert {*field(file, "UID")} == {*field(first, "UID")}
    assert {*field(file, "SEQUENCE")} == {"1"}


def test_a_date_that_is_cancelled_is_taken_back_alone(world, client):
    made = make(client, room(world))
    [(_, first)] = news(world)
    deed(client, seen(client, made, 1), "cancel")
    [(method, file)] = news(world)
    assert (method, field(file, "RECURRENCE-ID"), field(file, "STATUS")) == (
        "CANCEL",
        ["20261130T090000"],
        ["CANCELLED"],
    )
    assert field(file, "UID") == field(first, "UID")
    deed(client, seen(client, made, 3), "change", start="2026-12-14T10:00", end="2026-12-14T11:00")
    [(_, file)] = news(world)
    assert shown(file) == stored(world)
    assert [start.day for start, _, _ in shown(file)] == [23, 7, 14]


def test_a_date_that_was_moved_is_taken_back_as_the_date_that_it_was(world, client):
    made = make(client, room(world))
    moved = deed(client, seen(client, made, 1), "change", start="2026-12-02T14:00", end="2026-12-02T16:00").json()
    news(world)
    deed(client, moved, "cancel")
    [(method, file)] = news(world)
    assert (method, field(file, "RECURRENCE-ID")) == ("CANCEL", ["20261130T090000"])


@pytest.mark.parametrize("scope,number", [("all", 0), ("following", 1), ("following", 3)])
def test_what_is_moved_together_is_moved_in_the_same_event(world, client, scope, number):
    made = make(client, room(world), repeat={"every": "week", "count": 5})
    [(_, first)] = news(world)
    day = (date.fromisoformat(seen(client, made, number)["local_start"][:10]) + timedelta(days=1)).isoformat()
    answer = change(client, made, number, scope, start=f"{day}T14:00", end=f"{day}T16:00")
    assert answer.status_code == 200, answer.text
    [(method, file)] = news(world)
    assert (method, {*field(file, "UID")}) == ("REQUEST", {*field(first, "UID")})
    assert int(field(file, "SEQUENCE")[0]) > 0
    assert shown(file) == stored(world)


def test_a_series_that_is_moved_as_a_whole_repeats_from_there(world, client):
    made = make(client, room(world), repeat={"every": "week", "count": 5, "weekdays": [0, 2]})
    change(client, made, start="2026-11-24T14:00", end="2026-11-24T16:00")
    file = news(world)[-1][1]
    assert file.count(b"BEGIN:VEVENT") == 1
    assert "BYDAY=TU,TH" in field(file, "RRULE")[0]


def test_the_end_of_a_series_that_is_cancelled_makes_the_event_shorter(world, client):
    made = make(client, room(world))
    news(world)
    cancel(client, made, 2, "following")
    [(method, file)] = news(world)
    assert method == "REQUEST"
    assert [start.day for start, _, _ in shown(file)] == [23, 30]


def test_a_series_that_is_cancelled_is_taken_back_as_a_whole(world, client):
    made = make(client, room(world))
    [(_, first)] = news(world)
    cancel(client, made)
    [(method, file)] = news(world)
    assert (method, field(file, "STATUS"), field(file, "UID")) == ("CANCEL", ["CANCELLED"], field(first, "UID"))
    assert (field(file, "RECURRENCE-ID"), field(file, "SEQUENCE")) == ([], ["4"])


@pytest.mark.parametrize("accept,told", [(True, ("REQUEST", "CONFIRMED")), (False, ("CANCEL", "CANCELLED"))])
def test_an_answer_for_all_dates_is_told_of_all_of_them(world, client, accept, told):
    world.as_manager(world.moulin)
    make(client, room(world, policy=ASKS, rates=[Rate(hour=1000)]))
    [(_, file)] = news(world)
    assert {status for *_, status in shown(file)} == {"TENTATIVE"}
    asked = next(mail for mail in mails(world) if mail["Subject"].startswith("À répondre"))
    token = link_of_mail(world, asked).partition("#")[2]
    assert answer_by_link(world.client(), token, accept).status_code == 200
    [(method, file)] = news(world)
    assert (method, *{*field(file, "STATUS")}) == told
    assert ("En tout : 40 €" in text_of_mail(mails(world)[-1])) is accept


def test_whoever_leaves_early_is_sent_a_shorter_event(world, client):
    made = make(client, room(world, policy=ALWAYS), repeat={"every": "day", "count": 2})
    news(world)
    world.now = datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
    assert deed(client, seen(client, made, 0), "check-in").status_code == 200
    assert deed(client, seen(client, made, 0), "end-early").status_code == 200
    [(method, file)] = news(world)
    assert (method, shown(file)) == ("REQUEST", stored(world))
    assert shown(file)[0][1] == datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
    assert mails(world)[-1]["Subject"].startswith("Réservation terminée plus tôt")


def test_a_series_whose_first_date_changed_meanwhile_is_told_all_the_same(world, client):
    made = make(client, room(world, rates=[Rate(hour=1000)]))
    world.later(minutes=1)
    deed(client, seen(client, made, 0), "cancel")
    subjects = [mail["Subject"] for mail in mails(world)]
    assert subjects[0].startswith("C'est réservé : Salle Bleue, 3 dates à partir du 30 novembre 2026")
    assert "En tout : 30 € à régler sur place." in text_of_mail(mails(world)[0])
    assert len(subjects) == 2


def test_a_series_that_was_cancelled_meanwhile_is_told_as_it_is(world, client):
    made = make(client, room(world))
    world.later(minutes=1)
    cancel(client, made)
    assert [mail["Subject"].partition(" :")[0] for mail in mails(world)] == ["Série annulée"]


def test_of_a_series_it_is_said_what_each_pays(world, client):
    home_pays(world, world.hangar, ceiling=2500)
    make(client, room(world, rates=[Rate(hour=1000)]), repeat={"every": "day", "count": 3})
    text = " ".join(text_of_mail(mails(world)[0]).split())
    assert "En tout : 10 € à régler sur place. 20 €, que votre lieu règle pour vous." in text


def test_whoever_took_their_address_back_is_told_nothing_of_it(world, client, member):
    mine(world, member)
    with world.database.write() as session:
        session.scalars(select(Feed)).one().revoked_at = world.now
    make(client, room(world))
    assert "Votre agenda suit" not in text_of_mail(mails(world)[0])


def test_the_mail_of_whoever_follows_their_bookings_says_so(world, client, member):
    url = mine(world, member)
    make(client, room(world))
    [mail] = mails(world)
    assert "Votre agenda suit" in text_of_mail(mail)
    _, file = calendar(mail)
    assert [(read.start, read.end) for read in followed(world, url)] == [each[:2] for each in shown(file)]


def test_a_date_that_the_clocks_leave_out_is_shown_after_the_gap(world, client):
    first = {"start": "2027-03-27T02:30", "end": "2027-03-27T04:00", "repeat": {"every": "day", "count": 3}}
    make(client, room(world), **first)
    [(_, file)] = news(world)
    assert shown(file) == stored(world)


@pytest.mark.parametrize(
    "repeat",
    [
        {"every": "day", "count": 3},
        {"every": "week", "count": 4, "weekdays": [5, 6, 0]},
        {"every": "month", "count": 3, "by_weekday": True},
    ],
)
def test_a_series_of_which_the_first_date_left_is_in_a_gap_stays_the_same_event(world, client, repeat):
    begins = "2027-02-28" if repeat["every"] == "month" else "2027-03-27"
    made = make(
        client,
        room(world, policy=Policy(is_always_open=True, advance_days=400)),
        start=f"{begins}T02:30",
        end=f"{begins}T04:00",
        repeat=repeat,
    )
    deed(client, seen(client, made, 0), "cancel")
    told = news(world)
    assert {uid for _, file in told for uid in field(file, "UID")} == {f"{made['id']}@passapp"}
    deed(client, seen(client, made, 2), "cancel")
    told += news(world)
    assert {uid for _, file in told for uid in field(file, "UID")} == {f"{made['id']}@passapp"}
    with world.session() as session:
        series = session.scalars(select(Series)).one()
        bookings = session.scalars(select(Booking).order_by(Booking.starts_at)).all()
        whole = invited(series, bookings, "https://example.org", "fr")
        assert shown(files.feed("Réunion", whole.entries)) == stored(world)


def test_a_series_that_is_moved_into_a_gap_stays_the_same_event(world, client):
    blue = room(world, policy=Policy(is_always_open=True, advance_days=400))
    week = {"every": "week", "count": 3}
    made = make(client, blue, start="2027-03-28T05:30", end="2027-03-28T06:30", repeat=week)
    moved = change(client, made, 1, start="2027-04-04T02:30", end="2027-04-04T04:00")
    assert moved.status_code == 200, moved.text
    told = news(world)
    assert {uid for _, file in told for uid in field(file, "UID")} == {f"{made['id']}@passapp"}
    assert shown(told[-1][1]) == stored(world)


def test_a_date_in_an_hour_that_the_clocks_repeat_is_written_in_utc(world, client):
    blue = room(world, policy=Policy(is_always_open=True, advance_days=400))
    make(client, blue, start="2027-10-30T02:30", end="2027-10-30T04:00", repeat={"every": "day", "count": 3})
    [(_, file)] = news(world)
    assert "20271031T003000Z" in field(file, "DTSTART")
    assert shown(file) == stored(world)


def test_a_series_from_before_its_first_times_were_kept_is_told_date_by_date(world, client):
    made = make(client, room(world))
    with world.database.write() as session:
        series = session.scalars(select(Series)).one()
        series.repeat = {name: value for name, value in series.repeat.items() if name not in {"start", "end"}}
    news(world)
    deed(client, seen(client, made, 1), "cancel")
    [(method, file)] = news(world)
    assert (method, field(file, "UID")) == ("CANCEL", [f"{seen(client, made, 1)['id']}@passapp"])


def invented(zone, start, minutes, repeat, moved, number):
    """A series and its bookings, in no database; one of them was moved alone by so many minutes."""
    its = zone_named(zone)
    place = Place(name="Le Moulin", postcode="22000", town="Lannion")
    blue = Resource(name="Salle Bleue", place=place)
    series = Series(
        id=new_id(),
        made_at=NINE,
        repeat={
            "every": repeat.every.value,
            "interval": repeat.interval,
            "count": repeat.count,
            "until": None,
            "weekdays": [],
            "by_weekday": False,
            "start": start.isoformat(),
            "end": (start + timedelta(minutes=minutes)).isoformat(),
        },
    )
    spans = [each.span for each in expand(start, start + timedelta(minutes=minutes), repeat, its) if each.span]
    bookings = []
    for place_in, span in enumerate(spans):
        if place_in == number:
            by = timedelta(minutes=moved)
            span = span_between(span.starts_at + by, span.ends_at + by, its)  # noqa: PLW2901
        made = {"made_at": NINE, "changed_at": NINE, "sequence": 0, "title": "Atelier", "state": "booked"}
        row = Booking(id=new_id(), zone=zone, **times_of_span(span), **made)
        row.place, row.resource = place, blue
        bookings.append(row)
    return series, sorted(bookings, key=lambda row: row.starts_at)


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(FRANCE),
    start=st.datetimes(datetime(2026, 11, 24), datetime(2027, 10, 31, 4)),
    minutes=st.integers(15, 600),
    every=st.sampled_from(Every),
    interval=st.integers(1, 3),
    dates=st.integers(1, 8),
    moved=st.integers(-2000, 2000),
    number=st.integers(0, 7),
)
def test_readers_see_every_date_of_any_series_where_it_is(zone, start, minutes, every, interval, dates, moved, number):
    start = start.replace(second=0, microsecond=0)
    series, bookings = invented(zone, start, minutes, Repeat(every, interval, dates), moved, number)
    assume(bookings)
    found = invited(series, bookings, "https://pass.example.org", "fr")
    assume(found is not None)  # its first date is where clocks show nothing: each date is told by itself
    file = files.invitation(found.entries, "REQUEST", files.Guest("a@example.org", "A", "b@example.org", "B"))
    read = sorted((each.start, each.end) for each in dates_by_recurring_ical_events(file))
    assert read == sorted((each.starts_at, each.ends_at) for each in bookings)
