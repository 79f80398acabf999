"""The mail to a place's accountant: a closed month, with its files."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.kernel.french import of
from passapp.kernel.mail import Attachment, Letter, Writer
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import Problem
from passapp.network.rules import CLOSED_STATES
from passapp.network.service import currency_of
from passapp.places.models import Place
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.files.entries import entries_of
from passapp.settlement.files.facturx import invoice_pdf
from passapp.settlement.files.said import of_month
from passapp.settlement.files.service import (
    StatementFiles,
    invoices_of,
    month_of_place,
    names_of,
    sheet_of,
    statement_files,
    transfers_file,
)
from passapp.settlement.months.versions import sealed_statement
from passapp.settlement.rules.documents import canonical

_KIND: Final = "accountant_files"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_INVOICES: Final = 30
"""More make a mail that mail servers refuse: they are downloaded instead."""
_WORDS: Final = (
    "{place} : relevé {of_month} et fichiers comptables",
    "Bonjour,",
    "Le mois {of_month} est clos. Voici le relevé {of_place}, et ce qu’il faut à votre outil de comptabilité.",
    "Vous recevez ce message parce que {place} a indiqué votre adresse. Pour ne plus le recevoir, dites-le-lui.",
)


def tell_accountants(session: Session, month: str, stated: Collection[UUID], *, at: datetime) -> None:
    """Have a month that was closed mailed to the accountants of the places that want it, of those ``stated`` in it."""
    wanted = select(SettlementDetails.place_id).where(
        SettlementDetails.mails_accountant, SettlementDetails.accountant_email.is_not(None)
    )
    for place_id in session.scalars(wanted.order_by(SettlementDetails.place_id)):
        if place_id in stated:
            key = f"{_KIND}:{place_id}:{month}"
            enqueue(session, at, _KIND, key, None, place_id=str(place_id), month=month)


def _accountant_files(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """The month's files; nothing once the place does not want them mailed any more."""
    place = session.get_one(Place, UUID(message.payload["place_id"]))
    details = session.get(SettlementDetails, place.id)
    if details is None or not details.mails_accountant or not details.accountant_email:
        return None
    month = month_of_place(session, message.payload["month"], place, at=now)
    if month.state not in CLOSED_STATES:
        return None
    files = statement_files(session, month, place, at=now)
    values = {"place": place.name, "of_place": of(place.name), "of_month": of_month(month.month)}
    subject, *paragraphs = (words.format(**values) for words in _WORDS)
    # In French, as the files are.
    return Letter(
        details.accountant_email, "fr", subject, tuple(paragraphs), attachments=_attachments(session, files, now)
    )


def _attachments(session: Session, files: StatementFiles, at: datetime) -> tuple[Attachment, ...]:
    month, name = files.month, f"{files.code}-{files.month.month}"
    found = [
        Attachment(f"{name}.pdf", "application/pdf", files.pdf(shows_ibans=True)),
        Attachment(f"{name}.xlsx", _XLSX, files.xlsx()),
    ]
    if entries_of(files.document, files.own, names_of(month)):
        imported = f"import_ecritures_{files.code}_{month.month}.txt"
        if currency_of(session) is None:  # that layout is of euros
            found.append(Attachment(imported, "application/octet-stream", files.fec()))
        found.append(Attachment(f"{name}.journal", "application/octet-stream", files.journal()))
    with suppress(Problem):  # nothing to pay, not in euros, or not from an account that is known
        paid = transfers_file(session, month.month, files.place, at=at)
        found.append(Attachment(f"virements-{name}.xml", "application/xml", paid))
    with suppress(Problem):  # of a month before statements were signed
        sealed = canonical(sealed_statement(session, month.month, files.place, at=at))
        found.append(Attachment(f"{name}.json", "application/json", sealed))
    invoices = invoices_of(session, files.place, month.month)
    if len(invoices) <= _MOST_INVOICES:
        for each in invoices:
            host = session.get_one(Place, each.host_id)
            sheet = sheet_of(session, month_of_place(session, month.month, host, at=at), each)
            found.append(Attachment(f"{sheet.name}.pdf", "application/pdf", invoice_pdf(sheet)))
    return tuple(found)


LETTERS: dict[str, Writer] = {_KIND: _accountant_files}
