"""A month and its statements as documents that anyone can check (settlement, What each place receives). Pure.

They are canonical JSON (RFC 8785). Nothing in them depends on the database, the order of the visits or the hour: no
name of a person, no instant, no generated id but the visits' own.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import rfc8785

from passapp.settlement.rules.advances import BookingLine
from passapp.settlement.rules.month import Settlement
from passapp.settlement.rules.netting import Transfer
from passapp.settlement.rules.rating import Line, Pair, RatedVisit

MONTH_SCHEMA: Final = "passapp/month/1"
STATEMENT_SCHEMA: Final = "passapp/statement/1"

Document = dict[str, Any]


@dataclass(frozen=True)
class PublishedVersion:
    """A convention version as it was published."""

    number: int
    starts_on: date
    sha256: str
    document: Mapping[str, Any]


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed: canonical JSON (RFC 8785)."""
    return rfc8785.dumps(dict(document))


def sha256_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document's canonical bytes, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


def read_document(text: bytes) -> Document:
    """A month or a statement from a file. Raises ``ValueError`` for anything else, however it is broken."""
    try:
        document = json.loads(text, object_pairs_hook=_each_name_once)
        rfc8785.dumps(document)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        raise ValueError("it is not JSON that has a canonical form") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004  (one kind of error for whatever a file holds)
    named = {MONTH_SCHEMA: ("month",), STATEMENT_SCHEMA: ("month", "place")}.get(str(document.get("schema")))
    if named is None:
        raise ValueError(f"its schema is neither {MONTH_SCHEMA} nor {STATEMENT_SCHEMA}")
    if not all(isinstance(document.get(name), str) for name in named):
        raise ValueError(f"it does not say its {' and '.join(named)}")
    return document


def _each_name_once(pairs: list[tuple[str, object]]) -> Document:
    # Python keeps the last of two, another reader the first: the file would say two things.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def differences(given: object, own: object, where: str = "", most: int = 20) -> list[str]:
    """Where two documents differ, in words: at most so many places."""
    if isinstance(given, dict) and isinstance(own, dict):
        steps: list[tuple[str, object, object]] = [
            (f"{where}/{name}", given.get(name), own.get(name)) for name in sorted(given.keys() | own.keys())
        ]
    elif isinstance(given, list) and isinstance(own, list) and len(given) == len(own):
        steps = [(f"{where}/{n}", *both) for n, both in enumerate(zip(given, own, strict=True))]
    elif isinstance(given, list) and isinstance(own, list):
        return [f"{where}: {len(given)} entries, where {len(own)} come out"]
    else:
        same = given == own and type(given) is type(own)
        return [] if same else [f"{where}: {_short(given)}, where {_short(own)} comes out"]
    found: list[str] = []
    for step, one, other in steps:
        if len(found) < most:
            found += differences(one, other, step, most - len(found))
    return found


