"""Routes of files: a month and a statement in every format, and invoices."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import Field
from sqlalchemy.orm import Session

from passapp.accounts.access import STAFF, CallerDep, Role, Scope, allow
from passapp.kernel.api import NowDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import may_answer
from passapp.network.service import LOCAL_CURRENCY, require_euros
from passapp.places.models import Place
from passapp.places.service import PLACE_UNKNOWN, get_place
from passapp.settlement.files import service
from passapp.settlement.files.facturx import invoice_pdf, invoice_xml
from passapp.settlement.files.invoicing import InvoiceSheet
from passapp.settlement.months.versions import check_month
from passapp.settlement.payments.bank import NO_ACCOUNT
from passapp.settlement.routing import SETTLING, MonthName, file_answer
from passapp.settlement.service import MONTH_NOT_VALID, settle_month

router = APIRouter(tags=["settlement"])

Answers = dict[int | str, dict[str, Any]]
THE_PLACE = (Role.COORDINATOR, Role.MANAGER, Role.PLACE_ACCOUNTANT)
AT_A_PLACE = may_answer(*SETTLING, PLACE_UNKNOWN)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
XML = "application/xml"
TEXT = "text/plain; charset=utf-8"


def _content(kind: str) -> Answers:
    return {200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}}}}


def _of_place(session: Session, place_id: UUID, month: str, now: datetime) -> service.StatementFiles:
    place = get_place(session, place_id)
    return service.statement_files(session, service.month_of_place(session, month, place, at=now), place, at=now)


@router.get(
    "/months/{month}/month.xlsx",
    operation_id="get_month_workbook",
    dependencies=allow(*STAFF, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=may_answer(*SETTLING) | _content(XLSX),
)
def get_month_workbook(month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """The month of the network as a workbook."""
    found = settle_month(session, month, at=now)
    return file_answer(service.month_workbook(found), f"{found.network}-{month}.xlsx", XLSX)


@router.get(
    "/places/{place_id}/statements/{month}/statement.xlsx",
    operation_id="get_statement_workbook",
    dependencies=allow(*THE_PLACE, Role.NETWORK_ACCOUNTANT, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=AT_A_PLACE | _content(XLSX),
)
def get_statement_workbook(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """A place's month as a workbook, down to each visit."""
    files = _of_place(session, place_id, month, now)
    return file_answer(files.xlsx(), f"{files.code}-{month}.xlsx", XLSX)


