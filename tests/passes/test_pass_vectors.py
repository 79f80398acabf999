import json
from base64 import urlsafe_b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from passapp.passes.rules import Refusal, verify_pass

VECTORS = Path(__file__).parents[1] / "vectors"
FILE = json.loads((VECTORS / "passes.json").read_text(encoding="ascii"))
CONTEXT, DEFAULTS, CASES = FILE["context"], FILE["defaults"], FILE["cases"]
KEYS = {
    jwk["kid"]: Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "=")) for jwk in CONTEXT["jwks"]["keys"]
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_pass_is_read_as_the_vectors_say(case: dict[str, Any]) -> None:
    case = DEFAULTS | case
    shown = verify_pass(
        case["text"],
        network=CONTEXT["network"],
        keys=KEYS,
        place=case["place"],
        at=datetime.fromisoformat(case["at"]),
        cards=case["cards"],
    )
    assert (shown.reason if isinstance(shown, Refusal) else "pass") == case["expect"]["pass"]


def test_the_committed_vectors_are_what_the_script_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(VECTORS)
    import make_pass_vectors  # noqa: PLC0415 (a script, found by the line above)

    assert make_pass_vectors.as_text() == (VECTORS / "passes.json").read_text(encoding="ascii")


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
