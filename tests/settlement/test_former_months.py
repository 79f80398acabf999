"""What a month takes over from those before it, sentence by sentence (settlement R13-R15, R17)."""

from collections import Counter
from datetime import date
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.network.rules import Netting
from passapp.settlement.files.listing import amounts_of
from passapp.settlement.rules.advances import BookingCredit
from passapp.settlement.rules.documents import Documents, PublishedVersion
from passapp.settlement.rules.month import Former, Opening, Terms, settle
from passapp.settlement.rules.netting import Obligation, positions_of
from passapp.settlement.rules.rating import FUND, Credit, Partner, used_up
from tests.settlement.conventions import convention, partners, rule, visit
from tests.settlement.conventions import document as convention_document

SEPTEMBER = date(2026, 9, 20)


def october(visits=(), *, among=None, versions=None, mode=Netting.BILATERAL, threshold=0, **former):
    """October, settled."""
    among = among or partners()
    known = versions or {1: convention()}
    if earlier := former.pop("earlier", None):
        former["used"] = used_up(earlier, known, among)
    return settle("2026-10", visits, known, among, Terms(mode, threshold), (), Former(**former))


def late(**fields):
    """A visit of September that came to light when September was closed."""
    return visit(**{"local_date": SEPTEMBER} | fields)


def credit(cents=500, **fields):
    usual = {"visit": "v", "home": "a", "host": "b", "origin": "2026-09", "convention": 1, "vat_basis_points": 0}
    return Credit(**usual | fields, amount_cents=cents)


def test_a_late_visit_stands_in_a_line_that_names_its_month():
    lines = october([visit(), late()]).lines
    assert [(line.key.origin, line.visits, line.amount_cents) for line in lines] == [("", 1, 500), ("2026-09", 1, 500)]


def test_a_late_visit_gets_what_was_left_of_the_allowance_of_its_month():
    versions = {1: convention(allowance=2)}
    earlier = [("2026-09", late(day=1)), ("2026-09", visit(visitor=2))]
    settled = october([late(day=2), late(day=3), visit(visitor=2)], versions=versions, earlier=earlier)
    assert [(r.free_units, r.paid_units) for r in settled.rated] == [(1, 0), (1, 0), (0, 1)]


def test_a_late_visit_gets_what_was_left_of_the_cap_of_its_month():
    earlier = [("2026-09", late(units=2))]
    [found] = october([late(units=2)], versions={1: convention(cap=3, unit="half_day")}, earlier=earlier).rated
    assert (found.paid_units, found.over_cap_units) == (1, 1)


def test_late_visits_of_an_earlier_run_come_before_later_ones_whatever_their_hour():
    first, second = late(day=9), late(day=2)
    versions = {1: convention(allowance=1)}
    settled = october([second], versions=versions, earlier=[("2026-09", first)])
    assert [(r.free_units, r.paid_units) for r in settled.rated] == [(0, 1)]


def test_what_uses_nothing_up_leaves_a_late_visit_its_allowance():
    unsettled = partners() | {"c": Partner("c", date(2026, 12, 1))}
    earlier = [
        ("2026-09", late(at_home=True, host="a")),
        ("2026-09", late(host="c")),
        ("2026-09", late(waived="offered")),
    ]
    [found] = october([late()], among=unsettled, versions={1: convention(allowance=1)}, earlier=earlier).rated
    assert found.free_units == 1


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2)), max_size=8), st.integers(0, 4), st.integers(0, 8))
def test_a_late_visit_never_changes_what_was_settled_and_together_nobody_gets_more(made, allowance, cut):
    versions = {1: convention(allowance=allowance, cap=3, unit="half_day")}
    visits = [late(visitor=who, units=units, day=n + 1) for n, (who, units) in enumerate(made)]
    settled, later = visits[:cut], visits[cut:]
    used = used_up([("2026-09", each) for each in settled], versions, partners())
    rest = october(later, versions=versions, earlier=[("2026-09", each) for each in settled]).rated
    for who in {each.visitor for each in visits}:
        free = used.get(who, (0, 0))[0] + sum(r.free_units for r in rest if r.visit.visitor == who)
        units = sum(each.units for each in visits if each.visitor == who)
        assert free == min(allowance, units)


def test_what_is_recorded_too_late_is_counted_and_worth_nothing():
    [line] = october([late(waived="too_late")]).lines
    assert (line.visits, line.units, line.amount_cents) == (1, 1, 0)


def test_a_credit_lowers_what_is_owed_and_its_tax_and_the_share_of_the_fund():
    among = partners(vat=((date(2020, 1, 1), 2000),))
    versions = {1: convention(fund_basis_points=1000)}
    settled = october([visit(), visit()], among=among, versions=versions, credits=(credit(vat_basis_points=2000),))
    [pair] = settled.pairs
    assert (pair.net_cents, pair.vat_cents, settled.fund) == (500, 100, {"b": 50})


def test_a_credit_of_a_pair_without_visits_is_paid_back_with_the_share_of_the_fund():
    settled = october(versions={1: convention(fund_basis_points=1000)}, credits=(credit(),))
    assert settled.obligations == (Obligation(FUND, "b", 50), Obligation("b", "a", 500))


def test_what_was_too_little_to_pay_is_owed_in_the_next_month():
    settled = october([visit()], threshold=501)
    assert (settled.transfers, [(t.debtor, t.creditor, t.amount_cents) for t in settled.carried]) == (
        (),
        [("a", "b", 500)],
    )
    november = october([visit()], threshold=501, openings=(Opening("a", "b", 500, "2026-10"),))
    assert [(t.debtor, t.creditor, t.amount_cents) for t in november.transfers] == [("a", "b", 1000)]


