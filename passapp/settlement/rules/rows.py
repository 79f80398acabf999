"""The rows of a month's and a statement's documents. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from passapp.settlement.rules.advances import BookingCredit, BookingLine
from passapp.settlement.rules.month import Opening, Settlement
from passapp.settlement.rules.netting import Transfer
from passapp.settlement.rules.rating import Credit, Line, Pair, RatedVisit

Document = dict[str, Any]


def line_row(line: Line) -> Document:
    """A line, but for its two places."""
    return {
        "convention": line.key.convention,
        "rule": line.key.rule,
        "rate_cents": line.rate_cents,
        "vat_basis_points": line.key.vat_basis_points,
        "visits": line.visits,
        "units": line.units,
        "free_units": line.free_units,
        "paid_units": line.paid_units,
        "over_cap_units": line.over_cap_units,
        "amount_cents": line.amount_cents,
    } | where_said(waived=line.key.waived, origin=line.key.origin)


def where_said(**said: str | None) -> Document:
    """What is so of few lines, as why it is worth nothing (R7, R19): the others say no word of it."""
    return {name: value for name, value in said.items() if value}


def where_any(name: str, rows: list[Document]) -> Document:
    """A document without any says no word of it: those of former months keep every byte, and their hash."""
    return {name: rows} if rows else {}


def both_places(line: BookingLine | Credit) -> Document:
    """Its two places."""
    return {"home": line.home, "host": line.host}


def credit_row(credit: Credit) -> Document:
    """What is given back for one visit."""
    return {
        "visit": str(UUID(credit.visit)),
        "origin": credit.origin,
        "convention": credit.convention,
        "vat_basis_points": credit.vat_basis_points,
        "amount_cents": credit.amount_cents,
    }


def summed(credits_: Iterable[Document]) -> list[Document]:
    """Credits without what each is for, which only its two places see: those that are alike are one."""
    sums: Counter[tuple[tuple[str, Any], ...]] = Counter()
    for row in credits_:
        alike = tuple((name, row[name]) for name in row if name not in {"visit", "booking", "amount_cents"})
        sums[alike] += row["amount_cents"]
    return [dict(alike) | {"amount_cents": cents} for alike, cents in sorted(sums.items())]


def opening_row(opening: Opening) -> Document:
    """A debt of a former month."""
    return {
        "debtor": opening.debtor,
        "creditor": opening.creditor,
        "amount_cents": opening.amount_cents,
        "month": opening.month,
    }


def booked_row(line: BookingLine, *, is_summed: bool = False) -> Document:
    """What the advanced bookings of a line come to, but for its two places; ``is_summed``: as the network sees it."""
    credits_ = [_booking_credit(each) for each in line.credits]
    return {
        "vat_basis_points": line.vat_basis_points,
        "bookings": len(line.bookings),
        "cancelled": line.cancelled,
        "net_cents": line.net_cents,
        "vat_cents": line.vat_cents,
        "total_cents": line.total_cents,
        **where_any("credits", summed(credits_) if is_summed else credits_),
    } | where_said(not_settled=line.not_settled)


def _booking_credit(credit: BookingCredit) -> Document:
    return {"booking": str(UUID(credit.booking)), "origin": credit.origin, "amount_cents": credit.amount_cents}


def bookings_row(line: BookingLine, partner: str) -> Document:
    """The same for one of its two places, with each booking."""
    return {
        "partner": partner,
        **booked_row(line),
        "bookings_detail": [
            {
                "id": str(UUID(booking.id)),
                "local_date": booking.local_date.isoformat(),
                "cancelled": booking.is_cancelled,
                "amount_cents": booking.amount_cents,
            }
            for booking in line.bookings
        ],
    }


def sums_row(pair: Pair) -> Document:
    """What a pair comes to."""
    return {
        "visits": pair.visits,
        "units": pair.units,
        "net_cents": pair.net_cents,
        "vat_cents": pair.vat_cents,
        "total_cents": pair.total_cents,
    }


def partner_row(pair: Pair, partner: str, visits: Iterable[RatedVisit]) -> Document:
    """What a place exchanged with a partner, with ``visits``."""
    return {
        "partner": partner,
        **sums_row(pair),
        "lines": [line_row(line) for line in pair.lines],
        **where_any("credits", [credit_row(credit) for credit in pair.credits]),
        "visits_detail": [_visit(each) for each in visits],
    }


def _visit(rated: RatedVisit) -> Document:
    return {
        "id": str(UUID(rated.visit.id)),
        "local_date": rated.visit.local_date.isoformat(),
        "units": rated.visit.units,
        "free_units": rated.free_units,
        "paid_units": rated.paid_units,
        "over_cap_units": rated.over_cap_units,
        "rate_cents": rated.rate_cents,
        "amount_cents": rated.amount_cents,
    } | where_said(waived=rated.visit.waived)


def not_settled_rows(settlement: Settlement) -> list[Document]:
    """Visits on dates on which one of the two places took no part."""
    return [
        {"home": each.home, "host": each.host, "reason": "took_no_part", "visits": each.visits, "units": each.units}
        for each in settlement.not_settled
    ]


def transfer_row(transfer: Transfer) -> Document:
    """A payment, and the debts that it settles."""
    return transfer._asdict() | {"discharges": [piece._asdict() for piece in transfer.discharges]}
