"""Months, days and amounts as files in French say them. Pure."""

from datetime import date
from typing import Final

from passapp.network.rules import parse_month

FUND_NAME: Final = "Caisse commune"
FUND_CODE: Final = "CAISSE"
"""Where no ``@`` may begin a cell; the codes of places have small letters."""
MINUS: Final = "\u2212"
NBSP: Final = "\u00a0"
_MONTHS: Final = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def say_month(month: str) -> str:
    """« octobre 2026 »."""
    first = parse_month(month)
    return f"{_MONTHS[first.month - 1]} {first.year}"


def say_date(day: date) -> str:
    """« 1er octobre 2026 »."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def of_month(month: str) -> str:
    """« d'octobre 2026 », « de mai 2026 »."""
    said = say_month(month)
    return f"d’{said}" if said[0] in "ao" else f"de {said}"


def amount(cents: int, currency: str | None = None) -> str:
    """« 1 234,50 € », with spaces that do not break. ``currency``: a local one."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", "\u202f")
    return f"{MINUS if cents < 0 else ''}{grouped},{rest:02}{NBSP}{(currency or '€').replace(' ', NBSP)}"


def plain(cents: int, point: str = ".") -> str:
    """``-12.34``, as machines read it."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}{point}{abs(cents) % 100:02}"
