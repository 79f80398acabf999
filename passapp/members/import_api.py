"""The route that imports members from a CSV file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from passapp.accounts.access import Access, CallerDep, Scope, allow, caller_of
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.problems import language_of
from passapp.members import importing
from passapp.members.api import MAY_EDIT, visible
from passapp.members.csv_file import ReadFile, read_csv

router = APIRouter(tags=["members"])

IMPORTS = limited("members_import", times=60, minutes=60)
"""Dry runs too: a file says of thousands of addresses at once which of them are known here."""


async def _read_body(request: Request) -> bytes:
    return await request.body()


def _read_file(data: Annotated[bytes, Depends(_read_body)], request: Request, now: NowDep) -> ReadFile:
    """Read the file, for a caller who may import: all that needs no writing transaction, on SQLite everybody's."""
    with request.app.state.database.read() as session:
        caller = caller_of(request, session, now)
    Access(frozenset(MAY_EDIT), scope=Scope.MEMBERS_WRITE)(request, caller)
    return read_csv(data)


class DifferenceShown(Shown):
    """A field that would change."""

    field: str
    before: str | None = Field(description="Null too for an API key that may not read members.")
    after: str | None


class CreatedShown(Shown):
    """A line that adds a person. `line` is the file's, as a spreadsheet numbers it."""

    line: int
    name: str


class ChangedShown(CreatedShown):
    """A line that changes a person."""

    differences: list[DifferenceShown]


class DuplicateShown(Shown):
    """A line that repeats an earlier one, and is left out."""

    line: int
    first_line: int
    name: str


class LineErrorShown(Shown):
    """What is wrong, on which line and in which column."""

    line: int
    column: str | None
    code: str
    detail: str


class ImportShown(Shown):
    """What an import did, or would do. With any error nothing is imported."""

    dry_run: bool
    imported: bool
    rows: int
    is_old_encoding: bool = Field(description="The file was not UTF-8, and was read as Windows-1252: check accents.")
    created: list[CreatedShown]
    changed: list[ChangedShown]
    unchanged: int
    duplicates: list[DuplicateShown]
    errors: list[LineErrorShown]


@router.post(
    "/members/import",
    operation_id="import_members",
    # How often first, then the file: a slow upload, or a long file, must not keep others from writing.
    dependencies=[IMPORTS, Depends(_read_file), *allow(*MAY_EDIT, scope=Scope.MEMBERS_WRITE)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "prénom;nom;lieu;formule;e-mail\nLéa;Bertin;Le Hangar;TOUT;lea@example.org\n",
                }
            },
        }
    },
)
def import_members(
    file: Annotated[ReadFile, Depends(_read_file)],
    request: Request,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    dry_run: Annotated[bool, Query(description="Only say what would change.")] = True,
) -> ImportShown:
    """Import a CSV file of members, all of it or nothing.

    Columns: prénom, nom, lieu, formule, and if wanted e-mail, référence, tarif, priorité, début, fin; titles in French
    or English.
    """
    language = language_of(request)
    report = importing.import_members(
        session, file, within=visible(caller, now), dry_run=dry_run, at=now, actor=caller.actor
    )
    errors = [
        LineErrorShown(line=e.line, column=e.column, code=e.code, detail=e.fr if language == "fr" else e.en)
        for e in report.errors
    ]
    shown = ImportShown(
        dry_run=dry_run,
        errors=errors,
        **{name: getattr(report, name) for name in ImportShown.model_fields if name not in {"dry_run", "errors"}},
    )
    if caller.scopes is not None and Scope.MEMBERS_READ not in caller.scopes:
        for difference in [each for changed in shown.changed for each in changed.differences]:
            difference.before = None
    return shown
