"""What a booking costs, and who pays."""

from uuid import uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.bookings.rules import Advance, Customer, Payer, Rate, payer_of, price_of, rate_for

OWN, VISITOR = Customer(is_own_member=True, plan="TOUT", tier="solidaire"), Customer(is_own_member=False, plan="TOUT")
cents = st.integers(0, 50_000)
rates = st.builds(Rate, hour=cents, half_day=cents | st.none(), day=cents | st.none())


@pytest.mark.parametrize(
    "minutes,price",
    [(15, 200), (60, 800), (90, 1200), (240, 2500), (300, 3300), (480, 4500), (1440, 4500), (1500, 5300)],
)
def test_the_cheapest_way_to_pay_for_it(minutes, price):
    assert price_of(minutes, Rate(hour=800, half_day=2500, day=4500)) == price


def test_half_a_cent_is_rounded_up():
    assert price_of(15, Rate(hour=1002)) == 251


def test_what_has_no_price_is_free():
    assert price_of(600, None) == 0


@given(rates, st.integers(0, 5000), st.integers(0, 5000))
def test_longer_never_costs_less_and_never_more_than_by_the_hour(rate, minutes, more):
    assert 0 <= price_of(minutes, rate) <= price_of(minutes + more, rate) <= (rate.hour * (minutes + more) + 60) // 60


def test_the_row_that_says_most_of_whoever_books_counts():
    rates = [
        Rate(hour=1000),
        Rate(hour=800, is_home=True),
        Rate(hour=500, plan="TOUT"),
        Rate(hour=200, tier="solidaire"),
    ]
    assert rate_for(OWN, rates).hour == 200
    assert rate_for(Customer(is_own_member=True, plan="TOUT"), rates).hour == 500
    assert rate_for(Customer(is_own_member=True, plan="PETIT"), rates).hour == 800
    assert rate_for(Customer(is_own_member=False, plan="PETIT"), rates).hour == 1000


def test_a_tier_is_nobodys_business_but_the_homes():
    assert rate_for(Customer(is_own_member=False, tier="solidaire"), [Rate(hour=200, tier="solidaire")]) is None


@pytest.mark.parametrize(
    "price,advance,payer",
    [
        (1200, None, Payer.MEMBER),
        (1200, Advance(uuid4(), None, 0), Payer.HOME),
        (1200, Advance(uuid4(), 5000, 3800), Payer.HOME),
        (1200, Advance(uuid4(), 5000, 3801), Payer.MEMBER),
        (0, Advance(uuid4(), None, 0), Payer.MEMBER),
    ],
    ids=["no advance", "no ceiling", "up to the ceiling", "past the ceiling", "nothing to pay"],
)
def test_who_pays(price, advance, payer):
    assert payer_of(price, advance) is payer
