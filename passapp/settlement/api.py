"""Routes of settlement. Every place sees every total of the network."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from passapp.accounts.access import STAFF, allow
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.settlement import service

router = APIRouter(tags=["settlement"])


class MonthSummary(Shown):
    """A month in the list."""

    month: str = Field(examples=["2026-10"])
    state: str
    visits: int = Field(description="Visits between places; those made at one's own home are not in it.")


class Months(Shown):
    """The months that have visits, the newest first."""

    items: list[MonthSummary]


class CountedPlace(Shown):
    """A place in the table."""

    id: UUID
    code: str
    name: str


class CountRow(Shown):
    """How often members of `home` visited `host`."""

    home: CountedPlace
    host: CountedPlace
    visits: int


class AtHomeRow(Shown):
    """How often members came to their own place: counted, never settled."""

    place: CountedPlace
    visits: int


class MonthCounts(Shown):
    """A month's visits, per home and host."""

    month: str
    state: str
    rows: list[CountRow]
    at_home: list[AtHomeRow]
    total: int


@router.get("/months", operation_id="list_months", dependencies=allow(*STAFF))
def list_months(session: SessionDep) -> Months:
    """The months that have visits."""
    return Months(
        items=[
            MonthSummary(month=month, state=state, visits=number) for month, state, number in service.months(session)
        ]
    )


@router.get(
    "/months/{month}/counts",
    operation_id="get_month_counts",
    dependencies=allow(*STAFF),
    responses=may_answer(service.MONTH_NOT_VALID, service.MONTH_TO_COME),
)
def get_month_counts(
    month: Annotated[str, Path(max_length=16, examples=["2026-10"])], session: SessionDep, now: NowDep
) -> MonthCounts:
    """A month's visits, per home and host."""
    found = service.month_counts(session, month, at=now)
    place = {key: CountedPlace.model_validate(value) for key, value in found.places.items()}
    rows = [
        CountRow(home=place[home], host=place[host], visits=visits)
        for (home, host), visits in found.counts.between.items()
    ]
    at_home = [AtHomeRow(place=place[key], visits=visits) for key, visits in found.counts.at_home.items()]
    return MonthCounts(
        month=found.month,
        state=found.state,
        rows=sorted(rows, key=lambda row: (row.home.code, row.host.code)),
        at_home=sorted(at_home, key=lambda row: row.place.code),
        total=found.counts.total,
    )