def test_a_payment_of_exactly_the_threshold_is_made():
    assert len(october([visit()], threshold=500).transfers) == 1


def test_the_last_position_of_a_place_that_leaves_is_paid_however_small():
    leaving = partners() | {"b": Partner("b", date(2020, 1, 1), date(2026, 10, 20))}
    assert len(october([visit()], among=leaving, threshold=9999).transfers) == 1


def test_a_place_that_left_is_paid_what_was_carried_although_it_has_no_visit():
    left = partners() | {"b": Partner("b", date(2020, 1, 1), date(2026, 9, 20))}
    settled = october(among=left, threshold=9999, openings=(Opening("a", "b", 3, "2026-09"),))
    assert [(t.debtor, t.creditor, t.amount_cents) for t in settled.transfers] == [("a", "b", 3)]


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=6), max_size=5),
    st.sampled_from(Netting),
)
def test_whatever_is_carried_nothing_is_lost(months, mode):
    openings, paid, owed = (), [], []
    for made in months:
        visits = [visit(home, host, at_home=home == host) for home, host in made]
        settled = october(visits, mode=mode, threshold=800, openings=openings)
        openings = tuple(Opening(t.debtor, t.creditor, t.amount_cents, "2026-10") for t in settled.carried)
        paid += [Obligation(t.debtor, t.creditor, t.amount_cents) for t in settled.transfers]
        owed += [Obligation(pair.home, pair.host, pair.total_cents) for pair in settled.pairs]
    left = [Obligation(o.debtor, o.creditor, o.amount_cents) for o in openings]
    ways = positions_of(paid + left), positions_of(owed)
    assert all(ways[0].get(code, 0) == ways[1].get(code, 0) for code in "abc")


TRANSITION = {1: convention(transition_days=30, tariff=[rule(500)])}


@pytest.mark.parametrize("left_on, payer", [((2026, 10, 1), FUND), ((2026, 9, 5), FUND), ((2026, 9, 4), None)])
def test_the_fund_pays_for_members_of_a_place_that_left_for_the_days_agreed(left_on, payer):
    gone = partners() | {"a": Partner("a", date(2020, 1, 1), date(*left_on))}
    settled = october([visit(day=4)], among=gone, versions=TRANSITION)
    assert [pair.home for pair in settled.pairs] == [payer] * (payer is not None)
    assert len(settled.not_settled) == (payer is None)


def test_what_the_fund_pays_has_the_price_of_the_members_own_home():
    gone = partners() | {"a": Partner("a", date(2020, 1, 1), date(2026, 10, 15))}
    agreed = {1: convention(transition_days=30, tariff=[rule(300, home=["a"]), rule(1000)])}
    lines = october([visit(day=14), visit(day=20), visit("c", day=20)], among=gone, versions=agreed).lines
    assert [(line.key.home, line.key.rule, line.amount_cents) for line in lines] == [
        (FUND, 0, 300),
        ("a", 0, 300),
        ("c", 1, 1000),
    ]


def documents(**former):
    return Documents(
        "RESEAU", october(**former), [PublishedVersion(1, date(2020, 1, 1), "0" * 64, convention_document())]
    )


def test_the_network_sees_what_is_given_back_between_two_places_and_only_these_for_which_visits():
    ids = [str(UUID(int=number)) for number in (1, 2, 3)]
    back = (credit(visit=ids[0]), credit(101, visit=ids[1]), credit(7, visit=ids[2], origin="2026-08"))
    shown = documents(credits=back)
    alike = {"home": "a", "host": "b", "convention": 1, "vat_basis_points": 0}
    assert shown.month["credits"] == [
        alike | {"origin": "2026-08", "amount_cents": 7},
        alike | {"origin": "2026-09", "amount_cents": 601},
    ]
    for place, side in (("a", "made"), ("b", "received")):
        assert [each["visit"] for each in shown.statement(place)[side][0]["credits"]] == ids


def test_the_network_sees_what_is_given_back_of_bookings_and_only_the_two_places_of_which():
    ids = [str(UUID(int=number)) for number in (1, 2)]
    shown = documents(booking_credits=tuple(BookingCredit(key, "a", "b", "2026-09", 2000, 100) for key in ids))
    assert shown.month["bookings"][0]["credits"] == [{"origin": "2026-09", "amount_cents": 200}]
    for place, side in (("a", "bookings_made"), ("b", "bookings_received")):
        assert [each["booking"] for each in shown.statement(place)[side][0]["credits"]] == ids


def test_what_is_given_back_of_each_month_is_the_same_in_a_spreadsheet_of_the_network_and_of_a_place():
    given = [("2026-09", 102), ("2026-08", 109), ("2026-09", 101), ("2026-08", 104)]
    back = (BookingCredit(str(UUID(int=n)), "a", "b", origin, 550, cents) for n, (origin, cents) in enumerate(given))
    shown = documents(booking_credits=tuple(back))
    found = []
    for document in (shown.month, shown.statement("a")):
        sums = Counter()
        for each in amounts_of(document):
            if each.what == "credit":
                sums[each.of["origin"]] += each.cents
        found.append(sums)
    assert found[0] == found[1]


def test_without_such_a_rule_nobody_pays_for_members_of_a_place_that_left():
    gone = partners() | {"a": Partner("a", date(2020, 1, 1), date(2026, 10, 1))}
    assert october([visit(day=4)], among=gone).pairs == ()


def test_where_the_places_agreed_on_no_tax_no_host_charges_any():
    among = partners(vat=((date(2020, 1, 1), 2000),))
    [pair] = october([visit()], among=among, versions={1: convention(vat="none")}).pairs
    assert (pair.net_cents, pair.vat_cents) == (500, 0)
