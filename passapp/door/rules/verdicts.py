"""What the door answers (door.md, Verdicts; settlement R2, R5, R6).

Pure: the pass as verified, what is known of the person and the place, and the instant of the scan come in; a
verdict comes out. Nothing here reads a clock or a database, and nothing depends on the order in which scans
arrive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from passapp.door.rules.visits import CheckIn, in_order
from passapp.kernel.wall_time import local_date
from passapp.passes.rules import Pass, Refusal

OPENS_EVERYWHERE: Final = "everywhere"
OPENS_HOME: Final = "home"

_DAY: Final = 24 * 60


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
    def colour(self) -> Colour:
        """The colour on the door's screen."""
        if self.admits:
            return Colour.GREEN
        return Colour.AMBER if self in _SORTED_OUT_LATER else Colour.RED


_ADMITTING: Final = frozenset({Verdict.OK, Verdict.OK_AGAIN})
_SORTED_OUT_LATER: Final = frozenset(
    {Verdict.QUOTA, Verdict.CAPACITY, Verdict.AMBIGUOUS, Verdict.LIST_STALE, Verdict.ERROR}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan opens: everywhere or at home only, on which weekdays (0 is Monday), from when to when.

    Times are wall time at the host, "08:00" to "20:00"; `to_time` may pass midnight ("26:00").
    """

    code: str
    opens: str
    weekdays: frozenset[int]
    from_time: str
    to_time: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's link to a home place.

    `last_day` is included, and None is open-ended; the home is in the network on [joined, left).
    """

    id: UUID
    home_id: UUID
    plan: str
    priority: int
    first_day: date
    last_day: date | None = None
    home_joined_on: date = date.min
    home_left_on: date | None = None

    def is_active_on(self, day: date) -> bool:
        """Whether the membership runs on that day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def has_home_on(self, day: date) -> bool:
        """Whether its home is in the network on that day (settlement R13)."""
        return self.home_joined_on <= day and (self.home_left_on is None or day < self.home_left_on)


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
    """The place whose door scans: its IANA zone, and the dates [joined, left) it is in the network."""

    id: UUID
    zone: str
    joined_on: date = date.min
    left_on: date | None = None

    def is_in_network_on(self, day: date) -> bool:
        """Whether the place is in the network on that day."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several memberships could pay, and nothing says which."""

    choices: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the local date it holds for, who pays, and the day's first check-in where there was one.

    `membership_id` is None with `ok_again` where several could pay: then the home of `first` does.
    `choices` are the memberships to choose from when the verdict is `ambiguous`.
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
) -> Judgement:
    """Give the verdict on a pass shown at `host` at the instant `at`: the first failure, in door.md's order.

    `shown` is what `verify_pass` gave. `standing` is None where no register knows the pass: it is revoked.
    `same_day` are the check-ins of this person there on that local date, this one apart. `chosen` is the
    membership that the host picked after `ambiguous`; it decides nothing else. A person without an active
    membership is `suspended`; one whose homes have all left the network, `place_left`. `error`: a plan is not
    known here, and what it opens is not to be guessed.
    """
    today = local_date(at, ZoneInfo(host.zone))
    known = standing or _UNREGISTERED
    if verdict := _judge_pass(shown, known, at, today):
        return Judgement(verdict, today)
    payer = choose_membership(known.memberships, today, known.named, chosen)
    if payer is None or not host.is_in_network_on(today):
        return Judgement(Verdict.PLACE_LEFT, today)
    candidates = payer.choices if isinstance(payer, Ambiguous) else (payer,)
    if any(membership.plan not in plans for membership in candidates):
        return Judgement(Verdict.ERROR, today)
    opening = _memberships_that_open(candidates, known.memberships, plans, host, at)
    if not opening:
        return Judgement(Verdict.PLAN, today)
    return _welcome(opening, _first_check_in(same_day, host, today, at), today)


def _judge_pass(shown: Pass | Refusal, standing: Standing, at: datetime, today: date) -> Verdict | None:
    """Find what is wrong with the pass: first what it is, then its status, then its missing proof."""
    refused = Verdict(shown.reason.value) if isinstance(shown, Refusal) else None
    if refused is None or refused is Verdict.PROOF_MISSING:
        return _judge_status(standing, at, today) or refused
    return refused


