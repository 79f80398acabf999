"""Cents, and how they are rounded and shared out (settlement R1, R12)."""

from decimal import ROUND_HALF_UP, Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.settlement.rules.amounts import divide, largest_remainder, share

CENTS = st.integers(-(10**9), 10**9)


@pytest.mark.parametrize(
    "cents, basis_points, expected",
    [(50, 500, 3), (-50, 500, -3), (49, 500, 2), (10, 500, 1), (9, 500, 0), (1000, 2000, 200), (0, 10_000, 0)],
)
def test_a_half_is_rounded_away_from_zero(cents, basis_points, expected):
    assert share(cents, basis_points) == expected


@given(CENTS, st.integers(1, 10**6))
def test_a_quotient_is_what_a_decimal_rounded_half_up_says(numerator, denominator):
    exact = Decimal(numerator) / Decimal(denominator)
    assert divide(numerator, denominator) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(CENTS, st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 1000)))
def test_what_is_shared_out_adds_up_to_the_last_cent(amount, weights):
    shares = largest_remainder(amount, weights)
    assert sum(shares.values()) == (amount if any(weights.values()) else 0)
    assert all(abs(cents * sum(weights.values()) - amount * weights[code]) < sum(weights.values()) or not cents
               for code, cents in shares.items())  # fmt: skip


def test_the_last_cents_go_to_the_largest_remainders_then_to_the_lowest_code():
    assert largest_remainder(100, {"c": 1, "a": 1, "b": 1}) == {"c": 33, "a": 34, "b": 33}
    assert largest_remainder(10, {"a": 1, "b": 2}) == {"a": 3, "b": 7}
    assert largest_remainder(-100, {"b": 1, "a": 1, "c": 1}) == {"b": -33, "a": -34, "c": -33}


def test_a_weight_of_nothing_gets_nothing():
    assert largest_remainder(1, {"a": 0, "b": 3}) == {"a": 0, "b": 1}
    assert largest_remainder(100, {"a": 0}) == {"a": 0}
