"""Statements are the same, to the byte, once nobody can say any more who came."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from passapp.cli import app
from passapp.door.models import VisitIdentity
from passapp.members.models import Member
from tests.cli.terminal import Terminal
from tests.privacy.lives import erase, forget
from tests.scenes import rows
from tests.settlement.months import agree, make_visit, old_pass

MONTH = "2026-11"
RECOMPUTE = Path(__file__).parent.parent / "independent" / "recompute.py"
LONG_AFTER = datetime(2027, 12, 1, tzinfo=UTC)


@pytest.fixture
def terminal(world, monkeypatch):
    """The terminal, on the world's own database."""
    monkeypatch.setenv("PASSAPP_DATABASE_URL", world.database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(world.settings.data_dir))
    return Terminal(lambda *words: CliRunner().invoke(app, list(words)))


@pytest.fixture
def printed(world, terminal):
    """Prints the documents of a month with money, an allowance and several places: the month's, then each place's."""
    agree(world, netting="multilateral", allowance=1)
    phare = world.place("phare")
    traveller, regular = old_pass(world, world.hangar), old_pass(world, world.moulin, given_name="Bo")
    for day, host in ((3, world.moulin), (4, world.moulin), (4, phare), (9, phare), (10, world.hangar)):
        make_visit(world, world.hangar, host, datetime(2026, 11, day, 9, tzinfo=UTC), traveller)
    for day in (5, 6):
        make_visit(world, world.moulin, world.hangar, datetime(2026, 11, day, 9, tzinfo=UTC), regular)
    everything = ((), *(("--place", code) for code in ("hangar", "moulin", "phare")))
    return lambda: [terminal.ok("settle", MONTH, *words, "--json") for words in everything]


def check(world, terminal, documents, folder):
    """Have them verified by the command, and recomputed by the program that knows nothing of Passapp."""
    files = []
    for number, document in enumerate(documents):
        file = folder / f"{number}.json"
        file.write_text(document, encoding="utf-8")
        assert terminal.ok("verify", file).startswith("It is right, to the cent.")
        files.append(str(file))
    url = world.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(RECOMPUTE), url, MONTH, *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ": 7 visits, 0 differences." in ran.stdout, ran.stdout + ran.stderr


def test_after_a_purge_statements_are_the_same_and_still_verify(world, terminal, printed, tmp_path):
    before = printed()
    assert forget(world, LONG_AFTER)["visit_identities"] == 2
    assert rows(world, VisitIdentity) == []
    assert printed() == before
    check(world, terminal, before, tmp_path)


def test_after_erasures_statements_are_the_same_and_still_verify(world, terminal, printed, tmp_path):
    before = printed()
    for member in rows(world, Member):
        assert erase(world.as_member(member), member.email).status_code == 204
    assert rows(world, Member) == []
    assert printed() == before
    check(world, terminal, before, tmp_path)


def test_a_place_still_reads_each_line_of_its_statement_but_no_name(world, printed):
    printed()
    [traveller] = rows(world, Member, Member.given_name == "Léa")
    path = f"/api/v1/places/{world.hangar.id}/statements/{MONTH}/visits"
    manager = world.as_manager()
    wanted = {"direction": "made", "partner": "moulin"}
    before = manager.get(path, params=wanted).json()["items"]
    assert {visit["member"]["given_name"] for visit in before} == {"Léa"}
    erase(world.as_member(traveller), traveller.email)
    after = manager.get(path, params=wanted).json()["items"]
    assert after == [visit | {"member": None} for visit in before]
