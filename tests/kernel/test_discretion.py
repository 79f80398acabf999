"""What must not be kept, copied or shown: private answers in caches, addresses in logs, files that others can read."""

import logging
import socket
import stat

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from typer.testing import CliRunner

from passapp.accounts.models import Account
from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.cli import app
from passapp.kernel.audit import SYSTEM, AuditOrigin
from passapp.members.models import Member


def test_no_answer_of_the_api_is_kept_by_a_cache_unless_it_says_so(world):
    coordinator = world.as_coordinator()
    assert coordinator.get("/api/v1/members").headers["cache-control"] == "no-store"
    assert coordinator.get("/api/v1/nothing").headers["cache-control"] == "no-store"
    assert "max-age" in coordinator.get("/.well-known/jwks.json").headers["cache-control"]


def test_what_a_proxy_says_is_written_down_only_if_it_is_an_address(world):
    account = world.account(Role.COORDINATOR)
    with world.database.write() as session:
        found = session.get_one(Account, account.id)
        secret = make_sign_in_link(session, found, at=world.now, actor=SYSTEM, how="mail")
    client = TestClient(world.app, client=("somewhere", 50000))
    assert client.post("/api/v1/sign-in", json={"token": secret}).status_code == 200
    with world.session() as session:
        assert session.scalars(select(AuditOrigin)).all() == []


def test_a_refused_constraint_is_logged_by_its_name_and_not_by_its_row(world, caplog, monkeypatch):
    world.member(email="secret.person@example.org")
    monkeypatch.setattr("passapp.members.service._check_unique", lambda *_: None)
    body = {
        "given_name": "Max",
        "family_name": "Noir",
        "email": "secret.person@example.org",
        "membership": {"place_id": str(world.hangar.id), "plan": "TOUT"},
    }
    with caplog.at_level(logging.DEBUG):
        answer = world.as_coordinator().post("/api/v1/members", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "constraint" in caplog.text
    assert "secret.person" not in caplog.text
    with world.session() as session:
        assert len(session.scalars(select(Member)).all()) == 1


def test_an_address_with_a_slash_too_many_leads_nowhere_else(world):
    answer = world.client().get("/api/v1/network/", headers={"Host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 404


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_that_another_program_has_is_told_before_anything_else(tmp_path, monkeypatch, taken_port):

    monkeypatch.setenv("PASSAPP_DATA_DIR", str(tmp_path / "data"))
    result = CliRunner().invoke(app, ["demo", "--port", str(taken_port)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"Port {taken_port} is taken" in result.stderr


def test_what_a_command_writes_is_for_its_owner_only(tmp_path, monkeypatch):

    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(folder))
    assert CliRunner().invoke(app, ["migrate"]).exit_code == 0
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
