"""vdirsyncer (PyPI) follows a calendar of ours over the network: what it has once, it never copies again."""

import subprocess
import sys
from pathlib import Path

from passapp.bookings import service
from tests.bookings.calendars.test_feeds import mine
from tests.bookings.rooms import book, do, room, wanted
from tests.served import served

SECONDS = 120
CONFIG = """
[general]
status_path = "{folder}/status/"

[pair followed]
a = "theirs"
b = "ours"
collections = null
conflict_resolution = "a wins"

[storage theirs]
type = "http"
url = "{url}"

[storage ours]
type = "filesystem"
path = "{folder}/calendar/"
fileext = ".ics"
"""


def run(config, command):
    """One of its commands; gives what it says it did."""
    program = str(Path(sys.executable).with_name("vdirsyncer"))
    ran = subprocess.run(
        [program, "--config", str(config), command], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return [line for line in (ran.stdout + ran.stderr).splitlines() if "opying" in line or "eleting" in line]


def test_the_second_sync_of_a_calendar_is_empty_and_a_change_is_one_of_one_event(world, tmp_path):
    lea, salle = world.member(), room(world)
    booked = [book(world, salle, lea, hour * 60, title=f"Réunion {hour}") for hour in range(3)]
    path, calendar, config = mine(world, lea), tmp_path / "calendar", tmp_path / "config"
    calendar.mkdir()
    with served(world.app, world.settings) as address:
        config.write_text(CONFIG.format(folder=tmp_path, url=f"{address}{path}"), encoding="utf-8")
        run(config, "discover")
        assert len(run(config, "sync")) == 3
        files = {file.name: file.stat().st_mtime_ns for file in calendar.iterdir()}
        assert len(files) == 3
        assert run(config, "sync") == []
        assert {file.name: file.stat().st_mtime_ns for file in calendar.iterdir()} == files
        do(world, service.move, booked[0], wanted(300))
        # It knows an event by its bytes: another one is copied, and the one before goes.
        assert [line.split()[0] for line in sorted(run(config, "sync"))] == ["Copying", "Deleting"]
        assert run(config, "sync") == []
