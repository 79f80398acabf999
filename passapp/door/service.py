"""What happens at a door: check in, take a check-in back, look a short code up.

Scans are handled many at a time (one is a batch of one). Whatever the order or the batches in which they arrive, the
visits are the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.rules import Role
from passapp.door.answering import Answer, Seen, answers_to
from passapp.door.at_place import check_in_at
from passapp.door.by_name import find_by_names
from passapp.door.calling import lock_place, note_seen
from passapp.door.cases import MANUAL, Judged, NewCheckIn, Scan
from passapp.door.judging import judge_again, record_scans
from passapp.door.known import Person, find_days
from passapp.door.models import (
    CheckIn,
    CheckInUndo,
    Door,
    FollowUp,
    FollowUpReason,
    LookUp,
    UndoReason,
    Visit,
)
from passapp.door.policy import Policy, policy_of
from passapp.door.rules import FollowUpKind, Membership, Verdict, is_inside
from passapp.door.seals import Seal
from passapp.door.terms import Terms, terms_of
from passapp.door.visits import refresh_visits
from passapp.kernel.audit import Actor, record
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import Problem, ProblemType
from passapp.members.rules import initial_of
from passapp.members.service import home_at
from passapp.network.rules import CLOSED_STATES
from passapp.network.service import period_states
from passapp.passes.rules import read_short_code
from passapp.passes.service import pass_with_short_code
from passapp.places.models import Place

TYPED_CODES_ADMITTED = 30
TYPED_CODES_WITHIN = timedelta(minutes=5)
"""How exactly we know when a door was last seen: not worth a write at every scan."""

SCAN_ID_REUSED = ProblemType(
    "scan_id_reused",
    409,
    en="This scan's id was already used for another scan.",
    fr="L'identifiant de ce scan a déjà servi pour un autre scan.",
)
TOO_MANY_CODES = ProblemType(
    "too_many_codes",
    429,
    en="Too many codes or names were typed at this place. Wait five minutes, or scan the QR.",
    fr="Trop de codes ou de noms ont été tapés ici. Attendez cinq minutes, ou scannez le QR.",
)
MONTH_CLOSED = ProblemType(
    "month_closed",
    409,
    en="{name:Month} is closed: what it counts can only be corrected in a later month.",
    fr="{name:Month} est clos : ce qui y est compté se corrige seulement dans un mois suivant.",
)
NOTHING_TO_UNDO = ProblemType(
    "nothing_to_undo",
    409,
    en="This scan let nobody in: there is nothing to undo.",
    fr="Ce scan n'a laissé entrer personne : il n'y a rien à annuler.",
)


def check_in(
    session: Session,
    door: Door,
    scans: Sequence[Scan],
    *,
    now: datetime,
    terms: Terms | None = None,
    policy: Policy | None = None,
    seal: Seal | None = None,
) -> list[Answer | Problem]:
    """Judge scans of one door and write them down; its place is locked by the caller. One outcome per scan, in order.

    A scan seen before is answered as it was first. One whose id was used for another scan is the problem
    ``scan_id_reused``, one code or name too many ``too_many_codes``; neither spoils the others. ``terms``: the
    network's, ``policy``: the place's, read where they are not given. ``seal``: of the device that sends them itself.
    """
    terms, policy = terms or terms_of(session), policy or policy_of(session, door.place_id)
    seal = seal or Seal.of_nobody()
    ids = [uuid5(door.id, str(scan.id)) for scan in scans]
    # A scan alone is nearly always new, and the database says so when it is not.
    asks_first = len(scans) > 1 or any(scan.pass_text is None for scan in scans)
    recorded = _recorded(session, ids) if asks_first else {}
    fresh: dict[UUID, Scan] = {}
    for key, scan in zip(ids, scans, strict=True):
        if key not in recorded:
            fresh.setdefault(key, scan)
    refused = _too_many(session, door, fresh, now)
    fresh = {key: scan for key, scan in fresh.items() if key not in refused}
    said = find_by_names(session, door, fresh, now=now)
    made = record_scans(session, door, fresh, said, terms=terms, policy=policy, seal=seal, now=now)
    again = [key for key in fresh if key not in made]
    recorded |= _recorded(session, again) if again else {}
    same = {
        key: scan
        for key, scan in zip(ids, scans, strict=True)
        if key in recorded and not seal.refutes(recorded[key].seal, scan.said)
    }
    known = judge_again(session, door, list(recorded.values()), same, terms=terms, policy=policy, now=now)
    answers = answers_to(session, door.place, [*known, *made.values()], terms, policy)
    answers |= {each.check_in.id: replace(answers[each.check_in.id], replayed=True) for each in known}
    if door.kind != "office":  # of a visit added later, the member is told why
        _tell_of_typed(session, [*made.values(), *(each for each in known if each.follow_ups)], now=now)
    outcomes: list[Answer | Problem] = []
    for key, scan in zip(ids, scans, strict=True):
        if key in refused:
            outcomes.append(refused[key])
        elif seal.refutes(answers[key].check_in.seal, scan.said):
            outcomes.append(SCAN_ID_REUSED.error())
        else:
            outcomes.append(answers[key])
            answers[key] = replace(answers[key], replayed=True)
    return outcomes


def _recorded(session: Session, ids: Collection[UUID]) -> dict[UUID, CheckIn]:
    return {row.id: row for row in session.scalars(select(CheckIn).where(CheckIn.id.in_(ids)))}


def _tell_of_typed(session: Session, made: Iterable[Judged], *, now: datetime) -> None:
    for each in made:
        if is_inside(admits=Verdict(each.check_in.verdict).admits, follow_ups=each.follow_ups):
            tell_of_typed(session, each.check_in, each.person, now=now)


def tell_of_typed(session: Session, row: CheckIn | NewCheckIn, person: Person | None, *, now: datetime) -> None:
    """Tell a member, once, that somebody let them in by typing: it needs no phone, so it could be somebody else."""
    if row.form == MANUAL and person is not None and person.account_id:
        key = f"manual_check_in:{row.id}"
        enqueue(session, now, "manual_check_in", key, person.account_id, check_in_id=str(row.id))


def _typed(session: Session, door: Door, now: datetime) -> int:
    """How often codes and names were typed at this door's place lately, right or wrong: another door is soon paired."""
    since = now - TYPED_CODES_WITHIN
    doors = select(Door.id).where(Door.place_id == door.place_id)
    # A check-in by name is a look-up too, and counts once.
    looked_up = select(func.count()).where(LookUp.door_id.in_(doors), LookUp.at > since, ~LookUp.by_name)
    typed = select(func.count()).where(CheckIn.door_id.in_(doors), CheckIn.received_at > since, CheckIn.form == MANUAL)
    return (session.scalar(looked_up) or 0) + (session.scalar(typed) or 0)


