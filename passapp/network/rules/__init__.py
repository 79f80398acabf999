"""Rules of the network: months, and the convention. Pure."""

from passapp.network.rules.consenting import Answers, ConsentRule
from passapp.network.rules.convention import (
    FIRST_CONVENTION,
    Convention,
    Flaw,
    Netting,
    Unit,
    Vat,
    flaws_of,
    hash_document,
    timeline_flaws,
)
from passapp.network.rules.months import (
    CLOSED_STATES,
    days_of,
    month_after,
    month_before,
    month_of,
    parse_month,
    posted_month,
)

__all__ = [
    "CLOSED_STATES",
    "FIRST_CONVENTION",
    "Answers",
    "ConsentRule",
    "Convention",
    "Flaw",
    "Netting",
    "Unit",
    "Vat",
    "days_of",
    "flaws_of",
    "hash_document",
    "month_after",
    "month_before",
    "month_of",
    "parse_month",
    "posted_month",
    "timeline_flaws",
]
