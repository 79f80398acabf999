"""From what a clock on the wall shows to the instant it means, in every zone of France and a sample of others."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
from hypothesis import example, given, settings

from passapp.kernel.clock import zone_named
from passapp.kernel.wall_time import after_the_gap, closing_instant, instants_of, local_date, opening_instant

# ruff: noqa: DTZ001  (what a wall shows has no zone)

FRANCE = [
    "Europe/Paris",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Marigot",
    "America/Miquelon",
    "America/St_Barthelemy",
    "Indian/Kerguelen",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Gambier",
    "Pacific/Marquesas",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
]
# Half-hour jumps, a day that was left out, jumps at midnight, negative summer time.
OTHERS = [
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Europe/Dublin",
    "Asia/Tehran",
    "UTC",
]
PARIS, REUNION = zone_named("Europe/Paris"), zone_named("Indian/Reunion")
zones = st.sampled_from(FRANCE + OTHERS).map(zone_named)
locals_ = st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30)).map(lambda at: at.replace(second=0, microsecond=0))
near_a_change = st.sampled_from(
    [datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30), datetime(2026, 4, 5, 1, 45)]
)
wall_times = locals_ | st.builds(lambda at, by: at + timedelta(minutes=by), near_a_change, st.integers(-180, 180))
days = st.dates(date(2000, 1, 2), date(2100, 12, 30))
minutes = st.integers(0, 2880)


def shown(at, zone):
    return at.astimezone(zone).replace(tzinfo=None)


@given(wall_times, zones)
@settings(max_examples=400)
def test_each_instant_of_a_wall_time_shows_that_time_and_there_are_none_one_or_two(local, zone):
    instants = instants_of(local, zone)
    assert len(instants) <= 2
    assert list(instants) == sorted(set(instants))
    assert all(shown(at, zone).replace(fold=0) == local for at in instants)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC)), zones)
@settings(max_examples=400)
def test_no_instant_is_lost_it_is_one_of_those_of_the_time_it_shows(at, zone):
    assert at in instants_of(shown(at, zone).replace(fold=0), zone)


@given(wall_times, zones)
@settings(max_examples=400)
def test_a_time_that_does_not_exist_means_the_one_as_far_after_the_jump(local, zone):
    if instants_of(local, zone):
        return
    after = after_the_gap(local, zone)
    assert shown(after, zone) > local
    jump = shown(after, zone) - local
    assert instants_of(local + jump, zone) == (after,)


@given(days, minutes, minutes, zones)
@example(date(2026, 3, 29), 120, 180, PARIS)
@example(date(2026, 10, 25), 120, 180, PARIS)
@settings(max_examples=400)
def test_what_opens_before_it_closes_on_the_wall_does_so_in_fact(day, opens, closes, zone):
    opens, closes = min(opens, closes), max(opens, closes)
    assert opening_instant(day, opens, zone) <= closing_instant(day, closes, zone)


@given(days, minutes, zones)
@settings(max_examples=400)
def test_an_opening_is_never_after_the_closing_of_the_same_minute(day, minute, zone):
    assert opening_instant(day, minute, zone) <= closing_instant(day, minute, zone)


@given(days, st.integers(0, 2879), zones)
@settings(max_examples=400)
def test_opening_instants_follow_the_wall(day, minute, zone):
    assert closing_instant(day, minute, zone) <= closing_instant(day, minute + 1, zone) or not instants_of(
        datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute), zone
    )


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC)))
def test_reunion_has_no_summer_time(at):
    assert shown(at, REUNION) == at.replace(tzinfo=None) + timedelta(hours=4)


def test_half_past_two_does_not_exist_in_paris_when_summer_begins():
    local = datetime(2026, 3, 29, 2, 30)
    assert instants_of(local, PARIS) == ()
    assert shown(after_the_gap(local, PARIS), PARIS) == datetime(2026, 3, 29, 3, 30)


def test_half_past_two_exists_twice_in_paris_when_winter_begins():
    first, second = instants_of(datetime(2026, 10, 25, 2, 30), PARIS)
    assert (first, second - first) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), timedelta(hours=1))


def test_the_repeated_hour_is_open_twice():
    day = date(2026, 10, 25)
    lasts = closing_instant(day, 3 * 60, PARIS) - opening_instant(day, 2 * 60, PARIS)
    assert lasts == timedelta(hours=2)


def test_a_night_with_the_jump_in_it_is_an_hour_shorter():
    night = date(2026, 3, 28)
    lasts = closing_instant(night, 26 * 60, PARIS) - opening_instant(night, 18 * 60, PARIS)
    assert lasts == timedelta(hours=8)
    assert closing_instant(night, 28 * 60, PARIS) - opening_instant(night, 18 * 60, PARIS) == timedelta(hours=9)


def test_the_day_that_samoa_left_out_has_no_instants():
    assert instants_of(datetime(2011, 12, 30, 12), zone_named("Pacific/Apia")) == ()


def test_a_late_evening_in_paris_is_the_next_day_in_reunion():
    at = datetime(2026, 11, 30, 21, 30, tzinfo=UTC)
    assert (local_date(at, PARIS), local_date(at, REUNION)) == (date(2026, 11, 30), date(2026, 12, 1))


def test_zones_come_from_the_tzdata_package_and_never_from_the_machine():
    import zoneinfo  # noqa: PLC0415

    assert zoneinfo.TZPATH == ()
    assert ZoneInfo("Europe/Paris") is PARIS
