"""What every room's routes share: the instant, versions in ``If-Match``, inputs that refuse what they do not know."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Request, Response
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from passapp.kernel.clock import zone_named
from passapp.kernel.flaws import flaw
from passapp.kernel.problems import STALE, VERSION_REQUIRED
from passapp.kernel.settings import Settings


class Body(BaseModel):
    """A body of input: unknown fields are refused, so that a typing error is not silently lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Shown(BaseModel):
    """An answer, built from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


def _without_control_characters(text: str) -> str:
    # Cc: control characters. Cf: what nobody sees and what turns the order of letters, so that a name reads as another;
    # but for the two joiners that some scripts and emoji are written with. Zl, Zp: ends of lines.
    if any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c not in "\u200c\u200d" for c in text):
        raise flaw(
            en="It holds characters that cannot be seen: type it anew.",
            fr="Il y a des caractères invisibles dedans : retapez-le.",
        )
    if any("\ud800" <= c <= "\udfff" for c in text):
        msg = "lone surrogates are not allowed"
        raise ValueError(msg)
    return text


def _lines_as_typed(text: str) -> str:
    return "\n".join(_without_control_characters(line.replace("\t", " ")) for line in text.splitlines())


def _without_addresses(text: str) -> str:
    # Names stand in mails that we send: mail programs make a link of what looks like one.
    if "://" in text or "www." in text.lower():
        raise flaw(en="The address of a page is no name.", fr="L'adresse d'une page n'est pas un nom.")
    return text


def _known_zone(name: str) -> str:
    zone_named(name)
    return name


def _sensible(at: datetime) -> datetime:
    # Far enough from the ends of the calendar that any zone and any leeway can be added.
    if not 2000 <= at.year <= 2100:  # noqa: PLR2004
        msg = "not between the years 2000 and 2100"
        raise ValueError(msg)
    return at.astimezone(UTC)


def _representable(at: datetime) -> datetime:
    # A device whose clock was never set starts in 1970: what it says is corrected, not refused.
    try:
        return min(max(at.astimezone(UTC), datetime(1900, 1, 1, tzinfo=UTC)), datetime(2200, 1, 1, tzinfo=UTC))
    except OverflowError:  # the year 1 or 9999, in a zone that shifts it out of the calendar
        return datetime(1900 if at.year < 2000 else 2200, 1, 1, tzinfo=UTC)  # noqa: PLR2004


def _as_text(value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, str | datetime):
        msg = "write an instant as RFC 3339: 2026-11-18T10:00:00Z"
        raise ValueError(msg)  # noqa: TRY004  (pydantic reports ValueError)
    return value


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120),
    AfterValidator(_without_control_characters),
    AfterValidator(_without_addresses),
]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_without_control_characters)]
Paragraphs = Annotated[str, StringConstraints(min_length=1), AfterValidator(_lines_as_typed)]
Search = Annotated[str, StringConstraints(max_length=120), AfterValidator(_without_control_characters)]
ZoneName = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Instant = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_sensible)]
DeviceInstant = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_representable)]


def _blank_is_nothing(value: Any) -> Any:  # noqa: ANN401
    return None if isinstance(value, str) and not value.strip() else value


Optional = BeforeValidator(_blank_is_nothing)
"""An empty field of a form is no value."""


async def _now(request: Request) -> datetime:
    instant: datetime = request.app.state.clock()
    return instant


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _expected_version(
    if_match: Annotated[str | None, Header(description='The version you saw, as `"3"`.')] = None,
) -> int:
    """The version the caller saw. Raises ``version_required``, or ``stale`` for one that is not ours."""
    if if_match is None:
        raise VERSION_REQUIRED.error()
    text = if_match.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:  # noqa: PLR2004
        raise STALE.error()
    return int(text)


# Trivial and non-blocking: run in the loop rather than in a thread.
NowDep = Annotated[datetime, Depends(_now)]
SettingsDep = Annotated[Settings, Depends(_settings)]
VersionDep = Annotated[int, Depends(_expected_version)]


def check_version(row: Any, expected: int) -> None:  # noqa: ANN401
    """Refuse a change made from an older version of ``row``. Raises ``stale``."""
    if row.version != expected:
        raise STALE.error()


def show_version(response: Response, version: int) -> None:
    """Put the version into the ETag, for the ``If-Match`` of the next change."""
    response.headers["ETag"] = f'"{version}"'


def local_time(at: datetime, zone: str) -> datetime:
    """The wall-clock time of an instant in the zone of that name."""
    return at.astimezone(ZoneInfo(zone))
