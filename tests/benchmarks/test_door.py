"""The benchmark of the door still runs; nothing is timed here."""

import re

import pytest

from benchmarks import door
from benchmarks.decoders import AS_THE_DOOR, pass_texts, read_with
from benchmarks.frames import EASY, code_of, frame
from passapp.passes.qr import LARGEST_VERSION, version_of
from tests.pictures import read

PARTS = [
    "reading",
    pytest.param("screen", marks=pytest.mark.browser),
    "upload",
    pytest.param("weight", marks=pytest.mark.browser),
    pytest.param("lighthouse", marks=pytest.mark.browser),
]
ROWS = {
    "reading": r"\| (live|short-lived|card) \| \d+ \| \d+ \| \d+ px",
    "screen": r"\| (live|card) \| 2 \| 2 \| \d+ ms \| \d+ ms \| ok \|",
    "upload": r"\| live passes in batches of 20, [12] clients? \| [\d,]+ \| \d\.\d\d",
    "weight": r"\| (/pass|/door) \| \d+\.\d kB \| \d+ \|",
    "lighthouse": r"\| / \| \d+ \| \d+ \| \d+",
}
COUNTS = {"reading": 3, "screen": 2, "upload": 2, "weight": 2, "lighthouse": 1}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_the_benchmark_runs_and_fills_its_table(part, tmp_path, capsys):
    door.MEASURE[part](tmp_path, door.QUICK)
    assert len(re.findall(ROWS[part], capsys.readouterr().out)) == COUNTS[part]


@pytest.mark.parametrize("form", ["live", "short-lived", "card"])
def test_the_passes_that_are_held_up_are_no_larger_than_the_rules_allow(form):
    assert version_of(pass_texts()[form]) <= LARGEST_VERSION


def test_the_same_seed_gives_the_same_picture():
    code = code_of("CP1:ABC")
    assert frame(code, 240, EASY, seed=1).tobytes() == frame(code, 240, EASY, seed=1).tobytes()
    assert frame(code, 240, EASY, seed=1).tobytes() != frame(code, 240, EASY, seed=2).tobytes()


def test_a_picture_holds_the_pass_as_another_decoder_reads_it_too(tmp_path):
    text = pass_texts()["live"]
    assert read(frame(code_of(text), 480, EASY, seed=3)) == [text]
    found = read_with([AS_THE_DOOR], tmp_path, text, EASY, 480, 2)[AS_THE_DOOR]
    assert (found.read, found.shown) == (2, 2)
