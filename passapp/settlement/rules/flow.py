"""The least that can be paid along existing debts: a minimum-cost flow, each cent a step costs one (R16). Pure.

By the primal-dual method (Ford and Fulkerson): places have a height, and money goes one step up along a debt, or one
step down by taking back what went along it. As much as can goes by the shortest ways (Dinic); then whatever cannot be
reached is lifted by one. No way from a place that still pays to one that still gets is left out, and none is longer
than it must be. A large network has a hundred thousand debts: steps are looked for with sets.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise


def least_paid(debts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """What is paid of each debt (debtor, creditor) so that everybody comes to the same, and the least is paid in all.

    Debts are in cents, above 0. Of several answers it is always the same, whatever the order of the input.
    """
    codes = sorted({code for pair in debts for code in pair})
    number = {code: n for n, code in enumerate(codes)}
    flow = _Flow([(number[one], number[other], cents) for (one, other), cents in debts.items()])
    flow.run()
    paid = ((codes[one], codes[other], cents) for other, back in flow.back.items() for one, cents in back.items())
    return {(one, other): cents for one, other, cents in sorted(paid)}


class _Flow:
    """``of``: what is left of the debts of each place; ``back``: what goes along those to it, and may be taken back."""

    def __init__(self, debts: Iterable[tuple[int, int, int]]) -> None:
        self.of: dict[int, dict[int, int]] = defaultdict(dict)
        self.back: dict[int, dict[int, int]] = defaultdict(dict)
        self.owing: dict[int, int] = defaultdict(int)
        for one, other, cents in debts:
            self.of[one][other] = cents
            self.owing[one] += cents
            self.owing[other] -= cents
        self.height = dict.fromkeys(self.owing, 0)

    def run(self) -> None:
        """Have everybody pay what they owe on balance."""
        while any(cents > 0 for cents in self.owing.values()):
            ahead, reached = self._ways()
            if ahead is not None:
                self._send(ahead)
            else:
                for place in self.height.keys() - reached:
                    self.height[place] += 1

    def _ways(self) -> tuple[dict[int, list[int]] | None, set[int]]:
        """The steps of all shortest ways from whoever still pays to whoever still gets, if any; and who is reached."""
        level: dict[int, set[int]] = defaultdict(set)
        for place, height in self.height.items():
            level[height].add(place)
        ring = {place for place, cents in self.owing.items() if cents > 0}
        reached, ahead = set(ring), dict[int, list[int]]()
        while ring:
            further: set[int] = set()
            for one in ring:
                height = self.height[one]
                steps = (self.of[one].keys() & level[height + 1]) | (self.back[one].keys() & level[height - 1])
                steps -= reached
                ahead[one] = sorted(steps, reverse=True)
                further |= steps
            if any(self.owing[place] < 0 for place in further):
                return ahead, reached
            reached |= further
            ring = further
        return None, reached

    def _send(self, ahead: dict[int, list[int]]) -> None:
        """Send as much as these ways can carry, each from its first place to one that still gets."""
        for payer in sorted(place for place, cents in self.owing.items() if cents > 0):
            path = [payer]
            while path and self.owing[payer] > 0:
                if self.owing[path[-1]] < 0:
                    path = self._send_along(path, ahead)
                elif steps := ahead.get(path[-1]):
                    path.append(steps[-1])
                else:  # a dead end
                    path.pop()
                    if path:
                        ahead[path[-1]].pop()

    def _send_along(self, path: list[int], ahead: dict[int, list[int]]) -> list[int]:
        """Send what one way can carry; gives it as far as it can carry more."""
        steps = list(pairwise(path))
        cents = min(self.owing[path[0]], -self.owing[path[-1]], *(self._left(*step) for step in steps))
        self.owing[path[0]] -= cents
        self.owing[path[-1]] += cents
        full = None
        for n, (one, other) in enumerate(steps):
            up = self.height[other] > self.height[one]
            taken, given = (self.of[one], self.back[other]) if up else (self.back[one], self.of[other])
            taken[other] -= cents
            given[one] = given.get(one, 0) + cents
            if not taken[other]:
                del taken[other]
                ahead[one].pop()
                full = n if full is None else full
        # Where no step is full, its last place gets nothing more, or its first has paid: the step before it is tried.
        if full is None:
            ahead[path[-2]].pop()
            full = len(path) - 2
        return path[: full + 1]

    def _left(self, one: int, other: int) -> int:
        return self.of[one][other] if self.height[other] > self.height[one] else self.back[one][other]
