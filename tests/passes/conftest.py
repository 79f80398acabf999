from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passapp.passes.rules import Pass, Refusal, card_claims, card_expiry, sign_pass, verify_pass

BEGINS = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b"a network's key: thirty-two byte")


@pytest.fixture(scope="session")
def card(private_key: Ed25519PrivateKey) -> str:
    """The text of a good card."""
    claims = card_claims(
        network="DEMO", index=421_337, plan="FULL", not_before=BEGINS, expires_at=card_expiry(BEGINS, 12)
    )
    return sign_pass(claims, private_key, "k1")


@pytest.fixture(scope="session")
def show(private_key: Ed25519PrivateKey) -> Callable[..., Pass | Refusal]:
    """Show a text at a door of the network."""
    keys = {"k1": private_key.public_key()}

    def show_text(text: str, **changes: Any) -> Pass | Refusal:
        at = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
        return verify_pass(text, **{"network": "DEMO", "keys": keys, "place": "GARE", "at": at} | changes)

    return show_text