def _short(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004


def month_document(network: str, settlement: Settlement, versions: Sequence[PublishedVersion]) -> Document:
    """The whole month: every place sees every total of the network. ``versions``: those that the month needs."""
    return {
        "schema": MONTH_SCHEMA,
        "network": network,
        "month": settlement.month,
        "conventions": _conventions(versions),
        "at_home": [{"place": place, "visits": visits} for place, visits in settlement.at_home.items()],
        "lines": [{"home": line.key.home, "host": line.key.host} | _line(line) for line in settlement.lines],
        "not_settled": _not_settled(settlement),
        "pairs": [{"home": pair.home, "host": pair.host} | _sums(pair) for pair in settlement.pairs],
        **_where_any("bookings", [_places(line) | _booked(line) for line in settlement.bookings]),
        "fund": [{"host": host, "amount_cents": cents} for host, cents in settlement.fund.items()],
        "positions": [{"place": p, "position_cents": cents} for p, cents in settlement.positions.items()],
        "netting": settlement.netting.value,
        "transfers": [_transfer(transfer) for transfer in settlement.transfers],
    }


def statement_document(
    network: str, settlement: Settlement, versions: Sequence[PublishedVersion], place: str
) -> Document:
    """One place's month, down to each visit; it names the month that it is part of by its hash."""
    received = [pair for pair in settlement.pairs if pair.host == place]
    made = [pair for pair in settlement.pairs if pair.home == place]
    rated = [each for each in settlement.rated if place in {each.visit.home, each.visit.host}]
    return {
        "schema": STATEMENT_SCHEMA,
        "network": network,
        "month": settlement.month,
        "place": place,
        "month_sha256": sha256_of(month_document(network, settlement, versions)),
        "conventions": _conventions(versions),
        "at_home_visits": settlement.at_home.get(place, 0),
        "received": [_partner(pair, pair.home, rated) for pair in received],
        "made": [_partner(pair, pair.host, rated) for pair in made],
        **_where_any("bookings_received", [_bookings(b, b.home) for b in settlement.bookings if b.host == place]),
        **_where_any("bookings_made", [_bookings(b, b.host) for b in settlement.bookings if b.home == place]),
        "not_settled": [each for each in _not_settled(settlement) if place in {each["home"], each["host"]}],
        "fund_cents": settlement.fund.get(place, 0),
        "position_cents": settlement.positions.get(place, 0),
        "transfers": [_transfer(t) for t in settlement.transfers if place in {t.debtor, t.creditor}],
    }


def _conventions(versions: Iterable[PublishedVersion]) -> list[Document]:
    return [
        {
            "number": version.number,
            "starts_on": version.starts_on.isoformat(),
            "sha256": version.sha256,
            "document": version.document,
        }
        for version in sorted(versions, key=lambda version: version.number)
    ]


def _line(line: Line) -> Document:
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
    } | _waived(line.key.waived)


def _waived(reason: str | None) -> Document:
    """Why it is worth nothing (R7, R19), where that is so: a document without such a visit says no word of it."""
    return {"waived": reason} if reason else {}


def _where_any(name: str, rows: list[Document]) -> Document:
    """A document without any says no word of it: those of former months keep every byte, and their hash."""
    return {name: rows} if rows else {}


def _places(line: BookingLine) -> Document:
    return {"home": line.home, "host": line.host}


def _booked(line: BookingLine) -> Document:
    return {
        "vat_basis_points": line.vat_basis_points,
        "bookings": len(line.bookings),
        "cancelled": line.cancelled,
        "net_cents": line.net_cents,
        "vat_cents": line.vat_cents,
        "total_cents": line.total_cents,
    } | ({} if line.is_settled else {"not_settled": "took_no_part"})


def _bookings(line: BookingLine, partner: str) -> Document:
    return {
        "partner": partner,
        **_booked(line),
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


def _sums(pair: Pair) -> Document:
    return {
        "visits": pair.visits,
        "units": pair.units,
        "net_cents": pair.net_cents,
        "vat_cents": pair.vat_cents,
        "total_cents": pair.total_cents,
    }


def _partner(pair: Pair, partner: str, rated: Iterable[RatedVisit]) -> Document:
    return {
        "partner": partner,
        **_sums(pair),
        "lines": [_line(line) for line in pair.lines],
        "visits_detail": [_visit(r) for r in rated if (r.visit.home, r.visit.host) == (pair.home, pair.host)],
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
    } | _waived(rated.visit.waived)


def _not_settled(settlement: Settlement) -> list[Document]:
    return [
        {"home": each.home, "host": each.host, "reason": "took_no_part", "visits": each.visits, "units": each.units}
        for each in settlement.not_settled
    ]


def _transfer(transfer: Transfer) -> Document:
    return {
        "debtor": transfer.debtor,
        "creditor": transfer.creditor,
        "amount_cents": transfer.amount_cents,
        "discharges": [
            {"debtor": piece.debtor, "creditor": piece.creditor, "amount_cents": piece.amount_cents}
            for piece in transfer.discharges
        ],
    }
