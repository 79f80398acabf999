"""Whether it is well: alive while the process answers, ready while the database does too."""

import shutil

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from passapp.app import create_app
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings


def ask(database, path):
    with TestClient(create_app(Settings(), database=database), headers={"Accept-Language": "en"}) as client:
        return client.get(path)


def test_a_process_that_answers_is_alive(world):
    assert world.client().get("/health/live").json() == {"status": "ok"}


def test_with_the_database_as_it_should_be_it_is_ready(world):
    assert world.client().get("/health/ready").json() == {"status": "ok"}


def test_with_another_schema_it_is_alive_but_not_ready(database):
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = ask(database, "/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")


def test_without_any_table_it_is_not_ready(empty_database_url):
    assert ask(Database(empty_database_url), "/health/ready").status_code == 503


@pytest.mark.parametrize("path, status", [("/health/live", 200), ("/health/ready", 503)])
def test_without_a_database_it_is_alive_but_not_ready(path, status):
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    assert ask(nowhere, path).status_code == status


def test_with_its_file_gone_it_is_not_ready(tmp_path, sqlite_template):
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "passapp.sqlite")
    database = Database(f"sqlite:///{tmp_path}/data/passapp.sqlite")
    shutil.rmtree(tmp_path / "data")
    assert ask(database, "/health/ready").status_code == 503
