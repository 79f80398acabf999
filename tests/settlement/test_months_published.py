"""A month is published when it is over everywhere, and again when it changes (settlement, Life of a month)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.ticking import failed_chores
from passapp.places.service import change_place, get_place, set_vat
from passapp.settlement.months.life import calendar
from passapp.settlement.months.service import months_to_move, publish_now
from tests.at_once import at_once
from tests.kernel.log_lines import LogLines
from tests.scenes import check_in, rows, scan_at, undo
from tests.settlement.living import (
    OVER,
    PATH,
    ask,
    cannot_be_settled,
    code_of,
    life,
    november,
    pass_time,
    statements,
    versions,
    wake_up,
)
from tests.settlement.months import MONTH, agree, make_visit, old_pass
from tests.settlement.reporting import report
from tests.statements import statements as statements_sent
from tests.world import NOW


@pytest.fixture(autouse=True)
def rules(world):
    agree(world)


def test_nothing_is_published_before_the_last_midnight_of_the_network(world):
    world.place("west", zone="America/Cayenne")
    make_visit(world, world.hangar, world.moulin)
    pass_time(world, datetime(2026, 12, 1, 2, 59, tzinfo=UTC))
    assert (life(world)["state"], versions(world)) == ("open", [])
    pass_time(world, datetime(2026, 12, 1, 3, 0, tzinfo=UTC))
    assert (life(world)["state"], [(v.number, v.reason) for v in versions(world)]) == ("provisional", [(1, "first")])


def test_every_place_gets_a_statement_that_the_network_signed(world):
    november(world)
    assert statements(world, 1).keys() == {world.hangar.id, world.moulin.id}


def test_as_long_as_nothing_changes_there_is_one_version(world):
    november(world)
    for hours in (1, 2):
        pass_time(world, OVER + timedelta(hours=hours))
    assert len(versions(world)) == 1


def test_what_arrives_or_is_undone_later_makes_the_next_version(world):
    shown = old_pass(world, world.hangar)
    _, first = make_visit(world, world.hangar, world.moulin)
    pass_time(world, OVER)
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    pass_time(world, OVER + timedelta(days=1))
    undo(world.as_manager(world.moulin), first["check_in_id"])
    pass_time(world, OVER + timedelta(days=2))
    found = versions(world)
    assert [version.reason for version in found] == ["first", "late", "late"]
    assert [version.previous_sha256 for version in found] == [None, found[0].sha256, found[1].sha256]
    chain = [statements(world, number)[world.hangar.id] for number in (1, 2, 3)]
    assert [each.previous_sha256 for each in chain] == [None, chain[0].sha256, chain[1].sha256]


def test_a_tax_that_turns_out_to_be_due_makes_a_correction(world):
    november(world)
    with world.database.write() as session:
        set_vat(session, get_place(session, world.moulin.id), date(2026, 11, 1), 2000, at=world.now, actor=SYSTEM)
    pass_time(world, OVER + timedelta(hours=1))
    assert [version.reason for version in versions(world)] == ["first", "correction"]


def test_a_new_name_of_a_place_is_no_new_version(world):
    november(world)
    place = world.as_coordinator().get(f"/api/v1/places/{world.moulin.id}")
    headers = {"If-Match": place.headers["ETag"]}
    world.as_coordinator().patch(place.url.path, json={"name": "Le Grand Moulin"}, headers=headers).raise_for_status()
    pass_time(world, OVER + timedelta(hours=1))
    assert len(versions(world)) == 1


BACK = datetime(2026, 12, 23, 12, tzinfo=UTC)
"""Nothing ran since before November was over."""


def test_a_month_that_is_published_late_is_looked_at_for_as_many_days(world):
    world.account(Role.MANAGER, world.hangar)
    make_visit(world, world.hangar, world.moulin)
    wake_up(world, BACK)
    [message] = rows(world, OutboxMessage, OutboxMessage.kind == "statement_ready")
    [first, *_] = world.as_coordinator().get("/api/v1/settlement-calendar").json()["items"]
    for dates in (first, life(world)):
        found = [dates[name] for name in ("state", "provisional_on", "review_until", "decided_by", "closes_on")]
        assert found == ["provisional", "2026-12-23", "2027-01-06", "2027-01-13", "2027-01-14"]
    assert message.payload["until"] == "2027-01-06"
    world.now = datetime(2027, 1, 6, 12, tzinfo=UTC)
    assert report(world.as_manager(world.hangar), world.hangar).status_code == 201
    wake_up(world, datetime(2027, 1, 7, 12, tzinfo=UTC))
    assert code_of(report(world.as_manager(world.moulin), world.moulin)) == (409, "review_over")
    assert code_of(ask(world.as_coordinator())) == (409, "closing_too_early")


@pytest.mark.parametrize("host, is_told", [("moulin", True), ("hangar", False)])
def test_of_a_month_that_is_published_long_after_it_ended_the_places_hear_where_somebody_owes(world, host, is_told):
    manager = world.account(Role.MANAGER, world.hangar)
    make_visit(world, world.hangar, getattr(world, host))
    wake_up(world, datetime(2027, 2, 10, 12, tzinfo=UTC))
    told = rows(world, OutboxMessage, OutboxMessage.kind == "statement_ready", OutboxMessage.recipient_id == manager.id)
    found = {(each.payload["month"], each.payload["until"]) for each in told}
    assert ((MONTH, "2027-02-24") in found) is is_told


def test_a_month_that_nobody_has_looked_at_yet_does_not_close_by_itself(world):
    make_visit(world, world.hangar, world.hangar)
    wake_up(world, BACK)
    assert life(world)["state"] == "provisional"
    wake_up(world, datetime(2027, 1, 14, 12, tzinfo=UTC))
    assert life(world)["state"] == "paid"


def test_a_month_without_a_visit_is_published_too(world):
    november(world)
    pass_time(world, datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert life(world, "2026-12")["state"] == "provisional"


def test_a_month_before_the_first_visit_is_not_published(world):
    make_visit(world, world.hangar, world.moulin, datetime(2026, 12, 5, 10, tzinfo=UTC))
    world.now = datetime(2027, 1, 24, 12, tzinfo=UTC)
    assert code_of(world.as_coordinator().post(f"{PATH}/versions")) == (409, "month_without_visits")
    assert life(world)["state"] == "open"


def test_a_month_whose_only_visit_was_taken_back_keeps_no_other_from_being_published(world):
    agree(world, date(2026, 12, 1))
    door, scanned = make_visit(world, world.hangar, world.moulin)
    undo(door, scanned["check_in_id"])
    joins_later(world, date(2026, 12, 1))
    make_visit(world, world.hangar, world.moulin, datetime(2026, 12, 5, 10, tzinfo=UTC))
    pass_time(world, datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert (life(world)["state"], life(world, "2026-12")["state"]) == ("open", "provisional")


def test_a_month_that_was_published_before_its_places_joined_later_goes_on(world):
    door, scanned = make_visit(world, world.hangar, world.moulin)
    pass_time(world, OVER)
    undo(door, scanned["check_in_id"])
    joins_later(world, date(2027, 1, 1))
    pass_time(world, datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert [version.reason for version in versions(world)] == ["first", "late", "closed"]


def test_a_month_that_cannot_be_settled_is_logged_and_keeps_no_other_from_being_published(world, monkeypatch):
    cannot_be_settled(monkeypatch, MONTH)
    make_visit(world, world.hangar, world.moulin)
    with LogLines() as lines:
        wake_up(world, datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert (life(world)["state"], life(world, "2026-12")["state"]) == ("open", "provisional")
    [line] = lines.of("passapp.settlement.months.service")
    assert (line["event"], line["month"]) == ("month failed", MONTH)
    with world.session() as session:
        assert failed_chores(session) == {"months": world.now}
    monkeypatch.undo()
    wake_up(world, datetime(2027, 1, 1, 12, 1, tzinfo=UTC))
    assert life(world)["state"] == "provisional"
    with world.session() as session:
        assert failed_chores(session) == {}


def joins_later(world, day):
    """Both places are said to take part from another day on."""
    with world.database.write() as session:
        for place in (world.hangar, world.moulin):
            change_place(session, get_place(session, place.id), {"joined_on": day}, at=world.now, actor=SYSTEM)


def test_before_any_visit_nothing_is_published(world):
    world.now = OVER
    assert code_of(world.as_coordinator().post(f"{PATH}/versions")) == (409, "month_without_visits")


def test_a_place_that_joins_later_makes_no_new_version(world):
    november(world)
    world.place("phare", joined_on=date(2027, 1, 1))
    with world.session() as session:
        assert months_to_move(session, world.now) == 1
    pass_time(world, OVER + timedelta(hours=1))
    assert len(versions(world)) == 1
    with world.session() as session:
        assert months_to_move(session, world.now) == 0


def test_two_who_publish_at_once_publish_once(world):
    make_visit(world, world.hangar, world.moulin)
    world.now = OVER
    coordinator = world.as_coordinator()
    with ThreadPoolExecutor(1) as thread:
        with world.database.write() as session:
            assert publish_now(session, world.settings.keys_dir, MONTH, at=OVER)
            second = thread.submit(coordinator.post, f"{PATH}/versions")
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert [version["number"] for version in second.result(timeout=30).json()["versions"]] == [1]


def test_the_review_ends_with_its_last_day(world):
    november(world)
    pass_time(world, datetime(2026, 12, 15, 12, tzinfo=UTC))
    assert life(world)["state"] == "provisional"
    pass_time(world, datetime(2026, 12, 16, 12, tzinfo=UTC))
    assert life(world)["state"] == "review"


def test_it_can_be_published_by_hand_not_before_it_is_over(world):
    make_visit(world, world.hangar, world.moulin)
    coordination = world.as_coordinator()
    assert code_of(coordination.post(f"{PATH}/versions")) == (409, "month_not_over")
    world.now = OVER
    answer = coordination.post(f"{PATH}/versions")
    assert [version["number"] for version in answer.json()["versions"]] == [1]
    assert len(coordination.post(f"{PATH}/versions").json()["versions"]) == 1


def test_a_person_reads_months_and_dates_in_words(world):
    make_visit(world, world.hangar, world.moulin)
    french = {"Accept-Language": "fr"}
    refused = world.as_coordinator().post(f"{PATH}/versions", headers=french)
    said = "Novembre 2026 n'est pas encore terminé partout : il sera publié le 1er décembre 2026."
    assert refused.json()["detail"] == said
    to_come = world.as_coordinator().get("/api/v1/months/2027-04", headers=french)
    assert to_come.json()["detail"] == "Avril 2027 n'a pas encore commencé."


def test_the_calendar_says_the_dates_of_the_next_twelve_months(world):
    items = world.as_manager().get("/api/v1/settlement-calendar").json()["items"]
    assert [each["month"] for each in items][::11] == ["2026-11", "2027-10"]
    assert items[0] == {
        "month": "2026-11",
        "state": "open",
        "provisional_on": "2026-12-01",
        "review_until": "2026-12-15",
        "decided_by": "2026-12-22",
        "closes_on": "2026-12-23",
        "advice_on": "2026-12-23",
        "pays_on": "2027-01-02",
    }


def test_a_month_that_is_over_and_not_closed_stands_first_in_the_calendar(world):
    november(world)
    items = world.as_manager().get("/api/v1/settlement-calendar").json()["items"]
    assert [each["month"] for each in items][:2] == ["2026-11", "2026-12"]


def test_the_calendar_of_more_months_asks_the_database_no_more(world):
    november(world)
    sent = []
    for count in (1, 12):
        with world.session() as session, statements_sent(world.database) as each:
            assert len(calendar(session, at=world.now, count=count)) == count + 1
        sent.append(len(each))
    assert sent[0] == sent[1]


def test_a_place_confirms_the_version_that_it_saw(world):
    november(world)
    manager = world.as_manager(world.moulin)
    path = f"/api/v1/places/{world.moulin.id}/statements/{MONTH}/confirmation"
    for _ in range(2):
        assert manager.post(path, json={"number": 1}).status_code == 200
    assert [(each["place_id"], each["number"]) for each in life(world)["confirmations"]] == [(str(world.moulin.id), 1)]
    assert code_of(manager.post(path, json={"number": 2})) == (409, "another_version")


def test_two_people_of_a_place_who_confirm_at_once_both_do(world):
    november(world)
    path = f"/api/v1/places/{world.hangar.id}/statements/{MONTH}/confirmation"
    calls = [(world.as_manager(world.hangar), "POST", path, {"json": {"number": 1}}) for _ in range(4)]
    assert [answer.status_code for answer in at_once(world, calls)] == [200] * 4


def test_a_statement_is_not_confirmed_before_it_is_published(world):
    path = f"/api/v1/places/{world.moulin.id}/statements/{MONTH}/confirmation"
    answer = world.as_manager(world.moulin).post(path, json={"number": 1})
    assert code_of(answer) == (409, "month_not_published")


def test_the_mail_leaves_when_the_month_ends_at_the_places_be_it_the_day_before_in_utc(world):
    make_visit(world, world.hangar, world.moulin)
    manager = world.account(Role.MANAGER, world.hangar)
    pass_time(world, datetime(2026, 11, 30, 23, 0, 30, tzinfo=UTC))
    assert [version.number for version in versions(world)] == [1]
    assert [m.recipient_id for m in rows(world, OutboxMessage, OutboxMessage.kind == "statement_ready")] == [manager.id]


def test_each_manager_gets_one_mail_that_says_what_the_month_came_to(world):
    manager = world.account(Role.MANAGER, world.hangar)
    november(world)
    pass_time(world, OVER + timedelta(hours=1))
    [message] = rows(world, OutboxMessage, OutboxMessage.kind == "statement_ready")
    assert message.recipient_id == manager.id
    assert {name: message.payload[name] for name in ("received", "made", "pays", "gets", "until")} == {
        "received": 0,
        "made": 1,
        "pays": 500,
        "gets": 0,
        "until": "2026-12-15",
    }


@pytest.mark.parametrize("month", ["2026-13", "2026", "%00", "2026-1\u0661"])
def test_what_is_no_month_is_said_to_be_none_everywhere(world, month):
    coordinator, manager = world.as_coordinator(), world.as_manager(world.moulin)
    statement = f"/api/v1/places/{world.moulin.id}/statements/{month}"
    answers = [
        coordinator.get(f"/api/v1/months/{month}/life"),
        coordinator.get(f"/api/v1/months/{month}/contests"),
        coordinator.post(f"/api/v1/months/{month}/versions"),
        coordinator.post(f"/api/v1/months/{month}/closing", json={"number": 1}),
        coordinator.post(f"/api/v1/months/{month}/closing/validate", json={"number": 1}),
        coordinator.delete(f"/api/v1/months/{month}/closing"),
        manager.get(f"{statement}/sealed.json"),
        manager.post(f"{statement}/confirmation", json={"number": 1}),
    ]
    assert {code_of(each) for each in answers} == {(422, "month_not_valid")}


def test_it_is_said_how_many_places_got_a_statement(world):
    world.place("phare")  # took part, and neither received anybody nor went anywhere
    assert life(world)["statements"] == 0
    november(world)
    assert life(world)["statements"] == 3
