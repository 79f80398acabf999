"""What a policy allows, and what a cancellation costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.bookings.rules import (
    Approval,
    Asker,
    Audience,
    Policy,
    Tier,
    cancellation_fee,
    claimed,
    flaws_of,
    is_no_show,
    needs_approval,
    span_between,
)
from passapp.kernel.clock import zone_named
from passapp.places.rules import Day, Opening, days_between

PARIS = zone_named("Europe/Paris")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)  # 9:00 in Paris
WEEK = tuple(Day(day, (Opening(480, 1200),)) for day in days_between(NOW.date(), NINE.date() + timedelta(400)))
OWN, VISITOR = Asker(is_own_member=True), Asker(is_own_member=False)


def flaws(policy=None, asker=OWN, *, starts=NINE, minutes=60, people=2, capacity=8, now=NOW):
    span = span_between(starts, starts + timedelta(minutes=minutes), PARIS)
    found = flaws_of(span, policy or Policy(), asker, WEEK, now, people=people, capacity=capacity)
    return [flaw.code for flaw in found]


def test_a_plain_hour_next_week_may_be_booked():
    assert flaws() == []


@pytest.mark.parametrize(
    "code,given",
    [
        ("ends_before_it_starts", {"minutes": 0}),
        ("ends_before_it_starts", {"minutes": -60}),
        ("off_the_grid", {"minutes": 50}),
        ("off_the_grid", {"starts": NINE + timedelta(seconds=30)}),
        ("too_short", {"policy": Policy(shortest=90)}),
        ("too_long", {"policy": Policy(longest=30)}),
        ("in_the_past", {"now": NINE + timedelta(minutes=1)}),
        ("too_soon", {"policy": Policy(notice=24 * 60), "now": NINE - timedelta(hours=23)}),
        ("too_far_ahead", {"policy": Policy(advance_days=4)}),
        ("too_far_ahead", {"starts": NOW.replace(hour=9) + timedelta(days=366)}),
        ("too_far_ahead", {"policy": Policy(visitor_advance_days=2), "asker": VISITOR}),
        ("outside_opening_hours", {"starts": NINE - timedelta(hours=2)}),
        ("not_for_you", {"policy": Policy(audience=Audience.OWN_MEMBERS), "asker": VISITOR}),
        ("not_for_you", {"asker": Asker(is_own_member=False, is_member=False)}),
        ("not_active", {"asker": Asker(is_own_member=False, is_member=False, is_suspended=True)}),
        ("not_trained", {"policy": Policy(needs_training=True)}),
        ("too_many_people", {"people": 9}),
        ("too_many_bookings", {"policy": Policy(upcoming=2), "asker": replace(OWN, upcoming=2)}),
        ("weekly_quota", {"policy": Policy(weekly_minutes=120), "asker": replace(OWN, week_minutes=75)}),
        ("monthly_quota", {"policy": Policy(monthly_minutes=120), "asker": replace(OWN, month_minutes=75)}),
    ],
)
def test_what_a_policy_refuses(code, given):
    assert flaws(**given) == [code]


@pytest.mark.parametrize(
    "given",
    [
        {"policy": Policy(is_always_open=True), "starts": NINE - timedelta(hours=7)},
        {"policy": Policy(visitor_advance_days=2)},
        {"policy": Policy(audience=Audience.PUBLIC), "asker": Asker(is_own_member=False, is_member=False)},
        {"policy": Policy(needs_training=True), "asker": replace(OWN, is_trained=True)},
        {"policy": Policy(weekly_minutes=120), "asker": replace(OWN, week_minutes=60)},
        {"people": 8},
        {"now": NINE},
    ],
    ids=["open day and night", "own members see later", "the public", "trained", "quota just held", "full", "now"],
)
def test_what_a_policy_just_allows(given):
    assert flaws(**given) == []


def test_all_that_speaks_against_it_is_said_at_once():
    policy = Policy(longest=30, audience=Audience.OWN_MEMBERS, upcoming=0)
    assert flaws(policy, VISITOR, minutes=50, people=20) == [
        "off_the_grid",
        "too_long",
        "not_for_you",
        "too_many_people",
        "too_many_bookings",
    ]


@pytest.mark.parametrize(
    "approval,asker,waits",
    [
        (Approval.NEVER, VISITOR, False),
        (Approval.VISITORS, VISITOR, True),
        (Approval.VISITORS, OWN, False),
        (Approval.ALWAYS, OWN, True),
    ],
)
def test_whose_bookings_wait_for_an_answer(approval, asker, waits):
    assert needs_approval(Policy(approval=approval), asker) == waits


def test_a_booking_takes_the_room_from_set_up_to_tear_down():
    span = span_between(NINE, NINE + timedelta(hours=1), PARIS)
    taken = claimed(span, Policy(set_up=30, tear_down=15))
    assert taken == (NINE - timedelta(minutes=30), NINE + timedelta(minutes=75))


TIERED = Policy(tiers=(Tier(48, 0), Tier(24, 50)), late_fee_percent=100)


@pytest.mark.parametrize(
    "hours,fee",
    [(72, 0), (48, 0), (47, 600), (24, 600), (23, 1201), (0, 1201), (-1, 1201)],
    ids=str,
)
def test_a_cancellation_costs_what_the_time_left_says(hours, fee):
    found = cancellation_fee(1201, NINE, TIERED, NINE - timedelta(hours=hours))
    assert found == (601 if fee == 600 else fee)


@given(st.integers(0, 10**6), st.integers(-100, 2000), st.integers(0, 2000))
def test_waiting_never_makes_a_cancellation_cheaper_and_it_never_costs_more_than_the_booking(price, hours, later):
    early = cancellation_fee(price, NINE, TIERED, NINE - timedelta(hours=hours))
    late = cancellation_fee(price, NINE, TIERED, NINE - timedelta(hours=hours - later))
    assert 0 <= early <= late <= price


def test_without_tiers_a_cancellation_costs_nothing():
    assert cancellation_fee(1200, NINE, Policy(), NINE) == 0


def test_a_room_is_released_when_nobody_came_within_the_grace_time():
    assert not is_no_show(NINE, Policy(), NINE + timedelta(minutes=14), has_come=False)
    assert is_no_show(NINE, Policy(), NINE + timedelta(minutes=15), has_come=False)
    assert not is_no_show(NINE, Policy(), NINE + timedelta(minutes=15), has_come=True)
    assert not is_no_show(NINE, Policy(grace=None), NINE + timedelta(days=1), has_come=False)
