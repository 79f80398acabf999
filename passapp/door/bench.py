"""The bench at which the scans of one door are judged: what is known comes in, check-ins come out."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.cases import Case, Judged, NewCheckIn, Scan
from passapp.door.known import Kept, Known, KnownPass, Used
from passapp.door.models import CheckIn, Door
from passapp.door.policy import Policy
from passapp.door.present import Elsewhere, Presence, visits_elsewhere
from passapp.door.proofs import Proof
from passapp.door.rules import FollowUpKind, Judgement, Verdict
from passapp.door.seals import Seal
from passapp.door.terms import Terms, days_of, host_of
from passapp.kernel.limits import count_try

SAME_CODE_KEPT = 20
"""How many scans of one person a day, or of one unknown code, are kept that let nobody new in."""
_FOR_A_MANAGER: Final = frozenset(
    {
        Verdict.UNKNOWN_KEY,
        Verdict.EXPIRED,
        Verdict.NOT_YET_VALID,
        Verdict.PROOF_MISSING,
        Verdict.REPLAYED,
        Verdict.PROOF_STALE,
        Verdict.CLOCK_SKEW,
        Verdict.PLACE_LEFT,
        Verdict.CLOSED,
        Verdict.PLAN,
        Verdict.QUOTA,
        Verdict.CAPACITY,
        Verdict.AMBIGUOUS,
    }
)
_PROVES_NOTHING: Final = frozenset({Verdict.PROOF_STALE, Verdict.REPLAYED, Verdict.CLOCK_SKEW})
LETS_IN: Final = frozenset(
    {Verdict.OK, Verdict.OK_AGAIN, Verdict.QUOTA, Verdict.CAPACITY, Verdict.AMBIGUOUS, Verdict.LIST_STALE}
)
"""What a door says by itself when it welcomes somebody."""


class Bench:
    """Judges scans one after the other in the order of their instants: a batch says the same in whatever order it came.

    ``proofs``: those of live passes that somebody came in with, and the check-in that each of them made.
    """

    def __init__(
        self, session: Session, door: Door, known: Known, terms: Terms, policy: Policy, seal: Seal, now: datetime
    ) -> None:
        """Prepare to judge what this door sent, by what is known of whom."""
        self._session, self._door, self._known, self._terms = session, door, known, terms
        self._policy, self._seal, self._now = policy, seal, now
        self._has_quota = any(plan.monthly_visits is not None for plan in terms.plans.values())
        self._same_day: dict[tuple[UUID, date], dict[UUID, Kept]] = {}
        self._host = host_of(door.place)
        self._cases: Collection[Case] = ()
        self._elsewhere: Mapping[UUID, list[Elsewhere]] | None = None
        self._presence: Presence | None = None
        self._tried: dict[UUID, bool] = {}
        self.proofs: dict[Proof, UUID] = {}

    def judge(self, cases: Collection[Case], *, replayed: Collection[Proof] = ()) -> list[Judged]:
        """Give each scan its verdict, and what comes with it. ``replayed``: proofs that let somebody in elsewhere."""
        days = days_of(self._session, self._door.place, {case.today for case in cases})
        self._host = host_of(self._door.place, self._policy, days)
        self._same_day = {key: dict(day.check_ins) for key, day in self._known.days.items()}
        self.proofs = {}
        in_order = sorted(cases, key=lambda case: (case.at, case.id))
        self._cases = cases
        return [
            self._judge(case, replayed=case.proof in replayed or self._was_used_elsewhere(case)) for case in in_order
        ]

    def _judge(self, case: Case, *, replayed: bool) -> Judged:
        kept = self._same_day.setdefault((case.visitor_key or case.id, case.today), {})
        memberships = list(case.issued.person.memberships.values()) if case.issued else []
        judgement = self._verdict(case, memberships, kept.values(), replayed=replayed)
        # Kept, although nobody can say when it was: somebody came in, and a manager may know.
        verdict = Verdict.CLOCK_SKEW if case.is_undated else judgement.verdict
        row = _check_in(self._door, case, verdict, self._seal, self._now)
        if case.visitor_key is not None:
            first = judgement.first
            payer = next((m for m in memberships if m.id == judgement.membership_id), None)
            # Who would have paid, too: a host may let in all the same, a manager may judge otherwise.
            row.home_id = payer.home_id if payer else first.home_id if first else None
            row.plan = payer.plan if payer else kept[first.id].plan if first else None
            row.at_home = rules.is_at_home(memberships, self._host.id, case.today)
        follow_ups = what_came_with(case.scan, verdict) if case.visitor_key is not None else {}
        if FollowUpKind.REJECTED_LATE in follow_ups and was_on_its_list(case):
            follow_ups = {}
        if FollowUpKind.REJECTED_LATE in follow_ups and row.home_id is None and case.payers:
            follow_ups = {FollowUpKind.CONFLICT: None}  # several homes could pay: a manager says which
        proof = proof_used_up(case, verdict, follow_ups)
        if proof is not None and not replayed and self._used(case) is None:
            self.proofs.setdefault(proof, case.id)
        is_kept = not self._is_one_too_many(case, verdict, follow_ups, kept)
        since = first_at(kept.values(), row) if verdict is Verdict.OK_AGAIN else None
        if is_kept:
            kept[row.id] = kept_of(row, follow_ups)
        return Judged(row, case.issued.person if case.issued else None, since, follow_ups, is_kept)

    def _verdict(
        self, case: Case, memberships: list[rules.Membership], kept: Collection[Kept], *, replayed: bool
    ) -> Judgement:
        def judge(used: int, present: int) -> Judgement:
            return rules.judge(
                case.shown,
                at=case.at,
                host=self._host,
                standing=_standing(case.issued, memberships),
                plans=self._terms.plans,
                same_day=[each.as_rule for each in kept],
                chosen=case.scan.home_id,
                used=used,
                present=present,
                replayed_elsewhere=replayed,
            )

        judgement = judge(0, 0)
        if judgement.verdict is not Verdict.OK:
            return judgement
        # Counted only where it can matter: few plans count, and few places.
        used = self._visits_elsewhere(case) if self._has_quota else 0
        present = self._present(case) if self._policy.capacity is not None else 0
        return judge(used, present) if used or present else judgement

    def _visits_elsewhere(self, case: Case) -> int:
        """In this month, with those of this batch that are not in the database yet: of other days, here."""
        if self._elsewhere is None:  # read once for all
            self._elsewhere = visits_elsewhere(
                self._session, {each.visitor_key for each in self._cases if each.visitor_key}
            )
        made = self._elsewhere.get(case.visitor_key, []) if case.visitor_key else []
        here = (self._host.id, case.today)
        before = sum(each.at < case.at and (each.host_id, each.day) != here for each in made)
        there = self._known.days
        new = [
            (who, day)
            for (who, day), kept in self._same_day.items()
            if who == case.visitor_key
            and day != case.today
            and _lets_in(kept)
            and not _lets_in(there[who, day].check_ins)
        ]
        return before + len(new)

    def _present(self, case: Case) -> int:
        """Who is in at that instant, with those of this batch who are not in the database yet."""
        if self._presence is None:  # read once for all
            self._presence = Presence(self._session, self._door.place, {each.today for each in self._cases})
        before = self._presence.count(self._host, case.at, besides=case.issued.person.id if case.issued else None)
        there = self._known.days
        new = [
            who
            for (who, day), kept in self._same_day.items()
            if who != case.visitor_key
            and day == case.today
            and _lets_in(kept)
            and not _lets_in(there[who, day].check_ins)
        ]
        return before + len(new)

    def _was_used_elsewhere(self, case: Case) -> bool:
        used = self._used(case)
        return used is not None and used.door_id != self._door.id

    def _used(self, case: Case) -> Used | None:
        """Where its proof let somebody in before."""
        return case.issued.used.get(case.proof[1]) if case.proof is not None and case.issued is not None else None

    def _is_one_too_many(
        self, case: Case, verdict: Verdict, follow_ups: Collection[FollowUpKind], kept: Mapping[UUID, Kept]
    ) -> bool:
        """Whether so many scans of one code changed nothing already that another one is not worth keeping."""
        # What is typed is counted, right or wrong: so many a place, and no more.
        if verdict is Verdict.OK or follow_ups or case.id in kept or case.scan.is_typed:
            return False
        if case.visitor_key is not None:
            return sum(each.verdict is not Verdict.OK for each in kept.values()) >= SAME_CODE_KEPT
        code = f"{self._door.place_id} {case.scan.pass_text or case.scan.short_code}"
        if case.id not in self._tried:  # however often it is judged, it was shown once
            self._tried[case.id] = count_try(
                self._session, "refused", code, times=SAME_CODE_KEPT, minutes=24 * 60, now=self._now
            )
        return not self._tried[case.id]


def proof_used_up(case: Case, verdict: Verdict, follow_ups: Collection[FollowUpKind]) -> Proof | None:
    """The proof that somebody came in with, whatever is said of them later: it opens no other door.

    Not one that is stale or of the future: a host let them in without it, and it may be a copy.
    """
    return case.proof if verdict.admits or (follow_ups and verdict not in _PROVES_NOTHING) else None


def was_on_its_list(case: Case) -> bool:
    """Whether the door had a list that said so: then it could not rightly let anybody in."""
    issued, list_iat = case.issued, case.scan.list_iat
    if issued is None or list_iat is None:
        return False
    person, memberships = issued.person, issued.person.memberships.values()
    lasting = [(issued.revoked_at, None), (issued.superseded_at, None), (person.suspended_at, person.resumed_at)]
    lasting += [(each.unpaid_at, each.paid_at) for each in memberships]
    return any(since and since < list_iat for since, until in lasting if rules.lasts_at(case.at, since, until))


def what_came_with(scan: Scan, verdict: Verdict) -> dict[FollowUpKind, str | None]:
    """What a door did before it could ask (door.md, The door). Its word decides no rule: only that somebody is in."""
    if verdict.admits:
        return {}
    if scan.override is not None:
        return {FollowUpKind.OVERRIDE: scan.override}
    if scan.shown in LETS_IN and verdict.may_be_news:
        return {FollowUpKind.REJECTED_LATE: None}
    if scan.shown in LETS_IN and verdict in _FOR_A_MANAGER:
        return {FollowUpKind.CONFLICT: None}
    return {}


def _lets_in(check_ins: Mapping[UUID, Kept]) -> bool:
    return any(each.as_rule.stands for each in check_ins.values())


def _check_in(door: Door, case: Case, verdict: Verdict, seal: Seal, now: datetime) -> NewCheckIn:
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


def kept_of(row: CheckIn | NewCheckIn, follow_ups: Collection[FollowUpKind] = ()) -> Kept:
    """A check-in that was just made, with what came with it, among those of its day."""
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
    kept = Kept(as_rule, row.plan, row.at_home, row.received_at, Verdict(row.verdict), row.list_iat)
    return kept.followed_by(*follow_ups) if follow_ups else kept


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


def _standing(issued: KnownPass | None, memberships: list[rules.Membership]) -> rules.Standing | None:
    if issued is None:
        return None
    return rules.Standing(
        memberships=memberships,
        named=issued.membership_id,
        revoked_at=issued.revoked_at,
        superseded_at=issued.superseded_at,
        suspended_at=issued.person.suspended_at,
        resumed_at=issued.person.resumed_at,
    )