def _too_many(session: Session, door: Door, scans: Mapping[UUID, Scan], now: datetime) -> dict[UUID, Problem]:
    """Those among these scans that are one code or name too many."""
    typed = [key for key, scan in scans.items() if scan.is_typed]
    if not typed:
        return {}
    left = max(0, TYPED_CODES_ADMITTED - _typed(session, door, now))
    return {key: _too_many_codes() for key in typed[left:]}


def _too_many_codes() -> Problem:
    return TOO_MANY_CODES.error(headers={"Retry-After": str(int(TYPED_CODES_WITHIN.total_seconds()))})


def look_up(session: Session, door: Door, short_code: str, *, now: datetime) -> Seen | None:
    """Whose short code it is, so that the host can ask for the name; recorded, found or not.

    Raises ``too_many_codes``.
    """
    if _typed(session, door, now) >= TYPED_CODES_ADMITTED:
        raise _too_many_codes()
    code = read_short_code(short_code)
    issued = pass_with_short_code(session, code) if code else None
    session.add(LookUp(door_id=door.id, at=now, member_id=issued.member_id if issued else None))
    if issued is None:
        return None
    home = home_at(issued.member, now)
    name = issued.member.given_name
    return Seen(issued.member_id, name, initial_of(issued.member.family_name), home.place.name if home else None)


