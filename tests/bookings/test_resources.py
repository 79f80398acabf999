"""What places say of what can be booked there, and what everybody sees of it."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from passapp.bookings.models import Booking, Resource, ResourcePolicy
from passapp.bookings.resources import service as resources
from passapp.bookings.rules import Policy, Rate
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.kernel.problems import Problem
from tests.bookings.rooms import book, composite, pool, room
from tests.scenes import rows
from tests.statements import statements

BLUE = {
    "kind": "room",
    "name": "Salle Bleue",
    "description": "Au premier étage.\nUne grande table.",
    "capacity": 8,
    "features": ["screen", "wheelchair"],
    "access": "Code 12A34 à la porte de la cour.",
    "contact": "Inès, 02 31 00 00 00",
    "rates": [{"hour": 1000, "half_day": 3000, "day": 5000}, {"hour": 500, "is_home": True}],
    "policy": {"grid": 30, "longest": 600, "tiers": [{"hours_before": 24, "fee_percent": 0}], "late_fee_percent": 50},
}


def at(place):
    return f"/api/v1/places/{place.id}/resources"


def add(client, place, **fields):
    answer = client.post(at(place), json=BLUE | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def put(client, seen, **changes):
    same = {name: seen[name] for name in BLUE} | {
        "units": [unit["name"] for unit in seen["units"]],
        "parts": [part["id"] for part in seen["parts"]],
    }
    headers = {"If-Match": f'"{seen["version"]}"'}
    return client.put(f"/api/v1/resources/{seen['id']}", json=same | changes, headers=headers)


def retire(client, seen):
    return client.post(f"/api/v1/resources/{seen['id']}/retire", headers={"If-Match": f'"{seen["version"]}"'})


def test_a_room_that_was_added_is_shown_as_it_was_said(world):
    made = add(world.as_manager(), world.hangar)
    assert {name: made[name] for name in BLUE if name not in {"rates", "policy"}} == {
        name: BLUE[name] for name in BLUE if name not in {"rates", "policy"}
    }
    assert [(rate["hour"], rate["is_home"]) for rate in made["rates"]] == [(1000, None), (500, True)]
    assert (made["policy"]["grid"], made["policy"]["shortest"], made["policy"]["audience"]) == (30, 15, "network")
    assert made["place"] == {
        "id": str(world.hangar.id),
        "code": "hangar",
        "name": "Le Hangar",
        "zone": "Europe/Paris",
        "town": "Caen",
        "latitude": None,
        "longitude": None,
    }
    assert (made["is_pool"], made["is_also_elsewhere"], made["retired"], made["version"]) == (False, False, False, 1)


def test_anybody_in_the_network_sees_the_rooms_of_any_place_by_name(world):
    manager = world.as_manager()
    for name in ("Verte", "Bleue"):
        add(manager, world.hangar, name=name)
    seen = world.as_member(world.member(world.moulin)).get(at(world.hangar)).json()["items"]
    assert [(each["name"], each["contact"]) for each in seen] == [
        ("Bleue", BLUE["contact"]),
        ("Verte", BLUE["contact"]),
    ]


def test_a_list_is_read_with_as_many_statements_however_many_rooms_it_holds(world):
    client = world.as_member(world.member())
    room(world, place=world.hangar, rates=[Rate(500)])
    with statements(world.database) as few:
        client.get(at(world.hangar))
    for _ in range(5):
        pool(world, 2, place=world.hangar, rates=[Rate(500)])
    with statements(world.database) as many:
        assert len(client.get(at(world.hangar)).json()["items"]) == 6
    assert len(many) == len(few)


def test_what_members_of_a_tier_pay_is_shown_to_the_staff_of_their_place_only(world):
    rates = [{"hour": 1000}, {"hour": 200, "tier": "solidaire"}]
    made = add(world.as_manager(), world.hangar, rates=rates)
    address = f"/api/v1/resources/{made['id']}"
    assert len(made["rates"]) == len(world.as_coordinator().get(address).json()["rates"]) == 2
    for client in (world.as_manager(world.moulin), world.as_member(world.member())):
        assert [rate["hour"] for rate in client.get(address).json()["rates"]] == [1000]


def test_desks_that_are_alike_are_one_pool_of_named_units(world):
    manager = world.as_manager()
    made = add(manager, world.hangar, kind="desk", name="Bureaux", capacity=1, units=["Fenêtre", "Porte"])
    assert (made["is_pool"], [unit["name"] for unit in made["units"]]) == (True, ["Fenêtre", "Porte"])
    assert [each["name"] for each in manager.get(at(world.hangar)).json()["items"]] == ["Bureaux"]
    assert manager.get(f"/api/v1/resources/{made['units'][0]['id']}").json()["code"] == "resource_unknown"


def test_units_come_and_go_by_their_names(world):
    manager = world.as_manager()
    made = add(manager, world.hangar, units=["Un", "Deux"])
    changed = put(manager, made, units=["Deux", "Trois"]).json()
    assert [unit["name"] for unit in changed["units"]] == ["Deux", "Trois"]
    assert changed["units"][0] == made["units"][1]


def test_a_unit_that_is_booked_stays(world):
    desks = pool(world, 1, place=world.hangar)
    book(world, desks, world.member(), people=1)
    manager = world.as_manager()
    seen = manager.get(f"/api/v1/resources/{desks}").json()
    assert put(manager, seen, units=["Autre"]).json()["code"] == "has_bookings"
    assert put(manager, seen, units=["Bureau 1", "Autre"]).status_code == 200


@pytest.mark.parametrize("units", [[], ["Un"]], ids=["a pool without units", "a room with some"])
def test_a_pool_stays_one_and_a_room_too(world, units):
    manager = world.as_manager()
    made = add(manager, world.hangar, units=[] if units else ["Un"])
    assert put(manager, made, units=units).json()["code"] == "pool_stays"


def test_a_room_can_be_made_of_others_of_its_place(world):
    manager = world.as_manager()
    parts = [add(manager, world.hangar, name=name) for name in ("A", "B")]
    whole = add(manager, world.hangar, name="A et B", parts=[each["id"] for each in parts])
    assert [part["name"] for part in whole["parts"]] == ["A", "B"]
    assert [part["name"] for part in put(manager, whole, parts=[parts[1]["id"]]).json()["parts"]] == ["B"]


def test_parts_that_make_no_sense_are_refused(world):
    manager = world.as_manager()
    whole = add(manager, world.hangar, parts=[(inner := add(manager, world.hangar))["id"]])
    elsewhere, desks = room(world, place=world.moulin), pool(world, 1, place=world.hangar)
    retired = add(manager, world.hangar)
    retire(manager, retired)
    for parts in ([elsewhere], [desks], [retired["id"]], [2**50]):
        answer = manager.post(at(world.hangar), json=BLUE | {"parts": parts})
        assert (answer.status_code, answer.json()["code"]) == (422, "parts_unfit")
    assert put(manager, whole, parts=[whole["id"]]).json()["code"] == "parts_unfit"
    assert put(manager, inner, parts=[whole["id"]]).json()["code"] == "parts_unfit"


def test_parts_do_not_change_under_a_booking(world):
    parts = [room(world, place=world.hangar) for _ in range(3)]
    with_two = composite(world, *parts[:2], place=world.hangar)
    book(world, with_two, world.member())
    manager = world.as_manager()
    seen = manager.get(f"/api/v1/resources/{with_two}").json()
    assert put(manager, seen, parts=parts).json()["code"] == "has_bookings"


def test_what_is_changed_counts_for_later_bookings_and_is_written_down(world):
    manager = world.as_manager()
    made = add(manager, world.hangar)
    changed = put(manager, made, name="Salle Verte", policy={"grid": 60, "longest": 120}).json()
    assert (changed["name"], changed["policy"]["grid"]) == ("Salle Verte", 60)
    assert changed["version"] > made["version"]
    assert [row.document["grid"] for row in rows(world, ResourcePolicy)] == [30, 60]
    [entry] = rows(world, AuditEntry, AuditEntry.action == "resource.change")
    assert (entry.detail, entry.place_id) == ({"fields": ["name", "policy"]}, world.hangar.id)


def test_the_same_said_again_changes_nothing(world):
    manager = world.as_manager()
    made = add(manager, world.hangar, units=["Un", "Deux"])
    assert put(manager, made).json() == made
    assert rows(world, AuditEntry, AuditEntry.action == "resource.change") == []


def test_a_change_from_what_was_seen_before_is_refused(world):
    manager = world.as_manager()
    made = add(manager, world.hangar)
    put(manager, made, rates=[])
    assert put(manager, made, rates=BLUE["rates"]).status_code == 412


def test_a_plan_that_there_is_not_has_no_price(world):
    answer = world.as_manager().post(at(world.hangar), json=BLUE | {"rates": [{"hour": 1, "plan": "NON"}]})
    assert (answer.status_code, answer.json()["code"]) == (404, "plan_unknown")


def test_what_is_retired_is_listed_no_more_and_cannot_be_changed(world):
    manager = world.as_manager()
    made = add(manager, world.hangar, units=["Un"])
    retired = retire(manager, made).json()
    assert retired["retired"]
    assert manager.get(at(world.hangar)).json()["items"] == []
    assert put(manager, retired, name="Autre").json()["code"] == "resource_unknown"
    assert retire(manager, retired).json() == retired
    assert {row.retired_at for row in rows(world, Resource)} == {world.now}


def test_what_is_booked_ahead_cannot_be_retired_until_it_is_over(world):
    blue = room(world, place=world.hangar)
    book(world, blue, world.member())
    manager = world.as_manager()
    seen = manager.get(f"/api/v1/resources/{blue}").json()
    assert retire(manager, seen).json()["code"] == "has_bookings"
    world.later(days=10)
    assert retire(world.as_manager(), seen).status_code == 200


def test_who_books_while_it_is_being_retired_is_told_that_it_is_gone(world):
    blue, member = room(world, place=world.hangar), world.member()
    with ThreadPoolExecutor(1) as thread:
        with world.database.write() as session:
            resources.retire(session, session.get_one(Resource, blue), at=world.now, actor=SYSTEM)
            booking = thread.submit(book, world, blue, member)
            wait([booking], timeout=1)  # it waits for us, which no test has to see
        with pytest.raises(Problem) as refused:
            booking.result(timeout=60)
    assert refused.value.kind.code == "resource_unknown"
    assert rows(world, Booking) == []


def test_a_part_is_not_retired_under_the_room_that_is_made_of_it(world):
    part = room(world, place=world.hangar)
    composite(world, part, place=world.hangar)
    manager = world.as_manager()
    answer = retire(manager, manager.get(f"/api/v1/resources/{part}").json())
    assert (answer.status_code, answer.json()["code"]) == (409, "is_a_part")
    assert "Grande salle" in answer.json()["detail"]


@pytest.mark.parametrize(
    "pointer,change",
    [
        ("/capacity", {"capacity": 0}),
        ("/capacity", {"capacity": -3}),
        ("/name", {"name": "x" * 10_000}),
        ("/name", {"name": "Salle\x00Bleue"}),
        ("/name", {"name": "Salle \u202eeuelB"}),
        ("/description", {"description": "a" * 1001}),
        ("/features/0", {"features": ["Écran, son"]}),
        ("/kind", {"kind": "boat"}),
        ("", {"units": ["Un", "Un"]}),
        ("", {"units": ["Un"], "parts": [1]}),
        ("/parts/0", {"parts": [0]}),
        ("/rates/0/hour", {"rates": [{"hour": -1}]}),
        ("/rates/0", {"rates": [{"hour": 1, "tier": "solidaire", "is_home": False}]}),
        ("/policy/grid", {"policy": {"grid": 7}}),
        ("/policy/longest", {"policy": {"shortest": 60, "longest": 30}}),
        ("/policy/longest", {"policy": {"shortest": 1000}}),
        ("/policy/set_up", {"policy": {"set_up": 241}}),
        ("/policy/tiers", {"policy": {"tiers": [{"hours_before": 1, "fee_percent": 0}] * 2}}),
        ("/policy/tiers/0/fee_percent", {"policy": {"tiers": [{"hours_before": 1, "fee_percent": 101}]}}),
        ("/policy/horizon", {"policy": {"horizon": 3}}),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field_and_nothing_is_stored(world, pointer, change):
    answer = world.as_manager().post(at(world.hangar), json=BLUE | change)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer or "/"]
    assert rows(world, Resource) == []


@pytest.mark.parametrize(
    "change, said",
    [
        ({"name": "  "}, "Ne laissez pas ce champ vide."),
        ({"name": "www.salle.fr"}, "L'adresse d'une page n'est pas un nom."),
        (
            {"policy": {"shortest": 60, "longest": 30}},
            "Rien ne pourrait être réservé : indiquez au moins la durée minimale, et au moins un pas.",
        ),
    ],
)
def test_what_is_wrong_with_it_is_said_in_french(world, change, said):
    answer = world.as_manager().post(at(world.hangar), json=BLUE | change, headers={"Accept-Language": "fr"})
    assert [each["detail"] for each in answer.json()["errors"]] == [said]


def test_its_hours_are_those_of_its_place_with_holidays_and_exceptions(world):
    week = {
        "hours": [
            {"weekday": 4, "opens": "09:00", "closes": "18:00"},
            {"weekday": 4, "opens": "18:00", "closes": "26:00"},
        ]
    }
    manager = world.as_manager()
    assert manager.put(
        f"/api/v1/places/{world.hangar.id}/hours", json=week, headers={"If-Match": f'"{world.hangar.version}"'}
    ).is_success
    made = add(manager, world.hangar)
    seen = manager.get(f"/api/v1/resources/{made['id']}/hours", params={"from": "2026-12-18", "days": 8}).json()
    assert seen["zone"] == "Europe/Paris"
    assert [day["openings"] for day in seen["items"]] == [[[540, 1560]], [], [], [], [], [], [], []]
    assert (seen["items"][7]["day"], seen["items"][7]["reason"]) == ("2026-12-25", "Noël")


def test_what_is_always_open_has_whole_days(world):
    always = room(world)
    [day] = (
        world.as_manager()
        .get(f"/api/v1/resources/{always}/hours", params={"from": "2026-12-25", "days": 1})
        .json()["items"]
    )
    assert day == {"day": "2026-12-25", "openings": [[0, 1440]], "reason": None}


def test_when_it_is_taken_is_shown_without_names_set_up_included(world):
    blue = room(world, policy=Policy(is_always_open=True, set_up=15, tear_down=30))
    member = world.member()
    book(world, blue, member, title="Entretien de Zoé")
    book(world, blue, member, 24 * 60)
    seen = world.as_member(member).get(f"/api/v1/resources/{blue}/taken", params={"from": "2026-11-23"})
    assert seen.json() == {
        "zone": "Europe/Paris",
        "items": [
            {
                "starts_at": "2026-11-23T08:45:00+01:00",
                "ends_at": "2026-11-23T10:30:00+01:00",
                "local_start": "2026-11-23T08:45",
                "local_end": "2026-11-23T10:30",
                "zone": "Europe/Paris",
                "kind": "booking",
                "unit": None,
            }
        ],
    }


def test_of_a_pool_it_says_which_unit_and_of_a_whole_when_any_part_is_taken_once(world):
    member = world.member()
    desks = pool(world, 2)
    book(world, desks, member, people=1)
    one, two = room(world), room(world)
    whole = composite(world, one, two)
    book(world, whole, member)
    book(world, one, member, 60, hold=True)
    client = world.as_member(member)

    def taken(resource):
        seen = client.get(f"/api/v1/resources/{resource}/taken", params={"from": "2026-11-23", "days": 2}).json()
        return [(each["local_start"][11:], each["kind"], each["unit"]) for each in seen["items"]]

    assert taken(desks) == [("09:00", "booking", "Bureau 1")]
    assert taken(whole) == [("09:00", "booking", None), ("10:00", "hold", None)]
    assert taken(two) == [("09:00", "booking", None)]


@pytest.mark.parametrize("days", [0, 32])
def test_a_month_of_days_is_the_most_that_is_asked_for_at_once(world, days):
    answer = world.as_manager().get(
        f"/api/v1/resources/{room(world)}/taken", params={"from": "2026-11-23", "days": days}
    )
    assert answer.status_code == 422


def test_what_there_is_not_is_not_found_whatever_its_number(world):
    client = world.as_coordinator()
    for number in (7, 2**53 - 1):
        assert client.get(f"/api/v1/resources/{number}").json()["code"] == "resource_unknown"
    assert client.get(f"/api/v1/resources/{2**63}").status_code == 422


def test_how_to_get_in_is_for_the_staff_until_somebody_has_booked(world):
    made = add(world.as_manager(), world.hangar)
    seen = world.as_member(world.member()).get(f"/api/v1/resources/{made['id']}").json()
    assert (seen["access"], seen["contact"]) == (None, BLUE["contact"])


def test_a_room_that_is_booked_as_part_of_another_is_not_made_of_others(world):
    manager = world.as_manager()
    left, right, small = (add(manager, world.hangar, name=name) for name in ("Gauche", "Droite", "Petite"))
    parts, always = [left["id"], right["id"]], {"is_always_open": True}
    whole = add(manager, world.hangar, name="Grande", parts=parts, policy=always)
    book(world, whole["id"], world.member())
    refused = put(manager, left, parts=[small["id"]])
    assert (refused.status_code, refused.json()["code"]) == (409, "has_bookings")
