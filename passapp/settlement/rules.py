"""Rules of settlement. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Counts:
    """A month's visits: by (home, host), and by place those made at one's own home (R5: counted, not settled)."""

    between: dict[tuple[UUID, UUID], int]
    at_home: dict[UUID, int]

    @property
    def total(self) -> int:
        """How many visits there were between places."""
        return sum(self.between.values())


def count_visits(visits: Iterable[tuple[UUID, UUID, bool, int]]) -> Counts:
    """Add up visits given as (home, host, at home, how many); the order of the input does not matter."""
    between: Counter[tuple[UUID, UUID]] = Counter()
    at_home: Counter[UUID] = Counter()
    for home, host, is_at_home, number in visits:
        if is_at_home:
            at_home[host] += number
        else:
            between[home, host] += number
    return Counts(dict(between), dict(at_home))
