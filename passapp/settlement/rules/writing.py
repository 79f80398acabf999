"""Canonical JSON (RFC 8785) of what we made ourselves, fast: a large network has a million visits a month. Pure.

It holds names in ASCII, text, and whole numbers that JSON can hold. A test compares it with the ``rfc8785`` package,
which reads and hashes what others made.
"""

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from passapp.settlement.rules.rating import Credit, Line, Pair, RatedVisit

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def written(value: object) -> str:
    """Any document, or a part of one."""
    return _ENCODER.encode(value)


class PairWritten(NamedTuple):
    """A row of a statement, but for the partner: what comes before it and after it, by the order of the names."""

    before: str
    after: str

    def row(self, partner: str) -> str:
        """The row, for one of its two places."""
        return f"{self.before}{_code(partner)}{self.after}"


def write_pair(pair: Pair, visits: Iterable[RatedVisit]) -> PairWritten:
    """What one home owes one host: the same in the statements of both."""
    back = f'"credits":[{",".join(map(_credit, pair.credits))}],' if pair.credits else ""
    net, vat = pair.net_cents, pair.vat_cents
    return PairWritten(
        f'{{{back}"lines":[{",".join(map(_line, pair.lines))}],"net_cents":{net},"partner":',
        f',"total_cents":{net + vat},"units":{pair.units},"vat_cents":{vat},"visits":{pair.visits},'
        f'"visits_detail":[{",".join(map(_visit, visits))}]}}',
    )


def write_line(line: Line) -> str:
    """A line of a month, with its two places."""
    return _line(line, f'"home":{_code(line.key.home)},"host":{_code(line.key.host)},')


def write_sums(pair: Pair) -> str:
    """A pair of a month."""
    net, vat = pair.net_cents, pair.vat_cents
    return (
        f'{{"home":{_code(pair.home)},"host":{_code(pair.host)},"net_cents":{net},"total_cents":{net + vat},'
        f'"units":{pair.units},"vat_cents":{vat},"visits":{pair.visits}}}'
    )


@lru_cache(maxsize=4096)
def _code(code: str) -> str:
    return written(code)


def _line(line: Line, places: str = "") -> str:
    before, after = _around_places(
        line.key[2:], line.rate_cents, line.visits, line.units, line.free_units, line.paid_units
    )
    return before + places + after


@lru_cache(maxsize=16_384)
def _around_places(
    key: tuple[int, int, int, str, str], rate: int, visits: int, units: int, free: int, paid: int
) -> tuple[str, str]:
    """A line but for its places, by the order of the names: most lines of a month are like others."""
    convention, rule, vat, waived, origin = key
    came_from = f'"origin":"{origin}",' if origin else ""
    why = f',"waived":"{waived}"' if waived else ""
    after = (
        f'{came_from}"over_cap_units":{0 if waived else units - free - paid},"paid_units":{paid},"rate_cents":{rate},'
        f'"rule":{rule},"units":{units},"vat_basis_points":{vat},"visits":{visits}{why}}}'
    )
    return f'{{"amount_cents":{paid * rate},"convention":{convention},"free_units":{free},', after


def _credit(credit: Credit) -> str:
    return (
        f'{{"amount_cents":{credit.amount_cents},"convention":{credit.convention},"origin":"{credit.origin}",'
        f'"vat_basis_points":{credit.vat_basis_points},"visit":"{dashed(credit.visit)}"}}'
    )


def _visit(rated: RatedVisit) -> str:
    visit, _, rate, _, free, paid = rated
    before, after = _around_id(visit.local_date, visit.units, free, paid, rate, visit.waived)
    return before + dashed(visit.id) + after


@lru_cache(maxsize=16_384)
def _around_id(day: date, units: int, free: int, paid: int, rate: int, waived: str | None) -> tuple[str, str]:
    """A visit but for its id: all of a day that are worth the same are alike."""
    why = f',"waived":"{waived}"' if waived else ""
    after = (
        f'","local_date":"{day}","over_cap_units":{0 if waived else units - free - paid},"paid_units":{paid},'
        f'"rate_cents":{rate},"units":{units}{why}}}'
    )
    return f'{{"amount_cents":{paid * rate},"free_units":{free},"id":"', after


def dashed(key: str) -> str:
    """A UUID with its dashes, as PostgreSQL gives it and SQLite does not."""
    return key if len(key) > 32 else f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"  # noqa: PLR2004
