"""What people do with files: have invoices issued, and a place's month as what its bank and its accountant read."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.kernel.problems import ProblemType
from passapp.network.rules import CLOSED_STATES, days_of
from passapp.network.service import currency_of, one_at_a_time, period_states, require_euros
from passapp.places.models import Place
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.details.rules import Details, is_one_account
from passapp.settlement.details.service import details_in, details_of
from passapp.settlement.files.fec import fec_import
from passapp.settlement.files.hledger import hledger_journal
from passapp.settlement.files.invoicing import Bill, InvoiceKind, InvoiceSheet, bill_of
from passapp.settlement.files.models import Invoice
from passapp.settlement.files.pain001 import BankTransfer, bank_file
from passapp.settlement.files.pdf import Status, statement_pdf
from passapp.settlement.files.xlsx import workbook
from passapp.settlement.payments.bank import NO_ACCOUNT
from passapp.settlement.payments.service import payments_of
from passapp.settlement.rules.documents import Document
from passapp.settlement.rules.rating import FUND
from passapp.settlement.service import Month, settle_month, settle_place

MONTH_NOT_CLOSED = ProblemType(
    "month_not_closed",
    409,
    en="{month:Month} is not closed yet: its amounts may still change.",
    fr="{month:Month} n'est pas encore clos : ses montants peuvent changer.",
)
NOTHING_TO_PAY = ProblemType(
    "nothing_to_pay",
    409,
    en="There is nothing to transfer for {month:month} to another account that we know.",
    fr="Rien à virer pour {month:month} vers un autre compte que nous connaissons.",
)
NO_SIRET = ProblemType(
    "no_siret",
    409,
    en="Invoices name the place's SIRET: write it down first, on its settlement page.",
    fr="Une facture porte le SIRET du lieu : notez-le d'abord sur sa page de règlement.",
)
INVOICE_UNKNOWN = ProblemType("invoice_unknown", 404, en="There is no such invoice.", fr="Cette facture n'existe pas.")
_log = logging.getLogger(__name__)
_DAYS_TO_PAY: Final = 30
"""Where no payment says when: what the law lets be taken for granted (Code de commerce, L441-10)."""


def names_of(month: Month) -> dict[str, str]:
    """The names of the month's places, by code."""
    return {code: place.name for code, place in month.places.items()}


def month_of_place(session: Session, month: str, place: Place, *, at: datetime) -> Month:
    """A month for the files of one place: read for it alone where its statement is published and stands, else whole.

    Raises what :func:`~passapp.settlement.service.settle_place` raises.
    """
    found = settle_place(session, month, place, at=at)
    is_published = found.part is not None and found.part.month_sha256
    return found if is_published else settle_month(session, month, at=at)


def month_workbook(month: Month) -> bytes:
    """The month of the network for a spreadsheet."""
    return workbook(month.document, names_of(month))


def require_closed(month: Month) -> None:
    """Raises ``month_not_closed`` where amounts may still change."""
    if month.state not in CLOSED_STATES:
        raise MONTH_NOT_CLOSED.error(month=month.month)


@dataclass(frozen=True)
class StatementFiles:
    """A place's month, and all that its files are made of.

    ``borne``: of a place that has left, how often the common fund pays for its members, by the place visited (R13).
    """

    month: Month
    place: Place
    details: Mapping[str, Details]
    due_on: date | None
    borne: Mapping[str, int]

    @property
    def code(self) -> str:
        """What the place was called in the month's documents."""
        return self.month.code_of(self.place.id)

    @property
    def document(self) -> Document:
        """The statement."""
        return self.month.statement(self.code)

    @property
    def own(self) -> Details:
        """How the place is settled."""
        return self.details[self.code]

    def xlsx(self) -> bytes:
        """For a spreadsheet."""
        return workbook(self.document, names_of(self.month))

    def pdf(self, *, shows_ibans: bool) -> bytes:
        """For people. Where to pay stands on it once the month is closed, for who may know."""
        shows_ibans = shows_ibans and self.month.state in CLOSED_STATES
        ibans = {code: each.iban for code, each in self.details.items() if each.iban} if shows_ibans else {}
        holder = next((code for code, each in self.details.items() if each.holds_fund), "")
        if holder in ibans:
            ibans[FUND] = ibans[holder]
        own = ibans.get(self.code)
        inside = {code for code, iban in ibans.items() if is_one_account(own, iban)}
        if holder == self.code:
            inside.discard(FUND)  # paid as the month was closed
        into = {code: iban for code, iban in ibans.items() if iban != own}
        status = Status(self.month.state, self.due_on)
        return statement_pdf(self.document, names_of(self.month), status, into, self.borne, inside)

    def fec(self) -> bytes:
        """For accounting tools: the FEC layout. Raises ``month_not_closed``: nobody books what may still change."""
        require_closed(self.month)
        return fec_import(self.document, self.own, names_of(self.month))

    def journal(self) -> bytes:
        """For hledger. Raises ``month_not_closed``."""
        require_closed(self.month)
        return hledger_journal(self.document, self.own, names_of(self.month))


