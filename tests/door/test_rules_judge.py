import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import passapp.door
from passapp.door.rules import (
    Ambiguous,
    CheckIn,
    Colour,
    Host,
    Judgement,
    Membership,
    Plan,
    Standing,
    Verdict,
    choose_membership,
    homes_to_choose_from,
    is_at_home,
    judge,
)
from passapp.passes.rules import Pass, Reason, Refusal
from passapp.places.rules import Day, Opening

AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 18)
HOME, HOST, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
ALL_WEEK = frozenset(range(7))
PLANS = {
    "FULL": Plan("FULL", "everywhere", ALL_WEEK, "00:00", "24:00"),
    "FEW": Plan("FEW", "everywhere", ALL_WEEK, "00:00", "24:00", monthly_visits=4),
    "HOME": Plan("HOME", "home", ALL_WEEK, "00:00", "24:00"),
    "SHUT": Plan("SHUT", "everywhere", frozenset(), "00:00", "24:00"),
}
CARD = Pass("DEMO", 7, "FULL", "k1", None, datetime(2027, 10, 1, tzinfo=UTC))
SUCCESSION = [
    "revoked",
    "superseded",
    "suspended",
    "unpaid",
    "proof_missing",
    "proof_stale",
    "replayed",
    "clock_skew",
    "place_left",
    "closed",
    "plan",
    "ok_again",
    "list_stale",
    "quota",
    "capacity",
]
"""The verdicts on a pass that is good by itself, first to last."""


def membership(number: int, home: UUID = HOME, plan: str = "FULL", **changes: Any) -> Membership:
    row: dict[str, Any] = {"priority": 1, "first_day": date(2026, 1, 1)}
    return Membership(id=UUID(int=100 + number), home_id=home, plan=plan, **row | changes)


def check_in(number: int, at: datetime, **changes: Any) -> CheckIn:
    row: dict[str, Any] = {"local_date": TODAY, "home_id": HOME}
    return CheckIn(id=UUID(int=number), member_id=UUID(int=9), host_id=HOST, at=at, **row | changes)


def shown_today(shown: Pass | Refusal = CARD, **changes: Any) -> Judgement:
    known: dict[str, Any] = {
        "at": AT,
        "host": Host(HOST, "Europe/Paris"),
        "standing": Standing((membership(1),)),
        "plans": PLANS,
    }
    return judge(shown, **known | changes)


def judged_with(faults: set[str]) -> Judgement:
    """Judge a good pass of which so much is wrong; of several things wrong with its proof, the first is found."""
    since = {f"{fault}_at": AT for fault in ("revoked", "superseded", "suspended") if fault in faults}
    plan = "SHUT" if "plan" in faults else "FEW"
    proof = next(
        (reason for reason in Reason if reason in {"proof_missing", "proof_stale", "clock_skew"} & faults), None
    )
    return judge(
        Refusal(proof, CARD) if proof else CARD,
        at=AT,
        host=Host(
            HOST,
            "Europe/Paris",
            left_on=TODAY if "place_left" in faults else None,
            days=(Day(TODAY, (), "Armistice"),) if "closed" in faults else (),
            capacity=10,
        ),
        standing=Standing((membership(1, plan=plan, unpaid_at=AT if "unpaid" in faults else None),), **since),
        plans=PLANS,
        same_day=[check_in(1, AT - timedelta(hours=1))] if "ok_again" in faults else [],
        used=4 if "quota" in faults else 3,
        present=10 if "capacity" in faults else 9,
        replayed_elsewhere="replayed" in faults,
        list_expired="list_stale" in faults,
    )


FAULTS = st.sets(st.sampled_from(SUCCESSION))


@given(faults=FAULTS)
def test_the_first_failure_wins_whatever_else_is_wrong(faults: set[str]) -> None:
    assert judged_with(faults).verdict == next((each for each in SUCCESSION if each in faults), "ok")


@given(faults=FAULTS, more=st.sampled_from([each for each in SUCCESSION if each != "ok_again"]))
def test_one_more_failure_never_lets_anybody_in(faults: set[str], more: str) -> None:
    colours = [Colour.RED, Colour.AMBER, Colour.GREEN]
    before, after = judged_with(faults).verdict.colour, judged_with(faults | {more}).verdict.colour
    assert colours.index(after) <= colours.index(before)


