"""A place's day: who came, who is here, who was refused; and what of it anybody may see."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, event

from passapp.accounts.rules import Role
from passapp.door.models import VisitIdentity
from passapp.door.rules import leaves_at
from passapp.places.rules import Day, Opening
from tests.scenes import add_plan, check_in, membership, pass_text, revoke, scan_at, suspend, undo, without_pseudonym
from tests.world import NOW

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


def today(client, place, **query):
    answer = client.get(f"/api/v1/places/{place.id}/today", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(people):
    return [person["name"]["given_name"] for person in people]


def come_in(world, door, given_name="Léa", **fields):
    """A new member comes in now; gives the check-in's id."""
    shown = pass_text(world, given_name=given_name, **fields)
    answer = check_in(door, world.scan(shown))
    assert answer["verdict"] == "ok"
    return answer["check_in_id"]


def open_daily(world, place, *hours, public_holidays="closed"):
    """Give a place hours, the same every day."""
    week = [{"weekday": day, "opens": opens, "closes": closes} for day in range(7) for opens, closes in hours]
    client = world.as_coordinator()
    version = client.get(f"/api/v1/places/{place.id}").headers["ETag"]
    body = {"hours": week, "public_holidays": public_holidays}
    answer = client.put(f"/api/v1/places/{place.id}/hours", json=body, headers={"If-Match": version})
    assert answer.status_code == 200, answer.text


def test_who_came_is_told_as_the_host_saw_them(world, door, manager):
    check_in_id = come_in(world, door, "Zoé", family_name="martin")
    [person] = today(manager, world.moulin)["people"]
    assert without_pseudonym(person.pop("name")) == {"given_name": "Zoé", "initial": "M"}
    assert person == {
        "home": "Le Hangar",
        "at_home": False,
        "first_at": "2026-11-18T10:00:00Z",
        "here": True,
        "check_ins": [
            {
                "id": check_in_id,
                "at": "2026-11-18T10:00:00Z",
                "evidence": "card",
                "verdict": "ok",
                "undone": False,
                "left_at": None,
                "follow_ups": [],
            }
        ],
    }


def test_nothing_more_personal_is_in_the_answer(world, door, manager):
    home = membership(world.hangar, tier="SOLIDAIRE")
    member = world.member(given_name="Zoé", family_name="Quintard", reference="HGR-0042", memberships=[home])
    check_in(door, world.scan(world.text(world.card(member))))
    said = manager.get(f"/api/v1/places/{world.moulin.id}/today").text
    for absent in ("Quintard", member.email, "HGR-0042", "SOLIDAIRE", "TOUT", str(member.id)):
        assert absent not in said


def test_a_person_who_comes_twice_is_one_person_with_two_check_ins(world, door, manager):
    shown = pass_text(world)
    check_in(door, world.scan(shown))
    world.later(hours=2)
    check_in(door, world.scan(shown))
    [person] = today(manager, world.moulin)["people"]
    assert [each["at"][11:16] for each in person["check_ins"]] == ["10:00", "12:00"]
    assert person["first_at"] == "2026-11-18T10:00:00Z"


def test_people_are_listed_in_the_order_of_their_scans_not_of_their_arrival_here(world, door, manager):
    late = pass_text(world, given_name="Ana")
    world.later(hours=1)
    come_in(world, door, "Bo")
    check_in(door, scan_at(world, late, NOW + timedelta(minutes=5)))
    assert names(today(manager, world.moulin)["people"]) == ["Ana", "Bo"]


def test_somebody_at_their_own_home_is_marked_so(world, door, manager):
    come_in(world, door, home=world.moulin)
    [person] = today(manager, world.moulin)["people"]
    assert (person["home"], person["at_home"]) == ("Le Moulin", True)


def test_a_check_in_by_short_code_says_that_it_was_typed(world, door, manager):
    card = world.card(world.member())
    check_in(door, world.scan(short_code=card.short_code))
    [person] = today(manager, world.moulin)["people"]
    assert person["check_ins"][0]["evidence"] == "manual"


def test_a_check_in_taken_back_stays_in_the_list_and_its_person_is_here_no_more(world, door, manager):
    undo(door, come_in(world, door))
    seen = today(manager, world.moulin)
    assert [each["undone"] for each in seen["people"][0]["check_ins"]] == [True]
    assert (seen["people"][0]["here"], seen["present"]) == (False, [])


def test_after_the_first_check_in_is_taken_back_the_second_one_says_since_when(world, door, manager):
    shown = pass_text(world)
    first = check_in(door, world.scan(shown))
    world.later(hours=1)
    check_in(door, world.scan(shown))
    undo(door, first["check_in_id"])
    seen = today(manager, world.moulin)
    assert seen["people"][0]["first_at"] == seen["present"][0]["since"] == "2026-11-18T11:00:00Z"


