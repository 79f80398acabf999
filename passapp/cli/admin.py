"""Commands of the coordination: the network, roles, sign-in links, keys."""

from typing import Annotated

import typer

from passapp.accounts.roles import grant_role
from passapp.accounts.rules import GRANTABLE, Role, canonical_email
from passapp.accounts.service import account_by_email, ensure_account, make_sign_in_link
from passapp.cli.common import failure, open_database, say
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import system_clock
from passapp.kernel.settings import Settings
from passapp.network.service import found_network, get_network
from passapp.passes.keys import ensure_keys, rotate_keys
from passapp.places.service import place_named
from passapp.settlement.months.keys import renew_key

keys = typer.Typer(no_args_is_help=True, help="The keys that sign passes.")
LONGEST_CODE = 8


def network(
    code: Annotated[str, typer.Argument(help="At most 8 letters and digits: it stands in every pass, for ever.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    locale: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Create the network of this deployment: once, first of all."""
    if not (code.isascii() and code.isalnum() and len(code) <= LONGEST_CODE) or locale not in {"fr", "en"}:
        raise failure("The code is at most 8 letters and digits without accents; the locale is fr or en.")
    settings, now = Settings(), system_clock()
    with open_database(settings) as database, database.write() as session:
        found_network(session, code.upper(), name, locale=locale, at=now, actor=SYSTEM)
        ensure_keys(session, settings.keys_dir, at=now)
    say(f"{name} exists. Next: `passapp grant EMAIL coordinator`, then `passapp link EMAIL`.")


def grant(
    email: Annotated[str, typer.Argument(help="Whose role it is.")],
    role: Annotated[str, typer.Argument(help="coordinator, network_accountant, manager, host or place_accountant.")],
    place: Annotated[str | None, typer.Option(help="For a role at a place: its code or name.")] = None,
) -> None:
    """Give somebody a role; their account is made if need be."""
    if role not in GRANTABLE:
        raise failure(f"There is no role {role}. Roles: {', '.join(sorted(GRANTABLE))}.")
    try:
        address = canonical_email(email)
    except ValueError as error:
        raise failure(str(error)) from None
    now = system_clock()
    with open_database(Settings()) as database, database.write() as session:
        at = place_named(session, place) if place else None
        locale = get_network(session).locale
        account = ensure_account(session, address, address.partition("@")[0], locale=locale, at=now)
        grant_role(session, account, Role(role), at, at=now, actor=SYSTEM)
    say(f"{address} is {role}" + (f" at {place}." if place else "."))


def link(email: Annotated[str, typer.Argument(help="Whom to sign in.")]) -> None:
    """Print a link that signs somebody in, once, within 15 minutes."""
    settings = Settings()
    with open_database(settings) as database, database.write() as session:
        account = account_by_email(session, email)
        secret = make_sign_in_link(session, account, at=system_clock(), actor=SYSTEM, how="command")
    say(f"{settings.public_url}/sign-in#{secret}")


@keys.command("rotate")
def rotate(
    compromised: Annotated[
        bool,
        typer.Option(help="Strangers know the present key: every printed card becomes worthless at once."),
    ] = False,
) -> None:
    """Sign with the next key from now on, and publish another next one."""
    settings = Settings()
    with open_database(settings) as database, database.write() as session:
        kid = rotate_keys(session, settings.keys_dir, compromised=compromised, at=system_clock(), actor=SYSTEM)
        if compromised:  # they lie in the same folder
            renew_key(session, settings.keys_dir, at=system_clock(), actor=SYSTEM)
    say(f"Passes are now signed with the key {kid}.")
