"""Invoices as Factur-X, profile EN 16931: the one place that knows the package ``factur-x``, whose API moves.

The XML is the package's; the PDF is ours (PDF/A-3a and PDF/UA-1, with the XML in it), for the package's own way writes
the hour into it and gives up what makes it accessible. The same invoice gives the same bytes.
"""

import json
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

from facturx import generate_cii_xml
from lxml import etree
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject, StreamObject

from passapp.kernel.typesetting import ARCHIVED, TypstError, printable, typeset
from passapp.network.rules import days_of
from passapp.settlement.details.rules import Details
from passapp.settlement.files.invoicing import TITLES, TYPE_CODES, InvoiceSheet
from passapp.settlement.files.said import amount, plain, say_date, say_month

CLEARING: Final = "97"
"""Payment means (UNTDID 4461): clearing between partners."""
SERVICES: Final = "S1"
"""French invoicing framework: an invoice for services."""
UNIT: Final = "C62"
"""UN/ECE Recommendation 20: one."""


def invoice_xml(sheet: InvoiceSheet) -> bytes:
    """The invoice as EN 16931 in CII: what machines read."""
    first, last = days_of(sheet.bill.month)
    bill, outside = sheet.bill, all(group.category == "O" for group in sheet.bill.groups)
    categories = {group.basis_points: group.category for group in bill.groups}
    net, vat, total = (plain(cents) for cents in (bill.net_cents, bill.vat_cents, bill.total_cents))
    fields: dict[str, Any] = {
        "BT-1": sheet.number,
        "BT-2": sheet.issued_on,
        "BT-3": TYPE_CODES[sheet.kind],
        "BT-5": "EUR",
        "BT-9": sheet.due_on,
        "BT-10": sheet.buyer.chorus_service,
        "BT-13": sheet.buyer.chorus_engagement,
        "BT-23": SERVICES,
        "BG-1": [{"BT-21": code, "BT-22": said} for code, said in [*sheet.notes, ("BAR", "B2B")]],
        "BG-3": [{"BT-25": number, "BT-26": day} for number, day in sheet.corrects],
        "BG-4": _party(sheet.seller, outside=outside),
        "BG-7": _party(sheet.buyer, outside=outside),
        "BT-72": last,
        "BT-73": first,
        "BT-74": last,
        "BT-81": CLEARING,
        "BG-23": [
            {
                "BT-116": plain(group.net_cents),
                "BT-117": plain(group.vat_cents),
                "BT-118": group.category,
                # "O" is outside the tax: it has no rate, not even 0.
                "BT-119": None if group.category == "O" else plain(group.basis_points),
                "BT-120": group.exemption[1] if group.exemption else None,
                "BT-121": group.exemption[0] if group.exemption else None,
            }
            for group in bill.groups
        ],
        "BT-106": net,
        "BT-109": net,
        "BT-110": vat,
        "BT-112": total,
        "BT-115": total,
        "BG-25": [
            {
                "BT-126": str(number),
                "BT-129": str(line.quantity),
                "BT-130": UNIT,
                "BT-131": plain(line.net_cents),
                "BT-146": plain(line.unit_cents),
                "BT-151": categories[line.vat_basis_points],
                "BT-152": None if categories[line.vat_basis_points] == "O" else plain(line.vat_basis_points),
                "BT-153": line.name,
            }
            for number, line in enumerate(bill.lines, start=1)
        ],
    }
    made = generate_cii_xml(
        {k: v for k, v in fields.items() if v is not None}, "en16931", check_xsd=False, check_schematron=None
    )
    content = made if isinstance(made, bytes) else etree.tostring(made, xml_declaration=True, encoding="UTF-8")
    return bytes(content)


def _party(who: Details, *, outside: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": who.account_name,
        "legal_identifier": who.siren,
        "legal_identifier_schemeid": "0002",  # SIREN
        "identifiers": {"0009": who.siret},  # SIRET
        "einvoicing_addr": who.siren,
        "einvoicing_addr_schemeid": "0225",  # the French directory
        "addr_l1": who.street,
        "postcode": who.postcode,
        "city": who.town,
        "country_code": who.country,
    }
    if not outside:
        said |= {"vat_identifier": who.vat_number} if who.vat_number else {"tax_identifier": who.siren}
    return {name: value for name, value in said.items() if value}


