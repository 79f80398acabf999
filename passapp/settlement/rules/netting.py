"""Netting: how a month's debts become payments, and which debts each payment settles (settlement R16). Pure.

Whatever the mode, the payments leave every place with exactly its position.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from passapp.network.rules import Netting
from passapp.settlement.rules.flow import least_paid

EXACT_UP_TO = 16
"""Places with a position for which the fewest payments are found; the search doubles with each place more."""

NETTED_IN_PAIRS: Final = frozenset({Netting.GROSS, Netting.BILATERAL})
"""What two places pay one another depends on these two alone."""

Debts = dict[tuple[str, str], int]
"""What the first owes the second, in cents, above 0."""


class Obligation(NamedTuple):
    """A debt, or a part of one. A plain tuple: a large network has half a million of them a month."""

    debtor: str
    creditor: str
    amount_cents: int


class Transfer(NamedTuple):
    """A payment, and the parts of debts that it settles. Those parts begin with the payer's own debts."""

    debtor: str
    creditor: str
    amount_cents: int
    discharges: tuple[Obligation, ...]


def obligations_of(debts: Iterable[tuple[str, str, int]]) -> list[Obligation]:
    """Debts as (debtor, creditor, cents) added up per pair; less than 0 is owed the other way. By code."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for debtor, creditor, cents in debts:
        if cents >= 0:
            sums[debtor, creditor] += cents
        else:
            sums[creditor, debtor] -= cents
    return [Obligation(*pair, cents) for pair, cents in sorted(sums.items()) if cents]


def positions_of(obligations: Iterable[Obligation]) -> dict[str, int]:
    """What each is owed less what it owes, in cents, by code. They add up to 0."""
    positions: dict[str, int] = defaultdict(int)
    for owed in obligations:
        positions[owed.creditor] += owed.amount_cents
        positions[owed.debtor] -= owed.amount_cents
    return dict(sorted(positions.items()))


def net(
    obligations: Iterable[Obligation], mode: Netting, lowered: Mapping[str, Netting] = MappingProxyType({})
) -> list[Transfer]:
    """The payments for these obligations (one per pair, each above 0), by code.

    ``mode`` is the network's; ``lowered`` has the places that allow less, by code: what is between two places is
    netted as far as both allow (a public body pays and receives every debt as it is).
    """
    owed: dict[Netting, list[Obligation]] = defaultdict(list)
    for each in sorted(obligations):
        allowed = mode
        if each.debtor in lowered or each.creditor in lowered:
            both = (lowered.get(code, mode) for code in (each.debtor, each.creditor))
            allowed = reduce(Netting.lowered_to, both, mode)
        owed[allowed].append(each)
    return sorted(transfer for allowed, group in owed.items() for transfer in _NETTED[allowed](group))


def _gross(obligations: list[Obligation]) -> list[Transfer]:
    return [Transfer(o.debtor, o.creditor, o.amount_cents, (o,)) for o in obligations]


def _bilateral(obligations: list[Obligation]) -> list[Transfer]:
    debts = {(o.debtor, o.creditor): o.amount_cents for o in obligations}
    transfers = []
    for (debtor, creditor), cents in debts.items():
        left = cents - debts.get((creditor, debtor), 0)
        if left > 0:
            transfers.append(Transfer(debtor, creditor, left, (Obligation(debtor, creditor, left),)))
    return transfers


def _existing_debts(obligations: list[Obligation]) -> list[Transfer]:
    """The least that can be paid where nobody pays more, or to others, than they owe.

    What no payment settles goes round in circles, and is set off.
    """
    paid = least_paid({(owed.debtor, owed.creditor): owed.amount_cents for owed in obligations})
    return _gross([Obligation(*pair, cents) for pair, cents in paid.items()])


def _multilateral(obligations: list[Obligation]) -> list[Transfer]:
    payments = {(debtor, creditor): cents for debtor, creditor, cents in fewest_payments(positions_of(obligations))}
    pieces = _follow(obligations, dict(sorted(payments.items())))
    return [
        Transfer(*pair, cents, tuple(Obligation(*step, part) for step, part in sorted(pieces[pair].items())))
        for pair, cents in sorted(payments.items())
    ]


_NETTED: Final = {
    Netting.GROSS: _gross,
    Netting.BILATERAL: _bilateral,
    Netting.EXISTING_DEBTS: _existing_debts,
    Netting.MULTILATERAL: _multilateral,
}


def fewest_payments(positions: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Payments (debtor, creditor, cents) that bring every position to 0, as few as can be found.

    Equal opposite amounts are paired first; then, in each group that balances, the largest debtor pays the largest
    creditor, ties by code. With at most 16 places left the groups are as many as possible, so that no smaller number of
    payments exists; with more there is one group: at most n - 1 payments.
    """
    left = {code: cents for code, cents in sorted(positions.items()) if cents}
    payments = _pair_equal_amounts(left)
    groups = _most_groups(left) if len(left) <= EXACT_UP_TO else [left]
    for group in groups:
        payments += _largest_first(group)
    return payments


def _pair_equal_amounts(left: dict[str, int]) -> list[tuple[str, str, int]]:
    """Pair opposite amounts, and take them out of ``left``: in no grouping would they have needed less."""
    creditors: dict[int, list[str]] = defaultdict(list)
    for code, cents in left.items():
        if cents > 0:
            creditors[cents].append(code)
    payments = []
    for debtor in [code for code, cents in left.items() if cents < 0]:
        if waiting := creditors[-left[debtor]]:
            creditor = waiting.pop(0)
            payments.append((debtor, creditor, left.pop(creditor)))
            del left[debtor]
    return payments


