"""From debts to payments (settlement R16): whatever the debts, whatever the mode."""

from collections import Counter
from itertools import combinations, product

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.network.rules import Netting
from passapp.settlement.rules.netting import (
    Obligation,
    Transfer,
    fewest_payments,
    net,
    obligations_of,
    positions_of,
)

codes = st.sampled_from([f"place-{letter}" for letter in "abcdefg"] + ["@fund"])
debts = st.lists(
    st.tuples(codes, codes, st.sampled_from([-300, -1, 0, 1, 100, 100, 250]) | st.integers(-999, 9999)), max_size=20
).map(lambda found: [(one, other, cents) for one, other, cents in found if one != other])
modes = st.sampled_from(list(Netting))


def paid(transfers):
    return positions_of(Obligation(t.debtor, t.creditor, t.amount_cents) for t in transfers)


def there(positions):
    return {code: cents for code, cents in positions.items() if cents}


@given(debts, modes)
def test_payments_leave_everybody_with_exactly_their_position(owed, mode):
    obligations = obligations_of(owed)
    assert there(paid(net(obligations, mode))) == there(positions_of(obligations))


@given(debts)
def test_positions_add_up_to_nothing(owed):
    assert sum(positions_of(obligations_of(owed)).values()) == 0


@given(debts, modes, st.randoms(use_true_random=False))
def test_the_order_of_the_debts_does_not_matter(owed, mode, random):
    shuffled = list(owed)
    random.shuffle(shuffled)
    assert net(obligations_of(shuffled), mode) == net(obligations_of(owed), mode)
    obligations = obligations_of(owed)
    random.shuffle(obligations)
    assert net(obligations, mode) == net(obligations_of(owed), mode)


@given(debts, modes)
def test_every_payment_names_the_debts_it_settles(owed, mode):
    obligations = obligations_of(owed)
    left = Counter({(o.debtor, o.creditor): o.amount_cents for o in obligations})
    for transfer in net(obligations, mode):
        own = [piece for piece in transfer.discharges if piece.debtor == transfer.debtor]
        assert sum(piece.amount_cents for piece in own) == transfer.amount_cents
        for piece in transfer.discharges:
            assert piece.amount_cents > 0
            left[piece.debtor, piece.creditor] -= piece.amount_cents
    assert min(left.values(), default=0) >= 0, "no debt is settled twice"
    for place in {code for pair in left for code in pair}:
        gives = sum(cents for (debtor, _), cents in left.items() if debtor == place)
        gets = sum(cents for (_, creditor), cents in left.items() if creditor == place)
        assert gives == gets, "what is set off costs nobody anything"


@given(debts)
def test_gross_pays_every_debt_as_it_is(owed):
    obligations = obligations_of(owed)
    assert [(t.debtor, t.creditor, t.amount_cents) for t in net(obligations, Netting.GROSS)] == [
        (o.debtor, o.creditor, o.amount_cents) for o in obligations
    ]


@given(debts)
def test_bilateral_makes_one_payment_per_pair_of_the_difference(owed):
    obligations = obligations_of(owed)
    transfers = net(obligations, Netting.BILATERAL)
    assert len({frozenset((t.debtor, t.creditor)) for t in transfers}) == len(transfers)
    amounts = {(o.debtor, o.creditor): o.amount_cents for o in obligations}
    for t in transfers:
        there, back = amounts[t.debtor, t.creditor], amounts.get((t.creditor, t.debtor), 0)
        assert t.amount_cents == there - back > 0


@given(debts)
def test_existing_debts_are_paid_in_part_or_whole_and_only_they(owed):
    amounts = {(o.debtor, o.creditor): o.amount_cents for o in obligations_of(owed)}
    for t in net(obligations_of(owed), Netting.EXISTING_DEBTS):
        assert t.amount_cents <= amounts[t.debtor, t.creditor]


few_debts = st.dictionaries(
    st.sampled_from([(one, other) for one in "abcd" for other in "abcd" if one != other]),
    st.integers(1, 3),
    max_size=5,
)


@given(few_debts)
def test_nothing_less_than_what_is_paid_along_existing_debts_would_do(owed):
    obligations = [Obligation(*pair, cents) for pair, cents in sorted(owed.items())]
    wanted = there(positions_of(obligations))
    least = min(
        sum(parts)
        for parts in product(*(range(o.amount_cents + 1) for o in obligations))
        if there(positions_of(Obligation(o.debtor, o.creditor, n) for o, n in zip(obligations, parts, strict=True)))
        == wanted
    )
    assert sum(t.amount_cents for t in net(obligations, Netting.EXISTING_DEBTS)) == least


def test_of_several_answers_that_pay_the_least_it_is_always_the_same():
    both_ways = [("a", "b", 5), ("b", "d", 5), ("a", "c", 5), ("c", "d", 5), ("d", "a", 5)]
    assert [(t.debtor, t.creditor, t.amount_cents) for t in net(obligations_of(both_ways), Netting.EXISTING_DEBTS)] == [
        ("a", "b", 5),
        ("b", "d", 5),
    ]


