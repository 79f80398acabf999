"""Rules of members. Pure."""

from datetime import date


def is_active(first_day: date, last_day: date | None, on: date) -> bool:
    """Whether a membership runs on that date; its last day is included."""
    return first_day <= on and (last_day is None or on <= last_day)


def initial_of(name: str) -> str:
    """What a host sees of a family name: its first letter."""
    return name.strip()[:1].upper()