def _most_groups(left: Mapping[str, int]) -> list[dict[str, int]]:
    """Split positions that add up to 0 into as many groups as possible that do, too.

    ``best[s]``: how many prefixes of the best order of the subset ``s`` add up to 0 (dynamic programming over subsets).
    """
    codes = list(left)
    size = 1 << len(codes)
    sums, best = [0] * size, [0] * size
    for subset in range(1, size):
        low = subset & -subset
        total = sums[subset] = sums[subset ^ low] + left[codes[low.bit_length() - 1]]
        rest, most = subset, 0
        while rest:
            bit = rest & -rest
            rest ^= bit
            most = max(most, best[subset ^ bit])
        best[subset] = most + (total == 0)
    groups: list[dict[str, int]] = []
    subset, group = size - 1, dict[str, int]()
    while subset:
        if sums[subset] == 0 and group:
            groups.append(group)
            group = {}
        wanted = best[subset] - (sums[subset] == 0)
        bit = next(1 << n for n in range(len(codes)) if subset >> n & 1 and best[subset ^ 1 << n] == wanted)
        group[codes[bit.bit_length() - 1]] = left[codes[bit.bit_length() - 1]]
        subset ^= bit
    return [*groups, group] if group else groups


def _largest_first(group: Mapping[str, int]) -> list[tuple[str, str, int]]:
    owing = sorted((cents, code) for code, cents in group.items() if cents < 0)
    owed = sorted((-cents, code) for code, cents in group.items() if cents > 0)
    payments = []
    while owing and owed:
        (debt, debtor), (claim, creditor) = owing[0], owed[0]
        cents = min(-debt, -claim)
        payments.append((debtor, creditor, cents))
        for side, (value, code) in ((owing, (debt, debtor)), (owed, (claim, creditor))):
            side.pop(0)
            if value + cents:
                side.append((value + cents, code))
                side.sort()
    return payments


def _follow(obligations: list[Obligation], payments: Debts) -> dict[tuple[str, str], Debts]:
    """The parts of debts that each payment settles: stretches of debt from its payer on.

    First those that end at its payee: its own debt to it, then its debts to somebody who owes the payee. What is left
    ends at others who are owed on balance, and whom other payments reach instead: the nearest first. What no payment
    needs goes round in circles, and is set off.
    """
    debts = _Debts(obligations)
    positions = positions_of(obligations)
    still_owed = {code: None for code, cents in positions.items() if cents > 0}
    pieces: dict[tuple[str, str], Debts] = defaultdict(lambda: defaultdict(int))
    left = dict(payments)

    def settle(payer: str, payee: str, path: tuple[str, ...]) -> None:
        steps = list(pairwise(path))
        cents = min(left[payer, payee], positions[path[-1]], *(debts.of[one].get(other, 0) for one, other in steps))
        if cents:
            for step in steps:
                debts.take(*step, cents)
                pieces[payer, payee][step] += cents
            left[payer, payee] -= cents
            positions[payer] += cents
            positions[path[-1]] -= cents
            if not positions[path[-1]]:
                del still_owed[path[-1]]

    for payer, payee in payments:
        settle(payer, payee, (payer, payee))
    for payer, payee in payments:
        for between in sorted(debts.of[payer].keys() & debts.to[payee].keys()):
            settle(payer, payee, (payer, between, payee))
    for payer, payee in payments:
        while left[payer, payee]:
            settle(payer, payee, debts.way(payer, still_owed))
    return pieces


class _Debts:
    """What is left of the debts: ``of`` each debtor, and ``to`` each creditor, by code."""

    def __init__(self, obligations: Iterable[Obligation]) -> None:
        self.of: dict[str, dict[str, int]] = defaultdict(dict)
        self.to: dict[str, dict[str, None]] = defaultdict(dict)
        for owed in obligations:
            self.of[owed.debtor][owed.creditor] = owed.amount_cents
            self.to[owed.creditor][owed.debtor] = None

    def take(self, debtor: str, creditor: str, cents: int) -> None:
        """Take so much off a debt."""
        self.of[debtor][creditor] -= cents
        if not self.of[debtor][creditor]:
            del self.of[debtor][creditor], self.to[creditor][debtor]

    def way(self, start: str, owed: Mapping[str, None]) -> tuple[str, ...]:
        """A shortest way along the debts from ``start`` to one of those ``owed`` on balance; of several, by code.

        There is one as long as ``start`` owes on balance: what comes into a place that is owed nothing goes on from
        it. It is looked for from both ends, a step at a time from where there are fewer places.
        """
        came_from, goes_to = {start: start}, dict(zip(owed, owed, strict=True))
        ring, goal = {start: start}, dict(goes_to)
        while ring and goal:
            for one in ring:
                if met := self.of[one].keys() & goal.keys():
                    path = [one]
                    while path[0] != start:
                        path.insert(0, came_from[path[0]])
                    path.append(min(met))
                    while path[-1] not in owed:
                        path.append(goes_to[path[-1]])
                    return tuple(path)
            if len(ring) <= len(goal):
                ring = {to: one for one in reversed(ring) for to in self.of[one] if to not in came_from}
                came_from |= ring
            else:
                goal = {of: one for one in reversed(goal) for of in self.to[one] if of not in goes_to}
                goes_to |= goal
        raise ValueError(start)
