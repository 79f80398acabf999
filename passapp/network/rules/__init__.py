"""Rules of the network: months, and the convention. Pure."""

from passapp.network.rules.convention import (
    FIRST_CONVENTION,
    Convention,
    Netting,
    Unit,
    hash_document,
    timeline_flaws,
)
from passapp.network.rules.months import CLOSED_STATES, days_of, month_after, month_of, parse_month, posted_month

__all__ = [
    "CLOSED_STATES",
    "FIRST_CONVENTION",
    "Convention",
    "Netting",
    "Unit",
    "days_of",
    "hash_document",
    "month_after",
    "month_of",
    "parse_month",
    "posted_month",
    "timeline_flaws",
]
