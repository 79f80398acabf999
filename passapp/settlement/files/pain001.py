"""A place's payments as a file for its bank: ISO 20022 pain.001.001.09, a SEPA credit transfer. Pure.

The same payments give the same bytes on one day. A bank takes no order for a day that is over, so what was due is asked
for today; and it refuses a message id that it has seen, so that is made of what is ordered, the days too: the same
order is not paid twice, and one that asks for another day is taken as another. End-to-end ids stay whatever the day.
Addresses are structured: banks refuse others since 15 November 2026.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Final

from lxml import etree

from passapp.settlement.details.rules import Details
from passapp.settlement.files.said import plain

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_SIGNS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
_OTHERS: Final = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "’": "'", "–": "-", "—": "-", "&": "+"}
    | {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH"}
)


@dataclass(frozen=True)
class BankTransfer:
    """One payment to somebody who has an IBAN. ``end_to_end_id``: it comes back on both bank statements."""

    end_to_end_id: str
    creditor: Details
    amount_cents: int
    due_on: date


def sepa_text(text: str, longest: int = 70) -> str:
    """The same words in the letters that every SEPA bank takes; others are left out."""
    flat = unicodedata.normalize("NFKD", text.translate(_OTHERS))
    kept = "".join(c if c in _SIGNS else " " if c.isspace() else "" for c in flat)
    # A text may neither begin nor end with a stroke, nor hold two.
    return re.sub("/+", "/", " ".join(kept.split())).strip("/ ")[:longest].strip("/ ") or "-"


def bank_file(debtor: Details, transfers: Sequence[BankTransfer], *, month: str, made_on: date) -> bytes:
    """The payments of one place for a month, by day and end-to-end id. It has an IBAN, and so has each payee.

    ``made_on``: today at the place; what was due before is asked for then.
    """
    asked = [replace(each, due_on=max(each.due_on, made_on)) for each in transfers]
    ordered = sorted(asked, key=lambda each: (each.due_on, each.end_to_end_id))
    name = f"{month}-{_fingerprint(debtor, ordered)}"
    root = etree.Element(etree.QName(NAMESPACE, "Document"), nsmap={None: NAMESPACE})
    begins = _add(root, "CstmrCdtTrfInitn")
    header = _add(begins, "GrpHdr")
    _add(header, "MsgId", name)
    _add(header, "CreDtTm", f"{made_on.isoformat()}T00:00:00")
    _sums(header, ordered)
    _add(_add(header, "InitgPty"), "Nm", sepa_text(debtor.account_name))
    days: dict[date, list[BankTransfer]] = defaultdict(list)
    for each in ordered:
        days[each.due_on].append(each)
    for number, (day, several) in zip(count(1), days.items(), strict=False):
        _batch(begins, f"{name}-{number}", debtor, day, several)
    etree.indent(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _fingerprint(debtor: Details, transfers: Iterable[BankTransfer]) -> str:
    """16 letters made of all that is ordered: who pays, and of each payment the day, the amount and who is paid."""
    said = [*_who(debtor)]
    for each in transfers:
        said += [each.end_to_end_id, each.due_on.isoformat(), str(each.amount_cents), *_who(each.creditor)]
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:16].upper()


def _who(who: Details) -> list[str]:
    fields = (who.iban, who.bic, who.account_name, who.street, who.postcode, who.town, who.country)
    return [each or "" for each in fields]


def _batch(parent: etree._Element, name: str, debtor: Details, day: date, transfers: Sequence[BankTransfer]) -> None:
    batch = _add(parent, "PmtInf")
    _add(batch, "PmtInfId", name)
    _add(batch, "PmtMtd", "TRF")
    _sums(batch, transfers)
    _add(_add(_add(batch, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _add(_add(batch, "ReqdExctnDt"), "Dt", day.isoformat())
    _party(batch, "Dbtr", debtor)
    _account(batch, "DbtrAcct", debtor)
    agent = _add(_add(batch, "DbtrAgt"), "FinInstnId")
    if debtor.bic:
        _add(agent, "BICFI", debtor.bic)
    else:
        _add(_add(agent, "Othr"), "Id", "NOTPROVIDED")
    _add(batch, "ChrgBr", "SLEV")
    for each in transfers:
        transfer = _add(batch, "CdtTrfTxInf")
        _add(_add(transfer, "PmtId"), "EndToEndId", each.end_to_end_id)
        _add(_add(transfer, "Amt"), "InstdAmt", plain(each.amount_cents)).set("Ccy", "EUR")
        if each.creditor.bic:
            _add(_add(_add(transfer, "CdtrAgt"), "FinInstnId"), "BICFI", each.creditor.bic)
        _party(transfer, "Cdtr", each.creditor)
        _account(transfer, "CdtrAcct", each.creditor)
        _add(_add(transfer, "RmtInf"), "Ustrd", each.end_to_end_id)


def _sums(parent: etree._Element, transfers: Iterable[BankTransfer]) -> None:
    amounts = [each.amount_cents for each in transfers]
    _add(parent, "NbOfTxs", str(len(amounts)))
    _add(parent, "CtrlSum", plain(sum(amounts)))


def _party(parent: etree._Element, tag: str, who: Details) -> None:
    party = _add(parent, tag)
    _add(party, "Nm", sepa_text(who.account_name))
    address = _add(party, "PstlAdr")
    if who.street:
        _add(address, "StrtNm", sepa_text(who.street))
    if who.postcode:
        _add(address, "PstCd", sepa_text(who.postcode, 16))
    _add(address, "TwnNm", sepa_text(who.town, 35))
    _add(address, "Ctry", who.country)


def _account(parent: etree._Element, tag: str, who: Details) -> None:
    _add(_add(_add(parent, tag), "Id"), "IBAN", who.iban)


def _add(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    found = etree.SubElement(parent, etree.QName(NAMESPACE, tag))
    found.text = text
    return found
