"""A bank statement (ISO 20022 camt.053) as the lines that payments are found by. Pure.

Every version that banks send is read, from 001.02 on: the elements looked at kept their names. What is no such file, or
would have the reader fetch or unfold something, is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_FAMILY: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053."
_MOST_CENTS: Final = 10**12
_AMOUNT: Final = re.compile(r"\+?([0-9]{1,18})(?:\.([0-9]{0,2})0{0,3})?")
"""As ISO 20022 has it: at most 18 digits, five of them after the point, and no exponent; of euros, whole cents."""


@dataclass(frozen=True)
class BankLine:
    """One booked payment in euros. ``is_credit``: it came in. ``is_return``: one that came back or was undone.

    Many banks do not say the last.
    """

    end_to_end_id: str
    cents: int
    is_credit: bool
    is_return: bool
    booked_on: date
    reference: str | None


@dataclass(frozen=True)
class BankStatement:
    """The lines of one account."""

    iban: str
    lines: tuple[BankLine, ...]


def read_camt053(content: bytes) -> list[BankStatement]:
    """The statements of a file. Raises ``ValueError`` for anything else, however it is broken."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise ValueError("it is no XML that can be read safely") from None
    space = root.tag.partition("}")[0].removeprefix("{")
    if not space.startswith(_FAMILY):
        raise ValueError("it is not a camt.053")
    names = {"c": space}
    found = []
    for statement in root.iterfind("c:BkToCstmrStmt/c:Stmt", names):
        iban = _text(names, (statement, "c:Acct/c:Id/c:IBAN"))
        entries = statement.iterfind("c:Ntry", names)
        lines = tuple(line for entry in entries for line in _lines(entry, names))
        found.append(BankStatement(iban, lines))
    if not found:
        raise ValueError("it holds no statement of an account")
    return found


def _lines(entry: Element, names: dict[str, str]) -> Iterator[BankLine]:
    """The payments of an entry that is booked: several where a bank booked them together."""
    if _text(names, (entry, "c:Sts/c:Cd"), (entry, "c:Sts")) != "BOOK":
        return
    booked = _text(names, (entry, "c:BookgDt/c:Dt"), (entry, "c:BookgDt/c:DtTm"))
    details = entry.findall("c:NtryDtls/c:TxDtls", names)
    undone = _text(names, (entry, "c:RvslInd")) in {"true", "1"}
    for each in details:
        name = _text(names, (each, "c:Refs/c:EndToEndId"))
        amount = each.find("c:Amt", names)
        if amount is None:
            amount = each.find("c:AmtDtls/c:TxAmt/c:Amt", names)
        if amount is None and len(details) == 1:
            amount = entry.find("c:Amt", names)
        cents = _cents(amount)
        if not name or cents is None:
            continue
        yield BankLine(
            end_to_end_id=name,
            cents=cents,
            is_credit=_text(names, (each, "c:CdtDbtInd"), (entry, "c:CdtDbtInd")) == "CRDT",
            is_return=undone or each.find("c:RtrInf", names) is not None,
            booked_on=_day(booked),
            reference=_text(names, (each, "c:Refs/c:AcctSvcrRef"), (entry, "c:AcctSvcrRef"))[:64] or None,
        )


def _text(names: dict[str, str], *places: tuple[Element, str]) -> str:
    """The first of these texts that is there."""
    found = (element.findtext(path, "", names).strip() for element, path in places)
    return next((text for text in found if text), "")


def _cents(amount: Element | None) -> int | None:
    """Cents of an amount in euros; None of another currency. Raises ``ValueError``."""
    if amount is None or amount.get("Ccy") != "EUR":
        return None
    written = _AMOUNT.fullmatch((amount.text or "").strip())
    if written is None:
        raise ValueError("it holds an amount that is none")
    cents = int(written[1]) * 100 + int((written[2] or "").ljust(2, "0"))
    if cents >= _MOST_CENTS:
        raise ValueError("it holds an amount that is none")
    return cents


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise ValueError("it holds a booking without a date") from None
