"""Routes of how a place is settled: its bank account, its numbers, the accounts of its books."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siret

from passapp.accounts.access import CallerDep, Role, allow
from passapp.accounts.fields import Email
from passapp.kernel.api import Body, Day, Line, NowDep, Optional, Shown, VersionDep, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.network.rules import Netting
from passapp.places.models import Place
from passapp.places.service import PLACE_UNKNOWN, get_place
from passapp.settlement.details.letters import tell_of_change
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.details.rules import USUAL_ACCOUNTS, USUAL_JOURNAL, VatExemption, masked
from passapp.settlement.details.service import change_details, row_of, usual

router = APIRouter(tags=["settlement"])


def _checked(kind: str, numbers: Callable[[str], str]) -> AfterValidator:
    """A number with check digits, without its spaces."""

    def check(text: str) -> str:
        try:
            return numbers(text)
        except ValidationError:
            raise PydanticCustomError(kind, "not a valid number") from None

    return AfterValidator(check)


_Typed = Annotated[Line, StringConstraints(max_length=60)]
Iban = Annotated[_Typed, _checked("iban", iban.validate)]
Bic = Annotated[_Typed, _checked("bic", bic.validate)]
Siret = Annotated[_Typed, _checked("siret", siret.validate)]
VatNumber = Annotated[_Typed, _checked("vat_number", vat.validate)]
Account = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3,12}$")]


class Accounts(Body):
    """The accounts of a place's books; those of the French chart where nothing else is said."""

    receivable: Account = USUAL_ACCOUNTS["receivable"]
    payable: Account = USUAL_ACCOUNTS["payable"]
    income: Account = USUAL_ACCOUNTS["income"]
    expense: Account = USUAL_ACCOUNTS["expense"]
    vat: Account = Field(default=USUAL_ACCOUNTS["vat"], description="VAT that the place collects.")
    input_vat: Account = Field(default=USUAL_ACCOUNTS["input_vat"], description="VAT that it gets back.")
    fund: Account = USUAL_ACCOUNTS["fund"]


class SettlementDetailsWanted(Body):
    """How a place is settled, whole. Nothing of it is needed to be counted."""

    netting: Literal["gross", "bilateral", "existing_debts"] | None = Field(
        default=None, description="Lower than the network's: a public body pays every debt (`gross`)."
    )
    account_name: Annotated[Line, Field(max_length=70)] = Field(examples=["Association Le Hangar"])
    iban: Annotated[Iban | None, Optional] = Field(default=None, examples=["FR14 2004 1010 0505 0001 3M02 606"])
    bic: Annotated[Bic | None, Optional] = None
    siret: Annotated[Siret | None, Optional] = None
    vat_number: Annotated[VatNumber | None, Optional] = None
    vat_exemption: VatExemption = Field(
        default="franchise", description="Why it charges no VAT, where it charges none: it stands on invoices."
    )
    street: Annotated[Annotated[Line, Field(max_length=70)] | None, Optional] = None
    postcode: Annotated[Line, Field(max_length=16)]
    town: Annotated[Line, Field(max_length=70)]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "FR"
    accountant_email: Annotated[Email | None, Optional] = None
    mails_accountant: bool = Field(default=False, description="Each closed month is mailed to the accountant.")
    invoices_monthly: bool = Field(default=False, description="Its invoices are written as a month is closed.")
    journal: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,10}$")] = USUAL_JOURNAL
    accounts: Accounts = Accounts()
    self_billing_since: Annotated[Day | None, Optional] = Field(
        default=None, description="From that day on, the places that pay write this place's invoices: its mandate."
    )
    chorus_service: Annotated[Annotated[Line, Field(max_length=100)] | None, Optional] = Field(
        default=None, description="A public body's service code (*code service*), for Chorus Pro."
    )
    chorus_engagement: Annotated[Annotated[Line, Field(max_length=50)] | None, Optional] = None


class SettlementDetailsShown(Shown):
    """How a place is settled. `version` 0: it has said nothing, and goes by what is usual."""

    netting: Netting | None
    account_name: str
    iban: str | None
    bic: str | None
    siret: str | None
    vat_number: str | None
    vat_exemption: VatExemption
    street: str | None
    postcode: str
    town: str
    country: str
    accountant_email: str | None
    mails_accountant: bool
    invoices_monthly: bool
    holds_fund: bool = Field(
        description="The common fund's money is on this place's account: the coordination says so."
    )
    journal: str
    accounts: dict[str, str]
    self_billing_since: date | None
    chorus_service: str | None
    chorus_engagement: str | None
    version: int


def _show(place: Place, row: SettlementDetails | None) -> SettlementDetailsShown:
    if row is not None:
        return SettlementDetailsShown.model_validate(row)
    said: dict[str, Any] = usual(place) | {"version": 0}
    return SettlementDetailsShown(**said)


@router.get(
    "/places/{place_id}/settlement-details",
    operation_id="get_settlement_details",
    dependencies=allow(Role.COORDINATOR, Role.NETWORK_ACCOUNTANT, Role.MANAGER, Role.PLACE_ACCOUNTANT),
    responses=may_answer(PLACE_UNKNOWN),
)
def get_settlement_details(
    place_id: UUID, response: Response, session: SessionDep, caller: CallerDep
) -> SettlementDetailsShown:
    """How a place is settled. The network's accountant sees the end of the IBAN alone, and no address of a person."""
    place = get_place(session, place_id)
    shown = _show(place, session.get(SettlementDetails, place.id))
    own = place.id in caller.places(Role.MANAGER, Role.PLACE_ACCOUNTANT)
    if not (own or caller.has(Role.COORDINATOR)):
        shown.iban = masked(shown.iban) if shown.iban else None
        shown.accountant_email = None
    show_version(response, shown.version)
    return shown


@router.put(
    "/places/{place_id}/settlement-details",
    operation_id="set_settlement_details",
    dependencies=allow(Role.COORDINATOR, Role.MANAGER, Role.PLACE_ACCOUNTANT),
    responses=may_answer(PLACE_UNKNOWN, STALE, VERSION_REQUIRED),
)
def set_settlement_details(
    place_id: UUID,
    body: SettlementDetailsWanted,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> SettlementDetailsShown:
    """Say how a place is settled. `If-Match: "0"` where it has said nothing yet."""
    place = get_place(session, place_id)
    row = row_of(session, place)
    if (row.version or 0) != version:
        raise STALE.error()
    changed = change_details(session, place, row, body.model_dump(), at=now, actor=caller.actor)
    tell_of_change(session, row, changed, at=now, actor=caller.actor)
    show_version(response, row.version)
    return _show(place, row)
