"""What the door answers (door.md, Verdicts; settlement R2, R5, R6).

Pure: the pass as verified, what is known of the person and the place, and the instant of the scan come in; a
verdict comes out. Nothing here reads a clock or a database, and nothing depends on the order in which scans
arrive. The door's twin of this file is web/src/routes/door/rules/judge.ts: tests/vectors holds both to the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from passapp.door.rules.memberships import (
    Ambiguous,
    Membership,
    active_memberships,
    choose_membership,
    is_at_home,
    lasts_at,
)
from passapp.door.rules.plans import Plan, plan_opens
from passapp.door.rules.visits import CheckIn, in_order
from passapp.kernel.wall_time import local_date
from passapp.passes.rules import Pass, Refusal
from passapp.places.rules import Day, is_open


class Colour(StrEnum):
    """What the host sees from afar: come in; come in, to be sorted out later; stop."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Verdict(StrEnum):
    """Every answer of a door, in the order of door.md; the values are stable codes."""

    OK = "ok"
    OK_AGAIN = "ok_again"
    INVALID = "invalid"
    WRONG_NETWORK = "wrong_network"
    UNKNOWN_KEY = "unknown_key"
    WRONG_PLACE = "wrong_place"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    UNPAID = "unpaid"
    PROOF_MISSING = "proof_missing"
    PROOF_STALE = "proof_stale"
    REPLAYED = "replayed"
    CLOCK_SKEW = "clock_skew"
    PLACE_LEFT = "place_left"
    CLOSED = "closed"
    PLAN = "plan"
    QUOTA = "quota"
    CAPACITY = "capacity"
    AMBIGUOUS = "ambiguous"
    LIST_STALE = "list_stale"
    ERROR = "error"

    @property
    def admits(self) -> bool:
        """Whether the person is in, without a host's decision; such a check-in can make a visit."""
        return self in _ADMITTING

    @property
    def may_be_news(self) -> bool:
        """Whether an offline door may not have heard of it: its list was made before."""
        return self in _ENDED

    @property
    def colour(self) -> Colour:
        """The colour on the door's screen."""
        if self.admits:
            return Colour.GREEN
        return Colour.AMBER if self in _SORTED_OUT_LATER else Colour.RED


