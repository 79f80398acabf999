"""A month's visits, per home and host: counts, before any money."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from passapp.accounts.rules import Role
from passapp.cli import app
from passapp.settlement.rules import count_visits
from passapp.settlement.service import month_counts
from passapp.settlement.tables import counts_table
from tests.scenes import check_in, close_month, pass_text, scan_at, undo
from tests.world import NOW


@pytest.fixture
def phare(world):
    return world.place("phare", "Le Phare")


def visit(world, home, host, at=NOW):
    """One visit of a new member of ``home`` to ``host``; gives the door and the answer."""
    world.now = at - timedelta(days=1)
    shown = pass_text(world, home)
    door = world.as_door(host)
    world.now = max(NOW, at)
    return door, check_in(door, scan_at(world, shown, at))


def counts(client, month="2026-11"):
    answer = client.get(f"/api/v1/months/{month}/counts")
    assert answer.status_code == 200, answer.text
    return answer.json()


def between(table):
    return [(row["home"]["code"], row["host"]["code"], row["visits"]) for row in table["rows"]]


def test_visits_are_counted_per_home_and_host_in_the_order_of_the_places_codes(world, phare):
    for home, host in (
        (phare, world.moulin),
        (world.moulin, world.hangar),
        (world.hangar, world.moulin),
        (world.hangar, phare),
        (world.hangar, world.moulin),
    ):
        visit(world, home, host)
    table = counts(world.as_coordinator())
    assert between(table) == [
        ("hangar", "moulin", 2),
        ("hangar", "phare", 1),
        ("moulin", "hangar", 1),
        ("phare", "moulin", 1),
    ]
    assert (table["month"], table["state"], table["total"]) == ("2026-11", "open", 5)


def test_visits_at_ones_own_home_are_counted_apart_and_not_in_the_total(world):
    visit(world, world.hangar, world.hangar)
    visit(world, world.moulin, world.moulin)
    visit(world, world.moulin, world.moulin)
    visit(world, world.hangar, world.moulin)
    table = counts(world.as_coordinator())
    assert between(table) == [("hangar", "moulin", 1)]
    assert [(row["place"]["code"], row["visits"]) for row in table["at_home"]] == [("hangar", 1), ("moulin", 2)]
    assert table["total"] == 1


def test_a_visit_that_was_undone_is_not_counted(world):
    door, answer = visit(world, world.hangar, world.moulin)
    visit(world, world.hangar, world.moulin)
    undo(door, answer["check_in_id"])
    assert between(counts(world.as_coordinator())) == [("hangar", "moulin", 1)]


def test_a_second_check_in_of_the_day_is_not_counted(world):
    shown = pass_text(world, world.hangar)
    for _ in range(3):
        check_in(world.as_door(world.moulin), world.scan(shown))
    assert counts(world.as_coordinator())["total"] == 1


def test_a_visit_counts_in_the_month_of_its_date_at_the_host(world):
    reunion = world.place("la-salle", zone="Indian/Reunion")
    evening = datetime(2026, 10, 31, 20, 30, tzinfo=UTC)
    visit(world, world.hangar, reunion, evening)
    visit(world, world.hangar, world.moulin, evening)
    coordinator = world.as_coordinator()
    assert between(counts(coordinator, "2026-10")) == [("hangar", "moulin", 1)]
    assert between(counts(coordinator, "2026-11")) == [("hangar", "la-salle", 1)]


def test_a_late_visit_of_a_closed_month_counts_where_it_was_posted(world):
    close_month(world, "2026-10")
    visit(world, world.hangar, world.moulin, datetime(2026, 10, 20, tzinfo=UTC))
    coordinator = world.as_coordinator()
    assert counts(coordinator, "2026-10")["total"] == 0
    assert counts(coordinator, "2026-11")["total"] == 1


def test_the_months_that_have_visits_or_a_state_are_listed_the_newest_first(world):
    visit(world, world.hangar, world.moulin)
    visit(world, world.hangar, world.moulin, datetime(2026, 9, 20, 10, tzinfo=UTC))
    visit(world, world.hangar, world.moulin, datetime(2026, 9, 21, 10, tzinfo=UTC))
    visit(world, world.hangar, world.hangar, datetime(2026, 8, 21, 10, tzinfo=UTC))
    close_month(world, "2026-07", "paid")
    assert world.as_coordinator().get("/api/v1/months").json()["items"] == [
        {"month": "2026-11", "state": "open", "visits": 1},
        {"month": "2026-09", "state": "open", "visits": 2},
        {"month": "2026-08", "state": "open", "visits": 0},
        {"month": "2026-07", "state": "paid", "visits": 0},
    ]


def test_there_are_no_months_before_the_first_visit(world):
    assert world.as_coordinator().get("/api/v1/months").json() == {"items": []}


def test_a_month_without_visits_has_an_empty_table(world):
    table = counts(world.as_coordinator(), "2026-03")
    assert (table["rows"], table["at_home"], table["total"], table["state"]) == ([], [], 0, "open")


def test_what_is_no_month_is_refused(world):
    coordinator = world.as_coordinator()
    for month in ("2026-13", "2026-00", "2026-1", "26-11", "1999-12", "2026_11", "٢٠٢٦-11", "2026-11-01", " 2026-11"):
        answer = coordinator.get(f"/api/v1/months/{month}/counts")
        assert (answer.status_code, answer.json()["code"]) == (422, "month_not_valid"), month


def test_a_month_that_has_begun_nowhere_yet_is_refused(world):
    coordinator = world.as_coordinator()
    world.now = datetime(2026, 11, 30, 9, 59, 59, tzinfo=UTC)
    answer = coordinator.get("/api/v1/months/2026-12/counts")
    assert (answer.status_code, answer.json()["code"]) == (422, "month_to_come")
    assert answer.json()["detail"] == "2026-12 has not begun yet."
    world.later(seconds=1)
    assert counts(coordinator, "2026-12")["total"] == 0, "on Kiritimati it is December"


def test_every_place_may_read_every_total(world, phare):
    visit(world, world.hangar, world.moulin)
    readers = [
        world.as_manager(phare),
        world.signed_in(world.account(Role.PLACE_ACCOUNTANT, phare)),
        world.signed_in(world.account(Role.NETWORK_ACCOUNTANT)),
    ]
    table = counts(world.as_coordinator())
    for reader in readers:
        assert counts(reader) == table
        assert reader.get("/api/v1/months").status_code == 200


def test_neither_a_member_nor_a_host_nor_a_door_nor_a_stranger_reads_the_totals(world):
    callers = [
        world.as_member(world.member()),
        world.signed_in(world.account(Role.HOST, world.hangar)),
        world.as_door(world.hangar),
    ]
    for caller in callers:
        assert caller.get("/api/v1/months/2026-11/counts").status_code == 403
        assert caller.get("/api/v1/months").status_code == 403
    assert world.client().get("/api/v1/months/2026-11/counts").status_code == 401


def test_the_totals_name_no_person(world):
    visit(world, world.hangar, world.moulin)
    answer = world.as_coordinator().get("/api/v1/months/2026-11/counts")
    for private in ("Léa", "Bertin", "@"):
        assert private not in answer.text


def settle(world, monkeypatch, month):
    url = world.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("PASSAPP_DATABASE_URL", url)
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(world.settings.data_dir))
    return CliRunner().invoke(app, ["settle", month])


TABLE = """\
2026-11  review

