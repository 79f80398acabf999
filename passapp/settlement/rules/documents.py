"""A month and its statements as documents that anyone can check (settlement, What each place receives). Pure.

They are canonical JSON (RFC 8785). Nothing in them depends on the database, the order of the visits or the hour: no
name of a person, no instant, no generated id but, in a statement, those of its visits and bookings.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, Final

import rfc8785

from passapp.settlement.rules import rows
from passapp.settlement.rules.advances import BookingLine
from passapp.settlement.rules.month import Opening, Settlement
from passapp.settlement.rules.netting import NETTED_IN_PAIRS, Obligation, Transfer
from passapp.settlement.rules.rating import Pair, RatedVisit
from passapp.settlement.rules.rows import (
    booked_row,
    bookings_row,
    both_places,
    credit_row,
    line_row,
    not_settled_rows,
    opening_row,
    partner_row,
    summed,
    sums_row,
    transfer_row,
    where_any,
    where_said,
)
from passapp.settlement.rules.writing import PairWritten, write_line, write_pair, write_sums, written

MONTH_SCHEMA: Final = "passapp/month/1"
STATEMENT_SCHEMA: Final = "passapp/statement/1"
SEALED_SCHEMA: Final = "passapp/sealed-statement/1"

Document = rows.Document


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


def month_document(network: str, settlement: Settlement, versions: Sequence[PublishedVersion]) -> Document:
    """The whole month: every place sees every total of the network. ``versions``: those that the month needs."""
    return _but_lines(network, settlement, versions) | {
        "lines": [{"home": line.key.home, "host": line.key.host} | line_row(line) for line in settlement.lines],
        "pairs": [{"home": pair.home, "host": pair.host} | sums_row(pair) for pair in settlement.pairs],
    }


def _but_lines(network: str, settlement: Settlement, versions: Sequence[PublishedVersion]) -> Document:
    """The month without its lines and pairs, of which a large network has half a million."""
    return {
        "schema": MONTH_SCHEMA,
        "network": network,
        "month": settlement.month,
        **_currency(settlement, versions, settlement.openings),
        "conventions": _conventions(versions),
        "at_home": [{"place": place, "visits": visits} for place, visits in settlement.at_home.items()],
        "not_settled": not_settled_rows(settlement),
        **where_any(
            "credits", summed(both_places(c) | credit_row(c) for pair in settlement.pairs for c in pair.credits)
        ),
        **where_any("bookings", [both_places(line) | booked_row(line, is_summed=True) for line in settlement.bookings]),
        "fund": [{"host": host, "amount_cents": cents} for host, cents in settlement.fund.items()],
        "positions": [{"place": p, "position_cents": cents} for p, cents in settlement.positions.items()],
        **where_any("openings", [opening_row(each) for each in settlement.openings]),
        "netting": settlement.netting.value,
        **where_any("lowered", [{"place": code, "netting": mode.value} for code, mode in settlement.lowered]),
        "transfers": [transfer_row(transfer) for transfer in settlement.transfers],
        **where_any("carried", [transfer_row(transfer) for transfer in settlement.carried]),
    }


class Documents:
    """A settled month's documents: the network's, and each place's statement.

    A large network closes with a thousand statements of more than a million visits: what is of one place is looked up,
    and bytes are written as RFC 8785 writes them without going over each value twice.
    """

    def __init__(
        self,
        network: str,
        settlement: Settlement,
        versions: Sequence[PublishedVersion],
        month_sha256: str | None = None,
    ) -> None:
        """``versions``: those that the month needs. ``month_sha256``: where one place was settled alone of it."""
        self._network = network
        self._settlement = settlement
        self._versions = versions
        self._month_sha256 = month_sha256
        self._half_written: dict[tuple[str, str], PairWritten] = {}

    @cached_property
    def month(self) -> Document:
        """The whole month: every place sees every total of the network."""
        return month_document(self._network, self._settlement, self._versions)

    @property
    def month_bytes(self) -> bytes:
        """Its canonical bytes."""
        return "".join(self._month_pieces()).encode()

    @cached_property
    def month_sha256(self) -> str:
        """Their SHA-256, in hex."""
        if self._month_sha256 is not None:
            return self._month_sha256
        digest = hashlib.sha256()  # piece by piece: a large network's month is 100 MB
        for piece in self._month_pieces():
            digest.update(piece.encode())
        return digest.hexdigest()

    def _month_pieces(self) -> Iterator[str]:
        """The canonical text of the month, a few thousand lines at a time."""
        settled = self._settlement
        but_lines = _but_lines(self._network, settled, self._versions)
        before = "{"
        for name in sorted([*but_lines, "lines", "pairs"]):
            yield f'{before}"{name}":'
            if name == "lines":
                yield from _list_pieces(map(write_line, settled.lines))
            elif name == "pairs":
                yield from _list_pieces(map(write_sums, settled.pairs))
            else:
                yield written(but_lines[name])
            before = ","
        yield "}"

    def statement(self, place: str) -> Document:
        """One place's month, down to each visit; it names the month that it is part of by its hash."""
        mine = self._of_places[place]
        return self._but_visits(place) | {
            "received": [partner_row(pair, pair.home, self._visits(pair)) for pair in mine.received],
            "made": [partner_row(pair, pair.host, self._visits(pair)) for pair in mine.made],
        }

    def totals(self, place: str) -> Document:
        """One place's month without its single visits."""
        mine = self._of_places[place]
        return self._but_visits(place) | {
            "received": [partner_row(pair, pair.home, ()) for pair in mine.received],
            "made": [partner_row(pair, pair.host, ()) for pair in mine.made],
        }

    def statement_bytes(self, place: str) -> bytes:
        """The canonical bytes of a place's statement."""
        mine = self._of_places[place]
        parts = {name: written(value) for name, value in self._but_visits(place).items()}
        parts["received"] = "[" + ",".join(self._pair_written(pair).row(pair.home) for pair in mine.received) + "]"
        parts["made"] = "[" + ",".join(self._pair_written(pair).row(pair.host) for pair in mine.made) + "]"
        return _object(parts)

    def _visits(self, pair: Pair) -> list[RatedVisit]:
        return self._settlement.by_pair.get((pair.home, pair.host), [])

    def _pair_written(self, pair: Pair) -> PairWritten:
        """Kept for the statement of the other place, which says the same."""
        kept = self._half_written.pop((pair.home, pair.host), None)
        if kept is None:
            kept = self._half_written[pair.home, pair.host] = write_pair(pair, self._visits(pair))
        return kept

    def _but_visits(self, place: str) -> Document:
        """The statement without what was received and made."""
        settled, mine = self._settlement, self._of_places[place]
        return {
            "schema": STATEMENT_SCHEMA,
            "network": self._network,
            "month": settled.month,
            "place": place,
            "month_sha256": self.month_sha256,
            **_currency(settled, self._versions, mine.openings),
            "conventions": _conventions(self._versions),
            "at_home_visits": settled.at_home.get(place, 0),
            **where_any("bookings_received", [bookings_row(b, b.home) for b in mine.bookings if b.host == place]),
            **where_any("bookings_made", [bookings_row(b, b.host) for b in mine.bookings if b.home == place]),
            "not_settled": [each for each in self._not_settled if place in {each["home"], each["host"]}],
            "fund_cents": settled.fund.get(place, 0),
            "position_cents": settled.positions.get(place, 0),
            **where_any("openings", [opening_row(each) for each in mine.openings]),
            "transfers": [transfer_row(each) for each in mine.transfers],
            **where_any("carried", [transfer_row(each) for each in mine.carried]),
        }

    def from_the_network(self, place: str) -> Document:
        """What of a statement only the whole network gives: the versions of the rules, and the payments.

        Not those that follow from the place's own debts.
        """
        settled, mine = self._settlement, self._of_places[place]
        whole: Document = {"conventions": sorted(version.number for version in self._versions)}
        if settled.netting in NETTED_IN_PAIRS:
            return whole
        return whole | {
            "transfers": [transfer_row(each) for each in mine.transfers],
            "carried": [transfer_row(each) for each in mine.carried],
        }

    @cached_property
    def _not_settled(self) -> list[Document]:
        return not_settled_rows(self._settlement)

    @cached_property
    def _of_places(self) -> defaultdict[str, "_OfPlace"]:
        settled = self._settlement
        found: defaultdict[str, _OfPlace] = defaultdict(_OfPlace)
        for pair in settled.pairs:
            found[pair.host].received.append(pair)
            found[pair.home].made.append(pair)
        for line in settled.bookings:
            for code in {line.home, line.host}:
                found[code].bookings.append(line)
        for opening in settled.openings:
            for code in {opening.debtor, opening.creditor}:
                found[code].openings.append(opening)
        for transfer in settled.transfers:
            for code in {transfer.debtor, transfer.creditor}:
                found[code].transfers.append(transfer)
        for transfer in settled.carried:
            for code in {transfer.debtor, transfer.creditor}:
                found[code].carried.append(transfer)
        return found


