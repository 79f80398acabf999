"""From what a door sent to what is written down: read the passes, judge each scan, make the check-ins."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.known import Day, Kept, Known, KnownPass, Person, find_holders
from passapp.door.models import CheckIn, Door
from passapp.door.rules import Verdict
from passapp.door.seals import Seal
from passapp.door.terms import Terms, host_of
from passapp.door.visits import make_visitor_keys, refresh_visits
from passapp.kernel.database import insert_unless_there
from passapp.kernel.wall_time import local_date
from passapp.network.rules import month_of
from passapp.passes.rules import Pass, Reason, Refusal, check_place_and_dates, read_short_code, verify_pass
from passapp.places.models import Place

OLDEST_SCAN = timedelta(days=100)
"""A scan that seems older comes from a device whose clock was set right in between. Nor is it known any more, 104
days after a month, who came in it: the same person would get a second visit of that day."""
MANUAL = "manual"
"""The form of a check-in by short code or by name: somebody typed it."""


@dataclass(frozen=True)
class SaidName:
    """A name as somebody said it, and a second thing that only they know: their e-mail address or reference."""

    name: str
    second: str


@dataclass(frozen=True)
class Scan:
    """What a door sends of one scan; ``pass_text``, ``short_code`` or ``by_name`` is what was shown or said."""

    id: UUID
    scanned_at: datetime
    device_now: datetime
    pass_text: str | None = None
    short_code: str | None = None
    membership_id: UUID | None = None
    list_iat: datetime | None = None
    full_day: bool = False
    by_name: SaidName | None = None

    @property
    def is_typed(self) -> bool:
        """Whether somebody typed it: then guesses are counted, and the member is told."""
        return self.pass_text is None

    @cached_property
    def said(self) -> bytes:
        """What makes it the same scan: not the device's clock, which moves on before it is sent again."""
        said: list[Any] = [self.pass_text, self.short_code, str(self.membership_id), self.scanned_at.isoformat()]
        said += ["full_day"] if self.full_day else []
        said += [self.by_name.name, self.by_name.second] if self.by_name else []
        return json.dumps(said).encode()


@dataclass
class NewCheckIn:
    """A check-in before it is a row: the same columns, without what makes an object of a session slow to fill."""

    id: UUID
    door_id: UUID
    scan_id: UUID
    seal: str
    place_id: UUID
    form: str | None
    scanned_at: datetime
    device_scanned_at: datetime
    received_at: datetime
    list_iat: datetime | None
    local_date: date
    verdict: str
    visitor_key: UUID | None
    full_day: bool
    home_id: UUID | None = None
    plan: str | None = None
    at_home: bool | None = None


@dataclass(frozen=True)
class Judged:
    """A check-in that was written down, with what its answer is made of."""

    check_in: CheckIn | NewCheckIn
    person: Person | None
    first_at: datetime | None


@dataclass
class _Case:
    """One scan on its way to a verdict. ``at`` is its instant, corrected by the device's clock error."""

    id: UUID
    scan: Scan
    at: datetime
    today: date
    shown: Pass | Refusal
    form: str | None
    short_code: str | None
    issued: KnownPass | None = None
    visitor_key: UUID | None = None
    is_undated: bool = False


def record_scans(
    session: Session,
    door: Door,
    scans: Mapping[UUID, Scan],
    said: Mapping[UUID, str],
    *,
    terms: Terms,
    seal: Seal,
    now: datetime,
) -> dict[UUID, Judged]:
    """Judge these scans, by the id of the check-in that each makes, and write the check-ins and their visits.

    ``said``: the short code of whoever each name turned out to be. Leaves out the scans that are written down already.
    """
    if not scans:
        return {}
    place = door.place
    cases = [_read(check_in_id, scan, said, place, terms, now) for check_in_id, scan in scans.items()]
    known = _identify(session, place, cases, terms)
    judged = _judge(door, cases, known, terms=terms, seal=seal, now=now)
    written = insert_unless_there(session, CheckIn, [vars(each.check_in) for each in judged])
    new = {each.check_in.id: each for each in judged if each.check_in.id in written}
    refresh_visits(session, place, _days_of(new.values(), known), closed=known.closed, terms=terms, now=now)
    return new


def _read(check_in_id: UUID, scan: Scan, said: Mapping[UUID, str], place: Place, terms: Terms, now: datetime) -> _Case:
    """What was shown, verified as of the scan's instant."""
    at = rules.corrected_time(scan.scanned_at, scan.device_now, now)
    is_undated = now - at > OLDEST_SCAN
    at = now if is_undated else at
    shown: Pass | Refusal = Refusal(Reason.INVALID)
    form: str | None = MANUAL
    if scan.pass_text is not None:
        shown = verify_pass(scan.pass_text, network=terms.network, keys=terms.keys_at(now), place=place.code, at=at)
        form = read.form_at(at).value if (read := _pass_in(shown)) else None
    code = read_short_code(scan.short_code) if scan.short_code else said.get(check_in_id)
    today = local_date(at, ZoneInfo(place.zone))
    return _Case(check_in_id, scan, at, today, shown, form, code, is_undated=is_undated)


def _pass_in(shown: Pass | Refusal) -> Pass | None:
    """The pass whose signature was verified, refused or not."""
    return shown.of if isinstance(shown, Refusal) else shown


