"""Where Chromium is, and what happens to the tests marked ``browser`` where there is none.

Elsewhere than in CI they are left out, and the last lines of the run say so in so many words; in CI (``CI``
set) the run does not even start. ``PASSAPP_TEST_CHROMIUM`` names another browser; one that is not there is an
error.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = "THE BROWSER TESTS WERE LEFT OUT: there is no Chromium on this machine."
ADVICE = "sudo apt install chromium (or set PASSAPP_TEST_CHROMIUM to another browser's path)"
PATIENCE = 15_000
"""Milliseconds that a page may take here: two shared cores."""
left_out = pytest.StashKey[bool]()


def find_chromium() -> Path | None:
    """Find the browser: ``PASSAPP_TEST_CHROMIUM``, else the machine's own, else None."""
    named = os.environ.get("PASSAPP_TEST_CHROMIUM")
    for name in [named] if named else NAMES:
        if found := shutil.which(name):
            return Path(found)
    if named:
        msg = f"PASSAPP_TEST_CHROMIUM is {named!r}: there is no such program"
        raise pytest.UsageError(msg)
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Look for Chromium once, before anything runs."""
    config.stash[left_out] = find_chromium() is None
    if config.stash[left_out] and os.environ.get("CI"):
        msg = f"no Chromium: in CI the browser tests are not left out. {ADVICE}"
        raise pytest.UsageError(msg)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser."""
    if config.stash[left_out]:
        alone = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if item not in alone]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, where it cannot be overlooked."""
    if config.stash[left_out]:
        for line in framed((MISSING, ADVICE)):
            terminalreporter.write_line(line, yellow=True, bold=True)


def framed(lines: Iterable[str]) -> list[str]:
    """These lines in a frame of asterisks."""
    lines = list(lines)
    width = max(map(len, lines)) + 4
    return ["", "*" * width, *(f"* {line.ljust(width - 4)} *" for line in lines), "*" * width]
