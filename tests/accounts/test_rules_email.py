"""When two e-mail addresses are one, and which are refused."""

import pytest

from passapp.accounts.rules import canonical_email

CYRILLIC_A = "\u0430"
FULL_WIDTH_L = "\uff4c"
WIDE_E = "\uff45"
ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    "text", ["lea@example.org", "LEA@example.org", "Lea@EXAMPLE.ORG", f"lea@{WIDE_E}xample.org", "lea@example。org"]
)
def test_capitals_and_wide_letters_of_the_domain_make_no_other_person(text):
    assert canonical_email(text) == "lea@example.org"


@pytest.mark.parametrize("text", ["léa@example.org", f"le{CYRILLIC_A}@example.org", f"{FULL_WIDTH_L}ea@example.org"])
def test_before_the_at_sign_a_letter_that_only_looks_like_ours_is_refused(text):
    with pytest.raises(ValueError, match="Internationalized characters before the @-sign are not supported"):
        canonical_email(text)


def test_a_domain_in_another_script_is_itself_and_not_the_one_that_it_looks_like():
    assert canonical_email(f"lea@ex{CYRILLIC_A}mple.org") == "lea@xn--exmple-4nf.org"
    assert canonical_email("lea@Café.example.org") == "lea@xn--caf-dma.example.org"


def test_a_domain_in_ascii_form_and_the_same_in_letters_are_one():
    assert canonical_email("lea@XN--CAF-DMA.example.org") == canonical_email("lea@café.example.org")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lea",
        "lea@",
        "@example.org",
        "lea@example",
        "lea@@example.org",
        "lea@example.org\nBcc: max@example.org",
        "lea@example.org\r\n",
        "lea\0@example.org",
        f"lea{ZERO_WIDTH}@example.org",
        f"lea@exam{ZERO_WIDTH}ple.org.",
        "Léa <lea@example.org>",
        '"lea max"@example.org',
        "lea@[127.0.0.1]",
        "lea@localhost",
        "lea@example.org, max@example.org",
        "a" * 65 + "@example.org",
        "lea@" + "a" * 64 + ".org",
        "lea@" + "a.b" * 100 + ".org",
        "\ud800@example.org",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        canonical_email(text)


@pytest.mark.parametrize("text", ["lea+pass@example.org", "le.a@example.org", "o'brien@example.org"])
def test_a_plus_a_dot_and_an_apostrophe_are_part_of_the_address(text):
    assert canonical_email(text) == text
