"""Commands on members."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.rules import canonical_email
from passapp.cli.common import failure, not_valid, open_database, say
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import system_clock
from passapp.kernel.settings import Settings
from passapp.members import service
from passapp.members.api import MemberChange, MemberWanted
from passapp.members.csv_file import read_csv
from passapp.members.importing import import_members
from passapp.members.models import Member
from passapp.members.report import import_summary
from passapp.passes.service import issue_card
from passapp.places.service import place_named

commands = typer.Typer(no_args_is_help=True, help="The members and their homes.")

Who = Annotated[str, typer.Argument(help="Their e-mail address or reference.")]
PlaceName = Annotated[str, typer.Argument(help="Its code or name.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; today.")]


def _member(session: Session, who: str) -> Member:
    try:
        column, value = Member.email, canonical_email(who)
    except ValueError:
        column, value = Member.reference, who
    member = session.scalar(select(Member).where(column == value))
    if member is None:
        raise service.MEMBER_UNKNOWN.error()
    return member


def _day(given: datetime | None) -> date:
    return given.date() if given else date.today()  # noqa: DTZ011  (the operator's own day)


@commands.command("list")
def list_members(
    search: Annotated[str, typer.Argument(help="Words of a name, e-mail or reference.")] = "",
) -> None:
    """List members, with their home of today."""
    with open_database(Settings()) as database, database.read() as session:
        for member in session.scalars(service.members(search, None, None).order_by(Member.family_name, Member.id)):
            home = service.home_at(member, system_clock())
            state = "suspended" if member.is_suspended else home.place.name if home else "no membership today"
            say(f"{member.given_name} {member.family_name}  <{member.email or member.reference or '-'}>  {state}")


@commands.command("add")
def add(
    given_name: Annotated[str, typer.Argument()],
    family_name: Annotated[str, typer.Argument()],
    home: PlaceName,
    plan: Annotated[str, typer.Option(help="The code of their plan.")] = "TOUT",
    email: Annotated[str | None, typer.Option(help="To sign in with.")] = None,
    reference: Annotated[str | None, typer.Option(help="Their number in the place's own tool.")] = None,
    first_day: Day = None,
) -> None:
    """Add a member with a membership, and issue their pass."""
    now = system_clock()
    with open_database(Settings()) as database, database.write() as session:
        place = place_named(session, home)
        given = {"given_name": given_name, "family_name": family_name, "email": email, "reference": reference}
        try:
            wanted = MemberWanted.model_validate(given | {"membership": {"place_id": place.id, "plan": plan}})
        except ValidationError as error:
            raise not_valid(error) from None
        membership = service.NewMembership(place.id, wanted.membership.plan, _day(first_day))
        fields = wanted.model_dump(exclude={"membership"})
        member = service.add_member(session, fields, membership, at=now, actor=SYSTEM)
        issue_card(session, member, at=now, actor=SYSTEM)
    say(f"{given_name} {family_name} is a member, and has a pass.")


@commands.command("edit")
def edit(
    who: Who,
    given_name: Annotated[str | None, typer.Option()] = None,
    family_name: Annotated[str | None, typer.Option()] = None,
    email: Annotated[str | None, typer.Option(help="To sign in with.")] = None,
    reference: Annotated[str | None, typer.Option(help="Their number in the place's own tool.")] = None,
) -> None:
    """Change who a member is; what is left out stays."""
    given = {"given_name": given_name, "family_name": family_name, "email": email, "reference": reference}
    try:
        changes = MemberChange.model_validate({k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        raise not_valid(error) from None
    with open_database(Settings()) as database, database.write() as session:
        fields = changes.model_dump(exclude_unset=True)
        service.change_member(session, _member(session, who), fields, at=system_clock(), actor=SYSTEM)
    say(f"{who} is changed.")


@commands.command("suspend")
def suspend(who: Who, reason: Annotated[str, typer.Argument(help="Seen by the member and their home only.")]) -> None:
    """Suspend a member: their passes are refused everywhere."""
    with open_database(Settings()) as database, database.write() as session:
        service.suspend_member(session, _member(session, who), reason, at=system_clock(), actor=SYSTEM)
    say(f"{who} is suspended.")


@commands.command("resume")
def resume(who: Who) -> None:
    """End a suspension."""
    with open_database(Settings()) as database, database.write() as session:
        service.resume_member(session, _member(session, who), at=system_clock(), actor=SYSTEM)
    say(f"{who} may come in again.")


@commands.command("move-home")
def move_home(who: Who, to: PlaceName, first_day: Day = None) -> None:
    """Move a member to another home. Their pass stays the same."""
    with open_database(Settings()) as database, database.write() as session:
        member, place = _member(session, who), place_named(session, to)
        day = _day(first_day)
        service.move_home(session, member, place, day, plan=None, tier=None, at=system_clock(), actor=SYSTEM)
    say(f"{who}: at home in {place.name} from {day}.")


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="members.csv")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Import members from a CSV file: all of it, or nothing."""
    with open_database(Settings()) as database, database.write() as session:
        report = import_members(
            session,
            read_csv(file.read_bytes()),
            within=None,
            dry_run=dry_run,
            at=system_clock(),
            actor=SYSTEM,
        )
    say(import_summary(report))
    if report.errors:
        raise failure("Nothing was imported. Correct these lines, then import the whole file again.")
