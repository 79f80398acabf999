"""The demo's rules: a first month that only counts, then euros; then more is shared, and payments are grouped."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from passapp.demo.crowd import WEEKDAYS
from passapp.demo.places import ISLAND
from passapp.network.rules import month_after, month_of, parse_month

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
}


def demo_conventions(first: date, today: date) -> Iterator[tuple[date, dict[str, Any]]]:
    """The versions after the first one, each with its first day: none where the demo is too short for it."""
    month = month_of(first)
    for document in (_EUROS, _SHARING):
        month = month_after(month)
        if parse_month(month) <= today:
            yield parse_month(month), document
