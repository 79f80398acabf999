"""How an answer is made from what the rules say of a month."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any, Final

from passapp.door.rules import Waived
from passapp.settlement.answers import (
    Adjustment,
    BorneRow,
    Debt,
    NotSettledRow,
    Participant,
    Payment,
    PositionRow,
    StatementDay,
    StatementRow,
)
from passapp.settlement.rules.advances import BookingLine
from passapp.settlement.rules.month import Opening
from passapp.settlement.rules.netting import Obligation, Transfer
from passapp.settlement.rules.rating import FUND, Pair
from passapp.settlement.service import Month


class Show:
    """Shows what the rules made of a month: names in the place of codes."""

    def __init__(self, month: Month) -> None:
        """Of one month."""
        self.month = month
        self.settled = month.settlement
        self._participants: dict[str, Participant] = {}

    def participant(self, code: str) -> Participant:
        """A place by its code, or the fund."""
        if code not in self._participants:
            is_fund = code == FUND
            self._participants[code] = (
                Participant(id=None, code=FUND, name=FUND)
                if is_fund
                else Participant.model_validate(self.month.places[code])
            )
        return self._participants[code]

    def debt(self, owed: Obligation | Opening | Transfer) -> dict[str, Any]:
        """The fields of :class:`Debt`."""
        return {
            "debtor": self.participant(owed.debtor),
            "creditor": self.participant(owed.creditor),
            "amount_cents": owed.amount_cents,
        }

    def payment(self, transfer: Transfer) -> Payment:
        """A payment and what it settles."""
        return Payment(**self.debt(transfer), discharges=[Debt(**self.debt(piece)) for piece in transfer.discharges])

    def not_settled(self, place: str | None = None) -> list[NotSettledRow]:
        """Visits worth nothing: all of them, or those of one place."""
        return [
            NotSettledRow(
                home=self.participant(each.home),
                host=self.participant(each.host),
                reason="took_no_part",
                visits=each.visits,
            )
            for each in self.settled.not_settled
            if place in {None, each.home, each.host}
        ]

    def adjustments(self, here: str) -> list[Adjustment]:
        """What a place's month takes over of earlier ones, by line: late visits (R14) and credits (R15)."""
        found = self._booking_credits(here)
        for pair in self.settled.pairs:
            if here not in {pair.home, pair.host} or not (pair.credits or any(line.key.origin for line in pair.lines)):
                continue
            visits: Counter[tuple[str, str]] = Counter()
            cents: Counter[tuple[str, str]] = Counter()
            for line in pair.lines:
                if line.key.origin:
                    visits["late", line.key.origin] += line.visits
                    cents["late", line.key.origin] += line.amount_cents
            for credit in pair.credits:
                visits["credit", credit.origin] += 1
                cents["credit", credit.origin] += credit.amount_cents
            is_host = pair.host == here
            found += [
                Adjustment(
                    partner=self.participant(pair.home if is_host else pair.host),
                    direction="received" if is_host else "made",
                    kind=kind,  # type: ignore[arg-type]  # one of the two above
                    origin=origin,
                    visits=visits[kind, origin],
                    amount_cents=cents[kind, origin],
                )
                for kind, origin in sorted(visits)
            ]
        return found

    def borne(self) -> list[BorneRow]:
        """Of a place that has left, its members' visits that the common fund pays, by host and day."""
        visits: dict[str, Counter[date]] = defaultdict(Counter)
        for each in self.settled.borne:
            visits[each.visit.host][each.visit.local_date] += 1
        return [
            BorneRow(
                partner=self.participant(host),
                visits=days.total(),
                days=[StatementDay(local_date=day, visits=n, amount_cents=0) for day, n in sorted(days.items())],
            )
            for host, days in sorted(visits.items())
        ]

    def _booking_credits(self, here: str) -> list[Adjustment]:
        back: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for line in self.settled.bookings:
            for credit in line.credits:
                if here in {line.home, line.host}:
                    back[line.home, line.host, credit.origin].append(credit.amount_cents)
        return [
            Adjustment(
                partner=self.participant(home if host == here else host),
                direction="received" if host == here else "made",
                kind="booking_credit",
                origin=origin,
                visits=len(cents),
                amount_cents=sum(cents),
            )
            for (home, host, origin), cents in sorted(back.items())
        ]

    def positions(self) -> list[PositionRow]:
        """Where each participant stands, by code."""
        received, made, receivable, payable = (Counter[str]() for _ in range(4))
        for pair in self.settled.pairs:
            received[pair.host] += pair.visits
            made[pair.home] += pair.visits
        for owed in self.settled.obligations:
            receivable[owed.creditor] += owed.amount_cents
            payable[owed.debtor] += owed.amount_cents
        return [
            PositionRow(
                place=self.participant(code),
                visits_received=received[code],
                visits_made=made[code],
                receivable_cents=receivable[code],
                payable_cents=payable[code],
                fund_cents=self.settled.fund.get(code, 0),
                position_cents=cents,
            )
            for code, cents in self.settled.positions.items()
        ]

    def statement_row(self, pair: Pair, partner: str) -> StatementRow:
        """The visits exchanged with a partner, day by day."""
        days: dict[date, list[int]] = defaultdict(list)
        for each in self.settled.by_pair.get((pair.home, pair.host), ()):
            days[each.visit.local_date].append(each.amount_cents)
        # Of values, not of models one in another: a page has a thousand rows.
        return StatementRow.model_validate(
            units_of(pair)
            | {
                "partner": self.participant(partner),
                "days": [
                    {"local_date": day, "visits": len(cents), "amount_cents": sum(cents)}
                    for day, cents in sorted(days.items())
                ],
            }
        )


def booked_of(line: BookingLine) -> dict[str, Any]:
    """The fields of :class:`Booked`."""
    names = ("cancelled", "vat_basis_points", "net_cents", "vat_cents", "total_cents")
    counted = {"bookings": len(line.bookings), "corrections": len(line.credits), "corrected_cents": line.credited_cents}
    said = {name: getattr(line, name) for name in names}
    return said | counted | {"not_settled": line.not_settled or None}


def units_of(pair: Pair) -> dict[str, int]:
    """The fields of :class:`Units`."""
    visits = units = free = paid = over = 0
    waived = dict.fromkeys(_WAIVED, 0)
    for line in pair.lines:
        visits += line.visits
        units += line.units
        free += line.free_units
        paid += line.paid_units
        over += line.over_cap_units
        if line.key.waived:
            waived[f"{line.key.waived}_units"] += line.units
    return {
        "visits": visits,
        "units": units,
        "free_units": free,
        "paid_units": paid,
        "over_cap_units": over,
        **waived,
        "net_cents": pair.net_cents,
        "vat_cents": pair.vat_cents,
        "total_cents": pair.total_cents,
    }


_WAIVED: Final = tuple(f"{reason.value}_units" for reason in Waived)
"""Once: a page has a thousand rows."""
