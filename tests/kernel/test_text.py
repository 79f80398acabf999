"""What people type, in a file that a spreadsheet opens."""

import pytest

from passapp.kernel.text import spreadsheet_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+33", "-2", "@a", "\t=1", "\uff1d1", "\u200e=1", "\ufeff=1", " =1", "\u00a0+1"]
)
def test_what_would_run_as_a_formula_is_made_plain(text):
    assert spreadsheet_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Léa", "", "1=1", "Saint-Denis", "a@b.example", "\u200e"])
def test_any_other_text_stays_as_it_is(text):
    assert spreadsheet_cell(text) == text
