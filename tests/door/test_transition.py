"""Members of a place that has left are received for a while more, and the common fund bears it (settlement R13)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from passapp.door.rules import Membership, in_transition
from passapp.members.service import NewMembership
from tests.scenes import check_in, pass_text, scan_at, visits
from tests.settlement.living import OVER, pass_time
from tests.settlement.months import agree, month_of, old_pass
from tests.world import LONG_AGO, NOW

LEFT = date(2026, 11, 10)


def leave(world, place, day=LEFT):
    client = world.as_coordinator()
    tag = client.get(f"/api/v1/places/{place.id}").headers["etag"]
    body = {"left_on": day.isoformat()}
    answer = client.patch(f"/api/v1/places/{place.id}", json=body, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text


@pytest.fixture
def phare(world):
    """A place that leaves on 10 November, in a network whose fund receives its members for 30 days more."""
    agree(world, transition_days=30)
    return world.place("phare", "Le Phare")


@pytest.fixture
def shown(world, phare):
    """The card of a member of it."""
    text = old_pass(world, phare)
    leave(world, phare)
    return text


def scanned(world, text, day, place=None):
    world.now = max(world.now, NOW) + timedelta(seconds=1)
    at = NOW.replace(month=day.month, day=day.day)
    door = world.as_door(place or world.moulin)
    world.now = max(world.now, at)
    return check_in(door, scan_at(world, text, at))


def test_their_passes_stay_green_elsewhere_and_the_fund_bears_the_visit(world, shown):
    said = scanned(world, shown, date(2026, 11, 18))
    assert (said["verdict"], said["colour"]) == ("ok", "green")
    assert len(visits(world)) == 1
    pass_time(world, OVER)
    [row] = month_of(world.as_coordinator())["rows"]
    assert (row["home"]["code"], row["host"]["code"], row["net_cents"]) == ("@fund", "moulin", 500)


@pytest.mark.parametrize(
    "day, verdict", [(date(2026, 11, 9), "ok"), (date(2026, 12, 9), "ok"), (date(2026, 12, 10), "place_left")]
)
def test_the_transition_ends_after_as_many_days_as_the_rules_say(world, shown, day, verdict):
    assert scanned(world, shown, day)["verdict"] == verdict


def test_the_place_that_left_receives_nobody(world, phare, shown):
    assert scanned(world, shown, date(2026, 11, 18), phare)["verdict"] == "place_left"


def test_without_a_transition_in_the_rules_they_are_turned_away(world):
    agree(world)
    phare = world.place("phare")
    text = pass_text(world, phare)
    leave(world, phare)
    assert scanned(world, text, date(2026, 11, 18))["verdict"] == "place_left"


def test_the_rules_of_the_day_of_the_visit_say_how_long(world, phare, shown):
    agree(world, date(2026, 11, 20), transition_days=3)
    assert scanned(world, shown, date(2026, 11, 19))["verdict"] == "ok"
    assert scanned(world, shown, date(2026, 11, 21))["verdict"] == "place_left"


def test_who_has_another_home_is_no_guest_of_the_fund(world, phare):
    homes = NewMembership(phare.id, "TOUT", LONG_AGO), NewMembership(world.hangar.id, "TOUT", LONG_AGO, priority=2)
    member = world.member(memberships=list(homes))
    text = world.text(world.card(member))
    leave(world, phare)
    assert scanned(world, text, date(2026, 11, 18))["verdict"] == "ok"
    assert [visit.home_id for visit in visits(world)] == [world.hangar.id]


def test_a_door_is_told_until_when_for_when_it_is_offline(world, phare):
    text = pass_text(world, phare)
    door = world.as_door(world.moulin)
    check_in(door, world.scan(text))
    leave(world, phare)
    [person] = door.get("/api/v1/door/sync").json()["roster"]
    assert [each["home_left_on"] for each in person["memberships"]] == ["2026-12-10"]


def of(place_id, first_day=date(2026, 1, 1), left_on=None):
    return Membership(uuid4(), place_id, "TOUT", 1, first_day, home_left_on=left_on)


def test_a_transition_ends_when_another_home_begins():
    here, there = uuid4(), uuid4()
    found = in_transition([of(here, left_on=LEFT), of(there, date(2026, 11, 20))], lambda day: day + timedelta(days=30))
    assert [each.home_left_on for each in found] == [date(2026, 11, 20), None]


def test_another_home_that_has_left_as_well_ends_no_transition():
    found = in_transition([of(uuid4(), left_on=LEFT), of(uuid4(), left_on=LEFT)], lambda day: day + timedelta(days=30))
    assert {each.home_left_on for each in found} == {date(2026, 12, 10)}
