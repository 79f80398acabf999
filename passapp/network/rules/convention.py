"""The convention (*règles du réseau*): what the places agreed to, as data (settlement R4, R7, R9, R12). Pure.

A version is a canonical JSON document, read by :class:`Convention`. What its rules come to is looked at before it is
published (:meth:`Convention.contradictions`), never when a published one is read: it is in force as it was agreed to.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise, product
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

FIRST_CONVENTION: Final[dict[str, Any]] = {
    "schema": 1,
    "unit": "visit",
    "tariff": [{"when": {}, "rate_cents": 0}],
    "allowance": None,
    "cap": None,
    "fund_basis_points": 0,
    "netting": "gross",
    "money": False,
    "review_days": 15,
}
"""What a network starts with (moments, Simple by default): visits are counted, nothing is owed."""

DEAREST_CENTS: Final = 100_000_00
MOST_UNITS: Final = 1000
MOST_RULES: Final = 50
MOST_CASES: Final = 1000
MOST_LATE_DAYS: Final = 60
LONGEST_CURRENCY: Final = 20
_CURRENCY: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+(?:[ '’-][A-Za-zÀ-ÖØ-öø-ɏ]+)*")
"""Latin letters: what looks like them and is not, or is read backwards, is no name to sign."""
_EUROS: Final = frozenset({"eur", "euro", "euros"})


def hash_document(document: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of a document in canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()


class Unit(StrEnum):
    """What is counted (R4): one visit per member, host and date, or the half days of it."""

    VISIT = "visit"
    HALF_DAY = "half_day"


class Netting(StrEnum):
    """How debts become payments (R16), from every debt as it is to the fewest payments."""

    GROSS = "gross"
    BILATERAL = "bilateral"
    EXISTING_DEBTS = "existing_debts"
    MULTILATERAL = "multilateral"

    def lowered_to(self, other: "Netting") -> "Netting":
        """The one of both that changes less of what is owed: the first in the order above."""
        return min(self, other, key=list(Netting).index)


class Vat(StrEnum):
    """How amounts are taxed (R11): as each host is, or not at all (what the places share is outside its scope)."""

    BY_HOST = "by_host"
    NONE = "none"


class Flaw(NamedTuple):
    """What is wrong with a document, where (the steps of a JSON pointer), in English and in French."""

    at: tuple[str | int, ...]
    en: str
    fr: str


_Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_Names = Annotated[tuple[_Name, ...], Field(min_length=1, max_length=500)]


HostClass = Literal["standard", "subsidised"]
HOST_CLASSES: Final[tuple[HostClass, ...]] = get_args(HostClass)


class _Part(BaseModel):
    # Not strict: JSON has no tuples. Numbers are, one by one: "3" and true are not an amount of cents.
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Part):
    """When a rule of the tariff matches: every condition given must hold, any value of its list will do."""

    plan: _Names | None = None
    host_class: Annotated[tuple[HostClass, ...], Field(min_length=1)] | None = None
    home: _Names | None = None
    host: _Names | None = None
    zone: _Names | None = None

    @cached_property
    def conditions(self) -> dict[str, frozenset[str]]:
        """The conditions given, by what they look at."""
        return {name: frozenset(values) for name, values in self if values is not None}

    def matches(self, facts: Mapping[str, str]) -> bool:
        """Whether a visit with these facts is meant."""
        return all(facts[name] in values for name, values in self.conditions.items())

    def cases(self, others: Sequence["When"]) -> Iterator[dict[str, frozenset[str]]]:
        """The same in parts, as conditions, each of which any of ``others`` covers whole or by none of its values."""
        parts: list[list[tuple[str, frozenset[str]]]] = []
        # Whatever is not listed has values that nobody can name; but of hosts there are two classes.
        for name, values in ({"host_class": frozenset[str](HOST_CLASSES)} | self.conditions).items():
            alike: dict[tuple[bool, ...], set[str]] = defaultdict(set)
            for value in sorted(values):
                alike[tuple(value in other.conditions.get(name, values) for other in others)].add(value)
            parts.append([(name, frozenset(each)) for each in alike.values()])
        return map(dict, product(*parts))

    def covers(self, case: Mapping[str, frozenset[str]]) -> bool:
        """Whether this matches whatever these conditions match."""
        return all(name in case and case[name] <= values for name, values in self.conditions.items())


class TariffRule(_Part):
    """What a host receives for one paid unit. Never by tariff tier: a rate would betray it (R7)."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = None
    when: When
    rate_cents: Annotated[int, Field(strict=True, ge=0, le=DEAREST_CENTS)]


