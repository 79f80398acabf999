"""What happens at a door: check in, take a check-in back, look a short code up.

Scans are handled many at a time (one is a batch of one). Whatever the order or the batches in which they arrive, the
visits are the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, selectinload

from passapp.accounts.access import Caller
from passapp.accounts.rules import Role
from passapp.door import rules
from passapp.door.judging import MANUAL, Scan, host_of, memberships_of, policies_of, record_scans
from passapp.door.models import CheckIn, CheckInUndo, Door, LookUp, Visit, VisitIdentity, VisitVoid
from passapp.door.rules import Verdict
from passapp.door.visits import STANDS, VisitorDay, check_ins_of, lock_visitor, refresh_visits
from passapp.kernel.audit import record
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import FORBIDDEN, Problem, ProblemType
from passapp.members.models import Member
from passapp.members.rules import initial_of
from passapp.members.service import home_at, home_on
from passapp.network.rules import CLOSED_STATES
from passapp.network.service import period_states
from passapp.passes.rules import read_short_code
from passapp.passes.service import find_passes
from passapp.places.models import Place

TYPED_CODES_ADMITTED = 30
TYPED_CODES_WITHIN = timedelta(minutes=5)

SCAN_ID_REUSED = ProblemType(
    "scan_id_reused",
    409,
    en="This scan's id was already used for another scan.",
    fr="L'identifiant de ce scan a déjà servi pour un autre scan.",
)
TOO_MANY_CODES = ProblemType(
    "too_many_codes",
    429,
    en="Too many short codes were typed at this place. Wait five minutes, or scan the QR.",
    fr="Trop de codes courts ont été tapés ici. Attendez cinq minutes, ou scannez le QR.",
)
CHECK_IN_UNKNOWN = ProblemType(
    "check_in_unknown",
    404,
    en="There is no such check-in at this place.",
    fr="Ce passage n'existe pas dans ce lieu.",
)
MONTH_CLOSED = ProblemType(
    "month_closed",
    409,
    en="{name} is closed: what it counts can only be corrected in a later month.",
    fr="{name} est clos : ce qui y est compté se corrige seulement dans un mois suivant.",
)
NOTHING_TO_UNDO = ProblemType(
    "nothing_to_undo",
    409,
    en="This scan let nobody in: there is nothing to undo.",
    fr="Ce scan n'a laissé entrer personne : il n'y a rien à annuler.",
)


@dataclass(frozen=True)
class Seen:
    """What a host sees of a person: a first name, an initial, and their home."""

    given_name: str
    initial: str
    home: str | None


@dataclass(frozen=True)
class Choice:
    """A membership that could pay, to choose from."""

    membership_id: UUID
    home: str


@dataclass(frozen=True)
class Answer:
    """What the door is told of one scan. ``first_at``: since when the person is in today, for a welcome back."""

    check_in: CheckIn
    member: Seen | None
    first_at: datetime | None
    choices: tuple[Choice, ...]
    replayed: bool = False


def check_in(session: Session, door: Door, scans: Sequence[Scan], *, now: datetime) -> list[Answer | Problem]:
    """Judge scans of one door (locked by the caller) and write them down. Gives one outcome per scan, in order.

    A scan seen before is answered as it was first. One whose id was used for another scan is the problem
    ``scan_id_reused``, one code too many ``too_many_codes``; neither spoils the others.
    """
    ids = [uuid5(door.id, str(scan.id)) for scan in scans]
    recorded = {row.id: row for row in session.scalars(select(CheckIn).where(CheckIn.id.in_(ids)))}
    refused: dict[UUID, Problem] = {}
    fresh: dict[UUID, Scan] = {}
    codes_left = TYPED_CODES_ADMITTED
    if any(scan.short_code for scan in scans):
        codes_left -= _typed_codes(session, door, now)
    for check_in_id, scan in zip(ids, scans, strict=True):
        if check_in_id in recorded or check_in_id in fresh or check_in_id in refused:
            continue
        codes_left -= scan.short_code is not None
        if scan.short_code is not None and codes_left < 0:
            refused[check_in_id] = _too_many_codes()
        else:
            fresh[check_in_id] = scan
    made = record_scans(session, door, fresh, now=now)
    answers = _answers(session, door.place, [*recorded.values(), *made.values()])
    door.last_seen_at = now
    outcomes: list[Answer | Problem] = []
    for check_in_id, scan in zip(ids, scans, strict=True):
        if check_in_id in refused:
            outcomes.append(refused[check_in_id])
        elif answers[check_in_id].check_in.payload_sha256 != scan.sha256:
            outcomes.append(SCAN_ID_REUSED.error())
        elif made.pop(check_in_id, None) is None:
            outcomes.append(replace(answers[check_in_id], replayed=True))
        else:
            outcomes.append(answers[check_in_id])
            _tell_of_typed_code(session, answers[check_in_id].check_in, now=now)
    return outcomes


def _answers(session: Session, place: Place, rows: Sequence[CheckIn]) -> dict[UUID, Answer]:
    """What these check-ins are answered with, now and whenever the same scan comes again."""
    members = _members_behind(session, {row.visitor_key for row in rows if row.visitor_key})
    again = {(row.visitor_key, row.local_date) for row in rows if row.visitor_key and row.verdict == Verdict.OK_AGAIN}
    that_day: dict[VisitorDay, list[tuple[CheckIn, datetime | None]]] = defaultdict(list)
    for other, undone_at in check_ins_of(session, place.id, again):
        if other.visitor_key is not None:
            that_day[other.visitor_key, other.local_date].append((other, undone_at))
    policies = policies_of(session)
    answers: dict[UUID, Answer] = {}
    for row in rows:
        member = members.get(row.visitor_key) if row.visitor_key else None
        others = that_day.get((row.visitor_key, row.local_date), []) if row.visitor_key else []
        firsts = [other.scanned_at for other, undone_at in others if _was_first(other, undone_at, row)]
        answers[row.id] = Answer(
            check_in=row,
            member=_seen(member, row) if member else None,
            first_at=min(firsts, default=None) if row.verdict == Verdict.OK_AGAIN else None,
            choices=_choices(member, row, place, policies) if member and row.verdict == Verdict.AMBIGUOUS else (),
        )
    return answers


def _was_first(other: CheckIn, undone_at: datetime | None, row: CheckIn) -> bool:
    """Whether ``other``, of the same person and day, had let them in when ``row`` was judged, undone since or not."""
    return (
        other.id != row.id
        and Verdict(other.verdict).admits
        and other.scanned_at <= row.scanned_at
        and other.received_at <= row.received_at
        and (undone_at is None or undone_at > row.received_at)
    )


def _members_behind(session: Session, visitor_keys: Iterable[UUID]) -> dict[UUID, Member]:
    query = (
        select(VisitIdentity)
        .where(VisitIdentity.visitor_key.in_(list(visitor_keys)))
        .options(selectinload(VisitIdentity.member).selectinload(Member.memberships))
    )
    return {identity.visitor_key: identity.member for identity in session.scalars(query)}


def _seen(member: Member, row: CheckIn) -> Seen:
    paying = next((m for m in member.memberships if m.place_id == row.home_id), home_on(member, row.local_date))
    return Seen(member.given_name, initial_of(member.family_name), paying.place.name if paying else None)


def _choices(member: Member, row: CheckIn, place: Place, policies: Mapping[str, rules.Plan]) -> tuple[Choice, ...]:
    homes = {membership.id: membership.place.name for membership in member.memberships}
    choices = rules.homes_to_choose_from(memberships_of(member), policies, host_of(place), row.scanned_at)
    return tuple(Choice(choice.id, homes[choice.id]) for choice in choices)


def _tell_of_typed_code(session: Session, row: CheckIn, *, now: datetime) -> None:
    """Tell a member that somebody let them in by typing their code: it needs no phone, so it could be somebody else."""
    if row.form == MANUAL and row.visitor_key is not None and Verdict(row.verdict).admits:
        member = _members_behind(session, [row.visitor_key])[row.visitor_key]
        if member.account_id is not None:
            key = f"manual_check_in:{row.id}"
            enqueue(session, now, "manual_check_in", key, member.account_id, check_in_id=str(row.id))


def _typed_codes(session: Session, door: Door, now: datetime) -> int:
    """How many short codes were typed at this door's place lately, right or wrong: another door is quickly paired."""
    since = now - TYPED_CODES_WITHIN
    doors = select(Door.id).where(Door.place_id == door.place_id)
    looked_up = select(func.count()).where(LookUp.door_id.in_(doors), LookUp.at > since)
    typed = select(func.count()).where(CheckIn.door_id.in_(doors), CheckIn.received_at > since, CheckIn.form == MANUAL)
    return (session.scalar(looked_up) or 0) + (session.scalar(typed) or 0)


