"""From debts to payments (settlement R16): whatever the debts, whatever the mode."""

from collections import Counter
from itertools import combinations

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
