"""A host offers a visit (*offrir ce passage*, settlement R7): it is counted, and worth 0.00."""

from datetime import timedelta

import pytest

from passapp.door.models import FollowUp
from tests.door.following import code_of, offer, page, refused, stale
from tests.scenes import check_in, close_month, pass_text, revoke, rows, scan_at, undo, visits
from tests.settlement.months import agree, statement_of, visits_behind
from tests.world import NOW


@pytest.fixture
def door(world):
    agree(world)
    return world.as_door(world.moulin)


def test_the_visit_stays_and_is_worth_nothing(world, door):
    answer = check_in(door, world.scan(pass_text(world)))
    assert offer(door, answer["check_in_id"]).json() == {"check_in_id": answer["check_in_id"]}
    assert [(str(visit.id), visit.waived) for visit in visits(world)] == [(answer["check_in_id"], "offered")]


def test_both_places_see_it_apart_on_their_statements(world, door):
    offer(door, check_in(door, world.scan(pass_text(world)))["check_in_id"])
    check_in(door, world.scan(pass_text(world)))
    host, home = world.as_manager(world.moulin), world.as_manager(world.hangar)
    [received] = statement_of(host, world.moulin)["received"]
    [made] = statement_of(home, world.hangar)["made"]
    for row in (received, made):
        assert (row["visits"], row["paid_units"], row["offered_units"], row["net_cents"]) == (2, 1, 1, 500)
    seen = visits_behind(home, world.hangar, "made", "moulin")
    assert sorted((visit["waived"] or "", visit["amount_cents"]) for visit in seen) == [("", 500), ("offered", 0)]


def test_offered_twice_it_is_offered_once(world, door):
    answer = check_in(door, world.scan(pass_text(world)))
    for _ in range(2):
        assert offer(door, answer["check_in_id"]).status_code == 200
    assert [row.kind for row in rows(world, FollowUp)] == ["offered"]


def test_to_offer_a_welcome_back_is_to_offer_the_visit_of_that_day(world, door):
    shown = pass_text(world)
    first = check_in(door, world.scan(shown))
    world.later(hours=1)
    again = check_in(door, world.scan(shown))
    assert offer(door, again["check_in_id"]).status_code == 200
    assert [(str(visit.id), visit.waived) for visit in visits(world)] == [(first["check_in_id"], "offered")]


def test_it_stays_offered_when_an_earlier_scan_of_that_day_arrives_late(world, door):
    shown = pass_text(world)
    world.later(hours=2)
    offer(door, check_in(door, world.scan(shown))["check_in_id"])
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW + timedelta(hours=1)))
    assert [visit.waived for visit in visits(world)] == ["offered"]


def test_an_offered_check_in_that_is_undone_takes_its_offer_with_it(world, door):
    shown = pass_text(world)
    first = check_in(door, world.scan(shown))
    offer(door, first["check_in_id"])
    undo(door, first["check_in_id"])
    world.later(hours=1)
    check_in(door, world.scan(shown))
    assert [visit.waived for visit in visits(world)] == [None]


def test_nothing_is_offered_where_nobody_came_in(world, door):
    assert code_of(offer(door, refused(world, door)["check_in_id"])) == (409, "nothing_to_offer")


def test_nothing_is_offered_to_a_member_of_the_place_itself(world, door):
    answer = check_in(door, world.scan(pass_text(world, world.moulin)))
    assert code_of(offer(door, answer["check_in_id"])) == (409, "nothing_to_offer")


def test_nothing_is_offered_that_is_worth_nothing_already(world, door):
    card = world.card(world.member())
    shown = world.text(card)
    revoke(world, card)
    world.later(hours=20)
    answer = stale(world, door, shown)
    assert [visit.waived for visit in visits(world)] == ["stale_list"]
    assert code_of(offer(door, answer["check_in_id"])) == (409, "nothing_to_offer")


def test_once_the_month_is_closed_it_is_too_late(world, door):
    answer = check_in(door, world.scan(pass_text(world)))
    close_month(world, "2026-11")
    assert code_of(offer(door, answer["check_in_id"])) == (409, "month_closed")


def test_another_place_offers_nothing_here(world, door):
    answer = check_in(door, world.scan(pass_text(world)))
    assert code_of(offer(world.as_manager(world.hangar), answer["check_in_id"])) == (404, "check_in_unknown")


def test_the_day_says_what_was_offered_and_whether_there_is_money_to_offer(world, door):
    offer(door, check_in(door, world.scan(pass_text(world)))["check_in_id"])
    seen = page(world.as_manager(world.moulin), world.moulin, "today")
    assert (seen["money"], seen["people"][0]["check_ins"][0]["follow_ups"]) == (True, ["offered"])


def test_a_visit_by_a_list_that_was_too_old_is_shown_apart_too(world, door):
    card = world.card(world.member())
    shown = world.text(card)
    revoke(world, card)
    world.later(hours=20)
    stale(world, door, shown)
    [row] = statement_of(world.as_manager(world.hangar), world.hangar)["made"]
    assert (row["visits"], row["stale_list_units"], row["paid_units"], row["net_cents"]) == (1, 1, 0, 0)
