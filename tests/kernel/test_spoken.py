"""Dates, times and money as letters say them."""

from datetime import date, datetime

import pytest

from passapp.kernel.spoken import say_day, say_money, say_span, say_time


@pytest.mark.parametrize("language,said", [("fr", "mardi 1er décembre 2026"), ("en", "Tuesday 1 December 2026")])
def test_a_day(language, said):
    assert say_day(date(2026, 12, 1), language, weekday=True) == said


@pytest.mark.parametrize("language,said", [("fr", ["9 h", "14 h 05"]), ("en", ["9:00", "14:05"])])
def test_a_time(language, said):
    assert [say_time(datetime.fromisoformat(f"2026-12-01T{at}"), language) for at in ("09:00", "14:05")] == said


@pytest.mark.parametrize(
    "language,said",
    [
        ("fr", "du mardi 1er décembre 2026 à 22 h au mercredi 2 décembre 2026 à 2 h"),
        ("en", "from Tuesday 1 December 2026 at 22:00 to Wednesday 2 December 2026 at 2:00"),
    ],
)
def test_a_night_names_both_days(language, said):
    assert say_span(*map(datetime.fromisoformat, ("2026-12-01T22:00", "2026-12-02T02:00")), language) == said


@pytest.mark.parametrize(
    "cents,french,english", [(1200, "12 €", "€12"), (1205, "12,05 €", "€12.05"), (5, "0,05 €", "€0.05")]
)
def test_money(cents, french, english):
    assert (say_money(cents, "fr"), say_money(cents, "en")) == (french, english)


@pytest.mark.parametrize(
    "cents,french,english", [(1200, "12 gonettes", "12 gonettes"), (1205, "12,05 gonettes", "12.05 gonettes")]
)
def test_money_of_a_local_currency(cents, french, english):
    assert (say_money(cents, "fr", "gonettes"), say_money(cents, "en", "gonettes")) == (french, english)
