"""How the demo's places are settled: numbers that are well made, and nobody's; and rules that they are asked about."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session
from stdnum import iban, luhn

from passapp.accounts.models import Account
from passapp.demo.conventions import PROPOSED, next_rules_on
from passapp.demo.people import DOOR_PLACE
from passapp.kernel.audit import SYSTEM, Actor
from passapp.network import drafts
from passapp.network.service import FURTHEST_AHEAD, conventions, get_network
from passapp.places.models import Place
from passapp.settlement.details.service import change_details, row_of

_NO_BANK: Final = 99999
"""No bank has this code."""
_STILL_ASKED: Final = timedelta(hours=42)
"""How long the places may still answer, then until the end of that day everywhere: their reminder is due."""


def say_how_it_is_settled(
    session: Session, place: Place, number: int, *, charges_vat: bool, accountant: str | None = None, at: datetime
) -> None:
    """Give a place of the demo an account, a SIRET and, where it charges VAT, a VAT number; all invented.

    ``accountant``: the address to which each closed month is mailed, with the invoices that are written then.
    """
    said = _numbers(number, charges_vat=charges_vat)
    asks = accountant is not None
    said |= {"accountant_email": accountant, "mails_accountant": asks, "invoices_monthly": asks}
    change_details(session, place, row_of(session, place), said, at=at, actor=SYSTEM)


def propose_rules(session: Session, places: Mapping[str, Place], coordination: Account, *, now: datetime) -> None:
    """Ask the places about other rules. All but the demo's own have agreed; its manager is reminded today."""
    actor = Actor("account", coordination.id)
    asked_at = now + _STILL_ASKED - timedelta(days=get_network(session).consent_days)
    starts_on = next_rules_on((now + drafts.REMINDED_BEFORE).astimezone(FURTHEST_AHEAD).date())
    present = conventions(session)[-1].document
    document = PROPOSED | {name: present[name] for name in ("review_days", "payment_days") if name in present}
    draft = drafts.make_draft(session, {"starts_on": starts_on, "document": document}, at=asked_at, actor=actor)
    drafts.propose(session, draft, at=asked_at, actor=actor)
    for asked in drafts.asked(session, draft, asked_at):
        if asked.place.id != places[DOOR_PLACE].id:
            drafts.answer(
                session,
                draft,
                asked.place,
                consents=True,
                reason=None,
                by=coordination.id,
                at=asked_at + timedelta(days=4),
                actor=actor,
            )


def _numbers(number: int, *, charges_vat: bool) -> dict[str, Any]:
    # Companies' numbers do not begin with five zeros.
    siren = _with_check_digit(f"00000{number:03}")
    said = {"iban": _iban(number), "siret": _with_check_digit(f"{siren}0001"), "street": f"{number} rue de la Démo"}
    return said | ({"vat_number": f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"} if charges_vat else {})


def _with_check_digit(digits: str) -> str:
    return digits + luhn.calc_check_digit(digits)


def _iban(number: int) -> str:
    key = 97 - (89 * _NO_BANK + 15 * 1 + 3 * number) % 97
    account = f"{_NO_BANK}{1:05}{number:011}{key:02}"
    return f"FR{iban.calc_check_digits(f'FR00{account}')}{account}"
