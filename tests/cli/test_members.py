"""Members, their file, the keys and a month's counts, from the terminal."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from passapp.door.cases import Scan
from passapp.door.models import Door, Visit
from passapp.door.pairing import pair
from passapp.door.service import check_in
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.ids import new_id
from passapp.kernel.settings import Settings
from passapp.members.models import Member
from passapp.passes.models import IssuedPass, SigningKey
from passapp.passes.service import text_of
from passapp.places.models import Place

LEA = ("members", "add", "Léa", "Bertin", "hangar", "--email", "lea@example.org", "--first-day", "2026-01-01")
FILE = "prénom;nom;lieu;formule;e-mail\nLéa;Bertin;hangar;TOUT;lea@example.org\nMax;Noir;moulin;TOUT;\n"


@pytest.fixture
def database(terminal):
    found = Database(Settings().sqlalchemy_url)
    yield found
    found.dispose()


def only(database, model):
    with database.read() as session:
        return session.scalars(select(model)).one()


def test_a_member_is_added_with_a_pass(terminal, database):
    assert terminal.ok(*LEA) == "Léa Bertin is a member, and has a pass.\n"
    assert only(database, IssuedPass).member_id == only(database, Member).id
    assert terminal.ok("members", "list") == "Léa Bertin  <lea@example.org>  Le Hangar\n"


@pytest.mark.parametrize(
    "words, told",
    [
        (("Max", "Noir", "ailleurs"), "no such place"),
        (("Max", "Noir", "hangar", "--plan", "AUTR"), "no plan AUTR"),
        (("Max", "Noir", "hangar", "--email", "rien"), "@"),
        (("Max", "Noir", "hangar", "--email", "LEA@example.org"), "already has this e-mail"),
        (("x" * 121, "Noir", "hangar"), "given_name"),
        (("Max", "Noir", "hangar", "--reference", "x" * 65), "reference"),
        (("Max", " ", "hangar"), "family_name"),
    ],
)
def test_a_member_who_cannot_be_added_is_told_why(terminal, database, words, told):
    terminal.ok(*LEA)
    assert told in terminal.fails("members", "add", *words)
    assert only(database, Member).given_name == "Léa"


def test_a_member_is_suspended_and_resumed_by_address_or_reference(terminal, database):
    terminal.ok(*LEA, "--reference", "H-1")
    terminal.ok("members", "suspend", "Lea@Example.org", "impayé")
    assert only(database, Member).suspended_reason == "impayé"
    assert "suspended" in terminal.ok("members", "list")
    terminal.ok("members", "resume", "H-1")
    assert not only(database, Member).is_suspended


def test_nobody_of_that_name_is_told_in_a_sentence(terminal):
    for words in (("suspend", "inconnue", "x"), ("resume", "a@example.org"), ("move-home", "inconnue", "moulin")):
        assert "no such member" in terminal.fails("members", *words)


def test_a_member_moves_home(terminal):
    terminal.ok(*LEA)
    moved = terminal.ok("members", "move-home", "lea@example.org", "Le Moulin", "--first-day", "2026-02-01")
    assert moved == "lea@example.org: at home in Le Moulin from 2026-02-01.\n"
    assert "Le Moulin" in terminal.ok("members", "list")


def test_a_move_before_they_came_is_told_why(terminal):
    terminal.ok(*LEA)
    told = terminal.fails("members", "move-home", "lea@example.org", "moulin", "--first-day", "2026-01-01")
    assert "2026-01-01" in told


def test_a_file_is_imported_after_a_dry_run_that_writes_nothing(terminal, tmp_path):
    file = tmp_path / "members.csv"
    file.write_text(FILE)
    dry = terminal.ok("import", file, "--dry-run")
    assert "line 2: new: Léa Bertin" in dry
    assert dry.endswith("Nothing was written.\n")
    assert terminal.ok("members", "list") == ""
    assert terminal.ok("import", file).endswith("Imported.\n")
    assert len(terminal.ok("members", "list").splitlines()) == 2
    assert "0 new, 0 changed, 2 as they were" in terminal.ok("import", file)


def test_a_file_with_an_error_is_told_line_by_line_and_nothing_is_imported(terminal, tmp_path):
    file = tmp_path / "members.csv"
    file.write_text(FILE + "Zoé;Roux;ailleurs;TOUT;\n")
    result = terminal.run("import", file)
    assert result.exit_code == 1
    assert "line 4, home: No such place" in result.stdout
    assert "Nothing was imported" in result.stderr
    assert terminal.ok("members", "list") == ""


def test_a_file_that_is_not_there_is_told(terminal, tmp_path):
    assert terminal.run("import", tmp_path / "none.csv").exit_code == 2


def test_keys_are_rotated_once_the_next_one_has_been_published_for_seven_days(terminal, database, monkeypatch):
    assert "7 days" in terminal.fails("keys", "rotate")
    published = only_next(database).published_at
    later(monkeypatch, published + timedelta(days=7) - timedelta(seconds=1))
    assert "7 days" in terminal.fails("keys", "rotate")
    expected = only_next(database).kid
    later(monkeypatch, published + timedelta(days=7))
    assert terminal.ok("keys", "rotate") == f"Passes are now signed with the key {expected}.\n"
    with database.read() as session:
        assert len(session.scalars(select(SigningKey)).all()) == 3


def test_a_compromised_key_is_replaced_at_once_and_published_no_more(terminal, database):
    terminal.ok("keys", "rotate", "--compromised")
    with database.read() as session:
        [former] = session.scalars(select(SigningKey).where(SigningKey.retired_at.is_not(None)))
    assert former.published_until <= datetime.now(UTC)


def only_next(database):
    with database.read() as session:
        return session.scalars(select(SigningKey).where(SigningKey.promoted_at.is_(None))).one()


def later(monkeypatch, at):
    monkeypatch.setattr("passapp.cli.admin.system_clock", lambda: at)


def test_a_months_counts_are_printed_per_home_and_host(terminal, database):
    terminal.ok(*LEA)
    at = datetime.now(UTC).replace(microsecond=0)
    for code in ("moulin", "hangar"):
        with database.write() as session:
            place = session.scalars(select(Place).where(Place.code == code)).one()
            pair(session, place, new_id(), "Téléphone", at=at, actor=SYSTEM)
            door = session.scalars(select(Door).where(Door.place_id == place.id)).one()
            text = text_of(session, session.scalars(select(IssuedPass)).one(), Settings().keys_dir)
            scan = Scan(id=new_id(), scanned_at=at, device_now=at, pass_text=text)
            check_in(session, door, [scan], now=at)
    with database.read() as session:
        month = session.scalars(select(Visit.posted_month)).first()
    printed = [line.split() for line in terminal.ok("settle", month).splitlines() if line][:-1]
    assert printed == [
        [month, "open"],
        ["home", "host", "visits"],
        ["hangar", "moulin", "1"],
        ["between", "places", "1"],
        ["at", "home", "(not", "settled)", "1"],
    ]


@pytest.mark.parametrize("month, told", [("2026-13", "2026-10"), ("octobre", "2026-10"), ("2099-01", "not begun yet")])
def test_a_month_that_is_none_or_has_not_begun_is_told(terminal, month, told):
    assert told in terminal.fails("settle", month)
