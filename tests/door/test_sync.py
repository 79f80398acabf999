"""What a door learns to decide by itself: enough for a verdict, and no more of a person than a host may see."""

from datetime import timedelta

import pytest

from tests.door.following import override, refused
from tests.phones import Phone
from tests.scenes import add_plan, check_in, everything_stored, membership, pass_text, receive_as


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def sync(door):
    answer = door.get("/api/v1/door/sync")
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(door):
    return [person["given_name"] for person in sync(door)["roster"]]


def test_a_door_learns_its_place_its_networks_keys_and_plans(world, door):
    known = sync(door)
    assert known["server_now"] == "2026-11-18T10:00:00Z"
    assert (known["network"], known["place"]["code"], known["place"]["zone"]) == ("RESEAU", "moulin", "Europe/Paris")
    published = world.client().get("/.well-known/jwks.json").json()["keys"]
    assert known["keys"] == published
    assert {plan["code"] for plan in known["plans"]} == {"TOUT"}


def test_the_roster_holds_the_places_own_members_and_those_who_came_lately(world, door):
    world.card(world.member(world.moulin, given_name="Ada"))
    world.card(world.member(world.hangar, given_name="Noé"))
    check_in(door, world.scan(pass_text(world, given_name="Inès")))
    assert sorted(names(door)) == ["Ada", "Inès"]
    world.later(days=31)
    assert names(door) == ["Ada"]


def test_the_roster_says_nothing_of_a_person_that_a_host_may_not_see(world, door):
    member = world.member(world.moulin, family_name="Kermarrec", email="secret@example.org", reference="R-77")
    world.card(member)
    text = door.get("/api/v1/door/sync").text
    assert "Kermarrec" not in text
    assert "secret@example.org" not in text
    assert "R-77" not in text
    assert str(member.id) not in text
    assert str(member.memberships[0].id) not in text
    assert "tier" not in text
    assert "secret@example.org" in everything_stored(world)


def test_each_pass_of_a_person_leads_to_their_name(world, door):
    member = world.member(world.moulin)
    card = world.card(member)
    phone = Phone()
    live = world.as_member(member).post("/api/v1/me/live-pass", json={"public_key": phone.public_key})
    assert live.status_code == 200
    [person] = sync(door)["roster"]
    assert len(person["passes"]) == 2
    assert card.status_index in {each["index"] for each in person["passes"]}
    assert {each["home_id"] for each in person["passes"]} == {None}


def test_a_person_of_several_homes_comes_with_what_may_pay_and_the_homes_names(world, door):
    phare = world.place("phare")
    world.card(world.member(memberships=[membership(world.moulin), membership(phare)]))
    known = sync(door)
    [person] = known["roster"]
    assert {each["home_id"] for each in person["memberships"]} == {str(world.moulin.id), str(phare.id)}
    assert {home["name"] for home in known["homes"]} == {"Le Moulin", "Phare"}


def test_who_is_in_today_is_said_with_since_when(world, door):
    check_in(world.as_door(world.moulin), world.scan(pass_text(world)))
    world.later(minutes=20)
    known = sync(door)
    assert [person["first_at"] for person in known["roster"]] == ["2026-11-18T10:00:00Z"]
    assert known["present"] == 1


def test_visits_elsewhere_this_month_are_counted_for_plans_that_count(world, door):
    add_plan(world, "DEUX", monthly_visits=2)
    text = pass_text(world, memberships=[membership(world.hangar, plan="DEUX")])
    phare = world.as_door(world.place("phare"))
    verdicts = []
    for _ in range(3):
        verdicts.append(check_in(phare, world.scan(text))["verdict"])
        world.later(days=1)
    assert verdicts == ["ok", "ok", "quota"]
    assert check_in(world.as_door(world.hangar), world.scan(text))["verdict"] == "ok"
    assert check_in(door, world.scan(text))["verdict"] == "quota"
    assert [person["used"] for person in sync(phare)["roster"]] == [2]


def test_who_was_only_refused_here_is_expected_by_nobody(world, door):
    refused(world, door, given_name="Noé")
    assert names(door) == []
    override(door, refused(world, door, given_name="Bo")["check_in_id"])
    assert names(door) == ["Bo"]


def test_a_door_learns_no_home_that_could_not_pay_in_the_days_ahead(world, door):
    later, soon = world.place("phare"), world.place("quai")
    over = world.place("usine")
    today = world.now.date()
    homes = [
        membership(world.moulin),
        membership(soon, first_day=today + timedelta(days=8), priority=2),
        membership(later, first_day=today + timedelta(days=9), priority=3),
        membership(over, last_day=today - timedelta(days=1), priority=4),
    ]
    world.card(world.member(memberships=homes))
    known = sync(door)
    assert {home["name"] for home in known["homes"]} == {"Le Moulin", "Quai"}
    assert {each["home_id"] for each in known["roster"][0]["memberships"]} == {str(world.moulin.id), str(soon.id)}


def test_a_closed_day_is_known_and_refused(world):
    place = world.place("atelier")
    client = world.as_manager(place)
    path = f"/api/v1/places/{place.id}/hours"
    week = [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(7)]
    closed = [{"day": "2026-11-18", "hours": [], "note": "Inventaire"}]
    etag = client.get(f"/api/v1/places/{place.id}").headers["ETag"]
    answer = client.put(path, json={"hours": week, "exceptions": closed}, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    door, text = world.as_door(place), pass_text(world)
    assert check_in(door, world.scan(text))["verdict"] == "closed"
    [day] = [each for each in sync(door)["days"] if each["day"] == "2026-11-18"]
    assert day == {"day": "2026-11-18", "openings": [], "reason": "Inventaire"}
    world.later(days=1, hours=12)  # eleven in the evening: the place does not keep its hours
    assert check_in(door, world.scan(text))["verdict"] == "ok"
    receive_as(world, place, keeps_hours=True)
    assert check_in(door, world.scan(pass_text(world)))["verdict"] == "closed"


def test_hours_reach_as_far_as_a_door_may_stay_offline(world):
    place = world.place("atelier")
    client = world.as_manager(place)
    etag = client.get(f"/api/v1/places/{place.id}").headers["ETag"]
    week = [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(7)]
    client.put(f"/api/v1/places/{place.id}/hours", json={"hours": week}, headers={"If-Match": etag})
    days = [each["day"] for each in sync(world.as_door(place))["days"]]
    assert (days[0], days[-1]) == ("2026-11-17", "2026-11-26")


def test_a_door_that_knows_it_all_is_told_so_in_few_bytes(world, door):
    first = door.get("/api/v1/door/sync")
    again = door.get("/api/v1/door/sync", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    world.card(world.member(world.moulin))
    assert door.get("/api/v1/door/sync", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_place_that_asks_for_live_passes_takes_no_card(world, door):
    text = pass_text(world)
    receive_as(world, world.moulin, cards=False)
    assert sync(door)["place"]["cards"] is False
    assert check_in(door, world.scan(text))["verdict"] == "proof_missing"


def test_what_is_to_be_said_at_a_welcome_comes_with_it(world, door):
    today = world.now.date()
    receive_as(
        world,
        world.moulin,
        house_rules="On range après soi.",
        message="Pain chaud à midi",
        message_until=(today + timedelta(days=1)).isoformat(),
        check_out=True,
    )
    answer = check_in(door, world.scan(pass_text(world)))
    assert answer["house_rules"] == {"version": 1, "text": "On range après soi."}
    assert (answer["message"], answer["may_check_out"]) == ("Pain chaud à midi", True)
    assert sync(door)["place"]["message"] == "Pain chaud à midi"
