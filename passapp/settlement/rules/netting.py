"""Netting: how a month's debts become payments, and which debts each payment settles (settlement R16). Pure.

Whatever the mode, the payments leave every place with exactly its position.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from passapp.network.rules import Netting

EXACT_UP_TO = 16
"""Places with a position for which the fewest payments are found; the search doubles with each place more."""

Debts = dict[tuple[str, str], int]
"""What the first owes the second, in cents, above 0."""


@dataclass(frozen=True, order=True)
class Obligation:
    """A debt, or a part of one."""

    debtor: str
    creditor: str
    amount_cents: int


@dataclass(frozen=True, order=True)
class Transfer:
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


def net(obligations: Iterable[Obligation], mode: Netting) -> list[Transfer]:
    """The payments for these obligations (one per pair, each above 0), by code."""
    owed = sorted(obligations)
    if mode is Netting.GROSS:
        return [Transfer(o.debtor, o.creditor, o.amount_cents, (o,)) for o in owed]
    if mode is Netting.BILATERAL:
        return _bilateral(owed)
    return _multilateral(owed)


def _bilateral(obligations: list[Obligation]) -> list[Transfer]:
    debts = {(o.debtor, o.creditor): o.amount_cents for o in obligations}
    transfers = []
    for (debtor, creditor), cents in debts.items():
        left = cents - debts.get((creditor, debtor), 0)
        if left > 0:
            transfers.append(Transfer(debtor, creditor, left, (Obligation(debtor, creditor, left),)))
    return transfers


def _multilateral(obligations: list[Obligation]) -> list[Transfer]:
    payments = {(debtor, creditor): cents for debtor, creditor, cents in fewest_payments(positions_of(obligations))}
    pieces = _follow(obligations, dict(sorted(payments.items())))
    return [
        Transfer(*pair, cents, tuple(Obligation(*step, part) for step, part in sorted(pieces[pair].items())))
        for pair, cents in sorted(payments.items())
    ]


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
    ends at others who are owed on balance, and whom other payments reach instead. Circles on the way are set off.
    """
    debts: dict[str, dict[str, int]] = defaultdict(dict)
    for owed in obligations:
        debts[owed.debtor][owed.creditor] = owed.amount_cents
    positions = positions_of(obligations)
    pieces: dict[tuple[str, str], Debts] = defaultdict(lambda: defaultdict(int))
    left = dict(payments)

    def settle(payer: str, payee: str, path: tuple[str, ...]) -> None:
        steps = list(pairwise(path))
        cents = min(left[payer, payee], positions[path[-1]], *(debts[one].get(other, 0) for one, other in steps))
        if cents:
            _take(debts, steps, cents)
            for step in steps:
                pieces[payer, payee][step] += cents
            left[payer, payee] -= cents
            positions[payer] += cents
            positions[path[-1]] -= cents

    for payer, payee in payments:
        settle(payer, payee, (payer, payee))
    for payer, payee in payments:
        for between in sorted(debts[payer]):
            settle(payer, payee, (payer, between, payee))
    for payer, payee in payments:
        while left[payer, payee]:
            settle(payer, payee, _walk(debts, positions, payer))
    return pieces


def _walk(debts: dict[str, dict[str, int]], positions: Mapping[str, int], start: str) -> tuple[str, ...]:
    """One way along the debts from ``start`` to somebody who is still owed on balance; circles are set off."""
    path, seen = [start], {start: 0}
    while positions[path[-1]] <= 0:
        following = next(iter(debts[path[-1]]))
        if following in seen:
            circle = list(pairwise((*path[seen[following] :], following)))
            _take(debts, circle, min(debts[one][other] for one, other in circle))
            for code in path[seen[following] + 1 :]:
                del seen[code]
            del path[seen[following] + 1 :]
        else:
            seen[following] = len(path)
            path.append(following)
    return tuple(path)


def _take(debts: dict[str, dict[str, int]], steps: list[tuple[str, str]], cents: int) -> None:
    for one, other in steps:
        debts[one][other] -= cents
        if not debts[one][other]:
            del debts[one][other]
