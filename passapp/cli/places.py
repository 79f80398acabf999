"""Commands on places."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy import select

from passapp.cli.common import failure, not_valid, open_database, say
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import system_clock
from passapp.kernel.settings import Settings
from passapp.places.api import PlaceChange, PlaceWanted
from passapp.places.models import Place
from passapp.places.service import add_place, change_place, place_named, set_vat

commands = typer.Typer(no_args_is_help=True, help="The places of the network.")


@commands.command("list")
def list_places() -> None:
    """List the places: code, name, town."""
    with open_database(Settings()) as database, database.read() as session:
        for place in session.scalars(select(Place).order_by(Place.code)):
            left = f"  (left on {place.left_on})" if place.left_on else ""
            say(f"{place.code:<36} {place.name}, {place.town}{left}")


@commands.command("add")
def add(
    code: Annotated[str, typer.Argument(help="Short and lasting: le-hangar.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    town: Annotated[str, typer.Argument()],
    postcode: Annotated[str, typer.Argument()],
    zone: Annotated[str, typer.Option(help="Its IANA time zone.")] = "Europe/Paris",
    country: Annotated[str, typer.Option(help="ISO 3166, for public holidays.")] = "FR",
    subdivision: Annotated[str | None, typer.Option(help="For its own holidays: 974, 57, 6AE.")] = None,
    kind: Annotated[
        str, typer.Option(help="coworking, fablab, cultural, community, cafe, employer, other.")
    ] = "coworking",
    door: Annotated[bool, typer.Option(help="--no-door: a home that nobody visits, such as an employer.")] = True,
    joined: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day that counts; today.")] = None,
) -> None:
    """Add a place."""
    try:
        wanted = PlaceWanted.model_validate(
            {
                "code": code,
                "name": name,
                "town": town,
                "postcode": postcode,
                "zone": zone,
                "country": country,
                "subdivision": subdivision,
                "kind": kind,
                "has_door": door,
                "joined_on": joined.date() if joined else date.today(),  # noqa: DTZ011  (the operator's own day)
            }
        )
    except ValidationError as error:
        raise not_valid(error) from None
    with open_database(Settings()) as database, database.write() as session:
        add_place(session, wanted.model_dump(), at=system_clock(), actor=SYSTEM)
    say(f"{name} is in the network. Next: `passapp grant EMAIL manager --place {code}`.")


@commands.command("edit")
def edit(
    place: Annotated[str, typer.Argument(help="Its code or name.")],
    name: Annotated[str | None, typer.Option()] = None,
    town: Annotated[str | None, typer.Option()] = None,
    postcode: Annotated[str | None, typer.Option()] = None,
    zone: Annotated[str | None, typer.Option(help="Its IANA time zone.")] = None,
    kind: Annotated[str | None, typer.Option()] = None,
) -> None:
    """Change a place's identity card; what is left out stays."""
    given = {"name": name, "town": town, "postcode": postcode, "zone": zone, "kind": kind}
    try:
        wanted = PlaceChange.model_validate({k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        raise not_valid(error) from None
    with open_database(Settings()) as database, database.write() as session:
        change_place(session, place_named(session, place), wanted.changes, at=system_clock(), actor=SYSTEM)
    say(f"{place} is changed.")


@commands.command("leave")
def leave(
    place: Annotated[str, typer.Argument(help="Its code or name.")],
    on: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The first day that counts no more.")],
) -> None:
    """Have a place leave the network on a date."""
    with open_database(Settings()) as database, database.write() as session:
        change_place(session, place_named(session, place), {"left_on": on.date()}, at=system_clock(), actor=SYSTEM)
    say(f"{place} leaves on {on:%Y-%m-%d}.")


@commands.command("vat")
def vat(
    place: Annotated[str, typer.Argument(help="Its code or name.")],
    percent: Annotated[str, typer.Argument(help="20, 8.5, or 0 for none.")],
    first_day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day it holds.")],
) -> None:
    """Say what VAT a place charges from a date on."""
    try:
        basis_points = Decimal(percent.replace(",", ".")) * 100
        is_whole = basis_points == basis_points.to_integral_value()
    except ArithmeticError:
        is_whole = False
    if not is_whole or not 0 <= basis_points <= 10_000:  # noqa: PLR2004
        raise failure("The VAT is a percentage from 0 to 100, with at most two decimals.")
    with open_database(Settings()) as database, database.write() as session:
        at = place_named(session, place)
        set_vat(session, at, first_day.date(), int(basis_points), at=system_clock(), actor=SYSTEM)
    say(f"{place} charges {percent} % VAT from {first_day:%Y-%m-%d}.")
