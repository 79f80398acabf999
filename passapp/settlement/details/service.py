"""What people do with how a place is settled: say it, change it, look it up."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.kernel.database import Base
from passapp.places.models import Place
from passapp.settlement.details.models import ClosedDetails, SettlementDetails
from passapp.settlement.details.rules import USUAL_ACCOUNTS, USUAL_JOURNAL, Details

IN_FILES: Final = ("iban", "holds_fund", "journal", "accounts")
"""What a statement's files are made of besides its document. What a bank is told to pay is as of today instead."""


def usual(place: Place) -> dict[str, Any]:
    """What holds for a place that has said nothing."""
    return {
        "netting": None,
        "account_name": place.name[:70],
        "iban": None,
        "bic": None,
        "siret": None,
        "vat_number": None,
        "vat_exemption": "franchise",
        "street": None,
        "postcode": place.postcode,
        "town": place.town[:70],
        "country": place.country,
        "accountant_email": None,
        "mails_accountant": False,
        "invoices_monthly": False,
        "holds_fund": False,
        "journal": USUAL_JOURNAL,
        "accounts": dict(USUAL_ACCOUNTS),
        "self_billing_since": None,
        "chorus_service": None,
        "chorus_engagement": None,
    }


def row_of(session: Session, place: Place) -> SettlementDetails:
    """The place's own row, to be changed: a new one where it has said nothing yet."""
    row = session.get(SettlementDetails, place.id)
    if row is None:
        row = SettlementDetails(place_id=place.id, **usual(place))
        session.add(row)
    return row


def change_details(
    session: Session, place: Place, row: SettlementDetails, changes: Mapping[str, Any], *, at: datetime, actor: Actor
) -> list[str]:
    """Say how a place is settled; answers the names of what was changed. Raises ``stale``.

    The log has those names, never an account or an address.
    """
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, changes[name])
    session.flush()
    if changed:
        record(session, actor, at, "settlement_details.change", ("place", place.id), place_id=place.id, fields=changed)
    return changed


def details_of(session: Session, places: Iterable[Place]) -> dict[str, Details]:
    """How places are settled, by code, as the files are made of."""
    by_id = {place.id: place for place in places}
    query = select(SettlementDetails).where(SettlementDetails.place_id.in_(by_id))
    rows: dict[UUID, SettlementDetails] = {row.place_id: row for row in session.scalars(query)}
    return {place.code: _plain(place, rows.get(key)) for key, place in by_id.items()}


def freeze_details(session: Session, month: str) -> None:
    """Keep what the files of a month that is about to be closed need: they stay as they are, byte for byte."""
    places = session.scalars(select(Place).order_by(Place.code)).all()
    details = details_of(session, places)
    rows = [
        {"month": month, "place_id": place.id, "said": {name: getattr(details[place.code], name) for name in IN_FILES}}
        for place in places
    ]
    if rows:
        session.execute(insert(Base.metadata.tables[ClosedDetails.__tablename__]), rows)


def details_in(session: Session, month: str, called: Iterable[tuple[UUID, str, str]]) -> dict[str, Details]:
    """How places were settled in a month, as its files are made of: as they were once it is closed, else as they are.

    ``called``: the places' ids, and their codes and names then.
    """
    places = {place.id: place for place in session.scalars(select(Place))}
    present = details_of(session, places.values())
    frozen = session.scalars(select(ClosedDetails).where(ClosedDetails.month == month))
    kept = {each.place_id: each.said for each in frozen}
    return {
        code: replace(present[places[key].code], **{"code": code, "name": name} | kept.get(key, {}))
        for key, code, name in called
    }


def _plain(place: Place, row: SettlementDetails | None) -> Details:
    names = Details.__dataclass_fields__.keys() - {"code", "name"}
    said = usual(place) if row is None else {name: getattr(row, name) for name in names}
    values = {name: value for name, value in said.items() if name in names}
    return Details(**values | {"code": place.code, "name": place.name, "accounts": USUAL_ACCOUNTS | said["accounts"]})
