"""A month of three places to make files of: VAT, a fund, credits, former debts, and names that are traps."""

from datetime import date
from typing import Any
from uuid import UUID

from passapp.network.rules import Convention, Netting
from passapp.settlement.details.rules import Details
from passapp.settlement.rules.advances import AdvancedBooking, BookingCredit
from passapp.settlement.rules.documents import Document, Documents, PublishedVersion
from passapp.settlement.rules.month import Former, Opening, Settlement, Terms, settle
from passapp.settlement.rules.rating import Credit, Partner
from tests.settlement.conventions import document as convention_document
from tests.settlement.conventions import visit
from tests.settlement.details.places import IBAN, OTHER_IBAN, SIRETS

MONTH = "2026-10"
NAMES = {"hangar": "Le Hangar", "moulin": "=HYPERLINK(1)", "phare": "Le Phare; « Été »"}
HANGAR = Details(
    "hangar",
    "Le Hangar",
    "Association Le Hangar",
    IBAN,
    None,
    SIRETS[0],
    "FR40303265045",
    street="12 rue des Jacobins",
    postcode="14000",
    town="Caen",
)
MOULIN = Details(
    "moulin",
    "=HYPERLINK(1)",
    "SCIC Le Moulin — Œuvre & fils",
    OTHER_IBAN,
    "COBADEFFXXX",
    SIRETS[1],
    "FR55552081317",
    street="1 quai du Moulin",
    postcode="14400",
    town="Bayeux",
)
PHARE = Details("phare", "Le Phare; « Été »", "Le Phare", postcode="50100", town="Cherbourg")
DETAILS = {each.code: each for each in (HANGAR, MOULIN, PHARE)}


def settled(**fields: Any) -> tuple[Settlement, list[PublishedVersion]]:
    """What October comes to."""
    said = convention_document(**{"fund_basis_points": 500, "allowance": 1, "netting": "multilateral"} | fields)
    rules = {1: Convention.model_validate(said)}
    joined = date(2020, 1, 1)
    partners = {
        "hangar": Partner("hangar", joined, vat=((joined, 2000),)),
        "moulin": Partner("moulin", joined),
        "phare": Partner("phare", joined),
    }
    visits = [visit("hangar", "moulin", visitor=n, day=day) for n, day in ((1, 3), (1, 4), (1, 9), (2, 4), (2, 12))]
    visits += [visit("moulin", "hangar", visitor=3, day=day) for day in (1, 2, 3, 5)]
    visits += [visit("moulin", "phare", visitor=4, day=day) for day in (1, 2, 8, 9, 10)]
    visits += [visit("phare", "hangar", visitor=5, day=7), visit("phare", "hangar", visitor=5, day=8, waived="offered")]
    visits += [visit("hangar", "hangar", visitor=6, day=7, at_home=True)]
    # The same ids each time, for the same bytes.
    visits = [each._replace(id=str(UUID(int=number))) for number, each in enumerate(visits, start=1)]
    bookings = [
        AdvancedBooking(
            "00000000-0000-0000-0000-00000000b001",
            "phare",
            "hangar",
            date(2026, 10, 6),
            is_cancelled=False,
            amount_cents=2400,
        )
    ]
    corrected = (
        BookingCredit("00000000-0000-0000-0000-00000000b002", "phare", "hangar", "2026-08", 2000, 199),
        BookingCredit("00000000-0000-0000-0000-00000000b003", "phare", "hangar", "2026-09", 2000, 500),
    )
    former = Former(
        openings=(Opening("phare", "hangar", 250, "2026-09"),),
        credits=(Credit("00000000-0000-0000-0000-00000000c001", "moulin", "phare", "2026-09", 1, 0, 500),),
        # Rooms are priced in euros: no month in another currency held any.
        booking_credits=() if said.get("currency") else corrected,
    )
    terms = Terms(Netting(said["netting"]))
    settlement = settle(MONTH, visits, rules, partners, terms, bookings, former)
    return settlement, [PublishedVersion(1, date(2026, 1, 1), "0" * 64, said)]


def month(**fields: Any) -> Document:
    """October as a document."""
    return Documents("RESEAU", *settled(**fields)).month


def statement(place: str = "hangar", **fields: Any) -> Document:
    """A place's October."""
    return Documents("RESEAU", *settled(**fields)).statement(place)
