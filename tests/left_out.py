"""What happens to the tests that need a program of the machine, where it is not there (a pytest plugin).

Elsewhere than in CI they are left out, and the last lines of the run say so in so many words; in CI (``CI`` set) the
run does not even start.
"""

import ctypes.util
import os
from collections.abc import Callable, Iterable
from shutil import which
from typing import Final, NamedTuple

import pytest

from tests.chromium import find_chromium


class Needed(NamedTuple):
    """What tests marked with ``marker`` need, whether it ``is_there``, and what to do where it is not."""

    marker: str
    name: str
    is_there: Callable[[], object]
    advice: str


NEEDED: Final = (
    Needed(
        "browser",
        "Chromium",
        find_chromium,
        "sudo apt install chromium (or set PASSAPP_TEST_CHROMIUM to another browser's path)",
    ),
    Needed("libical", "libical", lambda: ctypes.util.find_library("ical"), "sudo apt install libical3"),
    Needed("hledger", "hledger", lambda: which("hledger"), "sudo apt install hledger"),
    Needed("poppler", "poppler", lambda: which("pdfinfo") and which("pdftotext"), "sudo apt install poppler-utils"),
)
missing: Final = pytest.StashKey[list[Needed]]()


def pytest_configure(config: pytest.Config) -> None:
    """Look for all of it once, before anything runs."""
    config.stash[missing] = [each for each in NEEDED if not each.is_there()]
    if config.stash[missing] and os.environ.get("CI"):
        said = (f"no {each.name}: in CI its tests are not left out. {each.advice}" for each in config.stash[missing])
        raise pytest.UsageError("\n".join(said))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave those tests out that cannot run here."""
    markers = [each.marker for each in config.stash[missing]]
    alone = [item for item in items if any(map(item.get_closest_marker, markers))]
    config.hook.pytest_deselected(items=alone)
    items[:] = [item for item in items if item not in alone]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, where it cannot be overlooked."""
    for each in config.stash[missing]:
        said = f"THE TESTS WITH {each.name.upper()} WERE LEFT OUT: there is no {each.name} on this machine."
        for line in framed((said, each.advice)):
            terminalreporter.write_line(line, yellow=True, bold=True)


def framed(lines: Iterable[str]) -> list[str]:
    """These lines in a frame of asterisks."""
    lines = list(lines)
    width = max(map(len, lines)) + 4
    return ["", "*" * width, *(f"* {line.ljust(width - 4)} *" for line in lines), "*" * width]
