"""A backup restores into either database what was in either database, row by row, or it restores nothing."""

import hashlib
import json
import shutil
import stat
import warnings
import zipfile
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from passapp.accounts.rules import Role
from passapp.bookings.guards import check_guard
from passapp.bookings.rules import Rate
from passapp.kernel import backup
from passapp.kernel.backup import table_member, write_backup
from passapp.kernel.database import Base, Database
from passapp.kernel.restore import NotRestored, _reader, read_backup
from passapp.members.models import Member
from passapp.network.models import Period
from passapp.passes.keys import pseudonym_key
from passapp.places.models import VatStatus
from tests.bookings.rooms import book, composite, pool, room
from tests.callers import Callers, operations
from tests.world import NOW, World

ENGINES = ("sqlite", "postgresql")
TABLES = Base.metadata.sorted_tables


def rows_of(database):
    with database.engine.connect() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in TABLES}


def live_in(world):
    """Have everything happen that can: every operation, by those who may."""
    callers = Callers(world)
    for role in ("coordinator", "manager", "door"):
        client = callers.client(role)
        for operation in operations():
            if {role, "anyone"} & set(operation.access["roles"]) and operation.id not in {"sign_in", "sign_out"}:
                client.request(**callers.request(operation, world.hangar))
    world.place("est", "À l’est 🧭", zone="Indian/Reunion", latitude=-20.882057, longitude=0.1 + 0.2, services=["é", 1])
    world.member(given_name='O\'Brien\n"q"', family_name="Ωmega — ;", suspended_reason=None)
    with world.database.write() as session:
        session.execute(insert(Period), [{"month": "2026-10", "state": "closed"}])
        session.execute(
            insert(VatStatus), [{"place_id": world.moulin.id, "starts_on": date(2026, 1, 1), "basis_points": 2000}]
        )


@pytest.fixture(params=ENGINES)
def other(request, another_database_url):
    """An empty database, on each engine: with ``world`` a test runs on all four pairs."""
    database = Database(another_database_url(request.param))
    yield database
    database.dispose()


def test_what_was_backed_up_is_restored_row_by_row_whichever_the_databases(world, other, tmp_path):
    live_in(world)
    file, keys = tmp_path / "network.zip", tmp_path / "elsewhere" / "keys"
    write_backup(world.database, world.settings.keys_dir, file, at=NOW)
    read_backup(other, keys, file)
    before, after = rows_of(world.database), rows_of(other)
    assert after == before
    values = {type(value) for rows in before.values() for row in rows for value in row}
    assert values >= {UUID, datetime, date, dict, list, bool, int, float, str, type(None)}
    assert {table for table, rows in before.items() if rows} >= {"visit", "check_in", "audit_entry", "issued_pass"}
    assert {key.name: key.read_bytes() for key in keys.iterdir()} == {
        key.name: key.read_bytes() for key in world.settings.keys_dir.iterdir()
    }
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700


def test_a_restored_network_goes_on_as_before(world, other, tmp_path):
    card = world.card(world.member())
    text = world.text(card)
    write_backup(world.database, world.settings.keys_dir, tmp_path / "network.zip", at=NOW)
    door = world.as_door()
    keys = tmp_path / "elsewhere" / "keys"
    read_backup(other, keys, tmp_path / "network.zip")
    world.app.state.database = world.database = other
    world.settings = world.app.state.settings = world.settings.model_copy(update={"data_dir": keys.parent})
    assert door.get("/api/v1/door").status_code == 401  # paired after the backup
    assert world.text(card) == text
    assert world.as_door().post("/api/v1/check-ins", json=world.scan(text)).json()["verdict"] == "ok"


def test_what_is_written_while_a_backup_runs_is_not_half_in_it(world, other, tmp_path, monkeypatch):
    before = rows_of(world.database)
    write_member = backup._write_member

    def write_and_be_disturbed(archive, name, parts):
        if name == table_member(TABLES[1]):
            world.member()
        return write_member(archive, name, parts)

    monkeypatch.setattr(backup, "_write_member", write_and_be_disturbed)
    write_backup(world.database, world.settings.keys_dir, tmp_path / "network.zip", at=NOW)
    read_backup(other, tmp_path / "keys2", tmp_path / "network.zip")
    assert rows_of(other) == before != rows_of(world.database)


