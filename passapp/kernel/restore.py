"""Restore a backup into an empty database: all of it, or nothing.

The file may come from anybody. Its members must be the very tables and columns of this schema, of the size, the hash
and the number of rows that its manifest says; nothing of it is ever the name of a file here but a key's, which has a
fixed form.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    String,
    Table,
    Uuid,
    func,
    insert,
    null,
    select,
)
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.types import TypeEngine

from passapp.kernel.backup import FORMAT, KEY_NAME, MANIFEST, ROWS_AT_ONCE, table_member
from passapp.kernel.database import Base, Database, UtcDateTime
from passapp.kernel.migrations import present_revision

LARGEST_MANIFEST = 1_000_000
LARGEST_ROW = 4_000_000
LARGEST_KEY = 10_000
MOST_KEYS = 1_000
TIMES_SMALLER = 200
"""Rows full of ids shrink ten times; a thousand times is what somebody made to fill a disk or to waste a day."""


class NotRestored(Exception):
    """Why nothing was restored, in a sentence."""


class _Member(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)
    rows: int = Field(ge=0)


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: int
    version: str = Field(max_length=64)
    revision: str | None = Field(alias="schema", max_length=64)
    made_at: str = Field(max_length=64)
    members: dict[str, _Member]


def read_backup(database: Database, keys_dir: Path, file: Path) -> Manifest:
    """Restore ``file``. Raises ``NotRestored``; then nothing was changed."""
    try:
        with ZipFile(file) as archive:
            manifest = _checked(archive)
            with database.engine.begin() as connection:
                _check_schema(connection, manifest)
                for table in Base.metadata.sorted_tables:
                    _fill(connection, table, archive, manifest.members[table_member(table)].rows)
                # Inside the transaction: a key that cannot be written keeps the rows from being committed.
                with _keys_in_place(archive, manifest, keys_dir):
                    connection.commit()
    except (BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, UnicodeDecodeError) as error:
        # What the zip module raises for a file that is none, is cut off, or is encrypted.
        raise NotRestored("This is not a whole backup.") from error
    return manifest


def _checked(archive: ZipFile) -> Manifest:
    """The manifest, once every member is what it says."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if any(info.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for info in infos):
        raise NotRestored("This is not a backup of Passapp: it is compressed in another way.")
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise NotRestored("This is not a backup of Passapp: it has no manifest.")
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except ValidationError:
        raise NotRestored("This is not a backup of Passapp: its manifest is not valid.") from None
    if manifest.format != FORMAT:
        raise NotRestored(f"This backup is in format {manifest.format}; this version reads format {FORMAT}.")
    tables = {table_member(table) for table in Base.metadata.sorted_tables}
    keys = {name for name in manifest.members if _is_key(name)}
    if sorted(names) != sorted([MANIFEST, *manifest.members]) or len(keys) > MOST_KEYS:
        raise NotRestored("This backup does not hold what its manifest says.")
    if manifest.members.keys() - keys != tables:
        strange = sorted(name[:80] for name in (manifest.members.keys() - keys) ^ tables)
        raise NotRestored(f"This backup has other tables than this version: {', '.join(strange)}.")
    for name, member in manifest.members.items():
        info = archive.getinfo(name)
        too_large = info.file_size > TIMES_SMALLER * info.compress_size + LARGEST_KEY
        if info.file_size != member.bytes or too_large or (name in keys and member.bytes > LARGEST_KEY):
            raise NotRestored(f"{name} is not of the size that it should be.")
        if _sha256(archive, name) != member.sha256:
            raise NotRestored(f"{name} was changed: its SHA-256 is not the manifest's.")
    return manifest


def _is_key(name: str) -> bool:
    return name.startswith("keys/") and KEY_NAME.fullmatch(name.removeprefix("keys/")) is not None


def _sha256(archive: ZipFile, name: str) -> str:
    with archive.open(name) as member:
        return hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]


def _check_schema(connection: Connection, manifest: Manifest) -> None:
    present = present_revision(connection)
    if manifest.revision != present:
        raise NotRestored(
            f"This backup has schema {manifest.revision} (Passapp {manifest.version}), the database {present}. "
            "Restore it with the version that made it, then run `passapp migrate` with this one."
        )
    for table in Base.metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise NotRestored("The database is not empty. Restore into a new one: a backup is never mixed with data.")


def _fill(connection: Connection, table: Table, archive: ZipFile, expected: int) -> None:
    count = 0
    try:
        for batch in _batches(_rows(archive, table)):
            connection.execute(insert(table), batch)
            count += len(batch)
    except OperationalError:  # the server's or the disk's trouble, not the row's
        raise
    except (ValueError, TypeError, OverflowError, StatementError):
        # Not told in the error's own words, which quote the row.
        raise NotRestored(f"A row of {table.name} does not fit its table.") from None
    if count != expected:
        raise NotRestored(f"{table.name} has {count} rows; the manifest says {expected}.")
    _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """Have a sequence of PostgreSQL go on after the restored rows: it does not learn of them by itself."""
    column = table.autoincrement_column
    if column is not None and connection.dialect.name == "postgresql":
        highest = select(func.max(column)).scalar_subquery()
        connection.execute(
            select(func.setval(func.pg_get_serial_sequence(table.name, column.name), highest)).where(highest > 0)
        )


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(archive: ZipFile, table: Table) -> Iterator[dict[str, Any]]:
    readers = {column.name: _reader(column) for column in table.columns}
    with archive.open(table_member(table)) as member:
        while line := member.readline(LARGEST_ROW):
            row = json.loads(line, parse_constant=_no_number)
            if not isinstance(row, dict) or row.keys() != readers.keys():
                raise ValueError(table.name)
            yield {name: read(row[name]) for name, read in readers.items()}


def _no_number(name: str) -> None:
    raise ValueError(name)


def _wall_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is not None:
        raise ValueError(text)
    return at


_KINDS: tuple[tuple[type[TypeEngine[Any]], type[Any], Callable[[Any], Any]], ...] = (
    (Uuid, str, UUID),
    (UtcDateTime, str, datetime.fromisoformat),
    (DateTime, str, _wall_time),
    (Date, str, date.fromisoformat),
    (Boolean, bool, bool),
    (Integer, int, int),
    (Float, float, float),
    (String, str, str),
)
"""A kind of column, what JSON holds for it, and what makes the value of that."""


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    """What makes a value of this column; it raises ``ValueError`` or ``TypeError``."""
    if isinstance(column.type, JSON):
        # None alone would be the JSON value null, which is not the absence of a value.
        return lambda value: null() if value is None and column.nullable else value
    expected, convert = next((shape, make) for kind, shape, make in _KINDS if isinstance(column.type, kind))

    def read(value: Any) -> Any:  # noqa: ANN401
        if value is None:
            return None
        if type(value) is not expected:
            raise TypeError(column.name)
        return convert(value)

    return read


@contextmanager
def _keys_in_place(archive: ZipFile, manifest: Manifest, keys_dir: Path) -> Iterator[None]:
    """Write the private keys, for us only to read; take them away again if the block fails."""
    made: list[Path] = []
    try:
        for name in filter(_is_key, manifest.members):
            file = keys_dir / name.removeprefix("keys/")
            if _write_key(file, archive.read(name)):
                made.append(file)
        yield
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
        raise


def _write_key(file: Path, content: bytes) -> bool:
    """Whether the file was written; false where this very key is there already."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if file.read_bytes() == content:
            return False
        raise NotRestored(f"There is another key in {file}: it is not overwritten.") from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(handle)
    return True
