"""What every command shares: words on the terminal, and the database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from passapp.kernel.database import Database
from passapp.kernel.migrations import is_up_to_date
from passapp.kernel.problems import Problem
from passapp.kernel.settings import Settings


def say(text: str) -> None:
    """Print, at once."""
    print(text, flush=True)  # noqa: T201


def failure(message: str) -> typer.Exit:
    """Print what went wrong; to be raised, it ends the command with status 1."""
    print(message, file=sys.stderr)  # noqa: T201
    return typer.Exit(1)


def not_valid(error: ValidationError) -> typer.Exit:
    """Print what was not valid, field by field; to be raised like :func:`failure`."""
    # A default that another field's value was needed for says nothing of its own.
    flaws = [e for e in error.errors() if e["type"] != "default_factory_not_called"]
    lines = [f"{'.'.join(str(step) for step in e['loc'])}: {e['msg']}" for e in flaws]
    return failure("\n".join(line.replace("Value error, ", "") for line in lines))


@contextmanager
def open_database(settings: Settings, *, without_one: str = "") -> Iterator[Database]:
    """The deployment's database; ends the command with a sentence where it cannot be used, or a problem is met.

    ``without_one``: what the command can do where there is none.
    """
    database = Database(settings.sqlalchemy_url)
    if database.is_sqlite and not Path(database.engine.url.database or "").exists():
        named = "PASSAPP_DATA_DIR or PASSAPP_DATABASE_URL"
        raise failure(f"There is no database here. Name yours ({named}), or make one: `passapp migrate`.{without_one}")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # members' names: nobody else's to read
    try:
        if not is_up_to_date(database.engine):
            raise failure("The database is not up to date: run `passapp migrate` first.")
        yield database
    except Problem as problem:
        raise failure(str(problem)) from None
    except OperationalError as error:
        raise failure(f"The database does not answer: {error.orig}") from None
    finally:
        database.dispose()
