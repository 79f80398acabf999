"""What settling a month needs besides the visits and the rules: read as it is now, or as it was frozen.

Names, VAT and memberships of places change; what a closed month is answered from does not.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, extract, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from passapp.bookings.advances.service import DUE, OWED
from passapp.bookings.models import Booking, BookingState
from passapp.bookings.rules import Payer
from passapp.door.models import Visit, VisitVoid
from passapp.network.rules import Netting, days_of
from passapp.places.models import Place, VatStatus
from passapp.places.service import PLACE_UNKNOWN
from passapp.settlement.contests.models import BookingCreditRow, CreditRow
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.months.models import MonthVersion
from passapp.settlement.payments.service import openings_of
from passapp.settlement.rules.advances import AdvancedBooking, BookingCredit
from passapp.settlement.rules.month import Opening
from passapp.settlement.rules.rating import FUND, Credit, Partner, Used


class Named(NamedTuple):
    """A place as it was called then; ``key`` is its id in hex. A plain tuple: a page reads a thousand of them."""

    key: str
    code: str
    name: str

    @property
    def id(self) -> UUID:
        """Its id."""
        return UUID(self.key)


@dataclass(frozen=True)
class Basis:
    """All places of the network, by code, and what a month takes over.

    ``lowered``: the places that net less than the network may, whatever its mode is. ``counts``: how many visits the
    month has, and how many of them are void: neither is ever taken back, so that equal counts are equal visits.
    """

    places: dict[str, Named]
    partners: dict[str, Partner]
    lowered: dict[str, Netting]
    openings: tuple[Opening, ...]
    credits: tuple[Credit, ...]
    bookings: tuple[AdvancedBooking, ...]
    booking_credits: tuple[BookingCredit, ...]
    counts: tuple[int, int]
    used: Used = field(default_factory=dict)

    def code_of(self, place_id: UUID) -> str:
        """A place's code then. Raises ``place_unknown`` for one that came later."""
        key = place_id.hex
        code = next((place.code for place in self.places.values() if place.key == key), None)
        if code is None:
            raise PLACE_UNKNOWN.error()
        return code

    def frozen(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "partners": [
                {
                    "id": str(self.places[code].id),
                    "code": code,
                    "name": self.places[code].name,
                    "joined_on": partner.joined_on.isoformat(),
                    "left_on": partner.left_on.isoformat() if partner.left_on else None,
                    "vat": [[day.isoformat(), points] for day, points in partner.vat],
                }
                for code, partner in sorted(self.partners.items())
            ],
            "lowered": {code: mode.value for code, mode in sorted(self.lowered.items())},
            "openings": [asdict(each) for each in self.openings],
            "credits": [each._asdict() for each in self.credits],
            "bookings": [each._asdict() | {"local_date": each.local_date.isoformat()} for each in self.bookings],
            "booking_credits": [each._asdict() for each in self.booking_credits],
            "counts": list(self.counts),
            "used": {visitor: list(units) for visitor, units in sorted(self.used.items())},
        }

    @classmethod
    def of(cls, frozen: Mapping[str, Any]) -> "Basis":
        """What was frozen."""
        rows = frozen["partners"]
        return cls(
            places={row["code"]: Named(row["id"].replace("-", ""), row["code"], row["name"]) for row in rows},
            partners={
                row["code"]: Partner(
                    row["code"],
                    date.fromisoformat(row["joined_on"]),
                    date.fromisoformat(row["left_on"]) if row["left_on"] else None,
                    tuple((date.fromisoformat(day), points) for day, points in row["vat"]),
                )
                for row in rows
            },
            lowered={code: Netting(mode) for code, mode in frozen["lowered"].items()},
            openings=tuple(Opening(**each) for each in frozen["openings"]),
            credits=tuple(Credit(**each) for each in frozen["credits"]),
            bookings=tuple(
                AdvancedBooking(**each | {"local_date": date.fromisoformat(each["local_date"])})
                for each in frozen["bookings"]
            ),
            booking_credits=tuple(BookingCredit(**each) for each in frozen["booking_credits"]),
            counts=(frozen["counts"][0], frozen["counts"][1]),
            used={visitor: (free, paid) for visitor, (free, paid) in frozen["used"].items()},
        )


def mark_of(basis: Basis) -> str:
    """The same for bases that settle alike: names, and what late visits' members had used, aside."""
    frozen = basis.frozen()
    partners = [{name: value for name, value in row.items() if name != "name"} for row in frozen["partners"]]
    settling = {name: value for name, value in frozen.items() if name != "used"} | {"partners": partners}
    return hashlib.sha256(json.dumps(settling, sort_keys=True).encode()).hexdigest()


def frozen_of(session: Session, month: str) -> MonthVersion | None:
    """The version in which a month was closed; None where it was before versions were kept."""
    query = select(MonthVersion).where(MonthVersion.month == month, MonthVersion.reason == "closed")
    return session.scalar(query)


