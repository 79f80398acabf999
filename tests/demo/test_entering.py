"""Who signs in at a door of the demo, also after its person has erased themselves."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from passapp.app import create_app
from passapp.demo.people import ROLE_EMAILS
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings
from tests.demo.conftest import seed

LEA = ROLE_EMAILS["member"]


@pytest.fixture
def app(sqlite_template, tmp_path):
    (tmp_path / "passapp.sqlite").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'passapp.sqlite'}")
    now = datetime.now(UTC)
    seed(database, tmp_path, now=now, days=8).session.close()
    yield create_app(Settings(data_dir=tmp_path, demo=True), database=database)
    database.dispose()


def enter(app, role):
    """A browser after one click on a door of the demo, and what that was answered."""
    client = TestClient(app, base_url="http://localhost")
    return client, client.post("/api/v1/demo/sign-in", json={"role": role})


def erase_oneself(client, email):
    answer = client.post("/api/v1/my-data/erasure", json={"confirm": email})
    assert answer.status_code < 300, answer.text


def test_after_lea_has_erased_herself_another_member_with_a_good_pass_signs_in(app):
    lea, answer = enter(app, "member")
    assert answer.json()["account"]["email"] == LEA
    erase_oneself(lea, LEA)
    member, answer = enter(app, "member")
    assert answer.json()["account"]["email"] != LEA
    assert [grant["role"] for grant in answer.json()["grants"]] == ["member"]
    assert any(each["state"] == "active" for each in member.get("/api/v1/me/passes").json()["items"])


def test_where_nobody_else_has_that_role_a_sentence_says_how_to_begin_again(app):
    erase_oneself(enter(app, "accountant")[0], ROLE_EMAILS["accountant"])
    _, answer = enter(app, "accountant")
    assert (answer.status_code, answer.json()["code"]) == (410, "demo_person_erased")
    assert not answer.cookies
