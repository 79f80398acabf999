"""Identity cards, hours and the directory of the places."""

import pytest

PLACES = "/api/v1/places"
NEW = {"code": "la-ruche", "name": "La Ruche", "town": "Metz", "postcode": "57000", "joined_on": "2026-01-01"}
WEEK = [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(5)]


def set_hours(client, place, hours=(), exceptions=(), public_holidays="closed"):
    version = client.get(f"{PLACES}/{place.id}").headers["etag"]
    body = {"hours": list(hours), "exceptions": list(exceptions), "public_holidays": public_holidays}
    return client.put(f"{PLACES}/{place.id}/hours", json=body, headers={"If-Match": version})


def change(client, place, **fields):
    version = client.get(f"{PLACES}/{place.id}").headers["etag"]
    return client.patch(f"{PLACES}/{place.id}", json=fields, headers={"If-Match": version})


def opening(client, place, first, last=None):
    answer = client.get(f"{PLACES}/{place.id}/opening", params={"from": first, "to": last or first})
    assert answer.status_code == 200, answer.text
    return answer.json()["days"]


def intervals(day):
    return [(i["opens"], i["closes"]) for i in day["intervals"]]


def test_the_coordination_adds_a_place_with_the_usual_settings(world):
    answer = world.as_coordinator().post(PLACES, json=NEW)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["zone"], shown["country"], shown["public_holidays"], shown["has_door"], shown["hours"]) == (
        "Europe/Paris",
        "FR",
        "closed",
        True,
        [],
    )


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"zone": "Europe/Nowhere"}, "/zone"),
        ({"zone": "../../etc/passwd"}, "/zone"),
        ({"country": "XX"}, "/"),
        ({"subdivision": "999"}, "/"),
        ({"code": "La Ruche"}, "/code"),
        ({"latitude": 91}, "/latitude"),
        ({"kind": "autre"}, "/kind"),
        ({"joined_on": "2026-02-30"}, "/joined_on"),
    ],
)
def test_a_card_with_a_wrong_field_is_refused_and_the_field_named(world, fields, pointer):
    answer = world.as_coordinator().post(PLACES, json=NEW | fields)
    assert {error["pointer"] for error in answer.json()["errors"]} == {pointer}


def test_a_code_belongs_to_one_place(world):
    coordinator = world.as_coordinator()
    answer = coordinator.post(PLACES, json=NEW | {"code": "hangar"})
    assert (answer.status_code, answer.json()["code"]) == (409, "place_code_taken")


def test_nobody_leaves_before_they_joined(world):
    coordinator = world.as_coordinator()
    assert coordinator.post(PLACES, json=NEW | {"left_on": "2025-12-31"}).json()["code"] == "dates_reversed"
    assert change(coordinator, world.hangar, left_on="2025-12-31").json()["code"] == "dates_reversed"


def test_a_manager_changes_what_their_place_says_of_itself(world):
    answer = change(world.as_manager(), world.hangar, name="Le Grand Hangar", services=["wifi", "coffee"])
    assert (answer.json()["name"], answer.json()["services"]) == ("Le Grand Hangar", ["wifi", "coffee"])


@pytest.mark.parametrize(
    "field",
    [
        {"zone": "Indian/Reunion"},
        {"country": "DE"},
        {"subdivision": "974"},
        {"host_class": "subsidised"},
        {"has_door": False},
        {"joined_on": "2026-02-01"},
        {"left_on": "2027-01-01"},
    ],
    ids=lambda field: next(iter(field)),
)
def test_what_the_network_agreed_on_is_the_coordinations_to_change(world, field):
    assert change(world.as_manager(), world.hangar, **field, name="Autre").status_code == 403
    assert world.as_coordinator().get(f"{PLACES}/{world.hangar.id}").json()["name"] == "Le Hangar"
    assert change(world.as_coordinator(), world.hangar, **field).status_code == 200


