"""Route of a file that a cut-off phone wrote: its unsent scans, brought by a manager."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door import recovery
from passapp.door.api import BATCH_LIMIT, BatchOutcome, read_kept_scans
from passapp.door.pairing import DOOR_UNKNOWN
from passapp.kernel.api import Body, DeviceInstant, NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.problems import language_of, may_answer
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])


class RecoveredScans(Body):
    """What a phone wrote into a file, in parts of at most 500 scans; `device_now` is not asked of each."""

    format: Literal["passapp-scans-1"]
    place_id: UUID
    door_id: UUID
    saved_at: DeviceInstant = Field(description="When the file was written, by the phone's clock.")
    also_after_cut_off: bool = Field(
        default=False, description="Take scans of after the cut-off too: the manager knows who had the phone."
    )
    items: list[Any] = Field(
        min_length=1,
        max_length=BATCH_LIMIT,
        json_schema_extra={"items": {"$ref": "#/components/schemas/CheckInWanted"}},
    )


class RecoveredShown(Shown):
    """How many scans let somebody in, were refused, were known already, or were left out; and the problems of others.

    Sent again, those that were taken are known.
    """

    admitted: int
    refused: int
    known: int
    after_cut_off: int
    problems: list[BatchOutcome]


@router.post(
    "/places/{place_id}/doors/{door_id}/recovered-check-ins",
    operation_id="recover_check_ins",
    # A file has hundreds of scans, each with a signature to verify.
    dependencies=[limited("recovered_check_ins", times=60, minutes=10), *allow(Role.COORDINATOR, Role.MANAGER)],
    responses=may_answer(PLACE_UNKNOWN, DOOR_UNKNOWN, recovery.SCANS_OF_ANOTHER_PLACE, recovery.SCANS_OF_ANOTHER_DOOR),
)
def recover_check_ins(
    place_id: UUID,
    door_id: UUID,
    body: RecoveredScans,
    request: Request,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> RecoveredShown:
    """Take the scans that a phone of this place could not send any more; judged as if it had sent them itself."""
    get_place(session, place_id)
    language = language_of(request)
    said = body.saved_at.isoformat()
    items = [item | {"device_now": said} if isinstance(item, dict) else item for item in body.items]
    scans, problems = read_kept_scans(items, language)
    recovered = recovery.recover(
        session,
        place_id,
        door_id,
        recovery.Origin(body.place_id, body.door_id, body.saved_at),
        list(scans.values()),
        also_after_cut_off=body.also_after_cut_off,
        now=now,
        actor=caller.actor,
    )
    indices = list(scans)
    for position, problem in recovered.problems.items():
        index = indices[position]
        problems[index] = BatchOutcome(index=index, id=scans[index].id, problem=problem.details(language))
    return RecoveredShown(
        admitted=recovered.admitted,
        refused=recovered.refused,
        known=recovered.known,
        after_cut_off=recovered.after_cut_off,
        problems=[problems[index] for index in sorted(problems)],
    )
