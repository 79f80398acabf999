import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passapp.passes.encoding import INDICES, decode_index, encode_index
from passapp.passes.rules import draw_short_code, print_short_code, read_short_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEEDS = st.integers(0, 2**32)


def drawn(seed: int) -> str:
    return draw_short_code(random.Random(seed).getrandbits)


@given(index=st.integers(0, INDICES - 1))
def test_an_index_is_read_as_it_was_written(index: int) -> None:
    assert decode_index(encode_index(index)) == index


@given(symbols=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-+ é", max_size=6))
def test_an_index_has_one_spelling_only(symbols: str) -> None:
    index = decode_index(symbols)
    assert index is None or encode_index(index) == symbols


@pytest.mark.parametrize("index", [-1, INDICES])
def test_no_index_lies_outside_the_list(index: int) -> None:
    with pytest.raises(ValueError, match="status list"):
        encode_index(index)


@given(seed=SEEDS)
def test_a_short_code_is_read_as_it_was_drawn(seed: int) -> None:
    code = drawn(seed)
    assert len(code) == 8
    assert set(code) <= set(ALPHABET)
    assert read_short_code(code) == code


@given(seed=SEEDS)
def test_every_wrong_character_in_a_short_code_is_caught(seed: int) -> None:
    code = drawn(seed)
    for place, right in enumerate(code):
        for wrong in set(ALPHABET) - {right}:
            assert read_short_code(code[:place] + wrong + code[place + 1 :]) is None


@given(seed=SEEDS)
def test_every_swap_of_two_neighbours_in_a_short_code_is_caught(seed: int) -> None:
    code = drawn(seed)
    for place, (left, right) in enumerate(pairwise(code)):
        swapped = code[:place] + right + left + code[place + 2 :]
        assert left == right or read_short_code(swapped) is None


@pytest.mark.parametrize("typed", ["oLi0-1I1o", " 0 1 1 0 - 1 1 1 0 ", "0110–1110", "0110\u00a01110", "01101110\n"])
def test_a_short_code_is_read_as_people_type_it(typed: str) -> None:
    assert read_short_code(typed) == "01101110"


@pytest.mark.parametrize(
    "typed",
    ["", "0110111", "011011100", "0110111U", "0110111*", "0110111\N{ARABIC-INDIC DIGIT ZERO}", "0" * 10_000],
)
def test_anything_else_is_no_short_code(typed: str) -> None:
    assert read_short_code(typed) is None


def test_a_draw_without_a_plain_check_character_is_thrown_away() -> None:
    draws = iter([32, 36, 37 + 33, 38])
    assert draw_short_code(lambda _: next(draws)) == "00000161"


def test_a_short_code_is_printed_in_two_groups() -> None:
    assert print_short_code("K7M29QX4") == "K7M2-9QX4"
