"""Pictures of codes: read with a decoder that is not ours, and spoiled as cameras spoil them."""

import io
import random
import xml.etree.ElementTree as ET
from collections.abc import Callable

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

SVG = "{http://www.w3.org/2000/svg}"


def opened(png: bytes) -> Image.Image:
    """A PNG picture, in greys."""
    return Image.open(io.BytesIO(png)).convert("L")


def read(picture: Image.Image) -> list[str]:
    """Read the codes of a picture with a decoder that is not ours."""
    grey = picture.convert("L")
    pixels = memoryview(grey.tobytes()).cast("B", shape=[grey.height, grey.width])
    # Of QR codes alone: among so many modules and letters, something looks like the bars of a shop's code now and then.
    return [code.text for code in zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)]


def rasterised(svg: bytes, module_pixels: int = 4) -> Image.Image:
    """Draw our SVG's paths, which hold nothing but M, h, v and z."""
    root = ET.fromstring(svg)
    size = int(root.attrib["viewBox"].split()[2])
    picture = Image.new("L", (size * module_pixels, size * module_pixels), 255)
    draw = ImageDraw.Draw(picture)
    for run in root.findall(f"{SVG}path")[1].attrib["d"].removeprefix("M").split("M"):
        x, _, rest = run.partition(" ")
        y, _, length = rest.partition("h")
        left, top, wide = int(x), int(y), int(length.partition("v")[0])
        draw.rectangle(
            (
                left * module_pixels,
                top * module_pixels,
                (left + wide) * module_pixels - 1,
                (top + 1) * module_pixels - 1,
            ),
            fill=0,
        )
    return picture


def noisy(picture: Image.Image) -> Image.Image:
    chance = random.Random(7)
    grain = bytes(max(0, min(255, round(value + chance.gauss(0, 40)))) for value in picture.tobytes())
    return Image.frombytes("L", picture.size, grain)


def dim(picture: Image.Image) -> Image.Image:
    return picture.point(lambda value: 70 + value * 60 // 255)


def slanted(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    corners = (-20, -10, 10, height + 30, width + 40, height - 10, width - 5, 15)
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR, fillcolor=255)


CAMERAS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "straight": lambda picture: picture,
    "turned by 17 degrees": lambda picture: picture.rotate(17, expand=True, fillcolor=255),
    "turned by 45 degrees": lambda picture: picture.rotate(45, expand=True, fillcolor=255),
    "upside down": lambda picture: picture.rotate(180),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(3)),
    "small": lambda picture: picture.resize((180, 180), Image.Resampling.BILINEAR),
    "noisy": noisy,
    "in the dark": dim,
    "slanted": slanted,
    "turned, blurred and noisy": lambda picture: noisy(
        picture.rotate(-12, expand=True, fillcolor=255).filter(ImageFilter.GaussianBlur(1.5))
    ),
    "white on black": lambda picture: picture.point(lambda value: 255 - value),
}
