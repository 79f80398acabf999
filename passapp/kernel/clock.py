"""The one clock.

Rules never read the clock: the edge (a route or a command) does, once, and passes the instant down.
"""

import zoneinfo
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


def system_clock() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ``ValueError`` for a name that the database does not hold."""
    if name not in zoneinfo.available_timezones():
        msg = f"unknown time zone: {name!r}"
        raise ValueError(msg)
    return ZoneInfo(name)
