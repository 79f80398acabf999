"""When a scan was made: by the device's clock, by ours, and on the host's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from passapp.door.models import CheckIn
from tests.scenes import check_in, pass_text, rows, scan_at, visits
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def salle(world):
    return world.place("la-salle", "La Salle", zone="Indian/Reunion", subdivision="974")


def refused(door, scan):
    answer = door.post("/api/v1/check-ins", json=scan)
    return answer.status_code, answer.json()["code"], [error["pointer"] for error in answer.json()["errors"]]


def test_a_scan_kept_while_offline_counts_when_it_was_made(world, door):
    card = world.card(world.member())
    world.later(days=2)
    answer = check_in(door, scan_at(world, world.text(card), made := NOW + timedelta(hours=1)))
    assert datetime.fromisoformat(answer["scanned_at"]) == made
    assert answer["local_date"] == "2026-11-18"
    assert visits(world)[0].received_at == world.now


@pytest.mark.parametrize("fast", [timedelta(hours=2), timedelta(hours=-5), timedelta(days=400), timedelta(days=-400)])
def test_a_devices_wrong_clock_is_corrected_and_what_it_said_is_kept(world, door, fast):
    shown = pass_text(world)
    made = world.later(hours=1)
    sent = world.later(minutes=10)
    said = made + fast
    scan = world.scan(shown, scanned_at=said.isoformat(), device_now=(sent + fast).isoformat())
    assert datetime.fromisoformat(check_in(door, scan)["scanned_at"]) == made
    [kept] = rows(world, CheckIn)
    assert (kept.scanned_at, kept.device_scanned_at, kept.received_at) == (made, said, sent)


def test_a_scan_from_the_future_was_made_when_it_was_received(world, door):
    answer = check_in(door, scan_at(world, pass_text(world), NOW + timedelta(minutes=5)))
    assert datetime.fromisoformat(answer["scanned_at"]) == NOW
    assert visits(world)[0].opened_at == NOW


def test_a_scan_that_seems_older_than_100_days_is_kept_for_somebody_to_look_at(world, door):
    shown = pass_text(world)
    old = check_in(door, scan_at(world, shown, NOW - timedelta(days=100, seconds=1)))
    assert (old["verdict"], old["local_date"]) == ("clock_skew", "2026-11-18")
    [kept] = rows(world, CheckIn)
    assert kept.device_scanned_at == NOW - timedelta(days=100, seconds=1)
    assert visits(world) == []
    assert check_in(door, scan_at(world, shown, NOW - timedelta(days=100)))["verdict"] == "not_yet_valid"


def test_a_scan_that_comes_when_its_month_is_forgotten_makes_no_second_visit_of_that_day(world, door):
    card = world.card(world.member())
    shown, made = world.text(card), world.later(hours=1)
    check_in(door, world.scan(shown))
    for days in (90, 101):
        world.now = made + timedelta(days=days)
        check_in(door, scan_at(world, shown, made + timedelta(minutes=20)))
        assert len(visits(world)) == 1


@pytest.mark.parametrize("field", ["scanned_at", "device_now"])
def test_instants_without_a_zone_or_that_are_none_are_refused(world, door, field):
    scan = world.scan("anything")
    for value in (
        "2026-11-18T10:00:00",
        "yesterday",
        "",
        None,
        [],
        1e300,
        -1,
    ):
        assert refused(door, scan | {field: value}) == (422, "invalid_request", [f"/{field}"]), value


def test_clocks_at_the_two_ends_of_the_calendar_break_nothing(world, door):
    first, last = "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"
    ahead = check_in(door, world.scan(pass_text(world), scanned_at=last, device_now=first))
    assert datetime.fromisoformat(ahead["scanned_at"]) == NOW
    behind = check_in(door, world.scan(pass_text(world), scanned_at=first, device_now=last))
    assert behind["verdict"] == "clock_skew"


def test_a_tablet_whose_clock_was_never_set_loses_nobody(world, door):
    scan = world.scan(pass_text(world), scanned_at="1970-01-01T00:05:00Z", device_now="1970-01-01T00:06:00Z")
    answer = check_in(door, scan)
    assert answer["verdict"] == "ok"
    assert datetime.fromisoformat(answer["scanned_at"]) == NOW - timedelta(minutes=1)


def test_a_visit_at_la_reunion_falls_on_the_date_that_people_live_there(world, salle):
    world.now = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    answer = check_in(world.as_door(salle), world.scan(pass_text(world, world.hangar)))
    assert (answer["verdict"], answer["local_date"]) == ("ok", "2026-11-19")
    [visit] = visits(world)
    assert (visit.local_date, visit.zone) == (date(2026, 11, 19), "Indian/Reunion")


def test_the_last_evening_of_a_month_at_la_reunion_is_posted_in_its_own_month(world, salle):
    shown = pass_text(world, world.hangar)
    world.now = datetime(2026, 11, 30, 19, 59, 59, tzinfo=UTC)
    check_in(world.as_door(salle), world.scan(shown))
    world.later(seconds=1)
    check_in(world.as_door(salle), world.scan(shown))
    assert [visit.posted_month for visit in visits(world)] == ["2026-11", "2026-12"]


def test_midnight_at_the_host_parts_two_days(world, door):
    shown = pass_text(world)
    world.now = datetime(2026, 11, 18, 22, 59, 59, tzinfo=UTC)
    before = check_in(door, world.scan(shown))
    world.later(seconds=1)
    after = check_in(door, world.scan(shown))
    assert [(a["verdict"], a["local_date"]) for a in (before, after)] == [("ok", "2026-11-18"), ("ok", "2026-11-19")]
    assert len(visits(world)) == 2


def test_the_hour_that_comes_twice_in_october_is_one_day(world, door):
    world.now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    shown = pass_text(world)
    for at in ("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"):
        world.now = datetime.fromisoformat(at)
        assert check_in(door, world.scan(shown))["local_date"] == "2026-10-25"
    [visit] = visits(world)
    assert visit.opened_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_two_places_on_one_evening_can_have_two_dates(world, door, salle):
    world.now = datetime(2026, 11, 18, 21, tzinfo=UTC)
    shown = pass_text(world)
    assert check_in(door, world.scan(shown))["local_date"] == "2026-11-18"
    assert check_in(world.as_door(salle), world.scan(shown))["local_date"] == "2026-11-19"
