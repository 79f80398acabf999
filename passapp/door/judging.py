"""From what a door sent to what is written down: read the passes, judge each scan, make the check-ins."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.models import CheckIn, Door
from passapp.door.rules import Verdict
from passapp.door.visits import VisitorDay, as_rule, check_ins_of, ensure_visitor_keys, refresh_visits
from passapp.kernel.wall_time import local_date
from passapp.members.models import Member
from passapp.network.rules import month_of
from passapp.network.service import get_network, plans
from passapp.passes.keys import public_keys
from passapp.passes.models import IssuedPass
from passapp.passes.rules import Pass, Reason, Refusal, check_place_and_dates, read_short_code, verify_pass
from passapp.passes.service import find_passes
from passapp.places.models import Place
from passapp.places.rules import format_clock

OLDEST_SCAN = timedelta(days=400)
"""A scan that seems older comes from a device whose clock was set right in between."""
MANUAL = "manual"
"""The form of a check-in by short code: somebody typed it."""


@dataclass(frozen=True)
class Scan:
    """What a door sends of one scan; ``pass_text`` or ``short_code`` is what was shown."""

    id: UUID
    scanned_at: datetime
    device_now: datetime
    pass_text: str | None = None
    short_code: str | None = None
    membership_id: UUID | None = None
    list_iat: datetime | None = None

    @cached_property
    def sha256(self) -> str:
        """Hash of what makes it the same scan: not of the device's clock, which moves on before it is sent again."""
        said = [self.pass_text, self.short_code, str(self.membership_id), self.scanned_at.isoformat()]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass
class _Case:
    """One scan on its way to a verdict. ``at`` is its instant, corrected by the device's clock error."""

    id: UUID
    scan: Scan
    at: datetime
    today: date
    shown: Pass | Refusal
    form: str | None
    issued: IssuedPass | None = None
    visitor_key: UUID | None = None
    is_undated: bool = False


def record_scans(session: Session, door: Door, scans: Mapping[UUID, Scan], *, now: datetime) -> dict[UUID, CheckIn]:
    """Judge these scans, by the id of the check-in that each makes, and write the check-ins and their visits."""
    if not scans:
        return {}
    cases = _read(session, door.place, scans, now=now)
    months = {(case.issued.member_id, month_of(case.today)) for case in cases if case.issued}
    visitor_keys = ensure_visitor_keys(session, months)
    for case in cases:
        if case.issued is not None:
            case.visitor_key = visitor_keys[case.issued.member_id, month_of(case.today)]
    rows = _judge(session, door, cases, now=now)
    session.add_all(rows)
    session.flush()
    days = {(row.visitor_key, row.local_date) for row in rows if row.visitor_key and Verdict(row.verdict).admits}
    refresh_visits(session, door.place, days, now=now)
    return {row.id: row for row in rows}


def _read(session: Session, place: Place, scans: Mapping[UUID, Scan], *, now: datetime) -> list[_Case]:
    """What was shown, verified as of the scan's instant, and whose it is."""
    network, keys = get_network(session).code, public_keys(session, at=now)
    zone = ZoneInfo(place.zone)
    cases: list[_Case] = []
    codes: dict[UUID, str] = {}
    for check_in_id, scan in scans.items():
        at = rules.corrected_time(scan.scanned_at, scan.device_now, now)
        is_undated = now - at > OLDEST_SCAN
        at = now if is_undated else at
        shown: Pass | Refusal = Refusal(Reason.INVALID)
        form = MANUAL if scan.pass_text is None else None
        if scan.pass_text is not None:
            shown = verify_pass(scan.pass_text, network=network, keys=keys, place=place.code, at=at)
            form = read.form_at(at).value if (read := _pass_in(shown)) else None
        elif code := read_short_code(scan.short_code or ""):
            codes[check_in_id] = code
        today = local_date(at, zone)
        cases.append(_Case(check_in_id, scan, at, today, shown, form, is_undated=is_undated))
    indices = frozenset(read.index for case in cases if (read := _pass_in(case.shown)))
    by_index, by_code = find_passes(session, indices, frozenset(codes.values()))
    for case in cases:
        if read := _pass_in(case.shown):
            holder = by_index.get(read.index)
            # An index is given back long after a pass has ended: the old pass is not its new holder's.
            case.issued = holder if holder and holder.issued_at < read.expires_at else None
        elif issued := by_code.get(codes.get(case.id, "")):
            case.issued = issued
            read = Pass(network, issued.status_index or 0, issued.plan, "", issued.not_before, issued.expires_at)
            case.shown = check_place_and_dates(read, place=place.code, at=case.at) or read
    return cases


