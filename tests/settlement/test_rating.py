"""What each visit is worth (settlement R5-R13), sentence by sentence."""

from datetime import date
from random import Random
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.network.rules import Netting
from passapp.settlement.rules.month import Terms, settle
from passapp.settlement.rules.rating import (
    Line,
    LineKey,
    Pair,
    Partner,
    fund_obligations,
    lines_of,
    pairs_of,
    split,
)
from tests.settlement.conventions import MORNING, convention, partners, rule, visit
from tests.settlement.invented import AMONG, months


def rated(visits, versions, among):
    """The visits that are settled, with their worth, by instant."""
    return list(settle("2026-10", visits, versions, among, Terms(Netting.GROSS)).rated)


def worth(visits, *versions, among=None):
    """(free, paid, over cap, cents) of each visit, by instant."""
    known = dict(enumerate(versions or (convention(),), start=1))
    found = rated(visits, known, among or partners())
    return [(r.free_units, r.paid_units, r.over_cap_units, r.amount_cents) for r in found]


def test_a_visit_costs_the_rate_of_the_first_rule_that_matches():
    agreed = convention(
        tariff=[rule(300, host_class=["subsidised"]), rule(400, plan=["SEM"], home=["a"]), rule(500)],
    )
    visits = [
        visit(host_class="subsidised", plan="SEM"),
        visit(plan="SEM"),
        visit(home="c", plan="SEM"),
        visit(),
    ]
    assert [cents for *_, cents in worth(visits, agreed)] == [300, 400, 500, 500]


@pytest.mark.parametrize("name, value", [("zone", "Indian/Reunion"), ("host", "b"), ("home", "c"), ("plan", "SEM")])
def test_a_rule_may_look_at_the_zone_the_host_the_home_and_the_plan(name, value):
    agreed = convention(tariff=[rule(100, **{name: [value, "x"]}), rule(500)])
    assert worth([visit(**{name: value})], agreed)[0][-1] == 100


def test_a_visit_is_priced_by_the_version_it_was_frozen_with():
    dearer = convention(tariff=[rule(900)])
    assert [cents for *_, cents in worth([visit(), visit(convention=2)], convention(), dearer)] == [500, 900]


def test_a_visit_at_a_home_of_ones_own_is_not_settled_and_uses_nothing_up():
    agreed = convention(allowance=1)
    assert worth([visit(at_home=True), visit(day=2)], agreed) == [(1, 0, 0, 0)]


def test_the_allowance_is_used_first_then_the_cap():
    agreed = convention(allowance=2, cap=1)
    visits = [visit(day=day) for day in (1, 2, 3, 4)]
    assert worth(visits, agreed) == [(1, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 500), (0, 0, 1, 0)]


def test_a_full_day_may_be_split_between_the_allowance_the_cap_and_what_is_over():
    agreed = convention(unit="half_day", allowance=1, cap=2)
    visits = [visit(day=day, units=2) for day in (1, 2)]
    assert worth(visits, agreed) == [(1, 1, 0, 500), (0, 1, 1, 500)]


def test_allowance_and_cap_are_the_members_across_homes_hosts_and_versions():
    first, second = convention(allowance=1, cap=1), convention(allowance=3, cap=1)
    visits = [
        visit("a", "b", day=1),
        visit("a", "c", day=2),
        visit("c", "b", day=16, convention=2),
        visit("c", "b", day=17, convention=2),
        visit("a", "b", day=18, convention=2),
    ]
    assert worth(visits, first, second) == [
        (1, 0, 0, 0),  # the first version grants one
        (0, 1, 0, 500),
        (1, 0, 0, 0),  # the second grants three, of which one was used
        (1, 0, 0, 0),
        (0, 0, 1, 0),  # one was paid: no more than one is
    ]


def test_an_allowance_that_shrinks_takes_nothing_back():
    generous, mean = convention(allowance=2), convention(allowance=1)
    visits = [visit(day=1), visit(day=2), visit(day=20, convention=2)]
    assert worth(visits, generous, mean) == [(1, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 500)]


def test_two_members_each_have_an_allowance():
    assert worth([visit(visitor=1), visit(visitor=2)], convention(allowance=1)) == [(1, 0, 0, 0)] * 2


