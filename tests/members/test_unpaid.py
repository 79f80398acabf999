"""Memberships that are not paid for: who says so, what they open, and who may know."""

from datetime import datetime, timedelta

import pytest

from passapp.kernel.audit import AuditEntry
from passapp.members.models import Membership
from passapp.members.rules import is_unpaid_at
from passapp.passes.service import statuses
from passapp.passes.status_list import Status
from tests.scenes import check_in, membership, rows
from tests.world import NOW

HOUR = timedelta(hours=1)


def mark(client, member, what, which=0):
    return client.post(f"/api/v1/members/{member.id}/memberships/{member.memberships[which].id}/{what}")


def since(answer, which=0):
    return answer.json()["memberships"][which]["unpaid_since"]


def status(world, card):
    with world.session() as session:
        return statuses(session, at=world.now).get(card.status_index, Status.VALID)


@pytest.fixture
def manager(world):
    return world.as_manager(world.hangar)


def test_the_home_marks_a_membership_unpaid_and_sees_since_when(world, manager):
    answer = mark(manager, world.member(), "unpaid")
    assert (answer.status_code, since(answer)) == (200, "2026-11-18T10:00:00Z")


def test_and_paid_again(world, manager):
    member = world.member()
    mark(manager, member, "unpaid")
    world.later(days=3)
    assert since(mark(manager, member, "paid")) is None


def test_both_instants_stay_for_scans_that_arrive_late(world, manager):
    member = world.member()
    mark(manager, member, "unpaid")
    world.later(days=3)
    mark(manager, member, "paid")
    [row] = rows(world, Membership)
    assert (row.unpaid_at, row.paid_at) == (NOW, NOW + timedelta(days=3))


def test_a_new_unpaid_time_clears_the_one_that_ended(world, manager):
    member = world.member()
    for what in ("unpaid", "paid", "unpaid"):
        mark(manager, member, what)
        world.later(days=1)
    [row] = rows(world, Membership)
    assert (row.unpaid_at, row.paid_at) == (NOW + timedelta(days=2), None)


@pytest.mark.parametrize("what", ["unpaid", "paid"])
def test_said_twice_it_is_done_and_written_down_once(world, manager, what):
    member = world.member()
    mark(manager, member, "unpaid")
    world.later(hours=1)
    for _ in range(2):
        mark(manager, member, what)
        world.later(hours=1)
    action = f"membership.{what}"
    assert len(rows(world, AuditEntry, AuditEntry.action == action)) == 1


def test_a_pass_of_an_unpaid_membership_is_inactive_until_it_is_paid(world, manager):
    member = world.member()
    card = world.card(member)
    mark(manager, member, "unpaid")
    assert status(world, card) == Status.SUSPENDED
    mark(manager, member, "paid")
    assert status(world, card) == Status.VALID


def test_so_is_a_membership_paid_late_in_a_list_made_for_the_time_before(world, manager):
    member = world.member()
    card = world.card(member)
    mark(manager, member, "unpaid")
    world.later(hours=2)
    mark(manager, member, "paid")
    with world.session() as session:
        assert statuses(session, at=NOW + HOUR)[card.status_index] == Status.SUSPENDED


def test_another_membership_that_is_paid_keeps_the_pass_active(world, manager):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin, priority=2)])
    card = world.card(member)
    mark(manager, member, "unpaid")
    assert status(world, card) == Status.VALID


def test_the_member_sees_an_inactive_pass_and_whom_to_see(world, manager):
    member = world.member()
    world.card(member)
    mark(manager, member, "unpaid")
    mine = world.as_member(member)
    assert [each["state"] for each in mine.get("/api/v1/me/passes").json()["items"]] == ["inactive"]
    assert mine.get("/api/v1/me/member").json()["unpaid_at"]["name"] == "Le Hangar"


def test_who_can_come_in_with_another_membership_is_told_nothing(world, manager):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin, priority=2)])
    mark(manager, member, "unpaid")
    assert world.as_member(member).get("/api/v1/me/member").json()["unpaid_at"] is None


def test_a_door_refuses_the_pass_in_the_one_sentence_for_inactive_passes(world, manager):
    member = world.member()
    shown = world.text(world.card(member))
    mark(manager, member, "unpaid")
    answer = check_in(world.as_door(world.moulin), world.scan(shown))
    assert (answer["verdict"], answer["colour"]) == ("unpaid", "red")


def test_another_home_is_not_told_and_may_not_say_it(world, manager):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin, priority=2)])
    mark(manager, member, "unpaid")
    other = world.as_manager(world.moulin)
    shown = {each["place"]["code"]: each["unpaid_since"] for each in seen(other, member)["memberships"]}
    assert shown == {"hangar": None, "moulin": None}
    assert mark(other, member, "paid").json()["code"] == "forbidden"


def seen(client, member):
    return client.get(f"/api/v1/members/{member.id}").json()


def test_a_membership_of_somebody_else_is_unknown(world, manager):
    member, other = world.member(), world.member()
    answer = manager.post(f"/api/v1/members/{member.id}/memberships/{other.memberships[0].id}/unpaid")
    assert (answer.status_code, answer.json()["code"]) == (404, "membership_unknown")


def test_nobody_gets_a_card_while_nothing_of_theirs_is_paid(world, manager):
    member = world.member()
    mark(manager, member, "unpaid")
    assert world.as_coordinator().post("/api/v1/passes/missing").json()["issued"] == 0


def test_the_days_are_in_what_is_known_of_the_member(world, manager):
    member = world.member()
    mark(manager, member, "unpaid")
    [known] = world.as_member(member).get("/api/v1/my-data").json()["memberships"]
    assert (known["unpaid_at"], known["paid_at"]) == ("2026-11-18T10:00:00Z", None)


@pytest.mark.parametrize(
    "unpaid, paid, unpaid_then",
    [
        (None, None, False),
        (NOW - HOUR, None, True),
        (NOW, None, True),
        (NOW + HOUR, None, False),
        (NOW - HOUR, NOW, False),
        (NOW - HOUR, NOW + HOUR, True),
        (NOW - HOUR, NOW - 2 * HOUR, True),
    ],
)
def test_it_is_unpaid_from_then_until_it_is_paid_again(unpaid: datetime | None, paid: datetime | None, unpaid_then):
    assert is_unpaid_at(unpaid, paid, NOW) is unpaid_then