def basis_of(session: Session, month: str, *, of: UUID | None = None) -> Basis:
    """What a month that is not closed needs now, all but what late visits' members have used.

    ``of``: bookings of that place alone, and no counts.
    """
    _, last = days_of(month)
    vat: dict[str, list[tuple[date, int]]] = defaultdict(list)
    statuses = select(_hex(VatStatus.place_id), VatStatus.starts_on, VatStatus.basis_points)
    for key, starts_on, points in session.execute(
        statuses.where(VatStatus.starts_on <= last).order_by(VatStatus.starts_on)
    ):
        vat[key].append((starts_on, points))
    codes: dict[str, str] = {}
    places: dict[str, Named] = {}
    partners: dict[str, Partner] = {}
    for key, code, name, joined_on, left_on in session.execute(
        select(_hex(Place.id), Place.code, Place.name, Place.joined_on, Place.left_on)
    ):
        codes[key] = code
        places[code] = Named(key, code, name)
        partners[code] = _partner(code, joined_on, left_on, last, vat.get(key, ()))
    lowered = select(_hex(SettlementDetails.place_id), SettlementDetails.netting).where(
        SettlementDetails.netting.is_not(None)
    )
    return Basis(
        places=places,
        partners=partners,
        lowered={codes[key]: Netting(mode) for key, mode in session.execute(lowered) if mode},
        openings=openings_of(session, month),
        credits=tuple(sorted(_credits(session, month, codes))),
        bookings=tuple(_advanced(session, month, of)),
        booking_credits=tuple(sorted(_booking_credits(session, month, codes))),
        counts=(0, 0) if of else _counts(session, month),
    )


def _hex(key: InstrumentedAttribute[UUID]) -> ColumnElement[str]:
    """An id as text: a large network has a thousand places, and few of them are asked for their ids."""
    return func.replace(cast(key, String), "-", "")


def _partner(code: str, joined_on: date, left_on: date | None, last: date, vat: Iterable[tuple[date, int]]) -> Partner:
    # What begins after the month says nothing in it: it must not look as if the month had changed.
    return Partner(code, joined_on, left_on if left_on is not None and left_on <= last else None, tuple(vat))


def _counts(session: Session, month: str) -> tuple[int, int]:
    visits = select(func.count()).select_from(Visit).where(Visit.posted_month == month)
    voids = visits.join(VisitVoid, and_(VisitVoid.visit_id == Visit.id, VisitVoid.revision == Visit.revision))
    return session.scalar(visits) or 0, session.scalar(voids) or 0


def _credits(session: Session, month: str, codes: Mapping[str, str]) -> Iterable[Credit]:
    for row in session.scalars(select(CreditRow).where(CreditRow.posted_month == month)):
        home = codes[row.home_id.hex] if row.home_id else FUND
        yield Credit(
            str(row.visit_id),
            home,
            codes[row.host_id.hex],
            row.origin,
            row.convention,
            row.vat_basis_points,
            row.amount_cents,
        )


def _booking_credits(session: Session, month: str, codes: Mapping[str, str]) -> Iterable[BookingCredit]:
    for row in session.scalars(select(BookingCreditRow).where(BookingCreditRow.posted_month == month)):
        home, host = codes[row.home_id.hex], codes[row.host_id.hex]
        yield BookingCredit(str(row.booking_id), home, host, row.origin, row.vat_basis_points, row.amount_cents)


_IS_ADVANCED = and_(Booking.payer == Payer.HOME, Booking.state.in_(DUE), OWED > 0)
_HOME, _HOST = aliased(Place), aliased(Place)
_ADVANCED = (
    select(Booking.id, _HOME.code, _HOST.code, Booking.local_start, Booking.state, OWED)
    .join(_HOME, _HOME.id == Booking.home_id)
    .join(_HOST, _HOST.id == Booking.place_id)
    .where(_IS_ADVANCED)
)
"""Once: it takes longer to write than to answer."""


def months_advanced(session: Session) -> set[str]:
    """The months in which bookings begin that homes advance."""
    year, month = extract("year", Booking.local_start), extract("month", Booking.local_start)
    query = select(year, month).where(_IS_ADVANCED).distinct()
    return {f"{int(a_year)}-{int(a_month):02}" for a_year, a_month in session.execute(query)}


def _advanced(session: Session, month: str, of: UUID | None) -> list[AdvancedBooking]:
    """The bookings that homes advance and that begin in a month, by the wall of the host (R2); of one place alone."""
    first, last = days_of(month)
    query = _ADVANCED.where(
        Booking.local_start >= datetime.combine(first, time()),
        Booking.local_start < datetime.combine(last + timedelta(days=1), time()),
    )
    if of is not None:
        query = query.where(or_(Booking.home_id == of, Booking.place_id == of))
    return sorted(
        AdvancedBooking(str(key), home, host, start.date(), state == BookingState.CANCELLED, cents)
        for key, home, host, start, state, cents in session.execute(query)
    )