_Units = Annotated[int, Field(strict=True, ge=0, le=MOST_UNITS)] | None


class Convention(_Part):
    """One version of the rules.

    ``allowance``: free units, and ``cap``: paid units, both per member and calendar month (R9); None: there is none.
    ``money`` false: a network that only counts. ``currency``: the local currency that amounts are hundredths of, as
    people say it; None: euros (R1, R18). ``threshold_cents``: payments below it wait for the next month (R17).
    ``late_days``: after the end of its month, a visit that comes to light later is worth nothing (R14).
    ``transition_days``: how long the fund pays for members of a place that has left (R13). ``answer_days``: after the
    review, for the other place to answer and the coordination to decide. ``payment_days``: after the closing, to pay.
    ``pydantic.ValidationError`` names what in a document has not the shape of one.
    """

    schema_: Annotated[int, Field(alias="schema", strict=True, ge=1, le=1)]
    unit: Unit
    money: Annotated[bool, Field(strict=True)]
    tariff: Annotated[tuple[TariffRule, ...], Field(max_length=MOST_RULES)]
    allowance: _Units
    cap: _Units
    fund_basis_points: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    netting: Netting
    review_days: Annotated[int, Field(strict=True, ge=0, le=60)]
    # Versions published before these existed do not have them: they mean the same.
    vat: Vat = Vat.BY_HOST
    threshold_cents: Annotated[int, Field(strict=True, ge=0, le=DEAREST_CENTS)] = 0
    late_days: Annotated[int, Field(strict=True, ge=0, le=MOST_LATE_DAYS)] = MOST_LATE_DAYS
    transition_days: Annotated[int, Field(strict=True, ge=0, le=60)] = 0
    answer_days: Annotated[int, Field(strict=True, ge=0, le=30)] = 7
    payment_days: Annotated[int, Field(strict=True, ge=0, le=60)] = 10
    currency: Annotated[str, Field(strict=True)] | None = None

    def contradictions(self) -> list[Flaw]:
        """What no new version may say, though one that was published before we looked for it may have said it."""
        every = (self._gaps, self._never_matching, self._money_of_none, self._no_currency, self._cap_below_allowance)
        return [flaw for each in every for flaw in each()]

    def _gaps(self) -> list[Flaw]:
        if self.tariff and not self.tariff[-1].when.conditions:
            return []
        return [
            Flaw(
                ("tariff",),
                "the tariff leaves a gap: its last rule must match every visit (when: {})",
                "le tarif laisse un vide : sa dernière règle doit valoir pour tous les passages (when: {})",
            )
        ]

    def _never_matching(self) -> list[Flaw]:
        flaws: list[Flaw] = []
        for position in range(len(self.tariff)):
            if before := self._always_before(position):
                numbers, many = ", ".join(map(str, before)), len(before) > 1
                en = f"rule{'s' * many} {' and '.join(numbers.rsplit(', ', 1))}"
                fr = f"{'les règles' if many else 'la règle'} {' et '.join(numbers.rsplit(', ', 1))}"
                flaws.append(
                    Flaw(
                        ("tariff", position),
                        f"rule {position + 1} of the tariff never matches: {en} always come{'' if many else 's'} first",
                        f"la règle {position + 1} du tarif ne sert jamais : {fr} passe{'nt' * many} toujours avant",
                    )
                )
        return flaws

    def _always_before(self, position: int) -> list[int]:
        """The numbers, from 1 on, of the rules that leave nothing for the one at a position; none if they leave some.

        Nor where there are too many cases to look at: such a rule is harmless.
        """
        earlier, when = [rule.when for rule in self.tariff[:position]], self.tariff[position].when
        # The last one must match everything, even where the rules before it leave nothing over.
        is_last = position == len(self.tariff) - 1
        found: set[int] = set()
        for looked_at, case in enumerate([when.conditions] if is_last else when.cases(earlier)):
            first = next((n for n, one in enumerate(earlier, start=1) if one.covers(case)), None)
            if first is None or looked_at == MOST_CASES:
                return []
            found.add(first)
        return sorted(found)

    def _money_of_none(self) -> list[Flaw]:
        if self.money or not (self.fund_basis_points or any(rule.rate_cents for rule in self.tariff)):
            return []
        return [
            Flaw(
                ("money",),
                "a network that only counts has neither rates nor a common fund: set money to true",
                "un réseau qui compte seulement n'a ni tarif ni caisse commune : mettez money à true",
            )
        ]

    def _no_currency(self) -> list[Flaw]:
        if self.currency is None:
            return []
        if not self.money:
            # Else whoever asks what a month is settled in would have to look at two fields.
            return [
                Flaw(
                    ("currency",),
                    "a network that only counts has no currency: leave it out, or set money to true",
                    "un réseau qui compte seulement n'a pas de monnaie : enlevez-la, ou mettez money à true",
                )
            ]
        words = re.split("[ '’-]", self.currency.casefold())
        if len(self.currency) > LONGEST_CURRENCY or not _CURRENCY.fullmatch(self.currency):
            return [
                Flaw(
                    ("currency",),
                    "write the local currency as people say it: up to 20 letters, spaces, hyphens or apostrophes",
                    "écrivez la monnaie locale comme on la dit : 20 lettres, espaces, traits d'union ou apostrophes "
                    "au plus",
                )
            ]
        if not _EUROS.isdisjoint(words):
            return [
                Flaw(
                    ("currency",),
                    "these are euros: leave the currency out",
                    "ce sont des euros : n'indiquez pas de monnaie locale",
                )
            ]
        return []

    def rule_for(self, facts: Mapping[str, str]) -> int:
        """The place in the tariff of the rule for a visit: the first that matches (R7)."""
        return next(n for n, rule in enumerate(self.tariff) if rule.when.matches(facts))

    def strangers(self, known: Mapping[str, Collection[str]]) -> list[Flaw]:
        """Conditions that name what does not exist (``known``, by ``plan``, ``home``, ``host``, ``zone``).

        A rule for an unknown plan never matches.
        """
        return [
            Flaw(
                ("tariff", position),
                f"rule {position + 1} of the tariff never matches: there is no {name} {value}",
                f"la règle {position + 1} du tarif ne sert jamais : {_FRENCH[name]} {value} n'existe pas",
            )
            for position, rule in enumerate(self.tariff)
            for name, values in rule.when.conditions.items()
            for value in sorted(values - frozenset(known.get(name, values)))
        ]

    def _cap_below_allowance(self) -> list[Flaw]:
        if self.cap is None or self.cap >= (self.allowance or 0):
            return []
        return [
            Flaw(
                ("cap",),
                f"the cap ({self.cap}) is below the free allowance ({self.allowance})",
                f"le plafond ({self.cap}) est plus petit que les passages gratuits ({self.allowance})",
            )
        ]


_FRENCH: Final = {"plan": "la formule", "home": "le lieu", "host": "le lieu", "zone": "le fuseau"}


def flaws_of(error: ValidationError, say: Callable[[Any, Literal["fr", "en"]], str]) -> list[Flaw]:
    """Each flaw of a document that :class:`Convention` could not read; ``say`` puts pydantic's own into words."""
    return [Flaw(tuple(each["loc"]), say(each, "en"), say(each, "fr")) for each in error.errors(include_url=False)]


def timeline_flaws(versions: Sequence[tuple[int, date]]) -> list[str]:
    """What is wrong with versions given as (number, first day), in any order: none may stand beside another (R7).

    Each is in force until the day before the next, so that they neither overlap nor leave a gap.
    """
    ordered = sorted(versions)
    flaws = [] if ordered else ["there is no convention version at all"]
    for (number, starts_on), (after, later) in pairwise(ordered):
        if later <= starts_on:
            flaws.append(f"version {after} begins on {later}, not after version {number} ({starts_on})")
        if after != number + 1:
            flaws.append(f"between the versions {number} and {after} one is missing")
    return flaws
