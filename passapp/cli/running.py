"""Commands that run Passapp: ``demo``, ``serve``, ``tick``, ``migrate``."""

import gc
import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from passapp import __version__
from passapp.app import create_app
from passapp.bookings.guards import Unguarded, check_guard
from passapp.cli.common import failure, open_database, say
from passapp.cli.first_start import invite_to_set_up
from passapp.demo.people import invitation
from passapp.demo.seed import holds_another_network, seed_demo
from passapp.kernel.clock import system_clock
from passapp.kernel.database import Database
from passapp.kernel.logs import configure_logs
from passapp.kernel.metrics import SHARED_FOLDER
from passapp.kernel.migrations import migrate as apply_migrations
from passapp.kernel.settings import Settings
from passapp.kernel.ticking import tick as do_chores
from passapp.kernel.ticking import ticking
from passapp.kernel.web_app import web_folder
from passapp.running import MEANINGS, chores


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


def serve(
    migrate_first: Annotated[bool, typer.Option("--migrate", help="Run `passapp migrate` first.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; 1 on SQLite.")] = None,
    run_chores: Annotated[bool, typer.Option("--tick/--no-tick", help="Do the chores of `passapp tick` too.")] = True,
) -> None:
    """Serve the network: API and web app."""
    settings = Settings()
    if settings.demo:
        raise failure("PASSAPP_DEMO is set: one-click sign-in belongs to `passapp demo`, never to a real network.")
    configure_logs(settings.log_format)
    if migrate_first:
        _migrate(settings)
    workers = workers or settings.workers
    with open_database(settings) as database:
        _check_guard(database)
        _check_port(settings)
        _greet(settings)
        invite_to_set_up(database, settings)
        # In this process, which is the server, or the one that looks after its workers: once, however many they are.
        ticks = settings.tick and run_chores
        with (
            ticking(database, chores(settings), system_clock) if ticks else nullcontext(),
            _counting_together(workers),
        ):
            if workers == 1:
                uvicorn.run(f"{__name__}:application", factory=True, **_manners(settings))
            else:
                _run_workers(settings, workers)


def _run_workers(settings: Settings, workers: int) -> None:
    """Serve from several processes, as ``uvicorn.run`` would, but let each answer leave at once.

    They share a socket that uvicorn opens, for which asyncio leaves Nagle's algorithm on: 40 ms an answer.
    """
    config = uvicorn.Config(f"{__name__}:application", factory=True, workers=workers, **_manners(settings))
    listening = config.bind_socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the accepted ones inherit it
    with suppress(KeyboardInterrupt):
        Multiprocess(config, sockets=[listening]).run()


def application() -> FastAPI:
    """What each worker of ``passapp serve`` serves, by the settings in its environment."""
    settings = Settings()
    configure_logs(settings.log_format)
    app = create_app(settings)
    # What was built stays: the collector need not look through all of it in the midst of a batch.
    gc.collect()
    gc.freeze()
    return app


def tick(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
) -> None:
    """Do the chores that are due: for cron or a timer, where `passapp serve` does not do them itself."""
    settings = Settings()
    configure_logs(settings.log_format)
    with open_database(settings) as database:
        done = do_chores(database, chores(settings), now=system_clock(), dry_run=dry_run)
    for name, count in done.items():
        if count:
            say(f"{name}: {count}" + (f" would be done ({MEANINGS[name]})" if dry_run else " done"))
    if set(done.values()) <= {0}:
        say("There is nothing to do.")
    if failed := [name for name, count in done.items() if count is None]:
        raise failure(f"Failed: {', '.join(failed)}.")


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
        _greet(settings)
        configure_logs("console" if settings.log_format == "auto" else settings.log_format, level=logging.WARNING)
        with ticking(database, chores(settings), system_clock):
            uvicorn.run(create_app(settings), **_manners(settings))


def _check_guard(database: Database) -> None:
    """Say so before any worker starts where a room could be booked twice."""
    try:
        check_guard(database)
    except Unguarded as error:
        raise failure(
            f"Not started: {error}. Restore a backup into a new database, or ask for help: nothing may be booked here."
        ) from None


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


def _greet(settings: Settings) -> None:
    if web_folder() is None:
        say("There is no built web app (web/dist): only the API is served. `make run` builds it.")
    say(f"Passapp {__version__}: {settings.public_url}   (Ctrl-C stops it)")


def _manners(settings: Settings) -> dict[str, Any]:
    """How uvicorn serves: the log is ours, and only a trusted proxy may say where a request comes from."""
    return {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "forwarded_allow_ips": settings.trusted_proxies,
        # A worker that is still starting does not answer: five seconds would kill it again and again on a busy machine.
        "timeout_worker_healthcheck": 30,
    }


@contextmanager
def _counting_together(workers: int) -> Iterator[None]:
    """Have several workers count in one folder, so that whichever answers /metrics speaks for all."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="passapp-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[SHARED_FOLDER]
