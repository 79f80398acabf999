"""How a place is settled, as plain values: what the files are made of. Pure."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

VatExemption = Literal["franchise", "association", "outside"]
"""Why a place charges no VAT: small business (*franchise en base*), non-profit, or none of what it does is taxed."""

USUAL_ACCOUNTS: Final[dict[str, str]] = {
    "receivable": "411000",
    "payable": "401000",
    "income": "706000",
    "expense": "611000",
    "vat": "445710",
    "input_vat": "445660",
    "fund": "658000",
}
"""Accounts of the French chart (*plan comptable général*), by what they are for; ``vat`` is what the place collects."""
USUAL_JOURNAL: Final = "PASS"


@dataclass(frozen=True)
class Details:
    """Who a place is on files, by its ``code``; made of little, what is known of one that has said nothing."""

    code: str
    name: str
    account_name: str = ""
    iban: str | None = None
    bic: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    vat_exemption: VatExemption = "franchise"
    street: str | None = None
    postcode: str = ""
    town: str = ""
    country: str = "FR"
    journal: str = USUAL_JOURNAL
    accounts: dict[str, str] = field(default_factory=lambda: dict(USUAL_ACCOUNTS))
    self_billing_since: date | None = None
    holds_fund: bool = False
    chorus_service: str | None = None
    chorus_engagement: str | None = None

    @property
    def siren(self) -> str | None:
        """The number of the body that the place belongs to: the first nine digits of its SIRET."""
        return self.siret[:9] if self.siret else None


def is_one_account(one: str | None, other: str | None) -> bool:
    """Whether two IBANs are one: places of one association may share an account, and no bank pays from it into it."""
    return one is not None and one == other


def masked(iban: str) -> str:
    """An IBAN for those who need not pay into it: its country and its end."""
    return f"{iban[:2]}•• •••• {iban[-4:]}"
