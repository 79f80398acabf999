"""What a phone's camera sees: films of passes held up by hand, for Chromium's fake camera.

A film is motion JPEG: pictures one after the other. Chromium plays it at 30 frames a second, over and over.
"""

import io
import random
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageFilter

SIZE = (640, 480)
FRAMES_A_SECOND = 30


def hold_up(picture: bytes, *, seconds: float, seed: int = 1) -> Iterable[Image.Image]:
    """A QR picture (PNG) held before the camera: tilted, moving, blurred and grainy."""
    chance = random.Random(seed)
    card = Image.open(io.BytesIO(picture)).convert("RGB").resize((330, 330), Image.Resampling.LANCZOS)
    for number in range(int(seconds * FRAMES_A_SECOND)):
        angle = 7 + 3 * chance.uniform(-1, 1)
        tilted = card.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=(205, 198, 186))
        frame = Image.new("RGB", SIZE, (205, 198, 186))
        frame.paste(tilted, (120 + chance.randint(-6, 6), 40 + (number % 12)))
        yield _grainy(frame.filter(ImageFilter.GaussianBlur(0.7)), chance)


def nothing(*, seconds: float) -> Iterable[Image.Image]:
    """Nobody before the camera."""
    frame = Image.new("RGB", SIZE, (205, 198, 186))
    for _ in range(int(seconds * FRAMES_A_SECOND)):
        yield frame


def _grainy(frame: Image.Image, chance: random.Random) -> Image.Image:
    grain = Image.effect_noise(SIZE, 18 + chance.random() * 8).convert("RGB")
    return Image.blend(frame, grain, 0.12)


def film(file: Path, *scenes: Iterable[Image.Image]) -> Path:
    """Write scenes as motion JPEG."""
    with file.open("wb") as reel:
        for scene in scenes:
            for frame in scene:
                frame.save(reel, "JPEG", quality=80)
    return file
