"""The ``passapp`` command: what an operator does from a terminal."""

import os

import typer
from pydantic import ValidationError

from passapp.cli import admin, data, first_start, mail, members, places, running, settlement
from passapp.cli.common import not_valid
from passapp.kernel.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="One pass for every place of your network.")


@app.callback()
def _keep_to_ourselves() -> None:
    # Databases and keys hold people's names: nobody else on this machine may read what we write.
    os.umask(0o077)
    try:
        Settings()
    except ValidationError as error:
        raise not_valid(error) from None


app.command()(running.demo)
app.command()(running.serve)
app.command()(running.tick)
app.command()(running.migrate)
app.command()(data.backup)
app.command()(data.restore)
app.command()(running.version)
app.command()(first_start.set_up)
app.command()(admin.network)
app.command()(admin.grant)
app.command()(admin.link)
app.command()(mail.trial_mail)
app.command()(settlement.settle)
app.command()(settlement.verify)
app.command("import")(members.import_file)
app.command(hidden=True)(running.openapi)
app.add_typer(admin.keys, name="keys")
app.add_typer(settlement.convention, name="convention")
app.add_typer(places.commands, name="places")
app.add_typer(members.commands, name="members")
