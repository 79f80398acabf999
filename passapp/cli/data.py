"""Commands on the whole of a deployment's data: ``backup`` and ``restore``."""

from pathlib import Path
from typing import Annotated

import typer

from passapp.cli.common import failure, open_database, say
from passapp.kernel.audit import SYSTEM, record
from passapp.kernel.backup import write_backup
from passapp.kernel.clock import system_clock
from passapp.kernel.restore import NotRestored, read_backup
from passapp.kernel.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(help="A file that does not exist yet, for example network.zip.")],
) -> None:
    """Write everything, the private keys included, to one file; the server may go on meanwhile."""
    settings = Settings()
    now = system_clock()
    with open_database(settings) as database:
        try:
            members = write_backup(database, settings.keys_dir, file, at=now)
        except FileExistsError:
            raise failure(f"{file} exists already: a backup is never overwritten.") from None
        except OSError as error:
            raise failure(f"{file} cannot be written: {error.strerror}.") from None
        rows = sum(member.rows for member in members.values())
        with database.write() as session:
            record(session, SYSTEM, now, "backup.write", ("network", None), rows=rows)
    keys = sum(name.startswith("keys/") for name in members)
    say(f"{file}: {rows} rows and {keys} private keys.")
    say("THIS FILE IS SECRET: whoever has it can sign passes in your name, and reads everybody's name and address.")


def restore(
    file: Annotated[Path, typer.Argument(help="What `passapp backup` wrote.", exists=True, dir_okay=False)],
) -> None:
    """Restore a backup into an empty, migrated database, SQLite or PostgreSQL: all of it, or nothing."""
    settings = Settings()
    with open_database(settings) as database:
        try:
            manifest = read_backup(database, settings.keys_dir, file)
        except NotRestored as error:
            raise failure(f"Nothing was restored. {error}") from None
        except OSError as error:
            raise failure(f"Nothing was restored. {error.filename or file}: {error.strerror}.") from None
        rows = sum(member.rows for member in manifest.members.values())
        with database.write() as session:
            record(session, SYSTEM, system_clock(), "backup.restore", ("network", None), made_at=manifest.made_at)
    say(f"{rows} rows restored, as they were on {manifest.made_at}.")
