"""One line a request, and in no line a name, an address, an id or a token."""

import json
import logging
import re
import sqlite3
import urllib.request
from urllib.error import HTTPError

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from passapp.accounts.models import Account
from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.kernel.audit import SYSTEM, AuditEntry, AuditOrigin
from passapp.kernel.logs import formatter, told
from passapp.kernel.settings import Settings
from tests.accounts.access_table import TABLE
from tests.callers import Callers, operations
from tests.kernel.log_lines import LogLines
from tests.served import served

UUID_OF_ANYTHING = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
MARKS = ("Zénobie", "Zenobie", "Quintefeuille", "marque", "@", "Bearer", "__Host", "Ada", "Téléphone")


@pytest.fixture
def lines():
    with LogLines() as lines:
        yield lines


def ask(address, method="GET", body=None, **headers):
    request = urllib.request.Request(address, method=method, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


def test_a_request_is_one_line_with_its_routes_template_and_the_kind_of_caller(world, lines):
    member = world.member()
    answer = world.as_coordinator().get(f"/api/v1/members/{member.id}?q=marque")
    [line] = lines.of("passapp.request")
    del line["timestamp"]
    assert line.pop("milliseconds") > 0
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "passapp.request",
        "method": "GET",
        "route": "/api/v1/members/{member_id}",
        "status": 200,
        "caller": "person",
        "request_id": answer.headers["x-request-id"],
    }


def test_the_caller_is_told_by_kind_only(world, lines):
    for client in (world.client(), world.as_manager(), world.as_door()):
        client.get("/api/v1/me")
    world.client().get("/api/v1/me", headers={"Authorization": "Bearer passapp_marque"})
    assert [line["caller"] for line in lines.of("passapp.request")] == ["nobody", "person", "device", "key"]


@pytest.mark.parametrize("path", ["/api/v1/members-of-marque", "/marque", "/assets/marque.js", "/sign-in"])
def test_an_address_that_no_route_answers_is_not_repeated(world, lines, path):
    world.client().get(path)
    [line] = lines.of("passapp.request")
    assert line["route"] == "unmatched"
    assert "marque" not in lines.text


def test_a_method_of_somebodys_own_is_not_repeated(world, lines):
    world.client().request("MARQUE", "/api/v1/network")
    assert lines.of("passapp.request")[0]["method"] == "other"


def test_every_request_has_an_id_of_its_own_and_a_client_cannot_choose_it(world):
    client = world.client()
    ids = {client.get("/api/v1/me", headers={"X-Request-Id": "marque"}).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", identifier) for identifier in ids)


def test_what_monitors_ask_is_silent_unless_something_is_wrong(world, lines, monkeypatch):
    world.client().get("/health/live")
    monkeypatch.setattr("passapp.running.expected_revision", lambda: "another")
    world.client().get("/health/ready")
    assert [(line["level"], line["status"]) for line in lines.of("passapp.request")] == [("debug", 200), ("error", 503)]


@pytest.mark.parametrize("role", ["coordinator", "manager", "member", "door", "nobody"])
def test_no_line_holds_a_name_an_address_an_id_or_a_token_whatever_is_asked(world, lines, role):
    callers = Callers(world)
    callers.people[world.hangar.id] = world.member(
        world.hangar, given_name="Zénobie", family_name="Quintefeuille", email="marque@example.org"
    )
    client = callers.client(role)
    for operation in operations():
        for place in (world.hangar, world.moulin):
            request = callers.request(operation, place)
            request["params"] = request.get("params", {}) | {"q": "Quintefeuille"}
            client.request(**request)
        if "anyone" in TABLE[operation.id].here:
            client = callers.client(role)
    assert len(lines.of("passapp.request")) >= 2 * len(operations())
    shown = [client.headers.get("authorization", "")[7:], *client.cookies.values()]
    assert [mark for mark in (*MARKS, *filter(None, shown)) if mark in lines.text] == []
    assert UUID_OF_ANYTHING.search(lines.text) is None


def test_an_error_that_nobody_expected_is_told_by_its_place_and_not_by_its_words(world, lines, monkeypatch):
    def fail(*_args):
        try:
            {}["marque@example.org"]
        except KeyError as error:
            raise ValueError("Zénobie Quintefeuille <marque@example.org>") from error

    monkeypatch.setattr("passapp.running.present_revision", fail)
    with served(world.app, world.settings) as address:
        status, headers, body = ask(f"{address}/health/ready?q=marque")
    assert status == 500
    answered = json.loads(body)
    assert (answered["code"], answered["request_id"]) == ("server_error", headers["x-request-id"])
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    [error] = [line for line in lines.of("uvicorn.error") if line["level"] == "error"]
    assert error["request_id"] == headers["x-request-id"]
    assert error["exception"].startswith("ValueError\n")
    assert "test_logs.py" in error["exception"]
    assert "caused by KeyError\n" in error["exception"]
    assert [mark for mark in MARKS if mark in lines.text] == []


def test_a_driver_says_what_is_wrong_with_the_machine_and_nothing_of_a_row():
    full = psycopg.errors.DiskFull("could not extend file\nDETAIL: marque")
    assert told(full) == "psycopg.errors.DiskFull: could not extend file"
    assert told(sqlite3.OperationalError("disk I/O error")) == "sqlite3.OperationalError: disk I/O error"
    taken = psycopg.errors.UniqueViolation("duplicate key\nDETAIL: Key (email)=(marque@example.org)")
    assert told(taken) == "psycopg.errors.UniqueViolation"
    assert told(FileNotFoundError(2, "", "/home/marque")) == "FileNotFoundError: No such file or directory"


def test_a_chain_of_causes_that_never_ends_is_cut():
    error = ValueError()
    error.__cause__ = error
    assert told(error).count("ValueError") == 5


def test_for_people_a_line_is_not_json():
    record = logging.makeLogRecord(
        {"name": "passapp", "levelname": "INFO", "levelno": logging.INFO, "msg": "chore done"}
    )
    assert not formatter(for_people=True).format(record).startswith("{")
    assert "chore done" in formatter(for_people=True).format(record)


@pytest.mark.parametrize(
    "trusted, written", [("127.0.0.1,::1", "203.0.113.7"), ("10.0.0.0/8", "127.0.0.1"), ("", "127.0.0.1")]
)
def test_only_a_trusted_proxy_says_where_a_request_comes_from(world, trusted, written):
    account = world.account(Role.COORDINATOR)
    with world.database.write() as session:
        found = session.get_one(Account, account.id)
        secret = make_sign_in_link(session, found, at=world.now, actor=SYSTEM, how="mail")
    body = json.dumps({"token": secret}).encode()
    with served(world.app, Settings(trusted_proxies=trusted)) as address:
        headers = {"Content-Type": "application/json", "X-Forwarded-For": "203.0.113.7"}
        assert ask(f"{address}/api/v1/sign-in", "POST", body, **headers)[0] == 200
    with world.session() as session:
        opened = select(AuditOrigin.address).join(AuditOrigin.entry).where(AuditEntry.action == "session.open")
        assert session.scalars(opened).all() == [written]


def test_a_client_that_shows_both_a_token_and_a_cookie_counts_as_the_device_that_it_says_it_is(world, lines):
    with TestClient(world.app, headers={"Authorization": "Bearer x", "Cookie": "passapp=y"}) as client:
        client.get("/api/v1/me")
    assert lines.of("passapp.request")[0]["caller"] == "device"
