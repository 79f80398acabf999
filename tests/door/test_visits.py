"""What settlement counts: made from check-ins, and frozen."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from passapp.accounts.rules import Role
from passapp.door.models import CheckIn, CheckInUndo, UndoReason, Visit, VisitIdentity, VisitVoid
from passapp.kernel.audit import AuditEntry
from passapp.network.models import ConventionVersion
from passapp.network.rules import FIRST_CONVENTION, hash_document
from tests.scenes import (
    add_plan,
    check_in,
    close_month,
    membership,
    move_home,
    pass_text,
    rows,
    scan_at,
    undo,
    visits,
)
from tests.world import NOW

OCTOBER = datetime(2026, 10, 20, 10, tzinfo=UTC)


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def nine_ten_eleven(world, door):
    """Three check-ins of one member on one day."""
    shown = pass_text(world)
    world.later(hours=3)
    return [check_in(door, scan_at(world, shown, NOW + timedelta(hours=hours))) for hours in range(3)]


def ids(world):
    return [str(visit.id) for visit in visits(world)]


def test_a_visit_is_frozen_with_all_that_settlement_needs(world, door):
    reunion = world.place("la-salle", zone="Indian/Reunion", host_class="subsidised")
    made = world.later(hours=2)
    shown = pass_text(world, world.hangar)
    sent = world.later(hours=1)
    answer = check_in(world.as_door(reunion), scan_at(world, shown, made + timedelta(minutes=30)))
    [visit] = visits(world)
    assert str(visit.id) == answer["check_in_id"]
    assert (visit.home_id, visit.host_id, visit.plan) == (world.hangar.id, reunion.id, "TOUT")
    assert (visit.host_class, visit.zone, visit.convention_version) == ("subsidised", "Indian/Reunion", 1)
    assert (visit.opened_at, visit.received_at) == (made + timedelta(minutes=30), sent)
    assert (visit.local_date, visit.posted_month, visit.at_home) == (date(2026, 11, 18), "2026-11", False)


def test_what_is_changed_afterwards_does_not_reach_a_visit(world, door):
    member = world.member(world.hangar)
    check_in(door, world.scan(world.text(world.card(member))))
    [before] = visits(world)
    coordinator = world.as_coordinator()
    where = f"/api/v1/places/{world.moulin.id}"
    version = coordinator.get(where).headers["ETag"]
    changes = {"zone": "Indian/Reunion", "host_class": "subsidised"}
    assert coordinator.patch(where, json=changes, headers={"If-Match": version}).status_code == 200
    move_home(world, member, world.place("phare"), NOW.date())
    [after] = visits(world)
    assert (after.zone, after.host_class, after.home_id) == (before.zone, before.host_class, world.hangar.id)


def test_only_check_ins_that_admitted_somebody_make_visits(world, door):
    add_plan(world, "MAIS", opens="home")
    check_in(door, world.scan(pass_text(world, memberships=[membership(world.hangar, "MAIS")])))
    check_in(door, world.scan("bonjour"))
    assert len(rows(world, CheckIn)) == 2
    assert visits(world) == []


def test_a_visit_holds_no_person_but_a_key_that_can_be_forgotten(world, door):
    member = world.member()
    check_in(door, world.scan(world.text(world.card(member))))
    [identity] = rows(world, VisitIdentity)
    assert (identity.member_id, identity.month) == (member.id, "2026-11")
    [visit] = visits(world)
    assert visit.visitor_key == identity.visitor_key
    assert member.id not in {getattr(visit, column.key) for column in Visit.__table__.columns}


def test_a_person_has_one_key_a_month(world, door):
    shown = pass_text(world)
    for days in (0, 1, 20):
        world.now = NOW + timedelta(days=days)
        check_in(door, world.scan(shown))
    assert sorted(identity.month for identity in rows(world, VisitIdentity)) == ["2026-11", "2026-12"]
    assert len({visit.visitor_key for visit in visits(world)}) == 2


@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_erase_what_happened(world, door, nine_ten_eleven, change):
    undo(door, nine_ten_eleven[0]["check_in_id"])
    for model in (CheckIn, CheckInUndo, Visit, VisitVoid):
        column = model.__table__.primary_key.columns[0].name
        with pytest.raises(DatabaseError, match="append-only"), world.database.write() as session:
            session.execute(text(change.format(model.__tablename__, column, column)))
    assert len(rows(world, CheckIn)) == 3


def test_the_earliest_check_in_of_a_day_opens_the_visit(world, nine_ten_eleven):
    assert ids(world) == [nine_ten_eleven[0]["check_in_id"]]


def test_an_earlier_scan_that_arrives_later_takes_the_visit_over(world, door):
    shown = pass_text(world)
    world.later(hours=3)
    late = check_in(door, scan_at(world, shown, NOW + timedelta(hours=2)))
    early = check_in(world.as_door(world.moulin), scan_at(world, shown, NOW + timedelta(hours=1)))
    assert ids(world) == [early["check_in_id"]]
    [void] = rows(world, VisitVoid)
    assert (str(void.visit_id), void.reason) == (late["check_in_id"], "earlier_check_in")


def test_the_home_that_was_active_at_the_earliest_scan_pays_for_the_day(world, door):
    member = world.member(world.hangar)
    shown = world.text(world.card(member))
    phare = world.place("phare")
    move_home(world, member, phare, date(2026, 11, 19))
    world.later(days=2)
    check_in(door, scan_at(world, shown, NOW + timedelta(days=1)))
    check_in(door, scan_at(world, shown, NOW + timedelta(hours=1)))
    assert [(v.local_date.day, v.home_id) for v in visits(world)] == [(18, world.hangar.id), (19, phare.id)]


def test_undoing_the_opening_check_in_promotes_the_next(world, door, nine_ten_eleven):
    undo(door, nine_ten_eleven[0]["check_in_id"], "Scanné par erreur")
    assert ids(world) == [nine_ten_eleven[1]["check_in_id"]]
    [void] = rows(world, VisitVoid)
    assert void.reason == "undone"


def test_undoing_a_later_check_in_leaves_the_visit_alone(world, door, nine_ten_eleven):
    undo(door, nine_ten_eleven[2]["check_in_id"])
    assert ids(world) == [nine_ten_eleven[0]["check_in_id"]]
    assert rows(world, VisitVoid) == []


def test_undoing_every_check_in_leaves_no_visit(world, door, nine_ten_eleven):
    for answer in nine_ten_eleven:
        undo(door, answer["check_in_id"])
    assert visits(world) == []
    assert len(rows(world, CheckIn)) == 3, "nothing is erased"


def test_somebody_can_come_in_again_after_everything_was_undone(world, door):
    shown = pass_text(world)
    undo(door, check_in(door, world.scan(shown))["check_in_id"])
    world.later(hours=1)
    again = check_in(door, world.scan(shown))
    assert again["verdict"] == "ok"
    assert ids(world) == [again["check_in_id"]]


def test_a_visit_that_was_taken_over_comes_back_when_the_earlier_check_in_is_undone(world, door):
    shown = pass_text(world)
    world.later(hours=3)
    late = check_in(door, scan_at(world, shown, NOW + timedelta(hours=2)))
    early = check_in(door, scan_at(world, shown, NOW + timedelta(hours=1)))
    undo(door, early["check_in_id"])
    assert ids(world) == [late["check_in_id"]]
    assert [visit.revision for visit in visits(world)] == [2]


def test_undoing_twice_is_undoing_once(world, door, nine_ten_eleven):
    undo(door, nine_ten_eleven[0]["check_in_id"], "Erreur")
    world.later(hours=1)
    undo(door, nine_ten_eleven[0]["check_in_id"], "Encore")
    assert [undone.reason for undone in rows(world, UndoReason)] == ["Erreur"]
    assert ids(world) == [nine_ten_eleven[1]["check_in_id"]]
    assert len(rows(world, AuditEntry, AuditEntry.action == "check_in.undo")) == 1


def test_who_undid_a_check_in_is_written_down(world, nine_ten_eleven):
    manager = world.account(Role.MANAGER, world.moulin)
    undo(world.signed_in(manager), nine_ten_eleven[0]["check_in_id"])
    [undone] = rows(world, CheckInUndo)
    assert (undone.actor_kind, undone.actor_id) == ("account", manager.id)


def test_a_check_in_is_undone_by_its_own_place_or_the_coordination_and_nobody_else(world, nine_ten_eleven):
    at_nine, at_ten, at_eleven = (f"/api/v1/check-ins/{a['check_in_id']}/undo" for a in nine_ten_eleven)
    body = {"reason": "Erreur"}
    for stranger in (world.as_door(world.hangar), world.as_manager(world.hangar)):
        answer = stranger.post(at_nine, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "check_in_unknown")
    assert rows(world, CheckInUndo) == []
    assert world.as_door(world.moulin).post(at_nine, json=body).status_code == 200
    assert world.as_manager(world.moulin).post(at_ten, json=body).status_code == 200
    assert world.as_coordinator().post(at_eleven, json=body).status_code == 200


def test_a_check_in_is_undone_with_a_reason(world, door, nine_ten_eleven):
    where = f"/api/v1/check-ins/{nine_ten_eleven[0]['check_in_id']}/undo"
    for body in ({}, {"reason": ""}, {"reason": "   "}, {"reason": None}, {"reason": "x" * 501}):
        assert door.post(where, json=body).status_code == 422, body
    assert rows(world, CheckInUndo) == []


def test_a_refusal_cannot_be_undone(world, door):
    refused = check_in(door, world.scan("bonjour"))
    answer = door.post(f"/api/v1/check-ins/{refused['check_in_id']}/undo", json={"reason": "Erreur"})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_undo")


def test_a_visit_at_ones_own_home_is_counted_apart(world):
    check_in(world.as_door(world.hangar), world.scan(pass_text(world, world.hangar)))
    [visit] = visits(world)
    assert (visit.home_id, visit.host_id, visit.at_home) == (world.hangar.id, world.hangar.id, True)


def test_any_active_home_of_a_person_is_their_home_whoever_would_pay(world, door):
    homes = [membership(world.hangar, priority=1), membership(world.moulin, priority=2)]
    check_in(door, world.scan(pass_text(world, memberships=homes)))
    [visit] = visits(world)
    assert (visit.home_id, visit.at_home) == (world.hangar.id, True)


def test_a_former_home_is_a_place_like_any_other(world, door):
    homes = [membership(world.moulin, last_day=date(2026, 11, 17)), membership(world.hangar)]
    check_in(door, world.scan(pass_text(world, memberships=homes)))
    assert [visit.at_home for visit in visits(world)] == [False]


def test_two_places_on_one_day_are_two_visits(world, door):
    shown = pass_text(world, world.place("phare"))
    check_in(door, world.scan(shown))
    world.later(hours=1)
    assert check_in(world.as_door(world.hangar), world.scan(shown))["verdict"] == "ok"
    assert [visit.host_id for visit in visits(world)] == [world.moulin.id, world.hangar.id]


def test_the_convention_in_force_on_the_date_of_the_visit_is_frozen_in_it(world, door):
    document = FIRST_CONVENTION | {"review_days": 30}
    version = {"number": 2, "starts_on": date(2026, 11, 19), "document": document, "sha256": hash_document(document)}
    with world.database.write() as session:
        session.add(ConventionVersion(**version, published_at=NOW))
    shown = pass_text(world)
    world.later(days=2)
    for days in (1, 0):
        check_in(door, scan_at(world, shown, NOW + timedelta(days=days)))
    assert [(v.local_date.day, v.convention_version) for v in visits(world)] == [(18, 1), (19, 2)]


@pytest.fixture
def in_october(world):
    """A member's pass of October, and the clock in November."""
    world.now = OCTOBER - timedelta(days=1)
    shown = pass_text(world)
    world.now = NOW
    return shown


