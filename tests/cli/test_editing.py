"""What was written down is corrected from the terminal; and the demo keeps off a real network."""

import pytest


def test_a_member_is_corrected_and_found_by_what_is_new(terminal):
    terminal.ok("members", "add", "Lea", "Bertin", "hangar", "--email", "lea@example.org")
    terminal.ok("members", "edit", "lea@example.org", "--given-name", "Léa", "--reference", "HGR-1")
    assert "Léa Bertin" in terminal.ok("members", "list", "hgr-1")


def test_a_place_is_corrected(terminal):
    terminal.ok("places", "edit", "moulin", "--town", "Thionville")
    assert "Thionville" in terminal.ok("places", "list")


@pytest.mark.parametrize(
    "words,told",
    [
        (("places", "edit", "atlantis", "--town", "Caen"), "no such place"),
        (("places", "edit", "moulin", "--zone", "Mars/Base"), "zone"),
        (("members", "edit", "nobody@example.org", "--given-name", "Max"), "no such member"),
    ],
)
def test_a_correction_that_is_not_valid_is_told_why(terminal, words, told):
    assert told in terminal.fails(*words)


def test_the_demo_does_not_touch_a_real_network(terminal):
    assert "real network" in terminal.fails("demo")
