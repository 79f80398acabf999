"""A month that is published, looked at and closed, through the routes and the dates."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from passapp.accounts.rules import Role
from passapp.kernel.ticking import tick
from passapp.places.models import Place
from passapp.running import chores
from passapp.settlement.months.models import MonthVersion, Statement
from passapp.settlement.service import Month, settle_month
from tests.scenes import rows
from tests.settlement.months import MONTH, make_visit
from tests.world import NOW, World

OVER = datetime(2026, 12, 1, 12, tzinfo=UTC)
"""November is over in every zone; its review ends on 15 December, it is decided by the 22nd."""
CLOSES = datetime(2026, 12, 23, 12, tzinfo=UTC)
PATH = f"/api/v1/months/{MONTH}"


def pass_time(world: World, at: datetime) -> None:
    """The clock, and what it moves: each month on its first day, however far the clock goes."""
    while (first := (world.now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=12, minute=0)) < at:
        wake_up(world, first)
    wake_up(world, at)


def wake_up(world: World, at: datetime) -> None:
    """The clock, and what it moves after nothing ran meanwhile."""
    world.now = at
    kept = chores(world.settings)
    tick(world.database, {name: kept[name] for name in ("unanswered_errors", "months")}, now=at)


def november(world: World, home: Place | None = None, host: Place | None = None, visits: int = 1) -> None:
    """Visits of November, which is over and published."""
    for n in range(visits):
        make_visit(world, home or world.hangar, host or world.moulin, NOW + timedelta(hours=n))
    pass_time(world, OVER)


def life(world: World, month: str = MONTH) -> dict[str, Any]:
    """Where a month stands."""
    answer = world.as_coordinator().get(f"/api/v1/months/{month}/life")
    assert answer.status_code == 200, answer.text
    return answer.json()


def versions(world: World, month: str = MONTH) -> list[MonthVersion]:
    """The versions of a month, the first one first."""
    return sorted(rows(world, MonthVersion, MonthVersion.month == month), key=lambda version: version.number)


def statements(world: World, number: int, month: str = MONTH) -> dict[Any, Statement]:
    """The statements of a version, by place."""
    found = rows(world, Statement, Statement.month == month, Statement.number == number)
    return {each.place_id: each for each in found}


def ask(client: TestClient, month: str = MONTH, number: int | None = None) -> Any:
    """Ask for the closing of the last version, or another."""
    return client.post(f"/api/v1/months/{month}/closing", json={"number": number or seen(client, month)})


def validate(client: TestClient, month: str = MONTH, number: int | None = None) -> Any:
    """Validate it."""
    return client.post(f"/api/v1/months/{month}/closing/validate", json={"number": number or seen(client, month)})


def seen(client: TestClient, month: str = MONTH) -> int:
    """The number of a month's last version, as who looks at it now reads it; 1 before there is any."""
    answer = client.get(f"/api/v1/months/{month}/life")
    return max((version["number"] for version in answer.json()["versions"]), default=1)


def close(world: World, month: str = MONTH, at: datetime = CLOSES) -> None:
    """Have two people close a month on its day."""
    pass_time(world, at)
    assert ask(world.as_coordinator(), month).status_code == 200
    answer = validate(world.signed_in(world.account(Role.NETWORK_ACCOUNTANT)), month)
    assert answer.status_code == 200, answer.text


def code_of(answer: Any) -> tuple[int, str]:
    """What was refused, and how."""
    return answer.status_code, answer.json()["code"]


def day(text: str) -> date:
    """A date as it is written."""
    return date.fromisoformat(text)


def cannot_be_settled(monkeypatch: pytest.MonkeyPatch, month: str) -> None:
    """Have one month fail whenever it is settled; the others do not."""

    def settle(session: Session, other: str, *, at: datetime) -> Month:
        if other == month:
            msg = "no settling"
            raise ArithmeticError(msg)
        return settle_month(session, other, at=at)

    monkeypatch.setattr("passapp.settlement.months.versions.settle_month", settle)
