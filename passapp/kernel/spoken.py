"""Dates, times and money as letters say them, in French and in English."""

from datetime import date, datetime
from typing import Final, Literal

Language = Literal["fr", "en"]
_MONTHS: Final[dict[Language, str]] = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_WEEKDAYS: Final[dict[Language, str]] = {
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}


def say_day(day: date, language: Language, *, weekday: bool = False) -> str:
    """« 18 novembre 2026 », with ``weekday`` « mercredi 18 novembre 2026 »."""
    month = _MONTHS[language].split()[day.month - 1]
    number = "1er" if language == "fr" and day.day == 1 else day.day
    said = f"{number} {month} {day.year}"
    return f"{_WEEKDAYS[language].split()[day.weekday()]} {said}" if weekday else said


def say_month(day: date, language: Language) -> str:
    """« octobre 2026 », of any of its days."""
    return f"{_MONTHS[language].split()[day.month - 1]} {day.year}"


def say_time(at: datetime, language: Language) -> str:
    """« 9 h », « 9 h 05 »; in English “9:05”."""
    if language == "en":
        return f"{at.hour}:{at.minute:02}"
    return f"{at.hour} h {at.minute:02}" if at.minute else f"{at.hour} h"


def say_span(start: datetime, end: datetime, language: Language) -> str:
    """« mardi 24 novembre 2026, de 14 h à 16 h »; both dates where they are not the same."""
    first, last = (f"{say_day(at, language, weekday=True)}" for at in (start, end))
    begins, ends = (say_time(at, language) for at in (start, end))
    if first == last:
        return f"{first}, de {begins} à {ends}" if language == "fr" else f"{first}, {begins} to {ends}"
    if language == "fr":
        return f"du {first} à {begins} au {last} à {ends}"
    return f"from {first} at {begins} to {last} at {ends}"


def say_money(cents: int, language: Language, currency: str | None = None) -> str:
    """« 12 € », « 12,50 € »; in English “€12.50”. ``currency``: a local one: « 12,50 gonettes », “12.50 gonettes”."""
    whole, rest = divmod(cents, 100)
    number = f"{whole}{'.' if language == 'en' else ','}{rest:02}" if rest else f"{whole}"
    if currency is None and language == "en":
        return f"€{number}"
    return f"{number} {currency or '€'}"
