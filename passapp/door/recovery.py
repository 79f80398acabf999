"""Scans that a phone could not send any more: it was cut off, and a manager brings them in a file.

Nothing is taken on the file's word: each pass is signed by the network and judged like any other scan, under the id
that the phone gave it, so that the phone may send it again later and is answered as the first time. What a file says
of time is the device's clock, which nobody measured: it is trusted but for the future. A scan of after the cut-off
comes from a phone that may have been stolen: it is left out unless the manager says otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.door.answering import Answer
from passapp.door.calling import lock_place
from passapp.door.cases import Scan
from passapp.door.models import Door
from passapp.door.pairing import DOOR_UNKNOWN
from passapp.door.rules import Verdict, corrected_time
from passapp.door.service import check_in
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import Problem, ProblemType

SCANS_OF_ANOTHER_PLACE = ProblemType(
    "scans_of_another_place",
    409,
    en="These scans were made at another place: its manager can recover them there.",
    fr="Ces passages viennent d'un autre lieu : sa personne responsable peut les récupérer là-bas.",
)
SCANS_OF_ANOTHER_DOOR = ProblemType(
    "scans_of_another_door",
    409,
    en="These scans were made with another phone of this place: choose that one.",
    fr="Ces passages viennent d'un autre téléphone de ce lieu : choisissez celui-là.",
)


@dataclass(frozen=True)
class Origin:
    """What a file says of itself: which phone of which place wrote it, and when by that phone's clock."""

    place_id: UUID
    door_id: UUID
    saved_at: datetime


@dataclass(frozen=True)
class Recovered:
    """What became of the scans, each in one of these counts, or among ``problems`` by its place in the file."""

    admitted: int
    refused: int
    known: int
    after_cut_off: int
    problems: dict[int, Problem]


def recover(
    session: Session,
    place_id: UUID,
    door_id: UUID,
    origin: Origin,
    scans: Sequence[Scan],
    *,
    also_after_cut_off: bool,
    now: datetime,
    actor: Actor,
) -> Recovered:
    """Judge and write down the scans of a file, as if the door itself had sent them.

    Raises ``door_unknown``, ``scans_of_another_place``, ``scans_of_another_door``; then nothing is written.
    """
    place = lock_place(session, place_id)
    door = session.get(Door, door_id)
    if door is None or door.place_id != place.id:
        raise DOOR_UNKNOWN.error()
    if origin.place_id != place.id:
        raise SCANS_OF_ANOTHER_PLACE.error()
    if origin.door_id != door.id:
        raise SCANS_OF_ANOTHER_DOOR.error()
    # The file waited for nobody knows how long: only a clock that is ahead of ours shows.
    clock = max(origin.saved_at, now)
    dated = [replace(scan, device_now=clock) for scan in scans]
    late = {index for index, scan in enumerate(dated) if not also_after_cut_off and _is_after_cut_off(door, scan, now)}
    taken = {index: scan for index, scan in enumerate(dated) if index not in late}
    outcomes = dict(zip(taken, check_in(session, door, list(taken.values()), now=now), strict=True))
    answers = [outcome for outcome in outcomes.values() if isinstance(outcome, Answer)]
    new = [Verdict(answer.check_in.verdict).admits for answer in answers if not answer.replayed]
    recovered = Recovered(
        admitted=new.count(True),
        refused=new.count(False),
        known=len(answers) - len(new),
        after_cut_off=len(late),
        problems={index: outcome for index, outcome in outcomes.items() if isinstance(outcome, Problem)},
    )
    record(
        session,
        actor,
        now,
        "door.recover",
        ("door", door.id),
        place_id=place.id,
        admitted=recovered.admitted,
        refused=recovered.refused,
        known=recovered.known,
        left_out=recovered.after_cut_off,
        also_after_cut_off=also_after_cut_off,
    )
    return recovered


def _is_after_cut_off(door: Door, scan: Scan, now: datetime) -> bool:
    at = corrected_time(scan.scanned_at, scan.device_now, now)
    return door.cut_off_at is not None and at > door.cut_off_at
