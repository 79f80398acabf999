"""The proofs of live passes: each lets somebody in at one door only (door.md, Verdicts)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.door.models import UsedProof
from passapp.kernel.database import insert_unless_there

Proof = tuple[int, int]
"""A pass's index in the status list, and the step of its proof."""


def claim_proofs(session: Session, door_id: UUID, proofs: Mapping[Proof, UUID], *, at: datetime) -> set[Proof]:
    """Note which check-in each proof lets in. Gives those that another door has already, which let nobody in here.

    Of two doors at the same moment, the second waits for the first.
    """
    rows = [
        {"status_index": index, "step": step, "door_id": door_id, "check_in_id": check_in_id, "at": at}
        for (index, step), check_in_id in sorted(
            proofs.items()
        )  # in one order: two batches cannot wait for one another
    ]
    return set(proofs) - insert_unless_there(session, UsedProof, rows)
