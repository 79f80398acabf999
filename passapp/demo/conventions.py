"""The demo's rules: a first month that only counts, then euros; then more is shared, and payments are grouped.

Their delays depend on the day on which the demo is made: whatever day it is, the last month is being looked at, the one
before can be closed, and what the one before that came to is still to be paid.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from passapp.demo.crowd import WEEKDAYS
from passapp.demo.places import ISLAND
from passapp.network.rules import Convention, days_of, month_after, month_of, parse_month
from passapp.settlement.rules.calendar import dates_of

_LOOKED_AT: Final = 5
"""Days that are left to look at the last month, and to pay what the closed one came to."""
_MOST: Final = 60
"""The longest delay that rules may say."""

_EUROS: Final[dict[str, Any]] = {
    "schema": 1,
    "unit": "visit",
    "money": True,
    "tariff": [
        {"label": "Lieu soutenu par une collectivité", "when": {"host_class": ["subsidised"]}, "rate_cents": 300},
        {"label": "Formule en semaine", "when": {"plan": [WEEKDAYS]}, "rate_cents": 400},
        {"label": "Tous les autres passages", "when": {}, "rate_cents": 500},
    ],
    "allowance": 1,
    "cap": None,
    "fund_basis_points": 0,
    "netting": "bilateral",
    "review_days": 15,
}
_SHARING: Final[dict[str, Any]] = _EUROS | {
    "tariff": [
        {"label": "La Varangue, loin de tous", "when": {"host": [ISLAND]}, "rate_cents": 650},
        *_EUROS["tariff"],
    ],
    "allowance": 2,
    "cap": 6,
    "fund_basis_points": 500,
    "netting": "multilateral",
    "payment_days": 30,
}
PROPOSED: Final[dict[str, Any]] = _SHARING | {"fund_basis_points": 300, "threshold_cents": 500}
"""What the places are asked about: less for the fund, and small payments wait."""


def demo_conventions(first: date, today: date) -> Iterator[tuple[date, dict[str, Any]]]:
    """The versions after the first one, each with its first day: none where the demo is too short for it."""
    review_days = max(_EUROS["review_days"], today.day + _LOOKED_AT)
    month = month_of(first)
    for document in (_EUROS, _SHARING):
        month = month_after(month)
        if parse_month(month) <= today:
            yield parse_month(month), _payable(document | {"review_days": review_days}, month, today)


def _payable(document: dict[str, Any], month: str, today: date) -> dict[str, Any]:
    """The same, with its first month's payments due in some days from today: later, where it says so."""
    closes_on = dates_of(month, Convention.model_validate(document)).closes_on
    until = (today + timedelta(days=_LOOKED_AT) - closes_on).days
    return document | {"payment_days": max(document.get("payment_days", 10), min(until, _MOST))}


def next_rules_on(answer_by: date) -> date:
    """The first day of rules that the places answer to until ``answer_by``: of the next month, a day later at least."""
    return days_of(month_of(answer_by + timedelta(days=1)))[1] + timedelta(days=1)
