"""Wall-clock time, pure: from a local time to the instant it means (booking.md 2).

A local time may not exist (clocks jump forward) or exist twice (clocks go back). Nothing is guessed: the caller gets
all the candidates and decides.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 24 * 60


def instants_of(local: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants (UTC, ascending) at which clocks in ``zone`` show the naive ``local``: none, one or two."""
    candidates = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in candidates if at.astimezone(zone).replace(tzinfo=None) == local.replace(fold=0)))


def after_the_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """For a ``local`` time that no clock shows: the instant (UTC) as far after the jump as it is into the gap."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def opening_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which ``day``'s clock shows ``minute`` (from local midnight; may pass 1440)."""
    local = _wall(day, minute)
    return min(instants_of(local, zone), default=after_the_gap(local, zone))


def closing_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The last instant (UTC) at which ``day``'s clock shows ``minute``: a doubled hour is open twice."""
    local = _wall(day, minute)
    return max(instants_of(local, zone), default=after_the_gap(local, zone))


def _wall(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The calendar date of an instant in ``zone`` (settlement R2)."""
    return at.astimezone(zone).date()
