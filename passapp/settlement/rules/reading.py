"""Documents that others made: reading them from a file, and saying where they differ from ours. Pure."""

import json

import rfc8785

from passapp.settlement.rules.amounts import amount_said
from passapp.settlement.rules.documents import MONTH_SCHEMA, SEALED_SCHEMA, STATEMENT_SCHEMA, Document


def read_document(text: bytes) -> Document:
    """A month, a statement or a sealed one from a file. Raises ``ValueError`` for anything else, however broken."""
    try:
        document = json.loads(text, object_pairs_hook=_each_name_once)
        rfc8785.dumps(document)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        raise ValueError("it is not JSON that has a canonical form") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004  (one kind of error for whatever a file holds)
    if document.get("schema") == SEALED_SCHEMA and isinstance(document.get("statement"), dict):
        _check_named(document["statement"])
        return document
    _check_named(document)
    return document


def _check_named(document: Document) -> None:
    named = {MONTH_SCHEMA: ("month",), STATEMENT_SCHEMA: ("month", "place")}.get(str(document.get("schema")))
    if named is None:
        raise ValueError(f"its schema is neither {MONTH_SCHEMA} nor {STATEMENT_SCHEMA}")
    if not all(isinstance(document.get(name), str) for name in named):
        raise ValueError(f"it does not say its {' and '.join(named)}")


def _each_name_once(pairs: list[tuple[str, object]]) -> Document:
    # Python keeps the last of two, another reader the first: the file would say two things.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def differences(given: Document, own: Document) -> list[str]:
    """Where two documents differ, in words: at most twenty places. ``own`` says what its amounts are in."""
    return _differences(given, own, "", own.get("currency"), 20)


def _differences(given: object, own: object, where: str, currency: str | None, most: int) -> list[str]:
    if isinstance(given, dict) and isinstance(own, dict):
        steps: list[tuple[str, object, object]] = [
            (f"{where}/{name}", given.get(name), own.get(name)) for name in sorted(given.keys() | own.keys())
        ]
    elif isinstance(given, list) and isinstance(own, list) and len(given) == len(own):
        steps = [(f"{where}/{n}", *both) for n, both in enumerate(zip(given, own, strict=True))]
    elif isinstance(given, list) and isinstance(own, list):
        return [f"{where}: {len(given)} entries, where {len(own)} come out"]
    else:
        same = given == own and type(given) is type(own)
        said, found = (_short(value, where, currency) for value in (given, own))
        return [] if same else [f"{where}: {said}, where {found} comes out"]
    flaws: list[str] = []
    for step, one, other in steps:
        if len(flaws) < most:
            flaws += _differences(one, other, step, currency, most - len(flaws))
    return flaws


def _short(value: object, where: str, currency: str | None) -> str:
    if where.endswith("_cents") and type(value) is int:
        return amount_said(value, None if "/bookings" in where else currency)  # rooms are priced in euros
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004
