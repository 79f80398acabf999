"""The ``passapp`` command: what an operator does from a terminal."""

import os

import typer

from passapp.cli import admin, members, places, running

app = typer.Typer(no_args_is_help=True, add_completion=False, help="One pass for every place of your network.")


@app.callback()
def _keep_to_ourselves() -> None:
    # Databases and keys hold people's names: nobody else on this machine may read what we write.
    os.umask(0o077)


app.command()(running.demo)
app.command()(running.serve)
app.command()(running.migrate)
app.command()(running.version)
app.command()(admin.network)
app.command()(admin.grant)
app.command()(admin.link)
app.command()(admin.settle)
app.command("import")(members.import_file)
app.command(hidden=True)(running.openapi)
app.add_typer(admin.keys, name="keys")
app.add_typer(places.commands, name="places")
app.add_typer(members.commands, name="members")