@given(debts)
def test_no_circle_of_more_here_and_less_there_would_save_anything(owed):
    obligations = obligations_of(owed)
    paid_now = {(t.debtor, t.creditor): t.amount_cents for t in net(obligations, Netting.EXISTING_DEBTS)}
    steps = [(o.debtor, o.creditor, 1) for o in obligations if paid_now.get((o.debtor, o.creditor), 0) < o.amount_cents]
    steps += [(creditor, debtor, -1) for debtor, creditor in paid_now]
    cost = dict.fromkeys({code for step in steps for code in step[:2]}, 0)
    for _ in range(len(cost) + 1):  # Bellman and Ford: with a circle that saves, it would never come to rest
        before = dict(cost)
        for one, other, more in steps:
            cost[other] = min(cost[other], cost[one] + more)
    assert cost == before if cost else not steps


lowered = st.dictionaries(codes, modes, max_size=4)


@given(debts, modes, lowered)
def test_payments_leave_everybody_with_their_position_also_where_places_lower_the_mode(owed, mode, less):
    obligations = obligations_of(owed)
    assert there(paid(net(obligations, mode, less))) == there(positions_of(obligations))


@given(debts, modes, lowered)
def test_a_pair_is_paid_once_whatever_the_places_allow(owed, mode, less):
    transfers = net(obligations_of(owed), mode, less)
    assert len({(t.debtor, t.creditor) for t in transfers}) == len(transfers)


@given(debts, modes)
def test_with_a_public_body_every_debt_is_paid_as_it_is(owed, mode):
    obligations = obligations_of(owed)
    theirs = [(o.debtor, o.creditor, o.amount_cents) for o in obligations if "place-a" in {o.debtor, o.creditor}]
    transfers = net(obligations, mode, {"place-a": Netting.GROSS})
    assert [(t.debtor, t.creditor, t.amount_cents) for t in transfers if "place-a" in {t.debtor, t.creditor}] == theirs


def test_a_place_never_raises_the_mode_of_the_network():
    owed = obligations_of([("a", "b", 9), ("b", "a", 4)])
    assert len(net(owed, Netting.GROSS, dict.fromkeys("ab", Netting.MULTILATERAL))) == 2


@given(debts)
def test_multilateral_moves_the_least_and_nobody_both_pays_and_receives(owed):
    obligations = obligations_of(owed)
    transfers = net(obligations, Netting.MULTILATERAL)
    assert not {t.debtor for t in transfers} & {t.creditor for t in transfers}
    positions = there(positions_of(obligations))
    assert sum(t.amount_cents for t in transfers) == sum(cents for cents in positions.values() if cents > 0)
    assert len(transfers) <= max(0, len(positions) - 1)


def fewest(positions):
    """The smallest number of payments, tried out: a group that balances needs one less than it has places."""
    left = sorted(there(positions))
    if not left:
        return 0
    first, others = left[0], left[1:]
    best = len(left) - 1
    for size in range(1, len(others)):
        for group in combinations(others, size):
            if positions[first] + sum(positions[code] for code in group) == 0:
                rest = {code: positions[code] for code in others if code not in group}
                best = min(best, size + fewest(rest))
    return best


balanced = st.lists(st.integers(-6, 6), min_size=1, max_size=8).map(
    lambda amounts: {f"p{n}": cents for n, cents in enumerate([*amounts, -sum(amounts)])}
)


@given(balanced)
def test_with_few_places_no_smaller_number_of_payments_exists(positions):
    assert len(fewest_payments(positions)) == fewest(positions)


def test_the_largest_debtor_pays_the_largest_creditor_first_ties_by_code():
    positions = {"a": -50, "b": -30, "c": 45, "d": 35}
    assert fewest_payments(positions) == [("a", "c", 45), ("b", "d", 30), ("a", "d", 5)]
    assert fewest_payments({"b": -20, "a": -20, "c": 25, "d": 15}) == [("a", "c", 20), ("b", "d", 15), ("b", "c", 5)]


def test_equal_opposite_amounts_are_paired_first():
    positions = {"a": -70, "b": -30, "c": 30, "d": 40, "e": 30}
    assert ("b", "c", 30) in fewest_payments(positions)


@pytest.mark.parametrize("places", [16, 17, 60])
def test_with_many_places_there_are_at_most_as_many_payments_as_places_less_one(places):
    amounts = [(n * 7919) % 1009 - 500 for n in range(places - 1)]
    positions = {f"p{n:02}": cents for n, cents in enumerate([*amounts, -sum(amounts)])}
    payments = fewest_payments(positions)
    assert len(payments) < len(there(positions))
    assert there(paid(Transfer(*payment, ()) for payment in payments)) == there(positions)


def test_a_debt_of_less_than_nothing_is_owed_the_other_way():
    assert obligations_of([("b", "@fund", -5), ("a", "b", 7), ("a", "b", 1), ("c", "a", 0)]) == [
        Obligation("@fund", "b", 5),
        Obligation("a", "b", 8),
    ]


def test_a_chain_of_debts_becomes_one_payment_that_settles_each_of_them():
    [payment] = net(obligations_of([("a", "b", 10), ("b", "c", 10)]), Netting.MULTILATERAL)
    assert payment == Transfer("a", "c", 10, (Obligation("a", "b", 10), Obligation("b", "c", 10)))


def test_a_circle_of_debts_needs_no_payment():
    assert net(obligations_of([("a", "b", 9), ("b", "c", 9), ("c", "a", 9)]), Netting.MULTILATERAL) == []
