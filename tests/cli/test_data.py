"""``passapp backup`` and ``passapp restore``, from the terminal."""

import stat
from pathlib import Path

import pytest

from passapp.kernel.audit import AuditEntry
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings


def elsewhere(terminal, monkeypatch, tmp_path):
    """The same terminal, with another data folder."""
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(tmp_path / "elsewhere"))
    return terminal


def test_a_network_moves_to_another_folder_by_backup_and_restore(terminal, monkeypatch, tmp_path):
    listed, file = terminal.ok("places", "list"), tmp_path / "network.zip"
    said = terminal.ok("backup", file)
    assert "3 private keys" in said  # two sign, one makes pseudonyms
    assert "THIS FILE IS SECRET" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    elsewhere(terminal, monkeypatch, tmp_path).ok("migrate")
    assert "rows restored" in terminal.ok("restore", file)
    assert terminal.ok("places", "list") == listed
    assert len(list(Settings().keys_dir.iterdir())) == 3


def test_a_backup_and_its_restore_are_in_the_audit_log(terminal, monkeypatch, tmp_path):
    file = tmp_path / "network.zip"
    terminal.ok("backup", file)
    assert deeds()[-1] == ("backup.write", "system")
    elsewhere(terminal, monkeypatch, tmp_path).ok("migrate")
    terminal.ok("restore", file)
    assert deeds()[-1] == ("backup.restore", "system")
    assert ("backup.write", "system") not in deeds(), "a backup does not hold that it was made"


def deeds():
    """What the audit log of the present data folder says, the first deed first."""
    database = Database(Settings().sqlalchemy_url)
    with database.read() as session:
        found = [(entry.action, entry.actor_kind) for entry in session.query(AuditEntry).order_by(AuditEntry.id)]
    database.dispose()
    return found


def test_a_backup_is_not_written_over_another(terminal, tmp_path):
    terminal.ok("backup", tmp_path / "network.zip")
    assert "exists already" in terminal.fails("backup", tmp_path / "network.zip")


def test_a_folder_that_is_not_there_is_told(terminal, tmp_path):
    assert "cannot be written: No such file or directory" in terminal.fails("backup", tmp_path / "none" / "network.zip")


def test_a_database_that_was_not_migrated_is_not_restored_into(terminal, monkeypatch, tmp_path):
    terminal.ok("backup", tmp_path / "network.zip")
    assert "passapp migrate" in elsewhere(terminal, monkeypatch, tmp_path).fails("restore", tmp_path / "network.zip")


def test_a_network_is_not_restored_over_another(terminal, tmp_path):
    terminal.ok("backup", tmp_path / "network.zip")
    assert "Nothing was restored. The database is not empty" in terminal.fails("restore", tmp_path / "network.zip")


def test_a_file_that_is_no_backup_is_told(bare, tmp_path):
    bare.ok("migrate")
    Path(tmp_path / "x.zip").write_text("bonjour")
    assert bare.fails("restore", tmp_path / "x.zip") == "Nothing was restored. This is not a whole backup.\n"


@pytest.mark.parametrize("folder", ["keys", "."])
def test_keys_that_cannot_be_written_leave_the_database_empty(terminal, monkeypatch, tmp_path, folder):
    terminal.ok("backup", tmp_path / "network.zip")
    elsewhere(terminal, monkeypatch, tmp_path).ok("migrate")
    if folder == "keys":
        (tmp_path / "elsewhere" / "keys").write_text("a file stands in the way")
    else:
        (tmp_path / "elsewhere" / "keys").symlink_to(tmp_path / "nowhere" / "keys")
    assert "Nothing was restored" in terminal.fails("restore", tmp_path / "network.zip")
    assert terminal.ok("places", "list") == ""