def statement_files(session: Session, month: Month, place: Place, *, at: datetime) -> StatementFiles:
    """What a place's files of a month are made of."""
    has_left = month.basis.partners[month.code_of(place.id)].left_on is not None
    # Its own documents know nothing of what the fund bears: that is read for it alone.
    alone = settle_place(session, month.month, place, at=at) if has_left and month.part is None else month
    borne = Counter(each.visit.host for each in alone.settlement.borne)
    called = [(each.id, each.code, each.name) for each in month.places.values()]
    days = [each.due_on for each in payments_of(session, month=month.month, place=place) if each.state != "carried"]
    return StatementFiles(month, place, details_in(session, month.month, called), min(days, default=None), borne)


def transfers_file(session: Session, month: str, place: Place, *, at: datetime) -> bytes:
    """What a place is to pay for a month, for its bank: what is due, into accounts that we know (pain.001).

    As of today at the place: nobody pays into an account that was given up since the closing, and a bank takes no order
    for a day that is over. The common fund pays and is paid by whoever holds its money. What is due where no IBAN is
    known is not in it, nor what would go from an account into itself: a bank may refuse the whole file for it.
    Raises ``local_currency``, ``no_account``, ``nothing_to_pay``.
    """
    require_euros(session)
    places = {each.id: each for each in session.scalars(select(Place))}
    details = details_of(session, places.values())
    own = details[place.code]
    if own.iban is None:
        raise NO_ACCOUNT.error()
    holder = next((key for key, each in places.items() if details[each.code].holds_fund), None)
    transfers = []
    for each in payments_of(session, month=month):
        debtor, creditor = each.debtor_id or holder, each.creditor_id or holder
        if each.state == "due" and debtor == place.id and creditor is not None and creditor != debtor:
            payee = details[places[creditor].code]
            transfers.append(BankTransfer(each.end_to_end_id, payee, each.amount_cents, each.due_on))
    transfers = [each for each in transfers if each.creditor.iban and not is_one_account(own.iban, each.creditor.iban)]
    if not transfers:
        raise NOTHING_TO_PAY.error(month=month)
    return bank_file(own, transfers, month=month, made_on=at.astimezone(ZoneInfo(place.zone)).date())


@dataclass(frozen=True)
class Issued:
    """What was issued, and the codes of the places that could not be billed: they gave no SIRET."""

    invoices: list[Invoice]
    without_siret: list[str]


@dataclass(frozen=True)
class ToWrite:
    """What a place may have written of a month's invoices; ``without_siret``: codes of places that gave none."""

    count: int
    without_siret: list[str]


def invoices_to_write(session: Session, month: str, place: Place, *, at: datetime) -> ToWrite:
    """What :func:`issue_invoices` would write now: nothing where it would refuse.

    Raises what :func:`~passapp.settlement.service.settle_place` raises.
    """
    if currency_of(session) or period_states(session).get(month) not in CLOSED_STATES:
        return ToWrite(0, [])
    issuing = _Issuing(session, month_of_place(session, month, place, at=at), at)
    if issuing.details[place.code].siret is None:
        return ToWrite(0, [])
    wanted, without = issuing.wanted(place)
    return ToWrite(len(wanted), without)