def undo_check_in(session: Session, check_in_id: UUID, reason: str, caller: Caller, *, now: datetime) -> CheckIn:
    """Take a check-in back, with a reason; nothing is erased. Undoing twice changes nothing.

    Raises ``check_in_unknown`` (a door or a manager of another place is told the same), ``nothing_to_undo``,
    ``month_closed``.
    """
    row = check_in_at(session, check_in_id, caller, Role.DOOR, Role.MANAGER)
    if row.visitor_key is None:
        raise NOTHING_TO_UNDO.error()
    place = lock_place(session, row.place_id)
    if session.get(CheckInUndo, check_in_id) is None:
        _check_somebody_came(session, row)
        _check_month_is_open(session, row)
        actor = acting(session, caller, now)
        session.add(CheckInUndo(check_in_id=row.id, at=now, actor_kind=actor.kind, actor_id=actor.id))
        session.flush()
        session.add(UndoReason(check_in_id=row.id, reason=reason))
        known = find_days(session, place.id, {(row.visitor_key, row.local_date)})
        refresh_visits(session, place, known.days, closed=known.closed, terms=terms_of(session), now=now)
        record(session, actor, now, "check_in.undo", ("check_in", row.id), place_id=row.place_id)
    return row


def _check_somebody_came(session: Session, row: CheckIn) -> None:
    kinds = session.scalars(select(FollowUp.kind).where(FollowUp.check_in_id == row.id)).all()
    follow_ups = {FollowUpKind(kind) for kind in kinds}
    if not is_inside(admits=Verdict(row.verdict).admits, follow_ups=follow_ups):
        raise NOTHING_TO_UNDO.error()


def follow_up(
    session: Session,
    row: CheckIn | NewCheckIn,
    kind: FollowUpKind,
    reason: str | None,
    actor: Actor,
    *,
    now: datetime,
    payer: Membership | None = None,
) -> None:
    """Write down what came after a check-in, once of each kind, and make its visits anew.

    Its place is locked by the caller, who has checked that it may come. ``payer``: who pays, where the door did not
    know.
    """
    who_pays = {"home_id": payer.home_id, "plan": payer.plan} if payer else {}
    session.add(FollowUp(check_in_id=row.id, kind=kind, at=now, actor_kind=actor.kind, actor_id=actor.id, **who_pays))
    session.flush()
    if reason:
        session.add(FollowUpReason(check_in_id=row.id, kind=kind, reason=reason))
    if row.visitor_key is not None:
        known = find_days(session, row.place_id, {(row.visitor_key, row.local_date)})
        place = session.get_one(Place, row.place_id)
        refresh_visits(session, place, known.days, closed=known.closed, terms=terms_of(session), now=now)


def acting(session: Session, caller: Caller, now: datetime) -> Actor:
    """Who does it; a door by its own id, which outlives the token that it shows."""
    actor = caller.actor
    if actor.kind != "door":
        return actor
    door = session.scalars(select(Door).where(Door.token_id == actor.id)).one()
    note_seen(door, now)
    return replace(actor, id=door.id)


def _check_month_is_open(session: Session, row: CheckIn) -> None:
    """Raise ``month_closed`` where the check-in opened a visit that is settled already."""
    posted = select(Visit.posted_month).where(Visit.id == row.id).order_by(Visit.revision.desc()).limit(1)
    month = session.scalar(posted)
    if month is not None and period_states(session).get(month) in CLOSED_STATES:
        raise MONTH_CLOSED.error(name=month)
