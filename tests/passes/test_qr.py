import random
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from passapp.passes.qr import draw_png, draw_svg, version_of
from passapp.passes.rules import Pass, Refusal
from tests.pictures import CAMERAS, SVG, opened, rasterised, read

Show = Callable[..., Pass | Refusal]


def png(text: str, module_pixels: int = 8) -> Image.Image:
    return opened(draw_png(text, module_pixels=module_pixels))


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_pass_is_read_from_its_picture_and_opens(camera: str, card: str, show: Show) -> None:
    found = read(CAMERAS[camera](png(card)))
    assert found == [card]
    assert isinstance(show(found[0]), Pass)


def test_the_svg_shows_the_same_code_as_the_png(card: str, show: Show) -> None:
    assert rasterised(draw_svg(card), 8).tobytes() == png(card).tobytes()
    assert isinstance(show(*read(rasterised(draw_svg(card)))), Pass)


def test_the_svg_holds_nothing_that_a_strict_policy_refuses(card: str) -> None:
    root = ET.fromstring(draw_svg(card))
    assert [child.tag for child in root] == [f"{SVG}path", f"{SVG}path"]
    attributes = {name for element in root.iter() for name in element.attrib}
    assert attributes == {"width", "height", "viewBox", "shape-rendering", "fill", "d"}


def test_a_card_is_a_version_11_code_with_its_quiet_zone(card: str) -> None:
    assert version_of(card) == 11
    picture = png(card, module_pixels=1)
    assert picture.size == (61 + 2 * 4, 61 + 2 * 4)
    assert picture.crop((0, 0, 69, 4)).getextrema() == (255, 255)
    assert picture.crop((0, 0, 4, 69)).getextrema() == (255, 255)


def test_a_live_pass_of_462_characters_is_a_version_13_code() -> None:
    live = "CP1:" + "".join(random.Random(1).choices("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", k=458))
    assert version_of(live) == 13
    assert read(png(live, module_pixels=3)) == [live]


def test_nothing_above_version_15_is_drawn() -> None:
    assert version_of("x" * 412) == 15
    for text in ("x" * 413, "x" * 10_000):
        for draw in (draw_svg, draw_png, version_of):
            with pytest.raises(ValueError, match="version 15"):
                draw(text)


@settings(max_examples=15)
@given(text=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=120))
def test_any_link_is_read_from_its_picture(text: str) -> None:
    assert read(png(text, module_pixels=4)) == [text]
