"""Fields of requests about bookings, and the times that people send (booking.md 2 and 3)."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BeforeValidator, Field, WithJsonSchema

from passapp.bookings.rules import FIRST_YEAR, LAST_YEAR, Nonexistent, Repeated, Span, read_time, span_between
from passapp.kernel.api import Line
from passapp.kernel.clock import zone_named
from passapp.kernel.problems import FieldProblem, ProblemDetails, ProblemType

_TIME: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.0{1,6})?)?(Z|[+-]\d{2}:\d{2})?$"
_WRITTEN: Final = re.compile(_TIME, re.ASCII | re.IGNORECASE)
LARGEST_ID: Final = 2**53 - 1
"""As far as every program counts (JavaScript)."""


def read_moment(value: Any) -> datetime:  # noqa: ANN401  (whatever JSON holds)
    """A time as somebody wrote it: RFC 3339 with its offset, or without one; aware or naive. Raises ``ValueError``."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _WRITTEN.match(value):
        msg = "write a time as 2026-11-23T09:00, or with its offset as 2026-11-23T09:00:00+01:00"
        raise ValueError(msg)
    if value[11:13] == "24":
        msg = "24:00 is 00:00 of the day after: write that"
        raise ValueError(msg)
    if len(value) > 16 and value[16] == ":" and value[17:19] != "00":  # noqa: PLR2004
        msg = "whole minutes only"
        raise ValueError(msg)
    try:
        said = datetime.fromisoformat(value.upper())
    except ValueError:
        msg = "there is no such day or time"
        raise ValueError(msg) from None
    if not FIRST_YEAR <= said.year <= LAST_YEAR:
        msg = f"not between the years {FIRST_YEAR} and {LAST_YEAR}"
        raise ValueError(msg)
    return said


Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "pattern": _TIME, "examples": ["2026-11-23T09:00", "2026-11-23T08:00:00Z"]}),
]
"""When something begins or ends: an instant, or a time on the place's wall where it has no offset. Whole minutes."""
BookableDay = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]
Title = Annotated[Line, Field(examples=["Atelier couture"])]
People = Annotated[int, Field(ge=1, le=100_000, examples=[6])]
ResourceId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
ResourceIdPath = Annotated[int, Path(ge=1, le=LARGEST_ID)]


class LocalTimeDetails(ProblemDetails):
    """`nonexistent_local_time`, `ambiguous_local_time`: the instants that may have been meant, by field."""

    params: dict[str, list[str]] = Field(
        default={},
        description="By field (`start`, `end`), what may have been meant: send one of these.",
        examples=[{"start": ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]}],
    )


NONEXISTENT_LOCAL_TIME = ProblemType(
    "nonexistent_local_time",
    422,
    en="The clocks go forward that day and leave this time out. Send {candidates} instead.",
    fr="Ce jour-là, on avance les horloges, et cette heure n'existe pas. Envoyez plutôt {candidates}.",
    shown_as=LocalTimeDetails,
)
AMBIGUOUS_LOCAL_TIME = ProblemType(
    "ambiguous_local_time",
    422,
    en="The clocks go back that day and show this time twice. Say which: {candidates}.",
    fr="Ce jour-là, on recule les horloges, et cette heure existe deux fois. Précisez : {candidates}.",
    shown_as=LocalTimeDetails,
)


def span_of(start: datetime, end: datetime, zone: str) -> Span:
    """The span that somebody means at a place with the clocks of ``zone``; whether it makes sense is for the policy.

    Raises ``nonexistent_local_time`` and ``ambiguous_local_time``: nothing is guessed.
    """
    clocks = zone_named(zone)
    found = {"start": read_time(start, clocks), "end": read_time(end, clocks)}
    unclear = {name: each for name, each in found.items() if not isinstance(each, datetime)}
    if unclear:
        candidates = {name: [at.isoformat() for at in _candidates(each)] for name, each in unclear.items()}
        first = next(iter(unclear.values()))
        kind = NONEXISTENT_LOCAL_TIME if isinstance(first, Nonexistent) else AMBIGUOUS_LOCAL_TIME
        raise kind.error(
            errors=[FieldProblem(pointer=f"/{name}", detail=", ".join(each)) for name, each in candidates.items()],
            members={"params": candidates},
            candidates=", ".join(next(iter(candidates.values()))),
        )
    starts_at, ends_at = (each for each in found.values() if isinstance(each, datetime))
    return span_between(starts_at, ends_at, clocks)


def _candidates(found: Nonexistent | Repeated) -> tuple[datetime, ...]:
    return (found.suggestion,) if isinstance(found, Nonexistent) else found.candidates
