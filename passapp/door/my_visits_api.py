"""Route of a member's own visits."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door.my_visits import visits_of
from passapp.door.rules import Waived
from passapp.kernel.api import Instant, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.paging import Limit
from passapp.kernel.problems import may_answer
from passapp.members.service import MEMBER_UNKNOWN, member_of_account

router = APIRouter(tags=["door"])


class MyVisitPlace(Shown):
    """A place I visited, or my home."""

    id: UUID
    name: str
    town: str
    zone: str


class MyVisit(Shown):
    """One of my visits. `at_home`: counted, never settled."""

    id: UUID
    local_date: date
    opened_at: datetime
    received_at: datetime = Field(description="When the scan came to the server: later, if the phone was offline.")
    host: MyVisitPlace
    home: MyVisitPlace
    at_home: bool
    evidence: str | None = Field(description="`live`, `short_lived`, `card`, `manual` or `self`.")
    overridden: bool = Field(description="The scan was refused, and the host let me in all the same.")
    waived: Literal["offered", "stale_list", "too_late"] | None = Field(description="Why my home pays nothing for it.")


class MyVisits(Shown):
    """My visits, the newest first; `next` is the cursor of the page after."""

    items: list[MyVisit]
    next: datetime | None


@router.get(
    "/me/visits",
    operation_id="list_my_visits",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(MEMBER_UNKNOWN),
)
def list_my_visits(
    session: SessionDep,
    caller: CallerDep,
    cursor: Annotated[Instant | None, Query(description="The `next` of the page before.")] = None,
    limit: Limit = 100,
) -> MyVisits:
    """My visits, the newest first."""
    member = member_of_account(session, caller.account_id)
    found = visits_of(session, member, before=cursor, limit=limit + 1)
    shown = [
        MyVisit(
            id=mine.visit.id,
            local_date=mine.visit.local_date,
            opened_at=mine.visit.opened_at,
            received_at=mine.visit.received_at,
            host=MyVisitPlace.model_validate(mine.host),
            home=MyVisitPlace.model_validate(mine.home),
            at_home=mine.visit.at_home,
            evidence=mine.check_in.form,
            overridden=mine.overridden,
            waived=Waived(mine.visit.waived).value if mine.visit.waived else None,
        )
        for mine in found[:limit]
    ]
    return MyVisits(items=shown, next=shown[-1].opened_at if len(found) > limit else None)