@given(faults=FAULTS)
def test_who_would_pay_is_known_whatever_else_is_wrong(faults: set[str]) -> None:
    assert judged_with(faults).membership_id == membership(1).id


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in SUCCESSION])
def test_what_the_pass_is_comes_before_all_that_is_known(reason: Reason) -> None:
    judged = shown_today(
        Refusal(reason), standing=Standing(revoked_at=AT), host=Host(HOST, "Europe/Paris", TODAY, TODAY)
    )
    assert judged.verdict == reason.value


@given(seconds=st.integers(-10_000, 10_000))
def test_a_scan_is_judged_by_what_was_so_at_its_instant(seconds: int) -> None:
    since = AT + timedelta(seconds=seconds)
    revoked = shown_today(standing=Standing((membership(1),), revoked_at=since)).verdict
    suspended = shown_today(standing=Standing((membership(1),), suspended_at=since)).verdict
    assert revoked is (Verdict.REVOKED if since <= AT else Verdict.OK)
    assert suspended is (Verdict.SUSPENDED if since <= AT else Verdict.OK)


def test_somebody_suspended_again_after_coming_back_is_suspended() -> None:
    again = Standing((membership(1),), suspended_at=AT, resumed_at=AT - timedelta(days=1))
    assert shown_today(standing=again).verdict is Verdict.SUSPENDED


def test_an_undone_check_in_is_no_reason_to_say_welcome_back() -> None:
    earlier = AT - timedelta(hours=1)
    others = [
        check_in(1, earlier, undone=True),
        check_in(2, earlier, admitted=False),
        check_in(3, earlier, local_date=TODAY - timedelta(days=1)),
    ]
    assert shown_today(same_day=others).verdict is Verdict.OK


def test_a_welcome_back_says_when_they_first_came() -> None:
    first, second = check_in(2, AT - timedelta(hours=2)), check_in(1, AT - timedelta(hours=1))
    assert shown_today(same_day=[second, first]).first == first


def test_a_plan_that_is_not_known_is_never_guessed() -> None:
    assert shown_today(plans={}).verdict is Verdict.ERROR


def test_two_homes_that_could_pay_are_for_the_host_to_choose() -> None:
    both = (membership(2, OTHER), membership(1))
    asked = shown_today(standing=Standing(both))
    assert asked.verdict is Verdict.AMBIGUOUS
    assert asked.choices == (both[1], both[0])
    answered = shown_today(standing=Standing(both), chosen=OTHER)
    assert (answered.verdict, answered.membership_id) == (Verdict.OK, both[0].id)


MEMBERSHIPS = st.builds(
    membership,
    st.integers(1, 9),
    st.sampled_from([HOME, HOST, OTHER]),
    st.sampled_from(["FULL", "FEW", "HOME", "SHUT", "OLD"]),
    priority=st.integers(1, 2),
    last_day=st.sampled_from([None, TODAY, TODAY - timedelta(days=1)]),
    home_left_on=st.sampled_from([None, TODAY]),
    unpaid_at=st.sampled_from([None, None, AT]),
)


@given(
    memberships=st.lists(MEMBERSHIPS, max_size=5, unique_by=lambda each: each.id),
    named=st.none() | st.integers(101, 109).map(lambda number: UUID(int=number)),
    chosen=st.none() | st.sampled_from([HOME, HOST, OTHER]),
    used=st.integers(0, 5),
    data=st.data(),
)
def test_the_verdict_does_not_depend_on_the_order_of_the_memberships(
    memberships: list[Membership], named: UUID | None, chosen: UUID | None, used: int, data: st.DataObject
) -> None:
    standing = Standing(tuple(memberships), named)
    shuffled = replace(standing, memberships=tuple(data.draw(st.permutations(memberships))))
    verdicts = [shown_today(standing=each, chosen=chosen, used=used) for each in (standing, shuffled)]
    assert verdicts[0] == verdicts[1]


@given(memberships=st.lists(MEMBERSHIPS, max_size=5, unique_by=lambda each: each.id), used=st.integers(0, 5))
def test_who_is_let_in_is_paid_for_by_a_home_that_can_pay(memberships: list[Membership], used: int) -> None:
    judged = shown_today(standing=Standing(tuple(memberships)), used=used)
    payers = [*judged.choices, *(each for each in memberships if each.id == judged.membership_id)]
    if judged.verdict in {Verdict.OK, Verdict.QUOTA, Verdict.AMBIGUOUS}:
        assert payers
        assert all(each.is_active_on(TODAY) and each.has_home_on(TODAY) and each.is_paid_at(AT) for each in payers)


