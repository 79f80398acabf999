"""Checking out: saying that somebody left, where the place writes it down. Who says nothing leaves at closing time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.rules import Role
from passapp.door import rules, service
from passapp.door.at_place import check_in_at
from passapp.door.calling import lock_place
from passapp.door.models import CheckIn, CheckInUndo, FollowUp
from passapp.door.policy import policy_of
from passapp.door.rules import FollowUpKind, Verdict
from passapp.kernel.problems import ProblemType

CHECK_OUT_OFF = ProblemType(
    "check_out_off",
    409,
    en="This place does not write down who leaves: its manager decides, on the page “Receiving settings”.",
    fr="Ce lieu ne note pas les départs : son responsable en décide, sur la page « Réglages de l'accueil ».",
)
NOBODY_TO_CHECK_OUT = ProblemType(
    "nobody_to_check_out",
    409,
    en="This scan let nobody in, or was undone: nobody leaves.",
    fr="Ce scan n'a laissé entrer personne, ou a été annulé : personne ne part.",
)


def check_out(
    session: Session, check_in_id: UUID, caller: Caller, *, at: datetime | None = None, now: datetime
) -> datetime:
    """Say that whoever came in with this check-in left ``at`` that instant (None: now); gives when they left.

    Never before they came, nor in the future. Said again, it changes nothing. Raises ``check_in_unknown``,
    ``check_out_off``, ``nobody_to_check_out``.
    """
    row = check_in_at(session, check_in_id, caller, Role.DOOR, Role.HOST, Role.MANAGER)
    lock_place(session, row.place_id)
    followed = {each.kind: each.at for each in session.scalars(select(FollowUp).where(FollowUp.check_in_id == row.id))}
    if FollowUpKind.CHECK_OUT in followed:
        return followed[FollowUpKind.CHECK_OUT]
    if not policy_of(session, row.place_id).check_out:
        raise CHECK_OUT_OFF.error()
    if not _is_in(session, row, {FollowUpKind(kind) for kind in followed}):
        raise NOBODY_TO_CHECK_OUT.error()
    left_at = max(row.scanned_at, min(at or now, now))
    actor = service.acting(session, caller, now)
    service.follow_up(session, row, FollowUpKind.CHECK_OUT, None, actor, now=left_at)
    return left_at


def _is_in(session: Session, row: CheckIn, follow_ups: set[FollowUpKind]) -> bool:
    if row.visitor_key is None or session.get(CheckInUndo, row.id) is not None:
        return False
    return rules.is_inside(admits=Verdict(row.verdict).admits, follow_ups=follow_ups)
