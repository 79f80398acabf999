import csv
from datetime import date
from importlib.resources import files

import pytest

from passapp.demo.names import as_ascii
from passapp.demo.people import DOOR_PLACE, MEMBER_HOME
from passapp.demo.places import INVENTED, demo_places, read_week
from passapp.places.api import PlaceWanted
from passapp.places.rules import Opening
from passapp.places.service import is_country


def test_there_are_21_real_places_with_the_columns_of_the_directory():
    rows = list(csv.DictReader((files("passapp.demo") / "places.csv").read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["name", "town", "postcode", "latitude", "longitude", "timezone", "kind"]
    assert len(rows) == 21


def test_the_invented_places_are_an_island_one_and_an_employer_without_a_door():
    island, employer = INVENTED
    assert (island.name, island.zone, island.subdivision) == ("La Varangue", "Indian/Reunion", "974")
    assert is_country("FR", island.subdivision)
    assert not employer.has_door
    assert employer.week == []


def test_every_place_could_have_been_added_through_the_api():
    names = PlaceWanted.model_fields.keys()
    for place in demo_places():
        said = {name: getattr(place, name) for name in names if hasattr(place, name)}
        PlaceWanted.model_validate({**said, "country": "FR", "joined_on": date(2026, 1, 1)})


def test_codes_are_unique_and_hold_the_places_that_the_people_name():
    codes = [place.code for place in demo_places()]
    assert len(set(codes)) == len(codes) == 23
    assert {DOOR_PLACE, MEMBER_HOME} <= set(codes)


@pytest.mark.parametrize(
    "name, code",
    [("L'Usine café et coworking", "l-usine-cafe-et-coworking"), ("Work&Co", "work-co"), ("L’Écluse", "l-ecluse")],
)
def test_a_name_becomes_a_code(name, code):
    assert as_ascii(name) == code


def test_a_week_reads_as_it_is_written():
    assert read_week("0-1 08:30-19:00, 5 18:00-26:00") == [
        (0, Opening(510, 1140)),
        (1, Opening(510, 1140)),
        (5, Opening(1080, 1560)),
    ]


def test_a_fablab_is_closed_on_mondays_and_a_cultural_place_open_past_midnight():
    weeks = {place.name: place.week for place in demo_places()}
    assert 0 not in {weekday for weekday, _ in weeks["Le Dôme"]}
    assert (4, Opening(18 * 60, 26 * 60)) in weeks["Le DOC"]


def test_distances_are_in_kilometres():
    places = {place.name: place for place in demo_places()}
    assert places["Le Dôme"].km_to(places["La Maison bleue"]) == pytest.approx(109, abs=3)
    assert places["Le Dôme"].km_to(places["La Varangue"]) == pytest.approx(9400, abs=150)
