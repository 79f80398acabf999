"""A backup: one zip file that restores into SQLite and into PostgreSQL, whichever it came from.

``manifest.json`` says of which schema the rest is, and of each member its SHA-256, its bytes and its rows;
``tables/NAME.jsonl`` holds a table, one JSON object a row; ``keys/`` the private keys, and what pseudonyms are made
with. Rows are read in one snapshot and streamed. Whoever holds the file can sign passes and reads every name: it is
written for its owner only.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Connection, Table, select

from passapp import __version__
from passapp.kernel.database import Base, Database
from passapp.kernel.migrations import present_revision

FORMAT = 1
MANIFEST = "manifest.json"
KEY_NAME = re.compile(r"[0-9a-z]{1,16}\.pem|pseudonyms\.key")
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Member:
    """What the manifest says of one file; ``rows`` is 0 for a key."""

    sha256: str
    bytes: int
    rows: int


def table_member(table: Table) -> str:
    """The name of a table's file."""
    return f"tables/{table.name}.jsonl"


def write_backup(database: Database, keys_dir: Path, file: Path, *, at: datetime) -> dict[str, Member]:
    """Write everything to ``file``, which appears only when it is whole. Gives what is in it.

    Raises ``FileExistsError``: a backup is never overwritten.
    """
    if file.exists():
        raise FileExistsError(file)
    # Made for its owner only, beside where it will be: a rename then puts it there in one step.
    handle, temporary = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            with ZipFile(stream, "w", ZIP_DEFLATED) as archive, _snapshot(database) as connection:
                members = _write_members(archive, connection, keys_dir)
                manifest = {
                    "format": FORMAT,
                    "version": __version__,
                    "schema": present_revision(connection),
                    "made_at": at.isoformat(),
                    "members": {name: asdict(member) for name, member in members.items()},
                }
                archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).rename(file)
    finally:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
    return members


def _snapshot(database: Database) -> Connection:
    """A connection whose transaction sees the database as it is now, whatever others write meanwhile."""
    connection = database.engine.connect()
    options: dict[str, Any] = {"passapp_read_only": True}
    if not database.is_sqlite:
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return connection.execution_options(**options)


def _write_members(archive: ZipFile, connection: Connection, keys_dir: Path) -> dict[str, Member]:
    members = {
        table_member(table): _write_member(archive, table_member(table), _rows(connection, table))
        for table in Base.metadata.sorted_tables
    }
    for key in sorted(file for file in keys_dir.glob("*") if KEY_NAME.fullmatch(file.name)):
        written = _write_member(archive, f"keys/{key.name}", [key.read_bytes()])
        members[f"keys/{key.name}"] = Member(written.sha256, written.bytes, 0)
    return members


def _write_member(archive: ZipFile, name: str, parts: Iterator[bytes] | list[bytes]) -> Member:
    digest, size, count = hashlib.sha256(), 0, 0
    member: IO[bytes]
    with archive.open(name, "w", force_zip64=True) as member:
        for part in parts:
            member.write(part)
            digest.update(part)
            size += len(part)
            count += 1
    return Member(digest.hexdigest(), size, count)


def _rows(connection: Connection, table: Table) -> Iterator[bytes]:
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    for row in rows.mappings():
        yield json.dumps(dict(row), ensure_ascii=False, default=_as_text, separators=(",", ":")).encode() + b"\n"


def _as_text(value: object) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    msg = f"a backup cannot hold a {type(value).__name__}"
    raise TypeError(msg)