def test_a_backup_is_for_its_owner_only_and_never_overwritten(world, tmp_path):
    file = tmp_path / "network.zip"
    write_backup(world.database, world.settings.keys_dir, file, at=NOW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        write_backup(world.database, world.settings.keys_dir, file, at=NOW)
    assert file.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(world, tmp_path, monkeypatch):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_rows", fail)
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(OSError, match="No space"):
        write_backup(world.database, world.settings.keys_dir, folder / "network.zip", at=NOW)
    assert list(folder.iterdir()) == []


def test_every_column_there_is_can_be_restored():
    assert all(callable(_reader(column)) for table in TABLES for column in table.columns)


def test_rooms_and_their_bookings_are_restored_and_the_next_room_has_a_number_of_its_own(world, other, tmp_path):
    desks, member = pool(world, 2), world.member()
    whole = composite(world, room(world, rates=[Rate(hour=800)]), room(world))
    for resource, people in ((desks, 1), (whole, 9)):
        book(world, resource, member, people=people)
    write_backup(world.database, world.settings.keys_dir, tmp_path / "network.zip", at=NOW)
    read_backup(other, tmp_path / "keys2", tmp_path / "network.zip")
    before = rows_of(world.database)
    assert rows_of(other) == before
    assert {len(before[table]) for table in ("claim", "resource", "booking")} == {3, 6, 2}
    world.database = other
    check_guard(other)
    assert room(world) > whole


@pytest.fixture(scope="module")
def good(sqlite_template, tmp_path_factory):
    """A good backup, as its members, and its file."""
    folder = tmp_path_factory.mktemp("good")
    shutil.copyfile(sqlite_template, folder / "passapp.sqlite")
    with World(Database(f"sqlite:///{folder}/passapp.sqlite"), folder) as world:
        door = world.as_door()
        door.post("/api/v1/check-ins", json=world.scan(world.text(world.card(world.member()))))
        world.account(Role.COORDINATOR)
        write_backup(world.database, world.settings.keys_dir, folder / "good.zip", at=NOW)
        world.database.dispose()
    with zipfile.ZipFile(folder / "good.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def forge(file, content, /, **manifest):
    """A backup with this content and a manifest that agrees with it, but where ``manifest`` says otherwise."""
    members = dict(content)
    said = json.loads(members.pop("manifest.json"))
    said["members"] = {
        name: {
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "rows": data.count(b"\n") * ("tables" in name),
        }
        for name, data in members.items()
    } | manifest.pop("members", {})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(said | manifest))


def refused(database, keys, file, told):
    with pytest.raises(NotRestored, match=told):
        read_backup(database, keys, file)
    assert not any(rows_of(database).values())
    assert not keys.exists() or not any(keys.iterdir())


def first_row(good, name, change):
    """The members, with the first row of a table changed."""
    first, _, rest = good[f"tables/{name}.jsonl"].partition(b"\n")
    row = json.loads(first)
    change(row)
    return good | {f"tables/{name}.jsonl": json.dumps(row).encode() + b"\n" + rest}


def test_a_forged_backup_that_changes_nothing_is_restored(good, database, tmp_path):
    forge(tmp_path / "same.zip", good)
    assert read_backup(database, tmp_path / "keys", tmp_path / "same.zip").format == 1


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_backup_is_refused(database, tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "not a (whole )?backup")


def test_a_backup_that_was_cut_off_is_refused(good, database, tmp_path):
    forge(tmp_path / "x.zip", good)
    whole = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(whole[: len(whole) // 2])
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "not a whole backup")


def test_a_backup_with_a_damaged_byte_is_refused(good, database, tmp_path):
    forge(tmp_path / "x.zip", good)
    damaged = bytearray((tmp_path / "x.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        info = archive.getinfo("tables/audit_entry.jsonl")
    damaged[info.header_offset + 200] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(damaged)
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "whole backup|SHA-256")


@pytest.mark.parametrize(
    "said, told",
    [
        ({"format": 2}, "format 2"),
        ({"format": "1"}, "manifest is not valid"),
        ({"more": 1}, "manifest is not valid"),
        ({"schema": "0001"}, "schema 0001"),
        ({"schema": None}, "schema None"),
        ({"members": {"tables/member.jsonl": {"sha256": "0" * 64, "bytes": 1, "rows": 1}}}, "not of the size"),
        ({"members": {"keys/abc.pem": {"sha256": "0" * 64, "bytes": 1, "rows": 0}}}, "what its manifest says"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(good, database, tmp_path, said, told):
    forge(tmp_path / "x.zip", good, **said)
    refused(database, tmp_path / "keys", tmp_path / "x.zip", told)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.pem",
        "keys/../../evil.pem",
        "/tmp/evil.pem",
        "keys/a/b.pem",
        "keys/A.pem",
        "keys/.pem",
        "tables/evil.jsonl",
    ],
)
def test_a_member_with_another_name_is_refused(good, database, tmp_path, name):
    forge(tmp_path / "x.zip", good | {name: b"evil"})
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "other tables")
    assert not list(tmp_path.rglob("evil*"))


def test_a_member_that_the_manifest_does_not_name_is_refused(good, database, tmp_path):
    forge(tmp_path / "x.zip", good)
    with zipfile.ZipFile(tmp_path / "x.zip", "a") as archive:
        archive.writestr("tables/more.jsonl", "")
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "what its manifest says")


def test_a_member_that_is_there_twice_is_refused(good, database, tmp_path):
    forge(tmp_path / "x.zip", good)
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "x.zip", "a") as archive:
        warnings.simplefilter("ignore")  # that the name is there already
        archive.writestr("tables/member.jsonl", "")
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "what its manifest says")


