"""Commands that run Passapp: ``demo``, ``serve``, ``migrate``."""

import json
import socket
from typing import Annotated

import typer
import uvicorn

from passapp import __version__
from passapp.app import create_app
from passapp.cli.common import failure, open_database, say
from passapp.demo.people import invitation
from passapp.demo.seed import holds_another_network, seed_demo
from passapp.kernel.clock import system_clock
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate as apply_migrations
from passapp.kernel.settings import Settings
from passapp.kernel.web_app import web_folder


def version() -> None:
    """Say which version this is."""
    say(__version__)


def openapi() -> None:
    """Print the OpenAPI document, the demo's routes included."""
    document = create_app(Settings(demo=True)).openapi()
    say(json.dumps(document, indent=2, ensure_ascii=False))


def migrate() -> None:
    """Bring the database to the present schema; does nothing where there is nothing to do."""
    _migrate(Settings())
    say("The database is up to date.")


def serve() -> None:
    """Serve the network: API and web app."""
    settings = Settings()
    if settings.demo:
        raise failure("PASSAPP_DEMO is set: one-click sign-in belongs to `passapp demo`, never to a real network.")
    with open_database(settings):
        _check_port(settings)
        _run(settings)


def demo(port: Annotated[int | None, typer.Option(help="Another port than 8000.")] = None) -> None:
    """Start the demo network: invented members and visits, one-click sign-in. A second start keeps its data."""
    settings = Settings()
    port = port or settings.port
    own: dict[str, object] = {"demo": True, "port": port}
    if "public_url" not in settings.model_fields_set:
        own["public_url"] = f"http://localhost:{port}"
    settings = settings.model_copy(update=own)
    _check_port(settings)
    _migrate(settings)
    with open_database(settings) as database:
        if holds_another_network(database):
            raise failure("This data folder holds a real network. Give the demo its own: PASSAPP_DATA_DIR=…")
        seed_demo(database, settings, now=system_clock(), say=say)
        say(invitation(settings.public_url))
        _run(settings)


def _check_port(settings: Settings) -> None:
    """Say so before anything else where another program listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            example = settings.port + 1
            raise failure(f"Port {settings.port} is taken. Choose another: PASSAPP_PORT={example}") from None


def _migrate(settings: Settings) -> None:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url)
    try:
        apply_migrations(database.engine)
    finally:
        database.dispose()


def _run(settings: Settings) -> None:
    if web_folder() is None:
        say("There is no built web app (web/dist): only the API is served. `make run` builds it.")
    say(f"Passapp {__version__}: {settings.public_url}   (Ctrl-C stops it)")
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="warning", access_log=False)
