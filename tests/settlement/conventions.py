"""Conventions, visits and partners to settle in tests."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from passapp.network.rules import FIRST_CONVENTION, Convention
from passapp.settlement.rules.rating import Partner, Visit

EUROS: dict[str, Any] = FIRST_CONVENTION | {
    "money": True,
    "tariff": [{"label": "Tous", "when": {}, "rate_cents": 500}],
    "netting": "bilateral",
}
MORNING = datetime(2026, 10, 1, 8, tzinfo=UTC)
_numbers = count(1)


def document(**fields: Any) -> dict[str, Any]:
    """A convention with money: 5 euros a visit."""
    return EUROS | fields


def convention(**fields: Any) -> Convention:
    """The same, read."""
    return Convention.model_validate(document(**fields))


def flaws(**fields: Any) -> str:
    """What is wrong with such a document before it is published, and where; nothing where it may be."""
    try:
        read = convention(**fields)
    except ValidationError as refused:
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in refused.errors())
    return "; ".join(f"{'.'.join(map(str, flaw.at))}: {flaw.en}" for flaw in read.contradictions())


def rule(rate_cents: int, **when: Any) -> dict[str, Any]:
    """A rule of a tariff."""
    return {"when": when, "rate_cents": rate_cents}


def visit(home: str = "a", host: str = "b", *, visitor: int = 1, day: int = 1, **fields: Any) -> Visit:
    """A visit of October."""
    number = next(_numbers)
    usual: dict[str, Any] = {
        "id": str(UUID(int=number)),
        "visitor": f"visitor {visitor}",
        "home": home,
        "host": host,
        "plan": "TOUT",
        "host_class": "standard",
        "zone": "Europe/Paris",
        "convention": 1,
        "at_home": False,
        "units": 1,
        "local_date": date(2026, 10, day),
        "opened_at": MORNING + timedelta(days=day - 1, seconds=number),
    }
    return Visit(**usual | fields)


def partners(*codes: str, **fields: Any) -> dict[str, Partner]:
    """Places that joined long ago."""
    return {code: Partner(code, **{"joined_on": date(2020, 1, 1)} | fields) for code in codes or ("a", "b", "c")}
