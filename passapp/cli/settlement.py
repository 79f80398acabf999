"""Commands on months: settle one, verify a document of one, publish the rules that it is settled by."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from passapp.cli.common import failure, open_database, say
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import system_clock
from passapp.kernel.settings import Settings
from passapp.network.service import conventions, publish_convention
from passapp.places.service import place_named
from passapp.settlement.rules.documents import canonical, differences, read_document, sha256_of
from passapp.settlement.service import recompute, settle_month
from passapp.settlement.tables import lines_csv, month_table

convention = typer.Typer(no_args_is_help=True, help="The rules that the places agreed to.")
LARGEST_FILE = 64_000_000  # bytes


def settle(
    month: Annotated[str, typer.Argument(help="For example 2026-10.")],
    place: Annotated[str | None, typer.Option(help="Only this place's statement: its code or name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The canonical document, which `verify` checks.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The lines, for a spreadsheet.")] = False,
) -> None:
    """Print what a month comes to: who visited whom, who owes whom, and the payments that settle it."""
    if as_json and as_csv:
        raise failure("Choose one: --json or --csv.")
    with open_database(Settings()) as database, database.read() as session:
        settled = settle_month(session, month, at=system_clock())
        document = settled.statement(place_named(session, place)) if place else settled.document
        if as_csv:
            names = {code: each.name for code, each in settled.places.items()}
            typer.echo(lines_csv(document, names), nl=False)
        elif as_json:
            typer.echo(canonical(document), nl=False)  # its SHA-256 is the one that `settle` prints
        elif place:
            raise failure("A statement is printed with --json or --csv.")
        else:
            say(month_table(settled))
            say(f"\nsha256 {sha256_of(document)}")


def verify(
    statement: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="STATEMENT.json")],
) -> None:
    """Recompute a month or a statement from the visits and the rules, and compare: is every cent the same?"""
    if statement.stat().st_size > LARGEST_FILE:
        raise failure("This file is too large to be a statement.")
    try:
        document = read_document(statement.read_bytes())
    except ValueError as error:
        raise failure(f"This is no statement of ours: {error}.") from None
    with open_database(Settings()) as database, database.read() as session:
        own = recompute(session, document, at=system_clock())
    if sha256_of(own) == sha256_of(document):
        say(f"It is right, to the cent.\nsha256 {sha256_of(own)}")
        return
    found = "\n".join(f"  {each}" for each in differences(document, own))
    raise failure(f"It is NOT what the visits and the rules come to. Where it differs:\n{found}")


@convention.command("show")
def show() -> None:
    """Print every version of the rules, and from when it holds."""
    with open_database(Settings()) as database, database.read() as session:
        for version in conventions(session):
            say(f"version {version.number}, from {version.starts_on}, sha256 {version.sha256}")
            say(json.dumps(version.document, indent=2, ensure_ascii=False))


@convention.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The new rules, as JSON.")],
    first_day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day they hold.")],
) -> None:
    """Publish the next version of the rules, for good: from a day to come until a later version begins."""
    document = _json_object(file)
    with open_database(Settings()) as database, database.write() as session:
        version = publish_convention(session, document, starts_on=first_day.date(), at=system_clock(), actor=SYSTEM)
    say(f"Version {version.number} holds from {version.starts_on}. sha256 {version.sha256}")


def _json_object(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except ValueError as error:
        raise failure(f"This is not JSON: {error}.") from None
    except RecursionError:
        raise failure("This is not JSON: it is nested too deeply.") from None
    if not isinstance(document, dict):
        raise failure("The rules are a JSON object: {…}.")
    return document
