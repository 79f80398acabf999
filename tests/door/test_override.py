"""A host lets somebody in all the same: it counts where it is known who pays, and the home place is told why."""

import pytest

from passapp.accounts.rules import Role
from passapp.door.models import CheckIn, FollowUp, FollowUpReason
from passapp.kernel.outbox import OutboxMessage
from tests.door.following import code_of, conflict, override, page, refused
from tests.scenes import check_in, close_month, pass_text, receive_as, rows, undo, visits


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def test_an_override_makes_a_visit_that_the_home_pays(world, door):
    answer = refused(world, door)
    assert visits(world) == []
    assert override(door, answer["check_in_id"]).status_code == 200
    [visit] = visits(world)
    assert (str(visit.id), visit.home_id, visit.waived) == (answer["check_in_id"], world.hangar.id, None)


def test_the_check_in_itself_stays_as_it_was_judged(world, door):
    answer = refused(world, door)
    override(door, answer["check_in_id"], "Abonnement renouvelé hier")
    assert [row.verdict for row in rows(world, CheckIn)] == ["plan"]
    assert [(row.kind, row.actor_kind) for row in rows(world, FollowUp)] == [("override", "door")]
    assert [row.reason for row in rows(world, FollowUpReason)] == ["Abonnement renouvelé hier"]


@pytest.mark.parametrize("role", [Role.HOST, Role.MANAGER])
def test_a_host_and_a_manager_of_the_place_may_do_it_from_their_own_page(world, door, role):
    answer = refused(world, door)
    assert override(world.signed_in(world.account(role, world.moulin)), answer["check_in_id"]).status_code == 200
    assert len(visits(world)) == 1


def test_sent_again_it_is_answered_the_same_and_changes_nothing(world, door):
    answer = refused(world, door)
    for reason in ("Je la connais", "Encore"):
        assert override(door, answer["check_in_id"], reason).json() == {"check_in_id": answer["check_in_id"]}
    assert [row.reason for row in rows(world, FollowUpReason)] == ["Je la connais"]


def test_the_phone_of_another_place_is_told_that_there_is_no_such_check_in(world, door):
    answer = refused(world, door)
    assert code_of(override(world.as_door(world.hangar), answer["check_in_id"])) == (404, "check_in_unknown")
    assert visits(world) == []


def test_there_is_nothing_to_override_where_somebody_came_in(world, door):
    answer = check_in(door, world.scan(pass_text(world)))
    assert code_of(override(door, answer["check_in_id"])) == (409, "nothing_to_override")


def test_there_is_nothing_to_override_where_nobody_is_known(world, door):
    answer = check_in(door, world.scan("illisible"))
    assert code_of(override(door, answer["check_in_id"])) == (409, "nothing_to_override")


def test_what_an_offline_phone_let_in_is_for_the_manager_to_judge(world, door):
    answer = conflict(world, door)
    assert code_of(override(door, answer["check_in_id"])) == (409, "nothing_to_override")


def test_in_a_closed_month_it_is_too_late(world, door):
    answer = refused(world, door)
    close_month(world, "2026-11")
    assert code_of(override(door, answer["check_in_id"])) == (409, "month_closed")


def test_an_override_can_be_undone_and_stays_undone(world, door):
    answer = refused(world, door)
    override(door, answer["check_in_id"])
    undo(door, answer["check_in_id"])
    assert visits(world) == []


def test_the_day_shows_who_was_let_in_all_the_same(world, door):
    override(door, refused(world, door)["check_in_id"])
    seen = page(world.as_manager(world.moulin), world.moulin, "today")
    [came] = seen["people"][0]["check_ins"]
    assert (came["follow_ups"], came["verdict"], seen["refused"]) == (["override"], "plan", [])


def test_whose_code_was_typed_is_told_that_a_host_let_them_in_all_the_same_once(world, door):
    member = world.member()
    card = world.card(member)
    receive_as(world, world.moulin, capacity=1)
    check_in(door, world.scan(pass_text(world)))
    answer = check_in(door, world.scan(short_code=card.short_code))
    told = OutboxMessage.kind == "manual_check_in"
    assert (answer["verdict"], rows(world, OutboxMessage, told)) == ("capacity", [])
    for _ in range(2):
        override(door, answer["check_in_id"])
    [message] = rows(world, OutboxMessage, told)
    assert (message.recipient_id, message.payload) == (member.account_id, {"check_in_id": answer["check_in_id"]})


def test_also_where_the_phone_says_so_only_later(world, door):
    card = world.card(world.member())
    receive_as(world, world.moulin, capacity=1)
    check_in(door, world.scan(pass_text(world)))
    check_in(door, world.scan(short_code=card.short_code, shown="capacity", override={"reason": "Je la connais"}))
    assert len(rows(world, OutboxMessage, OutboxMessage.kind == "manual_check_in")) == 1


def test_and_where_it_says_so_as_the_scan_comes_again(world, door):
    card = world.card(world.member())
    receive_as(world, world.moulin, capacity=1)
    check_in(door, world.scan(pass_text(world)))
    scan = world.scan(short_code=card.short_code)
    check_in(door, scan)
    for _ in range(2):
        check_in(door, scan | {"override": {"reason": "Je la connais"}})
    assert len(rows(world, OutboxMessage, OutboxMessage.kind == "manual_check_in")) == 1
