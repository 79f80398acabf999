"""QR codes of passes and links, as SVG and PNG (door.md, The pass): level M, never above version 15."""

from io import BytesIO
from itertools import groupby
from typing import Final

from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pure import PyPNGImage
from qrcode.main import QRCode

LARGEST_VERSION: Final = 15
QUIET_ZONE: Final = 4
"""The white margin that readers need, in modules."""

_LONGEST_TEXT: Final = 1024


def draw_svg(text: str) -> bytes:
    """Draw a text as an SVG picture: two paths, no script and no style, so that any strict CSP shows it.

    Raises ValueError where the text needs a code above version 15.
    """
    matrix = _draw(text, 1).get_matrix()
    size = len(matrix)
    runs: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size * 8}" height="{size * 8}"'
        f' viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{"".join(runs)}"/></svg>\n'
    ).encode("ascii")


def draw_png(text: str, *, module_pixels: int = 8) -> bytes:
    """Draw a text as a black and white PNG of `module_pixels` pixels a module. Raises as `draw_svg` does."""
    picture = BytesIO()
    _draw(text, module_pixels).make_image().save(picture)
    return picture.getvalue()


def version_of(text: str) -> int:
    """Give the version (1 to 15) of the smallest QR code at level M that holds the text. Raises as above."""
    return _fit(text, 1).version


def _draw(text: str, module_pixels: int) -> QRCode[PyPNGImage]:
    code = _fit(text, module_pixels)
    code.make(fit=False)
    return code


def _fit(text: str, module_pixels: int) -> QRCode[PyPNGImage]:
    if len(text) <= _LONGEST_TEXT:
        code = QRCode(
            error_correction=ERROR_CORRECT_M,
            box_size=module_pixels,
            border=QUIET_ZONE,
            image_factory=PyPNGImage,
        )
        code.add_data(text, optimize=0)  # one segment in its best mode: what was planned for in characters
        if code.best_fit() <= LARGEST_VERSION:
            return code
    message = f"this text needs a QR code above version {LARGEST_VERSION}"
    raise ValueError(message)
