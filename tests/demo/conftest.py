from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy.orm import Session

from passapp.demo.seed import seed_demo
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # a Friday afternoon


@dataclass
class Demo:
    session: Session
    settings: Settings
    said: list[str]


def seed(database: Database, folder: Path, *, now: datetime = NOW, people: int = 30, days: int | None = 25) -> Demo:
    """Seed a small demo, and open it for reading (the session is closed by the caller)."""
    settings = Settings(data_dir=folder, demo=True)
    said: list[str] = []
    assert seed_demo(database, settings, now=now, say=said.append, people=people, days=days)
    return Demo(Session(database.engine), settings, said)


@pytest.fixture(scope="session")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A small demo that tests only read."""
    folder = tmp_path_factory.mktemp("demo")
    copyfile(sqlite_template, folder / "passapp.sqlite")
    database = Database(f"sqlite:///{folder / 'passapp.sqlite'}")
    demo = seed(database, folder)
    yield demo
    demo.session.close()
    database.dispose()
