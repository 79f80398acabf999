"""Where one goes after signing in: a page of this site, whatever the address of the sign-in page says."""

import json
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.accounts.rules import LONGEST_NEXT, safe_next

VECTORS = json.loads(Path(__file__).parents[1].joinpath("vectors/next_paths.json").read_text(encoding="utf-8"))
"""The web app's tests read them too."""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["text"]))
def test_only_a_path_of_this_site_is_gone_to(vector):
    assert safe_next(vector["text"]) == vector["goes_to"]


def test_no_path_is_the_home_page():
    assert safe_next(None) == "/"


def test_a_path_may_be_so_long_and_no_longer():
    longest = "/" + "a" * (LONGEST_NEXT - 1)
    assert safe_next(longest) == longest
    assert safe_next(longest + "a") == "/"


@given(st.text(alphabet="/\\.:%2eE@?#a\t\n x", max_size=12))
def test_whatever_is_made_of_such_characters_stays_on_this_site(text):
    gone_to = urlsplit(urljoin("https://pass.example/sign-in", safe_next(text)))
    assert (gone_to.scheme, gone_to.netloc) == ("https", "pass.example")
    assert not gone_to.path.startswith("//")