def test_the_manager_takes_a_check_in_back_from_the_list(world, door, manager):
    come_in(world, door)
    undo(manager, today(manager, world.moulin)["people"][0]["check_ins"][0]["id"])
    assert today(manager, world.moulin)["present"] == []


def test_the_list_is_of_one_place(world, door, manager):
    come_in(world, door, "Ana")
    come_in(world, world.as_door(world.hangar), "Bo")
    assert names(today(manager, world.moulin)["people"]) == ["Ana"]


def test_the_day_is_the_places_own(world):
    island = world.place("ile", zone="Indian/Reunion")
    come_in(world, world.as_door(island), "Ana")  # 14:00 there
    world.later(hours=10)  # midnight there, 21:00 in Paris
    seen = today(world.as_manager(island), island)
    assert (seen["day"], seen["today"], seen["people"]) == ("2026-11-19", "2026-11-19", [])
    assert names(today(world.as_manager(island), island, day="2026-11-18")["people"]) == ["Ana"]


def test_a_day_that_is_over_has_nobody_here(world, door, manager):
    come_in(world, door)
    world.later(days=1)
    seen = today(manager, world.moulin, day="2026-11-18")
    assert names(seen["people"]) == ["Léa"]
    assert (seen["people"][0]["here"], seen["present"]) == (False, [])


@pytest.mark.parametrize("day, is_shown", [(11, True), (10, False), (18, True), (19, False)])
def test_a_day_is_shown_for_a_week_and_none_before_it_comes(world, manager, day, is_shown):
    answer = manager.get(f"/api/v1/places/{world.moulin.id}/today", params={"day": f"2026-11-{day}"})
    assert answer.status_code == (200 if is_shown else 422)
    assert is_shown or answer.json()["code"] == "day_not_shown"


def test_a_scan_sent_late_stands_on_the_day_on_which_it_was_made(world, door, manager):
    shown = pass_text(world)
    world.later(days=2)
    check_in(door, scan_at(world, shown, NOW + timedelta(hours=1)))
    assert today(manager, world.moulin)["people"] == []
    assert names(today(manager, world.moulin, day="2026-11-18")["people"]) == ["Léa"]


def test_closing_time_checks_everybody_out(world, door, manager):
    open_daily(world, world.moulin, ("09:00", "18:00"))
    come_in(world, door)
    world.later(hours=6, minutes=59)  # 17:59
    seen = today(manager, world.moulin)
    assert (names(seen["present"]), seen["closes_at"]) == (["Léa"], "2026-11-18T17:00:00Z")
    world.later(minutes=1)
    assert today(manager, world.moulin)["present"] == []


def test_a_lunch_break_checks_nobody_out(world, door, manager):
    open_daily(world, world.moulin, ("09:00", "12:00"), ("14:00", "18:00"))
    come_in(world, door)
    world.later(hours=2)
    assert names(today(manager, world.moulin)["present"]) == ["Léa"]


def test_whoever_comes_after_closing_time_is_here(world, door, manager):
    open_daily(world, world.moulin, ("08:00", "10:00"))
    come_in(world, door)  # 11:00
    assert names(today(manager, world.moulin)["present"]) == ["Léa"]


def test_whoever_came_yesterday_evening_is_here_until_the_place_closes_at_night(world, door, manager):
    open_daily(world, world.moulin, ("18:00", "26:00"))
    world.later(hours=10)  # 21:00
    come_in(world, door)
    world.later(hours=4, minutes=59)  # 01:59 of the next day
    seen = today(manager, world.moulin)
    assert (names(seen["present"]), seen["people"]) == (["Léa"], [])
    world.later(minutes=1)
    assert today(manager, world.moulin)["present"] == []


def test_whoever_came_before_and_after_midnight_is_here_once_even_where_the_month_ends(world, door, manager):
    open_daily(world, world.moulin, ("18:00", "26:00"))
    shown = pass_text(world)
    world.now = datetime(2026, 11, 30, 22, tzinfo=UTC)
    manager, door = world.as_manager(world.moulin), world.as_door(world.moulin)
    check_in(door, world.scan(shown))
    world.later(hours=2)
    check_in(door, world.scan(shown))
    [here] = today(manager, world.moulin)["present"]
    assert here["since"] == "2026-11-30T22:00:00Z"


