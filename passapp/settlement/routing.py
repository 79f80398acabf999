"""What the routes of settlement share: how a month is asked for, what settling may refuse, how a file is answered."""

from typing import Annotated, Final

from fastapi import Path, Response

from passapp.network.service import CONVENTION_GAP, NO_CONVENTION, NO_NETWORK
from passapp.settlement.service import MONTH_BEFORE, MONTH_NOT_VALID, MONTH_TO_COME

MonthName = Annotated[str, Path(max_length=16, examples=["2026-10"])]
SETTLING: Final = (MONTH_NOT_VALID, MONTH_BEFORE, MONTH_TO_COME, NO_NETWORK, NO_CONVENTION, CONVENTION_GAP)
"""The problems of a month that cannot be settled."""


def file_answer(content: bytes, name: str, kind: str) -> Response:
    """A file to keep, of the media type ``kind``."""
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
