"""Route of the live example: what a month would have cost under draft rules."""

from collections import Counter
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from passapp.accounts.access import STAFF, CallerDep, Role, allow
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.network.drafts import DRAFT_UNKNOWN, get_draft
from passapp.network.rules import Convention
from passapp.network.service import CONVENTION_GAP, NO_CONVENTION, NO_NETWORK
from passapp.settlement import service
from passapp.settlement.answers import Participant
from passapp.settlement.example import last_month, try_out
from passapp.settlement.rules.month import Settlement
from passapp.settlement.showing import Show

router = APIRouter(tags=["settlement"])


class Sum(Shown):
    """What the places pay one another in all, once payments are grouped."""

    payments: int
    total_cents: int


class ExampleRow(Shown):
    """A place, or the common fund: what it receives on balance; below 0, what it pays. Including tax, in cents."""

    place: Participant
    visits_received: int
    visits_made: int
    did_cents: int
    would_cents: int


class ExampleShown(Shown):
    """A month beside what it would have cost. Nothing is changed by it."""

    month: str
    state: str
    money: bool = Field(description="Whether the draft settles money.")
    currency: str | None = Field(description="The local currency of the amounts; null: euros.")
    at_least: bool = Field(description="Visits were counted by the day: each is one half day here, maybe one too few.")
    did: Sum
    would: Sum
    rows: list[ExampleRow]


def _sum(settled: Settlement) -> Sum:
    return Sum(
        payments=len(settled.transfers), total_cents=sum(transfer.amount_cents for transfer in settled.transfers)
    )


@router.get(
    "/convention-drafts/{draft_id}/example",
    operation_id="get_convention_example",
    dependencies=allow(*STAFF),
    responses=may_answer(
        DRAFT_UNKNOWN,
        service.MONTH_NOT_VALID,
        service.MONTH_BEFORE,
        service.MONTH_TO_COME,
        NO_NETWORK,
        NO_CONVENTION,
        CONVENTION_GAP,
    ),
)
def get_convention_example(
    draft_id: UUID,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
    month: Annotated[str | None, Query(max_length=16, description="Without it: last month.")] = None,
) -> ExampleShown:
    """What a month would have cost under these rules, place by place, beside what it did cost."""
    draft = get_draft(session, draft_id, unproposed=caller.has(Role.COORDINATOR))
    convention = Convention.model_validate(draft.document)
    example = try_out(session, convention, month or last_month(session, now), at=now)
    did, would, show = example.month.settlement, example.would, Show(example.month)
    received, made = Counter[str](), Counter[str]()
    for pair in did.pairs:
        received[pair.host] += pair.visits
        made[pair.home] += pair.visits
    return ExampleShown(
        month=example.month.month,
        state=example.month.state,
        money=convention.money,
        currency=convention.currency or did.currency,
        at_least=example.at_least,
        did=_sum(did),
        would=_sum(would),
        rows=[
            ExampleRow(
                place=show.participant(code),
                visits_received=received[code],
                visits_made=made[code],
                did_cents=did.positions.get(code, 0),
                would_cents=would.positions.get(code, 0),
            )
            for code in sorted(did.positions.keys() | would.positions.keys())
        ],
    )
