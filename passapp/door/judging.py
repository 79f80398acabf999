"""From what a door sent to what is written down: read the passes, judge each scan, make the check-ins."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.bench import LETS_IN, Bench, first_at, kept_of, proof_used_up, was_on_its_list, what_came_with
from passapp.door.cases import MANUAL, SELF, Case, Judged, Scan
from passapp.door.known import Day, Known, add_members, find_days, find_holders, find_visitors
from passapp.door.models import CheckIn, Door
from passapp.door.policy import Policy
from passapp.door.proofs import Proof, claim_proofs
from passapp.door.rules import FollowUpKind, Verdict
from passapp.door.seals import Seal
from passapp.door.terms import Terms
from passapp.door.visits import make_visitor_keys, refresh_visits, write_follow_ups
from passapp.kernel.database import insert_unless_there
from passapp.kernel.wall_time import local_date
from passapp.network.rules import month_of
from passapp.passes.rules import Pass, Reason, Refusal, check_place_and_dates, read_short_code, verify_pass
from passapp.places.models import Place

OLDEST_SCAN = timedelta(days=100)
"""A scan that seems older comes from a device whose clock was set right in between. Nor is it known any more, 104
days after a month, who came in it: the same person would get a second visit of that day."""
ANSWER_LOST_WITHIN = timedelta(minutes=10)
"""A door that got no answer asks again every few seconds, and says then what it did meanwhile."""


def record_scans(
    session: Session,
    door: Door,
    scans: Mapping[UUID, Scan],
    said: Mapping[UUID, UUID],
    *,
    terms: Terms,
    policy: Policy,
    seal: Seal,
    now: datetime,
) -> dict[UUID, Judged]:
    """Judge these scans, by the id of the check-in that each makes, and write the check-ins and their visits.

    ``said``: the member whom each name turned out to be. Leaves out the scans that are written down already.
    A scan too many of one code is judged, and not written down.
    """
    if not scans:
        return {}
    place = door.place
    cases = [_read(check_in_id, scan, said, place, terms, policy, now) for check_in_id, scan in scans.items()]
    known = _identify(session, place, cases, terms, added_later=door.kind == "office")
    bench = Bench(session, door, known, terms, policy, seal, now)
    judged = _judge_with_proofs(session, door, bench, cases, now)
    written = insert_unless_there(session, CheckIn, [vars(each.check_in) for each in judged if each.is_kept])
    new = {each.check_in.id: each for each in judged if each.check_in.id in written}
    write_follow_ups(session, door, {key: each.follow_ups for key, each in new.items() if each.follow_ups}, now=now)
    refresh_visits(session, place, _days_of(new.values(), known), closed=known.closed, terms=terms, now=now)
    return new | {each.check_in.id: each for each in judged if not each.is_kept}


def _judge_with_proofs(
    session: Session, door: Door, bench: Bench, cases: Collection[Case], now: datetime
) -> list[Judged]:
    """Judge until each proof that somebody came in with is this door's, or is known to be another's.

    Who is refused makes room for another, whose proof is to be claimed in turn. Each round but the last loses one.
    """
    claimed: set[Proof] = set()
    lost: set[Proof] = set()
    while True:
        judged = bench.judge(cases, replayed=lost)
        wanted = {proof: check_in_id for proof, check_in_id in bench.proofs.items() if proof not in claimed}
        refused = claim_proofs(session, door.id, wanted, at=now)
        if not refused:
            return judged
        claimed |= wanted.keys() - refused
        lost |= refused


def judge_again(
    session: Session,
    door: Door,
    rows: Sequence[CheckIn],
    sent: Mapping[UUID, Scan],
    *,
    terms: Terms,
    policy: Policy,
    now: datetime,
) -> list[Judged]:
    """Scans that were written down before, as they were judged then.

    ``sent``: these scans as they come now. What their host did since, before the first answer reached them, is written
    down now.
    """
    if not rows:
        return []
    visitors = {(row.visitor_key, row.local_date) for row in rows if row.visitor_key}
    people, known = (
        find_visitors(session, {key for key, _ in visitors}, terms),
        find_days(session, door.place_id, visitors),
    )
    cases = _acted_since(session, door.place, rows, sent, terms, policy, now)
    later: dict[UUID, Mapping[FollowUpKind, str | None]] = {}
    used_up: dict[Proof, UUID] = {}
    judged: list[Judged] = []
    for row in rows:
        if row.visitor_key is None:
            judged.append(Judged(row, None, None))
            continue
        that_day = known.days[row.visitor_key, row.local_date].check_ins
        kept = that_day[row.id]
        is_open = row.id in cases and not kept.follow_ups and kept.undone_at is None
        came = _what_came_since(cases[row.id], row, now) if is_open else {}
        if came:
            later[row.id] = came
            if proof := proof_used_up(cases[row.id], kept.verdict, came):
                used_up[proof] = row.id
            that_day[row.id] = kept.followed_by(*came)
        first = first_at(that_day.values(), row) if kept.verdict is Verdict.OK_AGAIN else None
        judged.append(Judged(row, people.get(row.visitor_key), first, dict.fromkeys(that_day[row.id].follow_ups)))
    if later:
        claim_proofs(session, door.id, used_up, at=now)
        write_follow_ups(session, door, later, now=now)
        refresh_visits(session, door.place, known.days, closed=known.closed, terms=terms, now=now)
    return judged


def _acted_since(
    session: Session,
    place: Place,
    rows: Iterable[CheckIn],
    sent: Mapping[UUID, Scan],
    terms: Terms,
    policy: Policy,
    now: datetime,
) -> dict[UUID, Case]:
    """Those of these refused scans whose host let somebody in all the same, read once more as of their instant."""
    cases = [
        replace(
            _read(row.id, replace(sent[row.id], list_iat=row.list_iat), {}, place, terms, policy, now),
            at=row.scanned_at,
            today=row.local_date,
        )
        for row in rows
        if row.visitor_key and row.id in sent and what_came_with(sent[row.id], Verdict(row.verdict))
    ]
    if cases:
        _identify(session, place, cases, terms)
    return {case.id: case for case in cases}


def _what_came_since(case: Case, row: CheckIn, now: datetime) -> dict[FollowUpKind, str | None]:
    """What a door did that says so only when it sends a scan again.

    Its first answer may have been lost, so it is believed that somebody is in: nothing else would know. But it may
    have had the refusal in its hands, too, and nobody can tell which. So a home pays for whom it refused, unasked
    (R19), only where the door came back at once; later, a manager looks at it first.
    """
    came = what_came_with(case.scan, Verdict(row.verdict))
    if FollowUpKind.REJECTED_LATE not in came:
        return came
    if was_on_its_list(case):
        return {}
    return came if now - row.received_at <= ANSWER_LOST_WITHIN else {FollowUpKind.CONFLICT: None}


def _read(
    check_in_id: UUID,
    scan: Scan,
    said: Mapping[UUID, UUID],
    place: Place,
    terms: Terms,
    policy: Policy,
    now: datetime,
) -> Case:
    """What was shown, verified as of the scan's instant."""
    at = rules.corrected_time(scan.scanned_at, scan.device_now, now)
    is_undated = now - at > OLDEST_SCAN
    at = now if is_undated else at
    shown: Pass | Refusal = Refusal(Reason.INVALID)
    form: str | None = MANUAL
    if scan.pass_text is not None:
        # As published then: a key may have been retired since. An offline door may not have heard of one that leaked.
        shown = _verify(scan.pass_text, terms, place, policy, at, terms.keys_at(at, now))
        if scan.shown in LETS_IN and shown == Refusal(Reason.UNKNOWN_KEY):
            leaked = _verify(scan.pass_text, terms, place, policy, at, terms.all_keys())
            shown = Refusal(Reason.UNKNOWN_KEY, leaked.of if isinstance(leaked, Refusal) else leaked)
        read = shown.of if isinstance(shown, Refusal) else shown
        form = read.form_at(at).value if read else None
    if not scan.attended or scan.member_id is not None:
        form = SELF
    code = read_short_code(scan.short_code) if scan.short_code else None
    member_id = scan.member_id or said.get(check_in_id)
    today = local_date(at, ZoneInfo(place.zone))
    return Case(check_in_id, scan, at, today, shown, form, code, member_id, is_undated=is_undated)


