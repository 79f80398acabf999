"""Pictures as a door's camera takes them, of a code that somebody holds up: tilted, slanted, blurred, dim, grainy.

The same seed gives the same pictures.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageChops, ImageFilter

from passapp.passes.qr import draw_png

HEIGHT = 4 / 3
"""A phone is held upright: its pictures are so many times as high as wide."""
PART = 0.7
"""What part of the picture's width the code takes with its white margin: about the door page's aim."""
_UNIFORM = 73.9
"""The standard deviation of a byte drawn at random."""


@dataclass(frozen=True)
class Spoiling:
    """How badly a picture is taken.

    Angles in degrees, slant as a part of the code's side, blur (standard deviation) and shake in pixels, grain in grey
    levels (standard deviation), light as a part of full daylight.
    """

    tilt: float
    slant: float
    blur: float
    shake: float
    grain: float
    light: tuple[float, float]


EASY = Spoiling(tilt=3, slant=0.01, blur=0.3, shake=0, grain=4, light=(0.9, 1))
MIDDLE = Spoiling(tilt=15, slant=0.05, blur=0.6, shake=0.6, grain=10, light=(0.5, 1))
HARD = Spoiling(tilt=40, slant=0.09, blur=0.8, shake=1.2, grain=16, light=(0.25, 0.6))
SPOILINGS = {"easy": EASY, "middle": MIDDLE, "hard": HARD}


def code_of(text: str) -> Image.Image:
    """The QR code of a text, large and sharp, with its white margin."""
    return Image.open(BytesIO(draw_png(text, module_pixels=10))).convert("L")


def frame(code: Image.Image, width: int, spoiling: Spoiling, seed: int) -> Image.Image:
    """A picture so many pixels wide of that code, in greys."""
    chance = random.Random(seed)
    size = (width, round(width * HEIGHT))
    large = (size[0] * 2, size[1] * 2)
    light = chance.uniform(*spoiling.light)
    wall = Image.new("L", large, round(170 * light))
    lit = code.point(lambda value: round((18 + value * 0.87) * light))
    corners = _corners(large, spoiling, chance)
    lens = _lens(corners, code.size)
    held = lit.transform(large, Image.Transform.PERSPECTIVE, lens, Image.Resampling.BICUBIC)
    where = Image.new("L", code.size, 255).transform(large, Image.Transform.PERSPECTIVE, lens)
    wall.paste(held, mask=where)
    taken = wall.reduce(2).filter(ImageFilter.GaussianBlur(chance.uniform(0.5, 1) * spoiling.blur))
    return _grainy(_shaken(taken, spoiling.shake, chance), spoiling.grain, chance)


def _corners(size: tuple[int, int], spoiling: Spoiling, chance: random.Random) -> list[tuple[float, float]]:
    """Where the code's corners are seen, clockwise from the top left."""
    side = size[0] * PART
    angle = math.radians(chance.uniform(-spoiling.tilt, spoiling.tilt))
    # A turned square is wider: further away, so that it stays in the picture.
    side /= max(1.0, PART * (abs(math.cos(angle)) + abs(math.sin(angle))) / 0.96)
    middle = (size[0] / 2, size[1] / 2 + chance.uniform(-0.1, 0.1) * side)
    corners = []
    for across, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x = (across + 2 * chance.uniform(-spoiling.slant, spoiling.slant)) * side / 2
        y = (down + 2 * chance.uniform(-spoiling.slant, spoiling.slant)) * side / 2
        corners.append(
            (
                middle[0] + x * math.cos(angle) - y * math.sin(angle),
                middle[1] + x * math.sin(angle) + y * math.cos(angle),
            )
        )
    return corners


def _lens(seen: Sequence[tuple[float, float]], size: tuple[int, int]) -> list[float]:
    """The eight numbers of the perspective that shows a picture's corners there (as `Image.transform` takes them)."""
    width, height = size
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(seen, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for pivot in range(8):
        best = max(range(pivot, 8), key=lambda row: abs(rows[row][pivot]))
        rows[pivot], rows[best] = rows[best], rows[pivot]
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in set(range(8)) - {pivot}:
            factor = rows[other][pivot]
            rows[other] = [value - factor * of for value, of in zip(rows[other], rows[pivot], strict=True)]
    return [row[8] for row in rows]


def _shaken(picture: Image.Image, length: float, chance: random.Random) -> Image.Image:
    """Seen from where the hand was, and from where it went while the picture was taken."""
    angle = chance.uniform(0, math.pi)
    x, y = (length * chance.uniform(0.3, 1) * turn / 2 for turn in (math.cos(angle), math.sin(angle)))
    seen = [
        picture.transform(
            picture.size, Image.Transform.AFFINE, (1, 0, x * way, 0, 1, y * way), Image.Resampling.BILINEAR
        )
        for way in (-1, 1)
    ]
    return Image.blend(*seen, 0.5) if length else picture


def _grainy(picture: Image.Image, deviation: float, chance: random.Random) -> Image.Image:
    noise = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height))
    noise = noise.point(lambda value: round(128 + (value - 127.5) * deviation / _UNIFORM))
    return ImageChops.add(picture, noise, offset=-128)