def test_inside_a_month_the_instant_decides_then_the_id():
    early = visit("a", "b", id=str(UUID(int=9)), opened_at=MORNING)
    late = visit("a", "c", id=str(UUID(int=1)), opened_at=MORNING.replace(hour=9))
    same = visit("c", "b", id=str(UUID(int=8)), opened_at=MORNING)
    found = rated([late, early, same], {1: convention(allowance=1)}, partners())
    assert [(UUID(r.visit.id).int, r.free_units) for r in found] == [(8, 1), (9, 0), (1, 0)]


@pytest.mark.parametrize("reason", ["offered", "stale_list"])
def test_a_visit_that_is_waived_is_counted_for_nothing_and_uses_nothing_up(reason):
    agreed = convention(allowance=1, cap=1)
    visits = [visit(day=1, waived=reason), visit(day=2), visit(day=3), visit(day=4)]
    assert worth(visits, agreed) == [(0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 500), (0, 0, 1, 0)]


def test_what_is_waived_stands_in_lines_of_its_own_by_reason():
    visits = [visit(day=1), visit(day=2, waived="offered"), visit(day=3, waived="stale_list"), visit(day=4)]
    lines = lines_of(rated(visits, {1: convention()}, partners()), "2026-10")
    assert [(line.key.waived, line.visits, line.over_cap_units, line.amount_cents) for line in lines] == [
        ("", 2, 0, 1000),
        ("offered", 1, 0, 0),
        ("stale_list", 1, 0, 0),
    ]


def test_a_visit_at_home_or_of_a_place_that_took_no_part_stays_so_when_it_is_offered():
    among = partners() | {"c": Partner("c", date(2026, 10, 2))}
    visits = [visit(at_home=True, waived="offered"), visit(host="c", waived="offered")]
    month = settle("2026-10", visits, {1: convention()}, among, Terms(Netting.GROSS))
    assert (month.at_home, month.rated, [each.visits for each in month.not_settled]) == ({"b": 1}, (), [1])


def test_a_cap_of_zero_lets_nobody_pay():
    assert worth([visit()], convention(cap=0)) == [(0, 0, 1, 0)]


@pytest.mark.parametrize("leaver", ["a", "b"])
def test_a_place_owes_and_is_owed_only_from_the_day_it_joined_until_the_day_before_it_left(leaver):
    among = partners() | {leaver: Partner(leaver, date(2026, 10, 2), date(2026, 10, 4))}
    visits = [visit(day=day) for day in (1, 2, 3, 4)]
    found = rated(visits, {1: convention(allowance=1)}, among)
    assert [(r.visit.local_date.day, r.free_units, r.paid_units) for r in found] == [(2, 1, 0), (3, 0, 1)]


def test_visits_of_a_place_that_left_are_told_with_the_reason_and_worth_nothing():
    among = partners("a", "b") | {"c": Partner("c", date(2020, 1, 1), date(2026, 10, 10))}
    visits = [visit("a", "c", day=9), visit("a", "c", day=10), visit("c", "b", day=30, units=2)]
    settled = settle("2026-10", visits, {1: convention()}, among, Terms(Netting.BILATERAL))
    assert [(n.home, n.host, n.visits, n.units) for n in settled.not_settled] == [("a", "c", 1, 1), ("c", "b", 1, 2)]
    assert settled.positions == {"a": -500, "c": 500}


def test_vat_is_rounded_once_per_home_host_and_rate_on_the_total():
    lines = [
        Line(LineKey("a", "b", 1, n, points), cents, 1, 1, 0, 1)
        for n, (points, cents) in enumerate([(850, 103), (850, 103), (2000, 1001)])
    ]
    [pair] = pairs_of(lines)
    assert (pair.net_cents, pair.vat_cents, pair.total_cents) == (1207, 18 + 200, 1425)


def test_vat_is_the_hosts_and_that_of_the_visits_date():
    among = partners("a") | {
        "b": Partner("b", date(2020, 1, 1), vat=((date(2026, 10, 15), 2000), (date(2026, 10, 20), 0)))
    }
    found = rated([visit(day=day) for day in (14, 15, 19, 20)], {1: convention()}, among)
    assert [r.vat_basis_points for r in found] == [0, 2000, 2000, 0]


