"""Bookings that a home advances for its members: what it owes the hosts for them (booking.md 20). Pure.

A booking is owed by its date at the host (R2), with the price that was frozen when it was made; one that was cancelled
too late, with its fee. Such a price is what the member is shown: it includes tax. The common fund takes no share of it
(R12 is of visits): a host would earn less where a home advances than where the member pays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from passapp.settlement.rules.amounts import BASIS_POINTS, divide
from passapp.settlement.rules.rating import Partner

NotSettled = Literal["", "took_no_part", "in_euros"]
"""Why bookings are told and not settled: a place took no part (R13), or the network settles in another currency."""


class AdvancedBooking(NamedTuple):
    """A booking whose home pays; places are named by their codes. ``amount_cents`` includes tax.

    ``is_cancelled``: it is the fee that is owed.
    """

    id: str
    home: str
    host: str
    local_date: date
    is_cancelled: bool
    amount_cents: int


class BookingCredit(NamedTuple):
    """What is given back for a booking of a closed month, whose own line stays as it was (R15).

    ``origin`` is that month. ``amount_cents``, above 0, includes tax, as the booking's price does.
    """

    booking: str
    home: str
    host: str
    origin: str
    vat_basis_points: int
    amount_cents: int


@dataclass(frozen=True, slots=True, order=True)
class BookingLine:
    """All advanced bookings of one home at one host with one VAT rate (R11), less what is given back at that rate.

    ``not_settled``: why they are worth nothing here, if they are.
    """

    home: str
    host: str
    vat_basis_points: int
    not_settled: NotSettled
    bookings: tuple[AdvancedBooking, ...]
    credits: tuple[BookingCredit, ...] = ()

    @property
    def total_cents(self) -> int:
        """What the home owes the host, including tax; below 0: the host owes it."""
        owed = sum(booking.amount_cents for booking in self.bookings) if not self.not_settled else 0
        return owed - self.credited_cents

    @property
    def credited_cents(self) -> int:
        """What is given back, including tax."""
        return sum(credit.amount_cents for credit in self.credits)

    @property
    def net_cents(self) -> int:
        """The same excluding tax, rounded once."""
        return net_of(self.total_cents, self.vat_basis_points)

    @property
    def vat_cents(self) -> int:
        """The tax in it."""
        return self.total_cents - self.net_cents

    @property
    def cancelled(self) -> int:
        """How many of them were cancelled for a fee."""
        return sum(booking.is_cancelled for booking in self.bookings)


def net_of(cents: int, vat_basis_points: int) -> int:
    """An amount that includes tax, without it."""
    return divide(cents * BASIS_POINTS, BASIS_POINTS + vat_basis_points)


def booking_lines(
    bookings: Iterable[AdvancedBooking],
    partners: Mapping[str, Partner],
    credits_: Iterable[BookingCredit] = (),
    *,
    in_euros: bool = True,
) -> list[BookingLine]:
    """The lines of a month's advanced bookings, by code; the bookings of each by date and id.

    ``credits_`` reach places that have left since (R13). ``in_euros``: the network settles in euros, as rooms are
    priced. Raises ``KeyError`` for a place not given.
    """
    back: dict[tuple[str, str, int, NotSettled], list[BookingCredit]] = defaultdict(list)
    for credit in sorted(credits_):
        back[credit.home, credit.host, credit.vat_basis_points, ""].append(credit)
    lines: dict[tuple[str, str, int, NotSettled], list[AdvancedBooking]] = defaultdict(list)
    for booking in sorted(bookings, key=lambda booking: (booking.local_date, booking.id)):
        home, host, day = partners[booking.home], partners[booking.host], booking.local_date
        why: NotSettled = "" if in_euros else "in_euros"
        if not (home.takes_part(day) and host.takes_part(day)):
            why = "took_no_part"
        lines[home.code, host.code, host.vat_on(day), why].append(booking)
    return [
        BookingLine(*key, tuple(lines.get(key, ())), tuple(back.get(key, ())))
        for key in sorted(lines.keys() | back, key=lambda key: (*key[:3], not key[3], key[3]))
    ]
