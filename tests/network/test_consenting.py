"""When the places have agreed to new rules."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.network.rules import Answers, ConsentRule

ALL, TWO_THIRDS, MAJORITY = ConsentRule


@pytest.mark.parametrize(
    "rule, places, needed",
    [
        (ALL, 3, 3),
        (TWO_THIRDS, 3, 2),
        (TWO_THIRDS, 4, 3),
        (TWO_THIRDS, 1, 1),
        (MAJORITY, 2, 2),
        (MAJORITY, 3, 2),
        (MAJORITY, 4, 3),
        *((rule, 0, 0) for rule in ConsentRule),
    ],
)
def test_each_rule_needs_so_many_places(rule, places, needed):
    assert rule.needed(places) == needed


def test_nothing_is_decided_while_a_place_may_still_answer():
    assert Answers(3, 0, 2).agreed(ALL, silence_consents=True, is_over=False) is None
    assert Answers(3, 2, 0).agreed(MAJORITY, silence_consents=True, is_over=False) is None


def test_it_is_decided_when_the_last_place_has_answered():
    assert Answers(3, 2, 1).agreed(TWO_THIRDS, silence_consents=False, is_over=False) is True
    assert Answers(3, 2, 1).agreed(ALL, silence_consents=False, is_over=False) is False


def test_silence_agrees_where_the_network_says_so():
    assert Answers(5, 1, 0).agreed(ALL, silence_consents=True, is_over=True) is True
    assert Answers(5, 1, 0).agreed(ALL, silence_consents=False, is_over=True) is False


def test_one_objection_is_enough_where_all_must_agree():
    assert Answers(5, 0, 1).agreed(ALL, silence_consents=True, is_over=True) is False


def test_a_network_without_places_asks_nobody():
    assert Answers(0, 0, 0).agreed(ALL, silence_consents=False, is_over=False) is True


@given(st.sampled_from(ConsentRule), st.integers(1, 200), st.data(), st.booleans())
def test_one_more_place_that_agrees_never_turns_a_yes_into_a_no(rule, places, data, silence):
    consents = data.draw(st.integers(0, places - 1))
    before = Answers(places, consents, places - consents)
    after = Answers(places, consents + 1, places - consents - 1)
    said = [each.agreed(rule, silence_consents=silence, is_over=True) for each in (before, after)]
    assert said in ([False, False], [False, True], [True, True])