def _too_many_codes() -> Problem:
    return TOO_MANY_CODES.error(headers={"Retry-After": str(int(TYPED_CODES_WITHIN.total_seconds()))})


def look_up(session: Session, door: Door, short_code: str, *, now: datetime) -> Seen | None:
    """Whose short code it is, so that the host can ask for the name; recorded, found or not.

    Raises ``too_many_codes``.
    """
    if _typed_codes(session, door, now) >= TYPED_CODES_ADMITTED:
        raise _too_many_codes()
    code = read_short_code(short_code)
    _, by_code = find_passes(session, frozenset(), frozenset({code} if code else ()))
    issued = by_code.get(code or "")
    session.add(LookUp(door_id=door.id, at=now, member_id=issued.member_id if issued else None))
    if issued is None:
        return None
    home = home_at(issued.member, now)
    name = issued.member.given_name
    return Seen(name, initial_of(issued.member.family_name), home.place.name if home else None)


def undo_check_in(session: Session, check_in_id: UUID, reason: str, caller: Caller, *, now: datetime) -> CheckIn:
    """Take a check-in back, with a reason; nothing is erased. Undoing twice changes nothing.

    Raises ``check_in_unknown`` (a door or a manager of another place is told the same), ``nothing_to_undo``,
    ``month_closed``.
    """
    row = session.get(CheckIn, check_in_id)
    if row is None:
        raise CHECK_IN_UNKNOWN.error()
    try:
        caller.require_at(frozenset({row.place_id}), Role.DOOR, Role.MANAGER)
    except Problem as problem:
        raise (CHECK_IN_UNKNOWN.error() if problem.kind is FORBIDDEN else problem) from None
    if not Verdict(row.verdict).admits or row.visitor_key is None:
        raise NOTHING_TO_UNDO.error()
    place = session.get_one(Place, row.place_id)
    lock_visitor(session, row.visitor_key)
    if session.get(CheckInUndo, check_in_id) is None:
        _check_month_is_open(session, row)
        actor = caller.actor
        session.add(CheckInUndo(check_in_id=row.id, at=now, reason=reason, actor_kind=actor.kind, actor_id=actor.id))
        session.flush()
        refresh_visits(session, place, [(row.visitor_key, row.local_date)], now=now)
        record(session, actor, now, "check_in.undo", ("check_in", row.id), place_id=row.place_id)
    return row


def _check_month_is_open(session: Session, row: CheckIn) -> None:
    """Raise ``month_closed`` where the check-in opened a visit that is settled already."""
    posted = select(Visit.posted_month).where(Visit.id == row.id).order_by(Visit.revision.desc()).limit(1)
    month = session.scalar(posted)
    if month is not None and period_states(session).get(month) in CLOSED_STATES:
        raise MONTH_CLOSED.error(name=month)


def visits_of(
    session: Session, member: Member, *, before: datetime | None, limit: int
) -> list[tuple[Visit, Place, Place]]:
    """The visits of a member that count, opened before an instant, the newest first; each with its host and home."""
    host, home = aliased(Place), aliased(Place)
    query = (
        select(Visit, host, home)
        .join(VisitIdentity, VisitIdentity.visitor_key == Visit.visitor_key)
        .join(host, host.id == Visit.host_id)
        .join(home, home.id == Visit.home_id)
        .outerjoin(VisitVoid, STANDS)
        .where(VisitIdentity.member_id == member.id, VisitVoid.visit_id.is_(None))
        .order_by(Visit.opened_at.desc(), Visit.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Visit.opened_at < before)
    return [(visit, at, by) for visit, at, by in session.execute(query)]