def _judge_status(standing: Standing, at: datetime, today: date) -> Verdict | None:
    """Find what was wrong with the pass or its person as of the scan's instant."""
    if standing.revoked_at is not None and standing.revoked_at <= at:
        return Verdict.REVOKED
    if standing.superseded_at is not None and standing.superseded_at <= at:
        return Verdict.SUPERSEDED
    since, until = standing.suspended_at, standing.resumed_at
    if since is not None and since <= at and not (until is not None and since <= until <= at):
        return Verdict.SUSPENDED
    if not any(membership.is_active_on(today) for membership in standing.memberships):
        return Verdict.SUSPENDED
    return None


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
    own = [each for each in _active_memberships(memberships, local.date()) if each.home_id == host.id]
    for group in (candidates, own):
        opening = [
            each for each in group if each.plan in plans and plan_opens(plans[each.plan], each.home_id, host.id, local)
        ]
        if opening:
            return tuple(opening)
    return ()


def _welcome(opening: Sequence[Membership], first: CheckIn | None, today: date) -> Judgement:
    """Let the person in, unless several homes could pay and nobody said which."""
    payer = opening[0].id if len({membership.home_id for membership in opening}) == 1 else None
    if first is not None:
        # Who pays for the day is decided already: no need to ask again.
        return Judgement(Verdict.OK_AGAIN, today, payer, first)
    if payer is None:
        return Judgement(Verdict.AMBIGUOUS, today, choices=tuple(opening))
    return Judgement(Verdict.OK, today, payer)


def _first_check_in(same_day: Iterable[CheckIn], host: Host, today: date, at: datetime) -> CheckIn | None:
    standing = [
        each
        for each in same_day
        if each.stands and each.host_id == host.id and each.local_date == today and each.at <= at
    ]
    return min(standing, key=in_order, default=None)


def choose_membership(
    memberships: Iterable[Membership], on: date, named: UUID | None = None, chosen: UUID | None = None
) -> Membership | Ambiguous | None:
    """Choose who pays on a day, among the active memberships whose home is in the network (settlement R6).

    The one that the pass was issued for, else the first by priority (1 comes before 2); where several come
    first, the one that the host chose among them, else `Ambiguous`. None where nothing is active.
    """
    active = _active_memberships(memberships, on)
    if not active:
        return None
    for membership in active:
        if membership.id == named:
            return membership
    first = tuple(each for each in active if each.priority == active[0].priority)
    if len(first) == 1:
        return first[0]
    return next((each for each in first if each.id == chosen), Ambiguous(first))


def homes_to_choose_from(
    memberships: Sequence[Membership], plans: Mapping[str, Plan], host: Host, at: datetime
) -> tuple[Membership, ...]:
    """Give the `choices` of an `ambiguous` verdict given at `host` at the instant `at`, once more."""
    payer = choose_membership(memberships, local_date(at, ZoneInfo(host.zone)))
    if not isinstance(payer, Ambiguous):
        return ()
    return _memberships_that_open(payer.choices, memberships, plans, host, at)


def is_at_home(memberships: Iterable[Membership], host_id: UUID, on: date) -> bool:
    """Whether the host is one of the person's active homes: counted, not settled (settlement R5)."""
    return any(each.home_id == host_id for each in _active_memberships(memberships, on))


def _active_memberships(memberships: Iterable[Membership], on: date) -> list[Membership]:
    """Give the memberships that can pay on a day, by priority, then by id."""
    active = [each for each in memberships if each.is_active_on(on) and each.has_home_on(on)]
    return sorted(active, key=lambda each: (each.priority, each.id))


def plan_opens(plan: Plan, home_id: UUID, place_id: UUID, local: datetime) -> bool:
    """Whether a plan sold by the home opens the place at that wall time there.

    Hours past midnight belong to the window of the day before: a plan for Fridays to "26:00" opens on
    Saturday at 01:59.
    """
    if plan.opens == OPENS_HOME and home_id != place_id:
        return False
    minute = local.hour * 60 + local.minute
    begins, ends = _minutes(plan.from_time), _minutes(plan.to_time)
    today = local.weekday()
    if today in plan.weekdays and begins <= minute < ends:
        return True
    return (today - 1) % 7 in plan.weekdays and begins <= minute + _DAY < ends


@lru_cache(maxsize=1024)
def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def corrected_time(scanned_at: datetime, device_now: datetime, received_at: datetime) -> datetime:
    """Correct the instant of a scan by how far the device's clock is from ours; never in the future.

    `device_now` is what the device's clock said when it sent the scan, which we received at `received_at`.
    """
    try:
        return min(scanned_at + (received_at - device_now), received_at).astimezone(UTC)
    except OverflowError:  # a clock at one end of the calendar
        return received_at.astimezone(UTC)
