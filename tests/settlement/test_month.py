"""A month through the API: who visited whom, who owes whom, and the payments that settle it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM
from passapp.places.service import change_place, get_place, set_vat
from passapp.settlement.months.models import MonthVersion
from tests.scenes import check_in, close_month, pass_text, undo
from tests.settlement.conventions import rule
from tests.settlement.living import OVER, close, november, pass_time, versions
from tests.settlement.months import MONTH, agree, make_visit, month_of, old_pass
from tests.world import NOW


@pytest.fixture
def phare(world):
    return world.place("phare", "Le Phare")


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
        make_visit(world, home, host)
    table = month_of(world.as_coordinator())
    assert between(table) == [
        ("hangar", "moulin", 2),
        ("hangar", "phare", 1),
        ("moulin", "hangar", 1),
        ("phare", "moulin", 1),
    ]
    assert (table["month"], table["state"], table["total_visits"]) == ("2026-11", "open", 5)


def test_visits_at_ones_own_home_are_counted_apart_and_not_in_the_total(world):
    make_visit(world, world.hangar, world.hangar)
    make_visit(world, world.moulin, world.moulin)
    make_visit(world, world.moulin, world.moulin)
    make_visit(world, world.hangar, world.moulin)
    table = month_of(world.as_coordinator())
    assert between(table) == [("hangar", "moulin", 1)]
    assert [(row["place"]["code"], row["visits"]) for row in table["at_home"]] == [("hangar", 1), ("moulin", 2)]
    assert table["total_visits"] == 1


def test_a_visit_that_was_undone_is_not_counted(world):
    door, answer = make_visit(world, world.hangar, world.moulin)
    make_visit(world, world.hangar, world.moulin)
    undo(door, answer["check_in_id"])
    assert between(month_of(world.as_coordinator())) == [("hangar", "moulin", 1)]


def test_a_second_check_in_of_the_day_is_not_counted(world):
    shown = pass_text(world, world.hangar)
    for _ in range(3):
        check_in(world.as_door(world.moulin), world.scan(shown))
    assert month_of(world.as_coordinator())["total_visits"] == 1


def test_a_visit_counts_in_the_month_of_its_date_at_the_host(world):
    reunion = world.place("la-salle", zone="Indian/Reunion")
    evening = datetime(2026, 10, 31, 20, 30, tzinfo=UTC)
    make_visit(world, world.hangar, reunion, evening)
    make_visit(world, world.hangar, world.moulin, evening)
    coordinator = world.as_coordinator()
    assert between(month_of(coordinator, "2026-10")) == [("hangar", "moulin", 1)]
    assert between(month_of(coordinator, "2026-11")) == [("hangar", "la-salle", 1)]


def test_a_late_visit_of_a_closed_month_counts_where_it_was_posted(world):
    close_month(world, "2026-10")
    make_visit(world, world.hangar, world.moulin, datetime(2026, 10, 20, tzinfo=UTC))
    coordinator = world.as_coordinator()
    assert month_of(coordinator, "2026-10")["total_visits"] == 0
    assert month_of(coordinator, "2026-11")["total_visits"] == 1


def test_the_months_that_have_visits_or_a_state_are_listed_the_newest_first(world):
    make_visit(world, world.hangar, world.moulin)
    make_visit(world, world.hangar, world.moulin, datetime(2026, 9, 20, 10, tzinfo=UTC))
    make_visit(world, world.hangar, world.moulin, datetime(2026, 9, 21, 10, tzinfo=UTC))
    make_visit(world, world.hangar, world.hangar, datetime(2026, 8, 21, 10, tzinfo=UTC))
    close_month(world, "2026-07", "paid")
    assert world.as_coordinator().get("/api/v1/months").json()["items"] == [
        {"month": "2026-11", "state": "open", "visits": 1},
        {"month": "2026-09", "state": "open", "visits": 2},
        {"month": "2026-08", "state": "open", "visits": 0},
        {"month": "2026-07", "state": "paid", "visits": 0},
    ]


def listed(world):
    return world.as_coordinator().get("/api/v1/months").json()["items"]


def test_a_month_has_as_many_visits_in_the_list_once_it_is_closed_as_before(world):
    agree(world)
    november(world, visits=2)
    phare = world.place("phare")
    make_visit(world, phare, world.moulin)
    with world.database.write() as session:
        left = {"left_on": date(2026, 11, 10)}
        change_place(session, get_place(session, phare.id), left, at=world.now, actor=SYSTEM)
    make_visit(world, world.hangar, world.hangar)
    door, undone = make_visit(world, world.hangar, world.moulin)
    undo(door, undone["check_in_id"])
    pass_time(world, OVER)
    assert listed(world) == [{"month": MONTH, "state": "provisional", "visits": 3}]
    close(world)
    assert listed(world) == [{"month": MONTH, "state": "netted", "visits": 3}]
    assert [version.visits for version in versions(world)][-1] == 3


def test_the_visits_of_a_closed_month_are_not_counted_again(world):
    november(world)
    with world.database.write() as session:
        said = {column.name: getattr(versions(world)[0], column.name) for column in MonthVersion.__table__.columns}
        session.add(MonthVersion(**said | {"number": 2, "reason": "closed", "visits": 7}))
    close_month(world, MONTH)
    assert listed(world) == [{"month": MONTH, "state": "closed", "visits": 7}]


def test_there_are_no_months_before_the_first_visit(world):
    assert world.as_coordinator().get("/api/v1/months").json() == {"items": []}


def test_a_month_without_visits_has_an_empty_table(world):
    table = month_of(world.as_coordinator(), "2026-03")
    assert (table["rows"], table["at_home"], table["total_visits"], table["state"]) == ([], [], 0, "open")


def test_what_is_no_month_is_refused(world):
    coordinator = world.as_coordinator()
    for month in ("2026-13", "2026-00", "2026-1", "26-11", "1999-12", "2026_11", "٢٠٢٦-11", "2026-11-01", " 2026-11"):
        answer = coordinator.get(f"/api/v1/months/{month}")
        assert (answer.status_code, answer.json()["code"]) == (422, "month_not_valid"), month


def test_a_month_before_any_place_had_joined_is_refused(world):
    answer = world.as_coordinator().get("/api/v1/months/2025-12")
    assert (answer.status_code, answer.json()["code"]) == (422, "month_before")


def test_a_month_that_has_begun_nowhere_yet_is_refused(world):
    coordinator = world.as_coordinator()
    world.now = datetime(2026, 11, 30, 9, 59, 59, tzinfo=UTC)
    answer = coordinator.get("/api/v1/months/2026-12")
    assert (answer.status_code, answer.json()["code"]) == (422, "month_to_come")
    assert answer.json()["detail"] == "December 2026 has not begun yet."
    world.later(seconds=1)
    assert month_of(coordinator, "2026-12")["total_visits"] == 0, "on Kiritimati it is December"


def test_every_place_may_read_every_total(world, phare):
    make_visit(world, world.hangar, world.moulin)
    readers = [
        world.as_manager(phare),
        world.signed_in(world.account(Role.PLACE_ACCOUNTANT, phare)),
        world.signed_in(world.account(Role.NETWORK_ACCOUNTANT)),
    ]
    table = month_of(world.as_coordinator())
    for reader in readers:
        assert month_of(reader) == table
        assert reader.get("/api/v1/months").status_code == 200


def test_neither_a_member_nor_a_host_nor_a_door_nor_a_stranger_reads_the_totals(world):
    callers = [
        world.as_member(world.member()),
        world.signed_in(world.account(Role.HOST, world.hangar)),
        world.as_door(world.hangar),
    ]
    for caller in callers:
        assert caller.get("/api/v1/months/2026-11").status_code == 403
        assert caller.get("/api/v1/months").status_code == 403
    assert world.client().get("/api/v1/months/2026-11").status_code == 401


def test_the_totals_name_no_person(world):
    make_visit(world, world.hangar, world.moulin)
    answer = world.as_coordinator().get("/api/v1/months/2026-11")
    for private in ("Léa", "Bertin", "@"):
        assert private not in answer.text


def refresh(world, place, **fields):
    with world.database.write() as session:
        change_place(session, get_place(session, place.id), fields, at=world.now, actor=SYSTEM)


def test_a_network_that_only_counts_shows_counts_and_no_money(world):
    make_visit(world, world.hangar, world.moulin)
    month = month_of(world.as_coordinator())
    assert (month["money"], month["unit"], month["netting"]) == (False, "visit", "gross")
    [row] = month["rows"]
    assert (row["visits"], row["units"], row["total_cents"]) == (1, 1, 0)
    assert (month["before"]["payments"], month["after"]["payments"]) == (0, 0)
    assert {position["position_cents"] for position in month["positions"]} == {0}


def test_with_money_the_home_owes_the_host_the_rate_of_its_paid_visits(world):
    agree(world, allowance=1)
    shown = old_pass(world, world.hangar)
    for day in (2, 3, 4):
        make_visit(world, world.hangar, world.moulin, datetime(2026, 11, day, 10, tzinfo=UTC), shown)
    month = month_of(world.as_coordinator())
    [row] = month["rows"]
    assert (row["free_units"], row["paid_units"], row["over_cap_units"], row["net_cents"]) == (1, 2, 0, 1000)
    assert [(p["place"]["code"], p["position_cents"]) for p in month["positions"]] == [
        ("hangar", -1000),
        ("moulin", 1000),
    ]
    [payment] = month["after"]["transfers"]
    assert (payment["debtor"]["code"], payment["creditor"]["code"], payment["amount_cents"]) == (
        "hangar",
        "moulin",
        1000,
    )


def test_payments_are_fewer_after_netting_and_each_says_which_debts_it_settles(world, phare):
    agree(world, netting="multilateral")
    make_visit(world, world.hangar, world.moulin)
    make_visit(world, world.moulin, phare)
    month = month_of(world.as_coordinator())
    assert (month["before"]["payments"], month["before"]["total_cents"]) == (2, 1000)
    assert (month["after"]["payments"], month["after"]["total_cents"]) == (1, 500)
    [payment] = month["after"]["transfers"]
    assert [(d["debtor"]["code"], d["creditor"]["code"], d["amount_cents"]) for d in payment["discharges"]] == [
        ("hangar", "moulin", 500),
        ("moulin", "phare", 500),
    ]


def test_the_common_fund_takes_part_and_is_no_place(world):
    agree(world, fund_basis_points=1000)
    make_visit(world, world.hangar, world.moulin)
    month = month_of(world.as_coordinator())
    fund = month["positions"][0]
    assert (fund["place"], fund["position_cents"]) == ({"id": None, "code": "@fund", "name": "@fund"}, 50)
    assert {p["place"]["code"]: p["fund_cents"] for p in month["positions"]} == {"@fund": 0, "hangar": 0, "moulin": 50}


def test_vat_is_the_hosts_and_added_to_what_it_is_owed(world):
    agree(world)
    with world.database.write() as session:
        set_vat(session, get_place(session, world.moulin.id), date(2026, 1, 1), 2000, at=world.now, actor=SYSTEM)
    make_visit(world, world.hangar, world.moulin)
    [row] = month_of(world.as_coordinator())["rows"]
    assert (row["net_cents"], row["vat_cents"], row["total_cents"]) == (500, 100, 600)


def test_two_versions_in_one_month_each_price_their_own_days(world):
    agree(world, date(2026, 11, 1))
    agree(world, date(2026, 11, 16), tariff=[rule(700)])
    for day in (15, 16):
        make_visit(world, world.hangar, world.moulin, datetime(2026, 11, day, 10, tzinfo=UTC))
    month = month_of(world.as_coordinator())
    assert month["rows"][0]["net_cents"] == 1200
    assert [version["number"] for version in month["conventions"]] == [2, 3]


def test_visits_of_a_place_that_had_left_are_told_and_worth_nothing(world):
    agree(world)
    make_visit(world, world.hangar, world.moulin)
    refresh(world, world.moulin, left_on=NOW.date())
    month = month_of(world.as_coordinator())
    assert month["rows"] == []
    [row] = month["not_settled"]
    assert (row["reason"], row["home"]["code"], row["host"]["code"], row["visits"]) == (
        "took_no_part",
        "hangar",
        "moulin",
        1,
    )


def test_a_scan_changes_the_month_at_once(world):
    agree(world)
    coordinator = world.as_coordinator()
    before = month_of(coordinator)
    check_in(world.as_door(world.moulin), world.scan(pass_text(world, world.hangar)))
    after = month_of(coordinator)
    assert (before["total_visits"], after["total_visits"]) == (0, 1)
    assert before["sha256"] != after["sha256"]


def test_an_undone_visit_leaves_no_trace_in_the_months_document(world):
    agree(world)
    coordinator = world.as_coordinator()
    before = month_of(coordinator)["sha256"]
    door, answer = make_visit(world, world.hangar, world.moulin)
    undo(door, answer["check_in_id"])
    assert month_of(coordinator)["sha256"] == before


def test_the_months_files_are_downloads(world):
    make_visit(world, world.hangar, world.moulin)
    coordinator = world.as_coordinator()
    for name, kind in (("document.json", "application/json"), ("lines.csv", "text/csv; charset=utf-8")):
        answer = coordinator.get(f"/api/v1/months/{MONTH}/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        extension = name.partition(".")[2]
        assert answer.headers["content-disposition"] == f'attachment; filename="RESEAU-{MONTH}.{extension}"'
        assert answer.headers["cache-control"] == "no-store"


def test_a_year_says_who_hosts_more_than_it_sends(world):
    agree(world)
    for at in (NOW, NOW + timedelta(hours=1)):
        make_visit(world, world.hangar, world.moulin, at)
    make_visit(world, world.moulin, world.hangar, NOW)
    answer = world.as_coordinator().get(f"/api/v1/months/{MONTH}/year").json()
    assert (answer["since"], answer["until"]) == ("2025-12", MONTH)
    assert [(row["place"]["code"], row["received"], row["made"]) for row in answer["items"]] == [
        ("hangar", 1, 2),
        ("moulin", 2, 1),
    ]
    assert answer["items"][1]["months"] == [{"month": MONTH, "received": 2, "made": 1}]


@pytest.mark.parametrize("month, since", [("2026-12", "2026-01"), ("2027-01", "2026-02")])
def test_a_year_is_the_twelve_months_that_end_with_one(world, month, since):
    answer = world.as_coordinator().get(f"/api/v1/months/{month}/year").json()
    assert (answer["since"], answer["items"]) == (since, [])


@pytest.mark.parametrize("month", ["2026-13", "november", "0001-01"])
def test_a_year_until_what_is_no_month_is_refused(world, month):
    answer = world.as_coordinator().get(f"/api/v1/months/{month}/year")
    assert (answer.status_code, answer.json()["code"]) == (422, "month_not_valid")


def test_what_is_too_small_to_be_paid_stands_beside_the_payments(world):
    agree(world, threshold_cents=600)
    make_visit(world, world.hangar, world.moulin)
    after = month_of(world.as_coordinator())["after"]
    assert (after["payments"], after["transfers"]) == (0, [])
    assert [(debt["debtor"]["code"], debt["amount_cents"]) for debt in after["carried"]] == [("hangar", 500)]