@router.get(
    "/places/{place_id}/statements/{month}/statement.pdf",
    operation_id="get_statement_page",
    dependencies=allow(*THE_PLACE, Role.NETWORK_ACCOUNTANT, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=AT_A_PLACE | _content(PDF),
)
def get_statement_page(
    place_id: UUID, month: MonthName, session: SessionDep, now: NowDep, caller: CallerDep
) -> Response:
    """A place's month to read and to keep (PDF/A-3a, PDF/UA-1), in French, with its document attached."""
    files = _of_place(session, place_id, month, now)
    own = place_id in caller.places(Role.MANAGER, Role.PLACE_ACCOUNTANT) or caller.has(Role.COORDINATOR)
    return file_answer(files.pdf(shows_ibans=own), f"{files.code}-{month}.pdf", PDF)


@router.get(
    "/places/{place_id}/statements/{month}/import-ecritures.txt",
    operation_id="get_accounting_import",
    dependencies=allow(*THE_PLACE, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=may_answer(*SETTLING, PLACE_UNKNOWN, LOCAL_CURRENCY, service.MONTH_NOT_CLOSED) | _content(TEXT),
)
def get_accounting_import(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """A place's closed month for its accounting tool: an import in the 18 columns of the FEC, which are in euros."""
    require_euros(session)
    files = _of_place(session, place_id, month, now)
    return file_answer(files.fec(), f"import_ecritures_{files.code}_{month}.txt", TEXT)


@router.get(
    "/places/{place_id}/statements/{month}/statement.journal",
    operation_id="get_journal",
    dependencies=allow(*THE_PLACE, scope=Scope.SETTLEMENT_READ),
    response_class=Response,
    responses=may_answer(*SETTLING, PLACE_UNKNOWN, service.MONTH_NOT_CLOSED) | _content(TEXT),
)
def get_journal(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """A place's closed month as a journal of hledger."""
    files = _of_place(session, place_id, month, now)
    return file_answer(files.journal(), f"{files.code}-{month}.journal", TEXT)


@router.get(
    "/places/{place_id}/statements/{month}/payments.xml",
    operation_id="get_bank_file",
    dependencies=allow(*THE_PLACE),
    response_class=Response,
    responses=may_answer(PLACE_UNKNOWN, MONTH_NOT_VALID, LOCAL_CURRENCY, NO_ACCOUNT, service.NOTHING_TO_PAY)
    | _content(XML),
)
def get_bank_file(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Response:
    """What a place is to pay for a closed month, for its bank (SEPA credit transfer, pain.001.001.09).

    Asked for on the day that it is due, or today where that is over. The same order has the same message id on any
    day, and a bank refuses it twice; once the day asked for is another one, it is another order to the bank.
    """
    place = get_place(session, place_id)
    check_month(month)
    return file_answer(
        service.transfers_file(session, month, place, at=now), f"virements-{place.code}-{month}.xml", XML
    )


class InvoiceShown(Shown):
    """An invoice of a host to a home."""

    id: UUID
    number: str
    month: str
    host_id: UUID
    home_id: UUID
    kind: Literal["invoice", "credit_note", "self_billed", "self_billed_credit"]
    issued_on: date
    due_on: date
    net_cents: int
    vat_cents: int
    total_cents: int
    corrects_id: UUID | None


class Invoices(Shown):
    """Every invoice of the month that the place sends or receives, by number.

    `without_siret`: whom it cannot bill yet, by code.
    """

    items: list[InvoiceShown]
    to_write: int = Field(description="How many the place may have written now; 0 before the month is closed.")
    without_siret: list[str]


class IssuedShown(Invoices):
    """The same, and how many were written just now."""

    issued: int


def _list(session: Session, place: Place, month: str) -> list[InvoiceShown]:
    return [InvoiceShown.model_validate(each) for each in service.invoices_of(session, place, month)]


@router.get(
    "/places/{place_id}/statements/{month}/invoices",
    operation_id="list_invoices",
    dependencies=allow(*THE_PLACE, Role.NETWORK_ACCOUNTANT, scope=Scope.SETTLEMENT_READ),
    responses=AT_A_PLACE,
)
def list_invoices(place_id: UUID, month: MonthName, session: SessionDep, now: NowDep) -> Invoices:
    """The invoices of a month that a place sends or receives, and how many it has not written yet."""
    place = get_place(session, place_id)
    check_month(month)
    waiting = service.invoices_to_write(session, month, place, at=now)
    return Invoices(items=_list(session, place, month), to_write=waiting.count, without_siret=waiting.without_siret)


@router.post(
    "/places/{place_id}/statements/{month}/invoices",
    operation_id="issue_invoices",
    dependencies=allow(*THE_PLACE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(*SETTLING, PLACE_UNKNOWN, LOCAL_CURRENCY, service.MONTH_NOT_CLOSED, service.NO_SIRET),
)
def issue_invoices(
    place_id: UUID, month: MonthName, session: SessionDep, now: NowDep, caller: CallerDep
) -> IssuedShown:
    """Write a place's invoices of a closed month; those written before stay as they are.

    Also those of hosts that gave it their mandate (self-billing).
    """
    place = get_place(session, place_id)
    found = settle_month(session, month, at=now)
    issued = service.issue_invoices(session, found, place, at=now, actor=caller.actor)
    return IssuedShown(
        items=_list(session, place, month),
        to_write=0,
        without_siret=issued.without_siret,
        issued=len(issued.invoices),
    )


def _sheet(session: Session, invoice_id: UUID, now: datetime, caller: CallerDep) -> InvoiceSheet:
    """An invoice, for its two places and the network. Raises ``invoice_unknown``, ``forbidden``."""
    invoice = service.get_invoice(session, invoice_id)
    if not caller.has(Role.NETWORK_ACCOUNTANT):
        caller.require_at(frozenset({invoice.host_id, invoice.home_id}), Role.MANAGER, Role.PLACE_ACCOUNTANT)
    host = get_place(session, invoice.host_id)
    return service.sheet_of(session, service.month_of_place(session, invoice.month, host, at=now), invoice)


@router.get(
    "/invoices/{invoice_id}/invoice.pdf",
    operation_id="get_invoice_page",
    dependencies=allow(*THE_PLACE, Role.NETWORK_ACCOUNTANT),
    response_class=Response,
    responses=may_answer(service.INVOICE_UNKNOWN, *SETTLING) | _content(PDF),
)
def get_invoice_page(invoice_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> Response:
    """An invoice as a Factur-X page: PDF/A-3a with its XML."""
    sheet = _sheet(session, invoice_id, now, caller)
    return file_answer(invoice_pdf(sheet), f"{sheet.name}.pdf", PDF)


@router.get(
    "/invoices/{invoice_id}/factur-x.xml",
    operation_id="get_invoice_xml",
    dependencies=allow(*THE_PLACE, Role.NETWORK_ACCOUNTANT),
    response_class=Response,
    responses=may_answer(service.INVOICE_UNKNOWN, *SETTLING) | _content(XML),
)
def get_invoice_xml(invoice_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> Response:
    """An invoice as machines read it: EN 16931 in CII."""
    sheet = _sheet(session, invoice_id, now, caller)
    return file_answer(invoice_xml(sheet), f"{sheet.name}.xml", XML)