def test_a_country_and_its_subdivision_always_fit(world):
    coordinator = world.as_coordinator()
    assert change(coordinator, world.hangar, subdivision="974").status_code == 200
    for fields in ({"country": "DE"}, {"subdivision": "BY"}):
        assert change(coordinator, world.hangar, **fields).status_code == 422, fields
    assert change(coordinator, world.hangar, country="DE", subdivision="BY").status_code == 200
    set_hours(coordinator, world.hangar, WEEK)
    assert coordinator.get(f"{PLACES}/{world.hangar.id}").status_code == 200


def test_a_week_is_replaced_whole_and_given_back_as_it_was_written(world):
    manager = world.as_manager()
    set_hours(manager, world.hangar, [{"weekday": 5, "opens": "18:00", "closes": "26:00"}])
    shown = set_hours(manager, world.hangar, WEEK).json()
    assert shown["hours"] == sorted(WEEK, key=lambda row: row["weekday"])


@pytest.mark.parametrize(
    "row",
    [
        {"weekday": 7, "opens": "09:00", "closes": "18:00"},
        {"weekday": 0, "opens": "18:00", "closes": "09:00"},
        {"weekday": 0, "opens": "09:00", "closes": "09:00"},
        {"weekday": 0, "opens": "24:00", "closes": "25:00"},
        {"weekday": 0, "opens": "08:00", "closes": "32:01"},
        {"weekday": 0, "opens": "9h", "closes": "18:00"},
    ],
)
def test_a_row_that_is_no_opening_is_refused(world, row):
    assert set_hours(world.as_manager(), world.hangar, [row]).status_code == 422


def test_two_exceptions_for_one_date_are_refused(world):
    closed = {"day": "2026-12-24"}
    assert set_hours(world.as_manager(), world.hangar, WEEK, [closed, closed]).status_code == 422


def test_contiguous_rows_are_shown_as_one_opening(world):
    manager = world.as_manager()
    rows = [
        {"weekday": 2, "opens": "09:00", "closes": "12:00"},
        {"weekday": 2, "opens": "12:00", "closes": "18:00"},
        {"weekday": 2, "opens": "20:00", "closes": "26:00"},
    ]
    set_hours(manager, world.hangar, rows)
    assert intervals(opening(manager, world.hangar, "2026-11-18")[0]) == [("09:00", "18:00"), ("20:00", "26:00")]


def test_resolved_hours_are_instants_too_on_the_wall_of_the_place(world):
    island = world.place("ilet", zone="Indian/Reunion", subdivision="974")
    coordinator = world.as_coordinator()
    set_hours(coordinator, island, [{"weekday": 2, "opens": "18:00", "closes": "26:00"}])
    [shown] = opening(coordinator, island, "2026-11-18")[0]["intervals"]
    assert (shown["opens_at"], shown["closes_at"]) == ("2026-11-18T14:00:00Z", "2026-11-18T22:00:00Z")


def test_a_night_in_which_the_clocks_go_back_is_an_hour_longer(world):
    manager = world.as_manager()
    set_hours(manager, world.hangar, [{"weekday": 5, "opens": "18:00", "closes": "28:00"}])
    [shown] = opening(manager, world.hangar, "2026-10-24")[0]["intervals"]
    assert (shown["opens_at"], shown["closes_at"]) == ("2026-10-24T16:00:00Z", "2026-10-25T03:00:00Z")


def test_an_exception_closes_a_day_or_gives_it_other_hours(world):
    manager = world.as_manager()
    exceptions = [
        {"day": "2026-11-18", "note": "Inventaire"},
        {"day": "2026-11-21", "hours": [{"opens": "14:00", "closes": "17:00"}, {"opens": "10:00", "closes": "12:00"}]},
    ]
    set_hours(manager, world.hangar, WEEK, exceptions)
    days = {day["day"]: day for day in opening(manager, world.hangar, "2026-11-18", "2026-11-21")}
    assert (intervals(days["2026-11-18"]), days["2026-11-18"]["reason"]) == ([], "Inventaire")
    assert intervals(days["2026-11-19"]) == [("09:00", "18:00")]
    assert intervals(days["2026-11-21"]) == [("10:00", "12:00"), ("14:00", "17:00")]


