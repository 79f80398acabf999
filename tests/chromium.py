"""Where Chromium is: ``PASSAPP_TEST_CHROMIUM`` names another browser; one that is not there is an error."""

import os
import shutil
from pathlib import Path

import pytest

# Without windows where there is such a package (Debian): a fifth less to compute.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATIENCE = 15_000
"""Milliseconds that a page may take here: two shared cores."""


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