def issue_invoices(session: Session, month: Month, place: Place, *, at: datetime, actor: Actor) -> Issued:
    """Write a place's invoices of a closed month: its own as a host, and those of hosts that gave it their mandate.

    Those written before stay as they are. Raises ``local_currency``, ``month_not_closed``, ``no_siret``.
    """
    require_euros(session)
    require_closed(month)
    issuing = _Issuing(session, month, at)
    if issuing.details[place.code].siret is None:
        raise NO_SIRET.error()
    return issuing.write(place, actor)


def issue_monthly(session: Session, month: Month, *, at: datetime) -> None:
    """Write the invoices of a month that is just being closed, for the places that have it done each month.

    None in a local currency. Where those of a place cannot be written, the month is closed all the same: the place
    asks for them by hand.
    """
    if currency_of(session):
        return
    wanted = select(Place).join(SettlementDetails, SettlementDetails.place_id == Place.id)
    wanted = wanted.where(SettlementDetails.invoices_monthly, SettlementDetails.siret.is_not(None))
    taking_part = {named.id for named in month.places.values()}
    places = [place for place in session.scalars(wanted.order_by(Place.code)) if place.id in taking_part]
    if not places:
        return
    issuing = _Issuing(session, month, at)
    for place in places:
        try:
            with session.begin_nested():
                issuing.write(place, SYSTEM)
        except Exception:  # noqa: BLE001  (whatever it is: nobody else waits for it)
            _log.exception("invoices could not be written")


class _Wanted(NamedTuple):
    """An invoice to write; ``is_mandated``: by the home, in the host's name. Both have a SIREN."""

    host_id: UUID
    home_id: UUID
    seller: Details
    buyer: Details
    bill: Bill
    is_mandated: bool


class _Issuing:
    """What writing invoices of a month needs, read once for however many places."""

    def __init__(self, session: Session, month: Month, at: datetime) -> None:
        self._session, self._month, self._at = session, month, at
        self._places = {each.id: each for each in session.scalars(select(Place))}
        self.details = details_of(session, self._places.values())
        self._partners: dict[str, set[tuple[str, str]]] = defaultdict(set)
        settled = month.settlement
        billed = {(pair.home, pair.host) for pair in settled.pairs} | {(row.home, row.host) for row in settled.bookings}
        for home, host in billed:
            if home in month.places and host in month.places:
                # Else the fund's: who is in transition is billed to nobody.
                self._partners[home].add((home, host))
                self._partners[host].add((home, host))
        self._totals: dict[str, Document] = {}

    def wanted(self, place: Place) -> tuple["list[_Wanted]", list[str]]:
        """Those of a place that it has not written yet, and the codes of whom it cannot bill."""
        month = self._month
        known = {(each.host_id, each.home_id) for each in invoices_of(self._session, place, month.month)}
        found: list[_Wanted] = []
        without: set[str] = set()
        for codes in sorted(self._partners[month.code_of(place.id)]):
            home, host = (self._places[month.places[code].id] for code in codes)
            seller, buyer = self.details[host.code], self.details[home.code]
            mandated = seller.self_billing_since is not None and seller.self_billing_since <= days_of(month.month)[1]
            if not (mandated or host.id == place.id) or (host.id, home.id) in known:
                continue
            bill = bill_of(self._of_host(codes[1]), codes[0], seller)
            if bill is None or place.id != (home.id if mandated else host.id):
                continue
            if seller.siren is None or buyer.siren is None:
                without.add(home.code if seller.siren else host.code)
                continue
            found.append(_Wanted(host.id, home.id, seller, buyer, bill, mandated))
        return found, sorted(without)

    def write(self, place: Place, actor: Actor) -> Issued:
        """Write those of a place that it has not written yet."""
        session, month = self._session, self._month
        today = self._at.astimezone(ZoneInfo(place.zone)).date()
        one_at_a_time(session)  # two at once would give a number twice, and one lost between two is a gap
        wanted, without = self.wanted(place)
        due_on = _due_on(session, month.month, place, today)
        made: list[Invoice] = []
        for each in wanted:
            seller, bill = each.seller.siren or "", each.bill
            corrected = _corrected(session, each.host_id, each.home_id, bill.origins)
            invoice = Invoice(
                issuer_place_id=place.id,
                seller_siren=seller,
                number=_next_number(session, seller, today, each.buyer.siren if each.is_mandated else None),
                month=month.month,
                host_id=each.host_id,
                home_id=each.home_id,
                kind=_kind(bill, self_billed=each.is_mandated),
                issued_on=today,
                due_on=due_on,
                parties={"seller": _party(each.seller), "buyer": _party(each.buyer)},
                net_cents=bill.net_cents,
                vat_cents=bill.vat_cents,
                total_cents=bill.total_cents,
                corrects_id=next((former.id for former in corrected), None),
            )
            session.add(invoice)
            session.flush()
            made.append(invoice)
        if made:
            record(
                session, actor, self._at, "invoice.issue", ("month", month.month), place_id=place.id, count=len(made)
            )
        return Issued(made, without)

    def _of_host(self, code: str) -> Document:
        if code not in self._totals:
            self._totals[code] = self._month.documents.totals(code)
        return self._totals[code]


