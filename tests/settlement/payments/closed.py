"""Payments of a closed month, and the bank statements that speak of them."""

from datetime import date
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from passapp.network.models import Period
from passapp.network.rules import Netting
from passapp.places.models import Place
from passapp.settlement.payments.models import Payment
from passapp.settlement.payments.service import make_payments, openings_of
from passapp.settlement.rules.month import Former, Terms, settle
from tests.settlement.conventions import convention, partners, visit
from tests.settlement.details.places import IBAN, OTHER_IBAN, say
from tests.world import World

MONTH = "2026-10"
DUE = date(2026, 12, 3)


def close(world: World, month: str = MONTH, visits: Any = None, **terms: Any) -> list[Payment]:
    """Close a month: by itself, two visits of the hangar's members at the moulin, 10 euros."""
    made = [visit("hangar", "moulin"), visit("hangar", "moulin", visitor=2)] if visits is None else visits
    rules = {1: convention(fund_basis_points=terms.pop("fund_basis_points", 0))}
    with world.database.write() as session:
        former = Former(openings=openings_of(session, month))
        places = partners(*terms.pop("places", ("hangar", "moulin")))
        settlement = settle(month, made, rules, places, Terms(Netting.BILATERAL, **terms), former=former)
        paid = make_payments(session, month, settlement, due_on=DUE, closed_on=world.now.date())
        session.merge(Period(month=month, state="netted" if paid else "paid"))
        return paid


def state_of(world: World, month: str = MONTH) -> str:
    """The state of a month."""
    with world.session() as session:
        return session.get_one(Period, month).state


def openings(world: World, month: str) -> list[tuple[str, str, int, str]]:
    """The debts that a month opens with."""
    with world.session() as session:
        return [(o.debtor, o.creditor, o.amount_cents, o.month) for o in openings_of(session, month)]


def with_accounts(world: World) -> None:
    """Have both places say their IBANs."""
    say(world.as_manager(world.hangar), world.hangar, iban=IBAN)
    say(world.as_manager(world.moulin), world.moulin, iban=OTHER_IBAN)


def entry(end_to_end_id: str, amount: str = "10.00", *, side: str = "DBIT", state: str = "BOOK", **more: str) -> str:
    """One booked payment of a bank statement."""
    return (
        f'<Ntry><Amt Ccy="{more.get("currency", "EUR")}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<RvslInd>{more.get('undone', 'false')}</RvslInd><Sts><Cd>{state}</Cd></Sts>"
        f"<BookgDt><Dt>{more.get('day', '2026-11-16')}</Dt></BookgDt><AcctSvcrRef>B-17</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>{more.get('returned', '')}</TxDtls>"
        "</NtryDtls></Ntry>"
    )


def camt(*entries: str, iban: str = IBAN, version: str = "08") -> str:
    """A bank statement."""
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{space}">'
        f"<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


def back(payment: Payment, **more: str) -> str:
    """One that came back to whoever paid."""
    return entry(payment.end_to_end_id, side="CRDT", returned="<RtrInf/>", **more)


def send(client: TestClient, place: Place, content: str) -> Response:
    """Have a place's bank statement read."""
    path = f"/api/v1/places/{place.id}/bank-statements"
    return client.post(path, content=content, headers={"Content-Type": "application/xml"})


def read(client: TestClient, place: Place, content: str) -> Any:
    """What it said, where it can be read."""
    answer = send(client, place, content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def put(client: TestClient, payment: Payment, version: int = 1, **body: str) -> Response:
    """Say what became of a payment."""
    path = f"/api/v1/payments/{payment.id}/state"
    return client.put(path, json=body, headers={"If-Match": f'"{version}"'})
