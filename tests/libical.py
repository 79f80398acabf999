"""Where libical is, and what happens to the tests marked ``libical`` where it is not: as with Chromium."""

import ctypes.util
import os

import pytest

from tests.chromium import framed

MISSING = "THE TESTS WITH LIBICAL WERE LEFT OUT: there is no libical on this machine."
ADVICE = "sudo apt install libical3"
left_out = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Look for it once, before anything runs."""
    config.stash[left_out] = ctypes.util.find_library("ical") is None
    if config.stash[left_out] and os.environ.get("CI"):
        msg = f"no libical: in CI its tests are not left out. {ADVICE}"
        raise pytest.UsageError(msg)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave its tests out where there is none."""
    if config.stash[left_out]:
        alone = [item for item in items if item.get_closest_marker("libical")]
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if item not in alone]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, where it cannot be overlooked."""
    if config.stash[left_out]:
        for line in framed((MISSING, ADVICE)):
            terminalreporter.write_line(line, yellow=True, bold=True)