def test_each_host_owes_the_fund_a_share_of_its_gross_rounded_once():
    agreed = {1: convention(fund_basis_points=500), 2: convention(fund_basis_points=1000)}
    lines = [
        Line(LineKey("a", "b", 1, 0, 2000), 103, 1, 1, 0, 1),
        Line(LineKey("c", "b", 1, 0, 0), 103, 1, 1, 0, 1),
        Line(LineKey("a", "b", 2, 0, 0), 7, 1, 1, 0, 1),
        Line(LineKey("a", "c", 1, 0, 0), 500, 1, 1, 1, 0),
    ]
    assert fund_obligations(pairs_of(lines), agreed) == {"b": 11}, "10.3 + 0.7, and nothing for a free visit"


def test_a_free_visit_is_a_line_of_zero():
    [line] = lines_of(rated([visit()], {1: convention(allowance=1)}, partners()), "2026-10")
    assert (line.visits, line.free_units, line.amount_cents) == (1, 1, 0)
    assert Pair.of("a", "b", [line]).total_cents == 0


def everything(visits, versions, mode=Netting.MULTILATERAL):
    settled = settle("2026-10", visits, versions, AMONG, Terms(mode))
    return settled.at_home, settled.rated, settled.lines, settled.fund, settled.positions, settled.transfers


@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_the_visits_does_not_matter(month, random):
    visits, versions = month
    shuffled = list(visits)
    random.shuffle(shuffled)
    assert everything(shuffled, versions) == everything(visits, versions)


@given(months())
def test_units_are_free_or_paid_or_over_the_cap(month):
    visits, versions = month
    for line in settle("2026-10", visits, versions, AMONG, Terms(Netting.GROSS)).lines:
        assert line.units == line.free_units + line.paid_units + line.over_cap_units
        assert min(line.free_units, line.paid_units, line.over_cap_units) >= 0
        assert line.amount_cents == line.paid_units * line.rate_cents


@given(months(), st.integers(1, 3))
def test_without_one_member_nobody_elses_visit_changes_its_worth(month, leaver):
    visits, versions = month
    gone = f"visitor {leaver}"
    before = [r for r in rated(visits, versions, AMONG) if r.visit.visitor != gone]
    assert rated([v for v in visits if v.visitor != gone], versions, AMONG) == before


@given(months())
def test_nobody_gets_more_free_or_paid_units_than_the_most_generous_version_grants(month):
    visits, versions = month
    found = rated(visits, versions, AMONG)
    for visitor in {r.visit.visitor for r in found}:
        own = [r for r in found if r.visit.visitor == visitor]
        assert sum(r.free_units for r in own) <= max(v.allowance or 0 for v in versions.values())
        if all(v.cap is not None for v in versions.values()):
            assert sum(r.paid_units for r in own) <= max(v.cap for v in versions.values())


@given(months())
def test_positions_add_up_to_nothing_and_pairs_to_the_visits_amounts(month):
    visits, versions = month
    settled = settle("2026-10", visits, versions, AMONG, Terms(Netting.GROSS))
    assert sum(settled.positions.values()) == 0
    assert sum(pair.net_cents for pair in settled.pairs) == sum(r.amount_cents for r in settled.rated)


@given(st.integers(1, 2), st.integers(0, 5), st.integers(0, 5))
def test_a_split_never_gives_more_than_there_is(units, free_used, paid_used):
    free, paid = split(units, convention(allowance=2, cap=2), free_used, paid_used)
    assert free >= 0
    assert paid >= 0
    assert free + paid <= units
    assert free + free_used <= max(2, free_used)


def test_a_visit_of_an_unknown_version_is_an_error_and_not_a_free_visit():
    with pytest.raises(KeyError):
        rated([visit(convention=7)], {1: convention()}, partners())


def test_rating_a_shuffled_month_of_many_visits_gives_the_same_lines():
    visits = [visit("ab"[n % 2], "bc"[n % 2], visitor=n % 7, day=n % 28 + 1) for n in range(500)]
    versions = {1: convention(allowance=3, cap=20)}
    lines = lines_of(rated(visits, versions, partners()), "2026-10")
    Random(1).shuffle(visits)
    assert lines_of(rated(visits, versions, partners()), "2026-10") == lines