def _pass_in(shown: Pass | Refusal) -> Pass | None:
    """The pass whose signature was verified, refused or not."""
    return shown.of if isinstance(shown, Refusal) else shown


def _judge(session: Session, door: Door, cases: list[_Case], *, now: datetime) -> list[CheckIn]:
    place = door.place
    host, policies = host_of(place), policies_of(session)
    same_day: dict[VisitorDay, list[rules.CheckIn]] = defaultdict(list)
    before: dict[UUID, CheckIn] = {}
    days = {(case.visitor_key, case.today) for case in cases if case.visitor_key}
    for row, undone_at in check_ins_of(session, place.id, days):
        if row.visitor_key is not None:
            before[row.id] = row
            same_day[row.visitor_key, row.local_date].append(as_rule(row, undone=undone_at is not None))
    rows: list[CheckIn] = []
    # In the order of the scans' instants, so that a batch says the same whatever order it was sent in.
    for case in sorted(cases, key=lambda case: (case.at, case.id)):
        row = CheckIn(
            id=case.id,
            door_id=door.id,
            scan_id=case.scan.id,
            payload_sha256=case.scan.sha256,
            place_id=place.id,
            form=case.form,
            scanned_at=case.at,
            device_scanned_at=case.scan.scanned_at.astimezone(UTC),
            received_at=now,
            list_iat=case.scan.list_iat,
            local_date=case.today,
            visitor_key=case.visitor_key,
        )
        day = (case.visitor_key or case.id, case.today)
        memberships = memberships_of(case.issued.member) if case.issued else []
        judgement = rules.judge(
            case.shown,
            at=case.at,
            host=host,
            standing=_standing(case.issued, memberships),
            plans=policies,
            same_day=same_day[day],
            chosen=case.scan.membership_id,
        )
        # Kept, although nobody can say when it was: somebody came in, and a manager may know.
        row.verdict = Verdict.CLOCK_SKEW if case.is_undated else judgement.verdict.value
        if Verdict(row.verdict).admits:
            payer = next((m for m in memberships if m.id == judgement.membership_id), None)
            first = before.get(judgement.first.id) if judgement.first else None
            row.home_id = payer.home_id if payer else first.home_id if first else None
            row.plan = payer.plan if payer else first.plan if first else None
            row.at_home = rules.is_at_home(memberships, place.id, case.today)
        before[row.id] = row
        same_day[day].append(as_rule(row, undone=False))
        rows.append(row)
    return rows


def host_of(place: Place) -> rules.Host:
    """A place as the rules see it."""
    return rules.Host(place.id, place.zone, place.joined_on, place.left_on)


def policies_of(session: Session) -> dict[str, rules.Plan]:
    """The network's plans as the rules see them."""
    return {
        plan.code: rules.Plan(
            plan.code,
            plan.opens,
            frozenset(plan.weekdays),
            format_clock(plan.from_minute),
            format_clock(plan.to_minute),
        )
        for plan in plans(session)
    }


def memberships_of(member: Member) -> list[rules.Membership]:
    """A member's memberships as the rules see them."""
    return [
        rules.Membership(
            id=m.id,
            home_id=m.place_id,
            plan=m.plan,
            priority=m.priority,
            first_day=m.first_day,
            last_day=m.last_day,
            home_joined_on=m.place.joined_on,
            home_left_on=m.place.left_on,
        )
        for m in member.memberships
    ]


def _standing(issued: IssuedPass | None, memberships: list[rules.Membership]) -> rules.Standing | None:
    if issued is None:
        return None
    return rules.Standing(
        memberships=memberships,
        named=issued.membership_id,
        revoked_at=issued.revoked_at,
        suspended_at=issued.member.suspended_at,
        resumed_at=issued.member.resumed_at,
    )
