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
from passapp.settlement.files.listing import lines_csv
from passapp.settlement.months.former import later_than
from passapp.settlement.months.keys import read_keys, statement_keys
from passapp.settlement.months.versions import sealed_statement
from passapp.settlement.rules.checking import arithmetic_flaws
from passapp.settlement.rules.documents import SEALED_SCHEMA, Document, canonical, sha256_of
from passapp.settlement.rules.reading import differences, read_document
from passapp.settlement.rules.sealing import chain_flaws, seal_flaws
from passapp.settlement.service import recompute, settle_month
from passapp.settlement.tables import month_table

convention = typer.Typer(no_args_is_help=True, help="The rules that the places agreed to.")
_FROM_THE_FILE = (
    "\nA signed statement is checked from the file alone with the network's public keys, which its address answers at "
    "/api/v1/statement-keys: --keys KEYS.json"
)
LARGEST_FILE = 256_000_000  # bytes: a month of a thousand places is 100 MB; the rest is room to grow


def settle(
    month: Annotated[str, typer.Argument(help="For example 2026-10.")],
    place: Annotated[str | None, typer.Option(help="Only this place's statement: its code or name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The canonical document, which `verify` checks.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The lines, for a spreadsheet.")] = False,
    signed: Annotated[bool, typer.Option("--signed", help="A place's statement as it was published, signed.")] = False,
) -> None:
    """Print what a month comes to: who visited whom, who owes whom, and the payments that settle it."""
    if as_json + as_csv + signed > 1:
        raise failure("Choose one: --json, --csv or --signed.")
    if signed and not place:
        raise failure("Say of which place: --place.")
    with open_database(Settings()) as database, database.read() as session:
        if signed and place:
            sealed = sealed_statement(session, month, place_named(session, place), at=system_clock())
            typer.echo(canonical(sealed), nl=False)
            return
        settled = settle_month(session, month, at=system_clock())
        document = settled.statement(settled.code_of(place_named(session, place).id)) if place else settled.document
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
    keys: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The network's public keys: checks the file alone, signed."),
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The statement before it, for the chain.")
    ] = None,
) -> None:
    """Recompute a month or a statement from the visits and the rules, and compare: is every cent the same?

    A signed statement is checked with its signature; with --keys from the file alone, without any database.
    """
    document = _read(statement)
    sealed = document if document["schema"] == SEALED_SCHEMA else None
    bare = sealed["statement"] if sealed else document
    if keys is not None:
        if sealed is None:
            raise failure("Only a signed statement can be checked from the file alone.")
        known = _public_keys(keys)
        _say_flaws([*_seal_flaws(sealed, known), *arithmetic_flaws(bare), *_chain_flaws(sealed, previous, known)])
        say(f"It adds up, and the network signed it. {_of_the_chain(sealed, previous)}")
        if sealed["kid"] in _retired(keys):
            say(
                f"Its key {sealed['kid']} was retired on {_retired(keys)[sealed['kid']]}: whoever took it could sign "
                "too. Compare the hash with another place's month, or have it recomputed from the visits."
            )
        say(f"sha256 {sha256_of(bare)}")
        return
    with open_database(Settings(), without_one=_FROM_THE_FILE) as database, database.read() as session:
        if sealed:
            known = statement_keys(session)
            _say_flaws([*_seal_flaws(sealed, known), *_chain_flaws(sealed, previous, known)])
            if last := later_than(session, sealed["seal"]):
                _say_flaws(arithmetic_flaws(bare))
                say(
                    f"It adds up, and the network published it as version {sealed['seal']['number']}. Version {last} "
                    f"has followed: what the visits come to is that one's.\nsha256 {sha256_of(bare)}"
                )
                return
        own = recompute(session, bare, at=system_clock())
    if sha256_of(own) == sha256_of(bare):
        say(f"It is right, to the cent.\nsha256 {sha256_of(own)}")
        return
    found = "\n".join(f"  {each}" for each in differences(bare, own))
    raise failure(f"It is NOT what the visits and the rules come to. Where it differs:\n{found}")


def _read(file: Path) -> Document:
    if file.stat().st_size > LARGEST_FILE:
        raise failure("This file is too large to be a statement.")
    try:
        return read_document(file.read_bytes())
    except ValueError as error:
        raise failure(f"This is no statement of ours: {error}.") from None


def _public_keys(file: Path) -> dict[str, str]:
    keys = _json_object(file).get("keys")
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise failure("These are no public keys: they are what /api/v1/statement-keys answers.")
    return keys


def _retired(file: Path) -> dict[str, str]:
    """Since when keys sign no more, by ``kid``: they leaked, or were lost."""
    retired = _json_object(file).get("retired")
    return {str(kid): str(at)[:10] for kid, at in retired.items()} if isinstance(retired, dict) else {}


def _seal_flaws(sealed: Document, keys: dict[str, str]) -> list[str]:
    try:
        return seal_flaws(sealed, read_keys(keys))
    except ValueError:
        raise failure("These are no public keys: they are what /api/v1/statement-keys answers.") from None


def _chain_flaws(sealed: Document, previous: Path | None, keys: dict[str, str]) -> list[str]:
    """Whether the statement before it is the one that its seal names; where that one is signed, by the network."""
    if previous is None:
        return []
    before = _read(previous)
    if before["schema"] != SEALED_SCHEMA:
        return chain_flaws(sealed, sha256_of(before))
    signed = [f"the statement before it: {flaw}" for flaw in _seal_flaws(before, keys)]
    return signed + chain_flaws(sealed, sha256_of(before["statement"]))


def _of_the_chain(sealed: Document, previous: Path | None) -> str:
    if previous is not None:
        return "It follows the statement before it."
    if sealed["seal"].get("previous_sha256") is None:
        return "It is the first of its place."
    return "Whether it follows the one before it was not checked: give that one with --previous."


def _say_flaws(flaws: list[str]) -> None:
    if flaws:
        found = "\n".join(f"  {each}" for each in flaws[:20])
        raise failure(f"It is NOT a statement as the network published it:\n{found}")


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