@dataclass
class _OfPlace:
    """What a statement is made of. ``received``: the pairs in which the place is the host, ``made``: the home."""

    received: list[Pair] = field(default_factory=list)
    made: list[Pair] = field(default_factory=list)
    bookings: list[BookingLine] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    carried: list[Transfer] = field(default_factory=list)


def _object(parts: Mapping[str, str]) -> bytes:
    """An object of values that are written already."""
    return ("{" + ",".join(f'"{name}":{parts[name]}' for name in sorted(parts)) + "}").encode()


def _list_pieces(rows: Iterable[str]) -> Iterator[str]:
    rows, before = iter(rows), "["
    while several := list(islice(rows, 5_000)):
        yield before + ",".join(several)
        before = ","
    yield "]" if before == "," else "[]"


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


def _currency(settled: Settlement, versions: Iterable[PublishedVersion], openings: Sequence[Opening]) -> Document:
    """The local currency, where there are amounts in it: by the rules of the month, or owed since before they changed.

    A document in euros says no word of it.
    """
    has_any = openings or any(version.document.get("currency") for version in versions)
    return where_said(currency=settled.currency if has_any else None)


def with_payments(settlement: Settlement, whole: Document) -> Settlement:
    """A settlement of one place, with the payments that :meth:`Documents.from_the_network` kept, if any."""
    if settlement.netting in NETTED_IN_PAIRS:
        return settlement
    transfers, carried = (tuple(map(_read_transfer, whole[name])) for name in ("transfers", "carried"))
    return replace(settlement, transfers=transfers, carried=carried)


def _read_transfer(document: Document) -> Transfer:
    return Transfer(**document | {"discharges": tuple(Obligation(**piece) for piece in document["discharges"])})
