"""``passapp serve`` and ``passapp tick``: a server as an operator starts it, and its settings."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.error import URLError

import pytest

from passapp.cli import running
from passapp.kernel.clock import system_clock
from passapp.kernel.ticking import Chore
from passapp.running import chores

TOKEN = "0123456789abcdef"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def ask(port, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


@contextlib.contextmanager
def served(tmp_path, *options, **settings):
    """A server in a process of its own; gives its port and the process, and what it logs in ``tmp_path/log``."""
    port = free_port()
    own = {"PASSAPP_PORT": str(port), "PASSAPP_LOG_FORMAT": "json", "PASSAPP_METRICS_TOKEN": TOKEN}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "passapp", "serve", *options], env=os.environ | own | settings, stderr=log
        )
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                ask(port, "/health/ready")
                break
            except URLError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def logged(tmp_path):
    return [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


def test_a_server_whose_database_would_book_a_room_twice_does_not_start(terminal, tmp_path):
    with sqlite3.connect(tmp_path / "data" / "passapp.sqlite") as connection:
        connection.execute("DROP TRIGGER claim_overlaps_insert")
    assert "does not refuse to book a room twice" in terminal.fails("serve")


def test_a_server_migrates_serves_logs_ticks_and_stops(bare, tmp_path):
    with served(tmp_path, "--migrate") as (port, process):
        assert json.loads(ask(port, "/health/live")) == {"status": "ok"}
        page = ask(port, "/metrics")
        assert 'passapp_requests_total{method="GET",route="/health/ready",status="200"} 1.0' in page
    assert process.returncode in {0, -signal.SIGTERM}
    lines = logged(tmp_path)
    assert {"Application startup complete.", "Finished server process"} <= {
        line["event"].partition(" [")[0] for line in lines
    }
    assert [line for line in lines if line["level"] in {"warning", "error"}] == []
    assert TOKEN not in (tmp_path / "log").read_text()


def test_several_workers_count_together_and_one_process_ticks(terminal, tmp_path):
    with served(tmp_path, "--workers", "2") as (port, _):
        for _ in range(20):
            ask(port, "/health/live")
        counted = [line for line in ask(port, "/metrics").splitlines() if "/health/live" in line and "_total{" in line]
        assert counted == ['passapp_requests_total{method="GET",route="/health/live",status="200"} 20.0']
    lines = logged(tmp_path)
    assert len([line for line in lines if line["event"].startswith("Started server process")]) == 2
    done = [datetime.fromisoformat(line["timestamp"]) for line in lines if line.get("chore") == "sqlite"]
    assert all(later - before > timedelta(seconds=30) for before, later in pairwise(done))  # one a minute, not two


def test_tick_has_nothing_to_do_on_a_new_network(terminal, monkeypatch):
    monkeypatch.setattr(running, "chores", chores_but_sqlites)
    assert terminal.ok("tick") == terminal.ok("tick", "--dry-run") == "There is nothing to do.\n"


def chores_but_sqlites(settings):
    """The chores that do not depend on what SQLite's statistics hold."""
    return {name: chore for name, chore in chores(settings).items() if name != "sqlite"}


def test_tick_does_what_a_dry_run_says_and_has_nothing_to_do_a_second_time(terminal, monkeypatch):
    terminal.ok("grant", "camille@example.org", "coordinator")
    terminal.ok("link", "camille@example.org")
    monkeypatch.setattr(running, "chores", chores_but_sqlites)
    monkeypatch.setattr(running, "system_clock", lambda: system_clock() + timedelta(days=3))
    assert terminal.ok("tick", "--dry-run") == "sign_in_links: 1 would be done (expired sign-in links, to forget)\n"
    assert terminal.ok("tick") == "sign_in_links: 1 done\n"
    assert terminal.ok("tick") == "There is nothing to do.\n"


def test_a_chore_that_fails_ends_the_command_with_a_failure(terminal, monkeypatch):
    def fail(*_args):
        raise ValueError("row (Léa Bernard, lea@example.org) refused")

    monkeypatch.setattr(running, "chores", lambda _settings: {"bad": Chore(fail, fail)})
    result = terminal.run("tick")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("Failed: bad.\n")
    assert "ValueError" in result.stderr
    assert "Léa" not in result.stderr


@pytest.mark.parametrize(
    "setting, value, told",
    [
        ("PASSAPP_PORT", "many", "port"),
        ("PASSAPP_TRUSTED_PROXIES", "10.0.0.0/8,proxy", "trusted_proxies"),
        ("PASSAPP_METRICS_TOKEN", "short", "metrics_token"),
        ("PASSAPP_LOG_FORMAT", "xml", "log_format"),
        ("PASSAPP_WORKERS", "0", "workers"),
        ("PASSAPP_DATABASE_URL", "postgresql//anna:secret@host/name", "database_url"),
        ("PASSAPP_DATABASE_URL", "mysql://anna:secret@host/name", "database_url"),
    ],
)
def test_a_setting_that_is_not_valid_is_told_in_a_sentence_without_its_value(bare, monkeypatch, setting, value, told):
    monkeypatch.setenv(setting, value)
    monkeypatch.delenv("PASSAPP_PUBLIC_URL")
    [said] = bare.fails("migrate").splitlines()
    assert said.startswith(f"{told}: ")
    assert "short" not in said.removeprefix("metrics_token: ")
    assert "anna" not in said