def test_a_late_scan_of_an_open_month_is_posted_in_its_own_month(world, door, in_october):
    check_in(door, scan_at(world, in_october, OCTOBER))
    assert [visit.posted_month for visit in visits(world)] == ["2026-10"]


@pytest.mark.parametrize(
    "states, posted",
    [
        ({"2026-10": "review"}, "2026-10"),
        ({"2026-10": "closed"}, "2026-11"),
        ({"2026-10": "paid", "2026-11": "netted"}, "2026-12"),
        ({"2026-09": "closed"}, "2026-10"),
    ],
)
def test_a_late_scan_of_a_closed_month_is_posted_in_the_oldest_open_one(world, door, in_october, states, posted):
    for month, state in states.items():
        close_month(world, month, state)
    check_in(door, scan_at(world, in_october, OCTOBER))
    [visit] = visits(world)
    assert (visit.posted_month, visit.local_date) == (posted, OCTOBER.date())


def test_a_month_that_is_closed_keeps_its_visits_whatever_arrives_or_is_undone_later(world, door, in_october):
    opening = check_in(door, scan_at(world, in_october, OCTOBER))
    close_month(world, "2026-10")
    check_in(door, scan_at(world, in_october, OCTOBER - timedelta(hours=1)))
    refused = door.post(f"/api/v1/check-ins/{opening['check_in_id']}/undo", json={"reason": "Erreur"})
    assert (refused.status_code, refused.json()["code"]) == (409, "month_closed")
    assert rows(world, CheckInUndo) == []
    assert [(str(v.id), v.posted_month) for v in visits(world)] == [(opening["check_in_id"], "2026-10")]