def test_a_table_that_is_missing_is_refused(good, database, tmp_path):
    forge(tmp_path / "x.zip", {name: data for name, data in good.items() if name != "tables/visit.jsonl"})
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "tables/visit.jsonl")


def test_a_row_that_was_changed_is_refused(good, database, tmp_path):
    said = json.loads(good["manifest.json"])["members"]
    changed = good["tables/member.jsonl"].replace(b"lea1@", b"max1@")
    assert changed != good["tables/member.jsonl"]
    forge(tmp_path / "x.zip", good | {"tables/member.jsonl": changed}, members=said)
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "SHA-256")


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(evil="1; DROP TABLE member"),
        lambda row: row.pop("email"),
        lambda row: row.update(id=1),
        lambda row: row.update(id="not a uuid"),
        lambda row: row.update(version="1"),
        lambda row: row.update(version=True),
        lambda row: row.update(created_at="2026-11-18T10:00:00"),
        lambda row: row.update(given_name=None),
        lambda row: row.update(given_name=["a"]),
        lambda row: row.update(account_id="00000000-0000-0000-0000-000000000000"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_not_repeated(good, database, tmp_path, change):
    forge(tmp_path / "x.zip", first_row(good, "member", change))
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "^A row of member does not fit its table.$")


@pytest.mark.parametrize("line", [b"[]\n", b"{\n", b"null\n", b"[" * 5_000 + b"\n", b"\xff\n"])
def test_a_line_that_is_no_row_is_refused(good, database, tmp_path, line):
    forge(tmp_path / "x.zip", good | {"tables/period.jsonl": line})
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "does not fit|not a whole")


def test_a_row_too_few_is_refused(good, database, tmp_path):
    said = json.loads(good["manifest.json"])["members"]["tables/audit_entry.jsonl"]
    forge(tmp_path / "x.zip", good, members={"tables/audit_entry.jsonl": said | {"rows": said["rows"] + 1}})
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "audit_entry has")


@pytest.mark.parametrize("name", ["tables/period.jsonl", "keys/bomb.pem", "manifest.json"])
def test_what_was_made_to_fill_a_disk_is_refused_before_it_is_read(good, database, tmp_path, name):
    if name == "manifest.json":
        forge(tmp_path / "x.zip", good, version=" " * 2_000_000)
    else:
        forge(tmp_path / "x.zip", good | {name: bytes(30_000_000)})
    refused(database, tmp_path / "keys", tmp_path / "x.zip", "not of the size|no manifest")


def test_a_database_that_holds_anything_is_left_alone(good, world, tmp_path):
    forge(tmp_path / "x.zip", good)
    before, keys = rows_of(world.database), {key: key.read_bytes() for key in world.settings.keys_dir.iterdir()}
    with pytest.raises(NotRestored, match="not empty"):
        read_backup(world.database, world.settings.keys_dir, tmp_path / "x.zip")
    assert rows_of(world.database) == before
    assert {key: key.read_bytes() for key in world.settings.keys_dir.iterdir()} == keys


def test_another_key_of_that_name_is_never_overwritten_and_nothing_is_restored(good, database, tmp_path):
    forge(tmp_path / "x.zip", good)
    first, second, _ = sorted(name.removeprefix("keys/") for name in good if name.startswith("keys/"))
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / second).write_text("somebody's own")
    with pytest.raises(NotRestored, match="another key"):
        read_backup(database, keys, tmp_path / "x.zip")
    assert (keys / second).read_text() == "somebody's own"
    assert not (keys / first).exists()
    assert not any(rows_of(database).values())


def test_pseudonyms_are_the_same_in_the_network_that_was_restored(good, database, tmp_path):
    forge(tmp_path / "x.zip", good)
    read_backup(database, tmp_path / "keys", tmp_path / "x.zip")
    assert pseudonym_key(tmp_path / "keys") == good["keys/pseudonyms.key"]
    assert stat.S_IMODE((tmp_path / "keys" / "pseudonyms.key").stat().st_mode) == 0o600


def test_the_very_same_keys_may_be_there_already(good, database, tmp_path):
    forge(tmp_path / "x.zip", good)
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in good:
        if name.startswith("keys/"):
            (keys / name.removeprefix("keys/")).write_bytes(good[name])
    read_backup(database, keys, tmp_path / "x.zip")
    with database.read() as session:
        assert session.scalars(select(Member)).one().email == "lea1@example.org"