def invoice_pdf(sheet: InvoiceSheet) -> bytes:
    """The invoice as a page that people read, with the XML in it: PDF/A-3a, PDF/UA-1, Factur-X."""
    try:
        page = _set(sheet, careful=False)
    except TypstError:
        # PDF/UA refuses a letter that no font has. Rare: only then is each line tried by itself.
        page = _set(sheet, careful=True)
    return _named_facturx(page)


def _set(sheet: InvoiceSheet, *, careful: bool) -> bytes:
    source = Path(__file__).with_name("invoice.typ").read_bytes()
    return typeset(
        source,
        standards=ARCHIVED,
        sheet=json.dumps(_shown(sheet, careful=careful), ensure_ascii=False),
        xml=invoice_xml(sheet).decode(),
    )


def _shown(sheet: InvoiceSheet, *, careful: bool) -> dict[str, Any]:
    bill = sheet.bill
    return {
        "date": [sheet.issued_on.year, sheet.issued_on.month, sheet.issued_on.day],
        "title": f"{TITLES[sheet.kind]} {sheet.number}",
        "facts": [
            ["Date", say_date(sheet.issued_on)],
            ["Période", say_month(bill.month)],
            ["Échéance", say_date(sheet.due_on)],
            *(
                [what, said if not careful else printable(said, "…")]
                for what, said in (
                    ("Service", sheet.buyer.chorus_service),
                    ("Engagement", sheet.buyer.chorus_engagement),
                )
                if said
            ),
            *(["Corrige", f"{number} du {say_date(day)}"] for number, day in sheet.corrects),
        ],
        "parties": [
            ["Vendeur", *_address(sheet.seller, careful=careful)],
            ["Client", *_address(sheet.buyer, careful=careful)],
        ],
        "lines": [
            [
                line.name,
                str(line.quantity),
                amount(line.unit_cents),
                _percent(line.vat_basis_points),
                amount(line.net_cents),
            ]
            for line in bill.lines
        ],
        "sums": [
            ["Total hors taxes", amount(bill.net_cents)],
            *(
                [f"TVA {_percent(group.basis_points)} sur {amount(group.net_cents)}", amount(group.vat_cents)]
                for group in bill.groups
                if group.basis_points
            ),
            ["Total", amount(bill.total_cents)],
        ],
        "notes": [group.exemption[1] for group in bill.groups if group.exemption] + [said for _, said in sheet.notes],
    }


def _address(who: Details, *, careful: bool) -> list[str]:
    lines = [who.account_name, who.street or "", f"{who.postcode} {who.town}".strip()]
    lines += [f"SIRET {who.siret}" if who.siret else "", f"TVA {who.vat_number}" if who.vat_number else ""]
    if careful:
        lines = [printable(line, "" if number else who.code) for number, line in enumerate(lines)]
    return [line for line in lines if line]


def _percent(basis_points: int) -> str:
    return f"{plain(basis_points, ',').removesuffix(',00')} %"


_FACTURX: Final = b"""\
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">\
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>\
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>"""
_SCHEMA: Final = (
    b'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
    b"<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + b"".join(
        b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>' + name + b"</pdfaProperty:name>"
        b"<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
        b"<pdfaProperty:description>" + said + b"</pdfaProperty:description></rdf:li>"
        for name, said in (
            (b"DocumentFileName", b"Name of the embedded XML invoice file"),
            (b"DocumentType", b"INVOICE"),
            (b"Version", b"The version of the Factur-X data"),
            (b"ConformanceLevel", b"The conformance level of the Factur-X data"),
        )
    )
    + b"</rdf:Seq></pdfaSchema:property></rdf:li>"
)


def _named_facturx(page: bytes) -> bytes:
    """Say in the file's metadata (XMP) that it is Factur-X, in the words that PDF/A wants for that."""
    reader = PdfReader(BytesIO(page))
    writer = PdfWriter(clone_from=reader)
    metadata = cast("StreamObject", writer.root_object[NameObject("/Metadata")].get_object())
    xmp = metadata.get_data()
    schemas, bag = b"<pdfaExtension:schemas><rdf:Bag>", b"</rdf:RDF>"
    xmp = xmp.replace(schemas, schemas + _SCHEMA, 1).replace(bag, _FACTURX + bag, 1)
    stream = DecodedStreamObject()
    stream.set_data(xmp)
    stream.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)  # noqa: SLF001  (the package's own way)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
