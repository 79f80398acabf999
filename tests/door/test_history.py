"""Every scan of a place, for its manager: all times, how it was shown, what came of it; and the same as a file."""

import csv
import io
from datetime import timedelta

import pytest

from passapp.door import scans
from tests.door.following import override, page, refused, unattended
from tests.scenes import check_in, pass_text, revoke, scan_at, suspend, undo, without_pseudonym
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


def history(world, client, **query):
    return page(client, world.moulin, "check-ins", **query)["items"]


def test_a_scan_sent_late_by_a_phone_whose_clock_is_wrong_shows_each_time(world, door, manager):
    shown = pass_text(world)
    world.later(hours=5)
    wrong = world.now + timedelta(minutes=10)
    check_in(door, world.scan(shown, scanned_at=(wrong - timedelta(hours=2)).isoformat(), device_now=wrong.isoformat()))
    [scan] = history(world, manager)
    assert (scan["scanned_at"], scan["device_scanned_at"], scan["received_at"]) == (
        "2026-11-18T13:00:00Z",
        "2026-11-18T13:10:00Z",
        "2026-11-18T15:00:00Z",
    )


def test_the_history_shows_who_came_how_and_whether_it_counts(world, door, manager):
    check_in(door, world.scan(pass_text(world, given_name="Bo", family_name="Petit")))
    [scan] = history(world, manager)
    assert without_pseudonym(scan["name"]) == {"given_name": "Bo", "initial": "P"}
    assert (scan["verdict"], scan["evidence"], scan["home"], scan["at_home"]) == ("ok", "card", "Le Hangar", False)
    assert (scan["came_in"], scan["visit"], scan["waived"], scan["waits"]) == (True, True, None, None)


def test_it_shows_what_came_after_and_why(world, door, manager):
    override(door, refused(world, door)["check_in_id"], "Je la connais")
    [scan] = history(world, manager)
    assert [(each["kind"], each["reason"], each["actor"]) for each in scan["follow_ups"]] == [
        ("override", "Je la connais", "door")
    ]
    assert (scan["came_in"], scan["visit"]) == (True, True)


def test_what_was_undone_stays_in_it_with_the_reason(world, door, manager):
    answer = check_in(door, world.scan(pass_text(world)))
    undo(door, answer["check_in_id"], "Scannée deux fois")
    [scan] = history(world, manager)
    assert (scan["undone_because"], scan["came_in"], scan["visit"]) == ("Scannée deux fois", False, False)


def test_why_a_pass_is_inactive_stays_between_the_person_and_their_home(world, door, manager):
    member, lost = world.member(given_name="Bo"), world.card(world.member(given_name="Ana"))
    shown = [world.text(world.card(member)), world.text(lost)]
    suspend(world, member)
    revoke(world, lost)
    world.later(minutes=1)
    for text in shown:
        check_in(door, world.scan(text))
    scans = history(world, manager)
    assert [(scan["verdict"], scan["name"], scan["home"]) for scan in scans] == [("inactive", None, None)] * 2
    assert len(history(world, manager, verdict="suspended")) == len(history(world, manager, verdict="inactive")) == 2


def test_dates_the_evidence_and_the_verdict_narrow_it(world, door, manager):
    check_in(door, world.scan(pass_text(world, given_name="Ana")))
    unattended(world, door, given_name="Bo")
    refused(world, door, given_name="Cléo")
    world.later(days=2)
    check_in(door, world.scan(pass_text(world, given_name="Dia")))

    def named(**query):
        return {scan["name"]["given_name"] for scan in history(world, manager, **query)}

    assert named() == {"Ana", "Bo", "Cléo", "Dia"}
    assert named(**{"from": "2026-11-19"}) == {"Dia"}
    assert named(to="2026-11-18") == {"Ana", "Bo", "Cléo"}
    assert named(evidence="self") == {"Bo"}
    assert named(verdict="plan") == {"Cléo"}


def test_the_newest_comes_first_and_pages_follow_one_another(world, door, manager):
    shown = pass_text(world)
    world.later(days=1)
    for hours in (3, 1, 2):
        check_in(door, scan_at(world, shown, NOW + timedelta(hours=hours)))
    first = page(manager, world.moulin, "check-ins", limit=2)
    second = page(manager, world.moulin, "check-ins", limit=2, cursor=first["next"])
    assert [scan["scanned_at"][11:13] for scan in first["items"] + second["items"]] == ["13", "12", "11"]
    assert second["next"] is None


def test_it_is_of_one_place(world, manager):
    check_in(world.as_door(world.hangar), world.scan(pass_text(world)))
    assert history(world, manager) == []


def test_as_a_file_it_says_the_same_by_the_clock_of_the_place(world, door, manager):
    override(door, refused(world, door, given_name="=Bo")["check_in_id"], "Je la connais")
    answer = manager.get(f"/api/v1/places/{world.moulin.id}/check-ins.csv", params={"verdict": "plan"})
    assert answer.headers["content-disposition"] == 'attachment; filename="moulin-passages.csv"'
    [line] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert (line["date"], line["scanned_at"], line["verdict"]) == ("2026-11-18", "2026-11-18 11:00:00+01:00", "plan")
    assert line["name"].startswith("'=Bo ")
    assert (line["came_in"], line["visit"], line["follow_ups"]) == (
        "1",
        "1",
        "override 2026-11-18 11:00:00+01:00 Je la connais",
    )


def test_the_file_is_written_page_by_page(world, door, manager, monkeypatch):
    for name in ("Ana", "Bo", "Cléo"):
        check_in(door, world.scan(pass_text(world, given_name=name)))
        world.later(minutes=1)
    monkeypatch.setattr(scans, "_EXPORTED_AT_ONCE", 2)
    answer = manager.get(f"/api/v1/places/{world.moulin.id}/check-ins.csv")
    lines = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert [line["name"].split()[0] for line in lines] == ["Cléo", "Bo", "Ana"]


def test_more_than_a_file_can_hold_is_asked_for_period_by_period(world, door, manager, monkeypatch):
    check_in(door, world.scan(pass_text(world)))
    world.later(days=1)
    check_in(door, world.scan(pass_text(world)))
    monkeypatch.setattr(scans, "EXPORTED_AT_MOST", 1)
    path = f"/api/v1/places/{world.moulin.id}/check-ins.csv"
    answer = manager.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_scans")
    assert manager.get(path, params={"from": "2026-11-19"}).status_code == 200