def _kind(bill: Bill, *, self_billed: bool) -> InvoiceKind:
    if self_billed:
        return "self_billed_credit" if bill.is_credit else "self_billed"
    return "credit_note" if bill.is_credit else "invoice"


def _due_on(session: Session, month: str, place: Place, on: date) -> date:
    """When the month's payments are due; never before the invoice is written."""
    days = [each.due_on for each in payments_of(session, month=month, place=place)]
    return max(on, min(days, default=on + timedelta(days=_DAYS_TO_PAY)))


def _party(who: Details) -> dict[str, Any]:
    kept = asdict(who)
    return {
        name: kept[name]
        for name in kept.keys() - {"iban", "bic", "journal", "accounts", "self_billing_since", "holds_fund"}
    }


def _next_number(session: Session, seller: str, on: date, writer: str | None) -> str:
    """The next number of a seller's series of the year; of the series of whoever else writes in its name.

    ``seller``, ``writer``: SIREN. All the places of one body share its series; 20 letters is what public bodies take.
    """
    series = f"PASS-{on.year}-" if writer is None else f"A{on.year % 100:02}-{writer}-"
    query = select(func.count()).where(Invoice.seller_siren == seller, Invoice.number.startswith(series))
    return f"{series}{(session.scalar(query) or 0) + 1:04}"


def _corrected(session: Session, host: UUID, home: UUID, months: Iterable[str]) -> Sequence[Invoice]:
    query = select(Invoice).where(Invoice.host_id == host, Invoice.home_id == home, Invoice.month.in_(list(months)))
    return session.scalars(query.order_by(Invoice.month)).all()


def invoices_of(session: Session, place: Place, month: str) -> Sequence[Invoice]:
    """The invoices of a month that a place sends or receives, by number."""
    query = select(Invoice).where(Invoice.month == month, (Invoice.host_id == place.id) | (Invoice.home_id == place.id))
    return session.scalars(query.order_by(Invoice.number, Invoice.id)).all()


def get_invoice(session: Session, invoice_id: UUID) -> Invoice:
    """The invoice. Raises ``invoice_unknown``."""
    invoice = session.get(Invoice, invoice_id)
    if invoice is None:
        raise INVOICE_UNKNOWN.error()
    return invoice


def sheet_of(session: Session, month: Month, invoice: Invoice) -> InvoiceSheet:
    """An invoice whole: what its closed month says, between the places as they were when it was written."""
    seller, buyer = (Details(**invoice.parties[side]) for side in ("seller", "buyer"))
    bill = bill_of(month.documents.totals(month.code_of(invoice.host_id)), month.code_of(invoice.home_id), seller)
    if bill is None:
        raise INVOICE_UNKNOWN.error()
    # Those written since are none that it could name when it was written.
    corrected = [
        each for each in _corrected(session, invoice.host_id, invoice.home_id, bill.origins) if each.id < invoice.id
    ]
    return InvoiceSheet(
        number=invoice.number,
        kind=invoice.kind,  # type: ignore[arg-type]  # the table's constraint says so
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        seller=seller,
        buyer=buyer,
        bill=bill,
        corrects=tuple((each.number, each.issued_on) for each in corrected),
    )
