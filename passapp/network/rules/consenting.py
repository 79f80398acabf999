"""When the places have agreed to new rules. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class ConsentRule(StrEnum):
    """How many of the places must agree: all of them, two thirds, or more than half."""

    ALL = "all"
    TWO_THIRDS = "two_thirds"
    MAJORITY = "majority"

    def needed(self, places: int) -> int:
        """How many of so many places must agree."""
        if self is ConsentRule.ALL or not places:
            return places
        return -(-2 * places // 3) if self is ConsentRule.TWO_THIRDS else places // 2 + 1


@dataclass(frozen=True)
class Answers:
    """What the places of a network have answered so far."""

    places: int
    consents: int
    objections: int

    @property
    def silent(self) -> int:
        """How many have not answered."""
        return self.places - self.consents - self.objections

    def agreed(self, rule: ConsentRule, *, silence_consents: bool, is_over: bool) -> bool | None:
        """Whether the places have agreed; None while some may still answer, or change their answer."""
        if self.silent and not is_over:
            return None
        return self.consents + (self.silent if silence_consents else 0) >= rule.needed(self.places)