@given(memberships=st.lists(MEMBERSHIPS, max_size=5, unique_by=lambda each: each.id))
def test_every_home_that_can_be_chosen_settles_who_pays(memberships: list[Membership]) -> None:
    standing = Standing(tuple(memberships))
    choices = shown_today(standing=standing).choices
    assert choices == homes_to_choose_from(memberships, PLANS, Host(HOST, "Europe/Paris"), AT) or not choices
    for choice in choices:
        answered = shown_today(standing=standing, chosen=choice.home_id)
        assert answered.verdict in {Verdict.OK, Verdict.QUOTA}
        assert next(each.home_id for each in memberships if each.id == answered.membership_id) == choice.home_id


@given(minute=st.integers(0, 24 * 60 - 1), opens=st.integers(0, 1439), lasts=st.integers(1, 1440))
def test_a_place_that_keeps_its_hours_lets_in_between_them_and_never_else(minute: int, opens: int, lasts: int) -> None:
    opening = Opening(opens, opens + lasts)
    week = [TODAY + timedelta(days=days) for days in (-1, 0)]
    host = Host(HOST, "Etc/UTC", days=tuple(Day(day, (opening,)) for day in week), keeps_hours=True)
    at = datetime(2026, 11, 18, tzinfo=UTC) + timedelta(minutes=minute)
    is_open = opens <= minute < opens + lasts or minute + 24 * 60 < opens + lasts
    assert shown_today(at=at, host=host).verdict is (Verdict.OK if is_open else Verdict.CLOSED)


def test_one_whose_pass_is_not_known_has_nobody_to_pay_for_them() -> None:
    assert shown_today(Refusal(Reason.UNKNOWN_KEY)).membership_id is None
    assert shown_today(standing=None).membership_id is None


def test_the_members_own_home_opens_whatever_comes_first() -> None:
    own = membership(2, HOST, priority=2)
    judged = shown_today(standing=Standing((membership(1, plan="SHUT"), own)))
    assert (judged.verdict, judged.membership_id) == (Verdict.OK, own.id)


@given(st.permutations([membership(1, priority=3), membership(2, OTHER, priority=2), membership(3, HOST, priority=2)]))
def test_the_payer_does_not_depend_on_the_order_of_the_memberships(order: list[Membership]) -> None:
    first = choose_membership(order, TODAY)
    assert first == Ambiguous((membership(2, OTHER, priority=2), membership(3, HOST, priority=2)))
    named = choose_membership(order, TODAY, named=membership(1).id)
    assert isinstance(named, Membership)
    assert named.home_id == HOME


@pytest.mark.parametrize(
    "on,active",
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2026, 10, 31), True),
        (date(2026, 11, 1), False),
    ],
)
def test_a_membership_runs_from_its_first_day_to_its_last_both_included(on: date, active: bool) -> None:
    october = membership(1, first_day=date(2026, 10, 1), last_day=date(2026, 10, 31))
    assert choose_membership([october], on) == (october if active else None)


@pytest.mark.parametrize(
    "on,present",
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2026, 10, 31), True),
        (date(2026, 11, 1), False),
    ],
)
def test_a_place_is_in_the_network_until_the_day_it_leaves(on: date, present: bool) -> None:
    joined, left = date(2026, 10, 1), date(2026, 11, 1)
    assert Host(HOST, "Europe/Paris", joined, left).is_in_network_on(on) == present
    assert membership(1, home_joined_on=joined, home_left_on=left).has_home_on(on) == present


def test_a_visit_to_any_active_home_is_at_home() -> None:
    both = [membership(1), membership(2, OTHER, priority=9), membership(3, HOST, last_day=date(2026, 11, 17))]
    assert is_at_home(both, OTHER, TODAY)
    assert not is_at_home(both, HOST, TODAY)


def test_only_two_verdicts_admit_and_they_are_green() -> None:
    assert [verdict for verdict in Verdict if verdict.admits] == [Verdict.OK, Verdict.OK_AGAIN]
    assert [verdict for verdict in Verdict if verdict.colour is Colour.GREEN] == [
        Verdict.OK,
        Verdict.OK_AGAIN,
    ]


def test_every_verdict_has_its_sentence_in_the_same_colour() -> None:
    sentences = json.loads(Path(passapp.door.__file__).with_name("verdicts.json").read_text(encoding="utf-8"))
    assert {code: sentence["colour"] for code, sentence in sentences.items()} == {
        verdict.value: verdict.colour.value for verdict in Verdict
    }


def test_every_reason_to_refuse_a_pass_is_a_verdict() -> None:
    assert {reason.value for reason in Reason} <= {verdict.value for verdict in Verdict}