home        host        visits
hangar      moulin           2
moulin      hangar           1

between places               3
at home (not settled)        1
"""


def test_passapp_settle_prints_the_same_table(world, monkeypatch):
    for home, host in ((world.hangar, world.moulin),) * 2 + ((world.moulin, world.hangar), (world.moulin,) * 2):
        visit(world, home, host)
    close_month(world, "2026-11", "review")
    printed = settle(world, monkeypatch, "2026-11")
    assert (printed.exit_code, printed.stdout) == (0, TABLE), printed.output


def test_passapp_settle_says_in_a_sentence_what_is_wrong_with_a_month(world, monkeypatch):
    for month, sentence in (("october", "Write a month as 2026-10."), ("2099-01", "2099-01 has not begun yet.")):
        printed = settle(world, monkeypatch, month)
        assert (printed.exit_code, printed.stdout, printed.stderr) == (1, "", f"{sentence}\n")


def test_the_tables_columns_are_as_wide_as_the_longest_code(world):
    world.place("a-place-with-quite-a-long-code")
    visit(world, world.hangar, world.moulin)
    with world.session() as session:
        table = counts_table(month_counts(session, "2026-11", at=NOW)).splitlines()
    assert {len(line) for line in table[2:4]} == {30 + 2 + 30 + 2 + 6}
    assert {line[-6:] for line in table[2:]} == {"visits", "     1", "     0", ""}


def test_the_order_in_which_visits_are_added_up_does_not_matter():
    a, b = (object(), object())
    visits = [(a, b, False, 2), (b, a, False, 1), (a, a, True, 3), (a, b, False, 1)]
    found = [count_visits(order) for order in (visits, visits[::-1])]
    assert found[0] == found[1]
    assert (found[0].between, found[0].at_home, found[0].total) == ({(a, b): 3, (b, a): 1}, {a: 3}, 4)
