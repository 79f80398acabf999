"""Importing a members.csv: who may write whom by a file, what is written down, and what it costs."""

import json
from datetime import date

import pytest
from sqlalchemy import event, func, select

from passapp.accounts.rules import Role
from passapp.kernel.audit import AuditEntry
from passapp.members import import_api
from passapp.members.models import Member
from passapp.members.service import NewMembership
from passapp.passes.models import IssuedPass
from tests.members.csv_files import LEA, MAX, TITLES, count, errors, everybody, send
from tests.world import LONG_AGO


def test_a_manager_imports_into_their_own_places_only(world):
    manager = world.as_manager(world.hangar)
    report = send(manager, TITLES + LEA + MAX)
    assert errors(report) == [(3, "home", "not_your_place")]
    assert count(world, Member) == 0
    assert send(manager, TITLES + LEA)["imported"]


def test_a_manager_learns_nothing_of_another_places_member_and_changes_nothing(world, coordinator):
    send(coordinator, TITLES + "Ali;Secret;Le Moulin;TOUT;ali@example.org;M-1;;;;\n")
    manager = world.as_manager(world.hangar)
    for line in ("Zoé;Roux;hangar;TOUT;ali@example.org;;;;;\n", "Zoé;Roux;hangar;TOUT;;M-1;;;;\n"):
        report = send(manager, TITLES + line)
        assert errors(report)[0][2] in {"email_taken", "reference_taken"}
        assert "Secret" not in json.dumps(report)
    assert everybody(world).keys() == {"Ali"}


def test_a_manager_cannot_change_the_member_of_a_former_home_by_a_file(world, coordinator):
    send(coordinator, TITLES + LEA)
    send(coordinator, TITLES + "Léa;Bertin;Le Moulin;TOUT;lea@example.org;H-1;;;01/10/2026;\n")
    manager = world.as_manager(world.hangar)
    for line, column in (("lea@example.org;", "email"), (";H-1", "reference")):
        report = send(manager, TITLES + f"Autre;Nom;Le Hangar;TOUT;{line};;;;\n")
        assert errors(report) == [(2, column, f"{column}_taken")]
    assert everybody(world)["Léa"].family_name == "Bertin"


def test_a_manager_moves_nobody_by_a_file_whom_they_could_not_move_otherwise(world, coordinator):
    """A second home does not take over who pays, and nobody dates a move back."""
    at = {"plan": "TOUT", "first_day": LONG_AGO, "priority": 1}
    former = NewMembership(world.moulin.id, **at)
    coming = NewMembership(world.hangar.id, "TOUT", date(2026, 11, 1), date(2026, 11, 30), priority=2)
    world.member(family_name="Bertin", email="lea@example.org", memberships=[former, coming])
    line = "Léa;Bertin;Le Hangar;TOUT;lea@example.org;;;;01/12/2026;\n"
    assert errors(send(world.as_manager(world.hangar), TITLES + line)) == [(2, "home", "not_your_place")]
    send(coordinator, TITLES + MAX)
    account = world.account(Role.MANAGER, world.hangar)
    world.give(account, Role.MANAGER, world.moulin)
    back = TITLES + "Max;Noir;Le Hangar;TOUT;;M-1;;;17/11/2026;\n"
    send(coordinator, TITLES + "Max;Noir;Le Moulin;TOUT;;M-1;;;;\n")
    assert errors(send(world.signed_in(account), back)) == [(2, "first_day", "move_in_the_past")]
    assert send(coordinator, back)["imported"]


def test_a_file_is_read_for_those_who_may_import_only(world, monkeypatch):
    def never(_):
        pytest.fail("read for a stranger")

    monkeypatch.setattr(import_api, "read_csv", never)
    answers = [
        client.post("/api/v1/members/import", content=(TITLES + LEA).encode())
        for client in (world.client(), world.as_member(world.member()))
    ]
    assert [answer.status_code for answer in answers] == [401, 403]


def statements_of(world, do):
    """How many statements the database is sent."""
    sent = []
    note = lambda *_: sent.append(1)  # noqa: E731
    event.listen(world.database.engine, "before_cursor_execute", note)
    do()
    event.remove(world.database.engine, "before_cursor_execute", note)
    return len(sent)


def test_a_longer_file_costs_no_more_statements(world, coordinator):
    def lines(numbers, given_name="Léa", plan="TOUT"):
        people = (f"{given_name};B{n};hangar;{plan};l{n}@example.org;H-{n};{given_name.lower()};;;" for n in numbers)
        return TITLES + "\n".join(people)

    few, many = range(3), range(100, 160)
    for written in ({}, {"given_name": "Leo"}):
        short, long = (
            statements_of(world, lambda n=n, w=written: send(coordinator, lines(n, **w))) for n in (few, many)
        )
        assert long <= short + 3, written
    issue = lambda: coordinator.post("/api/v1/passes/missing")  # noqa: E731
    assert statements_of(world, issue) < 20
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(IssuedPass)) == 63


def test_who_imported_how_many_is_in_the_audit_log_and_no_name_is(world, coordinator):
    send(coordinator, TITLES + LEA + MAX)
    with world.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "members.import")).one()
        everything = repr([row.detail for row in session.scalars(select(AuditEntry))])
    assert entry.detail == {"created": 2, "changed": 0}
    assert "Bertin" not in everything
    assert "example.org" not in everything