def _identify(session: Session, place: Place, cases: Collection[_Case], terms: Terms) -> Known:
    """Find out whose passes were shown, and give each person of each month a visitor key."""
    indices = {read.index for case in cases if (read := _pass_in(case.shown))}
    codes = {case.short_code for case in cases if case.short_code}
    known = find_holders(session, place.id, indices, codes, {case.today for case in cases})
    for case in cases:
        if read := _pass_in(case.shown):
            holder = known.by_index.get(read.index)
            # An index is given back long after a pass has ended: the old pass is not its new holder's.
            case.issued = holder if holder and holder.issued_at < read.expires_at else None
        elif issued := known.by_code.get(case.short_code or ""):
            case.issued = issued
            read = Pass(terms.network, issued.index or 0, issued.plan, "", issued.not_before, issued.expires_at)
            case.shown = check_place_and_dates(read, place=place.code, at=case.at) or read
    visitors = [(case, case.issued.person, month_of(case.today)) for case in cases if case.issued]
    made = make_visitor_keys(
        session, {(person.id, month) for _, person, month in visitors if month not in person.visitor_keys}
    )
    for case, person, month in visitors:
        case.visitor_key = person.visitor_keys.get(month) or made[person.id, month]
    return known


def _judge(
    door: Door, cases: Collection[_Case], known: Known, *, terms: Terms, seal: Seal, now: datetime
) -> list[Judged]:
    """Give each scan its verdict, in the order of their instants: a batch says the same in whatever order it came."""
    host = host_of(door.place)
    same_day = {key: {each.as_rule.id: each for each in day.check_ins.values()} for key, day in known.days.items()}
    judged: list[Judged] = []
    for case in sorted(cases, key=lambda case: (case.at, case.id)):
        kept = same_day.setdefault((case.visitor_key or case.id, case.today), {})
        memberships = list(case.issued.person.memberships.values()) if case.issued else []
        judgement = rules.judge(
            case.shown,
            at=case.at,
            host=host,
            standing=_standing(case.issued, memberships),
            plans=terms.plans,
            same_day=[each.as_rule for each in kept.values()],
            chosen=case.scan.membership_id,
        )
        # Kept, although nobody can say when it was: somebody came in, and a manager may know.
        verdict = Verdict.CLOCK_SKEW if case.is_undated else judgement.verdict
        row = _check_in(door, case, verdict, seal, now)
        first = judgement.first
        if verdict.admits:
            payer = next((m for m in memberships if m.id == judgement.membership_id), None)
            row.home_id = payer.home_id if payer else first.home_id if first else None
            row.plan = payer.plan if payer else kept[first.id].plan if first else None
            row.at_home = rules.is_at_home(memberships, host.id, case.today)
        judged.append(
            Judged(
                row,
                case.issued.person if case.issued else None,
                first_at([*kept.values()], row) if verdict is Verdict.OK_AGAIN else None,
            )
        )
        kept[row.id] = _kept(row)
    return judged


def _check_in(door: Door, case: _Case, verdict: Verdict, seal: Seal, now: datetime) -> NewCheckIn:
    return NewCheckIn(
        id=case.id,
        door_id=door.id,
        scan_id=case.scan.id,
        seal=seal.mark(case.scan.said),
        place_id=door.place_id,
        form=case.form,
        scanned_at=case.at,
        device_scanned_at=case.scan.scanned_at.astimezone(UTC),
        received_at=now,
        list_iat=case.scan.list_iat,
        local_date=case.today,
        verdict=verdict.value,
        visitor_key=case.visitor_key,
        full_day=case.scan.full_day,
    )


def _kept(row: CheckIn | NewCheckIn) -> Kept:
    as_rule = rules.CheckIn(
        id=row.id,
        member_id=row.visitor_key or row.id,
        host_id=row.place_id,
        local_date=row.local_date,
        at=row.scanned_at,
        home_id=row.home_id,
        admitted=Verdict(row.verdict).admits,
        full_day=row.full_day,
    )
    return Kept(as_rule, row.plan, row.at_home, row.received_at)


def first_at(that_day: Iterable[Kept], row: CheckIn | NewCheckIn) -> datetime | None:
    """Since when somebody was in that day when ``row`` was judged: a welcome back says so, undone since or not."""
    admitted = [
        other.as_rule.at
        for other in that_day
        if other.as_rule.id != row.id
        and other.as_rule.admitted
        and other.as_rule.at <= row.scanned_at
        and other.received_at <= row.received_at
        and (other.undone_at is None or other.undone_at > row.received_at)
    ]
    return min(admitted, default=None)


def _days_of(new: Iterable[Judged], known: Known) -> dict[tuple[UUID, date], Day]:
    """The days whose visits may change, these check-ins with them."""
    days: dict[tuple[UUID, date], Day] = {}
    for each in new:
        row = each.check_in
        if row.visitor_key is not None and Verdict(row.verdict).admits:
            day = days[row.visitor_key, row.local_date] = known.days[row.visitor_key, row.local_date]
            day.check_ins[row.id] = _kept(row)
    return days


def _standing(issued: KnownPass | None, memberships: list[rules.Membership]) -> rules.Standing | None:
    if issued is None:
        return None
    return rules.Standing(
        memberships=memberships,
        named=issued.membership_id,
        revoked_at=issued.revoked_at,
        suspended_at=issued.person.suspended_at,
        resumed_at=issued.person.resumed_at,
    )