def _verify(
    text: str, terms: Terms, place: Place, policy: Policy, at: datetime, keys: Mapping[str, Ed25519PublicKey]
) -> Pass | Refusal:
    return verify_pass(text, network=terms.network, keys=keys, place=place.code, at=at, cards=policy.cards)


def _identify(
    session: Session, place: Place, cases: Collection[Case], terms: Terms, *, added_later: bool = False
) -> Known:
    """Find out whose passes were shown, and give each person of each month a visitor key.

    ``added_later``: nobody showed anything, and a short code says who it was, whichever pass they had that day.
    """
    indices = {read.index for case in cases if (read := case.read)}
    codes = {case.short_code for case in cases if case.short_code}
    steps = {proof[1] for case in cases if (proof := case.proof)}
    days = {case.today for case in cases}
    known = find_holders(session, place.id, indices, codes, days, steps)
    add_members(session, known, place.id, {case.member_id for case in cases if case.member_id}, days)
    for person in known.people.values():
        person.goes_by(terms)
    for case in cases:
        if read := case.read:
            holder = known.by_index.get(read.index)
            # An index is given back long after a pass has ended: the old pass is not its new holder's.
            case.issued = holder if holder and holder.issued_at < read.expires_at else None
        elif issued := known.by_code.get(case.short_code or ""):
            case.issued = issued
            begins = min(issued.not_before, case.at) if added_later else issued.not_before
            read = Pass(terms.network, issued.index or 0, issued.plan, "", begins, issued.expires_at)
            case.shown = check_place_and_dates(read, place=place.code, at=case.at) or read
        elif case.member_id is not None and (issued := known.by_member.get(case.member_id)):
            case.issued = issued
            case.shown = Pass(terms.network, 0, "", "", None, issued.expires_at)
    visitors = [(case, case.issued.person, month_of(case.today)) for case in cases if case.issued]
    made = make_visitor_keys(
        session, {(person.id, month) for _, person, month in visitors if month not in person.visitor_keys}
    )
    for case, person, month in visitors:
        case.visitor_key = person.visitor_keys.get(month) or made[person.id, month]
    return known


def _days_of(new: Iterable[Judged], known: Known) -> dict[tuple[UUID, date], Day]:
    """The days whose visits may change, these check-ins with them."""
    days: dict[tuple[UUID, date], Day] = {}
    for each in new:
        row = each.check_in
        came = kept_of(row, each.follow_ups)
        if row.visitor_key is not None and came.as_rule.admitted:
            day = days[row.visitor_key, row.local_date] = known.days[row.visitor_key, row.local_date]
            day.check_ins[row.id] = came
    return days
