from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passapp.door.rules import Plan, corrected_time, plan_opens
from passapp.kernel.wall_time import local_date

HOME, ELSEWHERE = UUID(int=1), UUID(int=2)
ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
INSTANTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WEEK = Plan("WEEK", "everywhere", frozenset(range(5)), "08:00", "20:00")
NIGHT = Plan("NIGHT", "everywhere", frozenset({4}), "18:00", "26:00")


@pytest.mark.parametrize(
    "zone,instant,day",
    [
        ("Europe/Paris", "2026-10-31T22:59:59Z", date(2026, 10, 31)),
        ("Europe/Paris", "2026-10-31T23:00:00Z", date(2026, 11, 1)),
        ("Europe/Paris", "2026-06-30T22:00:00Z", date(2026, 7, 1)),
        ("Indian/Reunion", "2026-10-31T19:59:59Z", date(2026, 10, 31)),
        ("Indian/Reunion", "2026-10-31T20:00:00Z", date(2026, 11, 1)),
        ("America/Cayenne", "2026-11-01T02:59:59Z", date(2026, 10, 31)),
        ("Pacific/Kiritimati", "2026-10-31T10:00:00Z", date(2026, 11, 1)),
        ("Pacific/Pago_Pago", "2026-11-01T10:59:59Z", date(2026, 10, 31)),
    ],
)
def test_a_scan_belongs_to_the_hosts_date_and_so_to_its_month(zone: str, instant: str, day: date) -> None:
    assert local_date(datetime.fromisoformat(instant), ZoneInfo(zone)) == day


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_nights_when_clocks_change_have_one_date_from_midnight_to_midnight(night: date) -> None:
    paris = ZoneInfo("Europe/Paris")
    begins = datetime(night.year, night.month, night.day, tzinfo=paris).astimezone(UTC)
    after = night + timedelta(days=1)
    ends = datetime(after.year, after.month, after.day, tzinfo=paris).astimezone(UTC)
    assert (ends - begins) in (timedelta(hours=23), timedelta(hours=25))
    instant = begins
    while instant < ends:
        assert local_date(instant, paris) == night
        instant += timedelta(minutes=5)
    assert local_date(begins - timedelta(seconds=1), paris) < night < local_date(ends, paris)


@given(instant=INSTANTS, zone=st.sampled_from(ZONES))
def test_a_local_date_is_never_more_than_a_day_from_the_date_in_utc(instant: datetime, zone: str) -> None:
    assert abs(local_date(instant, ZoneInfo(zone)) - instant.date()) <= timedelta(days=1)


@given(instant=INSTANTS, zone=st.sampled_from(ZONES), hours=st.integers(-23, 23))
def test_a_local_date_does_not_depend_on_how_the_instant_is_written(instant: datetime, zone: str, hours: int) -> None:
    elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))
    assert local_date(elsewhere, ZoneInfo(zone)) == local_date(instant, ZoneInfo(zone))


@given(instant=INSTANTS, zone=st.sampled_from(ZONES), seconds=st.integers(0, 10_000))
def test_later_scans_have_no_earlier_date_unless_the_zone_itself_went_back(
    instant: datetime, zone: str, seconds: int
) -> None:
    later = instant + timedelta(seconds=seconds)
    offsets = [each.astimezone(ZoneInfo(zone)).utcoffset() for each in (instant, later)]
    if offsets[0] == offsets[1]:
        assert local_date(instant, ZoneInfo(zone)) <= local_date(later, ZoneInfo(zone))


@pytest.mark.parametrize(
    "local,opens",
    [
        ("2026-11-18T07:59:59", False),
        ("2026-11-18T08:00:00", True),
        ("2026-11-18T19:59:59", True),
        ("2026-11-18T20:00:00", False),
        ("2026-11-21T10:00:00", False),
    ],
)
def test_a_plan_opens_on_its_days_and_hours(local: str, opens: bool) -> None:
    assert plan_opens(WEEK, HOME, ELSEWHERE, datetime.fromisoformat(local)) == opens


@pytest.mark.parametrize(
    "local,opens",
    [
        ("2026-11-20T17:59:00", False),
        ("2026-11-20T18:00:00", True),
        ("2026-11-20T23:59:59", True),
        ("2026-11-21T00:00:00", True),
        ("2026-11-21T01:59:59", True),
        ("2026-11-21T02:00:00", False),
        ("2026-11-20T00:30:00", False),
        ("2026-11-22T00:30:00", False),
    ],
)
def test_the_hours_after_midnight_belong_to_the_day_before(local: str, opens: bool) -> None:
    assert plan_opens(NIGHT, HOME, ELSEWHERE, datetime.fromisoformat(local)) == opens


def test_a_night_from_sunday_goes_on_into_monday() -> None:
    sunday = Plan("SUN", "everywhere", frozenset({6}), "20:00", "25:00")
    assert plan_opens(sunday, HOME, ELSEWHERE, datetime.fromisoformat("2026-11-23T00:59:00"))
    assert not plan_opens(sunday, HOME, ELSEWHERE, datetime.fromisoformat("2026-11-22T00:59:00"))


@given(local=st.datetimes())
def test_a_plan_for_every_day_and_hour_is_never_shut(local: datetime) -> None:
    always = Plan("FULL", "everywhere", frozenset(range(7)), "00:00", "24:00")
    assert plan_opens(always, HOME, ELSEWHERE, local)


def test_a_home_plan_opens_the_home_alone() -> None:
    at_home = Plan("HOME", "home", frozenset(range(7)), "00:00", "24:00")
    local = datetime.fromisoformat("2026-11-18T10:00:00")
    assert plan_opens(at_home, HOME, HOME, local)
    assert not plan_opens(at_home, HOME, ELSEWHERE, local)


NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(days=-400), timedelta(days=400))


@given(wrong_by=SPANS, age=st.timedeltas(timedelta(0), timedelta(days=7)))
def test_a_scan_gets_its_true_time_however_wrong_the_devices_clock(wrong_by: timedelta, age: timedelta) -> None:
    assert corrected_time(NOW - age + wrong_by, NOW + wrong_by, NOW) == NOW - age


@given(scanned=SPANS, device=SPANS)
def test_no_scan_is_in_the_future(scanned: timedelta, device: timedelta) -> None:
    assert corrected_time(NOW + scanned, NOW + device, NOW) <= NOW


def test_a_clock_at_the_end_of_the_calendar_is_no_error() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert corrected_time(first, last, NOW) == NOW
    assert corrected_time(last, first, NOW) == NOW