def test_without_hours_everybody_is_here_until_midnight(world, door, manager):
    come_in(world, door)
    world.later(hours=12, minutes=59)
    assert names(today(manager, world.moulin)["present"]) == ["Léa"]
    assert today(manager, world.moulin)["closes_at"] is None
    world.later(minutes=1)
    assert today(manager, world.moulin)["present"] == []


def hours_on(day, *openings):
    """Hours of that day alone, none the day before."""
    return {day - timedelta(days=1): Day(day - timedelta(days=1), ()), day: Day(day, tuple(openings))}


def test_closing_time_is_by_the_clock_on_the_wall_when_clocks_go_back():
    day = date(2026, 10, 25)
    came = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # 00:30 in summer time
    assert leaves_at(came, day, hours_on(day, Opening(0, 180)), PARIS) == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_midnight_after_a_night_out_of_hours_is_the_next_one():
    day = date(2026, 11, 18)
    came = datetime(2026, 11, 18, 22, 59, tzinfo=UTC)
    assert leaves_at(came, day, hours_on(day), PARIS) == datetime(2026, 11, 18, 23, tzinfo=UTC)


def test_refused_scans_are_counted_by_reason_with_the_names_that_the_host_saw(world, door, manager):
    add_plan(world, "DIM", weekdays=[6])
    home = membership(world.hangar, plan="DIM")
    closed = world.text(world.card(world.member(given_name="Bo", family_name="Petit", memberships=[home])))
    for shown in (closed, closed, "illisible"):
        check_in(door, world.scan(shown))
    seen = today(manager, world.moulin)
    [plan, invalid] = seen["refused"]
    assert (plan["verdict"], plan["scans"]) == ("plan", 2)
    assert [without_pseudonym(name) for name in plan["names"]] == [{"given_name": "Bo", "initial": "P"}]
    assert invalid == {"verdict": "invalid", "scans": 1, "names": []}
    assert seen["people"] == []


def test_a_pass_that_is_inactive_is_counted_without_a_name_or_a_reason(world, door, manager):
    suspended = world.member(given_name="Bo")
    texts = [world.text(world.card(suspended))]
    suspend(world, suspended)
    lost = world.card(world.member(given_name="Ana"))
    texts.append(world.text(lost))
    revoke(world, lost)
    world.later(minutes=1)
    for shown in texts:
        assert check_in(door, world.scan(shown))["verdict"] in {"suspended", "revoked"}
    assert today(manager, world.moulin)["refused"] == [{"verdict": "inactive", "scans": 2, "names": []}]


def test_a_question_that_was_answered_is_no_refusal(world, door, manager):
    homes = [membership(world.hangar), membership(world.place("lune"))]
    member = world.member(memberships=homes)
    shown = world.text(world.card(member, membership_id=None))
    asked = check_in(door, world.scan(shown))
    assert asked["verdict"] == "ambiguous"
    check_in(door, world.scan(shown, home_id=asked["choices"][0]["home_id"]))
    seen = today(manager, world.moulin)
    assert (names(seen["people"]), seen["refused"]) == (["Léa"], [])


def test_somebody_whose_identity_was_erased_is_still_counted(world, door, manager):
    come_in(world, door)
    with world.database.write() as session:
        session.execute(delete(VisitIdentity))
    seen = today(manager, world.moulin)
    assert ([person["name"] for person in seen["people"]], seen["present"][0]["name"]) == ([None], None)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HOST])
def test_those_who_receive_at_a_place_see_its_day(world, door, role):
    come_in(world, door)
    client = world.signed_in(world.account(role, world.moulin))
    assert names(today(client, world.moulin)["people"]) == ["Léa"]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.NETWORK_ACCOUNTANT])
def test_the_network_does_not_see_who_is_at_a_place(world, role):
    client = world.signed_in(world.account(role))
    assert client.get(f"/api/v1/places/{world.moulin.id}/today").status_code == 403


def test_the_manager_of_another_place_does_not_see_it(world):
    assert world.as_manager(world.hangar).get(f"/api/v1/places/{world.moulin.id}/today").status_code == 403


def test_the_day_costs_the_same_statements_however_many_people_came(world, door, manager):
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    come_in(world, door)
    event.listen(world.database.engine, "before_cursor_execute", note)
    today(manager, world.moulin)
    for_one = [statement for statement in asked if statement.startswith("SELECT")]
    event.remove(world.database.engine, "before_cursor_execute", note)
    for _ in range(5):
        come_in(world, door)
    asked.clear()
    event.listen(world.database.engine, "before_cursor_execute", note)
    today(manager, world.moulin)
    event.remove(world.database.engine, "before_cursor_execute", note)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == len(for_one) == 9
