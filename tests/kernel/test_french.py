"""Names of places in a French sentence."""

import re
from pathlib import Path

import pytest

from passapp.kernel.french import MASCULINE, at, of

WEB = Path(__file__).parents[2] / "web" / "src" / "lib" / "i18n" / "french.ts"


@pytest.mark.parametrize(
    "place,said",
    [
        ("Le Hangar", "du Hangar"),
        ("Les Murs d'Agon", "des Murs d'Agon"),
        ("La Filature", "de La Filature"),
        ("L'Atelier", "de L'Atelier"),
        ("Café Lune", "du Café Lune"),
        ("Cafétéria", "de Cafétéria"),
        ("Antre-Lieux", "d'Antre-Lieux"),
        ("Hôtel Pasteur", "d'Hôtel Pasteur"),
        ("Au Bocal", "de « Au Bocal »"),
        ("Galanga", "de Galanga"),
        ("Le", "de Le"),
    ],
)
def test_the_article_of_a_place_is_contracted(place, said):
    assert of(place) == said


@pytest.mark.parametrize(
    "place,said",
    [
        ("Le Moulin", "au Moulin"),
        ("Les Murs d'Agon", "aux Murs d'Agon"),
        ("La Filature", "à La Filature"),
        ("Café Lune", "au Café Lune"),
        ("Antre-Lieux", "à Antre-Lieux"),
        ("Au Bocal", "à « Au Bocal »"),
    ],
)
def test_what_goes_to_a_place_is_contracted_too(place, said):
    assert at(place) == said


def test_mails_and_pages_know_the_same_masculine_names():
    [words] = re.findall(r"const MASCULINE =\s*/\^\((.+?)\)\(", WEB.read_text("utf-8"))
    assert words == MASCULINE
