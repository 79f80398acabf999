"""Pages set for printing, as PDF. The same words give the same bytes: no system font, no clock."""

from functools import cache
from typing import Final

import typst

TypstError = typst.TypstError
TAGGED: "Final[list[typst.PDFStandard]]" = ["ua-1"]
ARCHIVED: "Final[list[typst.PDFStandard]]" = ["a-3a", "ua-1"]
"""Good for archives too, with files attached (PDF/A-3a)."""


@cache
def _fonts() -> typst.Fonts:
    """The fonts inside the typst package alone: the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def typeset(source: bytes, *, standards: "list[typst.PDFStandard]" = TAGGED, **inputs: str) -> bytes:
    """Typeset as PDF/UA-1: tagged, so that a screen reader finds the words and the codes. Raises ``TypstError``."""
    return typst.compile(
        source,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards=standards,
        timestamp=0,
    )


def can_print(text: str) -> bool:
    """Whether the fonts have every letter of it: PDF/UA refuses a page with one that they have not."""
    source = b'#set document(title: "-")\n#set text(font: "Libertinus Serif")\n#sys.inputs.text'
    try:
        typeset(source, text=text)
    except TypstError:
        return False
    return True


def printable(text: str, otherwise: str) -> str:
    """The text, or ``otherwise`` where it holds a letter that no font here has."""
    return text if can_print(text) else otherwise
