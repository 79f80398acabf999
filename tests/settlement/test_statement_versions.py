"""Former versions of a place's statement: listed, downloaded as they were signed, and verified."""

import json
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from passapp.cli import app
from passapp.kernel.audit import SYSTEM
from passapp.places.service import change_place, get_place
from passapp.settlement.months.keys import read_keys
from passapp.settlement.months.models import StatementText
from passapp.settlement.payments.models import Payment
from passapp.settlement.rules.checking import arithmetic_flaws
from passapp.settlement.rules.documents import sha256_of
from passapp.settlement.rules.sealing import chain_flaws, seal_flaws
from tests.scenes import rows, visits
from tests.settlement.living import close, code_of, november, pass_time
from tests.settlement.months import MONTH, agree
from tests.settlement.payments.closed import put
from tests.settlement.reporting import answer, reported


@pytest.fixture
def corrected(world):
    """November with two visits, of which one was taken out: two versions. The phare has nothing to do with them."""
    agree(world)
    world.phare = world.place("phare")
    november(world, visits=2)
    contest = reported(world, visits=[str(visits(world)[0].id)])
    assert answer(world.as_manager(world.moulin), contest, agrees=True).json()["state"] == "accepted"
    return world


def path(place, *steps):
    return "/".join([f"/api/v1/places/{place.id}/statements/{MONTH}", *map(str, steps)])


def listed(world, place=None):
    place = place or world.hangar
    found = world.as_manager(place).get(path(place, "versions"))
    assert found.status_code == 200, found.text
    return found.json()["items"]


def sealed(world, number, place=None):
    place = place or world.hangar
    found = world.as_manager(place).get(path(place, "versions", number, "sealed.json"))
    assert found.status_code == 200, found.text
    return json.loads(found.content)


def of(place):
    return StatementText.place_id == place.id


def keys(world):
    return world.client().get("/api/v1/statement-keys").json()


def test_a_place_reads_its_versions_when_they_were_published_and_why(corrected):
    first, second = listed(corrected)
    assert (first["number"], first["reason"], first["previous_sha256"]) == (1, "first", None)
    assert (second["number"], second["reason"]) == (2, "contest")
    assert second["previous_sha256"] == first["sha256"] != second["sha256"]
    assert first["published_at"] == "2026-12-01T12:00:00Z"


def test_a_month_that_is_not_published_has_none(world):
    agree(world)
    assert listed(world) == []


def test_a_former_version_is_downloaded_as_it_was_signed_and_verified_from_the_file_alone(corrected):
    first, second = sealed(corrected, 1), sealed(corrected, 2)
    known = read_keys(keys(corrected)["keys"])
    assert [row["visits"] for row in first["statement"]["made"]] == [2]
    assert [row["visits"] for row in second["statement"]["made"]] == [1]
    for each, row in zip((first, second), listed(corrected), strict=True):
        assert sha256_of(each["statement"]) == row["sha256"]
        assert seal_flaws(each, known) == arithmetic_flaws(each["statement"]) == []
    assert chain_flaws(second, sha256_of(first["statement"])) == []


def test_the_last_version_is_the_signed_statement(corrected):
    last = corrected.as_manager(corrected.hangar).get(path(corrected.hangar, "sealed.json")).content
    assert json.loads(last) == sealed(corrected, 2)


def test_once_the_month_is_closed_every_version_is_still_there_and_only_former_ones_take_room(corrected):
    before = [sealed(corrected, number) for number in (1, 2)]
    close(corrected)
    assert [row["reason"] for row in listed(corrected)] == ["first", "contest", "closed"]
    assert [sealed(corrected, number) for number in (1, 2)] == before
    assert sealed(corrected, 3)["statement"] == before[1]["statement"]
    kept = {row.number: row.content is None for row in rows(corrected, StatementText, of(corrected.hangar))}
    assert kept == {1: False, 2: True}


def test_of_a_place_that_nothing_changed_for_a_version_says_so_and_is_not_kept_twice(corrected):
    assert [row["has_changed"] for row in listed(corrected)] == [True, True]
    assert [row["has_changed"] for row in listed(corrected, corrected.phare)] == [True, False]
    assert len(rows(corrected, StatementText, of(corrected.phare))) == 1
    first, second = (sealed(corrected, number, corrected.phare)["statement"] for number in (1, 2))
    assert first["month_sha256"] != second["month_sha256"]
    close(corrected)
    assert [sealed(corrected, number, corrected.phare)["statement"] for number in (1, 2)] == [first, second]


