"""Settlement R4 as a pure rule: how many units a visit is."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passapp.door.rules import CheckIn, units_of

PERSON, HOST, HOME = UUID(int=1), UUID(int=2), UUID(int=3)
PARIS, REUNION = "Europe/Paris", "Indian/Reunion"
DAY = date(2026, 11, 18)
MIDNIGHT = datetime(2026, 11, 18, tzinfo=ZoneInfo(PARIS))


def came(clock, number=1, zone=PARIS, **fields):
    """A check-in at a time of the host's clock."""
    at = datetime.fromisoformat(f"{DAY}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return CheckIn(UUID(int=number), PERSON, HOST, DAY, at, fields.pop("home_id", HOME), **fields)


def half_days(*check_ins, zone=PARIS):
    return units_of(check_ins, "half_day", zone)


def test_a_morning_is_one_half_day_however_often_somebody_comes():
    assert half_days(came("00:00"), came("09:00", 2), came("12:59:59", 3)) == 1


def test_an_afternoon_begins_at_13_by_the_hosts_clock():
    assert half_days(came("13:00"), came("23:59", 2)) == 1
    assert half_days(came("12:59:59"), came("13:00", 2)) == 2


def test_the_slot_is_that_of_the_hosts_clock_not_of_another():
    in_paris = came("09:30")  # 12:30 on Réunion
    later = came("10:30", 2)  # 13:30 there
    assert half_days(in_paris, later) == 1
    assert half_days(in_paris, later, zone=REUNION) == 2


def test_a_declared_full_day_is_both_half_days():
    assert half_days(came("09:00", full_day=True)) == 2
    assert half_days(came("09:00"), came("10:00", 2, full_day=True)) == 2


@pytest.mark.parametrize("fields", [{"undone": True}, {"admitted": False}, {"home_id": None}])
def test_what_does_not_stand_counts_no_half_day(fields):
    assert half_days(came("09:00"), came("14:00", 2, **fields)) == 1
    assert half_days(came("09:00"), came("10:00", 2, full_day=True, **fields)) == 1


def test_where_visits_are_counted_a_day_is_one():
    assert units_of([came("09:00"), came("14:00", 2, full_day=True)], "visit", PARIS) == 1


check_ins = st.lists(
    st.builds(
        lambda number, minutes, admitted, undone, full_day: CheckIn(
            UUID(int=number + 1),
            PERSON,
            HOST,
            DAY,
            (MIDNIGHT + timedelta(minutes=minutes)).astimezone(UTC),
            HOME,
            admitted,
            undone,
            full_day,
        ),
        st.integers(0, 1000),
        st.integers(0, 24 * 60 - 1),
        st.booleans(),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=8,
)


@given(check_ins, st.randoms())
def test_the_units_do_not_depend_on_the_order_of_the_check_ins(day, random):
    shuffled = random.sample(day, len(day))
    assert half_days(*shuffled) == half_days(*day)


@given(check_ins)
def test_the_units_are_the_slots_counted_by_hand(day):
    slots = set()
    for each in day:
        if each.admitted and not each.undone:
            minutes = (each.at - MIDNIGHT) // timedelta(minutes=1)
            slots |= {"morning", "afternoon"} if each.full_day else {"morning" if minutes < 13 * 60 else "afternoon"}
    assert half_days(*day) == max(1, len(slots))


@given(check_ins, check_ins)
def test_another_check_in_never_takes_a_unit_away(day, more):
    assert half_days(*day, *more) >= half_days(*day)