_ADMITTING: Final = frozenset({Verdict.OK, Verdict.OK_AGAIN})
_ENDED: Final = frozenset({Verdict.REVOKED, Verdict.SUPERSEDED, Verdict.SUSPENDED, Verdict.UNPAID})
_OF_THE_PROOF: Final = frozenset({Verdict.PROOF_MISSING, Verdict.PROOF_STALE, Verdict.CLOCK_SKEW})
"""What `verify_pass` refuses a pass for that its status comes before."""
_SORTED_OUT_LATER: Final = frozenset(
    {Verdict.QUOTA, Verdict.CAPACITY, Verdict.AMBIGUOUS, Verdict.LIST_STALE, Verdict.ERROR}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a pass and its person, each with the instant it began.

    `named` is the membership that the pass was issued for, if any.
    """

    memberships: Sequence[Membership] = ()
    named: UUID | None = None
    revoked_at: datetime | None = None
    superseded_at: datetime | None = None
    suspended_at: datetime | None = None
    resumed_at: datetime | None = None


_UNREGISTERED: Final = Standing(revoked_at=datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Host:
    """The place whose door scans: its IANA zone, and the dates [joined, left) it is in the network.

    `days` are its hours, of its local yesterday and today at least; none where they are not known. `keeps_hours`:
    nobody is let in outside them, not only on closed days. `capacity`: how many people it holds at once.
    """

    id: UUID
    zone: str
    joined_on: date = date.min
    left_on: date | None = None
    days: tuple[Day, ...] = ()
    keeps_hours: bool = False
    capacity: int | None = None

    def is_in_network_on(self, day: date) -> bool:
        """Whether the place is in the network on that day."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)

    def is_closed_at(self, local: datetime) -> bool:
        """Whether it lets nobody in at that local time: a day closed by exception or holiday, or outside kept hours.

        A weekday that simply has no hours is not closed, nor is a day whose hours are not known.
        """
        hours = {each.day: each for each in self.days}
        day_before = local.date() - timedelta(days=1)
        today, yesterday = hours.get(local.date()), hours.get(day_before, Day(day_before, ()))
        if today is None or is_open(local, today, yesterday):
            return False
        return self.keeps_hours or (today.reason is not None and not today.openings)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the local date it holds for, who pays, and the day's first check-in where there was one.

    `membership_id` is who pays, or would pay had the verdict not been a refusal: None where nobody or several could,
    or where it is not known whose pass it is. With `ok_again` the home of `first` prevails.
    `choices` are the memberships whose homes the host may choose from when the verdict is `ambiguous`.
    """

    verdict: Verdict
    local_date: date
    membership_id: UUID | None = None
    first: CheckIn | None = None
    choices: tuple[Membership, ...] = ()


def judge(
    shown: Pass | Refusal,
    *,
    at: datetime,
    host: Host,
    standing: Standing | None,
    plans: Mapping[str, Plan],
    same_day: Iterable[CheckIn] = (),
    chosen: UUID | None = None,
    used: int = 0,
    present: int = 0,
    replayed_elsewhere: bool = False,
    list_expired: bool = False,
) -> Judgement:
    """Give the verdict on a pass shown at `host` at the instant `at`: the first failure, in door.md's order.

    `shown` is what `verify_pass` gave. `standing` is None where no register knows the pass: it is revoked.
    `same_day` are the check-ins of this person there on that local date, this one apart. `chosen` is the home
    that the host picked after `ambiguous`; it decides nothing else. `used`: this person's visits elsewhere than at
    home this month, this place's today apart; `present`: how many people are in. `replayed_elsewhere`: the same proof
    let somebody in at another door. `list_expired`: this is a door, and its status list is too old to say who may come
    in. A person without an active membership is `suspended`; one whose homes have all left the network,
    `place_left`. `error`: a plan is not known here, and what it opens is not to be guessed.
    """
    local = at.astimezone(ZoneInfo(host.zone))
    today = local.date()
    known = standing or _UNREGISTERED
    candidates, opening = _who_could_pay(shown, known, plans, host, at, chosen)
    payer = _one_payer(opening or candidates)
    failure = _judge_pass(shown, known, at, today, replayed_elsewhere=replayed_elsewhere)
    failure = failure or _judge_visit(candidates, opening, plans, host, local)
    if failure is not None:
        return Judgement(failure, today, payer)
    if first := _first_check_in(same_day, host, today, at):
        # Who pays for the day is decided already: no need to ask again.
        return Judgement(Verdict.OK_AGAIN, today, payer, first)
    if list_expired:
        return Judgement(Verdict.LIST_STALE, today, payer)
    verdict = _welcome(opening, known.memberships, plans, host, today, used=used, present=present)
    return Judgement(verdict, today, payer, choices=opening if verdict is Verdict.AMBIGUOUS else ())


def _judge_pass(
    shown: Pass | Refusal, standing: Standing, at: datetime, today: date, *, replayed_elsewhere: bool
) -> Verdict | None:
    """Find what is wrong with the pass: first what it is, then its status, then its proof."""
    refused = Verdict(shown.reason.value) if isinstance(shown, Refusal) else None
    if refused is not None and refused not in _OF_THE_PROOF:
        return refused
    if verdict := _judge_status(standing, at, today):
        return verdict
    if replayed_elsewhere and refused in {None, Verdict.CLOCK_SKEW}:
        return Verdict.REPLAYED
    return refused


def _judge_status(standing: Standing, at: datetime, today: date) -> Verdict | None:
    """Find what was wrong with the pass or its person as of the scan's instant."""
    if standing.revoked_at is not None and standing.revoked_at <= at:
        return Verdict.REVOKED
    if standing.superseded_at is not None and standing.superseded_at <= at:
        return Verdict.SUPERSEDED
    active = [each for each in standing.memberships if each.is_active_on(today)]
    if not active or lasts_at(at, standing.suspended_at, standing.resumed_at):
        return Verdict.SUSPENDED
    return None if any(each.is_paid_at(at) for each in active) else Verdict.UNPAID


def _judge_visit(
    candidates: Sequence[Membership],
    opening: Sequence[Membership],
    plans: Mapping[str, Plan],
    host: Host,
    local: datetime,
) -> Verdict | None:
    """Find why a good pass does not open the host at that local time."""
    if not candidates or not host.is_in_network_on(local.date()):
        return Verdict.PLACE_LEFT
    if host.is_closed_at(local):
        return Verdict.CLOSED
    if any(membership.plan not in plans for membership in candidates):
        return Verdict.ERROR
    return None if opening else Verdict.PLAN


def _who_could_pay(
    shown: Pass | Refusal,
    standing: Standing,
    plans: Mapping[str, Plan],
    host: Host,
    at: datetime,
    chosen: UUID | None,
) -> tuple[tuple[Membership, ...], tuple[Membership, ...]]:
    """Give the memberships that could pay, then those of them that open the host at that instant.

    Who did not pay for one membership may come in with another; where none is paid for, all may be asked who it was
    (`unpaid`). None where it is not known whose pass was shown.
    """
    if isinstance(shown, Refusal) and shown.of is None:
        return (), ()
    today = local_date(at, ZoneInfo(host.zone))
    active = [each for each in standing.memberships if each.is_active_on(today)]
    memberships = [each for each in active if each.is_paid_at(at)] or active
    payer = choose_membership(memberships, today, standing.named, chosen)
    if payer is None:
        return (), ()
    candidates = payer.choices if isinstance(payer, Ambiguous) else (payer,)
    return candidates, _memberships_that_open(candidates, memberships, plans, host, at)


def _one_payer(memberships: Sequence[Membership]) -> UUID | None:
    """Give the membership that pays, unless they are of several homes."""
    return memberships[0].id if len({each.home_id for each in memberships}) == 1 else None


def _memberships_that_open(
    candidates: Sequence[Membership],
    memberships: Sequence[Membership],
    plans: Mapping[str, Plan],
    host: Host,
    at: datetime,
) -> tuple[Membership, ...]:
    """Keep the candidates whose plan opens the host at that instant.

    Where none does, a membership sold by the host itself may: nobody is turned away from their own home for
    having another membership too. It changes no debt: a visit at a home is not settled (settlement R5).
    """
    local = at.astimezone(ZoneInfo(host.zone))
    own = [each for each in active_memberships(memberships, local.date()) if each.home_id == host.id]
    for group in (candidates, own):
        opening = [
            each for each in group if each.plan in plans and plan_opens(plans[each.plan], each.home_id, host.id, local)
        ]
        if opening:
            return tuple(opening)
    return ()


def _welcome(
    opening: Sequence[Membership],
    memberships: Sequence[Membership],
    plans: Mapping[str, Plan],
    host: Host,
    today: date,
    *,
    used: int,
    present: int,
) -> Verdict:
    """Let somebody in, unless that is to be sorted out first: who pays, the month's visits, the room left."""
    if _one_payer(opening) is None:
        return Verdict.AMBIGUOUS
    included = plans[opening[0].plan].monthly_visits
    if included is not None and used >= included and not is_at_home(memberships, host.id, today):
        return Verdict.QUOTA
    if host.capacity is not None and present >= host.capacity:
        return Verdict.CAPACITY
    return Verdict.OK


def _first_check_in(same_day: Iterable[CheckIn], host: Host, today: date, at: datetime) -> CheckIn | None:
    standing = [
        each
        for each in same_day
        if each.stands and each.host_id == host.id and each.local_date == today and each.at <= at
    ]
    return min(standing, key=in_order, default=None)


def homes_to_choose_from(
    memberships: Sequence[Membership], plans: Mapping[str, Plan], host: Host, at: datetime
) -> tuple[Membership, ...]:
    """Give the `choices` of an `ambiguous` verdict given at `host` at the instant `at`, once more."""
    paid = [each for each in memberships if each.is_paid_at(at)]
    payer = choose_membership(paid, local_date(at, ZoneInfo(host.zone)))
    if not isinstance(payer, Ambiguous):
        return ()
    return _memberships_that_open(payer.choices, paid, plans, host, at)


def corrected_time(scanned_at: datetime, device_now: datetime, received_at: datetime) -> datetime:
    """Correct the instant of a scan by how far the device's clock is from ours; never in the future.

    `device_now` is what the device's clock said when it sent the scan, which we received at `received_at`.
    """
    try:
        return min(scanned_at + (received_at - device_now), received_at).astimezone(UTC)
    except OverflowError:  # a clock at one end of the calendar
        return received_at.astimezone(UTC)