def test_the_command_says_of_a_former_version_that_another_has_followed(corrected, tmp_path, monkeypatch):
    monkeypatch.setenv("PASSAPP_DATABASE_URL", corrected.database.engine.url.render_as_string(hide_password=False))
    file, known = tmp_path / "first.json", tmp_path / "keys.json"
    file.write_text(json.dumps(sealed(corrected, 1)))
    known.write_text(json.dumps(keys(corrected)))
    said = CliRunner().invoke(app, ["verify", str(file)])
    assert said.exit_code == 0, said.output
    assert "published it as version 1. Version 2 has followed" in said.output
    alone = CliRunner().invoke(app, ["verify", str(file), "--keys", str(known)])
    assert (alone.exit_code, "the network signed it" in alone.output) == (0, True)
    wrong = sealed(corrected, 1)
    wrong["statement"]["position_cents"] += 1
    file.write_text(json.dumps(wrong))
    assert CliRunner().invoke(app, ["verify", str(file)]).exit_code == 1


@pytest.fixture
def gone(world):
    """December, in which the phare, which has left, owes what it did not pay of November: version 1; it pays: 2."""
    agree(world)
    world.phare = world.place("phare")
    november(world, home=world.phare)
    with world.database.write() as session:
        change_place(
            session, get_place(session, world.phare.id), {"left_on": date(2026, 12, 1)}, at=world.now, actor=SYSTEM
        )
    close(world)
    [payment] = rows(world, Payment)
    assert put(world.as_manager(world.phare), payment, payment.version, state="failed").status_code == 200
    pass_time(world, datetime(2027, 1, 1, 12, tzinfo=UTC))
    world.first = december(world, "versions", 1, "sealed.json")
    [payment] = rows(world, Payment)
    assert put(world.as_manager(world.phare), payment, payment.version, state="paid").status_code == 200
    pass_time(world, datetime(2027, 1, 2, 12, tzinfo=UTC))
    return world


def december(world, *steps):
    found = world.as_manager(world.phare).get(
        "/".join([f"/api/v1/places/{world.phare.id}/statements/2026-12", *map(str, steps)])
    )
    assert found.status_code == 200, found.text
    return found.json()


def test_a_place_of_which_the_next_version_says_nothing_gets_a_statement_that_says_so(gone):
    first, second = december(gone, "versions")["items"]
    assert (
        gone.first["statement"]["position_cents"],
        december(gone, "sealed.json")["statement"]["position_cents"],
    ) == (-500, 0)
    assert (second["previous_sha256"], second["has_changed"]) == (first["sha256"], True)
    assert december(gone, "versions", 1, "sealed.json") == gone.first


def test_once_the_month_is_closed_such_a_place_still_has_every_version(gone):
    pass_time(gone, datetime(2027, 1, 25, 12, tzinfo=UTC))
    assert [each["number"] for each in december(gone, "versions")["items"]] == [1, 2, 3]
    assert december(gone, "versions", 1, "sealed.json") == gone.first
    assert december(gone, "sealed.json")["statement"]["position_cents"] == 0


def test_the_command_says_of_the_statement_of_such_a_place_that_another_has_followed(gone, tmp_path, monkeypatch):
    monkeypatch.setenv("PASSAPP_DATABASE_URL", gone.database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr("passapp.cli.settlement.system_clock", lambda: gone.now)
    file = tmp_path / "first.json"
    file.write_text(json.dumps(gone.first))
    said = CliRunner().invoke(app, ["verify", str(file)])
    assert (said.exit_code, "Version 2 has followed" in said.output) == (0, True), said.output


def test_a_version_that_never_was_and_another_places_are_not_given(corrected):
    manager = corrected.as_manager(corrected.hangar)
    missing = manager.get(path(corrected.hangar, "versions", 9, "sealed.json"))
    assert code_of(missing) == (404, "statement_version_unknown")
    assert manager.get(path(corrected.moulin, "versions")).status_code == 403
    assert manager.get(path(corrected.moulin, "versions", 1, "sealed.json")).status_code == 403