@pytest.mark.parametrize(
    "subdivision, day, holiday",
    [
        (None, "2026-07-14", "Fête nationale"),
        (None, "2026-04-03", None),
        (None, "2026-12-26", None),
        ("57", "2026-04-03", "Vendredi saint"),
        ("974", "2028-12-20", "Abolition de l'esclavage"),
        (None, "2028-12-20", None),
    ],
)
def test_a_place_is_closed_on_the_public_holidays_of_where_it_is(world, subdivision, day, holiday):
    place = world.place("ici", subdivision=subdivision)
    coordinator = world.as_coordinator()
    everyday = [{"weekday": weekday, "opens": "09:00", "closes": "18:00"} for weekday in range(7)]
    set_hours(coordinator, place, everyday)
    shown = opening(coordinator, place, day)[0]
    assert (intervals(shown), shown["reason"]) == ([] if holiday else [("09:00", "18:00")], holiday)


def test_a_place_may_stay_open_on_public_holidays_or_say_otherwise_for_one(world):
    manager = world.as_manager()
    set_hours(manager, world.hangar, WEEK, public_holidays="open")
    assert intervals(opening(manager, world.hangar, "2026-07-14")[0]) == [("09:00", "18:00")]
    special = {"day": "2026-07-14", "hours": [{"opens": "20:00", "closes": "25:00"}]}
    set_hours(manager, world.hangar, WEEK, [special])
    assert intervals(opening(manager, world.hangar, "2026-07-14")[0]) == [("20:00", "25:00")]


@pytest.mark.parametrize(
    "first, last, status",
    [
        ("2026-11-01", "2026-11-01", 200),
        ("2026-11-01", "2027-01-01", 200),
        ("2026-11-01", "2027-01-02", 422),
        ("2026-11-02", "2026-11-01", 422),
        ("2000-01-01", "2000-01-02", 200),
        ("2100-12-31", "2100-12-31", 200),
    ],
)
def test_hours_are_resolved_for_1_to_62_days(world, first, last, status):
    place = f"{PLACES}/{world.hangar.id}/opening"
    assert world.as_coordinator().get(place, params={"from": first, "to": last}).status_code == status


def test_the_directory_says_whether_a_place_is_open_now_on_its_own_clock(world):
    coordinator = world.as_coordinator()
    island = world.place("ilet", zone="Indian/Reunion", subdivision="974")
    noon = [{"weekday": 2, "opens": "12:00", "closes": "14:30"}]
    world.place("employeur", has_door=False)
    for place in (world.hangar, island):  # 11:00 in Paris, 14:00 in Saint-Denis
        set_hours(coordinator, place, noon)
    shown = {row["code"]: row["open_now"] for row in coordinator.get(PLACES).json()["items"]}
    assert shown == {"hangar": False, "ilet": True, "moulin": None, "employeur": None}


def test_a_place_that_closes_after_midnight_is_still_open_then(world):
    coordinator = world.as_coordinator()
    set_hours(coordinator, world.hangar, [{"weekday": 2, "opens": "18:00", "closes": "26:00"}])
    world.later(hours=14, minutes=30)  # Thursday, 01:30 in Paris
    shown = {row["code"]: row["open_now"] for row in coordinator.get(PLACES).json()["items"]}
    assert shown["hangar"]


@pytest.mark.parametrize(
    "search, found", [("hang", 1), ("CAEN", 2), ("140", 2), ("cäén", 2), ("le moul", 1), ("%", 0), ("", 2)]
)
def test_the_directory_is_searched_by_name_town_and_postcode(world, search, found):
    assert len(world.as_coordinator().get(PLACES, params={"q": search}).json()["items"]) == found
